"""What tuning learned is kept, found again, and never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from panim_core import FrameGenerator
from panim_core.autotune import Learned
from panim_core.job import RenderJob
from panim_core.request import as_job
from panim_core.tuning_store import MOST_KINDS, VERSION, TuningStore, kind_of, remember

MEASURED = {
    "draw_alone_seconds": 0.02,
    "worker_start_seconds": 0.3,
    "worker_bytes": 50_000_000,
    "tuned_windows": 5,
    "target_workers": 3,
    "limited_by": "the encoder takes no more",
}


class Clip(FrameGenerator):
    duration = 1000
    frame_size = (32, 18)

    def __init__(self, dots: int = 10, at: float = 0.5) -> None:
        self.dots, self.at = dots, at

    def generate_at(self, time_ms: float) -> Any:
        return np.zeros((18, 32, 3), np.uint8)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, told: list[str]) -> TuningStore:
    return TuningStore(told.append, tmp_path / "cache")


def job(source: object, **options: Any) -> RenderJob:
    names = (
        "fps size dpi redraw crf preset bitrate quality pixel_format audio encoder workers settings frames deadlines"
    )
    given = {**dict.fromkeys(names.split()), "executor": "panim:local", "overwrite": False, "resume": None, **options}
    return as_job(source=source, outfile="never-written.mp4", **given)


def test_what_was_put_is_got(store: TuningStore, told: list[str]) -> None:
    learned = Learned(3, 2, 0.01, 0.4, 70_000_000, "all cores draw")
    assert store.get("kind") is None
    store.put("kind", learned)
    store.put("other", Learned())
    assert store.get("kind") == learned
    assert store.get("other") == Learned()
    assert told == []
    assert [p.name for p in store.path.parent.iterdir()] == ["tuning.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"version": 1}',
        b'{"version": 1, "kinds": []}',
        b'{"version": 0, "kinds": {"kind": {"workers": 3}}}',
        b'{"version": 1, "kinds": {"kind": 3}}',
        b'{"version": 1, "kinds": {"kind": {"workers": "3"}}}',
        b'{"version": 1, "kinds": {"kind": {"workers": 0}}}',
        b'{"version": 1, "kinds": {"kind": {"workers": true}}}',
        b'{"version": 1, "kinds": {"kind": {"workers": 5000000}}}',
        b'{"version": 1, "kinds": {"kind": {"encoder_threads": 100000}}}',
        b'{"version": 1, "kinds": {"kind": {"workers": 1e400}}}',
        b'{"version": 1, "kinds": {"kind": {"draw_seconds": -1}}}',
        b'{"version": 1, "kinds": {"kind": {"draw_seconds": NaN}}}',
        b'{"version": 1, "kinds": {"kind": {"worker_bytes": null}}}',
        b'{"version": 1, "kinds": {"kind": {"reason": null}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_or_old_store_is_ignored_with_a_word(store: TuningStore, told: list[str], content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.get("kind") is None
    assert store.get("kind") is None
    (line,) = told
    assert line.startswith("what earlier renders learned is ignored: ")
    assert str(store.path) in line
    store.put("kind", Learned(2))
    assert store.get("kind") == Learned(2)
    assert json.loads(store.path.read_text())["version"] == VERSION


def test_what_is_no_file_is_not_waited_for(store: TuningStore, told: list[str]) -> None:
    store.path.parent.mkdir()
    os.mkfifo(store.path)
    assert store.get("kind") is None
    assert "it is no file" in told[0]


def test_what_a_later_version_adds_is_no_damage(store: TuningStore, told: list[str]) -> None:
    store.path.parent.mkdir()
    store.path.write_text(json.dumps({"version": VERSION, "kinds": {"kind": {"workers": 3, "more": [1]}}}))
    assert store.get("kind") == Learned(3)
    assert told == []


def test_a_store_that_cannot_be_written_is_told_and_no_failure(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "file").touch()
    TuningStore(told.append, tmp_path / "file").put("kind", Learned(3))
    assert told[-1].startswith("what tuning learned could not be kept in ")


def test_the_oldest_kinds_are_dropped(store: TuningStore) -> None:
    store.path.parent.mkdir()
    kinds = {str(number): {"workers": 1} for number in range(MOST_KINDS)}
    store.path.write_text(json.dumps({"version": VERSION, "kinds": kinds}))
    store.put("1", Learned(2))
    store.put("new", Learned(3))
    assert store.get("0") is None
    assert store.get("1") == Learned(2)
    assert len(json.loads(store.path.read_text())["kinds"]) == MOST_KINDS


class TestRemember:
    def test_a_render_that_was_tuned(self, store: TuningStore) -> None:
        remember(store, "kind", MEASURED)
        assert store.get("kind") == Learned(3, None, 0.02, 0.3, 50_000_000, "the encoder takes no more")

    def test_one_too_short_to_be_tuned_keeps_the_number_of_workers(self, store: TuningStore) -> None:
        store.put("kind", Learned(4, 2, reason="measured on purpose"))
        remember(store, "kind", {**MEASURED, "tuned_windows": 0, "target_workers": 1})
        assert store.get("kind") == Learned(4, 2, 0.02, 0.3, 50_000_000, "measured on purpose")

    def test_what_was_measured_on_purpose_stays_so_while_it_is_found_right(self, store: TuningStore) -> None:
        store.put("kind", Learned(3, reason="measured on purpose"))
        remember(store, "kind", MEASURED)
        assert store.get("kind").reason == "measured on purpose"
        remember(store, "kind", {**MEASURED, "target_workers": 2})
        assert store.get("kind").reason == "the encoder takes no more"

    def test_encoder_threads_are_kept(self, store: TuningStore) -> None:
        store.put("kind", Learned(4, 2))
        remember(store, "kind", MEASURED)
        assert store.get("kind").encoder_threads == 2

    def test_one_that_drew_nothing_is_no_news(self, store: TuningStore) -> None:
        remember(store, "kind", {})
        assert not store.path.exists()


class TestKinds:
    def test_the_same_again_is_the_same_kind(self) -> None:
        assert kind_of(job(Clip()), 2) == kind_of(job(Clip()), 2)

    def test_where_things_are_does_not_matter(self) -> None:
        assert kind_of(job(Clip(at=0.1)), 2) == kind_of(job(Clip(at=0.9)), 2)

    @pytest.mark.parametrize(
        "options",
        [{"size": (64, 36)}, {"crf": 20}, {"preset": "slow"}, {"encoder": "vp9"}, {"quality": "high"}],
    )
    def test_what_changes_the_cost_is_another_kind(self, options: dict[str, Any]) -> None:
        assert kind_of(job(Clip(), **options), 2) != kind_of(job(Clip()), 2)

    def test_other_numbers_of_things_or_cores_are_other_kinds(self) -> None:
        kinds = {kind_of(job(Clip()), 2), kind_of(job(Clip(dots=11)), 2), kind_of(job(Clip()), 4)}
        assert len(kinds) == 3

    def test_other_code_is_another_kind(self) -> None:
        class Clip2(Clip):
            def generate_at(self, time_ms: float) -> Any:
                return np.ones((18, 32, 3), np.uint8)

        Clip2.__qualname__, Clip2.__module__ = Clip.__qualname__, Clip.__module__
        assert kind_of(job(Clip2()), 2) != kind_of(job(Clip()), 2)

    def test_it_is_the_same_in_another_process(self, tmp_path: Path) -> None:
        script = tmp_path / "script.py"
        script.write_text(
            "import numpy as np, panim_core\n"
            "names = {'b', 'a', 'c'}\n"
            "@panim_core.animation(duration=1000, frame_size=(32, 18))\n"
            "def clip(time_ms, names=names):\n"
            "    return np.zeros((18, 32, 3), np.uint8)\n"
        )
        code = (
            "import sys; sys.path.insert(0, sys.argv[2])\n"
            "from test_tuning_store import job; from panim_core.targets import load\n"
            "from panim_core.tuning_store import kind_of\n"
            "print(kind_of(job(load(sys.argv[1])), 2))"
        )
        found = {
            subprocess.run(
                [sys.executable, "-c", code, script, Path(__file__).parent],
                env={"PATH": "", "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(found) == 1
