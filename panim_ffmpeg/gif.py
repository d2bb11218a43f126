"""GIF files as bytes: what ffmpeg cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_EXTENSION, _CONTROL, _END = 0x21, 0xF9, 0x3B
_DISPOSAL, _TO_BACKGROUND, _TRANSPARENT = 0b11100, 2 << 2, 1


def clear_after_each_frame(path: Path) -> None:
    """Have each frame of the GIF removed before the next is shown, which needs all of each to be in the file.

    ffmpeg asks that of frames with transparency only: of the opaque one before the first of these, something is left.
    The format: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    data = bytearray(path.read_bytes())
    frames = list(_frames(data))
    shared = [data[at + 3] for at, own_colours in frames if data[at] & _TRANSPARENT and not own_colours]
    for at, own_colours in frames:
        data[at] = data[at] & ~_DISPOSAL | _TO_BACKGROUND
        if shared and not own_colours:  # else the background has a colour
            data[at] |= _TRANSPARENT
            data[at + 3] = shared[0]
    path.write_bytes(data)


def _frames(data: bytearray) -> Iterator[tuple[int, bool]]:
    """Of each frame: where its flags are, before its delay and the index that is transparent; if it has own colours."""
    at, control = 13 + _table(data[10]), 0
    while data[at] != _END:
        if data[at] == _EXTENSION:
            if data[at + 1] == _CONTROL:
                control = at + 3
            at += 2
        else:
            own_colours = _table(data[at + 9])
            yield control, own_colours > 0
            at += 11 + own_colours
        while data[at]:
            at += 1 + data[at]
        at += 1


def _table(flags: int) -> int:
    """Bytes of the table of colours that a block with `flags` is followed by."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
