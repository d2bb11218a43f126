"""The clips that the suites draw through. They are strict: what a source is promised, they demand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from panim_core import drawing
from panim_core.protocols import FrameGenerator

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray

__panim_by_value__ = True  # so that workers need no pytest

Form = Literal["array", "bytes", "rgb", "float", "image", "rgb image", "drawing"]
"""In what form a clip returns its frames: an RGBA array, RGBA bytes, an RGB array, an RGBA array of floats, an image
of the installed renderer that makes images (Pillow's), a `Sheet`."""


class Sheet:
    """A drawing that only `SheetRenderer` knows; `pixels` are uint8, shape (height, width, 4)."""

    def __init__(self, pixels: FrameArray) -> None:
        self.pixels = pixels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sheet) and _same(self.pixels, other.pixels)

    __hash__ = None  # type: ignore[assignment]


class SheetRenderer:
    """Draws each `Sheet`."""

    name = "sheet"

    def adapt(self, target: object) -> None:
        """It adopts nothing."""

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        return (drawing.pixels.shape[1], drawing.pixels.shape[0]) if isinstance(drawing, Sheet) else None

    def draw_into(self, drawing: Sheet, out: FrameArray) -> None:
        out[:] = drawing.pixels


class MovingClip(FrameGenerator):
    """A clip whose every pixel depends on its place and on the time, with every alpha from 0 to 255.

    It complains if it is drawn before `start` or after `finish`, started twice, asked for a time outside
    ``[0, duration)``, or if a frame that it returned was changed by who got it.

    Args:
        size: (width, height) in pixels.
        duration: milliseconds.
        form: of the frames.
        opaque: whether every alpha is 255, as it must be for the form ``"rgb"``.
    """

    def __init__(
        self,
        size: tuple[int, int] = (24, 16),
        duration: float = 400.0,
        form: Form = "array",
        opaque: bool = False,
    ) -> None:
        self._size, self._duration, self._form, self._opaque = size, duration, form, opaque or form == "rgb"
        self._given: dict[float, Any] = {}
        self.started = 0
        """How often `start` was called."""
        self.finished = 0
        """How often `finish` was called."""

    @property
    def duration(self) -> float:
        return self._duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self._size

    def start(self) -> None:
        self.started += 1
        assert self.started == 1, "the source was started twice in one process"
        assert self.finished == 0, "the source was started after it was finished"

    def finish(self) -> None:
        assert self.started == 1, "the source was finished, but never started"
        self.finished += 1
        assert self.finished == 1, "the source was finished twice"

    def check_time(self, time_ms: float) -> None:
        """Complain unless a source may be asked for `time_ms` now."""
        assert self.started, "the source was drawn before its start() was called; call it in yours"
        assert not self.finished, "the source was drawn after its finish() was called"
        has = f"0 <= t < {self._duration!r}"
        assert 0 <= time_ms < self._duration, f"the source was asked for {time_ms!r} ms; it has {has}"

    def check_untouched(self) -> None:
        """Complain if a frame that was returned has changed since."""
        for time_ms, frame in self._given.items():
            assert _same(frame, self._make(time_ms)), "a frame of the source was changed in place; copy it first"

    def generate_at(self, time_ms: float) -> Any:
        self.check_time(time_ms)
        self.check_untouched()
        if time_ms not in self._given:
            self._given[time_ms] = self._make(time_ms)
        return self._given[time_ms]

    def pixels(self, time_ms: float) -> FrameArray:
        """What the clip shows: uint8, shape (height, width, 4)."""
        return moving_pixels(self._size, time_ms, self._opaque)

    def _make(self, time_ms: float) -> Any:
        pixels = self.pixels(time_ms)
        match self._form:
            case "bytes":
                return pixels.tobytes()
            case "rgb":
                return pixels[..., :3].copy()
            case "float":
                return pixels / 255
            case "image":
                return drawing.to_image(pixels, self._size)
            case "rgb image":
                return drawing.to_image(pixels, self._size).convert("RGB")
            case "drawing":
                return Sheet(pixels)
        return pixels


class SequentialClip(MovingClip):
    """A clip whose every frame depends on all times before: on what it was drawn at, or advanced to.

    Besides what `MovingClip` complains about, it does if its time runs backwards.
    """

    sequential = True

    def __init__(self, size: tuple[int, int] = (24, 16), duration: float = 400.0) -> None:
        super().__init__(size, duration)
        self._last, self._past = 0.0, 0

    def advance(self, time_ms: float) -> None:
        self.check_time(time_ms)
        assert time_ms >= self._last, f"a sequential source was taken back from {self._last!r} to {time_ms!r} ms"
        self._last = time_ms
        self._past = (31 * self._past + round(1000 * time_ms) + 1) % 251

    def generate_at(self, time_ms: float) -> FrameArray:
        import numpy as np

        self.advance(time_ms)
        pixels = self.pixels(time_ms)
        pixels[..., :3] += np.uint8(self._past)
        return pixels


def moving_pixels(size: tuple[int, int], time_ms: float, opaque: bool = False) -> FrameArray:
    """A picture of `size` (width, height) that is another one at every millisecond: uint8, (height, width, 4)."""
    import numpy as np

    width, height = size
    y, x = np.mgrid[:height, :width]
    t = round(time_ms)
    channels = [3 * x + t, 5 * y + 2 * t, 7 * (x + y) - t, np.full_like(x, 255) if opaque else 16 * (x + y) + t]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _same(a: object, b: object) -> bool:
    import numpy as np

    return np.array_equal(a, b) if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a == b


class ShadedClip(MovingClip):
    """Takes the drawing option `shade`, by which its colours differ."""

    def __init__(self, size: tuple[int, int], shade: int = 0) -> None:
        super().__init__(size)
        self._shade = shade

    def configured(self, **options: Any) -> FrameGenerator:
        shade = options.pop("shade", self._shade)
        super().configured(**options)
        return ShadedClip(self._size, shade)

    def pixels(self, time_ms: float) -> FrameArray:
        import numpy as np

        pixels = super().pixels(time_ms)
        pixels[..., :3] += np.uint8(self._shade)
        return pixels


class FailingClip(MovingClip):
    """Raises ``ValueError("failing on purpose")`` for every time from `at_ms` on."""

    def __init__(self, at_ms: float) -> None:
        super().__init__()
        self._at_ms = at_ms

    def generate_at(self, time_ms: float) -> Any:
        if time_ms >= self._at_ms:
            raise ValueError("failing on purpose")
        return super().generate_at(time_ms)


class SlowClip(MovingClip):
    """Takes a twentieth of a second for each frame, and then adds a byte to the file `log`."""

    def __init__(self, duration: float, log: str) -> None:
        super().__init__(duration=duration)
        self._log = log

    def generate_at(self, time_ms: float) -> Any:
        import time

        time.sleep(0.05)
        with open(self._log, "ab") as log:
            log.write(b"x")
        return super().generate_at(time_ms)


class DyingClip(MovingClip):
    """Kills its process when it is first asked for a time from `at_ms` on, unless it is the one that made the clip.

    Args:
        died: a file that is made then.
    """

    def __init__(self, at_ms: float, died: str) -> None:
        super().__init__()
        self._at_ms, self._died, self._maker = at_ms, died, os.getpid()

    def generate_at(self, time_ms: float) -> Any:
        import contextlib
        import signal

        if time_ms >= self._at_ms and os.getpid() != self._maker:
            with contextlib.suppress(FileExistsError), open(self._died, "xb"):  # of several processes, only the first
                os.kill(os.getpid(), signal.SIGKILL)
        return super().generate_at(time_ms)
