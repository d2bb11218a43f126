"""What may be imported when, and how large a module may grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running import RunPanim

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("panim_core", "panim_pil", "panim_mpl", "panim_ffmpeg")
HEAVY = {"numpy", "PIL", "matplotlib", "imageio_ffmpeg", "distributed"}
MAX_LINES = 500


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after `statement`."""
    program = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import panim_core.cli",
        "import panim_core, panim_core.frame_gen, panim_core.acts, panim_core.easing",
        "import panim_pil, panim_mpl, panim_ffmpeg, panim_pil.plugin, panim_mpl.plugin, panim_ffmpeg.plugin",
        "from panim_core import plugins; plugins.current().collect()",
    ],
    ids=["command line", "core", "backends", "all plugins collected"],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    allowed = {"imageio_ffmpeg"} if "collect" in statement else set()
    assert imported_by(statement) & HEAVY <= allowed


def test_a_worker_looks_for_no_plugins(panim: RunPanim, tmp_path: Path) -> None:
    """It is given the renderers; looking again would cost every worker's start, and every frame."""
    (tmp_path / "clip.py").write_text(CLIP)
    done = panim("render", "clip.py", "-o", "clip.mp4", "--workers", "1")
    assert done.returncode == 0, done.stderr
    loaded = set((tmp_path / "loaded").read_text().split())
    assert "PIL" in loaded
    assert loaded & {"importlib_metadata", "pluggy", "typer", "panim_ffmpeg"} == set()


CLIP = """
import sys
from PIL import Image
import panim_core

@panim_core.animation(duration=100, frame_size=(16, 16))
def clip(time_ms):
    with open("loaded", "a") as file:  # the first frame's drawing is over when the last one is asked for
        print(*{name.partition(".")[0] for name in sys.modules}, file=file)
    return Image.new("RGB", (16, 16))
"""


def test_the_probe_would_see_it() -> None:
    assert "numpy" in imported_by("import numpy")


def modules() -> list[Path]:
    folders = [ROOT / package for package in PACKAGES]
    return sorted(path for folder in [*folders, ROOT / "bench", ROOT / "examples"] for path in folder.rglob("*.py"))


def test_modules_are_small() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert len(sizes) > 20
    assert {name: lines for name, lines in sizes.items() if lines > MAX_LINES} == {}


def test_modules_say_what_they_are() -> None:
    silent = [str(path.relative_to(ROOT)) for path in modules() if not path.read_text().startswith('"""')]
    assert silent == []
