"""Throw-away distributions, written to a folder and installed with pip."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def write(folder: Path, name: str, code: str, *, entry_point: str | None = None) -> Path:
    """A distribution `name` with one module of `code`, whose entry point in the group panim is that module."""
    module = name.replace("-", "_")
    target = folder / name
    target.mkdir(parents=True)
    (target / f"{module}.py").write_text(textwrap.dedent(code))
    (target / "pyproject.toml").write_text(
        textwrap.dedent(
            f"""
            [build-system]
            requires = ["hatchling"]
            build-backend = "hatchling.build"

            [project]
            name = "{name}"
            version = "1.2.3"

            [project.entry-points.panim]
            {module} = "{entry_point or module}"

            [tool.hatch.build.targets.wheel]
            include = ["{module}.py"]
            """
        )
    )
    return target


class Environment:
    """A fresh virtual environment that sees panim and what it needs as they are installed here."""

    def __init__(self, folder: Path, *, with_panim: bool = True) -> None:
        self.bin = folder / "bin"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=100)
        if with_panim:
            own = sysconfig.get_path("purelib", vars={"base": str(folder)})
            Path(own, "panim-under-test.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")

    def pip_install(self, *what: str | Path) -> None:
        """Install with pip, as a user would."""
        command = [self.bin / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *map(str, what)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    def panim(self, *args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run the command line of this environment."""
        return self.python("-m", "panim_core.cli", *args, cwd=cwd)

    def python(self, *args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python in this environment."""
        return subprocess.run(
            [self.bin / "python", *map(str, args)],
            cwd=cwd,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
            timeout=200,
        )
