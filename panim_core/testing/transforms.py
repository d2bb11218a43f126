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
from panim_core.testing.clips import Form, MovingClip, SequentialClip
from panim_core.testing.drawn import check_fresh_process, check_generator, check_shares, draw, sample_times


class TransformConformance:
    """A transform is a callable ``(source, ...) -> FrameGenerator`` that shows `source` differently.

    What it makes tells a size and a duration, draws whole frames of that size at every time in any order and in
    any process, starts and finishes its source with itself, asks it only for times that it has, takes every form
    of frame, and changes nothing of its source. Of a sequential source it draws the frames in order, or refuses it
    with `SettingsError`.

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
            times = sample_times(made)
            assert len(draw(made, times, range(len(times)))) == len(times)

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
        times = sample_times(made)
        draw(made, times, range(len(times)))

    def test_leaves_its_source_and_its_frames_as_they_are(self, transform: FrameTransform) -> None:
        source = MovingClip(self.sizes[0])
        before = (source.duration, source.frame_size, source.sequential)
        made = self.apply(transform, source)
        times = sample_times(made)
        draw(made, times, range(len(times)))
        source.check_untouched()
        assert (source.duration, source.frame_size, source.sequential) == before

    def test_takes_frames_of_every_form(self, transform: FrameTransform) -> None:
        def drawn(form: Form) -> dict[int, Any]:
            made = self.apply(transform, MovingClip(self.sizes[0], form=form, opaque=True))
            times = sample_times(made)
            return draw(made, times, range(len(times)))

        expected = drawn("array")
        forms: tuple[Form, ...] = ("bytes", "rgb", "float")
        for form in forms:
            for index, frame in drawn(form).items():
                np.testing.assert_array_equal(frame, expected[index], f"frame {index} of a source that gives {form}")

    def test_draws_a_sequential_source_in_order_or_refuses_it(self, transform: FrameTransform) -> None:
        try:
            made = self.apply(transform, SequentialClip(self.sizes[0]))
        except SettingsError:
            return
        assert made.sequential, "the source is sequential, so what is made of it must say so too"
        check_shares(made)
