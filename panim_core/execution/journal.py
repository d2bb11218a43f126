"""The journal of finished segments: append-only, readable after a crash at any instant.

One line of JSON each, with a checksum before it. The first line says which render it is; every other is a
finished segment. A line's checksum also covers the first line's, which holds a random number: a line from another
journal is as invalid as a damaged one. A line is only valid with its line feed, and is written and on disk before
anybody relies on it; a torn one is left behind and ended with a line feed by the next to append.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panim_core.errors import SettingsError
from panim_core.execution.workspace import fsync
from panim_core.frames import FrameRange

FORMAT = 1
NAME = "journal"


@dataclass(frozen=True)
class Entry:
    """One finished segment."""

    frames: FrameRange
    name: str
    """Of its file in the folder of segments; a folder there for numbered files."""
    nbytes: int
    sha256: str
    first_frame_sha256: str
    """Of the pixels of its first frame as the encoder got them; empty if unknown."""
    codec: str = ""
    pixel_format: str = ""
    notes: tuple[str, ...] = ()

    @property
    def frame_count(self) -> int:
        """How many frames it has."""
        return len(self.frames)


@dataclass(frozen=True)
class Contents:
    """What a journal says."""

    render: Mapping[str, Any] | None
    """Which render it is; None if that cannot be told, and then nothing in it is of use."""
    entries: Sequence[Entry] = ()
    """In the order in which they were written."""
    problems: Sequence[str] = ()
    """What was not read, and why."""


def parse(data: bytes) -> Contents:
    """Read a journal; whatever is not just as it was written is a problem and not an entry."""
    *lines, rest = data.split(b"\n")
    problems = []
    seal, first = _unseal(lines[0], b"") if lines else ("", None)
    if not isinstance(first, dict) or first.get("journal") != FORMAT or not isinstance(first.get("render"), dict):
        return Contents(None, (), ["the journal's first line is damaged, or is another version's"])
    entries = []
    for number, line in enumerate(lines[1:], 2):
        _, fields = _unseal(line, seal.encode())
        entry = _entry(fields)
        if entry is not None:
            entries.append(entry)
        elif line:
            problems.append(f"line {number} of the journal is damaged")
    if rest:
        problems.append("the journal's last line was torn while it was written")
    return Contents(first["render"], entries, problems)


def _seal(line: bytes, salt: bytes) -> str:
    return hashlib.sha256(salt + b"\n" + line).hexdigest()[:32]


def _unseal(line: bytes, salt: bytes) -> tuple[str, Any]:
    seal, _, body = line.partition(b" ")
    if seal != _seal(body, salt).encode():
        return "", None
    return seal.decode(), json.loads(body)


def _entry(fields: Any) -> Entry | None:
    if not isinstance(fields, dict):
        return None
    try:
        known = {**fields, "frames": FrameRange(*fields["frames"]), "notes": tuple(fields["notes"])}
        return Entry(**known)
    except (KeyError, TypeError, SettingsError):
        return None


class Journal:
    """A journal open for appending.

    Args:
        path: a file that exists, or is made by `create`.
        seal: of its first line.
    """

    def __init__(self, path: Path, seal: str) -> None:
        self._seal = seal.encode()
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        size = os.fstat(self._fd).st_size
        if size and os.pread(self._fd, 1, size - 1) != b"\n":
            os.write(self._fd, b"\n")

    @classmethod
    def create(cls, path: Path, render: Mapping[str, Any]) -> Journal:
        """A new journal for `render`, whole and on disk, in the place of any before."""
        first = {"journal": FORMAT, "id": uuid.uuid4().hex, "render": render}
        body = json.dumps(first, sort_keys=True).encode()
        seal = _seal(body, b"")
        new = path.with_name(f"{path.name}.new")
        new.write_bytes(seal.encode() + b" " + body + b"\n")
        fsync(new)
        os.replace(new, path)
        fsync(path.parent)
        return cls(path, seal)

    @classmethod
    def open(cls, path: Path) -> Journal:
        """The journal at `path`, of which `parse` could read the first line."""
        with path.open("rb") as file:
            seal, _, _ = file.readline().partition(b" ")
        return cls(path, seal.decode())

    def append(self, entry: Entry) -> None:
        """Write an entry; it is on disk when this returns."""
        fields = {**vars(entry), "frames": [entry.frames.start, entry.frames.stop, entry.frames.step]}
        body = json.dumps(fields, sort_keys=True).encode()
        line = _seal(body, self._seal).encode() + b" " + body + b"\n"
        while line:
            line = line[os.write(self._fd, line) :]
        os.fsync(self._fd)

    def close(self) -> None:
        """Done with it."""
        os.close(self._fd)
