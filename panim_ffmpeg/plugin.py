"""The plugin: what the entry point names."""

from __future__ import annotations

from collections.abc import Iterable

from panim_core.hookspecs import hookimpl
from panim_core.protocols import Encoder
from panim_ffmpeg.codecs import CODECS
from panim_ffmpeg.encoder import FfmpegEncoder


@hookimpl
def panim_register_encoders() -> Iterable[Encoder]:
    """An encoder for each codec."""
    return [FfmpegEncoder(codec) for codec in CODECS]
