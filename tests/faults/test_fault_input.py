"""Faults in what is asked for and in time itself: rows 30 to 33."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from decode import timing
from faulty import FRAME_BYTES, Faulty

# ---- 30: durations, rates and counts that cannot be

CLIP = """
class Clip(panim_core.FrameGenerator):
    duration, frame_size, fps = {duration}, {size}, {fps}
    def start(self):
        times("start")
    def generate_at(self, time_ms):
        return bytes(64 * 48 * 4)
clip = Clip()
"""

CANNOT = {
    "no duration": (["0", "(64, 48)", "10"], [], "duration 0: a clip must last longer than 0 ms, and end"),
    "negative duration": (["-5", "(64, 48)", "10"], [], "duration -5: "),
    "duration NaN": (["float('nan')", "(64, 48)", "10"], [], "duration nan: "),
    "endless": (["float('inf')", "(64, 48)", "10"], [], "duration inf: "),
    "duration of text": (["'long'", "(64, 48)", "10"], [], "duration 'long': "),
    "duration None": (["None", "(64, 48)", "10"], [], "duration None: "),
    "a year at 1000": (["31_536_000_000", "(64, 48)", "1000"], [], "panim renders at most 100000000"),
    "1e12 frames": (["1e15", "(64, 48)", "1"], [], "are 1e+12 frames; panim renders at most 100000000"),
    "1e308 ms": (["1e308", "(64, 48)", "10"], [], "panim renders at most 100000000"),
    "own fps 0": (["1000", "(64, 48)", "0"], [], "fps 0 is "),
    "own fps NaN": (["1000", "(64, 48)", "float('nan')"], [], "fps nan is no frame rate"),
    "no size": (["1000", "(0, 48)", "10"], [], "frame size 0x48: each side must be from 1 to 32768 pixels"),
    "half a pixel": (["1000", "(64.5, 48)", "10"], [], "need two whole numbers (width, height) in pixels"),
    "one side": (["1000", "(64,)", "10"], [], "need two whole numbers (width, height) in pixels"),
    "a huge size": (["1000", "(100_000, 48)", "10"], [], "each side must be from 1 to 32768 pixels"),
    "fps 0": (["1000", "(64, 48)", "None"], ["--fps", "0"], "fps 0 is out of range; it must be above 0"),
    "fps NaN": (["1000", "(64, 48)", "None"], ["--fps", "nan"], "fps 'nan' is no frame rate"),
    "fps inf": (["1000", "(64, 48)", "None"], ["--fps", "inf"], "fps 'inf' is no frame rate"),
    "fps 1e9": (["1000", "(64, 48)", "None"], ["--fps", "1e9"], "at most 1000"),
    "fps negative": (["1000", "(64, 48)", "None"], ["--fps=-30"], "above 0"),
    "fps 1/0": (["1000", "(64, 48)", "None"], ["--fps", "1/0"], "fps '1/0' is no frame rate"),
    "no frames": (["1000", "(64, 48)", "None"], ["--frames", "3:3"], "selects no frame; write --frames A:B"),
    "frames beyond": (["1000", "(64, 48)", "10"], ["--frames", "10:20"], "the clip has frames 0 to 9"),
}


@pytest.mark.parametrize("what", CANNOT)
def test_what_cannot_be_is_refused_before_anything_starts(faulty: Faulty, what: str) -> None:
    (duration, size, fps), options, said = CANNOT[what]
    faulty.script(CLIP.format(duration=duration, size=size, fps=fps))
    told = faulty.fails(*options, code=2)
    assert said in told
    assert len(told.splitlines()) == 1
    assert faulty.drawn("start") == 0


def test_a_generator_that_lacks_what_it_needs(faulty: Faulty) -> None:
    faulty.script("clip = panim_core.FrameGenerator()")
    assert faulty.fails(code=2) == "panim: FrameGenerator must define frame_size (width, height)\n"


def test_a_duration_that_cannot_be_computed(faulty: Faulty) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            frame_size = (64, 48)
            @property
            def duration(self):
                return 1 / 0
        clip = Clip()
    """)
    told = faulty.fails(code=2)
    assert told.startswith("panim: Clip.duration failed: ZeroDivisionError: division by zero\n")
    assert 'clip.py", line' in told


# ---- 31: exact counts


@pytest.mark.parametrize(
    ("fps", "milliseconds", "count"),
    [
        ("24000/1001", 1000, 24),
        ("30", 1000, 30),
        ("29.97", 1001, 30),
        ("60", 1000 / 3, 20),
        ("7", 3000, 21),
        ("1", 1, 1),
    ],
)
def test_the_video_has_exactly_the_frames_that_the_clip_lasts(
    faulty: Faulty, fps: str, milliseconds: float, count: int
) -> None:
    faulty.script(f"""
        @panim_core.animation(duration={milliseconds!r}, frame_size=(64, 48))
        def clip(time_ms):
            assert 0 <= time_ms < {milliseconds!r}
            return bytes(64 * 48 * 4)
    """)
    done = faulty.render("--fps", fps, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frame_count"] == count
    starts = timing(faulty.folder / "out.mp4").starts
    assert len(starts) == count
    rate = Fraction(fps)
    assert all(abs(start - starts[0] - i / rate) < Fraction(1, 10_000) for i, start in enumerate(starts))


# ---- 32: easings that return what is no progress

EASED = """
@panim_core.animation(duration=1000, frame_size=(64, 48))
def plain(time_ms):
    assert 0 <= time_ms < 1000
    return bytes((round(time_ms / 100), 0, 7, 255)) * (64 * 48)
clip = panim_core.FluentFG(plain).dilate({easing}).build()
"""


@pytest.mark.parametrize(
    ("value", "said"), [("float('nan')", "nan"), ("float('inf')", "inf"), ("'half'", "'half'"), ("None", "None")]
)
def test_an_easing_that_returns_no_number_is_named_with_its_time(faulty: Faulty, value: str, said: str) -> None:
    faulty.script(EASED.format(easing=f"lambda n: {value} if 0.45 < n < 0.55 else n"))
    told = faulty.fails("--fps", "10")
    assert "panim: frame 5 (at 500 ms) failed: " in told
    assert said in told.splitlines()[0]


def test_an_easing_that_overshoots_holds_the_ends(faulty: Faulty) -> None:
    faulty.script(EASED.format(easing="lambda n: 4 * n - 1.5"))
    done = faulty.render("--fps", "10", output="out.rgba")
    assert done.returncode == 0, done.stderr
    data = (faulty.folder / "out.rgba").read_bytes()
    shown = [data[i * FRAME_BYTES] for i in range(10)]
    assert shown == [0, 0, 0, 0, 1, 5, 9, 10, 10, 10]


# ---- 33: boundaries


def test_at_a_boundary_the_later_clip_shows(faulty: Faulty) -> None:
    faulty.script("""
        class Part(panim_core.FrameGenerator):
            frame_size = (64, 48)
            def __init__(self, number, duration):
                self.number, self.length = number, duration
            @property
            def duration(self):
                return self.length
            def generate_at(self, time_ms):
                assert 0 <= time_ms < self.duration, (self.number, time_ms)
                return bytes((self.number, round(time_ms), 7, 255)) * (64 * 48)
        clip = panim_core.FluentFG(Part(1, 100)).then(Part(2, 200)).then(Part(3, 100)).reverse().build()
        forward = panim_core.FluentFG(Part(1, 100)).then(Part(2, 200)).then(Part(3, 100)).build()
    """)
    for name, expected in (
        ("forward", [(1, 0), (1, 50), (2, 0), (2, 50), (2, 100), (2, 150), (3, 0), (3, 50)]),
        ("clip", [(3, 100), (3, 50), (3, 0), (2, 150), (2, 100), (2, 50), (2, 0), (1, 50)]),
    ):
        done = faulty._panim(
            *("render", f"clip.py:{name}", "-o", f"{name}.rgba", "--fps", "20"), env=faulty._env(None), timeout=45
        )
        assert done.returncode == 0, done.stderr
        data = (faulty.folder / f"{name}.rgba").read_bytes()
        assert [(data[i], data[i + 1]) for i in range(0, len(data), FRAME_BYTES)] == expected
