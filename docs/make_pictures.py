"""Make the pictures of what panim brings along: easings.png, time.png, transforms.png, transitions.png.

    python docs/make_pictures.py OUTDIR

Everything on them is drawn by panim: every cell is a clip, every sheet is clips side by side and below each other.
A registered name without a cell, or a cell without a name, is an error.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

import panim_core
from panim_core.acts import FluentScene, Scene
from panim_core.easing import EASINGS
from panim_core.frame_gen import FluentFG, FrameGenerator, FunctionFrameGenerator
from panim_core.time_transforms import TRANSFORMS as TIME_TRANSFORMS
from panim_pil.plugin import TRANSFORMS, TRANSITIONS
from panim_pil.sources import ImageFrameGenerator

PAPER, INK, FAINT = "#fbfaf7", "#22262e", "#8a8f98"
SIZE = (288, 162)
GAP = 26
DURATION = 1000.0
MOMENT = 500.0
FINE = 4
"""How much larger things are drawn, to be scaled down to smooth edges."""

Labelled = tuple[str, str, FrameGenerator]
"""A name, its parameters, the clip."""


# --- What the sheets show


def _gradient(size: tuple[int, int], stops: Sequence[tuple[int, int, int]]) -> Image.Image:
    column = Image.new("RGB", (1, len(stops)))
    column.putdata(list(stops))
    return column.resize(size, Image.Resampling.BICUBIC, (0, 0.5, 1, len(stops) - 0.5))


def _ridge(width: int, base: float, height: float, phase: float) -> list[tuple[float, float]]:
    points = []
    for x in range(0, width + 8, 8):
        u = x / width * 2 * math.pi
        y = math.sin(u + phase) + 0.5 * math.sin(2.3 * u + 2 * phase) + 0.25 * math.sin(5.1 * u + 3 * phase)
        points.append((x, base - height * y))
    return points


def _landscape(
    sky: Sequence[tuple[int, int, int]],
    disc: tuple[float, float, float, tuple[int, int, int]],
    hills: Sequence[tuple[int, int, int]],
    stars: bool,
) -> Image.Image:
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    picture = _gradient((width, height), sky)
    draw = ImageDraw.Draw(picture)
    if stars:
        random = Random(11)
        for _ in range(80):
            x, y, r = random.random() * width, random.random() ** 1.3 * height * 0.6, 1 + 3.5 * random.random() ** 3
            draw.ellipse((x - r, y - r, x + r, y + r), (250, 250, 235))
    x, y, radius, colour = disc[0] * width, disc[1] * height, disc[2] * height, disc[3]
    halo = Image.new("L", (width, height))
    ImageDraw.Draw(halo).ellipse((x - 1.5 * radius, y - 1.5 * radius, x + 1.5 * radius, y + 1.5 * radius), 110)
    picture.paste(colour, mask=halo.filter(ImageFilter.GaussianBlur(radius / 2)))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    for i, hill in enumerate(hills):
        base = height * (0.62 + 0.13 * i)
        draw.polygon([*_ridge(width, base, height * 0.06, 1.3 + 2.1 * i), (width, height), (0, height)], hill)
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _badge(background: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Image.Image:
    """A play button in front of nothing, or of one colour."""
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    shape = Image.new("L", (width, height))
    draw = ImageDraw.Draw(shape)
    x, y, r = width / 2, height / 2, height * 0.33
    draw.ellipse((x - r, y - r, x + r, y + r), 255)
    draw.polygon([(x - r * 0.32, y - r * 0.5), (x - r * 0.32, y + r * 0.5), (x + r * 0.55, y)], 0)
    picture = Image.new("RGBA", SIZE, background)
    picture.paste((229, 83, 61, 255), mask=shape.resize(SIZE, Image.Resampling.LANCZOS))
    return picture


def _checks() -> Image.Image:
    """What transparent parts are shown against."""
    tile = Image.new("RGB", (2, 2), (255, 255, 255))
    tile.putpixel((0, 1), (222, 222, 222))
    tile.putpixel((1, 0), (222, 222, 222))
    board = Image.new("RGB", SIZE)
    large = tile.resize((18, 18), Image.Resampling.NEAREST)
    for x in range(0, SIZE[0], 18):
        for y in range(0, SIZE[1], 18):
            board.paste(large, (x, y))
    return board


def _clip(picture: Image.Image) -> FrameGenerator:
    return ImageFrameGenerator(picture, DURATION)


DAY = _clip(
    _landscape(
        [(49, 86, 150), (120, 144, 186), (246, 178, 127), (253, 214, 146)],
        (0.68, 0.42, 0.11, (255, 241, 205)),
        [(122, 92, 128), (84, 62, 104), (45, 37, 72)],
        stars=False,
    )
)
NIGHT = _clip(
    _landscape(
        [(8, 14, 40), (18, 38, 80), (32, 82, 112), (70, 140, 140)],
        (0.25, 0.3, 0.1, (236, 240, 224)),
        [(20, 66, 82), (12, 44, 60), (6, 22, 36)],
        stars=True,
    )
)
BADGE = _clip(_badge())
GREEN = _clip(_badge((0, 177, 64, 255)))


def _ball(time_ms: float) -> Image.Image:
    """Something fast, for motion blur."""
    angle = time_ms / 1000 * 2 * math.pi
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    picture = Image.new("RGB", (width, height), (24, 30, 48))
    draw = ImageDraw.Draw(picture)
    for i, colour in enumerate([(255, 196, 84), (229, 83, 61), (80, 170, 200)]):
        x = width / 2 + math.cos(3 * angle + i * 2.1) * width * 0.33
        y = height / 2 + math.sin(3 * angle + i * 2.1) * height * 0.3
        r = height * 0.1
        draw.ellipse((x - r, y - r, x + r, y + r), colour)
    return picture.resize(SIZE, Image.Resampling.BOX)


# --- Transforms

BALLS = FunctionFrameGenerator(_ball, DURATION, SIZE)

TRANSFORM_CELLS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "rescale": ("(120, 120)", lambda f: f(DAY, (120, 120))),
    "fit": ("(200, 200), color='#334'", lambda f: f(DAY, (200, 200), color="#333344")),
    "crop_pixels": ("left, top, right, bottom", lambda f: f(DAY, 110, 20, 260, 120)),
    "rotate": ("12, expand=True", lambda f: f(DAY, 12, expand=True)),
    "mirror_x": ("", lambda f: f(DAY)),
    "mirror_y": ("", lambda f: f(DAY)),
    "margin": ("16, bottom=48, color='white'", lambda f: f(DAY, 16, bottom=48, color="white")),
    "pad_even": ("", lambda f: f(FluentFG(DAY).apply("crop_pixels", 60, 40, 87, 55).build(), "#e5533d")),
    "scroll": ("x_speed=160", lambda f: f(DAY, x_speed=160)),
    "zoom": ("1, 3, center=(0.7, 0.4)", lambda f: f(DAY, 1, 3, center=(0.7, 0.4))),
    "pan": ("(150, 84)", lambda f: f(DAY, (150, 84))),
    "ken_burns": ("start=box, end=box", lambda f: f(DAY, (0, 20, 240, 155), (150, 30, 250, 86))),
    "grayscale": ("", lambda f: f(DAY)),
    "invert": ("", lambda f: f(DAY)),
    "gamma": ("2.2", lambda f: f(DAY, 2.2)),
    "brightness": ("0.6", lambda f: f(DAY, 0.6)),
    "contrast": ("1.6", lambda f: f(DAY, 1.6)),
    "saturation": ("2", lambda f: f(DAY, 2)),
    "hue": ("90", lambda f: f(DAY, 90)),
    "tint": ("'#b08050'", lambda f: f(DAY, "#b08050")),
    "multiply": ("'#ffc080'", lambda f: f(NIGHT, "#ffc080")),
    "posterise": ("2", lambda f: f(DAY, 2)),
    "solarise": ("150", lambda f: f(DAY, 150)),
    "threshold": ("120", lambda f: f(DAY, 120)),
    "opacity": ("0.5", lambda f: f(DAY, 0.5)),
    "fade_in": ("1000, easing='ease_in_quad'", lambda f: f(DAY, 1000, easing="ease_in_quad")),
    "fade_out": ("1000, color='white'", lambda f: f(DAY, 1000, color="white")),
    "overlay": ("badge, alpha=0.9", lambda f: f(DAY, BADGE, alpha=0.9)),
    "mask": ("badge", lambda f: f(DAY, FluentFG(BADGE).apply("brightness", 255).build())),
    "background": ("'#ffd166'", lambda f: f(BADGE, "#ffd166")),
    "chroma_key": ("'#00b140'", lambda f: f(GREEN, "#00b140", 0.2, 0.15)),
    "side_by_side": ("other, gap=8", lambda f: f(DAY, NIGHT, gap=8, color="white")),
    "stacked": ("other, gap=8", lambda f: f(DAY, NIGHT, gap=8, color="white")),
    "blur": ("5", lambda f: f(DAY, 5)),
    "sharpen": ("300", lambda f: f(FluentFG(DAY).apply("blur", 1).build(), 300)),
    "glow": ("20, 0.8", lambda f: f(NIGHT, 20, 0.8)),
    "drop_shadow": ("(10, 10), 8", lambda f: f(BADGE, (10, 10), 8)),
    "pixelate": ("12", lambda f: f(DAY, 12)),
    "vignette": ("0.9, 0.3", lambda f: f(DAY, 0.9, 0.3)),
    "caption": ("'As it was said'", lambda f: f(DAY, "As it was said", size=20)),
    "title": ("'Evening'", lambda f: f(DAY, "Evening", size=44)),
    "supersample": ("exposure=60, samples=24", lambda f: f(BALLS, 60, 24)),
}


def transform_cells() -> list[Labelled]:
    _same_names("transforms", TRANSFORM_CELLS, TRANSFORMS)
    cells: list[Labelled] = [("a clip", "", DAY), ("another", "", NIGHT), ("balls in motion", "", BALLS)]
    for name, (parameters, make) in TRANSFORM_CELLS.items():
        clip = make(panim_core.plugins.transform(name))
        cells.append((name, parameters, clip))
    return cells


def _same_names(what: str, cells: Iterable[str], registered: Iterable[str]) -> None:
    if set(cells) != set(registered):
        sys.exit(f"{what} and their pictures differ: {sorted(set(cells) ^ set(registered))}")


# --- Transitions

TRANSITION_PARAMETERS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "cut": ({},),
    "crossfade": ({},),
    "fade_through_color": ({"color": "white"},),
    "dissolve": ({"grain": 3},),
    "wipe": ({"direction": "right"}, {"direction": "down", "softness": 0.5}),
    "push": ({"direction": "left"},),
    "cover": ({"direction": "left"},),
    "slide": ({"direction": "up"},),
    "iris": ({}, {"closing": True}),
    "clock_wipe": ({},),
    "blinds": ({"count": 6},),
    "cross_zoom": ({},),
    "cross_blur": ({"radius": 16},),
    "pixelise": ({"size": 24},),
}
STRIP_MOMENTS = (0.2, 0.4, 0.6, 0.8)


def transition_cells() -> list[Labelled]:
    _same_names("transitions", TRANSITION_PARAMETERS, TRANSITIONS)
    cells: list[Labelled] = []
    for name, variants in TRANSITION_PARAMETERS.items():
        for params in variants:
            whole = FluentFG(DAY).then(NIGHT, transition=name, overlap=DURATION, **params).build()
            moments = [
                FluentFG(whole)
                .dilate("freeze", at=share)
                .rescale(176, 99)
                .apply("margin", right=4, color=PAPER)
                .build()
                for share in STRIP_MOMENTS
            ]
            strip = FluentFG(moments[0]).apply("side_by_side", *moments[1:]).build()
            cells.append((name, ", ".join(f"{key}={value!r}" for key, value in params.items()), strip))
    return cells


# --- Easings

EASING_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "freeze": {"at": 0.5},
    "chain": {"easings": ("ease_in_circ", "smooth")},
    "clamp": {"easing": "ease_in_out_back"},
    "mirror": {"easing": "ease_in_bounce"},
    "reverse": {"easing": "ease_in_circ"},
    "scale": {"easing": "smooth", "low": 0.2, "high": 0.7},
    "linear": {"points": (0, (0.8, 0.3), 0.5, 1)},
    "cubic_bezier": {"x1": 0.8, "y1": 0, "x2": 0.2, "y2": 1},
}
FAMILIES: Mapping[str, str] = {
    "standard": "#3d6fb6",
    "penner": "#d9572b",
    "css": "#7a56b3",
    "manim": "#2f8f6b",
    "physics": "#b8860b",
    "combinators": "#5c6470",
}
CURVE = (184, 132)


def _curve(time_ms: float, name: str, colour: str) -> Image.Image:
    """The curve of an easing, and a ball where its progress is."""
    width, height = CURVE[0] * FINE, CURVE[1] * FINE
    easing, params = EASINGS[name], EASING_PARAMETERS.get(name, {})
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    left, right = width * 0.08, width * 0.92
    count = 400
    values = [easing(i / count, **params) for i in range(count + 1)]
    least, most = min(0.0, *values), max(1.0, *values)
    unit = height * min(0.56, 0.84 / (most - least))
    middle = height / 2 + unit * (most + least) / 2
    low, high = middle, middle - unit  # where 0 and 1 are

    def place(n: float) -> tuple[float, float]:
        return left + (right - left) * n, low + (high - low) * easing(n, **params)

    for level in (low, high):
        draw.line((left, level, right, level), "#dfe1e6", FINE)
    jumps = name == "steps"
    points = [place(i / count) for i in range(count + 1)]
    for (x0, y0), (x1, y1) in pairwise(points):
        if jumps and abs(y1 - y0) > height / 30:
            continue
        draw.line((x0, y0, x1, y1), colour, round(2.2 * FINE))
        draw.ellipse((x1 - 1.1 * FINE, y1 - 1.1 * FINE, x1 + 1.1 * FINE, y1 + 1.1 * FINE), colour)
    x, y = place(time_ms / DURATION)
    draw.ellipse((x - 4 * FINE, y - 4 * FINE, x + 4 * FINE, y + 4 * FINE), colour)
    return picture.resize(CURVE, Image.Resampling.LANCZOS)


def easing_cells() -> list[Labelled]:
    cells: list[Labelled] = []
    for family, colour in FAMILIES.items():
        for name, easing in EASINGS.items():
            if easing.__module__.rpartition(".")[2] == family:
                params = EASING_PARAMETERS.get(name, {})
                shown = ", ".join(
                    value if isinstance(value, str) else " ".join(value) if key == "easings" else f"{key}={value}"
                    for key, value in params.items()
                )
                draw = partial(_curve, name=name, colour=colour)
                cells.append((name, shown, FunctionFrameGenerator(draw, DURATION, CURVE)))
    _same_names("easings", [name for name, *_ in cells], EASINGS)
    return cells


# --- Time: which moment of the clip is shown when

TIME_PARAMETERS: dict[str, dict[str, object]] = {
    "speed": {"rate": 2},
    "exact_duration": {"duration": 600},
    "reverse": {},
    "trim": {"start": 250, "end": 750},
    "dilate": {"easing": "smoothstep"},
    "freeze_frame": {"at": 400, "duration": 800},
    "hold": {"duration": 500},
    "delay": {"duration": 500},
    "loop": {"count": 3},
    "ping_pong": {},
    "sequence": {},
}
FIRST, SECOND = "#3d6fb6", "#d9572b"
LONGEST = 3000.0


class _Moment(FrameGenerator):
    """Its frame is (which clip, the moment in it), to be plotted."""

    duration, frame_size = DURATION, (1, 1)

    def __init__(self, colour: str) -> None:
        self.colour = colour

    def generate_at(self, time_ms: float) -> tuple[str, float]:
        return self.colour, time_ms


class _Sketched(Scene):
    """Notes which moment of it an act's state is made for."""

    duration = DURATION

    def __init__(self, colour: str) -> None:
        self.colour = colour

    def apply(self, act_state: list[tuple[str, float]], time_ms: float) -> None:
        act_state.append((self.colour, time_ms))


def _time_curve(name: str) -> Image.Image:
    others = [_Moment(SECOND)] if name == "sequence" else []
    clip = TIME_TRANSFORMS[name](_Moment(FIRST), *others, **TIME_PARAMETERS[name])
    return _plotted(lambda time_ms: [clip.frame_at(time_ms)], clip.duration)


def _join_curve() -> Image.Image:
    scene = FluentScene(_Sketched(FIRST)).join(FluentScene(_Sketched(SECOND)).reverse()).build()

    def shown(time_ms: float) -> list[tuple[str, float]]:
        state: list[tuple[str, float]] = []
        scene.apply(state, time_ms)
        return state

    return _plotted(shown, scene.duration)


def _plotted(shown: Callable[[float], Iterable[tuple[str, float]]], duration: float) -> Image.Image:
    """The moments that are shown at each time below `duration`, each in its clip's colour."""
    width, height = CURVE[0] * FINE, CURVE[1] * FINE
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    left, right, low, high = width * 0.08, width * 0.92, height * 0.78, height * 0.22
    for level in (low, high):
        draw.line((left, level, right, level), "#dfe1e6", FINE)
    count = 1200
    for step in range(count):
        time_ms = step / count * LONGEST
        for colour, moment in shown(time_ms) if time_ms < duration else ():
            x, y = left + (right - left) * step / count, low + (high - low) * moment / DURATION
            draw.ellipse((x - 1.4 * FINE, y - 1.4 * FINE, x + 1.4 * FINE, y + 1.4 * FINE), colour)
    return picture.resize(CURVE, Image.Resampling.LANCZOS)


def time_cells() -> list[Labelled]:
    _same_names("time operations", TIME_PARAMETERS, TIME_TRANSFORMS)
    cells = [
        (name, ", ".join(f"{key}={value}" for key, value in params.items()), _clip(_time_curve(name)))
        for name, params in TIME_PARAMETERS.items()
    ]
    return [*cells, ("join", "scenes: a.join(b.reverse())", _clip(_join_curve()))]


# --- Sheets


def _plate(width: int, height: int) -> FrameGenerator:
    return _clip(Image.new("RGB", (width, height), PAPER))


def _cell(label: Labelled, size: tuple[int, int], fitted: bool, letters: float) -> FrameGenerator:
    """A clip with its name below, on paper."""
    name, parameters, clip = label
    chain = FluentFG(clip)
    if fitted:
        if clip.frame_size[0] > size[0] or clip.frame_size[1] > size[1] or clip.frame_size[0] < size[0] / 4:
            chain.apply("fit", _fitted(clip.frame_size, size))
        chain = FluentFG(_plate(*size)).overlay(
            FluentFG(_clip(_checks().crop((0, 0, *chain.frame_size())))).overlay(chain, (0, 0)),
            ((size[0] - chain.frame_size()[0]) // 2, (size[1] - chain.frame_size()[1]) // 2),
        )
    chain.apply("margin", right=GAP, bottom=54, color=PAPER)
    text = {"align": "left", "outline": 0, "margin": 0}
    chain.apply("caption", name, size=letters, color=INK, position=(1, size[1] + 7), **text)
    if parameters:
        chain.apply("caption", parameters, size=14, color=FAINT, position=(1, size[1] + 29), **text)
    return chain.build()


def _fitted(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    scale = min(room[0] / size[0], room[1] / size[1])
    return round(size[0] * scale), round(size[1] * scale)


def sheet(
    title: str,
    subtitle: Sequence[tuple[str, str]],
    cells: Sequence[Labelled],
    columns: int,
    size: tuple[int, int],
    fitted: bool = False,
    letters: float = 17,
) -> FrameGenerator:
    """All cells in rows, under a title and words in colours."""
    drawn = [_cell(cell, size, fitted, letters) for cell in cells]
    width, height = drawn[0].frame_size
    drawn += [_plate(width, height)] * (-len(drawn) % columns)
    rows = [
        FluentFG(drawn[start]).apply("side_by_side", *drawn[start + 1 : start + columns]).build()
        for start in range(0, len(drawn), columns)
    ]
    text = {"align": "left", "outline": 0, "margin": 0}
    head = FluentFG(_plate(width * columns, 96)).apply("caption", title, size=34, color=INK, position=(0, 0), **text)
    x = 1
    for words, colour in subtitle:
        head.apply("caption", words, size=17, color=colour, position=(x, 48), **text)
        x += round(ImageFont.load_default(17).getlength(words)) + 18
    return FluentFG(head).apply("stacked", *rows).apply("margin", 40, right=40 - GAP, bottom=10, color=PAPER).build()


def sheets() -> dict[str, FrameGenerator]:
    """File name -> what is on it."""
    transforms, transitions, easings = transform_cells(), transition_cells(), easing_cells()
    how = {
        "easings": f'{len(easings)} of them: FluentFG(clip).dilate("ease_out_back")',
        "time": "Which moment of a clip of 1 s is shown, over 3 s",
        "transforms": f'{len(TRANSFORMS)} of them: FluentFG(clip).apply("blur", 5)',
        "transitions": f'{len(TRANSITIONS)} of them: FluentFG(a).then(b, transition="wipe", overlap=500)',
    }
    families = [(how["easings"], FAINT), *FAMILIES.items()]
    strip = transitions[0][2].frame_size
    return {
        "easings.png": sheet("Easings", families, easings, 9, CURVE, letters=15),
        "time.png": sheet("Time", [(how["time"], FAINT)], time_cells(), 4, CURVE, letters=15),
        "transforms.png": sheet("Transforms", [(how["transforms"], FAINT)], transforms, 6, SIZE, fitted=True),
        "transitions.png": sheet("Transitions", [(how["transitions"], FAINT)], transitions, 2, strip),
    }


def main(arguments: Sequence[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python docs/make_pictures.py OUTDIR")
    folder = Path(arguments[0])
    for name, clip in sheets().items():
        print(panim_core.still(clip, MOMENT, folder / name, overwrite=True))


if __name__ == "__main__":
    main(sys.argv[1:])
