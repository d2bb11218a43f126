"""The writer thread: takes drawn frames in order and feeds them to the encoder, segment after segment.

A segment's encoder completes its file in a thread of its own while the next one is already fed, so that the
pipeline does not run dry between segments.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from panim_core.errors import EncodeError, PanimError
from panim_core.execution.slots import Slots
from panim_core.protocols import Encoder, EncoderSession, SegmentResult, SegmentTask
from panim_core.segments import part

_T = TypeVar("_T")


@dataclass
class _Piece:
    """A task's frames from `offset` on, as far as they are written to one file."""

    task: SegmentTask
    number: int
    """Of the task in the writer's list."""
    offset: int
    path: Path
    session: EncoderSession
    began: float
    written: int = 0
    first_frame_sha256: str = ""

    @property
    def full(self) -> bool:
        """Whether it has the task's last frame."""
        return self.offset + self.written == len(self.task.frames)

    @property
    def late(self) -> bool:
        """Whether so much time went into it that it should be ended before."""
        limit = self.task.plan.segment_seconds
        return limit is not None and self.written > 0 and time.monotonic() - self.began > limit


class Writer:
    """Writes frames to encoders. `wake_fd` becomes readable when a frame was written or something ended.

    Encoders are opened by its own thread, where no signal interrupts that halfway.

    Args:
        tasks: the segments, in order; their frames follow each other.
        encoder: makes a session for each.
    """

    def __init__(self, tasks: Sequence[SegmentTask], slots: Slots, encoder: Encoder) -> None:
        self._tasks = list(tasks)
        self._slots = slots
        self._encoder = encoder
        self._queue: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()
        self._written: deque[int] = deque()
        self._finished: deque[SegmentResult] = deque()
        self._finishers: list[threading.Thread] = []
        self._sessions: list[EncoderSession] = []
        self._lock = threading.Lock()
        self._aborted = False
        self._opened = threading.Event()
        self.wake_fd, self._wake = os.pipe()
        os.set_blocking(self.wake_fd, False)
        self.error: BaseException | None = None
        self.wait_seconds = 0.0
        """The encoder had nothing to take, from the first frame on."""
        self.write_seconds = 0.0
        """The encoder was taking frames."""
        self.busy_since: float | None = None
        """Since when the frame being written waits for the encoder; None between frames."""
        self._finishing: dict[int, float] = {}
        self._thread = threading.Thread(target=self._guarded(self._run), name="panim-writer", daemon=True)

    # ---- called by the loop

    def start(self, seconds: float) -> None:
        """Open the encoder, and then write what is put; raise what opening raises within that time."""
        self._thread.start()
        self._opened.wait(min(seconds, threading.TIMEOUT_MAX))
        if self.error is not None:
            raise self.error

    def put(self, position: int, slot: int) -> None:
        """The next frame, in order."""
        self._queue.put((position, slot))

    def end(self) -> None:
        """No more frames will come."""
        self._queue.put(None)

    def collect(self) -> tuple[list[int], list[SegmentResult]]:
        """Positions written and segments finished since the last call."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.wake_fd, 4096):
                pass
        return _drain(self._written), _drain(self._finished)

    @property
    def ended(self) -> bool:
        """Whether everything was written and finished, or failed."""
        with self._lock:
            threads = [self._thread, *self._finishers]
            return all(thread.ident is not None and not thread.is_alive() for thread in threads)

    def abort(self) -> None:
        """Stop every encoder at once; the threads end soon after."""
        with self._lock:
            self._aborted = True
            sessions = list(self._sessions)
        self._queue.put(None)
        with contextlib.ExitStack() as stack:
            for session in sessions:
                stack.callback(session.abort)

    def stop(self, seconds: float = 2.0) -> EncodeError:
        """Stop an encoder that hangs; return what it leaves as evidence."""
        self.abort()
        until = time.monotonic() + seconds
        while not self.ended and time.monotonic() < until:
            time.sleep(0.01)
        return self.error if isinstance(self.error, EncodeError) else EncodeError("")

    def close(self, seconds: float = 10.0) -> None:
        """Wait for the threads; after `abort` or when `ended`."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        with self._lock:
            finishers = list(self._finishers)
        for thread in finishers:
            thread.join(seconds)
        with self._lock:
            for fd in (self.wake_fd, self._wake):
                os.close(fd)
            self._wake = -1

    @property
    def finishing_since(self) -> float | None:
        """Since when the encoder that takes longest completes its file; None if none does."""
        return min(self._finishing.copy().values(), default=None)

    # ---- in the threads

    def _open(self, number: int, offset: int) -> _Piece:
        task = self._tasks[number]
        plan, path = task.plan, task.path
        if offset:
            path = path.parent.with_name(f"{path.parent.name}+{offset}") / path.name
        path.parent.mkdir(exist_ok=True)
        session = self._encoder.open(path, plan.format, plan.fps, plan.encoder_settings)
        with self._lock:
            self._sessions.append(session)
            if self._aborted:
                session.abort()
        return _Piece(task, number, offset, path, session, time.monotonic())

    def _guarded(self, body: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                body()
            except BaseException as error:  # noqa: BLE001 - handed to the loop, which raises it
                if self.error is None:
                    self.error = self._told(error)
            finally:
                self._opened.set()
                self._wake_loop()

        return run

    def _told(self, error: BaseException) -> BaseException:
        """What an encoder raised, as an error that says so."""
        if isinstance(error, PanimError) or not isinstance(error, Exception):
            return error
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = "the disk is full"
        told = EncodeError(f"the encoder {self._encoder.name} failed: {reason}")
        told.__cause__ = error
        return told

    def _run(self) -> None:
        idle_since: float | None = None
        self.busy_since = time.monotonic()
        self._piece = self._open(0, 0)
        self.busy_since = None
        self._opened.set()
        while (item := self._queue.get()) is not None:
            position, slot = item
            began = time.monotonic()
            if idle_since is not None:
                self.wait_seconds += began - idle_since
            self.busy_since = began
            if self._piece.full or self._piece.late:
                self._turn_over()
            piece, buffer = self._piece, self._slots.buffer(slot)
            piece.session.write(buffer)
            self.busy_since = None
            if not piece.written and piece.task.plan.segment_seconds is not None:
                piece.first_frame_sha256 = hashlib.sha256(buffer).hexdigest()
            piece.written += 1
            idle_since = time.monotonic()
            self.write_seconds += idle_since - began
            self._written.append(position)
            self._wake_loop()
        if not self._aborted:
            self._finish(self._piece)

    def _turn_over(self) -> None:
        """Go on in a new file, while the one before is completed in a thread of its own."""
        piece = self._piece
        self._finish_later(piece)
        if piece.full:
            self._piece = self._open(piece.number + 1, 0)
        else:
            self._piece = self._open(piece.number, piece.offset + piece.written)

    def _finish_later(self, piece: _Piece) -> None:
        thread = threading.Thread(target=self._guarded(lambda: self._finish(piece)), name="panim-finish", daemon=True)
        with self._lock:
            self._finishers.append(thread)
        thread.start()

    def _finish(self, piece: _Piece) -> None:
        self._finishing[id(piece)] = time.monotonic()
        facts = piece.session.finish()
        del self._finishing[id(piece)]
        if facts.frame_count != piece.written:
            raise EncodeError(
                f"the encoder {self._encoder.name} took {piece.written} frames and says that "
                f"{facts.frame_count} are in the output",
                facts.command,
            )
        try:
            nbytes, digest = measure(piece.path)
        except OSError as error:
            raise EncodeError(
                f"the encoder {self._encoder.name} completed {str(piece.path)!r}, which is not there any more "
                f"({error.strerror}): did something remove panim's working folder?",
                facts.command,
            ) from error
        frames = part(piece.task.frames, piece.offset, piece.offset + piece.written)
        self._finished.append(
            SegmentResult(
                piece.task.number,
                piece.path,
                facts.frame_count,
                nbytes,
                digest,
                facts,
                frames=frames,
                first_frame_sha256=piece.first_frame_sha256,
            )
        )
        self._wake_loop()

    def _wake_loop(self) -> None:
        with self._lock:
            if self._wake >= 0:  # a thread that hung outlives the writer
                os.write(self._wake, b"x")


def _drain(items: deque[_T]) -> list[_T]:
    found = []
    while items:
        found.append(items.popleft())
    return found


def measure(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file, or of all files in its folder if its name stands for numbers; may raise OSError."""
    several = "%" in path.name and not path.is_file()
    files = sorted(p for p in path.parent.iterdir() if p.is_file()) if several else [path]
    digest, size = hashlib.sha256(), 0
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
    return size, digest.hexdigest()
