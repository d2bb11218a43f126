"""A plasma of four travelling waves: frames as numpy arrays."""

import math

import numpy as np

from panim_core import FrameGenerator


class Plasma(FrameGenerator):
    duration = 4000
    frame_size = (960, 540)
    fps = 30

    def start(self):
        width, height = self.frame_size
        self.y, self.x = np.mgrid[0:height, 0:width].astype(np.float32) / 60
        shades = np.linspace(0, 1, 256)[:, None]
        phases = np.array([0.50, 0.62, 0.83])
        self.palette = np.rint(255 * (0.5 + 0.5 * np.cos(2 * np.pi * (shades + phases)))).astype(np.uint8)

    def generate_at(self, time_ms):
        turn = 2 * math.pi * time_ms / self.duration  # one turn, so that the clip loops without a seam
        x, y = self.x, self.y
        centre_x, centre_y = 8 + 4 * math.cos(turn), 4.5 + 3 * math.sin(turn)
        waves = (
            np.sin(x + turn)
            + np.sin((y + 2 * math.sin(turn)) * 0.8)
            + np.sin((x + y) * 0.7 + turn)
            + np.sin(np.hypot(x - centre_x, y - centre_y) - 2 * turn)
        )
        return self.palette[((waves + 4) * (255 / 8)).astype(np.uint8)]


plasma = Plasma()
