"""What panim does, told by an Act: scenes change numbers in a state, and a renderer draws the state.

Every scene lasts 1 ms and moves one number from 0 to 1; chains stretch, ease, join and sequence them.
"""

import math
import random

from PIL import Image, ImageDraw, ImageFont

from panim_core.acts import Act, ActRenderer, ActState, FluentScene, Scene
from panim_core.easing import doublespeed, smootheststep, smoothstep, squeeze

WIDTH, HEIGHT = 1280, 720
SCALE = 2  # shapes are drawn larger and reduced, for smooth edges; text is smooth by itself

NIGHT, DEEP, DIM, PAPER = "#101326", "#1b2040", "#5b6394", "#f4f1de"
RAINBOW = ["#ff6b6b", "#ff9f5a", "#ffd166", "#8ce99a", "#38d9a9", "#4cc9f0", "#7c8cff", "#c792ea"]
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def mix(start, end, amount):
    return tuple(round(a + (b - a) * min(1, max(0, amount))) for a, b in zip(start, end, strict=True))


def shade(position):
    """The rainbow's colour at `position` in 0..1."""
    at = position * (len(RAINBOW) - 1)
    low = min(int(at), len(RAINBOW) - 2)
    return mix(rgb(RAINBOW[low]), rgb(RAINBOW[low + 1]), at - low)


def part(progress, start, end, ease=smoothstep):
    """How far `progress` is on its way from `start` to `end`, eased."""
    return ease(min(1.0, max(0.0, (progress - start) / (end - start))))


# --- the state and its scenes ------------------------------------------------------------------------------


class State(ActState):
    """name -> number, for what is on stage."""

    def __init__(self):
        self.values = {}


class Ramp(Scene):
    """Move `name` from 0 to 1, and take it off the stage at the end."""

    def __init__(self, name):
        self.name = name

    def apply(self, act_state, time_ms):
        act_state.values[self.name] = time_ms / self.duration

    def exit(self, act_state):
        act_state.values.pop(self.name, None)


def ramp(name, seconds, easing="linear"):
    return FluentScene(Ramp(name)).dilate(easing).time_rescale_exact(seconds, "s")


def scenes():
    bloom = ramp("bloom", 3.4).join(ramp("title", 3.4).build(), sep_enters=False)
    easings = ramp("race", 3, lambda n: 0.5 - 0.5 * math.cos(2 * math.pi * n))
    pipeline = ramp("pipeline", 4.6)
    closing = ramp("bloom", 3).reverse().join(ramp("closing", 3).build(), sep_enters=False)
    story = bloom.then(easings.build()).then(pipeline.build()).then(closing.build())
    curtain = ramp("curtain", story.duration() / 1000)
    return story.join(curtain.build(), sep_enters=False).build()


# --- what frames go through, worked out once ---------------------------------------------------------------

FRAMES, WORKERS = 32, 4
DESK, SLOT, FILM = 154, 500, 930  # where workers, slots and the video stand


def schedule():
    """For each frame (worker, drawn from, drawn until, written at): drawn in any order, written in order."""
    dice = random.Random(4)
    free, written, plan = [0.0] * WORKERS, 0.0, []
    for _ in range(FRAMES):
        worker = free.index(min(free))
        start, free[worker] = free[worker], free[worker] + dice.uniform(0.6, 1.8)
        written = max(written + 0.25, free[worker] + 0.25)
        plan.append((worker, start, free[worker], written))
    end = written + 0.5
    return [(worker, *(moment / end for moment in moments)) for worker, *moments in plan]


SCHEDULE = schedule()


# --- the renderer ------------------------------------------------------------------------------------------


class Stage(ActRenderer):
    frame_size = (WIDTH, HEIGHT)

    def start(self, act_state):
        self.fonts = {size: ImageFont.load_default(size) for size in (22, 28, 40, 132)}

    def render_pil(self, act_state):
        values = act_state.values
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), NIGHT)
        self.pen = ImageDraw.Draw(self.image)
        self.texts = []
        for name in ("bloom", "race", "pipeline", "title", "closing"):
            if name in values:
                getattr(self, name)(values[name])
        image = self.image.reduce(SCALE)
        draw = ImageDraw.Draw(image)
        for position, text, size, colour, anchor in self.texts:
            draw.text(position, text, font=self.fonts[size], fill=colour, anchor=anchor)
        curtain = values["curtain"]
        light = part(curtain, 0, 0.03) * (1 - part(curtain, 0.97, 1))
        return image if light >= 1 else Image.blend(Image.new("RGB", image.size, NIGHT), image, light)

    def disc(self, x, y, radius, colour):
        self.pen.circle((x * SCALE, y * SCALE), radius * SCALE, fill=colour)

    def tile(self, x, y, size, colour, **style):
        box = [(x - size / 2) * SCALE, (y - size / 2) * SCALE, (x + size / 2) * SCALE, (y + size / 2) * SCALE]
        self.pen.rounded_rectangle(box, radius=size * SCALE * 0.22, fill=colour, **style)

    def line(self, points, colour, width):
        self.pen.line([(x * SCALE, y * SCALE) for x, y in points], fill=colour, width=width * SCALE, joint="curve")

    def text(self, x, y, text, size, alpha=1.0, colour=PAPER, anchor="mm"):
        if alpha > 0:
            self.texts.append(((x, y), text, size, mix(rgb(NIGHT), rgb(colour), alpha), anchor))

    def bloom(self, progress):
        """Sunflower seeds, opening around the title."""
        grown = part(progress, -0.05, 0.42)
        light = 1 - part(progress, 0.9, 1)
        spin = 0.9 * progress
        for k in range(1, 620):
            seed = k / 620
            here = part(grown, seed * 0.6, seed * 0.6 + 0.4)
            if here == 0:
                continue
            distance = (215 + 470 * math.sqrt(seed)) * (0.35 + 0.65 * here)
            angle = k * GOLDEN_ANGLE + spin + (1 - here) * 1.6
            wave = 0.5 + 0.5 * math.sin(9 * seed - 14 * progress)
            colour = mix(rgb(NIGHT), shade(seed), light * min(1, 2 * here) * (0.45 + 0.55 * wave))
            x, y = WIDTH / 2 + distance * math.cos(angle), HEIGHT / 2 + 0.86 * distance * math.sin(angle)
            self.disc(x, y, (3 + 8 * seed) * here * (0.7 + 0.5 * wave), colour)

    def title(self, progress):
        gone = part(progress, 0.9, 1)
        x = WIDTH / 2 - self.fonts[132].getlength("panim") / 2
        for i, letter in enumerate("panim"):
            risen = part(progress, 0.22 + 0.045 * i, 0.42 + 0.045 * i)
            self.text(x, HEIGHT / 2 + 22 + 36 * (1 - risen), letter, 132, risen * (1 - gone), anchor="ls")
            x += self.fonts[132].getlength(letter)
        told = part(progress, 0.5, 0.65) * (1 - gone)
        self.text(WIDTH / 2, HEIGHT / 2 + 72, "draw a frame, get a video", 28, told, RAINBOW[5])

    def race(self, progress):
        """Four easings, each tracing its own curve; `progress` goes there and back."""
        shown = part(progress, 0, 0.06)
        self.text(WIDTH / 2, 110, "time, eased", 40, shown)
        for i, ease in enumerate((smoothstep, smootheststep, squeeze, doublespeed)):
            left, bottom, side = 110 + 280 * i, 480, 220
            ground, colour = rgb(NIGHT), shade((2 * i + 1) / 8)
            for tick in range(5):
                y = bottom - side * tick / 4
                self.line([(left, y), (left + side, y)], mix(ground, rgb(DEEP), shown), 2)
            curve = [(left + side * n / 80, bottom - side * ease(n / 80)) for n in range(81)]
            self.line(curve, mix(ground, colour, 0.3 * shown), 3)
            traced = round(80 * progress)
            if traced:
                self.line(curve[: traced + 1], mix(ground, colour, shown), 5)
            height = bottom - side * ease(progress)
            self.disc(left + side * progress, height, 11 * shown, colour)
            self.line([(left, 560), (left + side, 560)], mix(ground, rgb(DEEP), shown), 4)
            self.tile(left + side * ease(progress), 560, 34 * shown, colour)
            self.text(left + side / 2, 625, ease.__name__, 22, shown, colour="#aab1d6")

    def pipeline(self, progress):
        """Workers draw, slots hold, the encoder takes frames in order."""
        shown = part(progress, 0, 0.07) * (1 - part(progress, 0.94, 1))
        now = min(1.0, max(0.0, (progress - 0.06) / 0.82))
        ground = rgb(NIGHT)
        self.text(WIDTH / 2, 96, "drawn on every core, written in order", 40, shown)
        for x, label in ((DESK, "workers"), (SLOT, "slots"), (FILM, "video")):
            self.text(x, 630, label, 22, shown, "#aab1d6")
        lanes = [230 + 105 * worker for worker in range(WORKERS)]
        for y in lanes:
            self.disc(DESK, y, 44, mix(ground, rgb(DEEP), shown))
            self.line([(DESK + 56, y), (SLOT - 46, y)], mix(ground, rgb(DEEP), shown), 2)
        box = [((FILM - 240) * SCALE, 200 * SCALE), ((FILM + 240) * SCALE, 575 * SCALE)]
        self.pen.rounded_rectangle(box, radius=24 * SCALE, fill=mix(ground, rgb(DEEP), shown))
        for index, (worker, start, drawn, written) in enumerate(SCHEDULE):
            colour, y = shade(index / (FRAMES - 1)), lanes[worker]
            column, row = index % 8, index // 8
            goal = (FILM - 192.5 + 55 * column, 255 + 88 * row)
            if now < start:
                continue
            if now < drawn:
                swept = (now - start) / (drawn - start)
                corners = [((DESK - 30) * SCALE, (y - 30) * SCALE), ((DESK + 30) * SCALE, (y + 30) * SCALE)]
                self.pen.pieslice(corners, -90, -90 + 360 * swept, fill=mix(ground, colour, shown))
                continue
            waiting = part(now, drawn, drawn + 0.035)
            flown = part(now, written, written + 0.045)
            x = DESK + (SLOT - DESK) * waiting + (goal[0] - SLOT) * flown
            self.tile(x, y + (goal[1] - y) * flown, 42, mix(ground, colour, shown))

    def closing(self, progress):
        told = part(progress, 0.12, 0.3) * (1 - part(progress, 0.86, 0.97))
        self.text(WIDTH / 2, HEIGHT / 2 - 20, "panim", 132, told)
        self.text(WIDTH / 2, HEIGHT / 2 + 78, "every frame, on every core", 28, told, RAINBOW[5])


show = Act(State(), Stage(), [scenes()])
show.fps = 30
