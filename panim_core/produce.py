"""The one call that ties it together: target -> job -> plan -> segments -> published file."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panim_core.request import (
    as_job,
    as_outfile,
    check_output,
    choose_encoder,
    declared,
    default_fps,
    is_pattern,
    sized,
)

if TYPE_CHECKING:
    from panim_core.autotune import Learned
    from panim_core.events import RenderEvent
    from panim_core.execution.workspace import Workspace
    from panim_core.frames import FrameRange
    from panim_core.job import Deadlines, RenderJob, RenderPlan, RenderSettings
    from panim_core.protocols import Encoder, Executor, FrameGenerator, SegmentResult
    from panim_core.report import RenderReport


def produce(
    source: object,
    outfile: str | os.PathLike[str],
    fps: float | Fraction | str | None = None,
    *,
    size: tuple[int, int] | None = None,
    dpi: float | None = None,
    redraw: str | None = None,
    crf: float | None = None,
    preset: str | None = None,
    bitrate: float | str | None = None,
    quality: str | None = None,
    pixel_format: str | None = None,
    audio: str | os.PathLike[str] | None = None,
    encoder: str | None = None,
    executor: str = "panim:local",
    workers: int | None = None,
    settings: RenderSettings | None = None,
    frames: FrameRange | str | None = None,
    overwrite: bool = False,
    resume: bool | None = None,
    deadlines: Deadlines | None = None,
    on_event: Callable[[RenderEvent], None] | None = None,
) -> RenderReport:
    """Render `source` to a video.

    Args:
        source: a FrameGenerator, an Act, a fluent chain, a function under `panim_core.animation`, or anything
            that an installed renderer adopts, such as a matplotlib animation.
        outfile: the extension chooses the encoder. A name with ``%04d`` before .png, or a folder written with a
            slash at its end, takes numbered files. Missing folders are made.
        fps: frames per second, exactly: an int, a float, a Fraction, or text such as ``"24000/1001"``. By default
            the source's own, else 30.
        size: (width, height) in pixels, if other than the source's; the source is asked first, else frames are
            rescaled.
        dpi: dots per inch, for sources that know them.
        redraw: how a source that can save drawing does so; see `panim_mpl`.
        crf: constant quality, lower is better; the scale is the codec's.
        preset: how hard the codec tries, by its own names.
        bitrate: kilobits per second as a number (at or below 0: unconstrained), or text such as ``"4M"``.
        quality: draft, standard, high or lossless.
        pixel_format: inside the file, by ffmpeg's names.
        audio: a sound file to play along.
        encoder: by name, instead of by extension.
        executor: where work runs, by name.
        workers: how many processes draw; decided by the tuner if None.
        settings: of an earlier report, to start as that render ended.
        frames: only these, as a `FrameRange` or text ``"A:B:STEP"``.
        overwrite: replace an existing output; it stays whole until the new one is.
        resume: render in segments that survive an interruption, and go on with those of an earlier run whose source,
            settings and versions are the same; False starts over; None refuses if there are any.
        deadlines: how long each step may take before it counts as hung.
        on_event: called with each event (`panim_core.events`) in this thread.

    Returns:
        What the render did; its `settings` can be given to the next.

    Raises:
        SettingsError: what was asked cannot be done; nothing was started.
        RenderError, EncodeError: it failed; the output is as it was before.
    """
    options = dict(locals())
    del options["on_event"]

    from panim_core import events
    from panim_core.errors import PanimError
    from panim_core.execution.claims import RetryWithError

    note: list[str] = []
    emit = _observers(on_event, note)
    first: FrameGenerator | None = None
    retried: dict[str, Any] = {}
    tried: list[dict[str, Any]] = []
    while True:
        job = as_job(**{**options, "redraw": redraw})
        first = job.source if first is None else first
        try:
            report = _render(job, emit, note, first, retried)
        except RetryWithError as retry:
            try:
                retry.check_new(tried)
                options["source"] = job.source.configured(**retry.options)
            except PanimError as error:
                emit(events.RenderFailed(error))
                raise error from None
            text = f"started again with {retry.told()}: {retry.reason}"
            note.append(text)
            emit(events.Note(text))
            retried |= retry.options
            options["size"] = options["dpi"] = redraw = None
        except BaseException as error:
            emit(events.RenderFailed(error))
            raise
        else:
            emit(events.RenderFinished(report))
            return report


def still(
    source: object,
    at: float | str,
    outfile: str | os.PathLike[str],
    *,
    fps: float | Fraction | str | None = None,
    size: tuple[int, int] | None = None,
    dpi: float | None = None,
    encoder: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Render one frame of `source` to a picture, in this process.

    Args:
        source: as for `produce`.
        at: milliseconds, or text such as ``"1.5s"``, ``"1500ms"``, ``"90f"``.
        outfile: a name that an encoder takes, such as ``frame.png``.
        fps: what ``f`` counts in; by default the source's own, else 30.

    Raises:
        SettingsError: what was asked cannot be done.
        FrameError: drawing failed.
    """
    import traceback

    from panim_core import drawing, frames
    from panim_core.errors import FrameError, SettingsError
    from panim_core.execution.workspace import Workspace, folder_of
    from panim_core.protocols import EncoderSettings
    from panim_core.targets import adapt

    generator = sized(adapt(source), size, dpi, None)
    rate = frames.exact_fps(fps if fps is not None else default_fps(generator))
    time_ms = frames.parse_time_ms(at, rate) if isinstance(at, str) else float(at)
    duration = declared(generator, "duration")
    frames.frame_count(duration, rate)
    if not 0 <= time_ms < duration:
        raise SettingsError(f"time {at}: the clip shows from 0 to {duration / 1000:g} s (its end excluded)")
    path = as_outfile(outfile)
    chosen = choose_encoder(path, encoder)
    check_output(path, chosen, 1, overwrite)
    _mind_unfinished(None, folder_of(path), lambda text: None)
    index = int(time_ms * rate / 1000 + Fraction(1, 1000))
    width, height = frames.check_size(declared(generator, "frame_size"))
    try:
        generator.start()
        try:
            if generator.sequential:
                for earlier in range(index):
                    generator.advance(frames.frame_time_ms(earlier, rate))
            pixels = drawing.to_array(generator.frame_at(time_ms), (width, height))
        except BaseException:
            with contextlib.suppress(Exception):  # of what has failed already
                generator.finish()
            raise
        generator.finish()
    except (Exception, SystemExit) as error:
        raise FrameError(index, time_ms, f"{type(error).__name__}: {error}", traceback.format_exc()) from error
    with Workspace(path) as workspace:
        part = workspace.path / f"part{path.suffix}"
        form = frames.FrameFormat(width, height)
        with chosen.open(part, form, rate, EncoderSettings()) as session:
            session.write(pixels.data.cast("B"))
            session.finish()
        workspace.publish(part, overwrite)
    return path


# ---- running a job


def _plan(job: RenderJob, learned: Learned | None) -> RenderPlan:
    from dataclasses import replace

    from panim_core.autotune import Machine, choose
    from panim_core.execution.machine import usable_cores, usable_memory_bytes
    from panim_core.execution.spare import waiting
    from panim_core.frames import FrameFormat
    from panim_core.job import RenderPlan

    form = FrameFormat(*job.source.frame_size)
    most = getattr(job.source, "max_workers", None)
    machine = Machine(usable_cores(), usable_memory_bytes())
    choice = choose(machine, form.nbytes, len(job.frames), job.settings, most, learned=learned, ahead=waiting())
    return RenderPlan(
        fps=job.fps,
        frames=job.frames,
        format=form,
        encoder=job.encoder,
        encoder_settings=replace(job.encoder_settings, threads=choice.encoder_threads),
        workers=choice.workers,
        max_workers=choice.max_workers,
        slots=choice.slots,
        sequential=bool(job.source.sequential),
        tune=job.settings.workers is None,
        learned=choice.learned,
        deadlines=job.deadlines,
        reasons=choice.reasons,
        max_slots=choice.max_slots,
    )


def _render(
    job: RenderJob,
    emit: Callable[[RenderEvent], None],
    notes: Sequence[str],
    first: FrameGenerator,
    retried: Mapping[str, Any],
) -> RenderReport:
    """Render and publish.

    Args:
        notes: for the report; it may grow meanwhile.
        first: the source before it asked to be configured in another way.
        retried: and in which.
    """
    from panim_core import events, plugins
    from panim_core.execution import source as travel
    from panim_core.execution.machine import ensure_standard_descriptors, usable_cores
    from panim_core.execution.workspace import Workspace
    from panim_core.tuning_store import TuningStore, kind_of, remember

    ensure_standard_descriptors()
    began = time.monotonic()
    encoder, executor = plugins.find_encoder(job.encoder), plugins.find_executor(job.executor)
    collected: list[str] = []

    def collect(event: RenderEvent) -> None:
        if isinstance(event, events.Note):
            collected.append(event.text)
        emit(event)

    learns = job.settings.workers is None and not getattr(executor, "distributed", True)
    store, kind = TuningStore(lambda text: collect(events.Note(text))), kind_of(job, usable_cores())
    plan = _plan(job, store.get(kind) if learns else None)
    data = travel.dump(job.source)

    def mind(folder: Path) -> None:
        _mind_unfinished(job.resume, folder, lambda text: collect(events.Note(text)))

    segmented = _is_segmented(job, plan, encoder, executor)
    with Workspace(job.outfile, keep=bool(job.resume), check=mind) as workspace:
        check_output(job.outfile, encoder, len(job.frames), job.overwrite)  # another may have ended until the lock
        own_notes = getattr(job.source, "notes", None)
        for text in own_notes() if callable(own_notes) else ():
            collect(events.Note(text))
        if segmented:
            from panim_core.execution import segmented as rendering

            described = rendering.describe(job, plan, first, encoder, retried)
            results, whole = rendering.run(job, plan, data, described, workspace, encoder, executor, collect)
        else:
            results, whole = _render_whole(job, plan, data, workspace, executor, collect)
        if is_pattern(job.outfile) and getattr(encoder, "multiple_files", False):
            nbytes = sum(file.stat().st_size for file in whole.parent.iterdir())
            workspace.publish_files(whole.parent, job.overwrite)
        else:
            nbytes = whole.stat().st_size
            workspace.publish(whole, job.overwrite)
    if learns:
        remember(store, kind, results[-1].measures)
    return _report(job, plan, results, nbytes, time.monotonic() - began, [*notes, *collected])


def _is_segmented(job: RenderJob, plan: RenderPlan, encoder: Encoder, executor: Executor) -> bool:
    if not job.resume and not getattr(executor, "distributed", True):
        return False
    from panim_core.execution.segmented import is_segmented

    return is_segmented(job, plan, encoder)


def _mind_unfinished(resume: bool | None, folder: Path, tell: Callable[[str], None]) -> None:
    """Before a working folder is emptied: a render that says nothing about it must not delete work of hours."""
    from panim_core.errors import SettingsError
    from panim_core.execution.store import finished_frames

    count = finished_frames(folder)
    if count and resume is None:
        raise SettingsError(
            f"an unfinished render of this output is there, with {count} frames finished in {str(folder)!r}; "
            "go on with --resume, or start over with --no-resume"
        )
    if count:
        tell(f"started over: {count} frames that an earlier render had finished are dropped")


def _render_whole(
    job: RenderJob,
    plan: RenderPlan,
    data: bytes,
    workspace: Workspace,
    executor: Executor,
    emit: Callable[[RenderEvent], None],
) -> tuple[list[SegmentResult], Path]:
    """Render everything as one segment."""
    from panim_core import events
    from panim_core.errors import EncodeError
    from panim_core.protocols import SegmentTask

    folder = workspace.path / "work"
    folder.mkdir()
    part = folder / (job.outfile.name if is_pattern(job.outfile) else f"part{job.outfile.suffix}")
    width, height = job.source.frame_size
    emit(events.RenderStarted(len(job.frames), str(job.fps), width, height, plan.workers, str(job.outfile)))
    results = list(executor.run([SegmentTask(0, data, job.frames, part, plan)], emit))
    if len(results) != 1:
        raise EncodeError(f"the executor {executor.name} finished {len(results)} of 1 segments")
    return results, part


def _report(
    job: RenderJob,
    plan: RenderPlan,
    results: Sequence[SegmentResult],
    nbytes: int,
    seconds: float,
    notes: Sequence[str],
) -> RenderReport:
    from dataclasses import replace

    from panim_core.execution.machine import peak_memory_bytes
    from panim_core.report import RenderReport

    facts, measured = results[-1].facts, dict(results[-1].measures)
    count = len(job.frames)
    reasons = [reason for reason in (*plan.reasons, measured.get("last_change")) if reason]
    return RenderReport(
        outfile=job.outfile,
        frame_count=count,
        fps=str(job.fps),
        duration_seconds=float(count / job.fps),
        width=plan.format.width,
        height=plan.format.height,
        encoder=plan.encoder,
        codec=facts.codec,
        pixel_format=facts.pixel_format,
        output_bytes=nbytes,
        wall_seconds=seconds,
        stage_seconds={
            name: float(measured.get(f"{name}_seconds", 0.0))
            for name in ("start", "draw", "replay", "draw_wait", "encode", "finish")
        },
        render_ms_mean=float(measured.get("render_ms_mean", 0.0)),
        render_ms_p95=float(measured.get("render_ms_p95", 0.0)),
        workers=int(measured.get("workers", plan.workers)),
        retries=int(measured.get("retries", 0)),
        lost_workers=int(measured.get("lost_workers", 0)),
        bottleneck=str(measured.get("bottleneck", "balanced")),
        peak_memory_bytes=int(measured.get("peak_memory_bytes", 0)) + peak_memory_bytes(),
        settings=replace(
            plan.settings,
            workers=int(measured.get("target_workers", plan.workers)),
            slots=int(measured.get("slots", plan.slots)),
        ),
        notes=tuple(dict.fromkeys([*notes, *(note for r in results for note in r.facts.notes)])),
        measures={"reasons": reasons, "encoder_cpu_seconds": sum(r.facts.cpu_seconds for r in results)}
        | {k: v for k, v in measured.items() if k in ("worker_cpu_seconds", "limited_by")},
    )


def _observers(on_event: Callable[[RenderEvent], None] | None, notes: list[str]) -> Callable[[RenderEvent], None]:
    """One function that tells every observer; one that raises is reported once, in `notes` too, and muted."""
    import sys

    from panim_core import events, plugins

    listeners: list[tuple[str, Callable[[Any], None]]] = list(plugins.current().observers())

    def emit(event: RenderEvent) -> None:
        for name, listen in list(listeners):
            if (name, listen) not in listeners:
                continue  # it was muted while another was
            try:
                listen(event)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - an observer must not disturb the render
                listeners.remove((name, listen))
                notes.append(f"plugin {name}: its observer raised {type(error).__name__}: {error}; it is muted")
                emit(events.Note(notes[-1]))
        if on_event is not None:
            on_event(event)
        elif isinstance(event, (events.WorkerOutput, events.Note)):
            _print(event.text, sys.stderr)

    return emit


def _print(text: str, stream: Any) -> None:
    """Pass on what workers print; a closed stream is no reason to fail."""
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return
