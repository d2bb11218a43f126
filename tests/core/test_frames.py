"""Pixel formats, frame ranges and the exact frame clock."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core.errors import SettingsError
from panim_core.frames import (
    MAX_FRAMES,
    MAX_SIDE,
    FrameFormat,
    FrameRange,
    PixelFormat,
    check_size,
    exact_fps,
    frame_count,
    frame_time_ms,
    parse_time_ms,
)


class TestClock:
    @pytest.mark.parametrize("fps", range(1, 121))
    def test_whole_rates_and_seconds_are_exact(self, fps):
        for seconds in range(1, 61):
            assert frame_count(seconds * 1000, Fraction(fps)) == fps * seconds
            assert frame_count(seconds * 1000.0, exact_fps(float(fps))) == fps * seconds

    def test_a_second_at_30_is_30_frames(self):
        assert frame_count(1000, exact_fps(30)) == 30

    @given(
        count=st.integers(1, 100_000), fps=st.sampled_from(["24000/1001", "30000/1001", "29.97", "59.94", "7", "1/3"])
    )
    def test_a_duration_of_whole_frames_has_that_many(self, count, fps):
        rate = exact_fps(fps)
        duration = float(count * 1000 / rate)
        for noisy in (
            duration,
            math.nextafter(duration, math.inf),
            math.nextafter(duration, 0),
            duration * (1 + 1e-13),
        ):
            assert frame_count(noisy, rate) == count

    @given(duration=st.floats(1e-3, 1e6), fps=st.fractions(Fraction(1, 10), 240, max_denominator=1001))
    def test_every_frame_lies_in_the_clip_and_the_next_does_not(self, duration, fps):
        count = frame_count(duration, fps)
        noise = float(1000 / fps) * 1e-6 + duration * 1e-12
        assert frame_time_ms(count - 1, fps) < duration
        assert frame_time_ms(count, fps) >= duration - noise

    def test_a_part_of_a_frame_is_a_frame(self):
        assert frame_count(1001, Fraction(30)) == 31
        assert frame_count(0.001, Fraction(30)) == 1
        assert frame_count(1e-300, Fraction(30)) == 1

    def test_times_are_rounded_once(self):
        assert frame_time_ms(3, Fraction(30)) == 100.0
        assert frame_time_ms(1001, exact_fps("24000/1001")) == float(Fraction(1001 * 1001 * 1000, 24000))

    def test_numpys_numbers_are_numbers(self):
        assert frame_count(np.float32(500), Fraction(30)) == frame_count(np.int16(500), Fraction(30)) == 15

    @pytest.mark.parametrize("duration", [0, -1, math.nan, math.inf, -math.inf, None, "long", 10**400])
    def test_impossible_durations(self, duration):
        with pytest.raises(SettingsError, match="duration"):
            frame_count(duration, Fraction(30))

    def test_too_many_frames(self):
        assert frame_count(MAX_FRAMES * 1000, Fraction(1)) == MAX_FRAMES
        with pytest.raises(SettingsError, match="at most 100000000"):
            frame_count(1e15, Fraction(1))


class TestRate:
    @pytest.mark.parametrize(
        ("given", "exact"),
        [
            (30, Fraction(30)),
            (29.97, Fraction(2997, 100)),
            (24000 / 1001, Fraction(24000, 1001)),
            (Decimal("23.976"), Fraction(2997, 125)),
            (Fraction(1, 3), Fraction(1, 3)),
            ("24000/1001", Fraction(24000, 1001)),
            (" 60 ", Fraction(60)),
            ("0.5", Fraction(1, 2)),
        ],
    )
    def test_exact(self, given, exact):
        assert exact_fps(given) == exact

    @pytest.mark.parametrize(
        "wrong", [0, -1, 1e9, 1000.5, math.nan, math.inf, None, True, "fast", "30fps", "1/0", "", [], 1e-12]
    )
    def test_refused(self, wrong):
        with pytest.raises(SettingsError, match="fps"):
            exact_fps(wrong)


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "ms"),
        [("1.5s", 1500), ("1500ms", 1500), ("90f", 3000), ("0s", 0), (" 2 s ", 2000), ("0f", 0), ("1e3ms", 1000)],
    )
    def test_read(self, text, ms):
        assert parse_time_ms(text, Fraction(30)) == ms

    @pytest.mark.parametrize("text", ["", "5", "s", "-1s", "-1f", "1.5f", "nans", "infms", "1 minute", "ms", "1s2ms"])
    def test_refused(self, text):
        with pytest.raises(SettingsError, match=r"write it as 1\.5s, 1500ms or 90f"):
            parse_time_ms(text, Fraction(30))


class TestRange:
    @pytest.mark.parametrize(
        ("text", "frames"),
        [
            ("2:5", [2, 3, 4]),
            (":3", [0, 1, 2]),
            ("7:", [7, 8, 9]),
            (":", list(range(10))),
            ("::4", [0, 4, 8]),
            ("1:8:3", [1, 4, 7]),
            ("-2:", [8, 9]),
            ("4", [4]),
            ("-1", [9]),
            ("8:100", [8, 9]),
        ],
    )
    def test_read_as_slices(self, text, frames):
        chosen = FrameRange.parse(text, 10)
        assert list(chosen) == frames
        assert len(chosen) == len(frames)
        assert chosen[len(frames) - 1] == frames[-1]

    @pytest.mark.parametrize("text", ["", "a:b", "5:5", "6:2", "10:", "10", "-11", "1:2:3:4", "::0", "::-1", "1.5:2"])
    def test_refused(self, text):
        with pytest.raises(SettingsError, match="frames 0 to 9"):
            FrameRange.parse(text, 10)

    @pytest.mark.parametrize("numbers", [(-1, 2), (3, 2), (0, 2, 0)])
    def test_made_wrong(self, numbers):
        with pytest.raises(SettingsError):
            FrameRange(*numbers)


class TestFormat:
    @pytest.mark.parametrize(
        ("pixel_format", "nbytes"),
        [("rgba", 60), ("rgb24", 45), ("gray", 15), ("yuv420p", 15 + 2 * 6), ("yuv444p", 45)],
    )
    def test_bytes_of_an_odd_size(self, pixel_format, nbytes):
        assert PixelFormat(pixel_format).nbytes(5, 3) == nbytes
        assert FrameFormat(5, 3, PixelFormat(pixel_format)).nbytes == nbytes

    def test_sizes(self):
        assert check_size((1920.0, 1080)) == (1920, 1080)
        assert check_size([MAX_SIDE, 1]) == (MAX_SIDE, 1)

    @pytest.mark.parametrize(
        "size",
        [(0, 1), (1, -1), (MAX_SIDE + 1, 1), (1.5, 1), (1,), (1, 2, 3), None, 5, "ab", (math.nan, 1), (math.inf, 1)],
    )
    def test_impossible_sizes(self, size):
        with pytest.raises(SettingsError, match="frame size"):
            check_size(size)
        with pytest.raises(SettingsError):
            FrameFormat(0, 5)


def test_a_format_of_other_whole_numbers_is_one_of_ints() -> None:
    form = FrameFormat(np.int64(640), 480.0)
    assert (type(form.width), type(form.height), form.nbytes) == (int, int, 640 * 480 * 4)
