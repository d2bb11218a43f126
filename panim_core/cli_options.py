"""From what was typed to values: what the commands have in common."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panim_core.errors import SettingsError

if TYPE_CHECKING:
    from panim_core.job import RenderSettings

_MOST_DIGITS = 9

Target = Annotated[str, typer.Argument(help="path/to/file.py[:NAME] or package.module:NAME", show_default=False)]
Fps = Annotated[str | None, typer.Option(help="Frames per second: 60, 29.97, 24000/1001.")]
Size = Annotated[str | None, typer.Option(help="WIDTHxHEIGHT in pixels.")]
Dpi = Annotated[str | None, typer.Option(help="Dots per inch, for sources that know them.")]
Redraw = Annotated[str | None, typer.Option(help="auto or full: whether a figure's unchanged part is kept.")]
Crf = Annotated[str | None, typer.Option(help="Constant quality; lower is better.")]
Preset = Annotated[str | None, typer.Option(help="How hard the codec tries, by its own names.")]
Bitrate = Annotated[str | None, typer.Option(help="Bit rate: 4M, 900k, or kilobits per second.")]
Quality = Annotated[str | None, typer.Option(help="draft, standard, high or lossless.")]
Encoder = Annotated[str | None, typer.Option(help="Encoder by name; see panim list-plugins.")]
PixelFormat = Annotated[str | None, typer.Option(help="Inside the file, e.g. yuv420p, yuv444p.")]


def as_options(
    *, size: str | None, dpi: str | None, crf: str | None, bitrate: str | None, **words: str | None
) -> dict[str, Any]:
    """What `render` and `tune` have in common, for `produce`; `words` are passed on. Raises `SettingsError`."""
    read = {"size": as_size(size), "dpi": as_number("--dpi", dpi), "crf": as_number("--crf", crf)}
    return {**words, **read, "bitrate": as_bitrate(bitrate)}


def as_size(text: str | None) -> tuple[int, int] | None:
    """``WIDTHxHEIGHT``; raises `SettingsError`."""
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not all(side.isdecimal() and len(side) <= _MOST_DIGITS for side in (width, height)):
        raise SettingsError(f"--size {text!r}: write WIDTHxHEIGHT, e.g. 1280x720")
    return int(width), int(height)


def as_number(option: str, text: str | None) -> float | None:
    """A number from 0 up; raises `SettingsError`."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r}: need a number") from None
    if not 0 <= value < float("inf"):
        raise SettingsError(f"{option} {text!r}: need a number from 0 up")
    return value


def as_whole(option: str, text: str | None) -> int | None:
    """A whole number; raises `SettingsError`."""
    if text is not None and not (text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise SettingsError(f"{option} {text!r}: need a whole number from 1")
    return int(text) if text is not None else None


def as_bitrate(text: str | None) -> float | str | None:
    """Kilobits per second, or text such as ``4M`` as it is."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return text


def settings_file(path: str | None) -> RenderSettings | None:
    """The settings in a file; raises `SettingsError`."""
    from panim_core.job import RenderSettings

    if path is None:
        return None
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError("it is no file")
        text = Path(path).read_text()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SettingsError(f"--settings {path!r} cannot be read: {error}") from None
    return RenderSettings.from_json(text, path)
