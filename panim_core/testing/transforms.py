"""What every transform must do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.protocols import FrameGenerator, FrameTransform
from panim_core.testing.clips import Form, MovingClip, SequentialClip, ShadedClip, SheetRenderer
from panim_core.testing.drawn import (
    Ask,
    also_drawing_with,
    check_fresh_process,
    check_generator,
    check_shares,
    draw,
    sample_times,
    travelled,
)


class TransformConformance:
    """A transform is a callable ``(source, ...) -> FrameGenerator`` that shows `source` differently.

    What it makes tells a size and a duration, draws whole frames of that size at every time in any order and in
    any process, whichever of its methods is asked, starts and finishes its source with itself, asks it only for times
    that it has, takes every form of frame, passes drawing options on or refuses them, and changes nothing of its
    source. Of a sequential source it draws the frames in order, or refuses it with `SettingsError`.

    Subclass it and give:

    - `name`: the name under which it is registered; or override the fixture `transform`.
    - `args`, `kwargs`: what else to call it with; or override `apply`.
    - `sizes`: of sources to try it on. The first it must take; others it may refuse with `SettingsError`.
    """

    name: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = MappingProxyType({})
    sizes: Sequence[tuple[int, int]] = ((24, 16), (17, 9), (1, 1))

    @pytest.fixture
    def transform(self) -> FrameTransform:
        """What is tested."""
        return plugins.transform(self.name)

    def apply(self, transform: FrameTransform, source: FrameGenerator) -> FrameGenerator:
        """`transform` applied to `source`; a transition makes its second clip here."""
        return transform(source, *self.args, **self.kwargs)

    def test_makes_a_frame_generator(self, transform: FrameTransform) -> None:
        check_generator(self.apply(transform, MovingClip(self.sizes[0])))

    def test_draws_whole_frames_of_sources_of_any_size(self, transform: FrameTransform) -> None:
        for size in self.sizes:
            try:
                made = self.apply(transform, MovingClip(size))
            except SettingsError:
                if size == self.sizes[0]:
                    raise
                continue
            check_generator(made)
            assert len(_all_of(made)) == len(sample_times(made))

    def test_any_share_of_the_frames_looks_the_same(self, transform: FrameTransform) -> None:
        check_shares(self.apply(transform, MovingClip(self.sizes[0])))

    def test_a_worker_process_draws_the_same(self, transform: FrameTransform) -> None:
        check_fresh_process(self.apply(transform, MovingClip(self.sizes[0])))

    def test_starts_and_finishes_its_source_once(self, transform: FrameTransform) -> None:
        source = MovingClip(self.sizes[0])
        made = self.apply(transform, source)
        assert source.started == 0, "the source was started when the transform was applied; do it in start()"
        draw(made, sample_times(made), range(2))
        assert source.started == 1, "start() did not start the source"
        assert source.finished == 1, "finish() did not finish the source"

    def test_asks_its_source_only_for_times_that_it_has(self, transform: FrameTransform) -> None:
        """`MovingClip` complains about others."""
        made = self.apply(transform, MovingClip(self.sizes[0], duration=1000 / 3))
        _all_of(made)

    def test_leaves_its_source_and_its_frames_as_they_are(self, transform: FrameTransform) -> None:
        source = MovingClip(self.sizes[0])
        before = (source.duration, source.frame_size, source.sequential)
        made = self.apply(transform, source)
        _all_of(made)
        source.check_untouched()
        assert (source.duration, source.frame_size, source.sequential) == before

    def test_takes_frames_of_every_form(self, transform: FrameTransform) -> None:
        """Translucent ones, but for those that have no alpha."""

        def drawn(form: Form, opaque: bool) -> dict[int, Any]:
            return _all_of(self.apply(transform, MovingClip(self.sizes[0], form=form, opaque=opaque)))

        expected = {opaque: drawn("array", opaque) for opaque in (False, True)}
        forms: tuple[Form, ...] = ("bytes", "rgb", "float", "image", "rgb image", "drawing")
        with also_drawing_with(SheetRenderer()):
            for form in forms:
                opaque = form in ("rgb", "rgb image")
                for index, frame in drawn(form, opaque).items():
                    told = f"frame {index} of a source whose frames are of the form {form!r}"
                    np.testing.assert_array_equal(frame, expected[opaque][index], told)

    def test_shows_the_same_whoever_asks(self, transform: FrameTransform) -> None:
        """Videos are drawn by `frame_at`; what is applied next may ask by `generate_at` or `generate_at_pil`."""
        made = self.apply(transform, MovingClip(self.sizes[0]))
        expected = _all_of(travelled(made))
        asks: tuple[Ask, ...] = ("generate_at", "generate_at_pil")
        for ask in asks:
            for index, frame in _all_of(travelled(made), ask).items():
                np.testing.assert_array_equal(frame, expected[index], f"frame {index} by {ask} is not that by frame_at")
        made.start()
        image = made.generate_at_pil(0.0)
        made.finish()
        assert getattr(image, "mode", None) == "RGBA", "generate_at_pil must give a PIL image in mode RGBA"

    def test_passes_drawing_options_on_or_refuses_them(self, transform: FrameTransform) -> None:
        """`configured` gives the transformed clip with them; SettingsError for one that nothing in it has."""
        options: tuple[dict[str, Any], ...] = ({"no_such_option": 1}, {"dpi": 50}, {"shade": 99})
        for option in options:
            try:
                configured = self.apply(transform, ShadedClip(self.sizes[0])).configured(**option)
            except SettingsError:
                assert "dpi" not in option, "configured() refused dpi, which is accepted where it means nothing"
                continue
            assert "no_such_option" not in option, "configured() took an option that nothing has; raise SettingsError"
            expected = _all_of(self.apply(transform, ShadedClip(self.sizes[0]).configured(**option)))
            for index, frame in _all_of(configured).items():
                told = f"frame {index} of what configured(**{option}) gave is not that of a source with it, transformed"
                np.testing.assert_array_equal(frame, expected[index], told)

    def test_draws_a_sequential_source_in_order_or_refuses_it(self, transform: FrameTransform) -> None:
        try:
            made = self.apply(transform, SequentialClip(self.sizes[0]))
        except SettingsError:
            return
        assert made.sequential, "the source is sequential, so what is made of it must say so too"
        check_shares(made)


def _all_of(made: FrameGenerator, ask: Ask = "frame_at") -> dict[int, Any]:
    times = sample_times(made)
    return draw(made, times, range(len(times)), ask)
