"""From whatever a source returned for a frame to RGBA pixels, in memory that somebody else owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from panim_core.errors import PluginContractError, PluginNotFoundError, SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from panim_core.protocols import Renderer

    FrameArray = NDArray[np.uint8]


_registered: Callable[[], Sequence[Renderer]] = tuple
_told: Callable[[], Sequence[Renderer]] | None = None


def register_renderers(provider: Callable[[], Sequence[Renderer]]) -> None:
    """Say where renderers come from unless `use_renderers` says otherwise: the plugin registry."""
    global _registered
    _registered = provider


def use_renderers(provider: Callable[[], Sequence[Renderer]] | None) -> None:
    """Say where renderers come from, in a worker the parent's list; None: from the registry again."""
    global _told
    _told = provider


def _renderers() -> Sequence[Renderer]:
    return (_told or _registered)()


class NotAFrameError(SettingsError):
    """What a source returned cannot be shown as its frame: wrong type, size, dtype or length."""


def place(frame: Any, out: FrameArray) -> None:
    """Write `frame` into `out`.

    Args:
        frame: RGBA bytes, an array (height, width, 3 or 4) of uint8 or of floats in 0..1, or a drawing that a
            renderer knows. It need not be contiguous.
        out: uint8, shape (height, width, 4), C-contiguous.

    Raises:
        NotAFrameError: with the reason and the way out.
    """
    import numpy as np

    height, width = out.shape[:2]
    if isinstance(frame, (bytes, bytearray, memoryview)):
        length = memoryview(frame).nbytes
        if length != out.nbytes:
            raise NotAFrameError(
                f"the frame has {length} bytes; RGBA at {width}x{height} is {width} * {height} * 4 = {out.nbytes}"
            )
        out.reshape(-1)[:] = np.frombuffer(frame, np.uint8)
    elif isinstance(frame, np.ndarray):
        _place_array(frame, out)
    else:
        _place_drawing(frame, out)


def _place_array(frame: NDArray[Any], out: FrameArray) -> None:
    import numpy as np

    height, width = out.shape[:2]
    if hasattr(frame, "filled"):  # masked arrays have it; asking numpy.ma would import that
        raise NotAFrameError("the frame is a masked array; say what is seen where it is masked, with .filled(...)")
    if frame.ndim != 3 or frame.shape[:2] != (height, width) or frame.shape[2] not in (3, 4):
        raise NotAFrameError(
            f"the frame is an array of shape {frame.shape}; expected ({height}, {width}, 3) or ({height}, {width}, 4), "
            "that is (height, width, channels)"
        )
    if frame.dtype == np.uint8:
        _copy(frame, out)
    elif np.issubdtype(frame.dtype, np.floating):
        low, high = float(frame.min()), float(frame.max())
        if not (low >= -1e-6 and high <= 1 + 1e-6):
            raise NotAFrameError(
                f"the frame is a float array with values from {low:g} to {high:g}; floats must lie in 0..1 "
                "(clip them, or return uint8)"
            )
        scaled = np.multiply(frame, 255.0)
        np.rint(scaled, out=scaled)
        np.clip(scaled, 0, 255, out=scaled)
        _copy(scaled if frame.shape[2] == 4 else scaled.astype(np.uint8), out)
    else:
        raise NotAFrameError(f"the frame is an array of dtype {frame.dtype}; use uint8, or floats in 0..1")


def _copy(frame: NDArray[Any], out: FrameArray) -> None:
    import numpy as np

    if frame.shape[2] == 4:
        out[...] = frame
    elif frame.flags.c_contiguous:
        # Four bytes are read for each pixel, the last of them the next one's: 0.9 ms at 1920x1080, else 2.3.
        pixels: NDArray[np.uint32] = np.ndarray((frame.size // 3 - 1,), "<u4", frame, strides=(3,))
        np.bitwise_or(pixels, np.uint32(0xFF000000), out=out.reshape(-1).view("<u4")[:-1])
        out[-1, -1] = *frame[-1, -1], 255
    else:
        for channel in range(3):
            out[..., channel] = frame[..., channel]
        out[..., 3] = 255


def _place_drawing(frame: Any, out: FrameArray) -> None:
    height, width = out.shape[:2]
    renderers = _renderers()
    for renderer in renderers:
        try:
            size = renderer.size_of(frame)
        except Exception as error:
            raise PluginContractError(
                f"the renderer {renderer.name} failed when it was asked for the size of a {type(frame).__name__}: "
                f"{type(error).__name__}: {error}; leave its plugin out with PANIM_DISABLE_PLUGINS"
            ) from error
        if size is None:
            continue
        if tuple(size) != (width, height):
            raise NotAFrameError(
                f"the frame is a {type(frame).__name__} of {size[0]}x{size[1]} pixels; the source says "
                f"frame_size = ({width}, {height}). Nothing is resized in silence: change one, or use .rescale"
            )
        renderer.draw_into(frame, out)
        return
    known = ", ".join(r.name for r in renderers) or "none"
    raise NotAFrameError(
        f"a {type(frame).__name__} is no frame: return RGBA bytes, a numpy array (height, width, 3 or 4), or a "
        f"drawing of an installed renderer ({known})"
    )


def to_array(frame: Any, size: tuple[int, int]) -> FrameArray:
    """`frame` as a new uint8 RGBA array of shape (height, width, 4). Raises `NotAFrameError`."""
    import numpy as np

    out = np.empty((size[1], size[0], 4), np.uint8)
    place(frame, out)
    return out


def to_image(frame: Any, size: tuple[int, int]) -> Any:
    """`frame` as an image of the renderer that makes images (the Pillow plugin's make `PIL.Image.Image`).

    Raises:
        NotAFrameError: `frame` is none.
        PluginNotFoundError: no installed renderer makes images.
    """
    for renderer in sorted(_renderers(), key=lambda r: r.name):
        image_from = getattr(renderer, "image_from", None)
        if image_from is not None:
            return image_from(to_array(frame, size))
    raise PluginNotFoundError("renderer that makes images", "image", [r.name for r in _renderers()])
