"""From white to red and back: a frame generator, and what can be done to its time."""

import PIL.Image

from panim_core import FluentFG, FrameGenerator


class WhiteToRed(FrameGenerator):
    duration = 1  # millisecond, so that time_ms is the progress; stretched below
    frame_size = (1920, 1080)

    def generate_at_pil(self, time_ms):
        rest = round(255 * (1 - time_ms))
        return PIL.Image.new("RGBA", self.frame_size, (255, rest, rest))


red = FluentFG(WhiteToRed()).dilate("smoothstep").time_rescale_exact(2, "s").build()
there_and_back = FluentFG(red).then(FluentFG(red).reverse())
