"""Programs that pose as ffmpeg and misbehave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from panim_ffmpeg.binary import find_binary

_HEAD = """#!/bin/bash
if [[ " $* " == *" -encoders "* ]]; then exec "{real}" "$@"; fi
real="{real}"
"""

# As `dd` would, but it needs no options that differ between systems.
TAKE_HALF_A_FRAME = "head -c 6000 > /dev/null\n"


def pose(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Path:
    """Make PANIM_FFMPEG a bash program that runs `script`; in it ``$real`` is the true ffmpeg."""
    monkeypatch.delenv("PANIM_FFMPEG", raising=False)
    program = folder / "fake ffmpeg"
    program.write_text(_HEAD.format(real=find_binary()) + script)
    os.chmod(program, 0o755)
    monkeypatch.setenv("PANIM_FFMPEG", str(program))
    return program
