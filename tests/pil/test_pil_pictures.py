"""The docs' pictures of easings, transforms and transitions can be made, and show all there is."""

import subprocess
import sys
from pathlib import Path

from PIL import Image

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "make_pictures.py"


def test_pictures_of_everything(tmp_path):
    result = subprocess.run([sys.executable, SCRIPT, tmp_path / "new"], capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stderr
    made = sorted((tmp_path / "new").iterdir())
    assert [path.name for path in made] == ["easings.png", "time.png", "transforms.png", "transitions.png"]
    for path in made:
        with Image.open(path) as picture:
            assert picture.width > 800
            assert len(picture.convert("RGB").quantize(64).getcolors()) > 30


def test_it_says_how_it_is_used():
    result = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "OUTDIR" in result.stderr
