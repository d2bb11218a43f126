"""What the workloads draw: plain functions of progress, the same for every tool, knowing none of them.

Every drawing is 1920x1080. Imported by peers in environments of their own, so nothing of panim may be imported here.
"""

from __future__ import annotations

import math

SIZE = (1920, 1080)
FPS = 60


class Red:
    """Pillow: one colour over the whole frame, from white to red."""

    def image(self, progress, mode="RGBA"):
        from PIL import Image

        rest = round(255 * (1 - progress))
        return Image.new(mode, SIZE, (255, rest, rest, 255)[: len(mode)])


class Dots:
    """Pillow: 300 filled ellipses in motion."""

    def image(self, progress, mode="RGBA"):
        from PIL import Image, ImageDraw

        image = Image.new(mode, SIZE, (16, 19, 38, 255)[: len(mode)])
        draw = ImageDraw.Draw(image)
        for k in range(300):
            angle = 2 * math.pi * (progress * (1 + k % 3) + k * 0.381966)
            x = SIZE[0] / 2 + (80 + 2.9 * k) * math.cos(angle)
            y = SIZE[1] / 2 + (60 + 1.5 * k) * math.sin(angle)
            radius = 8 + k % 17
            colour = (55 + k * 7 % 200, 55 + k * 13 % 200, 55 + k * 29 % 200, 255)[: len(mode)]
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        return image


class Plasma:
    """numpy: four waves, coloured."""

    def __init__(self):
        self.grid = None

    def array(self, progress):
        import numpy as np

        if self.grid is None:
            y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32) / 120
            shades = np.linspace(0, 1, 256)[:, None]
            palette = np.rint(127.5 + 127.5 * np.cos(2 * np.pi * (shades + np.array([0.5, 0.62, 0.83])))).astype(
                np.uint8
            )
            self.grid = x, y, palette
        x, y, palette = self.grid
        turn = 2 * math.pi * progress
        distance = np.hypot(x - 8 - 4 * math.cos(turn), y - 4.5 - 3 * math.sin(turn))
        waves = np.sin(x + turn) + np.sin(y + 2 * turn) + np.sin((x + y) * 0.7 + turn) + np.sin(distance - 2 * turn)
        return palette[((waves + 4) * (255 / 8)).astype(np.uint8)]


class Line:
    """matplotlib: axes, grid, title and one growing line of 2000 points."""

    POINTS = 2000

    def setup(self):
        """Make and return the figure."""
        import numpy as np
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
        axes.set(xlim=(0, 10), ylim=(-1.1, 1.1), xlabel="x", ylabel="y", title="a growing line")
        axes.grid(visible=True)
        self.x = np.linspace(0, 10, self.POINTS)
        self.y = np.sin(3 * self.x) * np.cos(0.7 * self.x)
        (self.line,) = axes.plot([], [], lw=2)
        return figure

    def update(self, progress):
        """Change the figure; return the artists that changed."""
        shown = 1 + round((self.POINTS - 1) * progress)
        self.line.set_data(self.x[:shown], self.y[:shown])
        return [self.line]


class Multi:
    """matplotlib: 2x2 subplots, a line moving in each."""

    def setup(self):
        import numpy as np
        from matplotlib import pyplot

        figure, grid = pyplot.subplots(2, 2, figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
        self.x = np.linspace(0, 4 * np.pi, 1000)
        self.lines = []
        for number, axes in enumerate(grid.flat):
            axes.set(xlim=(0, 4 * np.pi), ylim=(-1.2, 1.2), title=f"wave {number + 1}")
            axes.grid(visible=True)
            self.lines += axes.plot(self.x, np.sin(self.x), lw=2, color=f"C{number}")
        return figure

    def update(self, progress):
        import numpy as np

        for number, line in enumerate(self.lines):
            line.set_ydata(np.sin((1 + number / 2) * self.x + 2 * np.pi * progress * (1 + number)))
        return self.lines


DRAWINGS = {"red": Red, "dots": Dots, "line": Line, "numpy": Plasma, "multi": Multi}
MATPLOTLIB = ("line", "multi")


def agg(figure):
    """`figure` drawn: its canvas's RGBA buffer."""
    figure.canvas.draw()
    return figure.canvas.buffer_rgba()
