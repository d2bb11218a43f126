"""Any text in any option ends in success or in one line and exit status 2, never in a traceback."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panim_core import cli, plugins
from panim_core.errors import SettingsError
from panim_core.job import RenderSettings
from panim_core.protocols import FrameGenerator

produce = importlib.import_module("panim_core.produce")  # `panim_core.produce` is the function

OPTIONS = [
    "--fps", "--size", "--dpi", "--redraw", "--crf", "--preset", "--bitrate", "--quality", "--encoder", "--workers",
    "--pixel-format", "--executor", "--settings", "--frames", "--audio", "--frame-timeout", "-o",
]  # fmt: skip

NASTY = [
    "", " ", "0", "-1", "1", "nan", "inf", "-inf", "1e9", "1e309", "1e999999999", "1e-999999999", "9" * 5000, "²", "٣",
    "1_000", "0x10", "1/0", "1/3", "0/0", "1e5/2", "+5", "5.", ".5", "1,5", "1x1", "x", "9" * 5000 + "x1", "²x²", "0x0",
    "-1:5", "1:2:0", "::", ":", "1:2:3:4", "²:³", "9" * 5000 + ":", "::" + "9" * 400, "4M", "M", "-4M", "1e9M",
    "a\nb", "a\tb", "\x1b[31m",
    "medium", "-", "--", "-x", "--help", ".", "..", "/", "~", "%", "%d", "%s.png", "%0999999999d.png",
    "\x7f", "a" * 5000, "a" * 300 + ".mp4", "/dev/null", "/dev/full", "/proc/self/mem", "core:linear", ":", "a:", ":a",
    "true", "null", "None", "[]", "{}", "'", '"', "\\", "$(x)", "🎬", "é", os.fsdecode(b"\xff\xfe"), "NUL", "con.mp4",
]  # fmt: skip

# What a command line can hold: no zero byte; bytes that are no UTF-8 arrive as surrogates.
words = st.one_of(
    st.sampled_from(NASTY),
    st.binary(max_size=12).filter(lambda data: b"\0" not in data).map(os.fsdecode),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.from_regex(r"[-+0-9.eExX:/%kM]{1,12}", fullmatch=True),
)


def _as_if_rendered(job, *_: object) -> SimpleNamespace:
    """All that is decided before a process starts, without the rest."""
    plan = produce._plan(job, None)
    plugins.find_encoder(plan.encoder).plan(job.outfile, plan.format, plan.fps, plan.encoder_settings)
    return SimpleNamespace(to_json=lambda: "{}", notes=())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("any-text")
    (folder / "clip.py").write_text(
        "import panim_core\n"
        "@panim_core.animation(duration=1000, frame_size=(64, 48))\n"
        "def clip(time_ms):\n    return bytes(64 * 48 * 4)\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(produce, "_render", _as_if_rendered)
        yield folder


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(list(arguments))
    return code, out.getvalue(), err.getvalue()


def check(code: int, err: str) -> None:
    assert code in (0, 2), err
    assert "Traceback" not in err
    if code == 2:
        assert err.startswith("panim: ")
        assert err.count("\n") == 1 or "has no sound that ffmpeg can read" in err  # with what ffmpeg says
        assert err.endswith("\n")
        assert len(err) > len("panim: \n")


@pytest.mark.parametrize("option", OPTIONS)
def test_nasty_text(place: Path, option: str) -> None:
    output = [] if option == "-o" else ["-o", "out.mp4"]
    for text in NASTY:
        check(*run("render", "clip.py", *output, "--json", option, text)[::2])


@given(options=st.lists(st.tuples(st.sampled_from(OPTIONS), words), max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(options=[("--fps", "1e999999999")])
@example(options=[("--size", "9" * 5000 + "x2")])
def test_any_text_in_any_option(place: Path, options: list[tuple[str, str]]) -> None:
    given_ = [word for pair in options for word in pair]
    code, _, err = run("render", "clip.py", "-o", "out.mp4", "--json", *given_)
    check(code, err)


@given(words=st.lists(st.one_of(words, st.sampled_from([*OPTIONS, "render", "still", "clip.py"])), max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_words_at_all(place: Path, words: list[str]) -> None:
    code, out, err = run("render", *words)
    if code == 0:
        assert "--help" in words or out == "{}\n" or err
    else:
        check(code, err)


@given(target=words.filter(lambda target: target.strip("/.")))  # where pytest's own import hook fails
@settings(max_examples=100, deadline=None)
@example(target="clip.py:²")
@example(target="clip.py:9" + "9" * 5000)
@example(target="clip.py:__class__")
@example(target="clip.py:clip.duration")
@example(target="os:system")
@example(target=".relative")
def test_any_target(place: Path, target: str) -> None:
    check(*run("render", target, "-o", "out.mp4", "--json")[::2])


@given(at=words)
@settings(max_examples=100, deadline=None)
@example(at="9" * 400 + "f")
@example(at="9" * 5000 + "f")
@example(at="1e999s")
def test_any_moment_of_a_still(place: Path, at: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(produce, "check_output", lambda *_: (_ for _ in ()).throw(SettingsError("far enough")))
        check(*run("still", "clip.py", f"--at={at}", "-o", "out.png")[::2])


@given(text=words)
@settings(max_examples=60, deadline=None)
def test_any_number_of_workers_in_the_environment(place: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANIM_WORKERS", text)
        check(*run("render", "clip.py", "-o", "out.mp4", "--json")[::2])


# ---- settings of an earlier report

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
named = st.dictionaries(st.sampled_from(["workers", "slots", "encoder_threads", "settings", "more"]), json_values)


@given(text=st.one_of(st.text(max_size=40), json_values.map(json.dumps), named.map(json.dumps)))
@settings(max_examples=300, deadline=None)
@example(text="[" * 100_000)
@example(text='{"workers": ' + "9" * 5000 + "}")
@example(text='{"workers": 1e400}')
@example(text='{"workers": 2.0}')
@example(text='{"settings": {"workers": 2}}')
def test_any_json_is_settings_or_refused(text: str) -> None:
    found = None
    with contextlib.suppress(SettingsError):
        found = RenderSettings.from_json(text, "settings.json")
    if found is not None:
        assert RenderSettings.from_json(found.to_json()) == found
        for value in (found.workers, found.slots, found.encoder_threads):
            assert value is None or (type(value) is int and value >= 1)


@given(data=st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_bytes_in_a_settings_file(place: Path, data: bytes) -> None:
    (place / "settings.json").write_bytes(data)
    check(*run("render", "clip.py", "-o", "out.mp4", "--json", "--settings", "settings.json")[::2])


def test_every_option_of_render_is_tried() -> None:
    """But for flags."""
    hints = get_type_hints(cli.render)
    texts = {
        "-o" if name == "output" else f"--{name.replace('_', '-')}"
        for name, hint in hints.items()
        if name != "target" and str in (hint, *get_args(hint))
    }
    assert texts == set(OPTIONS)


class Odd(FrameGenerator):
    """Attributes of a user, as wrong as can be."""

    def __init__(self, duration: object, frame_size: object, fps: object) -> None:
        self.given = duration, frame_size, fps

    duration = property(lambda self: self.given[0])
    frame_size = property(lambda self: self.given[1])
    fps = property(lambda self: self.given[2])


anything = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=5), st.tuples(st.integers(-5, 99), st.integers(-5, 99)),
    st.tuples(st.floats(), st.floats()), st.complex_numbers(), st.lists(st.integers(), max_size=3), st.fractions(),
    st.decimals(), st.booleans(), st.binary(max_size=4),
)  # fmt: skip


@given(duration=anything | st.just(1000), size=anything | st.just((64, 48)), fps=anything | st.none())
@settings(max_examples=300, deadline=None)
def test_any_source(place: Path, duration: object, size: object, fps: object) -> None:
    with contextlib.suppress(SettingsError):
        produce.produce(Odd(duration, size, fps), place / "out.mp4")


@given(
    keyword=st.sampled_from(
        ["fps", "size", "dpi", "redraw", "crf", "preset", "bitrate", "quality", "encoder", "workers", "frames", "audio",
         "executor", "settings", "pixel_format", "outfile"]
    ),
    value=anything | words,
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_any_value_of_any_keyword(place: Path, keyword: str, value: object) -> None:
    from panim_core.errors import PluginError

    options = {"outfile": place / "out.mp4", keyword: value}
    with contextlib.suppress(SettingsError, PluginError):
        produce.produce(Odd(1000, (64, 48), None), **options)
