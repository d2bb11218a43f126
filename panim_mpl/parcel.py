"""How an animation reaches the processes that draw it: by value; else by running its script there again; else not."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import math
import os
import sys
import time
import traceback
import warnings
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from panim_core.errors import RenderError, SettingsError

if TYPE_CHECKING:
    from types import ModuleType

    from matplotlib.animation import Animation
    from matplotlib.artist import Artist

    from panim_core.protocols import FrameArray

MAX_FRAMES = 1_000_000
"""An animation that has not ended by then counts as endless."""


_LONG_SECONDS = 5.0


class Performance:
    """An animation that lives in this process, with what `save` is given besides."""

    def __init__(self, animation: Animation, extra: tuple[Animation, ...], savefig_kwargs: dict[str, Any]) -> None:
        self.animation, self.extra, self.savefig_kwargs = animation, extra, savefig_kwargs
        self.alive: object = None
        """Of a copy, what weak references in it lead to."""

    @property
    def plain(self) -> bool:
        """Whether no code but matplotlib's runs from when it has drawn a frame's animation until the frame is saved."""
        return not self.extra and type(self.animation).__module__ == "matplotlib.animation"

    def shown_in_turn(self) -> list[Artist]:
        """The artists of ArtistAnimations: known to change before they do."""
        from matplotlib.animation import ArtistAnimation

        found: dict[int, Artist] = {}
        for animation in (self.animation, *self.extra):
            if isinstance(animation, ArtistAnimation):
                frames: Iterable[Any] = animation.new_saved_frame_seq()
                found.update((id(artist), artist) for frame in frames for artist in frame)
        return list(found.values())

    def count(self) -> int:
        """How many frames `save` would write, by going through the frame sequences once.

        Raises:
            SettingsError: none, or no end in sight, or what gives them raised.
        """
        from panim_mpl.watch import random_states, restore_random_states

        states, number, told_at = random_states(), 0, time.monotonic() + _LONG_SECONDS
        try:
            for _ in zip(*[a.new_saved_frame_seq() for a in (self.animation, *self.extra)], strict=False):
                number += 1
                check_count(number)
                if time.monotonic() > told_at:
                    told_at = math.inf
                    warnings.warn(
                        f"the animation's frames are counted, which takes its time ({number} so far); if they have no "
                        "end, give FuncAnimation save_count=",
                        stacklevel=2,
                    )
        except SettingsError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise SettingsError(
                f"the animation's frames= raised {type(error).__name__}: {error}, after {number} of them "
                f"({place.filename}:{place.lineno})"
            ) from error
        finally:
            restore_random_states(states)
        if number == 0:
            raise SettingsError("the animation has no frames; an iterator given as frames= may be used up already")
        return number


def check_count(number: int) -> None:
    """Raise `SettingsError` for a number of frames that only an endless animation has."""
    if number > MAX_FRAMES:
        raise SettingsError(
            f"the animation's frames have no end (over {MAX_FRAMES}); give FuncAnimation frames= or save_count="
        )


class CopyError(RenderError):
    """The copy cannot be opened: something in it can be pickled, but not loaded again."""

    retry_with = {"by_value": False}  # noqa: RUF012 - read by the core


_SET_BY_DRAWING = {"get_offset", "offsetText", "get_offset_text", "get_window_extent", "get_tightbbox", "get_extents"}
"""Names of what artists tell by how they were last drawn, and which is not made up for where a frame is not."""

_ANY = {"findobj", "getp", "properties", "getattr", "methodcaller", "attrgetter"}
"""Names by which anything may be reached."""

_TICKS = {
    *_ANY,
    *("get_xticklabels", "get_yticklabels", "get_ticklabels", "get_majorticklabels", "get_minorticklabels"),
    *("get_xticklines", "get_yticklines", "get_ticklines", "get_majorticklines", "get_minorticklines"),
    *("get_xgridlines", "get_ygridlines", "get_gridlines", "get_major_ticks", "get_minor_ticks"),
    *("xticks", "yticks", "set_xticklabels", "set_yticklabels", "set_ticklabels", "xticklabels", "yticklabels"),
    *("thetagrids", "rgrids", "set_thetagrids", "set_rgrids", "get_children"),
    *("majorTicks", "minorTicks", "autofmt_xdate"),
}
"""Names by which single ticks may be reached."""

_COLOURS = {*_ANY, "get_facecolor", "get_facecolors", "get_edgecolor", "get_edgecolors", "get_fc", "get_ec"}
"""Names by which colours may be asked for."""

_PIXELS = {"buffer_rgba", "tostring_argb", "tostring_rgb"}
"""Names of what a canvas tells once it is drawn."""


class ByValue:
    """A copy of the animation, taken when this is made."""

    is_copy = True
    touches_ticks: bool
    """Whether ticks matter that drawing makes, for frames that are not drawn as well."""
    asks_for_colours: bool
    """Whether those matter that it gives to collections."""

    def __init__(self, performance: Performance) -> None:
        """Raises `panim_mpl.travel.CannotTravelError`."""
        from panim_mpl.replay import probe
        from panim_mpl.travel import CannotTravelError, pack

        asked: set[str] = set()
        self._data = pack(performance, asked)
        self.asks_for = sorted(_SET_BY_DRAWING & asked)
        """What is set by drawing, and asked for by code that goes along."""
        self.touches_ticks = not _TICKS.isdisjoint(asked)
        self.asks_for_colours = not _COLOURS.isdisjoint(asked)
        if _PIXELS & asked and hasattr(probe(performance.animation, None).figure.canvas, "renderer"):
            raise CannotTravelError("its code looks at pixels of a canvas that has been drawn already")

    @property
    def max_workers(self) -> int | None:
        """1 where drawing a frame changes what the next one's update is told."""
        return 1 if self.asks_for else None

    def open(self) -> Performance:
        """The copy. The state of this interpreter becomes that in which it was taken. Raises `CopyError`."""
        from panim_mpl.travel import unpack

        try:
            performance: Performance = unpack(self._data)
        except Exception as error:
            raise CopyError(f"the animation's copy cannot be opened: {type(error).__name__}: {error}") from error
        return performance

    def verify(self, index: int, frame: FrameArray) -> None:
        """Copies of one thing need no comparison."""

    def to_verify(self, index: int) -> bool:
        """Whether `verify` wants the frame."""
        return False


class Held:
    """The animation itself, for the executor ``"here"``: it leaves this process only as a key."""

    max_workers: int | None = 1
    is_copy = False
    touches_ticks = asks_for_colours = True
    asks_for = ()

    def __init__(self, performance: Performance, reason: str) -> None:
        self._performance, self._reason = performance, reason

    def __reduce__(self) -> tuple[Any, ...]:
        key = f"{os.getpid()}-{id(self)}"
        _held[key] = self
        return _take_back, (key, self._reason)

    def open(self) -> Performance:
        """The animation itself."""
        return self._performance

    def verify(self, index: int, frame: FrameArray) -> None:
        """There is nothing to compare with."""

    def to_verify(self, index: int) -> bool:
        """Whether `verify` wants the frame."""
        return False


_held: weakref.WeakValueDictionary[str, Held] = weakref.WeakValueDictionary()


class NotSentError(SettingsError):
    """Only the process in which the animation lives can draw it, and another was to."""

    @property
    def retry_with(self) -> dict[str, str]:
        """Read by the core: that process raises this, in plain words, when it is asked for the next try."""
        return {"elsewhere": str(self)}


def _take_back(key: str, reason: str) -> Held:
    if key not in _held:
        raise not_sent(reason)
    return _held[key]


def not_sent(reason: str) -> NotSentError:
    """The error that says so."""
    return NotSentError(
        f"the animation cannot be sent to worker processes: {reason}. Make files, locks, connections and the like "
        "inside of the update; or let this process draw, with executor='here'"
    )


class RerunDiffersError(RuntimeError):
    """The script gives another animation each time it is run, so that one process must draw all of it."""

    retry_with = {"alone": True}  # noqa: RUF012 - read by the core


class Script(NamedTuple):
    """How an animation is made once more."""

    path: Path
    arguments: Sequence[str]
    """Its name first."""
    function: str | None
    """What makes it, if that is not the script as it is run."""
    number: int
    """Among the animations that are made."""
    states: dict[str, Any] | None
    """Of the random generators before it all."""
    ends: str | None
    """Where the script is left, so that it does no more to the animation: where that is "saved" or "shown"."""


class ByRerun:
    """The script that makes the animation, to be run again in each worker, and digests of some frames to compare."""

    is_copy = False
    touches_ticks = asks_for_colours = True
    asks_for = ()

    def __init__(self, script: Script, digests: dict[int, str]) -> None:
        self._script, self._digests = script, digests
        self._alone = False

    @property
    def max_workers(self) -> int | None:
        """1 where runs of the script differ."""
        return 1 if self._alone else None

    def alone(self) -> ByRerun:
        """For one process; nothing to compare with."""
        other = ByRerun(self._script, {})
        other._alone = True
        return other

    def open(self) -> Performance:
        """Run the script, quietly: what it prints and warns of was told when it ran first."""
        found = rerun(self._script)
        if len(found) <= self._script.number:
            raise RerunDiffersError(f"{self._script.path.name} made {len(found)} animations when it was run again")
        return Performance(found[self._script.number], (), {})

    def to_verify(self, index: int) -> bool:
        """Whether `verify` wants the frame."""
        return index in self._digests

    def verify(self, index: int, frame: FrameArray) -> None:
        """Compare with the first run.

        Raises:
            RerunDiffersError: another picture.
        """
        if self._digests.get(index, digest(frame)) != digest(frame):
            raise RerunDiffersError(f"{self._script.path.name} gave another frame {index} when it was run again")


Parcel = ByValue | ByRerun | Held


def digest(frame: FrameArray) -> str:
    """A hash of a frame's pixels."""
    return hashlib.sha256(frame.tobytes()).hexdigest()


class _Reached(BaseException):
    pass


def rerun(script: Script) -> list[Any]:
    """The animations that are made, in order. Raises what the script raises."""
    from panim_core.targets import member
    from panim_mpl.watch import restore_random_states, watching

    path, number = script.path, script.number
    name = f"panim_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SettingsError(f"{path} is no Python file")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.argv = list(script.arguments)

    def at_import() -> None:
        if script.states is not None:
            restore_random_states(script.states)

    def at_showing(animation: Any, saved: bool) -> None:
        if script.ends == ("saved" if saved else "shown") and animation in [a for _, a in found[number : number + 1]]:
            raise _Reached

    found: list[tuple[str | None, object]] = []
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if script.function is not None:
            with watching(), contextlib.suppress(SystemExit):
                spec.loader.exec_module(module)
        with watching(at_import, at_showing) as found, contextlib.suppress(_Reached, SystemExit):
            if script.function is None:
                spec.loader.exec_module(module)
            else:
                member(module, script.function)()
    return [animation for _, animation in found]


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


_NOWHERE = _Nowhere()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drop what is printed."""
    with contextlib.redirect_stdout(_NOWHERE), contextlib.redirect_stderr(_NOWHERE):
        yield
