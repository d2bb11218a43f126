"""Measure a source on purpose: real renders of a sample of its frames, into the real encoder, with other settings."""

from __future__ import annotations

import contextlib
import tempfile
import time
import uuid
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from panim_core import events, plugins
from panim_core.autotune import Choice, Learned, Machine, choose
from panim_core.autotune.before import ON_PURPOSE
from panim_core.autotune.survey import Look, Survey, best, candidates
from panim_core.errors import SettingsError
from panim_core.execution import source as travel
from panim_core.execution.claims import RetryWithError
from panim_core.execution.loop import Pipeline
from panim_core.execution.machine import usable_cores, usable_memory_bytes
from panim_core.execution.workspace import Workspace
from panim_core.frames import FrameFormat, FrameRange
from panim_core.job import RenderJob, RenderPlan, RenderSettings
from panim_core.protocols import SegmentTask
from panim_core.request import as_job, as_outfile, choose_encoder
from panim_core.tuning_store import TuningStore, kind_of

SHORT_FRAMES = 150
"""Clips up to here are rendered as a whole for each measure: their start is a part of what they cost."""
SHORT_ROUNDS = 3
CHUNK_FRAMES = 30
"""A sample takes turns between the beginning, a quarter, the middle and the end, so many frames at a time."""
MOST_FRAMES = 200_000
THREAD_ROUNDS = 2
"""Numbers of encoder threads take turns so often; the best of each counts."""
THREADS_BETTER = 1.05
"""They change what is in the file, if little: that must pay."""

Emit = Callable[[events.RenderEvent], None]


@dataclass(frozen=True)
class TuningReport:
    """What `tune` measured and chose."""

    looks: tuple[Look, ...]
    chosen: Look
    settings: RenderSettings
    reasons: tuple[str, ...]
    whole_clip: bool
    """Whether each measure is of the whole clip, start-up included."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data; as a file it serves as `--settings` of a render."""
        return asdict(self)


class _Enough(Exception):
    """Ends a render that has shown what was wanted."""


def tune(source: object, outfile: str = "out.mp4", *, on_event: Emit | None = None, **options: Any) -> TuningReport:
    """Measure numbers of workers, then of encoder threads; keep the best for the next renders of the same kind.

    Args:
        source: as for `panim_core.produce`.
        outfile: its extension chooses the encoder; nothing is written there.
        on_event: is given what happens, such as what workers print.
        options: of `panim_core.produce`, as far as they say what is rendered and how it is encoded.

    Raises:
        SettingsError: what was asked cannot be done.
        RenderError, EncodeError: rendering failed.
    """
    emit: Emit = on_event or (lambda event: None)
    asked = dict.fromkeys(
        ("fps", "size", "dpi", "redraw", "crf", "preset", "bitrate", "quality", "pixel_format", "encoder"), None
    )
    asked.update(options)
    choose_encoder(as_outfile(outfile), asked["encoder"])  # whose complaints name what was given here
    with Workspace(Path(tempfile.gettempdir(), f"panim-tune-{uuid.uuid4().hex}")) as workspace:
        fixed = {"audio": None, "executor": "panim:local", "settings": None, "frames": None, "deadlines": None}
        job = as_job(
            source=source,
            outfile=workspace.path / Path(outfile).name,
            workers=None,
            overwrite=False,
            resume=None,
            **fixed,
            **asked,
        )
        job = replace(job, settings=RenderSettings())
        tried: list[dict[str, Any]] = []
        while True:
            try:
                return _measure(job, emit)
            except RetryWithError as retry:
                retry.check_new(tried)
                emit(events.Note(f"measured again: {retry.reason}"))
                job = replace(job, source=job.source.configured(**retry.options))


def _measure(job: RenderJob, emit: Emit) -> TuningReport:
    machine = Machine(usable_cores(), usable_memory_bytes())
    bench = _Bench(job, machine, emit)
    whole = len(job.frames) <= SHORT_FRAMES
    look = bench.whole_clip if whole else bench.sample
    looks = look(candidates(machine.cores, bench.most_workers), None)
    if not looks:  # a sequential clip ends before anything is seen
        whole, look = True, bench.whole_clip
        looks = look(candidates(machine.cores, bench.most_workers), None)
    chosen = best(looks)
    reasons = [_workers_reason(looks, chosen, machine)]
    try:
        threaded = [x for _ in range(THREAD_ROUNDS) for n in _threads(machine.cores) for x in look([chosen.workers], n)]
    except SettingsError as error:
        reasons.append(f"encoder threads are left to the encoder: {error}")
    else:
        by_threads = {x.encoder_threads: x for x in sorted(threaded, key=lambda x: x.frames_per_second)}
        usual = by_threads.setdefault(None, chosen)  # a clip may end before anything is seen
        faster = max(by_threads.values(), key=lambda x: x.frames_per_second)
        looks += [x for x in by_threads.values() if x.encoder_threads is not None]
        if faster.frames_per_second > THREADS_BETTER * usual.frames_per_second and faster.encoder_threads:
            gain = faster.frames_per_second / usual.frames_per_second - 1
            name = f"{faster.encoder_threads} encoder thread{'s' if faster.encoder_threads > 1 else ''}"
            reasons.append(f"{name}: {gain:.0%} faster than with as many as the encoder takes by itself")
            chosen = faster
    bench.keep(chosen, reasons[0])
    settings = RenderSettings(chosen.workers, None, chosen.encoder_threads)
    return TuningReport(tuple(looks), chosen, settings, tuple(reasons), whole)


def _threads(cores: int) -> list[int | None]:
    return [None, *sorted({1, 2, cores})]


def _workers_reason(looks: Sequence[Look], chosen: Look, machine: Machine) -> str:
    name = f"{chosen.workers} worker{'s' if chosen.workers != 1 else ''}"
    more = [look for look in looks if look.workers > chosen.workers]
    if chosen.hungry < 0.1:
        return f"{name}: the encoder is fed, so more cannot help"
    if not more:
        return f"{name}: as many as could be tried"
    if chosen.workers == machine.cores:
        return f"{name}: all cores draw, and more are no faster"
    return f"{name}: more are no faster"


class _Bench:
    """Renders parts of a job, or all of it, with given settings."""

    def __init__(self, job: RenderJob, machine: Machine, emit: Emit) -> None:
        self.job, self.machine = job, machine
        self._data = travel.dump(job.source)
        self._encoder = plugins.find_encoder(job.encoder)
        self._form = FrameFormat(*job.source.frame_size)
        self._emit = emit
        self._learned = Learned()
        self.most_workers = self._choose(None).max_workers
        self._number = 0

    def _choose(self, workers: int | None) -> Choice:
        asked, allowed = RenderSettings(workers=workers), getattr(self.job.source, "max_workers", None)
        return choose(self.machine, self._form.nbytes, MOST_FRAMES, asked, allowed)

    def _plan(self, workers: int, threads: int | None, count: int) -> RenderPlan:
        chosen, most = self._choose(workers), self._choose(None)
        return RenderPlan(
            fps=self.job.fps,
            frames=FrameRange(0, count),
            format=self._form,
            encoder=self.job.encoder,
            encoder_settings=replace(self.job.encoder_settings, threads=threads),
            workers=chosen.workers,
            max_workers=most.max_workers,
            slots=min(chosen.slots, count),
            sequential=bool(self.job.source.sequential),
            tune=True,
            deadlines=self.job.deadlines,
            max_slots=max(most.max_slots, chosen.slots),
        )

    def _pipeline(self, plan: RenderPlan, survey: Survey, indices: Sequence[int] | None) -> Pipeline:
        self._number += 1
        path = self.job.outfile.parent / str(self._number) / self.job.outfile.name
        path.parent.mkdir(exist_ok=True)

        def emit(event: events.RenderEvent) -> None:
            if isinstance(event, events.Progress):
                if survey.done:
                    raise _Enough
            elif not isinstance(event, (events.WorkersChanged, events.WorkerStarted)):
                self._emit(event)

        pipeline = Pipeline([SegmentTask(0, self._data, plan.frames, path, plan)], emit, self._encoder)
        pipeline.tuner = survey  # type: ignore[assignment]
        if indices is not None:
            pipeline.indices = array(pipeline.indices.typecode, indices)
        return pipeline

    def sample(self, workers: Sequence[int], threads: int | None) -> list[Look]:
        """Frames per second with each number of workers, once all is running."""
        indices = None if self.job.source.sequential else list(_sample(len(self.job.frames)))
        count = len(self.job.frames) if indices is None else MOST_FRAMES
        looks: list[Look] = []
        left = list(workers)
        while left:
            plan = self._plan(left[0], threads, count)
            plan = replace(plan, max_workers=self.most_workers if len(workers) > 1 else plan.workers)
            survey = Survey(plan, self.machine, left)
            pipeline = self._pipeline(plan, survey, indices)
            with contextlib.suppress(_Enough):
                list(pipeline.run())
            looks += [replace(look, encoder_threads=threads) for look in survey.looks]
            self._learned = replace(
                self._learned,
                draw_seconds=survey.draw_seconds or self._learned.draw_seconds,
                start_seconds=survey.start_seconds or self._learned.start_seconds,
                worker_bytes=survey.worker_bytes or self._learned.worker_bytes,
            )
            seen = {look.workers for look in survey.looks}
            left = [] if survey.done or not seen else [n for n in left if n not in seen]
        return looks

    def whole_clip(self, workers: Sequence[int], threads: int | None) -> list[Look]:
        """Frames per second of the whole clip, start-up and all, with each number of workers."""
        count = len(self.job.frames)
        looks = []
        for number in [n for n in workers if n <= count]:
            seconds, measured = [], {}
            for _ in range(SHORT_ROUNDS):
                plan = replace(self._plan(number, threads, count), tune=False)
                pipeline = self._pipeline(plan, Survey(plan, self.machine, [number]), None)
                began = time.perf_counter()
                list(pipeline.run())
                seconds.append(time.perf_counter() - began)
                measured = pipeline.measures()
            waited = measured["draw_wait_seconds"] / min(seconds)
            looks.append(Look(number, count / min(seconds), min(1.0, waited), encoder_threads=threads))
            self._learned = replace(
                self._learned,
                draw_seconds=measured["draw_alone_seconds"],
                start_seconds=measured["worker_start_seconds"],
                worker_bytes=measured["worker_bytes"],
            )
        return looks

    def keep(self, chosen: Look, reason: str) -> None:
        """For the next renders."""
        learned = replace(
            self._learned, workers=chosen.workers, encoder_threads=chosen.encoder_threads, reason=ON_PURPOSE
        )
        kind = kind_of(self.job, self.machine.cores)
        TuningStore(lambda text: self._emit(events.Note(text))).put(kind, learned)


def _sample(count: int) -> Iterator[int]:
    """Positions in a clip, in turns from four places, for as long as anyone could want."""
    chunk = min(CHUNK_FRAMES, count // 4)
    starts = [0, count // 4, count // 2, count - chunk]
    given = turn = 0
    while given < MOST_FRAMES:
        start = (
            starts[turn % 4] if turn % 4 == 3 else starts[turn % 4] + (turn // 4 * chunk) % max(1, count // 4 - chunk)
        )
        yield from range(start, start + chunk)
        given += chunk
        turn += 1
