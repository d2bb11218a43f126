"""Drawing one figure again and again, as cheaply as gives exactly the pixels of a full redraw."""

from __future__ import annotations

import contextlib
import enum
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from panim_mpl.layers import Broken, Layers, Snapshot, Trust, can_layer, forget_clip_path
from panim_mpl.raster import draw_figure, draw_unseen, ensure_agg_canvas, noticing_looks, tell_of_looks
from panim_mpl.settling import Settler, fits_of_tables, settle_axes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from panim_core.protocols import FrameArray
    from panim_mpl.regions import Region

MAX_UNCHECKED = 200
"""Most frames between two that are compared with a full redraw: those are the 2nd that layers draw, the 16th, the
128th, and so on. The last of an animation is always compared, and the last but one by who has passed frames by."""

MAX_PAUSE = 64
"""Most frames drawn in full before it is looked again whether layers would do; where they are made but do not pay,
the least, and twice as many each time."""

WORTHWHILE = 0.8
"""Layers are used if drawing them takes at most this part of the time of a full redraw."""

_TRUSTS = (Trust(), Trust(open_axes=False), Trust(open_axes=False, beside=False))


class Settling(enum.IntEnum):
    """What must be done for a frame that is not drawn, so that the figure is as if it were."""

    NOTHING = 0
    OWN_ARTISTS = 1
    LAYOUT = 2
    DRAWING = 3


class LayersError(RuntimeError):
    """A frame drawn by layers differed from the full redraw. The frames since the last comparison may be wrong, so
    the render starts again without layers."""

    retry_with = {"redraw": "full"}  # noqa: RUF012 - read by the core


class LooksError(RuntimeError):
    """Code that is drawn by looks at pixels where none had been drawn for it. The render starts again with them."""

    retry_with = {"redraw": "full"}  # noqa: RUF012 - read by the core


class Drawer:
    """Draws one figure as ``savefig(dpi=dpi, **savefig_kwargs)`` would."""

    def __init__(
        self,
        figure: Figure,
        dpi: float,
        savefig_kwargs: Mapping[str, Any],
        redraw: str,
        moving: Iterable[Artist] = (),
        plain: bool = False,
    ) -> None:
        """`moving` are artists known to change. `plain`: when matplotlib's animation has drawn, the frame is complete.

        Until `close`, `draw_idle` of the figure's canvas draws only what cannot be left out. On Agg it would draw
        everything, and `Animation.save` calls it for every frame. All of it is drawn where code that is not
        matplotlib's might see what else is drawn, until a frame is passed by; but without pixels, as long as nobody
        looks at them and layers are not refused.
        """
        self.figure, self.dpi, self.savefig_kwargs = figure, dpi, savefig_kwargs
        self._settler = Settler(figure)
        self._layering = redraw == "auto" and can_layer(figure, savefig_kwargs)
        self._moving_at_first = {id(artist): artist for artist in moving}
        self._moving = dict(self._moving_at_first)
        self._rooms: dict[int, Region | None] = {}
        self._layers: Layers | None = None
        self._snapshot: Snapshot | None = None
        self._trust = 0
        self._served = 0
        self._next_check = 2
        self._calm, self._calm_needed = 0, 1
        self._pause = self._idle = self._short_lived = 0
        self._notes: list[str] = []
        self._drawing = self._idling = self._seen_still = self._leaves_out = False
        self._settled_early = Settling.NOTHING
        self._shows_last_frame = True
        """Whether the canvas has the pixels that it would have while the animation is saved."""
        self._look: str | None = None
        self._plain = plain
        self._is_looked_at = None if redraw == "auto" else True
        self._fits_calm = self._fit_is_due = False
        self._take_canvas()

    # ---- what is asked for

    def draw(self, check: bool = False) -> FrameArray:
        """RGBA pixels, shape (height, width, 4); the next call overwrites them. `check` compares with a full redraw."""
        self._follow_canvas()
        self._give_way_to_own_code()
        with self._at_dpi():
            forget_clip_path(self._canvas.get_renderer())  # type: ignore[attr-defined]
        before = fits_of_tables(self.figure) if self._settler.tables else None
        if self._idle or not self._layering:
            self._idle = max(0, self._idle - 1)
            frame = self._draw_all()
            self._settler.look()
        else:
            with self._at_dpi():
                settle_axes(self.figure, tables=False)
                frame = self._draw_layers(check)
                self._settler.look()
            self._give_way_to_own_code()
        self._fits_calm = before is not None and before == fits_of_tables(self.figure)
        if self._fit_is_due and not self._fits_calm:
            frame = self._draw_all()
            self._refresh()
        self._fit_is_due = False
        tell_of_looks(self._canvas, self._note_look)
        return frame

    def pass_by(self, ticks: bool = True, colours: bool = True) -> None:
        """Leave behind in the figure what drawing it would, as far as that can be cheaper than drawing.

        With `ticks` as many of these as it would, with `colours` those that collections get by their norms.
        """
        self._follow_canvas()
        self._shows_last_frame = False
        self._leaves_out = True
        before = fits_of_tables(self.figure) if self._fit_is_due else None
        news = self._settler.look()
        if not self._settler.every_frame:
            settle_axes(self.figure)
        if before is not None and before != fits_of_tables(self.figure):
            settle_axes(self.figure)
        self._fit_is_due = False
        needed = max(self._needed(news), self._settled_early)
        if self._settler.every_frame:
            self._draw_all()
        elif needed:
            with self._at_dpi():
                self._settle_by(needed, saving=True)
        elif self._settler.tables and self.dpi != self.figure.dpi:
            with self._at_dpi():
                settle_axes(self.figure)
        if ticks:
            self._settler.make_ticks()
        if colours:
            self._settler.map_colours()
        self._settled_early = Settling.NOTHING
        tell_of_looks(self._canvas, self._note_look)

    def settle(self) -> None:
        """Leave behind in the figure all that drawing it would, at its own dpi and at that of the frames."""
        self._settle()
        with self._at_dpi():
            self._settle()

    @property
    def draws_own_artists(self) -> bool:
        """Whether artists that code which is not matplotlib's draws are in the figure."""
        return self._settler.own

    def take_look(self) -> str | None:
        """By which method code has looked, since the last call, at pixels that are not those of the frame before."""
        look, self._look = self._look, None
        return look

    def take_notes(self) -> list[str]:
        """What a user should be told since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def close(self) -> None:
        """Give the canvas its own `draw_idle` back, and look no longer at who looks at its pixels."""
        vars(self._canvas).pop("draw_idle", None)
        tell_of_looks(self._canvas, None)
        self._canvas.mpl_disconnect(self._listening)

    def _take_canvas(self) -> None:
        self._canvas = self.figure.canvas
        self._canvas.draw_idle = self._draw_idle  # type: ignore[method-assign]
        self._listening = self._canvas.mpl_connect("draw_event", self._drawn)

    def _follow_canvas(self) -> None:
        """Take the canvas that the figure has got: `pyplot.figure` and `sca` give it one while it is saved."""
        if self.figure.canvas is not self._canvas:
            self.close()
            ensure_agg_canvas(self.figure)
            self._take_canvas()

    # ---- layers

    def _draw_layers(self, check: bool) -> FrameArray:
        rebuild = False
        if self._layers is not None:
            outcome = self._layers.draw()
            if not isinstance(outcome, Broken):
                self._shows_last_frame = False
                return self._checked(outcome, check)
            rebuild = self._dismiss(self._layers, outcome)
        elif self._snapshot is not None:
            rebuild = self._compare_snapshot()
        if rebuild:
            return self._build()
        frame = self._draw_all()
        if self._layering and not self._idle:
            self._snapshot = Snapshot(self.figure)
        return frame

    def _dismiss(self, layers: Layers, broken: Broken) -> bool:
        """Let go of layers that no longer hold; whether new ones can be made at once."""
        self._layers = None
        self._moving |= layers.moving
        if self._served >= 8:
            self._pause = self._short_lived = 0
            self._calm_needed = 1
        else:
            self._short_lived += 1
            if not broken.leaves:
                self._calm_needed = min(16, 4 * self._calm_needed)
        if broken.leaves and self._short_lived <= 3:
            return True
        if self._short_lived:
            self._wait()
        return False

    def _compare_snapshot(self) -> bool:
        """Take note of what changed; whether layers can be made."""
        assert self._snapshot is not None
        changed = self._snapshot.changed()
        self._snapshot = None
        if changed is None:
            self._wait()
            return False
        if not changed and not self._moving and not self._seen_still:  # nothing has been updated yet
            self._seen_still = True
            return False
        self._moving |= {id(artist): artist for artist in changed}
        self._calm += 1
        return self._calm >= self._calm_needed

    def _wait(self) -> None:
        self._calm = 0
        self._pause = self._idle = min(MAX_PAUSE, 3 * self._pause + 1)

    def _wait_long(self) -> None:
        """Until something may have come to rest."""
        self._calm, self._moving = 0, dict(self._moving_at_first)
        self._pause = self._idle = max(MAX_PAUSE, 2 * self._pause)

    def _build(self) -> FrameArray:
        places = self._places()
        began = time.thread_time()
        frame = self._draw_all()
        all_took = time.thread_time() - began
        if places != self._places():  # a layout that has not settled yet
            self._snapshot = Snapshot(self.figure)
            return frame
        self._moving = {key: artist for key, artist in self._moving.items() if artist.get_figure() is not None}
        layers = Layers(self.figure, self.dpi, self.savefig_kwargs, self._moving, _TRUSTS[self._trust], self._rooms)
        if not layers.keep_anything:
            self._wait_long()
            return frame
        began = time.thread_time()
        drawn = layers.draw()
        took = time.thread_time() - began
        if not isinstance(drawn, Broken) and np.array_equal(drawn, frame):
            if took > WORTHWHILE * all_took:
                self._wait_long()
                return frame
            self._layers = layers
            self._served, self._next_check = 0, 2
        else:
            self._trust += 1
            if self._trust == len(_TRUSTS):
                self._give_up("drawing only what changes does not give the same pixels here")
            else:
                self._snapshot = Snapshot(self.figure)
        return frame

    def _checked(self, frame: FrameArray, check: bool) -> FrameArray:
        assert self._layers is not None
        self._served += 1
        if self._served < self._next_check and not check:
            return frame
        self._next_check = self._served + min(7 * self._served, MAX_UNCHECKED)
        full = self._draw_all()
        if not np.array_equal(frame, full):
            raise LayersError("drawing only what changes gave another picture than drawing everything")
        self._layers.refresh()
        return full

    def _give_way_to_own_code(self) -> None:
        if self._layering and self._settler.laid_out_by_drawing:
            self._give_up("3-D axes are laid out by how they were drawn before")
        elif self._layering and (self._settler.every_frame or self._settler.own):
            self._give_up("code that is not matplotlib's takes part in drawing")

    def _give_up(self, why: str) -> None:
        self._layering, self._layers, self._snapshot = False, None, None
        self._notes.append(f"everything is redrawn for every frame: {why}")

    # ---- drawing in full, and what it leaves behind

    def _draw_all(self) -> FrameArray:
        with self._ourselves():
            frame = draw_figure(self.figure, self.dpi, self.savefig_kwargs)
        self._shows_last_frame = True
        return frame

    @contextlib.contextmanager
    def _ourselves(self) -> Iterator[None]:
        """While it lasts, it is not the animation that draws."""
        self._drawing = True
        try:
            yield
        finally:
            self._drawing = False

    def _settle(self) -> None:
        self._look_before_flags_go()
        with self._ourselves():
            draw_unseen(self.figure)
        self._settler.look()
        self._refresh()

    def _refresh(self) -> None:
        """All has been drawn, and with it the flags that say what has changed are gone."""
        if self._layers is not None:
            self._layers.refresh()
        elif self._layering and not self._idle:
            self._snapshot = Snapshot(self.figure)

    def _draw_idle(self, *args: Any, **kwargs: Any) -> None:
        if self._idling:  # as the canvas's own: shared limits ask for it while they are scaled
            return
        if self._drawing:
            type(self._canvas).draw_idle(self._canvas)
            return
        self._idling = True
        try:
            self._stand_in_for_drawing(sys._getframe(1).f_globals.get("__name__"))
        finally:
            self._idling = False

    def _stand_in_for_drawing(self, caller: object) -> None:
        self._fit_is_due = self._may_fit_late(caller)
        news = self._settler.look()
        if not self._shows_all_to_own_code():  # whose layouts come before limits are scaled
            settle_axes(self.figure, tables=not self._fit_is_due)
        self._settled_early = self._needed(news)
        if self._shows_all_to_own_code():
            self._draw_for_own_code(caller)
            self._settler.look()
        else:
            self._settle_by(self._settled_early, saving=False)

    def _shows_all_to_own_code(self) -> bool:
        return self._settler.every_frame or (self._settler.own and not self._leaves_out)

    def _draw_for_own_code(self, caller: object) -> None:
        """Draw everything, but without pixels where nobody has looked at any so far."""
        alone = self._plain and caller == "matplotlib.animation" and not self._settler.every_frame
        unseen = alone and self._is_looked_at is False
        with self._ourselves(), noticing_looks(self._canvas.get_renderer()) as looks:  # type: ignore[attr-defined]
            if unseen:
                draw_unseen(self.figure)
            else:
                self._canvas.draw()
        if unseen and looks:
            raise LooksError(f"an artist looks at what is drawn, by {looks[0]}, which it did not at first")
        self._is_looked_at = bool(self._is_looked_at or looks)

    def _may_fit_late(self, caller: object) -> bool:
        """Whether tables can be fitted by drawing the frame: nobody looks before, and it seldom changes them."""
        return (
            self._fits_calm
            and self._plain
            and caller == "matplotlib.animation"
            and self.dpi == self.figure.dpi
            and self.figure.get_layout_engine() is None
            and not self._settler.own
            and not self._settler.every_frame
        )

    def _needed(self, news: bool) -> Settling:
        if news or self._settler.every_frame:
            return Settling.DRAWING
        if self._settler.own:
            return Settling.OWN_ARTISTS
        return Settling.LAYOUT if self._layout_moves() else Settling.NOTHING

    def _settle_by(self, needed: Settling, saving: bool) -> None:
        engine = self.figure.get_layout_engine()
        if needed is Settling.DRAWING or (needed is Settling.LAYOUT and self._settler.takes_up_room_as_drawn):
            self._settle()
        elif needed is Settling.LAYOUT and engine is not None and self.figure.axes:
            with contextlib.suppress(ValueError):  # as `Figure.draw`
                engine.execute(self.figure)
            settle_axes(self.figure, tables=False)  # by their aspects within where they are now
        elif needed is Settling.OWN_ARTISTS:
            with self._ourselves():
                self._settler.draw_own(self._canvas.get_renderer(), saving)  # type: ignore[attr-defined]

    def _note_look(self, name: str) -> None:
        if not self._drawing and not self._shows_last_frame:
            self._look = name

    def _drawn(self, event: Any) -> None:
        """Whoever else draws the figure takes back the flags that say what has changed."""
        if event.canvas is not self._canvas:
            self._layers = self._snapshot = None
            return
        if self._drawing:
            return
        self._shows_last_frame = True
        if self._layering:
            self._give_up(
                "the animation draws the figure itself; leave out canvas.draw() and savefig(), where they are yours"
            )

    def _look_before_flags_go(self) -> None:
        """Drawing takes back the stale flags, so what they say must be known first."""
        if self._layers is not None:
            broken = self._layers.check()
            if broken is not None:
                self._dismiss(self._layers, broken)
        elif self._snapshot is not None:
            changed = self._snapshot.changed()
            if changed is None:
                self._snapshot = None
            else:
                self._moving |= {id(artist): artist for artist in changed}

    def _layout_moves(self) -> bool:
        if self.figure.get_layout_engine() is None:
            return False
        if self._layers is None:
            return True
        with self._at_dpi():
            return self._layers.check() is not None

    def _places(self) -> list[tuple[float, ...]]:
        return [axes.get_position(original=which).bounds for axes in self.figure.axes for which in (True, False)]

    @contextlib.contextmanager
    def _at_dpi(self) -> Iterator[None]:
        """As while `savefig` draws: the figure at the dpi of the frames."""
        before = self.figure.dpi
        if before != self.dpi:
            self.figure.dpi = self.dpi
        try:
            yield
        finally:
            if before != self.dpi:
                self.figure.dpi = before
