"""`Animation.save`, stopped at every frame.

What `save` does before, between and after frames is part of the result: the opening call, the order in which
values are drawn from generators, what subclasses add. So the animation's own `save` runs, with a movie writer that
draws nothing and switches back at each frame to whoever asked for it. It has a stack of its own (a greenlet), but
no thread: updates may use what belongs to the thread that made it, such as connections to a database.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import greenlet
from matplotlib.animation import AbstractMovieWriter
from matplotlib.animation import writers as _writers

from panim_mpl.watch import PROBE

if TYPE_CHECKING:
    from types import TracebackType

    from matplotlib.animation import Animation
    from matplotlib.figure import Figure


class Setup(NamedTuple):
    """What `Animation.save` tells a writer at first."""

    inches: tuple[float, float]
    """Of the figure."""
    dpi: float
    fps: float | None
    """As matplotlib computes it from the interval; None for an animation without one, or with one of 0."""


class Probe(NamedTuple):
    """What `Animation.save` would start with."""

    figure: Figure
    setup: Setup


class _ProbedError(Exception):
    def __init__(self, probe: Probe) -> None:
        super().__init__()
        self.probe = probe


@_writers.register(PROBE)
class _ProbeWriter(AbstractMovieWriter):
    """Tells what `save` gives to a writer, and ends the saving before it touches the animation."""

    looking = False

    def __init__(self, fps: float | None, **kwargs: Any) -> None:
        super().__init__(fps, **kwargs)  # type: ignore[arg-type]

    @classmethod
    def isAvailable(cls) -> bool:
        return cls.looking

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:
        width, height = fig.get_size_inches()
        raise _ProbedError(Probe(fig, Setup((width, height), float(fig.dpi if dpi is None else dpi), self.fps)))

    def grab_frame(self, **savefig_kwargs: Any) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        raise NotImplementedError


def probe(animation: Animation, dpi: float | None) -> Probe:
    """Ask `animation.save` for its figure, dpi and frame rate. Nothing is drawn and no user code runs."""
    try:
        return _probe(animation, dpi, None)
    except ZeroDivisionError:  # an interval of 0
        figure, setup = _probe(animation, dpi, 1)
        return Probe(figure, setup._replace(fps=None))


def _probe(animation: Animation, dpi: float | None, fps: int | None) -> Probe:
    _ProbeWriter.looking = True
    log = logging.getLogger("matplotlib.animation")
    before, log.disabled = log.disabled, True  # it tells the writer's name
    try:
        animation.save("panim", writer=PROBE, dpi=dpi, fps=fps)
    except _ProbedError as told:
        return told.probe
    finally:
        _ProbeWriter.looking, log.disabled = False, before
    raise RuntimeError(f"{type(animation).__name__}.save started no movie writer")


class _SteppingWriter(AbstractMovieWriter):
    def __init__(self, size_inches: tuple[float, float] | None) -> None:
        super().__init__()
        self._size_inches = size_inches

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:
        self.fig, self.outfile = fig, outfile
        self.dpi = float(fig.dpi if dpi is None else dpi)
        if self._size_inches is not None:
            fig.set_size_inches(*self._size_inches, forward=True)
        self._inches = tuple(fig.get_size_inches())

    def grab_frame(self, **savefig_kwargs: Any) -> None:
        if tuple(self.fig.get_size_inches()) != self._inches:  # as matplotlib's own writers
            self.fig.set_size_inches(*self._inches)
        asking = greenlet.getcurrent().parent
        assert asking is not None
        asking.switch(Frame(self.fig, self.dpi, savefig_kwargs))

    def finish(self) -> None:
        pass


class Frame(NamedTuple):
    """All updates of a frame have been made; it is ready to be drawn with `savefig(dpi=dpi, **savefig_kwargs)`."""

    figure: Figure
    dpi: float
    savefig_kwargs: Mapping[str, Any]


class Replay:
    """The frames of an animation in order, each brought about by `step` and drawn by whoever wants it."""

    def __init__(
        self,
        animation: Animation,
        *,
        extra: Sequence[Animation] = (),
        dpi: float | None = None,
        size_inches: tuple[float, float] | None = None,
        savefig_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self._ended = False

        def save() -> None:
            animation.save(
                "panim",
                writer=_SteppingWriter(size_inches),
                dpi=dpi,
                extra_anim=list(extra) or None,
                savefig_kwargs=dict(savefig_kwargs or {}),
            )

        self._save = greenlet.greenlet(save)

    def step(self) -> Frame | None:
        """Make the updates of the next frame. None: the animation has ended. To be called by the thread that made this.

        Raises:
            Exception: what the animation's own code raised.
        """
        if self._ended:
            return None
        self._save.parent = greenlet.getcurrent()
        contextvars.copy_context()  # there is none before it is first asked for
        # What updates set in context variables, such as numpy's errstate, holds for drawing too.
        self._save.gr_context = greenlet.getcurrent().gr_context
        try:
            outcome = self._save.switch()
        except BaseException as error:  # noqa: BLE001 - raised again
            self._ended = True
            raise error.with_traceback(_of_the_user(error.__traceback__))  # noqa: B904 - it is the same
        if isinstance(outcome, Frame):
            return outcome
        self._ended = True
        return None

    def close(self) -> None:
        """Leave `save` where it stands."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(Exception):  # what its cleaning up raises is of a saving that nobody waits for
                self._save.parent = greenlet.getcurrent()
                self._save.throw(greenlet.GreenletExit)


def _of_the_user(found: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that begins with the user's code: after panim's and matplotlib's frames."""
    part = found
    while part is not None:
        module = part.tb_frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in ("panim_mpl", "matplotlib", "contextlib"):
            return part
        part = part.tb_next
    return found
