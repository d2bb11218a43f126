"""What ``panim new-plugin`` writes, installed with pip into a fresh environment: listed, tested, clean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributions import Environment

from panim_core.new_plugin import MAX_NAME
from panim_core.plugins import KINDS

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]

LONGEST = "x" * (MAX_NAME // 2 - 1) + "-" + "y" * (MAX_NAME // 2)


class Written(Environment):
    """A fresh environment with a new plugin of each kind, called ``my-KIND``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "venv")
        self.folder = folder
        for kind in KINDS.values():
            done = self.panim("new-plugin", kind, f"my-{kind}", cwd=folder)
            assert done.returncode == 0, done.stderr
        options = [word for kind in KINDS.values() for word in ("-e", f"{folder}/panim-my-{kind}[test,lint]")]
        self.pip_install(*options)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    return Written(tmp_path_factory.mktemp("written"))


@pytest.mark.parametrize(("plural", "kind"), KINDS.items())
def test_it_is_listed(written: Written, plural: str, kind: str) -> None:
    done = written.panim("list-plugins", plural, "--json", "--strict", cwd=written.folder)
    assert done.returncode == 0, done.stdout
    listed = {plugin["distribution"]: plugin for plugin in json.loads(done.stdout)}
    assert listed[f"panim-my-{kind}"] == {
        "name": f"my_{kind}",
        "distribution": f"panim-my-{kind}",
        "version": "0.1.0",
        "status": "ok",
        "error": "",
        "contributions": {plural: [f"my_{kind}"]},
    }
    shown = written.panim("show", kind, f"my_{kind}", cwd=written.folder)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"{kind} my_{kind}, of panim-my-{kind} 0.1.0\n")
    assert "no documentation" not in shown.stdout


@pytest.mark.parametrize("kind", KINDS.values())
def test_its_tests_pass(written: Written, kind: str) -> None:
    done = written.python("-m", "pytest", "-q", cwd=written.folder / f"panim-my-{kind}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS.values())
def test_it_is_clean(written: Written, kind: str) -> None:
    folder = written.folder / f"panim-my-{kind}"
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", "--strict"]):
        done = written.python("-m", *command, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["q", LONGEST], ids=["shortest", "longest"])
@pytest.mark.parametrize("kind", KINDS.values())
def test_it_is_laid_out_well_whatever_its_name(written: Written, kind: str, name: str, tmp_path: Path) -> None:
    assert written.panim("new-plugin", kind, name, cwd=tmp_path).returncode == 0
    for command in (["check", "."], ["format", "--check", "."]):
        done = written.python("-m", "ruff", *command, cwd=tmp_path / f"panim-{name}")
        assert done.returncode == 0, done.stdout + done.stderr
