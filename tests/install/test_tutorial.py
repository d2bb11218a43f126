"""The tutorial of docs/plugins.md as it stands: every file is written, every command is run, from nothing."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from distributions import ROOT, Environment

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]

TEXT = (ROOT / "docs" / "plugins.md").read_text()
SECTIONS = ("An easing", "A transform", "A renderer", "An encoder", "An executor")


def blocks(heading: str) -> list[tuple[str, str]]:
    """(language, text) of the fenced blocks of a section."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## )", TEXT, re.MULTILINE | re.DOTALL)
    assert section, heading
    return re.findall(r"^```([\w-]+)\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def follow(heading: str, environment: Environment, folder: Path) -> None:
    """Do what the section says."""
    path = f"{environment.bin}{os.pathsep}{os.environ['PATH']}"
    own = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    found = blocks(heading)
    assert {language for language, _ in found} == {"shell-session", "py"}
    for language, text in found:
        if language == "py":
            name, code = text.split("\n", 1)
            (folder / name.removeprefix("# ")).write_text(code)
            continue
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env={**own, "PATH": path, "VIRTUAL_ENV": str(environment.bin.parent)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            pattern = re.escape(expected.rstrip("\n")).replace(re.escape("..."), ".*")
            if expected:
                assert re.fullmatch(pattern, done.stdout.rstrip("\n"), re.DOTALL), f"{command}\n{done.stdout}"


def check_clean(folder: Path, environment: Environment) -> None:
    """The tutorial's code is held to what the new plugin's was."""
    environment.pip_install("mypy>=1.13", "ruff>=0.8")
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", "--strict"]):
        done = environment.python("-m", *command, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tutorial(tmp_path: Path) -> None:
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s after nothing: {what}")

    environment = Environment(tmp_path / "venv", with_panim=False)
    tell("an empty environment")
    environment.pip_install(ROOT)
    tell("panim is installed")
    folder = tmp_path / "work"
    folder.mkdir()
    for heading in SECTIONS:
        follow(heading, environment, folder)
        tell(f"{heading} is written, installed, tested and rendered with")
        # The one promise about time that is made: the first plugin, from nothing, in two minutes.
        assert heading != SECTIONS[0] or time.monotonic() - began < 120
    for plugin in sorted(folder.glob("panim-*")):
        check_clean(plugin, environment)
