"""``panim new-plugin``: what it writes is in order, and what it refuses, it refuses in words."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from panim_core.errors import SettingsError
from panim_core.new_plugin import MAX_NAME, TEMPLATES, Names, write
from panim_core.plugins import KINDS

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("kind", KINDS.values())
def test_everything_has_its_name(kind: str, tmp_path: Path) -> None:
    folder = write(Names.choose(kind, "panim-soft-glow"), tmp_path)
    assert folder == tmp_path / "panim-soft-glow"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files >= {
        *(".gitignore", "README.md", "pyproject.toml", "tests/test_soft_glow.py"),
        *("src/panim_soft_glow/__init__.py", "src/panim_soft_glow/py.typed"),
    }
    for file in files:
        text = (folder / file).read_text()
        assert "$" not in text, file
        assert "MODULE" not in file
    pyproject = (folder / "pyproject.toml").read_text()
    assert 'name = "panim-soft-glow"' in pyproject
    assert '[project.entry-points.panim]\nsoft_glow = "panim_soft_glow"' in pyproject


def test_there_is_a_template_for_every_kind() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir()} == {"common", *KINDS.values()}


def test_nothing_is_overwritten(panim: Run, tmp_path: Path) -> None:
    assert panim("new-plugin", "easing", "wobble").returncode == 0
    code = tmp_path / "panim-wobble" / "src" / "panim_wobble" / "easing.py"
    code.write_text("mine")
    again = panim("new-plugin", "transform", "wobble")
    assert again.returncode == 2
    assert again.stderr == "panim: 'panim-wobble' exists, and nothing is overwritten; move it away\n"
    assert code.read_text() == "mine"


def test_the_command_tells_what_to_do_next(panim: Run) -> None:
    done = panim("new-plugin", "encoders", "panim-wobble")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [
        "  pip install -e 'panim-wobble[test]'",
        "  panim show encoder wobble",
        "  python -m pytest panim-wobble",
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "lower-case words"),
        ("Wobble", "lower-case words"),
        ("wobble-", "lower-case words"),
        ("two__words", "lower-case words"),
        ("2d", "lower-case words"),
        ("../wobble", "lower-case words"),
        ("wobblé", "lower-case words"),
        ("w" * (MAX_NAME + 1), f"{MAX_NAME} characters"),
        ("class", "word of Python's own"),
        ("float", "word of Python's own"),
        ("power", "word of the code that would be written"),
        ("core", "package panim_core already"),
        ("smoothstep", "panim show easing smoothstep"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=r"choose another|write lower-case") as raised:
        Names.choose("easing", name)
    assert reason in str(raised.value)


def test_an_unknown_kind_is_refused(panim: Run, tmp_path: Path) -> None:
    done = panim("new-plugin", "window", "wobble")
    assert done.returncode == 2
    assert "write one of renderers, easings, transforms, encoders, executors" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written: Not a directory"):
        write(Names.choose("easing", "wobble"), tmp_path / "file")
