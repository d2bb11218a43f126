"""An animation as one process plays it: updates in order, and the frames that are wanted drawn."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from panim_core.protocols import FRAMES_CLAIMED
from panim_mpl.parcel import check_count, digest

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray
    from panim_mpl.drawer import Drawer
    from panim_mpl.parcel import Parcel, Performance
    from panim_mpl.replay import Replay


class FrameCountError(RuntimeError):
    """The animation turned out to have another number of frames than its frame sequence alone has."""

    def __init__(self, message: str, frame_count: int) -> None:
        super().__init__(message)
        self.retry_with = {"frame_count": frame_count}


class LastFrameError(RuntimeError):
    """Updates look at what has been drawn, which only a process that draws everything of every frame has."""

    retry_with = {"alone": True, "redraw": "full"}  # noqa: RUF012 - read by the core


class RcParamsError(RuntimeError):
    """An update changed rcParams after a frame that was not drawn here. Matplotlib makes ticks when it draws, by the
    rcParams of then."""

    retry_with = {"alone": True}  # noqa: RUF012 - read by the core


class Playing:
    """Goes through an animation once."""

    def __init__(
        self,
        performance: Performance,
        *,
        dpi: float | None,
        size: tuple[int, int] | None,
        redraw: str,
        frame_count: int | None = None,
        parcel: Parcel | None = None,
        alone: bool = False,
    ) -> None:
        """`dpi` and `size` (pixels) are by default those of `save`; `parcel` is what frames are verified against.

        `alone`: no other process plays this.
        """
        from panim_mpl.drawer import Drawer
        from panim_mpl.raster import ensure_agg_canvas, inches_for, pixel_size
        from panim_mpl.replay import Replay, probe

        self._performance = performance  # which keeps alive what only weak references lead to
        self._frame_count, self._parcel = frame_count, parcel
        figure, (inches, at_dpi, _) = probe(performance.animation, dpi)
        resized = size is not None and pixel_size(inches, at_dpi) != size
        ensure_agg_canvas(figure)
        self._drawer: Drawer = Drawer(figure, at_dpi, {}, redraw, performance.shown_in_turn(), plain=performance.plain)
        self._replay: Replay = Replay(
            performance.animation,
            extra=performance.extra,
            dpi=dpi,
            size_inches=inches_for(size, at_dpi) if size is not None and resized else None,
            savefig_kwargs=performance.savefig_kwargs,
        )
        self._reached = -1
        self._last: FrameArray | None = None
        self._shares = False
        """Whether it has passed frames by: others draw them, and the last perhaps."""
        self._draws_all = alone and redraw == "full"
        self._alone, self._rc = alone, dict[str, Any]()
        self._claims: list[tuple[str, str]] = []

    def run_to(self, index: int, heard: bool = False) -> None:
        """Make the updates up to frame `index`; of those passed by, what drawing them would have settled is.

        What the update of frame `index` itself prints and warns of is passed on if `heard`.

        Raises:
            FrameCountError: the animation ends before.
        """
        if index < self._reached:
            raise ValueError(f"frame {index} was asked for after frame {self._reached}; an animation only goes on")
        while self._reached < index:
            with unheard():
                if self._reached >= 0:
                    self._pass_by()
            with contextlib.nullcontext() if heard and self._reached + 1 == index else unheard():
                if not self.step():
                    count = self._reached + 1
                    raise FrameCountError(f"the animation ended after {count} frames, not {self._frame_count}", count)

    def step(self) -> bool:
        """Make the updates of the next frame; False if there is none."""
        import matplotlib

        from panim_mpl.agreement import is_compared, told_of

        frame = self._replay.step()
        if frame is None:
            return False
        rc: Any = matplotlib.rcParams
        before, self._rc = self._rc, dict(dict.items(rc))
        if self._reached >= 0 and self._last is None and not self._alone and self._rc != before:
            raise RcParamsError("updates change rcParams, by which matplotlib draws what it makes anew")
        if (look := self._drawer.take_look()) and not self._draws_all:
            raise LastFrameError(f"updates look at the pixels of the frame before, by {look}")
        self._last = None
        self._reached += 1
        self._drawer.savefig_kwargs = frame.savefig_kwargs
        if is_compared(self._reached):
            self._claims.append((f"what is shown in frame {self._reached}", told_of(frame.figure)))
        return True

    def _pass_by(self) -> None:
        if self._last is not None:
            return
        self._shares = True
        if self._draws_all or (self._parcel is not None and self._parcel.asks_for):
            self.draw(self._reached)
            return
        verified = self._parcel is not None and self._parcel.to_verify(self._reached)
        if verified or (self._drawer.draws_own_artists and _is_pictured(self._reached)):
            self.draw(self._reached)
        else:
            parcel = self._parcel
            self._drawer.pass_by(
                ticks=parcel is None or parcel.touches_ticks, colours=parcel is None or parcel.asks_for_colours
            )

    def draw(self, index: int) -> FrameArray:
        """The pixels of frame `index`; the next call overwrites them."""
        self.run_to(index, heard=True)
        if self._last is None:
            left = None if self._frame_count is None else self._frame_count - 1 - index
            self._last = self._drawer.draw(check=left == 0 or (left == 1 and self._shares))
            if self._parcel is not None and self._parcel.to_verify(index):
                self._parcel.verify(index, self._last)
            copied = self._parcel is not None and self._parcel.is_copy
            if (copied and index < FRAMES_CLAIMED) or (self._drawer.draws_own_artists and _is_pictured(index)):
                self._claims.append((f"the picture of frame {index}", digest(self._last)))
            if left == 0:
                self._check_end()
        return self._last

    def _check_end(self) -> None:
        """A frame sequence whose end depends on the updates may be longer than it was when it was counted."""
        assert self._last is not None
        self._last, count = self._last.copy(), self._reached + 1
        with unheard():
            while self._replay.step() is not None:
                count += 1
                check_count(count)
        if count != self._frame_count:
            raise FrameCountError(f"the animation has {count} frames, not {self._frame_count}", count)

    def take_notes(self) -> list[str]:
        """What a user should be told since the last call."""
        return self._drawer.take_notes()

    def take_claims(self) -> list[tuple[str, str]]:
        """What must be the same wherever this animation is played, since the last call."""
        claims, self._claims = self._claims, []
        return claims

    def close(self) -> None:
        """Leave the animation where it stands."""
        self._replay.close()
        self._drawer.close()


def _is_pictured(index: int) -> bool:
    """Whether all processes draw frame `index` where artists are drawn by code that may look at anything."""
    return index & (index - 1) == 0


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Drop what updates print and warn of: whoever draws the frame tells it."""
    from panim_mpl.parcel import quiet

    def ignore(*args: Any, **kwargs: Any) -> None:
        pass

    # Not `warnings.catch_warnings`: it makes what was already told be told again.
    before, warnings.showwarning = warnings.showwarning, ignore
    try:
        with quiet():
            yield
    finally:
        warnings.showwarning = before


class _Muted:
    """A stream for all threads but the one that makes it."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._muted = stream, threading.get_ident()

    def mutes(self) -> bool:
        return threading.get_ident() == self._muted

    def write(self, text: str) -> int:
        return len(text) if self.mutes() else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def threads_unheard() -> Iterator[None]:
    """Drop what this thread prints and warns of; others may go on meanwhile."""
    out, err, before = _Muted(sys.stdout), _Muted(sys.stderr), warnings.showwarning

    def show(*args: Any, **kwargs: Any) -> None:
        if not err.mutes():
            before(*args, **kwargs)

    warnings.showwarning = show
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield
    finally:
        warnings.showwarning = before


def _step_unheard(playing: Playing) -> bool:
    with unheard():
        return playing.step()


def rehearse(performance: Performance, dpi: float | None, size: tuple[int, int] | None) -> tuple[int, dict[int, str]]:
    """Play an animation of this process to its end, drawing some of its frames.

    Returns:
        (number of frames, digests of frames 0, 1, 2, 4, 8 ... by index).
    """
    playing = Playing(performance, dpi=dpi, size=size, redraw="full", alone=True)
    digests: dict[int, str] = {}
    count = 0
    try:
        while _step_unheard(playing):
            if count & (count - 1) == 0:
                digests[count] = digest(playing.draw(count))
            else:
                playing._drawer.pass_by()
            count += 1
            check_count(count)
    finally:
        playing.close()
    return count, digests
