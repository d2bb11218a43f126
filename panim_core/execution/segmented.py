"""A render in segments: what is finished already is kept, the rest is made by an executor, and all is joined."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from panim_core import events, segments
from panim_core.errors import EncodeError, SettingsError
from panim_core.execution import journal
from panim_core.execution.claims import RetryWithError
from panim_core.execution.fingerprint import fingerprint, installed_versions
from panim_core.execution.probe import first_frames
from panim_core.execution.store import SegmentStore, as_result
from panim_core.execution.workspace import Workspace
from panim_core.frames import FrameRange
from panim_core.job import RenderJob, RenderPlan
from panim_core.protocols import Encoder, Executor, FrameGenerator, SegmentResult, SegmentTask
from panim_core.version import __version__

ROUNDS = 3
"""How often a segment is asked for, at most, that an executor does not give, or gives damaged."""


def is_segmented(job: RenderJob, plan: RenderPlan, encoder: Encoder) -> bool:
    """Whether a job that is to be resumed, or distributed, can be rendered in segments.

    Raises:
        SettingsError: it must be, and cannot.
    """
    if not getattr(encoder, "joinable", True):
        if job.resume:
            raise SettingsError(
                f"--resume: what encoder {encoder.name} writes cannot be joined; "
                "render without it, or to another format"
            )
        return False
    if job.encoder_settings.audio is not None:
        if "audio" not in inspect.signature(encoder.concat).parameters:
            raise SettingsError(
                f"encoder {encoder.name} cannot add sound to a render in segments; render without --resume or --audio"
            )
        if callable(check := getattr(encoder, "plan", None)):  # no session will see it before the end
            check(job.outfile, plan.format, plan.fps, job.encoder_settings)
    return True


def describe(
    job: RenderJob, plan: RenderPlan, source: FrameGenerator, encoder: Encoder, retried: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything on which the content of segments depends, as JSON values; little, if they are for this run only.

    Args:
        source: as the user gave it.
        retried: options with which it was configured since, as it asked for.
    """
    frames = f"{job.frames.start}:{job.frames.stop}:{job.frames.step}"
    if not job.resume:
        return {"frames": frames}
    digest, files = fingerprint(source)
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    told = getattr(encoder, "describe", None)
    asked = dataclasses.asdict(dataclasses.replace(job.encoder_settings, audio=None))
    described = {
        "panim": __version__,
        "python": f"{interpreter} on {sys.platform} {platform.machine()}",
        "the source": digest,
        "file": files,
        "package": installed_versions(),
        "encoder": f"{encoder.name} {told() if callable(told) else ''}".strip(),
        "setting": {name: value for name, value in asked.items() if value is not None},
        "output": job.outfile.suffix,
        "fps": str(job.fps),
        "frames": frames,
        "size": f"{plan.format.width}x{plan.format.height} {plan.format.pixel_format.value}",
        "retried": dict(retried),
    }
    plain: dict[str, Any] = json.loads(json.dumps(described, default=repr))
    return plain


def run(
    job: RenderJob,
    plan: RenderPlan,
    source: bytes,
    described: Mapping[str, Any],
    workspace: Workspace,
    encoder: Encoder,
    executor: Executor,
    emit: Callable[[events.RenderEvent], None],
) -> tuple[list[SegmentResult], Path]:
    """Render what is missing and join everything; return the segments and what is to be published.

    Raises:
        RetryWithError: an earlier run found out that the source must be configured in another way.
        EncodeError: the executor does not give all segments, or they cannot be joined.
    """
    settings = dataclasses.replace(plan.encoder_settings, audio=None)
    plan = dataclasses.replace(plan, encoder_settings=settings, segment_seconds=segments.WORK_SECONDS)
    name = job.outfile.name if getattr(encoder, "multiple_files", False) else f"part{job.outfile.suffix}"
    if job.resume:
        _retry_as_before(workspace.path, described)

    def draw_again(indices: Sequence[int]) -> Sequence[str]:
        chosen = indices[:1] if plan.sequential else indices
        folder = Path(tempfile.mkdtemp(prefix="work-", dir=workspace.path))
        return first_frames(source, plan, chosen, folder)

    store: SegmentStore | None = None
    try:
        with _told(workspace.path):
            store = SegmentStore.open(
                workspace.path,
                name,
                job.frames,
                described,
                tell=lambda text: emit(events.Note(text)),
                first_frames=draw_again,
            )
        before = list(store.finished.values())
        left = sum(map(len, store.missing()))
        width, height = plan.format.width, plan.format.height
        emit(events.RenderStarted(left, str(job.fps), width, height, plan.workers, str(job.outfile)))
        results = _make(plan, source, store, encoder, executor, emit)
        return [*(as_result(-1, entry) for entry in before), *results], _join(job, store, encoder)
    except BaseException:
        if store is not None:
            if workspace.keep and store.finished:
                count = sum(map(len, store.finished))
                emit(events.Note(f"{count} of {len(job.frames)} frames are finished and kept; go on with --resume"))
            shutil.rmtree(store.work, ignore_errors=True)
        raise
    finally:
        if store is not None:  # else what is there could not be looked at, and stays
            workspace.keep = workspace.keep and bool(store.finished)
            store.close()


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EncodeError(f"segments cannot be kept in {str(folder)!r}: {error.strerror or error}") from error


def _retry_as_before(folder: Path, described: Mapping[str, Any]) -> None:
    try:
        found = journal.parse((folder / journal.NAME).read_bytes()).render
    except FileNotFoundError:
        return
    if found is None or not found.get("retried") or described["retried"]:
        return
    if found == {**described, "retried": found["retried"]}:
        raise RetryWithError("the render to be resumed was, too", found["retried"])


def _make(
    plan: RenderPlan,
    source: bytes,
    store: SegmentStore,
    encoder: Encoder,
    executor: Executor,
    emit: Callable[[events.RenderEvent], None],
) -> list[SegmentResult]:
    """Have the executor make what is missing, a few times if need be."""
    length = segments.segment_length(plan.fps, getattr(encoder, "keyframe_interval", 1))
    made: list[SegmentResult] = []
    for round_ in range(ROUNDS):
        ranges = [piece for gap in store.missing() for piece in segments.cut(gap, length)]
        if not ranges:
            break
        if round_:
            emit(events.Note(f"frames {segments.spans(ranges)} did not come and are rendered again"))
        tasks = [_task(number, source, frames, store, plan, round_) for number, frames in enumerate(ranges)]
        results = executor.run(tasks, emit)
        with contextlib.ExitStack() as stack:
            if hasattr(results, "close"):
                stack.callback(results.close)
            for result in results:
                with _told(store.work):
                    refused = store.adopt(tasks, result)
                if refused is not None:
                    emit(events.Note(f"the executor {executor.name} gave {refused}"))
                else:
                    made.append(result)
    if left := store.missing():
        raise EncodeError(
            f"the executor {executor.name} did not give frames {segments.spans(left)}, asked {ROUNDS} times"
        )
    return made


def _task(
    number: int, source: bytes, frames: FrameRange, store: SegmentStore, plan: RenderPlan, round_: int
) -> SegmentTask:
    folder = store.work / f"{frames.start:08d}-{frames.stop - 1:08d}-{round_}"
    folder.mkdir(exist_ok=True)
    return SegmentTask(number, source, frames, folder / store.name, plan)


def _join(job: RenderJob, store: SegmentStore, encoder: Encoder) -> Path:
    """The whole output, in the working folder; for numbered files the name that stands for them."""
    whole = store.work / "whole" / store.name
    files, audio = store.files(), job.encoder_settings.audio
    with _told(store.work):
        whole.parent.mkdir()
        if audio is None and len(files) == 1 and files[0].is_file():
            _link(files[0], whole)
            return whole
    if audio is None:
        encoder.concat(files, whole)
    else:
        encoder.concat(files, whole, audio=audio)
    return whole


def _link(file: Path, target: Path) -> None:
    """Not a move: until the output is published, the segment stays."""
    try:
        os.link(file, target)
    except OSError:  # a file system without links
        shutil.copyfile(file, target)
