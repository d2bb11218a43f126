import inspect
import json
import logging
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pympanim.acts as acts
import pympanim.easing as easing
import pympanim.frame_gen as fg
import pympanim.utils as utils
import pympanim.worker as worker
import pytest

import panim_core

README = Path(__file__).parent.parent / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


class Red(fg.FrameGenerator):
    duration = 1

    frame_size = (32, 18)

    def generate_at(self, time_ms):
        with self.generate_at_pil(time_ms) as img:
            return fg.img_to_bytes(img)

    def generate_at_pil(self, time_ms):
        return PIL.Image.new("RGBA", self.frame_size, f"#{int(time_ms * 255):02x}0000")


RED = fg.FluentFG(Red()).time_rescale_exact(1, "s").build()


@pytest.mark.parametrize("program", PROGRAMS, ids=["acts", "frame generators"])
def test_the_readmes_programs_run_as_they_stand(program, tmp_path):
    quick = program.replace("1 / 10000", "1 / 500").replace("(1920, 1080)", "(64, 36)")
    assert quick != program  # only smaller and shorter, to be quick
    (tmp_path / "program.py").write_text(quick)
    subprocess.run([sys.executable, "program.py"], cwd=tmp_path, check=True, timeout=100)
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 1


def test_produce_takes_pympanims_arguments_and_returns_settings_to_be_used_again(tmp_path, caplog):
    logger = logging.getLogger("test")
    with caplog.at_level(logging.INFO):
        settings = worker.produce(RED, 30, 100, -1, str(tmp_path / "a" / "one.mp4"), None, 15.0, logger)
    assert "30 frames at 30 fps" in caplog.text
    assert isinstance(settings, worker.PerformanceSettings)
    assert settings.num_workers >= 1
    assert settings.frame_batch_amount == 2
    assert pickle.loads(pickle.dumps(settings)).__dict__ == settings.__dict__
    settings.num_workers, settings.frame_batch_amount = 1, 4
    again = worker.produce(
        RED, fps=30, dpi=100, bitrate=500, outfile=str(tmp_path / "two.mp4"), settings=settings, logger=logger
    )
    assert (again.num_workers, again.frame_batch_amount) == (1, 4)


def test_the_call_that_pympanims_readme_shows_is_taken(tmp_path):
    worker.produce(RED, fps=10, dps=100, bitrate=-1, outfile=str(tmp_path / "readme.mp4"))
    assert (tmp_path / "readme.mp4").stat().st_size > 0


PYMPANIMS_SETTINGS = {
    "frames_per_sync": 10,
    "num_workers": os.cpu_count(),
    "frame_batch_amount": 2,
    "window_size": 15.0,
    "perf_delay": 2.5,
    "max_workers": os.cpu_count(),
    "worker_queue_size": 5,
    "work_per_dispatch": 2 * os.cpu_count(),
    "spawn_worker_threshold_low": 0.8,
    "spawn_worker_threshold_high": 1.2,
    "kill_worker_threshold_low": 0.5,
    "kill_worker_threshold_high": 0.8,
    "ooo_balance": 100,
    "ooo_cap": 500,
    "ooo_error": 5000,
    "min_frames_per_sync": 10,
    "max_frames_per_sync": 10 * os.cpu_count(),
    "frame_batch_min_improvement": 1.05,
    "frame_batch_max_badness": 1.0,
    "frame_batch_dyn_min_decay_time": 120.0,
    "frame_batch_dyn_max_decay_time": 120.0,
    "frame_batch_min": 1,
    "frame_batch_max": 10,
    "max_frames_in_recieve_queue": 10,
    "unclogging_per_second_threshold_low": 2,
    "unclogging_per_second_threshold_high": 10,
}
"""In the order of its parameters. What depends on the machine is counted in pympanim from physical cores."""


def test_the_settings_are_pympanims():
    settings = worker.PerformanceSettings()
    assert list(settings.__dict__.items()) == list(PYMPANIMS_SETTINGS.items())
    assert list(inspect.signature(worker.PerformanceSettings).parameters) == list(PYMPANIMS_SETTINGS)
    numbers = range(1, 1 + len(PYMPANIMS_SETTINGS))
    assert list(worker.PerformanceSettings(*numbers).__dict__.values()) == list(numbers)
    loaded = worker.PerformanceSettings(**json.loads(json.dumps(settings.__dict__)))
    assert loaded.__dict__ == settings.__dict__
    with pytest.raises(TypeError, match="num_worker'"):
        worker.PerformanceSettings(num_worker=2)


def test_settings_that_follow_from_others():
    settings = worker.PerformanceSettings(num_workers=1000)
    assert (settings.max_workers, settings.work_per_dispatch, settings.max_frames_per_sync) == (1000, 2000, 10_000)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, None),
        ({"num_workers": 3000}, 3000),
        ({"num_workers": 3000, "max_workers": 2000}, 2000),
        ({"max_workers": 1}, 1 if os.cpu_count() > 1 else None),
    ],
)
def test_panim_decides_unless_workers_are_asked_for(given, asked, monkeypatch):
    seen = []

    def produce(*args, workers, **kwargs):
        seen.append(workers)
        raise InterruptedError

    monkeypatch.setattr(panim_core, "produce", produce)
    with pytest.raises(InterruptedError):
        worker.produce(RED, 30, 100, -1, "out.mp4", worker.PerformanceSettings(**given))
    assert seen == [asked]


class Wrapper(fg.FrameGenerator):
    """As programs for pympanim wrap others: by the bytes."""

    def __init__(self, child):
        self.child = child

    @property
    def duration(self):
        return self.child.duration

    @property
    def frame_size(self):
        return self.child.frame_size

    def generate_at(self, time_ms):
        with PIL.Image.frombytes("RGBA", self.frame_size, self.child.generate_at(time_ms)) as image:
            return fg.img_to_bytes(image.rotate(180))


@pytest.mark.parametrize(
    ("made", "fluent", "kind", "size"),
    [
        (
            lambda: fg.RescaleFrameGenerator(RED, (16, 10), PIL.Image.BILINEAR),
            lambda: fg.FluentFG(RED).rescale(16, 10, PIL.Image.BILINEAR),
            fg.RescaleFrameGenerator,
            (16, 10),
        ),
        (
            lambda: fg.OverlayFrameGenerator(RED, fg.RescaleFrameGenerator(RED, [8, 8]), [1, 2]),
            lambda: fg.FluentFG(RED).overlay(fg.FluentFG(RED).rescale(8, 8).build(), (1, 2)),
            fg.OverlayFrameGenerator,
            (32, 18),
        ),
    ],
    ids=["rescale", "overlay"],
)
def test_rescaled_and_overlaid_frames_are_bytes_of_classes(made, fluent, kind, size):
    for source in (made(), fluent().build()):
        assert isinstance(source, kind)
        assert source.frame_size == size
        assert source.generate_at(500) == bytes([127, 0, 0, 255]) * (size[0] * size[1])
        assert fg.img_to_bytes(source.generate_at_pil(500)) == Wrapper(source).generate_at(500)
        assert fg.FluentFG(source).reverse().build().generate_at(500) == source.generate_at(500)
    assert (made().child if kind is fg.RescaleFrameGenerator else made().base) is RED


def test_a_subclass_of_a_rescaler_is_drawn_as_it_says():
    class Blue(fg.RescaleFrameGenerator):
        def generate_at(self, time_ms):
            return bytes([0, 0, 255, 255]) * (len(super().generate_at(time_ms)) // 4)

    class Green(fg.RescaleFrameGenerator):
        def generate_at_pil(self, time_ms):
            with super().generate_at_pil(time_ms) as image:
                return PIL.Image.new("RGBA", image.size, "#00ff00")

    assert Blue(RED, (2, 1)).frame_at(0) == bytes([0, 0, 255, 255]) * 2
    assert Green(RED, (2, 1)).generate_at(0) == bytes([0, 255, 0, 255]) * 2


def test_an_existing_output_is_refused(tmp_path):
    (tmp_path / "there.mp4").write_text("mine")
    with pytest.raises(FileExistsError):
        worker.produce(Red(), 30, 100, -1, str(tmp_path / "there.mp4"))
    assert (tmp_path / "there.mp4").read_text() == "mine"


def test_names_are_where_pympanim_has_them():
    assert issubclass(acts.Act, fg.FrameGenerator)
    assert acts.Easing is fg.Easing is easing.Easing
    assert easing.smoothstep(0.5) == 0.5
    assert utils.UNITS_LOOKUP["hr"] == 3_600_000
    assert (("ms", "millisecond", "milliseconds"), 1) in utils.UNITS
    assert utils.find_child([10, 20], 10) == (1, 0)
    assert utils.find_child([10, 20], 20, 1) == (1, 10)
    with pytest.raises(ValueError, match="not in"):
        utils.find_child([10, 20], 21)
