"""Segments: pure. How a render is cut, what is still missing, and whether two renders are the same.

A segment is a contiguous part of the frames to render, in a file of its own: what is kept when a render is
interrupted, and what an executor is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from panim_core.frames import FrameRange

VIDEO_SECONDS = 10
"""A segment is about so long when it is played: one more keyframe than needed costs under 1 % then."""
WORK_SECONDS = 60.0
"""A segment is ended early when so much time went into it: no more is lost by an interruption."""


def segment_length(fps: Fraction, keyframe_interval: int = 1) -> int:
    """Frames of one segment: about `VIDEO_SECONDS`, ending where the encoder would put a keyframe anyway.

    Args:
        keyframe_interval: frames between keyframes in a render that is not cut; where no multiple of it is
            between half and one and a half of `VIDEO_SECONDS`, it is not looked at.
    """
    wanted = max(1, round(VIDEO_SECONDS * fps))
    aligned = max(1, round(wanted / keyframe_interval)) * keyframe_interval
    return aligned if wanted <= 2 * aligned <= 3 * wanted else wanted


def part(frames: FrameRange, start: int, stop: int) -> FrameRange:
    """The frames at positions `start` to ``stop - 1`` of `frames`."""
    return FrameRange(frames[start], frames[stop - 1] + 1, frames.step)


def positions(frames: FrameRange, piece: FrameRange) -> range | None:
    """Where `piece` lies in `frames`, or None if it is no part of it."""
    start, offset = divmod(piece.start - frames.start, frames.step)
    stop = start + len(piece)
    if not len(piece) or offset or start < 0 or stop > len(frames) or part(frames, start, stop) != piece:
        return None
    return range(start, stop)


def cut(frames: FrameRange, length: int) -> list[FrameRange]:
    """`frames` in parts of `length`; a rest of under a quarter of that is added to the last."""
    count = max(1, len(frames) // length + (len(frames) % length * 4 >= length))
    starts = [number * length for number in range(count)]
    return [part(frames, a, b) for a, b in zip(starts, [*starts[1:], len(frames)], strict=True)]


def missing(frames: FrameRange, finished: Iterable[FrameRange]) -> list[FrameRange]:
    """The parts of `frames` that `finished`, parts of it without overlap, leave."""
    found = []
    reached = 0
    for start, stop in sorted(_ends(frames, finished)):
        if start > reached:
            found.append(part(frames, reached, start))
        reached = max(reached, stop)
    if reached < len(frames):
        found.append(part(frames, reached, len(frames)))
    return found


def _ends(frames: FrameRange, pieces: Iterable[FrameRange]) -> Iterator[tuple[int, int]]:
    for piece in pieces:
        where = positions(frames, piece)
        if where is not None:
            yield where.start, where.stop


def overlaps(frames: FrameRange, piece: FrameRange, finished: Iterable[FrameRange]) -> bool:
    """Whether `piece` has a frame in common with any of `finished`, all of them parts of `frames`."""
    ((start, stop),) = _ends(frames, [piece])
    return any(a < stop and start < b for a, b in _ends(frames, finished))


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What changed between two descriptions of a render, one phrase each, for a person.

    Args:
        before, now: JSON values by name; a mapping among them is compared name by name.
    """
    found = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [f"{name}: {phrase}" for phrase in differences(old, new)]
        elif any(_is_digest(value) for value in (old, new)) or isinstance(old, (list, dict)):
            found.append(f"{name} " + ("is new" if old is None else "is gone" if new is None else "changed"))
        else:
            found.append(f"{name} was {_shown(old)}, is {_shown(new)}")
    return found


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _shown(value: object) -> str:
    return "not set" if value is None else f"{value}"


def spans(ranges: Sequence[FrameRange]) -> str:
    """Ranges of frames for a person: ``0 to 249, 500 to 599``."""
    return ", ".join(f"{r[0]} to {r[-1]}" if len(r) > 1 else f"{r[0]}" for r in ranges)
