"""A matplotlib animation as a source: the frames that `Animation.save` would write."""

from __future__ import annotations

import contextlib
import copy
import weakref
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panim_core.errors import SettingsError
from panim_core.frames import check_size, exact_fps
from panim_core.protocols import FrameGenerator
from panim_mpl.options import check_dpi, check_redraw
from panim_mpl.parcel import ByRerun, ByValue, CopyError, Held, NotSentError, Parcel, Performance, Script, not_sent

if TYPE_CHECKING:
    from matplotlib.animation import Animation

    from panim_core.protocols import FrameArray, Identity
    from panim_mpl.playing import Playing
    from panim_mpl.replay import Setup
    from panim_mpl.taken import Taken

_UNOPENED = "its copy does not work there"


class AnimationSource(FrameGenerator):
    """Draws what `animation.save` would, byte for byte.

    Frame i is the i-th that `save` would write, shown at ``i * 1000 / fps`` milliseconds. Each worker makes
    all updates in order and draws its own frames. The animation itself is left as it is: workers have copies,
    taken when the source is first measured or sent.
    """

    sequential = True
    frame_locked = True
    """Another frame rate shows the same frames faster or slower, as ``save(fps=...)`` does."""

    def __init__(
        self,
        animation: Animation,
        *,
        extra: Sequence[Animation] = (),
        savefig_kwargs: Mapping[str, Any] | None = None,
        taken: Taken | None = None,
    ) -> None:
        """`extra` and `savefig_kwargs` are `Animation.save`'s ``extra_anim`` and ``savefig_kwargs``.

        `taken` is the animation as it was earlier, to be drawn instead.
        """
        self.__panim_origin__: tuple[str, Sequence[str], int | None, str | None] | None = None
        """Where it comes from, see `panim_core.targets`."""
        self._home = _Home(Performance(animation, tuple(extra), dict(savefig_kwargs or {})), taken)
        self._parcel: Parcel | None = None
        self._fps: Fraction | None = None
        self._dpi: float | None = None
        self._size: tuple[int, int] | None = None
        self._redraw = "auto"
        self._frame_count: int | None = None
        self._alone = False
        self._playing: Playing | None = None
        self._undo: Callable[[], object] | None = None

    # ---- in the parent

    @property
    def fps(self) -> Fraction:  # type: ignore[override]
        """Frames per second: what was configured, else from the animation's interval."""
        if self._fps is None:
            rate = self._home.setup(self._dpi).fps
            if rate is None:
                raise SettingsError("this animation has no interval; say the frame rate with fps= or --fps")
            self._fps = exact_fps(rate)
        return self._fps

    @property
    def frame_count(self) -> int:
        """How many frames `save` would write.

        Raises:
            SettingsError: none, or no end in sight.
        """
        if self._frame_count is None:
            self.pack()
        assert self._frame_count is not None
        return self._frame_count

    @property
    def duration(self) -> float:
        return float(self.frame_count * 1000 / self.fps)

    @property
    def frame_size(self) -> tuple[int, int]:
        if self._size is None:
            from panim_mpl.raster import pixel_size

            inches, dpi, _ = self._home.setup(self._dpi)
            self._size = pixel_size(inches, dpi)
        return self._size

    def configured(self, **options: Any) -> FrameGenerator:
        """With another `fps`, `dpi`, `size` (pixels) or `redraw` (``"auto"`` or ``"full"``)."""
        other = copy.copy(self)
        for name, value in options.items():
            if name == "fps":
                other._fps = exact_fps(value)
            elif name == "dpi":
                other._dpi, other._size = check_dpi(value), None
            elif name == "size":
                other._size = check_size(value)
            elif name == "redraw":
                other._redraw = check_redraw(value)
            elif name == "frame_count":
                other._frame_count = value
            elif name == "alone":
                other._alone = True
                if isinstance(other._parcel, ByRerun):
                    other._parcel = other._parcel.alone()
            elif name == "by_value":
                other = other.without_copy()
                if not other.travels:
                    raise not_sent(_UNOPENED)
            elif name == "elsewhere":
                raise NotSentError(value)
            else:
                raise SettingsError(f"a matplotlib animation has no option {name}; it has fps, dpi, size and redraw")
        return other

    def without_copy(self) -> AnimationSource:
        """This source, but not by value; where the copy could be made and cannot be opened."""
        other = copy.copy(self)
        other._parcel = self._home.without_copy(self)
        return other

    @property
    def travels(self) -> bool:
        """Whether other processes can draw it. If not, the executor ``"here"`` can."""
        return not isinstance(self.pack(), Held)

    @property
    def max_workers(self) -> int | None:
        """1 where several processes would not draw the same animation, or each would have to draw every frame."""
        most = 1 if self._alone else self.pack().max_workers
        if most is None and self._home is not None:
            most = 1 if self._home.draws_every_frame() else None
        return most

    def pack(self) -> Parcel:
        """The animation for other processes, as it is now or was when this was first called for it."""
        if self._parcel is None:
            self._parcel = self._home.parcel(self)
        if self._frame_count is None:
            self._frame_count = self._home.frame_count()
        return self._parcel

    def __copy__(self) -> AnimationSource:
        other = AnimationSource.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def __getstate__(self) -> dict[str, Any]:
        state = {**vars(self), "_parcel": self.pack(), "_home": None, "_playing": None, "_undo": None}
        state["_frame_count"], state["_fps"], state["_size"] = self.frame_count, self.fps, self.frame_size
        return state

    def __panim_parts__(self) -> tuple[Animation, ...]:
        return (self._home.performance.animation, *self._home.performance.extra)

    def __panim_identity__(self) -> Identity:
        from panim_mpl.identity import identity
        from panim_mpl.surroundings import put_back

        options = (self.fps, self._dpi, self.frame_size, self._redraw, self.frame_count)
        with put_back():
            drawn = self._home.as_drawn()
            return identity((drawn.animation, *drawn.extra), (*options, drawn.savefig_kwargs))

    # ---- in a worker

    def start(self) -> None:
        from panim_mpl.playing import Playing

        with contextlib.ExitStack() as undo:
            if self._home is not None and self.travels:  # a copy, in the process that the animation lives in
                from panim_mpl.surroundings import put_back

                undo.enter_context(put_back())
            try:
                parcel = self.pack()
                performance = parcel.open()
            except CopyError:
                if self._home is None:
                    raise
                parcel = self._parcel = self._home.without_copy(self)
                performance = parcel.open()
            self._playing = Playing(
                performance,
                dpi=self._dpi,
                size=self.frame_size,
                redraw=self._redraw,
                frame_count=self.frame_count,
                parcel=parcel,
                alone=self._alone,
            )
            # At the latest when Python ends, while modules are still there.
            self._undo = weakref.finalize(self, undo.pop_all().close)

    def advance(self, time_ms: float) -> None:
        """Make the updates up to the frame at `time_ms`, drawing nothing."""
        self._play().run_to(self.index_at(time_ms))

    def generate_at(self, time_ms: float) -> FrameArray:
        return self._play().draw(self.index_at(time_ms))

    def finish(self) -> None:
        if self._playing is not None:
            self._playing.close()
            self._playing = None
            if self._undo is not None:
                self._undo()

    def notes(self) -> list[str]:
        """What a user should be told since the last call."""
        told = self._home.take_notes() if self._home is not None else []
        return told + (self._playing.take_notes() if self._playing is not None else [])

    def claims(self) -> list[tuple[str, str]]:
        """What every process that plays this must find alike, since the last call."""
        return self._playing.take_claims() if self._playing is not None else []

    def claims_here(self, frames: int) -> list[tuple[str, str]]:
        """What a copy that is opened in this process claims for the first `frames`; nothing where it fails before.

        Libraries that the script has changed are as it left them here, and as they come elsewhere.
        """
        from panim_mpl.playing import threads_unheard

        if self._alone or not isinstance(self.pack(), ByValue):
            return []
        other = copy.copy(self)
        try:
            with threads_unheard():
                other.start()
                try:
                    for index in range(min(frames, self.frame_count)):
                        other.generate_at(float(index * 1000 / self.fps))
                    return other.claims()
                finally:
                    other.finish()
        except (Exception, SystemExit):  # noqa: BLE001 - workers tell what it is
            return []

    def retry_at_odds(self) -> dict[str, Any]:
        """Options for where workers claim something else: one process, if the animation is not the same twice here."""
        return {"by_value": False} if self.claims_here(1) == self.claims_here(1) else {"alone": True}

    def index_at(self, time_ms: float) -> int:
        """The frame that is shown at `time_ms`."""
        index = int(time_ms * float(self.fps) / 1000 + 1e-6)
        return min(max(index, 0), self.frame_count - 1)

    def _play(self) -> Playing:
        if self._playing is None:
            self.start()
        assert self._playing is not None
        return self._playing


class _Home:
    """What stays where the animation lives; shared by all differently configured sources of it."""

    def __init__(self, performance: Performance, taken: Taken | None) -> None:
        self.performance, self._taken = performance, taken
        self._parcel: Parcel | None = None
        self._frame_count: int | None = None
        self._notes: list[str] = []

    def frame_count(self) -> int:
        """Counted once the parcel is made, since counting may use up what it counts."""
        if self._frame_count is None:
            self._frame_count = self.performance.count()
        return self._frame_count

    def parcel(self, source: AnimationSource) -> Parcel:
        """The best way that there is."""
        from panim_mpl.travel import CannotTravelError

        if self._parcel is None:
            try:
                self._parcel = ByValue(self.performance) if self._taken is None else self._taken.parcel()
            except CannotTravelError as error:
                self._parcel = self._otherwise(source, error)
            if isinstance(self._parcel, ByValue) and self._parcel.asks_for:
                self._notes.append(
                    f"one process draws all frames: the script asks for what drawing sets, by "
                    f"{', '.join(self._parcel.asks_for)}"
                )
        return self._parcel

    def _otherwise(self, source: AnimationSource, error: Exception) -> Parcel:
        from panim_mpl.playing import rehearse
        from panim_mpl.watch import states_at_start

        script, arguments, number, function = source.__panim_origin__ or ("", (), None, None)
        if number is None or not script.endswith(".py"):
            self._notes.append(f"this process alone draws, since the animation cannot be sent to others: {error}")
            return Held(self.performance, str(error))
        self._notes.append(f"the script is run again in each worker, since the animation cannot be sent: {error}")
        self._frame_count, digests = rehearse(self.performance, source._dpi, source._size)
        ends = self._taken and ("saved" if self._taken.saved else "shown")
        return ByRerun(Script(Path(script), arguments, function, number, states_at_start(), ends), digests)

    def without_copy(self, source: AnimationSource) -> Parcel:
        """The best way but by value, where the copy could be made and cannot be opened."""
        if self._parcel is None or isinstance(self._parcel, ByValue):
            self._parcel = self._otherwise(source, CopyError(_UNOPENED))
        return self._parcel

    def setup(self, dpi: float | None) -> Setup:
        """With what it is saved, at that `dpi` if there is one."""
        from panim_mpl.replay import probe

        if self._taken is None:
            return probe(self.performance.animation, dpi).setup
        return self._taken.setup if dpi is None else self._taken.setup._replace(dpi=dpi)

    def draws_every_frame(self) -> bool:
        """Whether each process would have to draw each frame."""
        from panim_mpl.replay import probe
        from panim_mpl.settling import draws_every_frame

        if self._taken is not None:
            return self._taken.every_frame
        return draws_every_frame(probe(self.performance.animation, None).figure)

    def as_drawn(self) -> Performance:
        """What is drawn, or what resembles it where that is elsewhere."""
        if self._taken is None or not isinstance(self._taken.outcome, ByValue):
            return self.performance
        try:
            return self._taken.outcome.open()
        except CopyError:
            return self.performance

    def take_notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes
