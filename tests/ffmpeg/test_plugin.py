"""The plugin is light until a video is written."""

from __future__ import annotations

import json
import subprocess
import sys


def modules_after(code: str) -> set[str]:
    code += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_loads_nothing_heavy():
    loaded = modules_after(
        "import panim_ffmpeg.plugin\n"
        "for encoder in panim_ffmpeg.plugin.panim_register_encoders(): encoder.name, encoder.extensions"
    )
    assert not loaded & {"subprocess", "imageio_ffmpeg", "numpy", "PIL", "platformdirs", "tempfile"}


def test_imageio_ffmpeg_is_never_imported(tmp_path):
    loaded = modules_after(
        "from pathlib import Path\nfrom fractions import Fraction\n"
        "from panim_ffmpeg.plugin import panim_register_encoders\n"
        "from panim_core.frames import FrameFormat\nfrom panim_core.protocols import EncoderSettings\n"
        "encoder = list(panim_register_encoders())[0]\nencoder.check_available()\n"
        f"encoder.open(Path({str(tmp_path / 'a.mp4')!r}), FrameFormat(2, 2), Fraction(1), EncoderSettings()).abort()\n"
    )
    assert "imageio_ffmpeg" not in loaded
