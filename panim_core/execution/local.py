"""The local executor: segments on this machine, as one pipeline over all cores."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

from panim_core.execution.loop import Pipeline
from panim_core.protocols import SegmentResult, SegmentTask


class LocalExecutor:
    """Runs segments on this machine's cores."""

    name = "local"
    distributed = False

    def check_available(self) -> None:
        """It always is."""

    def run(self, tasks: Sequence[SegmentTask], emit: Callable[[Any], None]) -> Generator[SegmentResult, None, None]:
        """See `panim_core.protocols.Executor`. A result's `measures` are those of the run so far."""
        pipeline = Pipeline(tasks, emit)
        with contextlib.closing(pipeline.run()) as results:
            for result in results:
                yield replace(result, measures=pipeline.measures())


def render_segment(task: SegmentTask, emit: Callable[[Any], None] = lambda event: None) -> SegmentResult:
    """Make one segment on this machine, in one piece; what an executor plugin calls where the work shall run.

    Where that machine shares no file system with the one that asks, give the task a path of its own with
    `dataclasses.replace`, and the result the file's content as `data`.
    """
    whole = replace(task, plan=replace(task.plan, segment_seconds=math.inf))
    (result,) = LocalExecutor().run([whole], emit)
    return result
