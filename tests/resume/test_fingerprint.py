"""The same source has the same fingerprint in every process; any change to it has another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from panim_core.errors import SettingsError
from panim_core.execution.fingerprint import fingerprint
from panim_core.targets import load

SCRIPT = """
import collections, enum, functools, os.path
from dataclasses import dataclass, field
import numpy as np
import helper
from panim_core import FluentFG, FrameGenerator

class Mode(enum.Enum):
    FAST = "fast"
    SLOW = {"slow"}

@dataclass
class Dot:
    x: float = 1.5
    tags: set = field(default_factory=lambda: {"a", "b", "c", "dd", "eee"})
    twin: "Dot | None" = None

WORDS = {"one", "two", "three", "four", "five", "six"}
TABLE = {word: len(word) for word in ("alpha", "beta", "gamma")}

def inner(value, *, scale=2.0):
    return value * scale if value in {"x", "y", "z", "w"} else len(WORDS)

class Base(FrameGenerator):
    __slots__ = ("slotted",)
    sizes = frozenset({(1, 2), (3, 4), ("five", "six")})

class Film(Base):
    duration, frame_size, fps = 1000, (8, 6), 5
    counter = collections.Counter("mississippi")

    def __init__(self, colour):
        self.colour = colour
        self.slotted = [1, 2.5, 1j, None, ..., b"x", 10**50]
        self.dots = [Dot(), Dot()]
        self.dots[0].twin, self.dots[1].twin = self.dots[1], self.dots[0]
        self.others = {frozenset(WORDS), frozenset({"p", "q"})}
        self.array = np.arange(12, dtype=np.float32).reshape(3, 4)
        self.ease = lambda n: inner(n) + colour
        self.part = functools.partial(inner, scale=3)
        self.random = np.random.default_rng(4)
        self.mode = Mode.SLOW
        self.path = os.path.join

    @property
    def shade(self):
        import deferred
        return deferred.SHADE

    def generate_at(self, time_ms):
        return np.full((6, 8, 3), helper.shade(self.colour) + TABLE["beta"] + self.shade, np.uint8)

first = Film(3)
film = FluentFG(first).then(Film(4)).reverse().build()
"""

HELPER = "import second\ndef shade(colour):\n    return colour + second.MORE\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name, text in {
        "film.py": SCRIPT,
        "helper.py": HELPER,
        "second.py": "MORE = 1\n",
        "deferred.py": "import package\nSHADE = 2\n",
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "package" / "inside").mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "inside" / "deep.py").write_text("X = 1\n")
    yield tmp_path
    for name in ("helper", "second", "deferred", "package", "panim_target_film"):
        sys.modules.pop(name, None)


PRINT = """
import sys
from panim_core.execution.fingerprint import fingerprint
from panim_core.targets import load
for target in sys.argv[1:]:
    digest, files = fingerprint(load(target))
    print(digest, sorted(files.items()))
"""


def printed(seed, *targets, cwd=None):
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-c", PRINT, *map(str, targets)]
    done = subprocess.run(command, env=environment, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_every_process_finds_the_same(folder):
    examples = Path(__file__).parents[2] / "examples"
    targets = [f"{folder}/film.py:film", *(examples / name for name in ("orbit.py", "plasma.py", "redsquare.py"))]
    # The second run takes the modules from their cache, where other constants are one object.
    found = [printed(seed, *targets) for seed in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
    assert len({line.split()[0] for line in found[0]}) == len(targets)
    names = found[0][0]
    for needed in ("helper.py", "second.py", "deferred.py", "package/__init__.py", "package/inside/deep.py"):
        assert needed in names
    assert "panim_core/frame_gen.py" in names
    assert "numpy" not in names


def fingerprint_of(folder):
    for name in ("helper", "second", "deferred", "package"):
        sys.modules.pop(name, None)
    sys.path_importer_cache.clear()
    return fingerprint(load(f"{folder}/film.py:film"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Film(4)", "Film(5)"),
        ("then(Film(4))", "then(first)"),  # equal, but one object
        (".reverse()", ""),
        ('"six"}', '"sixx"}'),
        ('TABLE["beta"]', 'TABLE["gamma"]'),
        ('("alpha", "beta", "gamma")', '("alpha", "betas", "gamma")'),
        ("scale=2.0", "scale=2.5"),
        ("scale=3", "scale=4"),
        ('{"x", "y", "z", "w"}', '{"x", "y", "z", "v"}'),
        ("inner(n) + colour", "inner(n) - colour"),
        ("inner(n) + colour", "inner(n) + 1"),
        ("np.float32", "np.float64"),
        ("default_rng(4)", "default_rng(5)"),
        ("Mode.SLOW", "Mode.FAST"),
        ('"mississippi"', '"missisippi"'),
        ("10**50", "10**50 + 1"),
        ("2.5, 1j", "2.5, -1j"),
        ("1.5", "1.25"),
        ("self.dots[1], self.dots[0]", "self.dots[0], self.dots[1]"),
        ("os.path.join", "os.path.split"),
        ("Film(Base)", "Film(FrameGenerator)"),
    ],
)
def test_a_change_is_noticed(folder, old, new):
    before = fingerprint_of(folder)
    assert SCRIPT.count(old) >= 1
    (folder / "film.py").write_text(SCRIPT.replace(old, new))
    assert fingerprint_of(folder)[0] != before[0]


def test_what_changes_no_frame_is_not_noticed(folder):
    before = fingerprint_of(folder)
    (folder / "film.py").write_text("# a comment\n\nunused = 7\n" + SCRIPT.replace("def inner", "\n# more\ndef inner"))
    assert fingerprint_of(folder) == before


@pytest.mark.parametrize(
    "file", ["helper.py", "second.py", "deferred.py", "package/__init__.py", "package/inside/deep.py"]
)
def test_a_change_in_the_users_modules_is_noticed(folder, file):
    digest, files = fingerprint_of(folder)
    with (folder / file).open("a") as module:
        module.write("# changed\n")
    same, now = fingerprint_of(folder)
    assert same == digest
    assert {name for name in files if files[name] != now[name]} == {file}


def test_a_target_that_is_imported_is_known_by_its_file(folder):
    module = SCRIPT.replace("import helper", "")
    (folder / "by_reference.py").write_text(module)
    sys.path.insert(0, str(folder))
    try:
        _, files = fingerprint(load("by_reference:first"))
    finally:
        del sys.modules["by_reference"]
    assert "by_reference.py" in files


def test_an_object_may_say_what_it_is():
    class Moody:
        def __init__(self, what):
            self.what, self.mood = what, object()

        def __panim_identity__(self):
            return self.what

    assert fingerprint(Moody(1)) == fingerprint(Moody(1))
    assert fingerprint(Moody(1)) != fingerprint(Moody(2))
    assert fingerprint([Moody(1)]) != fingerprint([1])


def test_what_cannot_be_known_again_is_refused():
    class Open:
        def __reduce__(self):
            raise ValueError("no")

    with pytest.raises(SettingsError, match=r"ValueError: no.*without --resume.*__panim_identity__"):
        fingerprint(Open())
    nested = []
    for _ in range(20_000):
        nested = [nested]
    with pytest.raises(SettingsError, match="nested too deeply"):
        fingerprint(nested)
