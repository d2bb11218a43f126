"""A right renderer, and wrong ones."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from panim_core.protocols import FrameGenerator
from panim_core.testing import RendererConformance
from panim_core.testing.clips import moving_pixels
from wrong.caught import wrong


class Card:
    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels


class CardClip(FrameGenerator):
    duration = 400

    def __init__(self, card: Card) -> None:
        self.card = card

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.card.pixels.shape[1], self.card.pixels.shape[0]

    def generate_at(self, time_ms: float) -> Card:
        return Card(np.roll(self.card.pixels, int(time_ms / 50), axis=1))


class CardRenderer:
    name = "card"

    def adapt(self, target: object) -> FrameGenerator | None:
        return CardClip(target) if isinstance(target, Card) else None

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        return (drawing.pixels.shape[1], drawing.pixels.shape[0]) if isinstance(drawing, Card) else None

    def draw_into(self, drawing: Card, out: np.ndarray) -> None:
        out[:] = drawing.pixels

    def image_from(self, frame: np.ndarray) -> Card:
        return Card(frame)


class RightRenderer(RendererConformance):
    kind: ClassVar[Any] = CardRenderer

    @pytest.fixture
    def renderer(self) -> Any:
        return type(self).kind()

    def drawings(self) -> Iterable[tuple[object, np.ndarray | None]]:
        for size in ((24, 16), (17, 9)):
            card = Card(moving_pixels(size, 40))
            yield card, moving_pixels(size, 40)
            card.pixels = moving_pixels(size, 80)
            yield card, moving_pixels(size, 80)

    def targets(self) -> Iterable[object]:
        yield Card(moving_pixels((24, 16), 40))


@contextlib.contextmanager
def watch_cards(self: Any, found: Any = None) -> Iterator[list[tuple[str | None, object]]]:
    found = [] if found is None else found
    original = Card.__init__

    def init(card: Card, pixels: np.ndarray) -> None:
        original(card, pixels)
        found.append((None, card))

    Card.__init__ = init  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Card.__init__ = original  # type: ignore[method-assign]


class RightScriptRenderer(RightRenderer):
    kind = type("Watching", (CardRenderer,), {"watch": watch_cards})

    def targets(self) -> Iterable[object]:
        yield Card(moving_pixels((24, 16), 40))
        yield Card(moving_pixels((17, 9), 40))


def renderer(**methods: Any) -> type:
    return type("Mutant", (CardRenderer,), methods)


@wrong("test_is_a_renderer")
class RendererWithoutName(RightRenderer):
    kind = renderer(name="")


@wrong("test_leaves_alone_what_it_does_not_know")
class RendererThatTrustsAttributes(RightRenderer):
    kind = renderer(size_of=lambda self, drawing: getattr(drawing, "pixels", None) and drawing.pixels.shape[1::-1])


@wrong("test_leaves_alone_what_it_does_not_know")
class RendererThatRaisesForStrangers(RightRenderer):
    kind = renderer(size_of=lambda self, drawing: drawing.pixels.shape[1::-1])


@wrong("test_leaves_alone_what_it_does_not_know")
class RendererThatAdoptsEverything(RightRenderer):
    kind = renderer(adapt=lambda self, target: CardClip(target))


def height_and_width(self: Any, drawing: object) -> Any:
    return drawing.pixels.shape[:2] if isinstance(drawing, Card) else None


@wrong("test_tells_the_size")
class RendererThatSwapsTheSize(RightRenderer):
    kind = renderer(size_of=height_and_width)


def size_in_floats(self: Any, drawing: object) -> Any:
    return tuple(map(float, drawing.pixels.shape[1::-1])) if isinstance(drawing, Card) else None


@wrong("test_tells_the_size")
class RendererWithAFloatSize(RightRenderer):
    kind = renderer(size_of=size_in_floats)


def draw_premultiplied(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[:] = drawing.pixels
    out[..., :3] = (out[..., :3] * (out[..., 3:] / 255)).astype(np.uint8)


@wrong("test_draws_what_is_expected")
class RendererThatPremultiplies(RightRenderer):
    kind = renderer(draw_into=draw_premultiplied)


def draw_colour_only(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[..., :3] = drawing.pixels[..., :3]


@wrong("test_overwrites_all_that_was_there")
class RendererThatForgetsAlpha(RightRenderer):
    kind = renderer(draw_into=draw_colour_only)


def draw_blended(self: Any, drawing: Card, out: np.ndarray) -> None:
    alpha = drawing.pixels[..., 3:] / 255
    out[:] = (out * (1 - alpha) + drawing.pixels * alpha).astype(np.uint8)


@wrong("test_overwrites_all_that_was_there")
class RendererThatBlends(RightRenderer):
    kind = renderer(draw_into=draw_blended)


def draw_cached(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[:] = vars(self).setdefault("cache", {}).setdefault(id(drawing), drawing.pixels)


@wrong("test_draws_what_is_expected")
class RendererThatRemembersDrawings(RightRenderer):
    kind = renderer(draw_into=draw_cached)


def draw_and_change(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[:] = drawing.pixels
    drawing.pixels = 255 - drawing.pixels


@wrong("test_overwrites_all_that_was_there")
class RendererThatChangesTheDrawing(RightRenderer):
    kind = renderer(draw_into=draw_and_change)


def draw_twice(self: Any, drawing: Card, out: np.ndarray) -> None:
    for target in (*vars(self).get("seen", []), out):
        target[:] = drawing.pixels
    self.seen = [out]


@wrong("test_is_done_with_the_memory_when_it_returns")
class RendererThatKeepsTheMemory(RightRenderer):
    kind = renderer(draw_into=draw_twice)


def draw_too_much(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[:] = drawing.pixels
    np.lib.stride_tricks.as_strided(out.reshape(-1), (out.size + 4,))[-4:] = 0


@wrong("test_draws_what_is_expected")
class RendererThatWritesTooMuch(RightRenderer):
    kind = renderer(draw_into=draw_too_much)


@wrong("test_travels_to_workers")
class RendererThatCannotTravel(RightRenderer):
    kind = renderer(__init__=lambda self: setattr(self, "lock", threading.Lock()))


SETTING = {"level": 0}


def draw_by_setting(self: Any, drawing: Card, out: np.ndarray) -> None:
    out[:] = drawing.pixels ^ np.uint8(SETTING["level"])


@wrong("test_a_worker_process_draws_the_same")
class RendererThatLeavesItsSettingBehind(RightRenderer):
    kind = renderer(draw_into=draw_by_setting)

    @pytest.fixture
    def renderer(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setitem(SETTING, "level", 99)
        return type(self).kind()

    def targets(self) -> Iterable[object]:
        return ()


class RestlessClip(CardClip):
    def generate_at(self, time_ms: float) -> Card:
        self.card = super().generate_at(time_ms)
        return self.card


@wrong("test_adopts_its_targets")
class RendererWhoseClipsRemember(RightRenderer):
    kind = renderer(adapt=lambda self, target: RestlessClip(target) if isinstance(target, Card) else None)


@wrong("test_makes_drawings_from_pixels")
class RendererThatMakesOtherPixels(RightRenderer):
    kind = renderer(image_from=lambda self, frame: Card(frame[::-1]))


@wrong("test_watches_scripts")
class ScriptRendererThatNoticesNothing(RightScriptRenderer):
    kind = renderer(watch=lambda self: contextlib.nullcontext([]))


class NewestFirst(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        return reversed(self)


@contextlib.contextmanager
def watch_newest_first(self: Any) -> Iterator[Any]:
    with watch_cards(self, NewestFirst()) as found:
        yield found


@wrong("test_watches_scripts")
class ScriptRendererThatHasTheNewestFirst(RightScriptRenderer):
    kind = renderer(watch=watch_newest_first)
