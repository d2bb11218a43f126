"""The loop: carries out the scheduler's commands with real processes, and feeds it what happens."""

from __future__ import annotations

import contextlib
import math
import os
import selectors
import time
from array import array
from collections.abc import Callable, Generator, Sequence
from typing import Any

from panim_core import events, plugins, scheduler
from panim_core.autotune import Machine, Sample, Tuner
from panim_core.errors import (
    EncodeError,
    FrameError,
    FrameTimeoutError,
    PanimError,
    PluginContractError,
    RenderError,
    WorkerLostError,
)
from panim_core.execution import spare
from panim_core.execution.claims import Claims, RetryWithError
from panim_core.execution.machine import idle_core_seconds, usable_cores, usable_memory_bytes
from panim_core.execution.meter import Meter, bottleneck
from panim_core.execution.process import WorkerProcess
from panim_core.execution.slots import Slots, anonymous_file
from panim_core.execution.source import living
from panim_core.execution.worker import Assignment
from panim_core.execution.writer import Writer
from panim_core.frames import frame_time_ms
from panim_core.job import RenderPlan
from panim_core.protocols import Encoder, SegmentResult, SegmentTask

_TICK_SECONDS = 0.25
_MOST_UNSAID = 1 << 20
_GOODBYE_SECONDS = 5.0
_CLAIMS_SECONDS = 2.0
_STOPPED_SECONDS = 2.0
"""A loop that comes this late was itself stopped, e.g. by Ctrl-Z; no deadline passes while it is."""
_RATE_WINDOW_SECONDS = 3.0


class Pipeline:
    """One render on this machine: workers, slots and a writer.

    Args:
        tasks: segments in order; the frames of one follow those of the one before.
        emit: takes events.
        encoder: where it is not the plan's.
    """

    def __init__(
        self,
        tasks: Sequence[SegmentTask],
        emit: Callable[[events.RenderEvent], None],
        encoder: Encoder | None = None,
    ) -> None:
        self.tasks = list(tasks)
        self.plan: RenderPlan = self.tasks[0].plan
        self.emit = emit
        self._encoder = encoder
        self.indices = array("q", (index for task in self.tasks for index in task.frames))
        self.meter = Meter()
        self._last_change = ""
        """Of the number of workers: to how many, and why."""
        self.tuner = Tuner(self.plan, Machine(usable_cores(), usable_memory_bytes()))
        self._workers: dict[int, WorkerProcess] = {}
        self._retiring: list[WorkerProcess] = []
        self._head_since: dict[int, float] = {}
        self._ready: set[int] = set()
        self._told: set[str] = set()
        self._claims = Claims(living(self.tasks[0].source))
        self._warned: set[str] = set()
        self._unsaid: dict[int, list[str]] = {}
        self._encoder_peak = 0
        self._writer: Writer | None = None
        self._awake_since = self.meter.began
        self._hung_at = ""

    # ---- the life of a render

    def run(self) -> Generator[SegmentResult, None, None]:
        """Render; yield each segment when its file is complete."""
        plan = self.plan
        encoder = self._encoder or plugins.find_encoder(plan.encoder)
        self._scheduler = scheduler.Scheduler(len(self.indices), plan.slots, plan.workers, sequential=plan.sequential)
        with contextlib.ExitStack() as stack:
            stack.callback(self._claims.wait, _CLAIMS_SECONDS)
            self._slots = stack.enter_context(contextlib.closing(self._allocate()))
            self._selector = stack.enter_context(selectors.DefaultSelector())
            self._share_source(stack)
            self._writer = Writer(self.tasks, self._slots, encoder)
            stack.callback(self._writer.close)
            stack.callback(self._close_workers)
            stack.callback(self._stop_encoding)
            self._writer.start(plan.deadlines.write)
            self._do(self._scheduler.start())
            self._claims.begin()
            self._selector.register(self._writer.wake_fd, selectors.EVENT_READ, None)
            yield from self._loop(self._writer)
            self._say_goodbye()

    def _allocate(self) -> Slots:
        most = self.plan.max_slots if self.plan.tune else None
        return Slots.allocate(self.plan.slots, self.plan.format.nbytes, most)

    def _share_source(self, stack: contextlib.ExitStack) -> None:
        import cloudpickle

        renderers = list(plugins.renderers())
        try:
            data = cloudpickle.dumps((renderers, self.tasks[0].source))
        except Exception as error:
            names = ", ".join(renderer.name for renderer in renderers)
            raise PluginContractError(
                f"one of the renderers {names} cannot be sent to worker processes, as renderers without state can: "
                f"{type(error).__name__}: {error}"
            ) from error
        self._source_fd, self._source_bytes = anonymous_file(), len(data)
        stack.callback(os.close, self._source_fd)
        with os.fdopen(os.dup(self._source_fd), "wb") as stream:
            stream.write(data)

    def _loop(self, writer: Writer) -> Generator[SegmentResult, None, None]:
        next_tick = time.monotonic() + _TICK_SECONDS
        next_tune = time.monotonic() + self.tuner.interval_seconds if self.plan.tune else math.inf
        history = [(self.meter.began, 0)]
        ending = False
        while True:
            for key, _ in self._selector.select(max(0.0, min(next_tick, next_tune) - time.monotonic())):
                if key.data is not None and key.data in self._workers:
                    self._listen(key.data)
            positions, finished = writer.collect()
            for position in positions:
                self.meter.last_written_at = time.monotonic()
                self._do(self._scheduler.handle(scheduler.FrameWritten(position)))
            for result in finished:
                if len(self.tasks) > 1:
                    self.emit(events.SegmentFinished(result.number, len(self.tasks), result.frame_count))
                self._encoder_peak = max(self._encoder_peak, result.facts.peak_memory_bytes)
                yield result
            if writer.error is not None:
                raise writer.error
            if self._scheduler.done and not ending:
                ending = True
                writer.end()
                self._dismiss()
            if ending and writer.ended:
                self._claims.wait(self.plan.deadlines.frame)
                self._claims.compare([])
                yield from writer.collect()[1]
                if writer.error is not None:
                    raise writer.error
                return
            now = time.monotonic()
            if now > next_tick + _STOPPED_SECONDS:
                self._awake_since = now
            self._check_deadlines(now, writer)
            if now >= next_tune:
                self._tune(now, writer)
                next_tune = now + self.tuner.interval_seconds
            if now >= next_tick:
                self._look_after_workers()
                next_tick = now + _TICK_SECONDS
                history = [h for h in history if now - h[0] < _RATE_WINDOW_SECONDS] or history[-1:]
                history.append((now, self._scheduler.written))
                self.emit(self._progress(now, history, writer))

    # ---- commands

    def _do(self, commands: Sequence[scheduler.Command]) -> None:
        for command in commands:
            match command:
                case scheduler.StartWorker(number):
                    try:
                        self._start_worker(number)
                    except RenderError as error:
                        if not (self._ready and self.plan.tune):
                            raise
                        self._make_do(number, error)
                case scheduler.Draw(number, position, slot):
                    worker = self._workers[number]
                    if self._scheduler.drawing(number) == position:
                        self._head_since[number] = time.monotonic()
                    worker.slots.add(slot)
                    worker.tell((position, self.indices[position], slot))
                case scheduler.Write(position, slot):
                    if self._writer is not None:
                        self._writer.put(position, slot)
                case scheduler.StopWorker(number):
                    worker = self._workers[number]
                    worker.tell(None)
                    self._forget(number)
                    self._retiring.append(worker)
                case scheduler.GiveUp(position, number, timed_out):
                    raise self._given_up(position, self._workers[number], timed_out)

    def _start_worker(self, number: int) -> None:
        plan = self.plan
        assignment = Assignment(
            self._source_bytes,
            self._slots.count,
            self._slots.nbytes,
            (plan.format.width, plan.format.height),
            (plan.fps.numerator, plan.fps.denominator),
            0 if plan.sequential else self.indices[0],
            plan.sequential,
        )
        worker = spare.take()
        worker.assign(number, assignment, self._source_fd, self._slots.fd)
        self._workers[number] = worker
        self._head_since[number] = time.monotonic()
        self._selector.register(worker.pipe.fileno(), selectors.EVENT_READ, number)
        self._selector.register(worker.output_fd, selectors.EVENT_READ, number)
        if worker.pidfd is not None:
            self._selector.register(worker.pidfd, selectors.EVENT_READ, number)

    def _make_do(self, number: int, error: RenderError) -> None:
        """Go on with the workers that there are: only the tuner wanted more."""
        self._note([f"{error}; the render goes on with {len(self._ready)}"])
        self.tuner.hold(len(self._ready))
        self._do(self._scheduler.handle(scheduler.TargetChanged(len(self._ready))))
        self._do(self._scheduler.handle(scheduler.NotStarted(number)))

    def _forget(self, number: int) -> None:
        worker = self._workers.pop(number)
        self._head_since.pop(number, None)
        self._ready.discard(number)
        for fd in (worker.pipe.fileno(), worker.output_fd, worker.pidfd):
            if fd is not None and fd in self._selector.get_map():
                self._selector.unregister(fd)

    # ---- what workers say

    def _listen(self, number: int) -> None:
        worker = self._workers[number]
        ended = worker.ended
        self._collect_output(worker)
        for message in worker.messages():
            self._hear(worker, message)
        if ended and number in self._workers:
            self._lost(number, timed_out=False)
        elif worker.pidfd is None and worker.hung_up:
            worker.wait(1.0)  # it is about to end

    def _collect_output(self, worker: WorkerProcess) -> None:
        """Keep what a worker prints until the next tick, unless it is much: observers are not called for each line."""
        said = self._unsaid.setdefault(worker.number, [])
        if text := worker.output():
            said.append(text)
        if sum(map(len, said)) > _MOST_UNSAID:
            self._hear_output(worker)
        if worker.silent and worker.output_fd in self._selector.get_map():
            self._selector.unregister(worker.output_fd)  # it would be readable for ever

    def _hear_output(self, worker: WorkerProcess, lines: bool = False) -> None:
        """Pass on what a worker has printed; if `lines`, keep one that has not ended."""
        text = "".join(self._unsaid.pop(worker.number, [])) + worker.output()
        if lines and len(text) < _MOST_UNSAID:
            end = text.rfind("\n") + 1
            text, self._unsaid[worker.number] = text[:end], [text[end:]]
        if text:
            self.emit(events.WorkerOutput(worker.number, text))

    def _hear_warning(self, worker: WorkerProcess, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self.emit(events.WorkerOutput(worker.number, text))

    def _hear(self, worker: WorkerProcess, message: tuple[Any, ...]) -> None:
        now = time.monotonic()
        match message:
            case ("ready", cpu_seconds, peak_bytes, notes):
                self._note(notes)
                worker.peak_bytes = peak_bytes
                self._ready.add(worker.number)
                started = max(now - worker.started_at, cpu_seconds)  # one that was started ahead did its share before
                self.meter.started(started, len(self._ready))
                self.emit(events.WorkerStarted(worker.number, worker.pid, now - worker.started_at))
                self._do(self._scheduler.handle(scheduler.WorkerReady(worker.number)))
            case ("replaying",):
                self._head_since[worker.number] = now  # each step of a long way has the time of a frame
            case ("warned", text):
                self._hear_warning(worker, text)
            case ("drawn", position, times, replay_seconds, resident_bytes, notes, claims):
                self._note(notes)
                self._claims.compare(claims)
                self.meter.drew(now, times, replay_seconds)
                worker.had(resident_bytes)
                self._head_since[worker.number] = now
                self._do(self._scheduler.handle(scheduler.FrameDrawn(worker.number, position)))
            case ("failed", position, index, time_ms, reason, text, retry_with):
                if retry_with is not None:
                    raise RetryWithError(reason, retry_with)
                self._claims.failed(index, reason, self.plan.deadlines.frame)
                if position is not None:
                    raise FrameError(index, time_ms, reason, text)
                raise RenderError(f"a worker could not start: {reason}\n{text.rstrip()}")
            case _:
                raise RenderError(f"a worker said what is not known here, {message!r:.200}; does it use another panim?")

    def _note(self, notes: Sequence[str]) -> None:
        for text in notes:
            if text not in self._told:
                self._told.add(text)
                self.emit(events.Note(text))

    def _lost(self, number: int, timed_out: bool) -> None:
        worker = self._workers[number]
        position = self._scheduler.drawing(number)
        index = self.indices[position] if position is not None else None
        self._hear_output(worker)
        cause = "it hung" if timed_out else worker.likely_cause()
        self.emit(events.WorkerLost(number, worker.exit_code, cause, index))
        commands = self._scheduler.handle(scheduler.WorkerLost(number, timed_out))
        if not any(isinstance(c, scheduler.GiveUp) for c in commands):
            self._forget(number)
            worker.close()
        self._do(commands)

    def _given_up(self, position: int | None, worker: WorkerProcess, timed_out: bool) -> PanimError:
        tail = worker.tail.decode(errors="replace")
        cause = "it hung" if timed_out else worker.likely_cause()
        if position is None:
            more = "allow more with --frame-timeout or Deadlines(start=...)"
            slow = f"workers did not start within {self.plan.deadlines.start:g} s, twice ({more})"
            what = slow if timed_out else "workers die before they draw"
            tail = f"it was here, innermost call first:\n{self._hung_at}" if timed_out and self._hung_at else tail
            return WorkerLostError(f"{what}: {cause}", None, worker.exit_code, cause, tail)
        index = self.indices[position]
        time_ms = frame_time_ms(index, self.plan.fps)
        if timed_out:
            detail = f"\nit was here, innermost call first:\n{self._hung_at}" if self._hung_at else ""
            return FrameTimeoutError(index, time_ms, self.plan.deadlines.frame, detail)
        return WorkerLostError(
            f"frame {index} (at {time_ms:g} ms) ended its worker {scheduler.MAX_DEATHS + 1} times: {cause}",
            index,
            worker.exit_code,
            cause,
            tail,
        )

    # ---- deadlines, tuning, progress

    def _check_deadlines(self, now: float, writer: Writer) -> None:
        deadlines = self.plan.deadlines
        for number in list(self._head_since):
            since = self._head_since[number]  # as it is now: one that was idle may just have got the frame of another
            starting = number not in self._ready
            if not starting and self._scheduler.drawing(number) is None:
                continue
            if now - max(since, self._awake_since) > (deadlines.start if starting else deadlines.frame):
                worker = self._workers[number]
                self._hear_output(worker)
                self._hung_at = worker.whereabouts()
                worker.kill()
                self._lost(number, timed_out=True)
        for since_, seconds, what, name in (
            (writer.busy_since, deadlines.write, "took no data", "write"),
            (writer.finishing_since, deadlines.finish, "did not complete its file", "finish"),
        ):
            if since_ is not None and now - max(since_, self._awake_since) > seconds and writer.error is None:
                evidence = writer.stop()
                raise EncodeError(
                    f"the encoder {self.plan.encoder} {what} for {seconds:g} s and was stopped; is its disk busy? "
                    f"Allow more with Deadlines({name}=...)",
                    evidence.command,
                    evidence.exit_status,
                    evidence.stderr_tail,
                )

    def _look_after_workers(self) -> None:
        """Pass on what they print, and notice the dead where the system tells of none and others keep the pipe open."""
        for number in [n for n, worker in self._workers.items() if worker.pidfd is None and worker.ended]:
            self._listen(number)
        for number in [n for n, said in self._unsaid.items() if said and n in self._workers]:
            self._hear_output(self._workers[number], lines=True)

    def _tune(self, now: float, writer: Writer) -> None:
        s, m = self._scheduler, self.meter
        drawing = [n for n in self._ready if s.drawing(n) is not None]
        decision = self.tuner.observe(
            Sample(
                seconds=now - m.began,
                frames_written=s.written,
                frames_left=len(self.indices) - s.written,
                frames_drawn=m.draws.count,
                draw_seconds=m.draws.total + m.replay_seconds,
                in_progress_seconds=sum(now - self._head_since[n] for n in drawing),
                worker_cpu_seconds=m.cpu_seconds,
                worker_thread_seconds=m.thread_seconds,
                worker_queued_seconds=m.queued_seconds,
                idle_core_seconds=idle_core_seconds(),
                encoder_wait_seconds=writer.wait_seconds,
                encoder_busy_seconds=writer.write_seconds,
                slots=s.slots,
                slots_in_use=s.slots_in_use,
                active=s.count(scheduler.Status.ACTIVE),
                starting=s.count(scheduler.Status.STARTING),
                parked=s.count(scheduler.Status.PARKED),
                start_seconds=m.start_seconds,
                worker_bytes=max((w.peak_bytes for w in self._workers.values()), default=0),
            )
        )
        if decision is None:
            return
        if decision.slots > s.slots and self._slots.grow(s.slots, decision.slots):
            self._do(s.handle(scheduler.SlotsAdded(decision.slots)))
        if decision.workers != s.target:
            self._last_change = f"{decision.workers} in the end: {decision.reason}"
            self.emit(events.WorkersChanged(decision.workers, decision.reason))
            self._do(s.handle(scheduler.TargetChanged(decision.workers)))
        if decision.retire_parked:
            self._do(s.handle(scheduler.ParkedRetired()))

    def _progress(self, now: float, history: list[tuple[float, int]], writer: Writer) -> events.Progress:
        (then, before), written = history[0], self._scheduler.written
        rate = (written - before) / (now - then) if now > then else 0.0
        left = (len(self.indices) - written) / rate if rate > 0 else None
        return events.Progress(
            written, len(self.indices), now - self.meter.began, rate, left, len(self._ready), bottleneck(writer)
        )

    # ---- the end

    def _dismiss(self) -> None:
        for number, worker in list(self._workers.items()):
            started = number in self._ready
            self._forget(number)
            if started:
                worker.tell(None)
                self._retiring.append(worker)
            else:
                worker.close()

    def _say_goodbye(self) -> None:
        """Let workers finish by themselves, for a while."""
        until = time.monotonic() + _GOODBYE_SECONDS
        for worker in self._retiring:
            while not worker.wait(0.05) and time.monotonic() < until:
                self._last_words(worker)  # one that says much would wait for us
            if not worker.ended:
                self._note([f"a worker's finish() took longer than {_GOODBYE_SECONDS:g} s and was stopped"])
            self._last_words(worker)

    def _stop_encoding(self) -> None:
        """Nothing to do where the encoder has ended by itself, and well."""
        if self._writer is not None and not (self._writer.ended and self._writer.error is None):
            self._writer.abort()

    def _close_workers(self) -> None:
        with contextlib.ExitStack() as stack:
            for worker in [*self._workers.values(), *self._retiring]:
                stack.callback(worker.close)
            for worker in [*self._workers.values(), *self._retiring]:
                self._hear_output(worker)

    def _last_words(self, worker: WorkerProcess) -> None:
        self._hear_output(worker)
        for message in worker.messages():
            if message[0] == "warned":
                self._hear_warning(worker, message[1])
            if message[0] == "failed":
                self._note([f"the source's finish() failed: {message[4]}"])

    # ---- what was measured

    def measures(self) -> dict[str, Any]:
        """Figures for the report. Peaks of memory are those of the workers that drew at a time, and of the encoder."""
        peaks = [w.peak_bytes for w in [*self._workers.values(), *self._retiring]]
        return {
            **self.meter.figures(self._writer),
            "retries": self._scheduler.retries,
            "lost_workers": self._scheduler.lost,
            "peak_memory_bytes": sum(peaks) + self._encoder_peak,
            "target_workers": self._scheduler.target,
            "slots": self._scheduler.slots,
            "worker_bytes": max(peaks, default=0),
            "last_change": self._last_change,
            "limited_by": self.tuner.reason,
            "tuned_windows": self.tuner.windows,
        }
