"""A worker process: draws the frames it is told to into the slots it is told to.

Its parent talks to it over one pipe. First comes what it is to work on (see `Assignment`), then messages to it are
``(position, index, slot)`` or None (stop); from it ``("ready", cpu_seconds, peak_bytes, notes)``,
``("replaying",)``, ``("warned", text)``, ``("drawn", position, times, replay_seconds, peak_bytes, notes, claims)`` and
``("failed", position, index, time_ms, reason, traceback, retry_with)``, where position is None while it starts.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import mmap
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from panim_core.protocols import FrameGenerator, Renderer


_ALWAYS = ("numpy", "panim_core.drawing", "panim_core.execution.slots", "panim_core.execution.source")
_TOLD_SECONDS = 0.5
"""How often, at most, a worker says that it is on its way to a frame."""
_MOST_TEXT = 4096
"""Characters of a message. Its parent reads each at once, so that a worker which stops in the middle of a long
one would stop it as well."""


class Assignment(NamedTuple):
    """What a worker is told first; small, and made of plain types. The descriptors of source and slots follow it."""

    source_bytes: int
    slot_count: int
    slot_bytes: int
    size: tuple[int, int]
    fps: tuple[int, int]
    first_index: int
    sequential: bool


def main(fd: int, names: int, script: str, parent: int) -> None:
    """The life of a worker. Called by the command line that `process.WorkerProcess` builds.

    Args:
        names: a pipe with more to import, a name a line; negative: none.
        script: whose imports are made while there is nothing else to do; may be empty.
    """
    _die_with(parent)
    pipe = Connection(fd)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, EOFError):  # the parent is gone: so are we
        if script:
            _import_ahead(script, names, pipe)
        assignment: Assignment
        sys.path[:], sys.argv[:], assignment = pipe.recv()
        with socket.socket(fileno=os.dup(fd)) as side:
            _, (source_fd, slots_fd), _, _ = socket.recv_fds(side, 1, 2)
        _Worker(pipe, assignment, source_fd, slots_fd).run()


def _import_ahead(script: str, names: int, pipe: Connection) -> None:
    """Import what every worker needs, what `script` imports when it begins, and, until `pipe` is used, what is told.

    Not what is the user's own.

    What fails is imported again when it is needed, and told then; so are warnings, by the process that ran the script.
    """
    from importlib import import_module
    from importlib.util import find_spec

    folder = Path(script).resolve().parent
    show, warnings.showwarning = warnings.showwarning, lambda *_: None
    for name in itertools.chain(_ALWAYS, _imports_of(script), _told(names, pipe)):
        if name in sys.modules:
            continue
        with contextlib.suppress(Exception, SystemExit):
            spec = find_spec(name.partition(".")[0])
            places = (spec.submodule_search_locations or [spec.origin or ""]) if spec else []
            if folder not in [Path(place).parent for place in places]:
                import_module(name)
    warnings.showwarning = show
    gc.freeze()  # modules stay; when Python leaves it need not look there for cycles, which takes 50 ms with matplotlib


def _imports_of(script: str) -> Iterator[str]:
    """What its statements import, of which some may be no modules; those in functions and branches aside."""
    import ast

    try:
        statements = ast.parse(Path(script).read_bytes()).body
    except Exception:  # noqa: BLE001 - whoever runs it tells what is wrong
        return
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def _told(names: int, pipe: Connection) -> Iterator[str]:
    """What is read from `names`, until there is something else to do."""
    from multiprocessing.connection import wait

    unread = b""
    while names >= 0 and pipe not in wait([pipe, names]) and (chunk := os.read(names, _MOST_TEXT)):
        *lines, unread = (unread + chunk).split(b"\n")
        for line in lines:
            yield line.decode()
            if pipe.poll():
                return


def _die_with(parent: int) -> None:
    """On Linux, be killed when the parent dies, even in the middle of a long frame."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class _Worker:
    def __init__(self, pipe: Connection, assignment: Assignment, source_fd: int, slots_fd: int) -> None:
        self.pipe = pipe
        self.assignment = assignment
        self.source_fd, self.slots_fd = source_fd, slots_fd
        self.fps = Fraction(*assignment.fps)
        self.reached = assignment.first_index - 1
        self.position: int | None = None
        self.index = assignment.first_index
        """The frame that is being drawn, or made up for."""
        self._pid, self._speaking = os.getpid(), threading.RLock()
        self._own_places = _places([self])

    def run(self) -> None:
        from panim_core.execution.machine import peak_memory_bytes
        from panim_core.execution.slots import Slots

        a = self.assignment
        source: FrameGenerator | None = None
        warnings.showwarning = self._warn
        try:
            source = self._load()
            slots = Slots(self.slots_fd, a.slot_count, a.slot_bytes)
            source.start()
            self._say("ready", time.process_time(), peak_memory_bytes(), _notes(source))
            while (message := self.pipe.recv()) is not None:
                self.position, index, slot = message
                self._draw(source, index, slots.array(slot, (a.size[1], a.size[0], 4)))
            self.position = None
            source.finish()
        except (BrokenPipeError, ConnectionResetError, EOFError) as error:
            if self.pipe.closed or _parent_gone(self.pipe):
                raise
            self._fail(error)
        except BaseException as error:  # noqa: BLE001 - sys.exit in user code too; all of it is told
            self._fail(error)

    def _load(self) -> FrameGenerator:
        import pickle

        from panim_core import drawing
        from panim_core.execution import source

        with mmap.mmap(self.source_fd, self.assignment.source_bytes, prot=mmap.PROT_READ) as data:
            renderers, generator = pickle.loads(data)
        os.close(self.source_fd)
        known: Sequence[Renderer] = renderers
        self._own_places = _places([self, *renderers])
        drawing.use_renderers(lambda: known)
        return source.load(generator)

    def _draw(self, source: FrameGenerator, index: int, out: Any) -> None:
        from panim_core import drawing
        from panim_core.execution.machine import peak_memory_bytes
        from panim_core.frames import frame_time_ms

        before, replayed = _times(), 0.0
        if self.assignment.sequential:
            told = before[0]
            for skipped in range(self.reached + 1, index):
                self.index = skipped
                source.advance(frame_time_ms(skipped, self.fps))
                if (now := time.perf_counter()) - told > _TOLD_SECONDS:
                    self._say("replaying")
                    told = now
            self.reached = index
            replayed = time.perf_counter() - before[0]
        self.index = index
        drawing.place(source.frame_at(frame_time_ms(index, self.fps)), out)
        times = tuple(max(0.0, b - a) for a, b in zip(before, _times(), strict=True))  # a thread may have ended
        notes, claims = _notes(source), _claims(source)
        self._say("drawn", self.position, times, replayed, peak_memory_bytes(), notes, claims)

    def _fail(self, error: BaseException) -> None:
        from panim_core.frames import frame_time_ms

        if isinstance(error, SystemExit):
            reason = f"it called sys.exit({_describe(error.code)}); a frame must be returned"
        else:
            reason = _describe(error)
        if isinstance(error, MemoryError):
            reason += "; use fewer workers (--workers) or a smaller --size"
        retry_with = getattr(error, "retry_with", None)
        if not isinstance(retry_with, dict):
            retry_with = None
        time_ms = frame_time_ms(self.index, self.fps)
        self._say("failed", self.position, self.index, time_ms, reason, _traceback(error), retry_with)

    def _say(self, *message: Any) -> None:
        with self._speaking:
            self.pipe.send(message)

    def _warn(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        """As `warnings.showwarning`, but the parent tells once what several workers, or lines of ours, warn of."""
        text = warnings.formatwarning(message, category, filename, lineno, line)
        if filename.startswith(self._own_places):
            text = f"{category.__name__}: {message}\n"
        if file is not None or os.getpid() != self._pid:  # a child of ours must not speak for us
            (file or sys.stderr).write(text)
        else:
            self._say("warned", text[:_MOST_TEXT])


def _places(things: Sequence[object]) -> tuple[str, ...]:
    """The folders of the packages, or the files of the modules, in which things are defined."""
    modules = [sys.modules.get(type(thing).__module__.partition(".")[0]) for thing in things]
    files = [(getattr(module, "__file__", None), hasattr(module, "__path__")) for module in modules]
    return tuple(os.path.dirname(file) + os.sep if package else file for file, package in files if file)


def _times() -> tuple[float, float, float, float]:
    """Clocks in seconds: wall; CPU of all threads; CPU of Python's own; how long those have waited for a core.

    Python's take turns, as drawing does with what it has others do for it.
    """
    ran, queued = time.thread_time(), 0.0
    for thread in threading.enumerate():
        cpu, waited = _scheduled(thread.native_id)
        queued += waited
        if thread is not threading.current_thread():
            ran += cpu
    return time.perf_counter(), time.process_time(), ran, queued


def _scheduled(thread: int | None) -> tuple[float, float]:
    """Seconds that a thread has computed, and waited for a core; zeros where the system does not tell."""
    try:
        with open(f"/proc/self/task/{thread}/schedstat", "rb", buffering=0) as file:
            computed, waited = file.read().split()[:2]
    except OSError:
        return 0.0, 0.0
    return int(computed) / 1e9, int(waited) / 1e9


def _describe(thing: object) -> str:
    try:
        text = str(thing) if isinstance(thing, BaseException) else repr(thing)
    except Exception as broken:  # noqa: BLE001 - the user's own __str__ or __repr__
        text = f"(its text cannot be shown: {type(broken).__name__})"
    if len(text) > _MOST_TEXT:
        text = f"{text[:_MOST_TEXT]}... ({len(text)} characters)"
    if not isinstance(thing, BaseException):
        return text
    return f"{type(thing).__name__}: {text}" if text else type(thing).__name__


def _traceback(error: BaseException) -> str:
    """The traceback as text, from the user's code on."""
    try:
        lines = traceback.TracebackException.from_exception(error, compact=True)
        own = os.path.dirname(os.path.abspath(__file__))
        while len(lines.stack) > 1 and os.path.abspath(lines.stack[0].filename).startswith(own):
            lines.stack.pop(0)
        text = "".join(lines.format())
        return text if len(text) <= 4 * _MOST_TEXT else f"{text[: 2 * _MOST_TEXT]}\n...\n{text[-2 * _MOST_TEXT :]}"
    except Exception as broken:  # noqa: BLE001
        return f"(the traceback cannot be shown: {type(broken).__name__})"


def _notes(source: Any) -> list[str]:
    notes = getattr(source, "notes", None)
    return [str(note) for note in notes()] if callable(notes) else []


def _claims(source: Any) -> list[tuple[str, str]]:
    claims = getattr(source, "claims", None)
    return [(str(what), str(value)) for what, value in claims()] if callable(claims) else []


def _parent_gone(pipe: Connection) -> bool:
    try:
        return pipe.poll() and not pipe.recv_bytes()
    except (OSError, EOFError):
        return True
