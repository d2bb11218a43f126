"""From options to a job: everything a user can ask for, checked and in exact types, before anything starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panim_core.job import RenderJob, RenderSettings
    from panim_core.protocols import Encoder, FrameGenerator

DEFAULT_FPS = 30
_NUMBER = r"%0?\d{0,2}d"


def as_job(**options: Any) -> RenderJob:
    """The options of `panim_core.produce.produce` as a job. Raises `SettingsError` for what cannot be done."""
    from panim_core import plugins
    from panim_core.errors import SettingsError
    from panim_core.frames import FrameRange, check_size, exact_fps, frame_count, plain_number
    from panim_core.job import Deadlines, RenderJob, RenderSettings, as_encoder_settings
    from panim_core.targets import adapt

    options = {name: plain_number(value) for name, value in options.items()}
    deadlines = options["deadlines"] or Deadlines()
    if not isinstance(deadlines, Deadlines):
        raise SettingsError(f"deadlines = {deadlines!r:.80}: need a panim_core.Deadlines")
    for name in ("executor", "encoder"):
        if not (isinstance(options[name], str) or (name == "encoder" and options[name] is None)):
            raise SettingsError(f"{name} = {options[name]!r:.80}: need its name; see panim list-plugins")
    source = adapt(options["source"])
    fps = options["fps"]
    if fps is not None and getattr(source, "frame_locked", False):
        source = source.configured(fps=exact_fps(fps))
    rate = exact_fps(fps if fps is not None else default_fps(source))
    source = sized(source, options["size"], options["dpi"], options["redraw"])
    check_size(declared(source, "frame_size"))
    count = frame_count(declared(source, "duration"), rate)
    frames = options["frames"]
    if frames is None:
        frames = FrameRange(0, count)
    elif isinstance(frames, str):
        frames = FrameRange.parse(frames, count)
    elif not isinstance(frames, FrameRange):
        raise SettingsError(f"frames = {frames!r:.80}: need a FrameRange, or text such as 'A:B' or 'A:B:STEP'")
    elif frames.stop > count or not len(frames):
        frames = FrameRange.parse(f"{frames.start}:{frames.stop}:{frames.step}", count)
    path = as_outfile(options["outfile"])
    encoder = choose_encoder(path, options["encoder"])
    asked = options["settings"] or RenderSettings()
    if not isinstance(asked, RenderSettings):
        asked = RenderSettings.from_mapping(asked)
    if options["workers"] is not None or os.environ.get("PANIM_WORKERS"):
        asked = _with_workers(asked, options["workers"])
    encoder_settings = as_encoder_settings(
        **{k: options[k] for k in ("crf", "preset", "bitrate", "quality", "pixel_format", "audio")},
        threads=asked.encoder_threads,
    )
    plugins.find_executor(options["executor"]).check_available()
    job = RenderJob(
        source=source,
        outfile=path,
        fps=rate,
        frame_count=count,
        frames=frames,
        encoder=_qualified(encoder, options["encoder"]),
        executor=options["executor"],
        encoder_settings=encoder_settings,
        settings=asked,
        deadlines=deadlines,
        overwrite=options["overwrite"],
        resume=options["resume"],
    )
    check_output(path, encoder, len(frames), job.overwrite)
    return job


def declared(source: FrameGenerator, name: str) -> Any:
    """An attribute of a source, which may be a user's property.

    Raises:
        SettingsError: it is missing, or computing it failed.
    """
    from panim_core.errors import PanimError, SettingsError

    try:
        return getattr(source, name)
    except PanimError:
        raise
    except NotImplementedError as error:
        raise SettingsError(str(error)) from error
    except (Exception, SystemExit) as error:
        from panim_core.targets import user_traceback

        raise SettingsError(
            f"{type(source).__name__}.{name} failed: {type(error).__name__}: {error}{user_traceback(error)}"
        ) from error


def default_fps(source: FrameGenerator) -> Any:
    """The frame rate where none is asked for."""
    own = declared(source, "fps")
    return DEFAULT_FPS if own is None else own


def sized(source: FrameGenerator, size: Any, dpi: Any, redraw: Any) -> FrameGenerator:
    """`source` with drawing options of its own; it is rescaled only if it cannot draw in that size."""
    from panim_core import plugins
    from panim_core.errors import SettingsError
    from panim_core.frames import check_size

    own = {name: value for name, value in (("dpi", dpi), ("redraw", redraw)) if value is not None}
    if own:
        source = source.configured(**own)
    if size is None or check_size(size) == tuple(declared(source, "frame_size")):
        return source
    try:
        return source.configured(size=check_size(size))
    except SettingsError:
        return plugins.transform("rescale")(source, check_size(size))


def _with_workers(asked: RenderSettings, workers: int | None) -> RenderSettings:
    from dataclasses import replace

    from panim_core.errors import SettingsError
    from panim_core.job import MAX_WORKERS

    if workers is None:
        text = os.environ["PANIM_WORKERS"]
        if not (text.strip().isdecimal() and len(text) < 10 and 1 <= int(text) <= MAX_WORKERS):
            raise SettingsError(f"PANIM_WORKERS={text!r}: need a whole number from 1 to {MAX_WORKERS}")
        workers = int(text)
    return replace(asked, workers=workers, slots=None if workers != asked.workers else asked.slots)


def as_outfile(outfile: str | os.PathLike[str]) -> Path:
    """The output as a path; a folder stands for numbered PNG files in it."""
    from panim_core.errors import SettingsError

    try:
        text = os.fsdecode(outfile)
        os.fsencode(text)
    except (TypeError, UnicodeError):
        text = ""
    if not text or "\0" in text:
        raise SettingsError(f"output {outfile!r:.80} is no file name")
    return Path(text, "%06d.png") if text.endswith("/") else Path(text)


def is_pattern(path: Path) -> bool:
    """Whether the name stands for numbered files, as ``%04d.png`` does."""
    import re

    return re.search(_NUMBER, path.name) is not None


def numbered(path: Path, number: int) -> Path:
    """The file of that number; `path` itself if its name is no pattern."""
    import re

    if not is_pattern(path):
        return path
    return path.with_name(re.sub(_NUMBER, lambda found: found[0] % number, path.name))


def choose_encoder(path: Path, name: str | None) -> Encoder:
    """The encoder of that name, else the only one that takes the output's extension."""
    from panim_core import plugins
    from panim_core.errors import SettingsError

    if name is not None:
        encoder = plugins.find_encoder(name)
    else:
        found = [e for e in plugins.current().all("encoders") if path.suffix.lower() in e.extensions]
        if not found:
            known = sorted({x for e in plugins.current().all("encoders") for x in e.extensions})
            raise SettingsError(
                f"output {str(path)!r}: no encoder for {path.suffix or 'a name without an extension'}; known: "
                f"{', '.join(known) or 'none'}; or name one with --encoder: "
                f"{', '.join(plugins.current().names('encoders')) or 'none is installed'}"
            )
        if len(found) > 1:
            names = sorted(plugins.current().name_of("encoders", e) for e in found)
            raise SettingsError(
                f"output {str(path)!r}: {' and '.join(names)} write {path.suffix} files; name one with --encoder"
            )
        encoder = found[0]
    encoder.check_available()
    if "rgba" not in encoder.pixel_formats:
        raise SettingsError(
            f"the encoder {encoder.name} takes {', '.join(encoder.pixel_formats)} and no rgba, which panim's frames are"
        )
    return encoder


def _qualified(encoder: Encoder, asked: str | None) -> str:
    from panim_core import plugins

    return asked if asked is not None else plugins.current().name_of("encoders", encoder)


def check_output(path: Path, encoder: Encoder, count: int, overwrite: bool) -> None:
    """Raise `SettingsError` unless the output may and can be written."""
    from panim_core.errors import SettingsError

    try:
        _check_output(path, encoder, count, overwrite)
    except OSError as error:
        raise SettingsError(f"output {str(path)!r}: {error.strerror}; choose another with -o") from error


def _check_output(path: Path, encoder: Encoder, count: int, overwrite: bool) -> None:
    from panim_core.errors import SettingsError

    multiple = getattr(encoder, "multiple_files", False)
    if multiple and is_pattern(path):
        if not overwrite:
            for number in range(count):
                if (file := numbered(path, number)).exists():
                    raise SettingsError(f"output {str(file)!r} exists; allow replacing it with --overwrite")
    elif multiple and count > 1:
        raise SettingsError(
            f"output {str(path)!r} holds one frame and {count} were asked for: write a pattern such as "
            f"{path.stem}_%04d{path.suffix}, or a folder with a slash at its end"
        )
    if path.is_dir():
        raise SettingsError(f"output {str(path)!r} is a folder; name a file in it, or end it with a slash for pictures")
    if os.path.lexists(path) and not overwrite:
        raise SettingsError(f"output {str(path)!r} exists; allow replacing it with --overwrite")
    if path.exists() and not path.is_file():
        raise SettingsError(f"output {str(path)!r} exists and is no regular file")
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise SettingsError(f"output {str(path)!r}: {str(folder)!r} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"output {str(path)!r}: the folder {str(folder)!r} cannot be written to")
