"""Every distribution under plugins/ installs and passes its own tests, each in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from distributions import ROOT, Environment

pytestmark = [pytest.mark.install, pytest.mark.timeout(600)]

DISTRIBUTIONS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml"))


def test_there_are_some() -> None:
    assert len(DISTRIBUTIONS) >= 4


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_installs_and_passes_its_tests(name: str, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.pip_install(ROOT / "plugins" / name)
    done = subprocess.run(
        [environment.bin / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", ROOT / "plugins" / name],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHONPATH", "PYTEST_"))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
