"""The bench's own parts; no peer is installed and nothing is timed here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from running import ROOT

from panim_core import drawing
from panim_core.targets import load


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)


def test_a_small_run_of_panim_alone(tmp_path: Path) -> None:
    done = bench(
        "--tools", "panim", "--only", "red", "--frames", "4", "--runs", "1", "--json", str(tmp_path / "b.json")
    )
    assert done.returncode == 0, done.stderr
    (result,) = json.loads((tmp_path / "b.json").read_text())["results"]
    assert (result["workload"], result["tool"], result["frame_count"]) == ("red", "panim", 4)
    assert result["problems"] == []
    assert len(result["seconds"]) == 1


def test_a_small_run_against_the_limit(tmp_path: Path) -> None:
    done = bench("limit", "--only", "red", "--frames", "4", "--runs", "1", "--json", str(tmp_path / "b.json"))
    assert done.returncode == 0, done.stderr
    (result,) = json.loads((tmp_path / "b.json").read_text())["limits"]
    assert all(len(result[name]) == 1 and result[name][0] > 0 for name in ("draw_only", "encode_only", "wall"))


def test_an_unknown_workload_is_refused() -> None:
    done = bench("--only", "blue")
    assert done.returncode == 2
    assert "unknown blue; known: red, dots, line, numpy, multi" in done.stderr


@pytest.mark.parametrize(
    "target", ["workloads.py:red", "workloads.py:dots", "workloads.py:numpy", "figures.py:line", "figures.py:multi"]
)
def test_workloads_move_and_repeat_exactly(target: str) -> None:
    source = load(str(ROOT / "bench" / target))
    source.start()
    first, later, again = (drawing.to_array(source.frame_at(t), source.frame_size) for t in (0, 1000, 0))
    source.finish()
    assert first.shape == (1080, 1920, 4)
    assert (first != later).any()
    assert np.array_equal(first, again)
