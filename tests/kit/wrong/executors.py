"""A right executor, and wrong ones."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import tempfile
import threading
from typing import Any

import pytest

from panim_core.execution.local import LocalExecutor, render_segment
from panim_core.frames import FrameRange
from panim_core.protocols import EncoderSettings
from panim_core.testing import ExecutorConformance
from wrong.caught import wrong


class RightExecutor(ExecutorConformance):
    """One segment after the other."""

    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            yield render_segment(task, emit)

    @pytest.fixture
    def executor(self) -> Any:
        suite = self

        class Executor(LocalExecutor):
            def run(self, tasks: Any, emit: Any) -> Any:
                return suite.run(tasks, emit)

        return Executor()


@wrong("test_makes_every_segment")
class ExecutorThatLosesSegments(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        yield from RightExecutor.run(tasks[:1] + tasks[2:], emit)


@wrong("test_makes_every_segment")
class ExecutorThatMiscounts(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for result in RightExecutor.run(tasks, emit):
            yield dataclasses.replace(result, frame_count=result.frame_count + 1)


@wrong("test_makes_every_segment")
class ExecutorWithAWrongHash(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for result in RightExecutor.run(tasks, emit):
            yield dataclasses.replace(result, sha256="0" * 64)


@wrong("test_makes_every_segment")
class ExecutorThatMixesSegmentsUp(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for result in RightExecutor.run(tasks, emit):
            yield dataclasses.replace(result, number=(result.number + 1) % len(tasks))


@wrong("test_makes_every_segment")
class ExecutorWithAWrongFirstFrame(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for result in RightExecutor.run(tasks, emit):
            yield dataclasses.replace(result, first_frame_sha256="0" * 64)


@wrong("test_makes_every_segment")
class ExecutorWithSettingsOfItsOwn(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            plan = dataclasses.replace(task.plan, encoder_settings=EncoderSettings())
            yield render_segment(dataclasses.replace(task, plan=plan), emit)


CHILDREN: list[Any] = []


@wrong("test_leaves_nothing_but_its_segments")
class ExecutorThatLeavesProcesses(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            CHILDREN.append(subprocess.Popen(["sleep", "10"]))
            yield render_segment(task, emit)


@wrong("test_leaves_nothing_but_its_segments")
class ExecutorThatLeavesScratchFiles(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            with tempfile.NamedTemporaryFile(delete=False) as file:
                file.write(task.source)
            yield render_segment(task, emit)


@wrong("test_leaves_nothing_but_its_segments")
class ExecutorThatLeavesNotesBesideSegments(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            task.path.with_suffix(".log").write_text("done")
            yield render_segment(task, emit)


@wrong("test_makes_some_frames_only")
class ExecutorThatForgetsTheStep(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            frames = FrameRange(task.frames.start, task.frames.start + len(task.frames))
            yield render_segment(dataclasses.replace(task, frames=frames), emit)


@wrong("test_draws_a_sequential_source_in_order")
class ExecutorThatForgetsSequential(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        for task in tasks:
            plan = dataclasses.replace(task.plan, sequential=False, workers=1, max_workers=1)
            yield render_segment(dataclasses.replace(task, plan=plan), emit)


@wrong("test_tells_events")
class ExecutorThatTellsText(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        emit("starting")
        yield from RightExecutor.run(tasks, emit)


@wrong("test_raises_what_the_users_code_raised")
class ExecutorThatSwallowsErrors(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        with contextlib.suppress(Exception):
            yield from RightExecutor.run(tasks, emit)


@wrong("test_raises_what_the_users_code_raised")
class ExecutorThatRaisesItsOwn(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        try:
            yield from RightExecutor.run(tasks, emit)
        except Exception as error:
            raise RuntimeError("it failed") from error


@wrong("test_tries_again_when_a_process_dies")
class ExecutorInOneProcess(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        for task in tasks:
            process = context.Process(target=_draw_and_hope, args=(task,))
            process.start()
            process.join()
            assert process.exitcode == 0, "it died"
            yield render_segment(task, emit)


def _draw_and_hope(task: Any) -> None:
    from panim_core.execution import source
    from panim_core.frames import frame_time_ms

    clip = source.load(task.source)
    clip.start()
    for index in task.frames:
        clip.generate_at(frame_time_ms(index, task.plan.fps))


@wrong("test_stops_all_work_when_closed")
class ExecutorThatGoesOnWhenClosed(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        results: list[Any] = []

        def work() -> None:
            for result in LocalExecutor().run(tasks, emit):
                results.append(result)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        given = 0
        while thread.is_alive() or given < len(results):
            if given < len(results):
                given += 1
                yield results[given - 1]


@wrong("test_stops_all_work_when_closed")
class ExecutorThatGivesAllAtTheEnd(RightExecutor):
    @staticmethod
    def run(tasks: Any, emit: Any) -> Any:
        return iter(list(RightExecutor.run(tasks, emit)))
