"""The renderer of Pillow images."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from panim_core.protocols import FrameGenerator

if TYPE_CHECKING:
    from types import ModuleType

    import PIL.Image

    from panim_core.protocols import FrameArray


def _pillow() -> ModuleType | None:
    """`PIL.Image` if anything imported it: what is no image yet cannot be asked about without it."""
    return sys.modules.get("PIL.Image")


class PillowRenderer:
    """Draws `PIL.Image.Image` objects of any mode; adopts animated ones (GIF, APNG, WebP) as sources."""

    name = "pillow"

    def adapt(self, target: object) -> FrameGenerator | None:
        """A generator that plays `target` if it is an opened image file with several frames, else None."""
        pillow = _pillow()
        if pillow is None or not isinstance(target, pillow.Image) or not getattr(target, "is_animated", False):
            return None
        from panim_pil.sources import AnimatedImageFrameGenerator

        return AnimatedImageFrameGenerator(target)

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        """(width, height) if `drawing` is a Pillow image, without decoding it, else None."""
        pillow = _pillow()
        if pillow is None or not isinstance(drawing, pillow.Image):
            return None
        width, height = drawing.size
        return width, height

    def draw_into(self, drawing: PIL.Image.Image, out: FrameArray) -> None:
        """Write `drawing` into `out`, shape (height, width, 4), RGBA with straight alpha."""
        from panim_pil.images import copy_into

        copy_into(drawing, out)

    def image_from(self, frame: FrameArray) -> PIL.Image.Image:
        """`frame` as an RGBA image. It shares `frame`'s memory until one of the two is changed through Pillow."""
        import PIL.Image

        height, width = frame.shape[:2]
        return PIL.Image.frombuffer("RGBA", (width, height), frame, "raw", "RGBA", 0, 1)
