"""The docs' examples run, and nothing public is left unmentioned."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

import panim_core
import panim_mpl
from panim_core import cli, errors, events, hookspecs

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


class Block(NamedTuple):
    """A fenced block of a document.

    A python block that starts with ``# name.py`` is kept as that file for the blocks that follow.
    """

    line: int
    language: str
    text: str


def blocks(document: str) -> list[Block]:
    fences = re.finditer(r"^```(\w+)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return [Block(document[: f.start()].count("\n") + 1, f[1], f[2]) for f in fences]


def commands(console: str) -> list[tuple[str, list[str]]]:
    """(command, lines it prints) of a console block."""
    found: list[tuple[str, list[str]]] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def looks_like(expected: list[str], printed: str) -> bool:
    """Whether `printed` is what the document says, where ``...`` stands for anything."""
    pattern = re.escape("\n".join(expected)).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_examples_run(path: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(path.read_text())):
        where = f"{path.name}:{block.line}"
        if block.language == "python":
            named = re.match(r"# (\w+\.py)\n", block.text)
            script = tmp_path / (named[1] if named else f"block_{number}.py")
            script.write_text(block.text)
            done = run([sys.executable, script.name], tmp_path)
            assert done.returncode == 0, f"{where}\n{done.stdout}"
        elif block.language == "console":
            for command, expected in commands(block.text):
                done = run(["bash", "-c", command], tmp_path)
                assert done.returncode == 0, f"{where}: {command}\n{done.stdout}"
                assert not expected or looks_like(expected, done.stdout), f"{where}: {command}\n{done.stdout}"


def test_the_extractor_finds_what_is_there() -> None:
    document = "a\n```python\n# b.py\nc\n```\n```console\n$ d\ne ...\n$ f\n```\n"
    assert blocks(document) == [Block(2, "python", "# b.py\nc\n"), Block(6, "console", "$ d\ne ...\n$ f\n")]
    assert commands("$ d\ne ...\n$ f\n") == [("d", ["e ..."]), ("f", [])]
    assert looks_like(["e ...", "f"], "e 1\n2\nf\n")
    assert not looks_like(["e ...", "f"], "e 1\n")


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http:", "https:")):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        assert target.exists(), f"{path.name} links to {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}, link


def section(path: Path, heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", path.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{path.name} has no section {heading!r}"
    return found[1]


def _commands() -> list[tuple[str, list[str]]]:
    group = typer.main.get_command(cli.app)
    return [
        (
            name,
            sorted(
                {
                    opt
                    for p in command.params
                    for opt in (*p.opts, *p.secondary_opts)
                    if opt.startswith("-") and opt != "--help"
                }
            ),
        )
        for name, command in sorted(group.commands.items())  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(("command", "options"), _commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_option_is_documented(command: str, options: list[str]) -> None:
    text = section(ROOT / "docs" / "cli.md", f"panim {command}")
    assert [option for option in options if f"`{option}`" not in text] == []


def test_no_option_is_made_up() -> None:
    known = {f"panim {name}": options for name, options in _commands()}
    for heading in re.findall(r"^## (panim .*)$", (ROOT / "docs" / "cli.md").read_text(), re.MULTILINE):
        rows = re.findall(r"^\| (`-.*?) \|", section(ROOT / "docs" / "cli.md", heading), re.MULTILINE)
        told = {option for row in rows for option in re.findall(r"`(-[\w-]+)`", row)}
        assert told <= set(known[heading]), heading


def test_every_hook_is_documented() -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("panim_")}
    assert hooks
    assert told_in_tables(section(ROOT / "docs" / "plugins.md", "Hooks")) == hooks


def test_every_error_is_documented() -> None:
    raised = {n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, errors.PanimError)}
    assert told_in_tables(section(ROOT / "docs" / "reference.md", "Errors")) == raised
    for name in raised - {"PanimError"}:
        assert name in (errors.__doc__ or ""), f"{name} is missing from the tree in errors.py"


def test_every_event_is_documented() -> None:
    known = {n for n, v in vars(events).items() if isinstance(v, type) and issubclass(v, events.RenderEvent)}
    assert told_in_tables(section(ROOT / "docs" / "reference.md", "Events")) == known


def test_every_export_is_documented() -> None:
    own = {name for name in panim_core.__all__ if not hasattr(errors, name)}
    assert told_in_tables(section(ROOT / "docs" / "reference.md", "panim_core")) == own
    assert told_in_tables(section(ROOT / "docs" / "reference.md", "panim_mpl")) == set(panim_mpl.__all__)


def test_every_distribution_is_documented() -> None:
    beside = {path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")}
    assert told_in_tables(section(ROOT / "docs" / "reference.md", "Distributions beside it")) == beside


def test_every_environment_variable_is_documented() -> None:
    sources = [p for package in ("core", "pil", "mpl", "ffmpeg") for p in (ROOT / f"panim_{package}").rglob("*.py")]
    used = {name for path in sources for name in re.findall(r"\bPANIM_[A-Z_]+\b", path.read_text())}
    assert told_in_tables(section(ROOT / "docs" / "cli.md", "Environment variables")) == used


def told_in_tables(text: str) -> set[str]:
    """The names in the first columns of tables."""
    return {name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`([\w-]+)`", row)}


def test_shell_examples_name_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for block in blocks(path.read_text()):
            for line in block.text.splitlines() if block.language == "sh" else []:
                words = shlex.split(line, comments=True)
                if words[:1] == ["make"]:
                    named = [word for word in words[1:] if "=" not in word]
                    assert named, line
                    assert set(named) <= targets, line
