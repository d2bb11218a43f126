"""The repository's habits."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import panim_core

ROOT = Path(__file__).resolve().parent.parent
GENERATED = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".gif", ".png", ".jpg", ".whl", ".gz", ".pyc", ".so")


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_generated_output_is_tracked() -> None:
    files = tracked()
    assert len(files) > 50
    assert [str(path) for path in files if path.suffix in GENERATED or path.stat().st_size > 200_000] == []


def test_no_machine_is_named() -> None:
    places = re.compile(rb"(?<![\w.])/(?:root|home|work|Users)/\w+")
    found = [
        (str(path.relative_to(ROOT)), match[0]) for path in tracked() for match in places.finditer(path.read_bytes())
    ]
    assert found == []


def test_versions_agree() -> None:
    version = importlib.metadata.version("panim")
    assert version == panim_core.__version__
    headings = re.findall(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [version])


def test_ci_runs_what_the_readme_says() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert text.rstrip().endswith("\nmake test")
    assert "make test" in (ROOT / "README.md").read_text().split("\n## ")[0]
    assert "make demo" in (ROOT / "README.md").read_text().split("\n## ")[0]
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_make_sets_up_only_once(tmp_path: Path) -> None:
    """What `make test` would do: everything in an empty environment, only the tests in one that is up to date."""

    def plan() -> str:
        command = ["make", "-n", "-C", ROOT, "test", f"VENV={tmp_path / 'venv'}", f"PYTHON={sys.executable}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    first = plan()
    assert "-m venv" in first
    assert "pip install" in first
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").touch()
    (tmp_path / "venv" / ".test").touch()
    second = plan()
    assert "-m venv" not in second
    assert "pip install" not in second
    assert "-m pytest" in second
