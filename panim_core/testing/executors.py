"""What every executor must do."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from panim_core import plugins
from panim_core.errors import FrameError, PluginUnavailableError, SettingsError
from panim_core.events import RenderEvent
from panim_core.execution import source as travel
from panim_core.frames import FrameFormat, FrameRange, frame_time_ms
from panim_core.job import RenderPlan
from panim_core.protocols import Encoder, EncoderSettings, Executor, FrameGenerator, SegmentResult, SegmentTask
from panim_core.testing.clips import DyingClip, FailingClip, MovingClip, SequentialClip, SlowClip
from panim_core.testing.drawn import draw
from panim_core.testing.held import Held, skip_unless_available

_FPS = Fraction(25)
_STOPS_SECONDS = 1.0


@dataclass(frozen=True)
class _Work:
    source: FrameGenerator
    tasks: Sequence[SegmentTask]


class ExecutorConformance:
    """An executor makes segments, each a file with the frames that its task says, yields them as they are finished,
    and stops when its iterator is closed.

    Subclass it and give:

    - `name`: the name under which it is registered; or override the fixture `executor`.
    - `encoder`: the name of one that writes the same file for the same frames, available wherever work runs; by
      default, of those that are registered, the first that writes one file and joins.
    """

    name: str
    encoder: str | None = None

    @pytest.fixture
    def executor(self) -> Executor:
        """What is tested; where it is unavailable, nothing is."""
        executor = plugins.find_executor(self.name)
        skip_unless_available(executor)
        return executor

    def test_is_an_executor(self, executor: Executor) -> None:
        assert isinstance(executor, Executor)
        assert isinstance(executor.name, str)
        assert executor.name.strip() == executor.name != ""

    def test_makes_every_segment(self, executor: Executor, tmp_path: Path) -> None:
        work = self._work(MovingClip(), tmp_path, FrameRange(0, 4), FrameRange(4, 9), FrameRange(9, 10))
        results = list(executor.run(work.tasks, _ignore))
        self._check(work, results)
        for result in results:
            content = _content(result)
            assert result.nbytes == len(content), f"nbytes is {result.nbytes}; the file has {len(content)}"
            assert result.sha256 == hashlib.sha256(content).hexdigest(), "sha256 is not that of the file"
            assert result.facts.frame_count == result.frame_count

    def test_leaves_nothing_but_its_segments(
        self, executor: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither a process nor a file for each task; what one run leaves for the next is not looked at."""
        ranges = FrameRange(0, 4), FrameRange(4, 8)
        first, second = (_folder(tmp_path, name) for name in ("first", "second"))
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # a short name: sockets may lie in it
            monkeypatch.setenv("TMPDIR", name)
            monkeypatch.setattr(tempfile, "tempdir", None)
            list(executor.run(self._work(MovingClip(), first, *ranges).tasks, _ignore))
            held, before = Held(), {*Path(name).rglob("*")}
            work = self._work(MovingClip(), second, *ranges)
            results = list(executor.run(work.tasks, _ignore))
            held.check_given_back()
            left = {*Path(name).rglob("*"), *(path for path in second.rglob("*") if path.is_file())}
        left -= before | {task.path for task in work.tasks} | {result.path for result in results}
        assert not left, f"left behind: {', '.join(sorted(map(str, left)))}"

    def test_makes_some_frames_only(self, executor: Executor, tmp_path: Path) -> None:
        """Others are finished from an earlier run, or were not asked for."""
        work = self._work(MovingClip(), tmp_path, FrameRange(1, 6, 2), FrameRange(7, 10, 2))
        self._check(work, list(executor.run(work.tasks, _ignore)))

    def test_draws_a_sequential_source_in_order(self, executor: Executor, tmp_path: Path) -> None:
        work = self._work(SequentialClip(), tmp_path, FrameRange(3, 6), FrameRange(6, 10))
        self._check(work, list(executor.run(work.tasks, _ignore)))

    def test_makes_a_segment_again_alike(self, executor: Executor, tmp_path: Path) -> None:
        for name in ("first", "second"):
            work = self._work(MovingClip(), _folder(tmp_path, name), FrameRange(2, 8))
            self._check(work, list(executor.run(work.tasks, _ignore)))

    def test_tells_events(self, executor: Executor, tmp_path: Path) -> None:
        told: list[Any] = []
        work = self._work(MovingClip(), tmp_path, FrameRange(0, 5), FrameRange(5, 10))
        list(executor.run(work.tasks, told.append))
        assert [event for event in told if not isinstance(event, RenderEvent)] == []

    def test_raises_what_the_users_code_raised(self, executor: Executor, tmp_path: Path) -> None:
        work = self._work(FailingClip(frame_time_ms(6, _FPS)), tmp_path, FrameRange(0, 5), FrameRange(5, 7))
        with pytest.raises(FrameError, match="failing on purpose") as raised:
            list(executor.run(work.tasks, _ignore))
        assert raised.value.frame_index == 6
        assert raised.value.time_ms == 240

    def test_tries_again_when_a_process_dies(self, executor: Executor, tmp_path: Path) -> None:
        clip = DyingClip(frame_time_ms(6, _FPS), str(tmp_path / "died"))
        work = self._work(clip, tmp_path, FrameRange(0, 5), FrameRange(5, 10))
        self._check(work, list(executor.run(work.tasks, _ignore)))

    def test_stops_all_work_when_closed(self, executor: Executor, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.touch()
        ranges = FrameRange(0, 2), *(FrameRange(2 + 60 * n, 62 + 60 * n) for n in range(4))
        count = ranges[-1].stop
        work = self._work(SlowClip(frame_time_ms(count, _FPS), str(log)), tmp_path, *ranges)
        with contextlib.ExitStack() as stack:
            results: Any = iter(executor.run(work.tasks, _ignore))
            if hasattr(results, "close"):
                stack.callback(results.close)
            next(results)
        del results
        time.sleep(_STOPS_SECONDS)
        drawn = log.stat().st_size
        assert drawn < count, "it was to yield the first segment as soon as it was finished, and to stop when closed"
        time.sleep(_STOPS_SECONDS)
        assert log.stat().st_size == drawn, "frames are still drawn after the iterator was closed"

    def _work(self, source: FrameGenerator, folder: Path, *ranges: FrameRange) -> _Work:
        encoder = self._encoder()
        extension = next(iter(encoder.extensions))
        plan = RenderPlan(
            fps=_FPS,
            frames=FrameRange(0, ranges[-1].stop),
            format=FrameFormat(*source.frame_size),
            encoder=encoder.name,
            encoder_settings=_settings(encoder, folder / f"tried{extension}"),
            workers=2,
            max_workers=2,
            slots=4,
            sequential=source.sequential,
            tune=False,
        )
        data = travel.dump(source)
        tasks = []
        for number, frames in enumerate(ranges):
            path = folder / f"segment-{number}" / f"part{extension}"
            path.parent.mkdir()
            tasks.append(SegmentTask(number, data, frames, path, plan))
        return _Work(source, tasks)

    def _encoder(self) -> Encoder:
        if self.encoder is not None:
            return plugins.find_encoder(self.encoder)
        for encoder in plugins.current().all("encoders"):
            if not encoder.extensions or getattr(encoder, "multiple_files", False):
                continue
            with contextlib.suppress(PluginUnavailableError):
                encoder.check_available()
                if getattr(encoder, "joinable", True):
                    found: Encoder = encoder
                    return found
        pytest.skip("no encoder is available that writes one file and joins; name one")

    def _check(self, work: _Work, results: Sequence[SegmentResult]) -> None:
        """All frames are there, once, and are those that this process draws."""
        came = [index for result in results for index in _frames(work, result)]
        assert sorted(came) == sorted(i for task in work.tasks for i in task.frames), "not every frame came once"
        for result in results:
            frames = _frames(work, result)
            assert result.frame_count == len(frames), f"segment {result.number} tells {result.frame_count} frames"
            drawn = _drawn(work, frames)
            if result.first_frame_sha256:
                first = hashlib.sha256(drawn[0]).hexdigest()
                assert result.first_frame_sha256 == first, "first_frame_sha256 is not that of the first frame's pixels"
            expected = self._encoded(work, drawn)
            if expected != self._encoded(work, drawn):
                pytest.skip("the encoder writes another file every time; name one that does not")
            told = f"segment {result.number} is not {frames}, encoded with the settings of its task's plan"
            assert _content(result) == expected, told

    def _encoded(self, work: _Work, drawn: Sequence[bytes]) -> bytes:
        """The file of these frames, made here."""
        first = work.tasks[0]
        path = first.path.with_name(f"expected{first.path.suffix}")
        plan: RenderPlan = first.plan
        with self._encoder().open(path, plan.format, plan.fps, plan.encoder_settings) as session:
            for frame in drawn:
                session.write(memoryview(frame))
            session.finish()
        content = path.read_bytes()
        os.remove(path)
        return content


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _settings(encoder: Encoder, trial: Path) -> EncoderSettings:
    """Others than an encoder has by itself, if it takes them, so that whoever loses them writes another file."""
    draft = EncoderSettings(threads=1, quality="draft")
    try:
        with encoder.open(trial, FrameFormat(*MovingClip().frame_size), _FPS, draft):
            pass
    except SettingsError:
        return EncoderSettings(threads=1)
    trial.unlink(missing_ok=True)
    return draft


def _drawn(work: _Work, frames: FrameRange) -> list[bytes]:
    """The pixels of these frames, drawn here."""
    times = [frame_time_ms(index, _FPS) for index in range(frames.stop)]
    share = range(frames.start, frames.stop, frames.step)
    return [frame.tobytes() for frame in draw(travel.load(work.tasks[0].source), times, share).values()]


def _frames(work: _Work, result: SegmentResult) -> FrameRange:
    asked = work.tasks[result.number].frames
    frames = result.frames or asked
    assert {*frames} <= {*asked}, f"segment {result.number} has {frames}, which is not of its task, {asked}"
    return frames


def _content(result: SegmentResult) -> bytes:
    return result.path.read_bytes() if result.data is None else result.data


def _ignore(event: object) -> None:
    del event
