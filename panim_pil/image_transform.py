"""The bases of everything here that shows sources differently, pixel by pixel.

Frames flow through a chain as images of Pillow: no step turns them into bytes or arrays for the next. What is opaque
may flow as RGB, which says so without a look at every pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from panim_core.errors import SettingsError
from panim_core.frame_gen import FluentFG, WrapperFrameGenerator
from panim_core.frames import check_size
from panim_core.protocols import FrameGenerator
from panim_core.time_maps import up_to
from panim_pil.images import image_at, to_rgba

if TYPE_CHECKING:
    from PIL import Image

Clip = FrameGenerator | FluentFG
"""What every transform takes."""

Size = tuple[int, int]


class ImageTransform(WrapperFrameGenerator):
    """Each frame of `child` put through `function`.

    Args:
        child: whose frames to change.
        function: RGBA image -> RGBA or RGB image. It must not change the image it is given. To travel to workers by
            plain pickle too, it is a module's function or a `functools.partial` of one.
        output_size: the size of `function`'s images, from that of the child's; by default the same. It raises
            `SettingsError` for a frame that is too small.
        rgb: `function` also takes RGB images, and then gets them where the child draws them.
    """

    child: FrameGenerator

    def __init__(
        self,
        child: Clip,
        function: Callable[..., Image.Image],
        output_size: Callable[[Size], Size] | None = None,
        rgb: bool = False,
    ) -> None:
        self.function = function
        self.output_size = output_size
        self.rgb = rgb
        super().__init__(child)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        self.child = children[0]
        size = check_size(self.child.frame_size)
        self._frame_size = size if self.output_size is None else check_size(self.output_size(size))

    @property
    def frame_size(self) -> Size:
        return self._frame_size

    def frame_at(self, time_ms: float) -> Image.Image:
        return self._draw(time_ms)

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return to_rgba(self._draw(time_ms))

    def _draw(self, time_ms: float) -> Image.Image:
        return self.function(image_at(self.child, time_ms, self.rgb))


class TimedImageTransform(ImageTransform):
    """Like `ImageTransform`, with a function of (image, time in milliseconds, duration in milliseconds)."""

    def _draw(self, time_ms: float) -> Image.Image:
        return self.function(image_at(self.child, time_ms, self.rgb), time_ms, self.duration)


class CompositionFrameGenerator(WrapperFrameGenerator):
    """The images of several children, of one duration, put together by `function`.

    Args:
        children: whose frames to use.
        function: one RGBA image for each child -> RGBA image; it must not change those it is given.
        output_size: the size of `function`'s images, from those of the children's; by default the first's.
            It raises `SettingsError` where they do not fit together.
    """

    def __init__(
        self,
        *children: Clip,
        function: Callable[..., Image.Image],
        output_size: Callable[..., Size] | None = None,
    ) -> None:
        self.function = function
        self.output_size = output_size
        super().__init__(*children)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        durations = [child.duration for child in children]
        if up_to(min(durations), max(durations)) > min(durations):
            raise SettingsError(
                f"the clips last {', '.join(f'{d:g}' for d in durations)} ms; "
                "make them last equally long, with crop or time_rescale_exact"
            )
        sizes = [check_size(child.frame_size) for child in children]
        self._frame_size = sizes[0] if self.output_size is None else check_size(self.output_size(*sizes))

    @property
    def duration(self) -> float:
        return min(child.duration for child in self.children)  # they may differ by the noise of floats

    @property
    def frame_size(self) -> Size:
        return self._frame_size

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return self.function(*(image_at(child, time_ms) for child in self.children))
