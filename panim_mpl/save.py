"""`panim_mpl.save`: what people know as `Animation.save`, on every core."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from panim_core.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.animation import Animation

    from panim_core.events import RenderEvent
    from panim_core.report import RenderReport

_H264 = ("h264", "libx264")


def save(
    animation: Animation,
    filename: str | os.PathLike[str],
    writer: str | None = None,
    fps: float | Fraction | str | None = None,
    dpi: float | str | None = None,
    codec: str | None = None,
    bitrate: float | str | None = None,
    extra_args: Sequence[str] | None = None,
    metadata: Mapping[str, str] | None = None,
    extra_anim: Sequence[Animation] | None = None,
    savefig_kwargs: Mapping[str, Any] | None = None,
    *,
    progress_callback: Callable[[int, int], Any] | None = None,
    redraw: str = "auto",
    overwrite: bool = True,
    progress: bool | None = None,
    on_event: Callable[[RenderEvent], None] | None = None,
    **options: Any,
) -> RenderReport:
    """Save a matplotlib animation, with the frames that ``animation.save(filename, ...)`` would write.

    Args:
        animation: a FuncAnimation, an ArtistAnimation, or of any other subclass. It is left as it is: what is
            rendered is a copy in each worker.
        filename: the extension chooses the encoder, as for `panim_core.produce`.
        writer: None or ``"ffmpeg"``; others are matplotlib's own and are refused.
        fps: frames per second; by default from the animation's interval. Every frame is shown once.
        dpi: dots per inch; by default ``rcParams["savefig.dpi"]``, where ``"figure"`` is the figure's own.
        codec: None or ``"h264"``.
        bitrate: kilobits per second; at or below 0 the encoder's choice.
        extra_args: refused, as these are arguments of one command line; see crf, preset, quality, pixel_format.
        metadata: refused.
        extra_anim: further animations of the same figure, saved along.
        savefig_kwargs: for each `savefig`, e.g. ``{"facecolor": "none"}``.
        progress_callback: called as ``callback(current_frame, total_frames)`` once for every frame.
        redraw: ``"auto"`` draws only what changes; ``"full"`` everything for every frame.
        overwrite: replace an existing file, as matplotlib does; it stays whole until the new one is.
        progress: show a bar; by default on a terminal and in a notebook.
        on_event: called with each of `panim_core.events`.
        options: further ones of `panim_core.produce`, such as crf, preset, quality, workers, encoder, audio.

    Returns:
        The report of the render.

    Raises:
        SettingsError: an argument cannot be honoured; nothing was started.
        RenderError, EncodeError: as `panim_core.produce`.
    """
    import panim_core
    from panim_mpl.animation_source import AnimationSource
    from panim_mpl.parcel import CopyError, NotSentError

    _refuse(writer, codec, extra_args, metadata)
    if isinstance(dpi, str):
        if dpi != "figure":
            raise SettingsError(f"dpi {dpi!r}: write a number, or 'figure' for the figure's own")
        from panim_mpl.replay import probe

        dpi = probe(animation, None).figure.dpi
    source = AnimationSource(animation, extra=tuple(extra_anim or ()), savefig_kwargs=savefig_kwargs)
    if not source.travels and "executor" not in options:
        options["executor"] = "here"
    named: dict[str, Any] = {"fps": fps, "dpi": None if dpi is None else float(dpi), "bitrate": bitrate}
    named |= {"redraw": redraw, "overwrite": overwrite, **options}
    with _told(source.frame_count, progress, progress_callback, on_event) as tell:
        try:
            return panim_core.produce(source, filename, on_event=tell, **named)
        except (CopyError, NotSentError):
            if named.setdefault("executor", "here") not in ("here", "panim:here"):
                raise
            return panim_core.produce(source.without_copy(), filename, on_event=tell, **named)


def _refuse(writer: object, codec: object, extra_args: object, metadata: object) -> None:
    if writer not in (None, "ffmpeg"):
        raise SettingsError(
            f"writer={writer!r}: panim encodes by itself; leave writer= out and choose by the file's extension, or "
            "with encoder= (see panim list-plugins)"
        )
    if codec is not None and codec not in _H264:
        raise SettingsError(
            f"codec={codec!r}: choose by the file's extension, or with encoder= (see panim list-plugins)"
        )
    if extra_args:
        raise SettingsError(
            "extra_args= are for matplotlib's own writers; say what you want with crf=, preset=, quality=, "
            "pixel_format= or bitrate="
        )
    if metadata:
        raise SettingsError("metadata= cannot be written; leave it out and add it to the finished file")


@contextlib.contextmanager
def _told(
    total: int,
    progress: bool | None,
    callback: Callable[[int, int], Any] | None,
    on_event: Callable[[RenderEvent], None] | None,
) -> Iterator[Callable[[RenderEvent], None]]:
    """A receiver of events that shows a bar, calls `callback` for every frame written, and passes events on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from panim_core import events

    console = Console(stderr=True)
    shown = progress if progress is not None else console.is_terminal or console.is_jupyter
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    called = 0

    def call_up_to(count: int) -> None:
        nonlocal called
        while callback is not None and called < count:
            callback(called, total)
            called += 1

    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=total, rate="")

        def tell(event: RenderEvent) -> None:
            if isinstance(event, events.Progress):
                bar.update(task, completed=event.frames_written, rate=f"{event.frames_per_second:.0f} frames/s")
                call_up_to(event.frames_written)
            elif isinstance(event, events.RenderFinished):
                bar.update(task, completed=event.report.frame_count)
                call_up_to(event.report.frame_count)
            elif isinstance(event, (events.Note, events.WorkerOutput)):
                console.print(event.text.rstrip("\n"), markup=False, highlight=False)
            if on_event is not None:
                on_event(event)

        yield tell
