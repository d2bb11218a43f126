"""A right transform, and wrong ones."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image

from panim_core import drawing
from panim_core.frame_gen import WrapperFrameGenerator
from panim_core.protocols import FrameGenerator
from panim_core.testing import TransformConformance
from wrong.caught import wrong


class Inverted(WrapperFrameGenerator):
    def generate_at(self, time_ms: float) -> Any:
        child = self.children[0]
        pixels = drawing.to_array(child.frame_at(time_ms), child.frame_size)
        pixels[..., :3] = 255 - pixels[..., :3]
        return pixels


class RightTransform(TransformConformance):
    made: ClassVar[Any] = Inverted

    @pytest.fixture
    def transform(self) -> Any:
        return self.made


@wrong("test_makes_a_frame_generator")
class TransformThatGivesNoGenerator(RightTransform):
    made = staticmethod(lambda source: source.generate_at)


class FloatSize(Inverted):
    @property
    def frame_size(self) -> Any:
        width, height = super().frame_size
        return width / 7, height / 7


@wrong("test_makes_a_frame_generator")
class TransformToHalfPixels(RightTransform):
    made = FloatSize


class Endless(Inverted):
    duration = float("inf")


@wrong("test_makes_a_frame_generator")
class TransformWithoutEnd(RightTransform):
    made = Endless


class Turned(Inverted):
    def generate_at(self, time_ms: float) -> Any:
        return np.rot90(super().generate_at(time_ms))


@wrong("test_draws_whole_frames_of_sources_of_any_size")
class TransformWithAnotherSizeThanItTells(RightTransform):
    made = Turned


class Halved(Inverted):
    @property
    def frame_size(self) -> tuple[int, int]:
        width, height = super().frame_size
        return width // 2, height // 2

    def generate_at(self, time_ms: float) -> Any:
        return super().generate_at(time_ms)[: self.frame_size[1] * 2 : 2, : self.frame_size[0] * 2 : 2]


@wrong("test_draws_whole_frames_of_sources_of_any_size")
class TransformThatMakesNothingOfOnePixel(RightTransform):
    made = Halved


class Trail(Inverted):
    last: Any = 0

    def generate_at(self, time_ms: float) -> Any:
        self.last = super().generate_at(time_ms) // 2 + np.uint8(self.last) // 2
        return self.last


@wrong("test_any_share_of_the_frames_looks_the_same")
class TransformThatRemembers(RightTransform):
    made = Trail


class Noisy(Inverted):
    def generate_at(self, time_ms: float) -> Any:
        return super().generate_at(time_ms) ^ np.random.randint(0, 255, dtype=np.uint8)


@wrong("test_any_share_of_the_frames_looks_the_same")
class TransformAtRandom(RightTransform):
    made = Noisy


SETTING = {"level": 0}


class ByGlobal(Inverted):
    def __init__(self, source: FrameGenerator) -> None:
        super().__init__(source)
        SETTING["level"] = 99

    def generate_at(self, time_ms: float) -> Any:
        return super().generate_at(time_ms) ^ np.uint8(SETTING["level"])


@wrong("test_a_worker_process_draws_the_same")
class TransformThatLeavesItsSettingBehind(RightTransform):
    made = ByGlobal


class WithLock(Inverted):
    def __init__(self, source: FrameGenerator) -> None:
        super().__init__(source)
        self.lock = threading.Lock()


@wrong("test_any_share_of_the_frames_looks_the_same")
class TransformThatCannotTravel(RightTransform):
    made = WithLock


class Bare(FrameGenerator):
    def __init__(self, child: FrameGenerator) -> None:
        self.child = child
        self.sequential = child.sequential

    @property
    def duration(self) -> float:
        return self.child.duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.child.frame_size

    def start(self) -> None:
        self.child.start()

    def generate_at(self, time_ms: float) -> Any:
        return self.child.generate_at(time_ms)

    def advance(self, time_ms: float) -> None:
        self.child.advance(time_ms)

    def finish(self) -> None:
        self.child.finish()


class NotStarting(Bare):
    def start(self) -> None:
        pass

    def finish(self) -> None:
        pass

    def generate_at(self, time_ms: float) -> Any:
        return np.zeros((*self.frame_size[::-1], 4), np.uint8)


@wrong("test_starts_and_finishes_its_source_once")
class TransformThatDoesNotStartItsSource(RightTransform):
    made = NotStarting


class NotFinishing(Bare):
    def finish(self) -> None:
        pass


@wrong("test_starts_and_finishes_its_source_once")
class TransformThatDoesNotFinishItsSource(RightTransform):
    made = NotFinishing


class StartingTwice(Bare):
    def start(self) -> None:
        self.child.start()
        self.child.start()


@wrong("test_starts_and_finishes_its_source_once")
class TransformThatStartsItsSourceTwice(RightTransform):
    made = StartingTwice


class StartingTooEarly(Bare):
    def __init__(self, child: FrameGenerator) -> None:
        super().__init__(child)
        child.start()

    def start(self) -> None:
        pass


@wrong("test_starts_and_finishes_its_source_once")
class TransformThatStartsItsSourceWhenApplied(RightTransform):
    made = StartingTooEarly


class Backwards(Bare):
    def generate_at(self, time_ms: float) -> Any:
        return self.child.generate_at(self.duration - time_ms)


@wrong("test_asks_its_source_only_for_times_that_it_has")
class TransformThatAsksForTheEnd(RightTransform):
    made = Backwards


class Echo(Bare):
    def generate_at(self, time_ms: float) -> Any:
        return self.child.generate_at(time_ms - 10)


@wrong("test_asks_its_source_only_for_times_that_it_has")
class TransformThatAsksForTimesBeforeTheStart(RightTransform):
    made = Echo


class InPlace(Bare):
    def generate_at(self, time_ms: float) -> Any:
        frame = self.child.generate_at(time_ms)
        frame[..., 3] = 255 - frame[..., 3]
        return frame


@wrong("test_leaves_its_source_and_its_frames_as_they_are")
class TransformInPlace(RightTransform):
    made = InPlace


class OnlyArrays(Bare):
    def generate_at(self, time_ms: float) -> Any:
        return 255 - self.child.generate_at(time_ms)


@wrong("test_takes_frames_of_every_form")
class TransformOfArraysOnly(RightTransform):
    made = OnlyArrays


class Reshaped(Bare):
    def generate_at(self, time_ms: float) -> Any:
        return np.frombuffer(self.child.generate_at(time_ms), np.uint8).reshape(*self.frame_size[::-1], 4)


@wrong("test_takes_frames_of_every_form")
class TransformOfBytesOnly(RightTransform):
    made = Reshaped


class NoImages(Inverted):
    def generate_at(self, time_ms: float) -> Any:
        assert not isinstance(self.children[0].frame_at(time_ms), Image.Image)
        return super().generate_at(time_ms)


@wrong("test_takes_frames_of_every_form")
class TransformOfAllButImages(RightTransform):
    made = NoImages


class KnownKinds(Inverted):
    def generate_at(self, time_ms: float) -> Any:
        assert isinstance(self.children[0].frame_at(time_ms), (bytes, np.ndarray, Image.Image))
        return super().generate_at(time_ms)


@wrong("test_takes_frames_of_every_form")
class TransformOfNoOtherDrawings(RightTransform):
    made = KnownKinds


class OpaqueBytes(Inverted):
    def generate_at(self, time_ms: float) -> Any:
        pixels = super().generate_at(time_ms)
        if isinstance(self.children[0].frame_at(time_ms), bytes):
            pixels[..., 3] = 255
        return pixels


@wrong("test_takes_frames_of_every_form")
class TransformThatMakesBytesOpaque(RightTransform):
    made = OpaqueBytes


class ByFrameAtOnly(Bare):
    def frame_at(self, time_ms: float) -> Any:
        return 255 - self.child.frame_at(time_ms)

    def generate_at(self, time_ms: float) -> Any:
        raise NotImplementedError


@wrong("test_shows_the_same_whoever_asks")
class TransformThatIsDrawnByFrameAtOnly(RightTransform):
    made = ByFrameAtOnly


class OtherImages(Inverted):
    def frame_at(self, time_ms: float) -> Any:
        return self.generate_at(time_ms)

    def generate_at_pil(self, time_ms: float) -> Any:
        return self.children[0].generate_at_pil(time_ms)


@wrong("test_shows_the_same_whoever_asks")
class TransformThatLeavesImagesAsTheyAre(RightTransform):
    made = OtherImages


class ArraysForImages(Inverted):
    def generate_at_pil(self, time_ms: float) -> Any:
        return self.generate_at(time_ms)


@wrong("test_shows_the_same_whoever_asks")
class TransformThatGivesArraysForImages(RightTransform):
    made = ArraysForImages


class ConfiguredAway(Inverted):
    def configured(self, **options: Any) -> FrameGenerator:
        return self.children[0].configured(**options)


@wrong("test_passes_drawing_options_on_or_refuses_them")
class TransformThatIsConfiguredAway(RightTransform):
    made = ConfiguredAway


class NotConfigured(Inverted):
    def configured(self, **options: Any) -> FrameGenerator:
        return self


@wrong("test_passes_drawing_options_on_or_refuses_them")
class TransformThatIgnoresOptions(RightTransform):
    made = NotConfigured


class LateConfigured(Inverted):
    def configured(self, **options: Any) -> FrameGenerator:
        self.children[0].configured(**options)
        return self


@wrong("test_passes_drawing_options_on_or_refuses_them")
class TransformThatForgetsOptions(RightTransform):
    made = LateConfigured


class NotSequential(Bare):
    def __init__(self, child: FrameGenerator) -> None:
        super().__init__(child)
        self.sequential = False


@wrong("test_draws_a_sequential_source_in_order_or_refuses_it")
class TransformThatForgetsSequential(RightTransform):
    made = NotSequential


class NotAdvancing(Bare):
    def advance(self, time_ms: float) -> None:
        pass


@wrong("test_draws_a_sequential_source_in_order_or_refuses_it")
class TransformThatDoesNotAdvance(RightTransform):
    made = NotAdvancing


class Reversed(WrapperFrameGenerator):
    def generate_at(self, time_ms: float) -> Any:
        child = self.children[0]
        return child.generate_at(max(0.0, float(np.nextafter(self.duration, 0)) - time_ms))


@wrong("test_draws_a_sequential_source_in_order_or_refuses_it")
class TransformThatReversesSequentialSources(RightTransform):
    made = Reversed
