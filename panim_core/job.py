"""From what was asked (`RenderJob`) to what will run (`RenderPlan`): pure checks and decisions, no process, no file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from panim_core.errors import SettingsError
from panim_core.frames import FrameFormat, FrameRange
from panim_core.protocols import EncoderSettings, FrameGenerator

MAX_WORKERS = 1024


@dataclass(frozen=True)
class RenderSettings:
    """How a render is spread over the machine. None: decided by the tuner."""

    workers: int | None = None
    slots: int | None = None
    encoder_threads: int | None = None

    def __post_init__(self) -> None:
        for name, most in (("workers", MAX_WORKERS), ("slots", 4 * MAX_WORKERS), ("encoder_threads", 1024)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most):
                raise SettingsError(f"{name} = {value!r}: need a whole number from 1 to {most}")

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_mapping(cls, data: object, origin: str = "settings") -> RenderSettings:
        """Settings from plain data; raises `SettingsError` naming what is unknown or wrong."""
        if not isinstance(data, Mapping):
            raise SettingsError(f"{origin}: expected an object with {_fields()}, not {type(data).__name__}")
        unknown = sorted(set(map(str, data)) - {f.name for f in dataclasses.fields(cls)})
        if unknown:
            raise SettingsError(f"{origin}: unknown setting {', '.join(unknown)}; known: {_fields()}")
        try:
            return cls(**{str(k): v for k, v in data.items()})
        except SettingsError as error:
            raise SettingsError(f"{origin}: {error}") from None

    @classmethod
    def from_json(cls, text: str, origin: str = "settings") -> RenderSettings:
        """Settings from JSON, also from a whole `RenderReport` as ``--json`` prints it."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{origin} is not JSON: {error}") from None
        if isinstance(data, dict) and isinstance(data.get("settings"), dict):
            data = data["settings"]
        return cls.from_mapping(data, origin)


def _fields() -> str:
    return ", ".join(f.name for f in dataclasses.fields(RenderSettings))


@dataclass(frozen=True)
class Deadlines:
    """How long each step may take, in seconds, before it counts as hung."""

    start: float = 60.0
    """A worker's start, `FrameGenerator.start` included."""
    frame: float = 300.0
    """Drawing one frame; each call of `advance` on the way to it likewise."""
    write: float = 120.0
    """The encoder taking one frame."""
    finish: float = 600.0
    """The encoder completing its file after the last frame."""

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
                raise SettingsError(f"{f.name} timeout = {value!r}: need seconds above 0")


@dataclass(frozen=True)
class RenderJob:
    """What was asked for, already in exact types but not yet decided."""

    source: FrameGenerator
    outfile: Path
    fps: Fraction
    frame_count: int
    """Of the whole clip."""
    frames: FrameRange
    """What to render of it."""
    encoder: str
    executor: str = "panim:local"
    encoder_settings: EncoderSettings = field(default_factory=EncoderSettings)
    settings: RenderSettings = field(default_factory=RenderSettings)
    deadlines: Deadlines = field(default_factory=Deadlines)
    overwrite: bool = False
    resume: bool | None = None
    """Go on where an interrupted render stopped, and leave what is finished if this one is; False: start over;
    None: do neither."""


@dataclass(frozen=True)
class RenderPlan:
    """What will run. Picklable: it travels to executors with every segment."""

    fps: Fraction
    frames: FrameRange
    format: FrameFormat
    encoder: str
    encoder_settings: EncoderSettings
    workers: int
    max_workers: int
    slots: int
    """Frames that may be drawn or waiting at a time, and for which memory is taken at the start."""
    sequential: bool
    tune: bool
    """Whether the tuner may change the number of workers on the way."""
    learned: bool = False
    """Whether an earlier render of the kind ended with that number of workers."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    reasons: tuple[str, ...] = ()
    """Why these numbers."""
    max_slots: int | None = None
    """To how many slots the tuner may go; as many as `slots` if None."""
    segment_seconds: float | None = None
    """A segment that takes longer may be ended and finished in parts; None in a render that is one segment."""

    @property
    def settings(self) -> RenderSettings:
        """The plan's numbers, to be used again."""
        return RenderSettings(self.workers, self.slots, self.encoder_settings.threads)


def exact_bitrate(bitrate: object) -> str | None:
    """A bit rate as ffmpeg writes it.

    Takes kilobits per second as a number (at or below 0: unconstrained, as in pympanim), or text such as
    ``"4M"``, ``"900k"``, ``"2500000"``.

    Raises:
        SettingsError: neither.
    """
    if bitrate is None:
        return None
    if isinstance(bitrate, (int, float)) and not isinstance(bitrate, bool) and math.isfinite(bitrate):
        return f"{round(bitrate * 1000)}" if bitrate > 0 else None
    if isinstance(bitrate, str):
        digits = bitrate.strip().removesuffix("k").removesuffix("K").removesuffix("M").removesuffix("G")
        with contextlib.suppress(ValueError):
            if 0 < float(digits) < math.inf and digits.replace(".", "", 1).isdigit():
                return bitrate.strip()
    raise SettingsError(f"bitrate {bitrate!r}: write kilobits per second as a number, or text such as '4M' or '900k'")


def _is_file(path: Any) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, TypeError, ValueError):  # too long, of another type, with a zero byte
        return False


def as_encoder_settings(**options: Any) -> EncoderSettings:
    """`EncoderSettings` from what a user wrote, checked as far as no encoder is needed for it."""
    crf = options.get("crf")
    if crf is not None and (isinstance(crf, bool) or not isinstance(crf, (int, float)) or not 0 <= crf <= 63):
        raise SettingsError(f"crf {crf!r}: need a number from 0 (lossless) to 51 (63 for VP9); 23 is usual for H.264")
    for name in ("preset", "pixel_format", "quality"):
        value = options.get(name)
        if value is not None and not (isinstance(value, str) and value.isascii() and value.isidentifier()):
            raise SettingsError(f"{name.replace('_', '-')} {value!r}: need one word, e.g. medium or yuv420p")
    audio = options.get("audio")
    if audio is not None and not _is_file(audio):
        raise SettingsError(f"there is no audio file {str(audio)!r}")
    options["bitrate"] = exact_bitrate(options.get("bitrate"))
    options["audio"] = Path(audio) if audio is not None else None
    return EncoderSettings(**options)
