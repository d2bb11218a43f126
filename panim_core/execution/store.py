"""The finished segments of a render, in its working folder: what is there, whether it is whole, what to add.

The folder holds ``journal``, ``segments/`` with a file (or a folder of numbered files) for each of its entries, and
the ``work-...`` of a run. A segment is in ``segments`` and safely on disk before the journal tells of it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panim_core import segments
from panim_core.errors import SettingsError
from panim_core.execution import journal
from panim_core.execution.journal import Entry, Journal
from panim_core.execution.workspace import folder_of, fsync
from panim_core.execution.writer import measure
from panim_core.frames import FrameRange
from panim_core.protocols import EncodeFacts, SegmentResult, SegmentTask

_SEGMENTS = "segments"


class SegmentStore:
    """The segments of the render that is going on. Made by `open`.

    Attributes:
        name: of a segment's file while it is made; its extension is the output's.
        finished: every segment that is there and whole, by its frames.
        work: an empty folder for this run.
    """

    def __init__(
        self, folder: Path, name: str, frames: FrameRange, finished: Sequence[Entry], writing: Journal
    ) -> None:
        self._folder = folder
        self.name = name
        self._frames = frames
        self._journal = writing
        self.finished = {entry.frames: entry for entry in finished}
        self.work = Path(tempfile.mkdtemp(prefix="work-", dir=folder))

    @classmethod
    def open(
        cls,
        folder: Path,
        name: str,
        frames: FrameRange,
        render: Mapping[str, Any],
        *,
        tell: Callable[[str], None],
        first_frames: Callable[[Sequence[int]], Sequence[str]],
    ) -> SegmentStore:
        """Take over what is of use in a locked working folder, and remove the rest.

        Args:
            name: for the files that segments are made in; one that stands for numbers if an output is that.
            frames: all that are to be rendered.
            render: what makes this render the same as the one before; JSON values.
            tell: is told what is kept and what is not, and why.
            first_frames: draws frames again and gives the SHA-256 of their pixels.
        """
        found = _read(folder)
        kept: list[Entry] = []
        if found is not None:
            kept = _of_use(found, folder, name, frames, render, tell)
            kept = _drawn_alike(kept, first_frames, tell)
            if kept:
                ranges = segments.missing(frames, segments.missing(frames, [entry.frames for entry in kept]))
                count = sum(map(len, ranges))
                tell(f"resuming: {count} of {len(frames)} frames are finished and kept ({segments.spans(ranges)})")
        _tidy(folder, {entry.name for entry in kept})
        path = folder / journal.NAME
        return cls(folder, name, frames, kept, Journal.open(path) if kept else Journal.create(path, render))

    def missing(self) -> list[FrameRange]:
        """What has to be rendered yet."""
        return segments.missing(self._frames, self.finished)

    def files(self) -> list[Path]:
        """The segments in order, as `panim_core.protocols.Encoder.concat` takes them."""
        ordered = sorted(self.finished.values(), key=lambda entry: entry.frames.start)
        return [_file(self._folder, entry, self.name) for entry in ordered]

    def adopt(self, tasks: Sequence[SegmentTask], result: SegmentResult) -> str | None:
        """Check a result and make it one of the finished segments; if it cannot be, say why.

        A result for frames that are finished already changes nothing.
        """
        if not 0 <= result.number < len(tasks):
            return f"a result for a segment {result.number} that nobody asked for"
        task = tasks[result.number]
        frames = result.frames if result.frames is not None else task.frames
        where = f"frames {segments.spans([frames])}"
        if segments.positions(task.frames, frames) is None:
            return f"a result for {where}, which are no part of segment {result.number}"
        if segments.overlaps(self._frames, frames, self.finished):
            return None
        if result.frame_count != len(frames):
            return f"{where}: the result has {result.frame_count} frames instead of {len(frames)}"
        try:
            path = self._received(task, frames, result)
            nbytes, sha256 = measure(path)
        except OSError as error:
            return f"{where}: the result's file cannot be read: {error.strerror}"
        if (nbytes, sha256) != (result.nbytes, result.sha256):
            return f"{where}: the result's {nbytes} bytes are not the {result.nbytes} that were made"
        self._record(frames, path, result)
        return None

    def _received(self, task: SegmentTask, frames: FrameRange, result: SegmentResult) -> Path:
        if result.data is None:
            return result.path
        path = self.work / f"received-{frames.start}" / task.path.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(result.data)
        return path

    def _record(self, frames: FrameRange, path: Path, result: SegmentResult) -> None:
        several = not path.is_file()
        name = f"{frames.start:08d}-{frames.stop - 1:08d}" + ("" if several else path.suffix)
        entry = Entry(
            frames,
            name,
            result.nbytes,
            result.sha256,
            result.first_frame_sha256,
            result.facts.codec,
            result.facts.pixel_format,
            tuple(result.facts.notes),
        )
        folder = self._folder / _SEGMENTS
        target = folder / name
        if target.is_dir():
            shutil.rmtree(target)
        shutil.move(path.parent if several else path, target)
        for written in [*target.iterdir(), target] if several else [target]:
            fsync(written)
        fsync(folder)
        self._journal.append(entry)
        self.finished[frames] = entry

    def close(self) -> None:
        """No more segments will come; what is finished stays."""
        self._journal.close()


def _read(folder: Path) -> journal.Contents | None:
    try:
        return journal.parse((folder / journal.NAME).read_bytes())
    except FileNotFoundError:
        return None


def _file(folder: Path, entry: Entry, name: str) -> Path:
    path = folder / _SEGMENTS / entry.name
    return path / name if path.is_dir() else path


def _of_use(
    found: journal.Contents,
    folder: Path,
    name: str,
    frames: FrameRange,
    render: Mapping[str, Any],
    tell: Callable[[str], None],
) -> list[Entry]:
    """The entries that belong to this render and whose files are whole."""
    if found.render is None or found.render != render:
        changes = list(found.problems) if found.render is None else segments.differences(found.render, render)
        tell(f"nothing of the unfinished render is kept: {'; '.join(changes)}")
        return []
    for problem in found.problems:
        tell(f"{problem}; what it told of is rendered again")
    kept: list[Entry] = []
    for entry, defect in _checked(found, folder, name, frames):
        if defect is None:
            kept.append(entry)
        else:
            tell(f"frames {segments.spans([entry.frames])} are rendered again: {defect}")
    return kept


def _checked(
    found: journal.Contents, folder: Path, name: str, frames: FrameRange
) -> Iterator[tuple[Entry, str | None]]:
    """Every entry that is not superseded, and what is wrong with it; the newest first."""
    whole: list[FrameRange] = []
    for entry in reversed(found.entries):
        if segments.positions(frames, entry.frames) is None:
            yield entry, "they are no part of this render"
        elif not segments.overlaps(frames, entry.frames, whole):
            defect = _defect(folder, entry, name)
            if defect is None:
                whole.append(entry.frames)
            yield entry, defect


def _defect(folder: Path, entry: Entry, name: str) -> str | None:
    try:
        if not (folder / _SEGMENTS / entry.name).exists():
            return "their file is gone"
        nbytes, sha256 = measure(_file(folder, entry, name))
    except OSError as error:
        return f"their file cannot be read ({error.strerror})"
    if nbytes != entry.nbytes:
        return f"their file has {nbytes} bytes instead of {entry.nbytes}"
    return None if sha256 == entry.sha256 else "their file is not the one that was written"


def _drawn_alike(
    kept: list[Entry], first_frames: Callable[[Sequence[int]], Sequence[str]], tell: Callable[[str], None]
) -> list[Entry]:
    """`kept`, if frames of it are still drawn as they were."""
    known = sorted((e for e in kept if e.first_frame_sha256), key=lambda entry: entry.frames.start)
    if not known:
        return kept
    some = list({known[0].frames.start: known[0], known[-1].frames.start: known[-1]}.values())
    now = first_frames([entry.frames.start for entry in some])
    for entry, sha256 in zip(some, now, strict=False):
        if sha256 != entry.first_frame_sha256:
            tell(
                f"nothing of the unfinished render is kept: frame {entry.frames.start} is drawn differently now; "
                "something that the source reads has changed, or it draws at random"
            )
            return []
    return kept


def _tidy(folder: Path, names: set[str]) -> None:
    """Remove everything but the journal and the segments of these names."""
    inside = folder / _SEGMENTS
    inside.mkdir(exist_ok=True)
    keep = {inside} if not names else {inside, folder / journal.NAME}
    for entry in [*folder.iterdir(), *inside.iterdir()]:
        if entry in keep or (entry.parent == inside and entry.name in names):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)  # a killed render's encoder may still write there
        else:
            entry.unlink(missing_ok=True)


def as_result(number: int, entry: Entry) -> SegmentResult:
    """A segment of an earlier run, as the executor gave it."""
    facts = EncodeFacts(entry.frame_count, entry.codec, entry.pixel_format, notes=entry.notes)
    return SegmentResult(number, Path(entry.name), entry.frame_count, entry.nbytes, entry.sha256, facts)


# ---- from outside


@dataclass(frozen=True)
class State:
    """How far an unfinished render is."""

    frames: FrameRange
    segments: Sequence[tuple[Entry, str | None]]
    """Each with what is wrong with it, or None; by frame."""
    missing: Sequence[FrameRange]
    problems: Sequence[str]
    running: bool
    """Whether a process is at work on it now."""

    def lines(self) -> list[str]:
        """What there is to tell, for a person."""
        told = [
            f"frames {segments.spans([entry.frames])}: {entry.nbytes} bytes, {defect or 'finished'}"
            for entry, defect in self.segments
        ]
        told += [f"frames {segments.spans([gap])}: missing" for gap in self.missing]
        told += list(self.problems)
        left = sum(map(len, self.missing))
        way_on = "a render is at work on it now" if self.running else "go on with panim render ... --resume"
        return [*told, f"{len(self.frames) - left} of {len(self.frames)} frames are finished; {way_on}"]


def state(outfile: Path) -> State:
    """How far the unfinished render of `outfile` is.

    Raises:
        SettingsError: there is none.
    """
    folder = folder_of(outfile)
    try:
        found = _read(folder)
    except OSError as error:
        raise SettingsError(f"the journal of {str(outfile)!r} cannot be read: {error.strerror}") from error
    if found is None:
        raise SettingsError(f"there is no unfinished render of {str(outfile)!r} that could be resumed")
    if found.render is None:
        raise SettingsError(f"the unfinished render of {str(outfile)!r} cannot be resumed: {'; '.join(found.problems)}")
    frames = FrameRange(*map(int, str(found.render["frames"]).split(":")))
    checked = sorted(_checked(found, folder, outfile.name, frames), key=lambda pair: pair[0].frames.start)
    left = segments.missing(frames, [entry.frames for entry, defect in checked if defect is None])
    return State(frames, checked, left, found.problems, _is_locked(folder))


def _is_locked(folder: Path) -> bool:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def finished_frames(folder: Path) -> int:
    """How many frames are finished of the render that can be resumed from this working folder."""
    found = _read(folder)
    return sum(entry.frame_count for entry in found.entries) if found is not None else 0
