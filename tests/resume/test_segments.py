from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core import segments
from panim_core.frames import FrameRange


@st.composite
def ranges(draw):
    start, count, step = draw(st.integers(0, 500)), draw(st.integers(1, 300)), draw(st.integers(1, 7))
    return FrameRange(start, start + (count - 1) * step + draw(st.integers(1, step)), step)


def indices(pieces):
    return [index for piece in pieces for index in piece]


@given(ranges(), st.integers(1, 400))
def test_what_is_cut_has_every_frame_once_and_in_order(frames, length):
    pieces = segments.cut(frames, length)
    assert indices(pieces) == list(frames)
    assert all(piece.step == frames.step for piece in pieces)
    if len(pieces) > 1:
        assert {len(piece) for piece in pieces[:-1]} == {length}
        assert length / 4 <= len(pieces[-1]) < 1.25 * length


@given(ranges(), st.data())
def test_what_is_finished_and_what_is_missing_are_all_frames(frames, data):
    pieces = segments.cut(frames, data.draw(st.integers(1, 50)))
    finished = data.draw(st.lists(st.sampled_from(pieces), unique=True))
    missing = segments.missing(frames, finished)
    assert sorted(indices([*finished, *missing])) == list(frames)
    assert segments.missing(frames, [*missing, *finished]) == []
    for piece in missing:
        assert not segments.overlaps(frames, piece, finished)


@given(ranges(), ranges())
def test_a_piece_of_other_frames_has_no_position(frames, piece):
    where = segments.positions(frames, piece)
    if where is None:
        canonical = piece.step == frames.step and piece.stop == piece[-1] + 1
        assert not (canonical and set(piece) <= set(frames))
    else:
        assert [frames[position] for position in where] == list(piece)


@given(ranges(), st.data())
def test_pieces_overlap_if_they_share_a_frame(frames, data):
    ends = st.tuples(st.integers(0, len(frames)), st.integers(0, len(frames))).filter(lambda pair: pair[0] < pair[1])
    first, second = segments.part(frames, *data.draw(ends)), segments.part(frames, *data.draw(ends))
    assert segments.overlaps(frames, first, [second]) == bool(set(first) & set(second))


@pytest.mark.parametrize(
    ("fps", "keyframes", "length"),
    [
        (30, 250, 250),
        (60, 250, 500),
        (24, 250, 250),
        (Fraction(24000, 1001), 250, 250),
        (30, 128, 256),
        (30, 1, 300),
        (5, 250, 50),  # a multiple of the interval would be 50 s
        (1, 250, 10),
        (Fraction(1, 60), 250, 1),
        (1000, 250, 10_000),
    ],
)
def test_a_segment_is_about_ten_seconds_and_ends_at_a_keyframe(fps, keyframes, length):
    assert segments.segment_length(Fraction(fps), keyframes) == length


def test_differences_are_told_by_name():
    before = {"fps": "30", "file": {"a.py": "0" * 64, "b.py": "1" * 64}, "setting": {"crf": 23}, "the source": "2" * 64}
    now = {"fps": "60", "file": {"a.py": "3" * 64}, "setting": {"preset": "slow"}, "the source": "4" * 64}
    assert segments.differences(before, before) == []
    assert segments.differences(before, now) == [
        "file: a.py changed",
        "file: b.py is gone",
        "fps was 30, is 60",
        "setting: crf was 23, is not set",
        "setting: preset was not set, is slow",
        "the source changed",
    ]


@given(st.dictionaries(st.text(max_size=3), st.integers()), st.dictionaries(st.text(max_size=3), st.integers()))
def test_there_is_a_difference_just_when_something_differs(before, now):
    assert bool(segments.differences(before, now)) == (before != now)


def test_frames_are_told_for_people():
    pieces = [FrameRange(0, 250), FrameRange(300, 301), FrameRange(400, 419, 3)]
    assert segments.spans(pieces) == "0 to 249, 300, 400 to 418"
