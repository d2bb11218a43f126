"""``panim list-plugins`` and ``panim show``."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from panim_core import plugins
from panim_core.curve import curve
from panim_core.descriptions import signature

Run = Callable[..., "subprocess.CompletedProcess[str]"]

CONFLICT = """
from panim_core import hookimpl

def smoothstep(n):
    \"\"\"Another [bold]one[/bold].

    Not seen in lists.
    \"\"\"
    return n

def needy(n, strength):
    return n

@hookimpl
def panim_register_easings():
    return {"smoothstep": smoothstep, "needy": needy}
"""


@pytest.fixture
def rival(tmp_path: Path) -> dict[str, str]:
    """An environment in which a second distribution claims the name smoothstep, and another is broken."""
    for name, code in (("rival", CONFLICT), ("wreck", "raise ValueError('no\\n[red]good')")):
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"panim_{name}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: panim-{name}\nVersion: 1.2.3\n")
        (info / "entry_points.txt").write_text(f"[panim]\n{name} = {name}\n")
    return {"PYTHONPATH": str(tmp_path)}


def rows(printed: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table whose first column is called `heading`, by their first cell."""
    for table in printed.split("\n\n"):
        lines = table.splitlines()
        if lines[0].split()[0] == heading:
            return {line.split()[0]: line.split(maxsplit=4) for line in lines[1:]}
    raise AssertionError(f"no table of {heading} in\n{printed}")


def test_a_table_for_each_kind(panim: Run) -> None:
    done = panim("list-plugins")
    assert done.returncode == 0, done.stderr
    for kind in plugins.KINDS:
        assert list(rows(done.stdout, kind)) == plugins.current().names(kind)
    own = rows(done.stdout, "easings")["smoothstep"]
    assert own[1:4] == ["panim", plugins.current().plugins[0].version, "ok"]
    assert own[4].startswith(str(plugins.easing("smoothstep").__doc__).splitlines()[0].replace("`", ""))
    assert ".mp4" in rows(done.stdout, "encoders")["h264"][4]
    assert rows(done.stdout, "transforms")["blur"][4].strip()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_narrow_terminal_shows_names_and_cuts_summaries(columns: int) -> None:
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    program = [sys.executable, "-m", "panim_core.cli", "list-plugins", "easings"]
    running = subprocess.Popen(
        program, stdin=terminal, stdout=terminal, stderr=terminal, env={**environment, "TERM": "xterm"}
    )
    os.close(terminal)
    printed = b""
    with contextlib.suppress(OSError):  # that it is closed at the other end
        while some := os.read(controller, 65536):
            printed += some
    os.close(controller)
    assert running.wait(60) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", printed.decode().replace("\r", "")).splitlines()
    assert max(map(len, lines)) <= columns
    (row,) = [line for line in lines if line.startswith("there_and_back_with_pause ")]
    assert row.split()[1:4] == ["panim", plugins.current().plugins[0].version, "ok"]
    assert row.endswith("…")


@pytest.mark.parametrize("kind", ["easings", "easing"])
def test_a_kind_narrows(panim: Run, kind: str) -> None:
    printed = panim("list-plugins", kind).stdout
    assert list(rows(printed, "plugin")) == ["core"]
    assert "smoothstep" in rows(printed, "easings")
    assert len(printed.split("\n\n")) == 2
    listed = json.loads(panim("list-plugins", kind, "--json").stdout)
    assert [p["name"] for p in listed] == ["core"]
    assert list(listed[0]["contributions"]) == ["easings"]
    assert set(listed[0]) == {"name", "distribution", "version", "status", "error", "contributions"}


def test_trouble_is_told_where_it_is(panim: Run, rival: dict[str, str]) -> None:
    printed = panim("list-plugins", "easings", env=rival).stdout
    assert rows(printed, "plugin")["wreck"][1:4] == ["panim-wreck", "1.2.3", "broken:"]
    assert "ValueError: no" in printed
    listed = rows(printed, "easings")
    assert listed["panim-rival:smoothstep"][3:] == ["conflict", "Another [bold]one[/bold]."]
    assert listed["panim:smoothstep"][3] == "conflict"
    assert listed["needy"][3] == "ok"
    assert panim("list-plugins", "encoders", "--strict", env=rival).returncode == 1


def test_an_unknown_kind_is_refused(panim: Run) -> None:
    for command in (["list-plugins", "windows"], ["show", "window", "glass"]):
        done = panim(*command)
        assert done.returncode == 2
        assert "write one of renderers, easings, transforms, encoders, executors" in done.stderr


def test_an_easing_is_shown_with_its_curve(panim: Run) -> None:
    done = panim("show", "easing", "ease_out_back")
    assert done.returncode == 0, done.stderr
    first, _, call, _, text, *_ = done.stdout.splitlines()
    assert first == f"easing ease_out_back, of panim {plugins.current().plugins[0].version}"
    assert call == "ease_out_back(n: float, overshoot: float = 1.70158) -> float"
    assert text in str(plugins.easing("ease_out_back").__doc__)
    assert done.stdout.rstrip().endswith(
        curve(plugins.easing("ease_out_back")),
    )


def test_a_terminal_without_braille_gets_asterisks(panim: Run) -> None:
    done = panim("show", "easing", "linear", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert done.stdout.count("*") >= 60


def test_the_one_of_a_distribution_is_shown(panim: Run, rival: dict[str, str]) -> None:
    done = panim("show", "easing", "panim-rival:smoothstep", env=rival)
    assert done.stdout.startswith(
        "easing smoothstep, of panim-rival 1.2.3\n\nsmoothstep(n)\n\nAnother [bold]one[/bold]."
    )
    assert "Not seen in lists." in done.stdout
    conflict = panim("show", "easing", "smoothstep", env=rival)
    assert conflict.returncode == 2
    assert "panim:smoothstep or panim-rival:smoothstep" in conflict.stderr


def test_an_easing_that_needs_parameters_has_no_curve(panim: Run, rival: dict[str, str]) -> None:
    done = panim("show", "easing", "needy", env=rival)
    assert done.returncode == 0, done.stderr
    assert "(It has no documentation.)" in done.stdout
    assert "Its curve depends on its parameters" in done.stdout


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("transform", "blur", ["blur(source: Clip, radius: float = 4.0) -> FrameGenerator"]),
        ("transform", "not_there", []),
        ("encoder", "h264", ["writes: .mp4 .m4v .mov .mkv", "takes: rgba rgb24", "available: yes", "with: libx264"]),
        ("renderer", "pillow", ["also: makes drawings from pixels", "available: yes"]),
        ("renderer", "matplotlib", ["also: finds its targets in scripts"]),
        ("executor", "local", ["gets: renders in one piece"]),
    ],
)
def test_everything_can_be_shown(panim: Run, kind: str, name: str, expected: list[str]) -> None:
    done = panim("show", kind, name)
    if not expected:
        assert done.returncode == 2
        assert "there is no transform named 'not_there'; known: " in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert [text for text in expected if text not in done.stdout] == []


def test_what_is_unavailable_says_why(panim: Run, tmp_path: Path) -> None:
    done = panim("show", "encoder", "h264", env={"PANIM_FFMPEG": str(tmp_path / "nowhere")})
    assert done.returncode == 0, done.stderr
    assert "available: no: " in done.stdout
    listed = panim("list-plugins", "encoders", env={"PANIM_FFMPEG": str(tmp_path / "nowhere")}).stdout
    assert rows(listed, "encoders")["h264"][3] == "unavailable"


def test_a_signature_reads_as_it_was_written() -> None:
    def easing(n: float, easing: str | None = None, other=len, *rest, flag: bool = True, **more: int) -> float:
        return n

    shown = "(n: float, easing: str | None = None, other=len, *rest, flag: bool = True, **more: int) -> float"
    assert signature(easing) == shown
    assert signature(type("Made", (), {"__init__": lambda self, clip: None})) == "(clip)"
    assert signature(3) == "(...)"


def test_a_line_is_a_line() -> None:
    text = curve(lambda n: n, columns=5, rows=5, braille=False).splitlines()
    assert text == [
        "     1 |    *",
        "       |   *",
        "       |  *",
        "       | *",
        "     0 |*",
        "       +-----",
        "       0    1",
    ]


def test_a_curve_tells_how_far_it_goes() -> None:
    text = curve(lambda n: 3 * n - 1, columns=3, rows=7, braille=False).splitlines()
    assert [line[:6].strip() for line in text[:7]] == ["2.00", "", "1", "", "0", "", "-1.00"]
    assert [line[8:] for line in text[:7]] == ["  *", "  *", "  *", " *", " *", " *", "*"]


def test_a_constant_is_drawn() -> None:
    top, *between, bottom = curve(lambda n: 1.0, columns=4, rows=3).splitlines()[:3]
    assert top == "     1 │⠉⠉⠉⠉"
    assert (between, bottom) == (["       │"], "     0 │")
