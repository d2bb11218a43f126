"""What every easing must do."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

import pytest

from panim_core import plugins
from panim_core.execution import source
from panim_core.protocols import Easing, FrameGenerator
from panim_core.testing.drawn import describe, fresh_python, travelled

_FRESH = """
import pickle, sys
carrier, calls = pickle.load(sys.stdin.buffer)
from panim_core.execution import source
easing = source.load(carrier).easing
sys.stdout.buffer.write(pickle.dumps([easing(n, **params) for n, params in calls]))
"""
_STEPS = 240
_PROGRESS = (*(i / _STEPS for i in range(_STEPS + 1)), 5e-324, 1e-9, 1 / 3, 0.5 - 1e-9, 0.5 + 1e-9, 1 - 2**-53)


class EasingConformance:
    """An easing is a callable ``(n, **params) -> float``: a finite number for every `n` in 0..1, by `n` alone.

    Subclass it and give:

    - `name`: the name under which it is registered; or override the fixture `easing`.
    - `params`: sets of its parameters to try, by default only none.
    - `starts_at`, `ends_at`: what it gives for 0 and 1, by default 0 and 1; None where that depends on `params`.
    """

    name: str
    params: Sequence[Mapping[str, Any]] = ({},)
    starts_at: float | None = 0.0
    ends_at: float | None = 1.0

    @pytest.fixture
    def easing(self) -> Easing:
        """What is tested."""
        return plugins.easing(self.name)

    def test_gives_a_finite_number_for_every_progress(self, easing: Easing) -> None:
        for n, params in self._calls():
            value = easing(n, **params)
            assert isinstance(value, Real), f"n = {n!r} with {params} gave {describe(value)}, which is no number"
            assert not isinstance(value, bool), f"n = {n!r} with {params} gave {value}; give 0.0 or 1.0"
            assert math.isfinite(value), f"n = {n!r} with {params} gave {value}"

    def test_starts_and_ends_where_it_should(self, easing: Easing) -> None:
        for params in self.params:
            if self.starts_at is not None:
                assert easing(0.0, **params) == pytest.approx(self.starts_at, abs=1e-9), f"at n = 0 with {params}"
            if self.ends_at is not None:
                assert easing(1.0, **params) == pytest.approx(self.ends_at, abs=1e-9), f"at n = 1 with {params}"

    def test_depends_on_nothing_but_its_arguments(self, easing: Easing) -> None:
        """Workers call it for their own frames, in their own order."""
        calls = list(self._calls())
        forwards = [easing(n, **params) for n, params in calls]
        backwards = [easing(n, **params) for n, params in reversed(calls)]
        for (n, params), first, again in zip(calls, forwards, reversed(backwards), strict=True):
            assert first == again, f"n = {n!r} with {params} gave {first} and then {again}"

    def test_travels_to_workers(self, easing: Easing) -> None:
        there = travelled(_Carrier(easing))
        assert isinstance(there, _Carrier)
        for n, params in self._calls():
            assert there.easing(n, **params) == easing(n, **params), f"n = {n!r} with {params}, in a worker"

    def test_a_worker_process_gives_the_same(self, easing: Easing) -> None:
        """One that knows nothing of what was set here."""
        import cloudpickle

        calls = [(n, dict(params)) for n, params in self._calls()]
        with source.scripts_by_value():
            payload = cloudpickle.dumps((source.dump(_Carrier(easing)), calls))
        values = pickle.loads(fresh_python(_FRESH, payload))
        for (n, params), there in zip(calls, values, strict=True):
            here = easing(n, **params)
            assert here == there, f"n = {n!r} with {params} gave {here} here, and {there} in a worker process"

    def _calls(self) -> Iterator[tuple[float, Mapping[str, Any]]]:
        return ((n, params) for params in self.params for n in _PROGRESS)


class _Carrier(FrameGenerator):
    def __init__(self, easing: Easing) -> None:
        self.easing = easing
