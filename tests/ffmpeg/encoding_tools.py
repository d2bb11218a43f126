"""Frames to encode, and how to encode them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import EncodeFacts, EncoderSettings
from panim_ffmpeg.encoder import FfmpegEncoder
from panim_ffmpeg.plugin import panim_register_encoders

ENCODERS: dict[str, FfmpegEncoder] = {encoder.name: encoder for encoder in panim_register_encoders()}


def encode(
    name: str,
    path: Path,
    frames: Iterable[np.ndarray],
    fps: Fraction | int = 25,
    settings: EncoderSettings | None = None,
) -> EncodeFacts:
    """Encode `frames`, each (height, width, 4 or 3), with the encoder `name`."""
    frames = list(frames)
    height, width, depth = frames[0].shape
    format = FrameFormat(width, height, PixelFormat.RGBA if depth == 4 else PixelFormat.RGB24)
    with ENCODERS[name].open(path, format, Fraction(fps), settings or EncoderSettings()) as session:
        for frame in frames:
            session.write(memoryview(frame))
        return session.finish()


def noise(count: int, width: int = 64, height: int = 48, seed: int = 0, depth: int = 4) -> list[np.ndarray]:
    """Frames of which no two are alike, opaque."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, height, width, depth), dtype=np.uint8)
    if depth == 4:
        pixels[..., 3] = 255
    return list(pixels)


def flat(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Frames of one colour each, told apart by it: cheap to encode."""
    return [
        np.full((height, width, 4), (index * 37 % 256, index * 11 % 256, 90, 255), np.uint8) for index in range(count)
    ]


def dot(turn: float, width: int = 160, height: int = 90) -> np.ndarray:
    """A frame with a dot that is `turn` (radians) around the centre: something that moves."""
    image = Image.new("RGBA", (width, height), "#101326")
    x, y = width / 2 + 0.3 * height * math.cos(turn), height / 2 + 0.3 * height * math.sin(turn)
    ImageDraw.Draw(image).circle((x, y), 6, fill="#ffd166")
    return np.array(image)


def patches(side: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """A frame of flat squares of known colours, and their colours: (rows, columns, 3)."""
    levels = [0, 16, 64, 128, 200, 235, 255]
    known = np.array(list(itertools.product(levels, repeat=3)), np.uint8)
    random = np.random.default_rng(1).integers(0, 256, (480 - len(known), 3), dtype=np.uint8)
    colours = np.concatenate([known, random]).reshape(16, 30, 3)
    frame = np.kron(colours, np.ones((side, side, 1), np.uint8))
    opaque = np.full((*frame.shape[:2], 1), 255, np.uint8)
    return np.ascontiguousarray(np.concatenate([frame, opaque], axis=2)), colours
