"""Every example renders, and its frames do not depend on the order in which they are drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from decode import decode
from running import ROOT, RunPanim

from panim_core import drawing
from panim_core.targets import load

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ANY_ORDER = [path for path in EXAMPLES if path.stem != "mpl_funcanimation"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_renders(path: Path, panim: RunPanim, tmp_path: Path) -> None:
    done = panim("render", path, "-o", "out.mp4", "--frames", "1:60:20", "--json", "--preset", "ultrafast")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    video = decode(tmp_path / "out.mp4")
    assert video.shape == (3, report["height"], report["width"], 4)
    assert report["frame_count"] == 3
    assert (video[0] != video[1]).any()
    assert (video[1] != video[2]).any()


@pytest.mark.parametrize("path", ANY_ORDER, ids=lambda path: path.stem)
def test_any_order_gives_the_same_frames(path: Path) -> None:
    def frames(order: list[float]) -> dict[float, np.ndarray]:
        source = load(str(path))
        source.start()
        drawn = {t: drawing.to_array(source.frame_at(t * source.duration), source.frame_size) for t in order}
        source.finish()
        return drawn

    moments = [0.0, 0.1, 0.24, 0.26, 0.5, 0.75, 0.95]
    forwards, jumping = frames(moments), frames([0.5, 0.0, 0.95, 0.26, 0.24, 0.75, 0.1])
    assert all(np.array_equal(forwards[t], jumping[t]) for t in moments)
