"""What a user may name as a target."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from panim_core import FluentFG, FrameGenerator, PluginContractError, SettingsError, plugins
from panim_core.frame_gen import FunctionFrameGenerator
from panim_core.targets import adapt, load

CLIP = """
from panim_core import FrameGenerator, FluentFG, animation

class Clip(FrameGenerator):
    duration, frame_size = {duration}, (4, 2)
    def generate_at(self, time_ms):
        return bytes(32)
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path / "clip.py"


def write(script: Path, more: str, duration: int = 500) -> str:
    script.write_text(CLIP.format(duration=duration) + more)
    return str(script)


def test_the_only_target_of_a_script_is_taken(script: Path) -> None:
    assert load(write(script, "clip = Clip()")).duration == 500


def test_a_fluent_chain_is_built(script: Path) -> None:
    source = load(write(script, "chain = FluentFG(Clip()).time_rescale(2)"))
    assert source.duration == 250


def test_what_a_target_is_made_of_is_no_target(script: Path) -> None:
    source = load(write(script, "a = Clip()\nb = Clip()\nboth = FluentFG(a).then(b)"))
    assert source.duration == 1000


def test_several_targets_are_listed_with_what_to_write(script: Path) -> None:
    text = write(script, "first = Clip()\nsecond = Clip()")
    with pytest.raises(SettingsError) as error:
        load(text)
    assert f"{text}:first" in str(error.value)
    assert f"{text}:second" in str(error.value)


@pytest.mark.parametrize(("name", "duration"), [("first", 500), ("2", 125), ("nested.inner", 500)])
def test_a_target_is_chosen_by_name_or_number(script: Path, name: str, duration: float) -> None:
    more = "class nested:\n    inner = Clip()\nfirst = Clip()\nsecond = FluentFG(Clip()).time_rescale(4)"
    assert load(f"{write(script, more)}:{name}").duration == duration


class Picky:
    """A renderer that knows fractions, and refuses those that are negative."""

    name = "picky"

    def adapt(self, target: object) -> FrameGenerator | None:
        if not isinstance(target, Fraction):
            return None
        if target < 0:
            raise SettingsError(f"{target} is negative")
        return FunctionFrameGenerator(lambda time_ms: bytes(4), float(target), (1, 1))


def test_what_a_renderer_refuses_stands_in_no_others_way(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "renderers", lambda: [Picky()])
    script.write_text("from fractions import Fraction\npart, clip = Fraction(-1), Fraction(250)")
    assert load(str(script)).duration == 250
    assert load(f"{script}:1").duration == load(f"{script}:clip").duration == 250
    with pytest.raises(SettingsError, match="-1 is negative"):
        load(f"{script}:part")
    script.write_text("from fractions import Fraction\npart = Fraction(-1)")
    with pytest.raises(SettingsError, match="-1 is negative"):
        load(str(script))


def test_a_class_or_a_function_without_arguments_is_called(script: Path) -> None:
    text = write(script, "def make():\n    return Clip()\ndef needs(x):\n    return x")
    assert isinstance(load(f"{text}:make"), FrameGenerator)
    assert isinstance(load(f"{text}:Clip"), FrameGenerator)
    with pytest.raises(SettingsError, match="needs cannot be called without arguments"):
        load(f"{text}:needs")


def test_a_decorated_function_is_a_target(script: Path) -> None:
    more = "@animation(duration=700, frame_size=(4, 2))\ndef draw(time_ms):\n    return bytes(32)"
    assert load(write(script, more)).duration == 700


def test_a_module_on_the_path_is_imported(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.with_name("clip_by_name.py").write_text(CLIP.format(duration=250) + "clip = Clip()")
    monkeypatch.syspath_prepend(str(script.parent))
    assert load("clip_by_name:clip").duration == 250
    assert load("clip_by_name").duration == 250


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nowhere.py", "there is no file 'nowhere.py'"),
        ("nowhere.py:clip", "there is no file 'nowhere.py'"),
        ("no_such_module:clip", "cannot import 'no_such_module'"),
        (":clip", "write path/to/file.py"),
        ("clip:", "write path/to/file.py"),
    ],
)
def test_what_is_not_there_is_refused(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(text)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ("", "", "holds nothing to render"),
        ("clip = Clip()", ":other", "there is no 'other'; targets found: clip"),
        ("clip = Clip()", ":3", "targets are numbered from 1 to 1"),
        ("number = 42", ":number", "a int cannot be rendered"),
        ("raise ValueError('boom')", "", "ValueError: boom"),
        ("import sys; sys.exit(3)", "", "SystemExit: 3"),
    ],
)
def test_a_script_without_the_target_is_refused(script: Path, more: str, name: str, expected: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(write(script, more) + name)
    assert expected in str(error.value)


def test_a_failing_script_shows_where(script: Path) -> None:
    with pytest.raises(SettingsError, match=r'clip.py", line 8, in <module>'):
        load(write(script, "1 / 0"))


def test_a_failing_module_shows_where(script: Path) -> None:
    (script.parent / "failing.py").write_text("def helper():\n    return 1 / 0\nhelper()\n")
    sys.path.insert(0, str(script.parent))
    with pytest.raises(SettingsError, match="importing 'failing' failed: ZeroDivision") as error:
        load("failing")
    assert "failing.py" in str(error.value)
    assert "import_module" not in str(error.value)


def test_a_module_of_a_package_is_named_as_such(script: Path) -> None:
    package = script.parent / "outer" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "clip.py").write_text("from . import other\n")
    with pytest.raises(SettingsError, match=r"as Python imports it: outer\.inner\.clip$"):
        load(str(package / "clip.py"))


def test_a_source_keeps_its_own_attributes(script: Path) -> None:
    text = write(script, "class Placed(Clip):\n    origin = 1, 2\nclip = Placed()")
    assert load(text).origin == (1, 2)


def test_a_script_is_run_under_its_own_arguments_and_name(script: Path) -> None:
    more = "import sys\nclip = Clip()\nclip.seen = (__name__, list(sys.argv))"
    seen = load(write(script, more)).seen  # type: ignore[attr-defined]
    assert seen == ("panim_target_clip", [str(script)])


def test_a_function_is_run_under_the_scripts_arguments(script: Path) -> None:
    more = "import sys\ndef main():\n    clip = Clip()\n    clip.seen = list(sys.argv)\n    return clip"
    assert load(write(script, more) + ":main").seen == [str(script)]  # type: ignore[attr-defined]


def test_a_failing_function_shows_where(script: Path) -> None:
    with pytest.raises(SettingsError, match=r"(?s)running main of .* failed: ZeroDivisionError.*line 9, in main"):
        load(write(script, "def main():\n    1 / 0") + ":main")


def guarded(body: str) -> str:
    return f"\nif __name__ == '__main__':\n    {body}\n"


def test_what_stands_under_a_guard_is_run_if_it_is_named(script: Path) -> None:
    text = write(script, guarded("clip = Clip()"))
    with pytest.raises(SettingsError, match=r"is run by clip\.py:__main__"):
        load(text)
    assert load(f"{text}:__main__").duration == 500


def test_what_stands_under_a_guard_is_understood_as_the_rest_is(script: Path) -> None:
    future = "from __future__ import annotations\n"
    text = write(script, guarded("clip: Unknown = Clip()"))
    script.write_text(future + script.read_text())
    assert load(f"{text}:__main__").duration == 500


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "there is no '__main__'"),
        (guarded("pass"), "__main__ makes nothing to render"),
        (guarded("a, b = Clip(), Clip()"), "__main__ makes nothing to render"),
        (guarded("1 / 0"), "line 10, in <module>"),
        ("def main(): pass" + guarded("main()"), "__main__ makes nothing to render"),
    ],
)
def test_a_guard_that_gives_no_target_is_refused(script: Path, more: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        load(f"{write(script, more)}:__main__")


@pytest.mark.parametrize("code", ["", "0", "None"])
def test_a_script_may_end_itself(script: Path, code: str) -> None:
    assert load(write(script, f"import sys\nclip = Clip()\nsys.exit({code})")).duration == 500


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("if __name__ == '__main__':\n    clip = Clip()", "What stands under if __name__ == '__main__' is run by "),
        ("def loop(plt):\n    plt.pause(0.1)", "A loop with .pause() draws by itself; make its body a function"),
        ("def loop(writer):\n    writer.grab_frame()", "A loop with .grab_frame() draws by itself"),
    ],
)
def test_the_way_to_a_target_is_told(script: Path, more: str, expected: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(write(script, more))
    assert expected in str(error.value)


def test_a_renderer_that_adopts_what_is_no_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(Picky):
        def adapt(self, target: object) -> object:
            return 5

    monkeypatch.setattr(plugins, "renderers", lambda: [Careless()])
    with pytest.raises(PluginContractError, match=r"picky gave a int .* PANIM_DISABLE_PLUGINS"):
        adapt(object())


def test_adapt_takes_generators_and_chains_and_nothing_else() -> None:
    class Clip(FrameGenerator):
        duration, frame_size = 100, (1, 1)

    clip = Clip()
    assert adapt(clip) is clip
    assert adapt(FluentFG(clip)) is clip
    with pytest.raises(SettingsError, match="a dict cannot be rendered"):
        adapt({})


def test_size_and_duration_may_be_set_on_the_instance() -> None:
    class Clip(FrameGenerator):
        def __init__(self) -> None:
            self.duration, self.frame_size = 100, (3, 2)

    class Empty(FrameGenerator):
        pass

    assert (Clip().duration, Clip().frame_size) == (100, (3, 2))
    with pytest.raises(NotImplementedError, match=r"Empty must define duration \(milliseconds\)"):
        _ = Empty().duration


def test_the_command_line_loads_no_backend() -> None:
    code = (
        "import sys, panim_core.cli; "
        "print([m for m in ('PIL', 'matplotlib', 'imageio_ffmpeg', 'distributed', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
