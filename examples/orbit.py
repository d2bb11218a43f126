"""A planet and its moon: the shortest way to write an animation, a function of time."""

from math import cos, pi, sin

from PIL import Image, ImageDraw

import panim_core

SIZE = (960, 540)
SCALE = 2  # drawn larger and reduced, for smooth edges


@panim_core.animation(duration=4000, frame_size=SIZE)
def orbit(time_ms):
    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), "#0b1026")
    draw = ImageDraw.Draw(image)

    def disc(x, y, radius, **style):
        draw.circle((x * SCALE, y * SCALE), radius * SCALE, **style)

    year = 2 * pi * time_ms / 4000
    sun = (480, 270)
    planet = (sun[0] + 190 * cos(year), sun[1] + 190 * sin(year))
    moon = (planet[0] + 46 * cos(5 * year), planet[1] + 46 * sin(5 * year))
    disc(*sun, 190, outline="#2b3566", width=3)
    disc(*planet, 46, outline="#2b3566", width=3)
    disc(*sun, 52, fill="#ffd166")
    disc(*planet, 22, fill="#4cc9f0")
    disc(*moon, 8, fill="#f4f1de")
    return image.reduce(SCALE)
