"""Measuring on purpose: the survey on a simulated machine, and `tune` with real renders."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from simulation import Costs, Model, Render, start_choice

from panim_core import FrameGenerator, events, produce, tuning
from panim_core.autotune import Machine, survey
from panim_core.autotune.survey import Look, Survey, best, candidates
from panim_core.cli_tune import _table
from panim_core.errors import FrameError, RenderError, SettingsError
from panim_core.job import RenderSettings
from panim_core.tuning import TuningReport, _sample, tune
from panim_core.tuning_plot import TuningPlot


def surveyed(model: Model, numbers: list[int], most: int | None = None) -> list[Look]:
    """What a survey of a simulated machine sees."""
    render = Render(model, 10**9, start_choice(model, workers=numbers[0]), tuned=True)
    plan = render.plan
    plan.max_slots, plan.max_workers = 4096, 8 * model.cores if most is None else most
    found = Survey(plan, Machine(model.cores, None), numbers)
    render.tuner = found
    render.run(lambda: found.done)
    return found.looks


class TestSurvey:
    def test_each_number_is_seen_as_fast_as_it_is(self) -> None:
        model = Model(cores=4, costs=Costs(0.05, 0, 0.005))
        looks = surveyed(model, [1, 2, 3, 4])
        assert [look.workers for look in looks] == [1, 2, 3, 4]
        for look in looks:
            assert look.frames_per_second == pytest.approx(model.limit(model.costs, look.workers), rel=0.06)
        assert looks[0].hungry > 0.5

    def test_it_stops_when_the_encoder_is_fed(self) -> None:
        looks = surveyed(Model(cores=16, costs=Costs(0.01, 0, 0.08), encoder_threads=2), candidates(16, 128))
        assert len(looks) <= 3
        assert best(looks).workers == 1

    def test_it_goes_past_the_cores_while_drawing_waits(self) -> None:
        looks = surveyed(Model(cores=2, costs=Costs(0.001, 0.05, 0.004)), candidates(2, 16))
        assert looks[-1].workers >= 8
        assert best(looks).workers >= 6

    @pytest.mark.parametrize("most", [1, 3, 12])
    def test_it_never_tries_more_than_are_allowed(self, most: int) -> None:
        """Not even where drawing waits, and not where one number alone was to be seen."""
        looks = surveyed(Model(cores=2, costs=Costs(0.001, 0.05, 0.004)), candidates(2, most), most)
        assert looks[-1].workers == most

    def test_fewer_workers_win_a_draw(self) -> None:
        looks = [Look(1, 10.0), Look(2, 19.8), Look(3, 20.0), Look(4, 19.9)]
        assert best(looks).workers == 2


@pytest.mark.parametrize(
    ("cores", "most", "numbers"),
    [
        (1, 8, [1, 2]),
        (2, 16, [1, 2, 3]),
        (2, 1, [1]),
        (8, 64, [1, 2, 3, 4, 8, 12]),
        (6, 48, [1, 2, 3, 4, 6, 9]),
        (64, 512, [1, 2, 3, 4, 8, 16, 32, 64, 96]),
    ],
)
def test_numbers_of_workers_worth_a_look(cores: int, most: int, numbers: list[int]) -> None:
    assert candidates(cores, most) == numbers


@pytest.mark.parametrize("count", [4, 151, 1000, 100_000])
def test_a_sample_is_of_the_whole_clip(count: int) -> None:
    sample = list(_sample(count))
    assert len(sample) >= tuning.MOST_FRAMES
    assert min(sample) == 0
    assert max(sample) == count - 1
    quarters = np.bincount([4 * index // count for index in sample], minlength=4)
    assert min(quarters) > 0.2 * len(sample)


class Clip(FrameGenerator):
    duration = 0.0
    frame_size = (64, 36)
    fps = 30

    def __init__(self, frames: int, sequential: bool = False) -> None:
        self.duration, self.sequential = frames * 1000 / 30, sequential

    def generate_at(self, time_ms: float) -> Any:
        return np.full((36, 64, 3), int(time_ms) % 256, np.uint8)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Measures that are good for nothing but tests."""
    monkeypatch.setattr(survey, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(tuning, "SHORT_ROUNDS", 1)
    monkeypatch.setattr(tuning, "THREAD_ROUNDS", 1)
    monkeypatch.setattr(tuning, "usable_cores", lambda: 2)
    monkeypatch.setenv("PANIM_CACHE_DIR", str(tmp_path / "cache"))


def kept(folder: Path) -> dict[str, Any]:
    """The only kind in the store."""
    (entry,) = json.loads((folder / "cache" / "tuning.json").read_text())["kinds"].values()
    return dict(entry)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("frames", "whole"), [(12, True), (4000, False)])
@pytest.mark.parametrize("sequential", [False, True])
def test_tune_measures_chooses_and_keeps(tmp_path: Path, frames: int, whole: bool, sequential: bool) -> None:
    report = tune(Clip(frames, sequential))
    assert report.whole_clip is whole
    assert report.chosen in report.looks
    assert {look.encoder_threads for look in report.looks} >= {None, 1, 2}
    assert report.settings == RenderSettings(report.chosen.workers, None, report.chosen.encoder_threads)
    assert RenderSettings.from_json(json.dumps(report.to_dict())) == report.settings
    assert report.reasons
    entry = kept(tmp_path)
    assert (entry["workers"], entry["encoder_threads"]) == (report.chosen.workers, report.chosen.encoder_threads)
    assert entry["draw_seconds"] > 0
    assert entry["start_seconds"] > 0
    assert entry["worker_bytes"] > 1_000_000


@pytest.mark.usefixtures("hasty")
def test_numbers_of_encoder_threads_are_compared_with_the_same_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeps(Clip):
        def generate_at(self, time_ms: float) -> Any:
            time.sleep(0.01)
            return super().generate_at(time_ms)

    report = tune(Sleeps(4000))
    assert {look.workers for look in report.looks if look.encoder_threads} == {report.looks[-1].workers}
    assert report.chosen.workers <= 8 * 2


@pytest.mark.usefixtures("hasty")
def test_a_sequential_clip_that_ends_too_soon_is_measured_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "LOOK_SECONDS", 60.0)
    assert tune(Clip(tuning.SHORT_FRAMES + 1, sequential=True)).whole_clip


@pytest.mark.usefixtures("hasty")
def test_an_encoder_without_threads_is_left_alone() -> None:
    report = tune(Clip(8), "out.gif")
    assert {look.encoder_threads for look in report.looks} >= {None}
    assert report.chosen in report.looks


@pytest.mark.usefixtures("hasty")
def test_what_fails_is_told_as_in_a_render(tmp_path: Path) -> None:
    class Broken(Clip):
        def generate_at(self, time_ms: float) -> Any:
            raise ValueError("no")

    with pytest.raises(FrameError, match="ValueError: no"):
        tune(Broken(10))
    with pytest.raises(SettingsError, match="crf"):
        tune(Clip(10), crf=99)
    assert not (tmp_path / "cache" / "tuning.json").exists()


@pytest.mark.usefixtures("hasty")
def test_a_source_that_asks_to_be_configured_is_measured_as_it_asks() -> None:
    class Asks(Clip):
        patient = False

        def configured(self, **options: Any) -> FrameGenerator:
            self.patient = options["patient"]
            return self

        def generate_at(self, time_ms: float) -> Any:
            if not self.patient:
                error = RuntimeError("too fast")
                error.retry_with = {"patient": True}
                raise error
            return super().generate_at(time_ms)

    told: list[events.RenderEvent] = []
    assert tune(Asks(10), on_event=told.append).looks
    assert any("too fast" in event.text for event in told if isinstance(event, events.Note))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("do", [tune, lambda clip: produce(clip, "never.mp4")])
def test_a_source_that_asks_for_the_same_again_is_refused(
    do: Callable[[FrameGenerator], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asks(Clip):
        def configured(self, **options: Any) -> FrameGenerator:
            return self

        def generate_at(self, time_ms: float) -> Any:
            error = RuntimeError("too fast")
            error.retry_with = {"patient": True}  # type: ignore[attr-defined]
            raise error

    monkeypatch.chdir(tmp_path)
    with pytest.raises(RenderError, match=r"started again with patient=True, and still: .*too fast"):
        do(Asks(10))
    assert not (tmp_path / "never.mp4").exists()


def test_a_report_tells_why_it_ended_with_so_many_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeps(Clip):
        def generate_at(self, time_ms: float) -> Any:
            time.sleep(0.02)
            return super().generate_at(time_ms)

    monkeypatch.setenv("PANIM_CACHE_DIR", str(tmp_path))
    report = produce(Sleeps(300), tmp_path / "out.mp4")
    assert report.measures["reasons"][1].startswith(f"{report.settings.workers} in the end: ")


@pytest.mark.parametrize("number", [1, 3, 40])
def test_the_plot_has_a_bar_for_each_number_and_marks_the_chosen(number: int) -> None:
    looks = [Look(n + 1, 10.0 * (n + 1)) for n in range(number)]
    picture = TuningPlot(looks, number).generate_at(0.0)
    assert picture.shape == (360, 640, 3)
    row = picture[305]
    bars = (row != 255).any(axis=1).astype(int)
    assert (np.diff(bars) == 1).sum() == number
    assert (row == (35, 130, 75)).all(axis=1).any()
    assert (picture[53] == (35, 130, 75)).all(axis=1).any()  # the fastest reaches the top


class TestCommand:
    @pytest.fixture(autouse=True)
    def _clip(self, tmp_path: Path) -> None:
        (tmp_path / "clip.py").write_text(
            "import numpy as np, panim_core\n"
            "@panim_core.animation(duration=300, frame_size=(32, 18))\n"
            "def clip(time_ms):\n"
            "    return np.full((18, 32, 3), int(time_ms) % 256, np.uint8)\n"
        )

    def test_it_shows_plots_and_keeps_and_the_next_render_starts_there(
        self, panim: Callable[..., Any], tmp_path: Path
    ) -> None:
        env = {"PANIM_CACHE_DIR": str(tmp_path / "cache"), "PYTHONIOENCODING": "utf-8"}
        done = panim("tune", "clip.py", "--plot", "plot.png", env=env, timeout=110)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert "workers" in lines[1]
        assert sum("chosen  █" in line for line in lines) == 1
        assert "measured on the whole clip, start-up included" in lines
        assert "remembered for the next renders of this kind" in lines
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
        assert sorted(os.listdir(tmp_path)) == ["cache", "clip.py", "plot.png"]
        chosen = kept(tmp_path)
        done = panim("render", "clip.py", "-o", "out.mp4", "--json", env=env)
        report = json.loads(done.stdout)
        assert report["settings"]["workers"] == chosen["workers"]  # the first may draw all before another has started
        assert "as an earlier render of this kind ended (measured on purpose)" in report["measures"]["reasons"][0]
        assert report["settings"]["encoder_threads"] == chosen["encoder_threads"]

    @pytest.mark.parametrize("width", [40, 60, 80, 200])
    @pytest.mark.parametrize("whole", [False, True])
    def test_the_table_fits_into_the_terminal(self, width: int, whole: bool) -> None:
        looks = (Look(1, 20.3, 0.9), Look(2, 600.3, 0.5), Look(16, 1208.3, 0.1), Look(128, 1300.0, 0.1, 0.4, 16))
        console = Console(width=width)
        with console.capture() as captured:
            console.print(_table(TuningReport(looks, looks[3], RenderSettings(), (), whole), width, "#"))
        lines = captured.get().rstrip().splitlines()
        assert len(lines) == 2 + len(looks)
        bars = [line.count("#") for line in lines[2:]]
        assert 1 == bars[0] < bars[1] < bars[3] <= 40
        assert lines[5].split()[:4] == ["128", "16", "1300.0", *(["chosen"] if width < 59 else ["10%"])]
        assert sum("chosen" in line for line in lines) == 1

    def test_an_output_that_nothing_writes_is_told_as_it_was_given(
        self, panim: Callable[..., Any], tmp_path: Path
    ) -> None:
        done = panim("tune", "clip.py", "-o", "out.xyz")
        assert (done.returncode, done.stderr.startswith("panim: output 'out.xyz': ")) == (2, True)

    def test_a_plot_that_cannot_be_written_is_told_before_anything_starts(
        self, panim: Callable[..., Any], tmp_path: Path
    ) -> None:
        done = panim("tune", "clip.py", "--plot", "plot.xyz")
        assert done.returncode == 2
        assert done.stderr.startswith("panim: ")
        assert len(done.stderr.splitlines()) == 1
