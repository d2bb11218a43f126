"""Durations keep their sum, and their quantiles within 1 %."""

import math

from hypothesis import given
from hypothesis import strategies as st

from panim_core.execution.durations import Durations


@given(st.lists(st.floats(1e-6, 1e4), min_size=1), st.floats(0.01, 1))
def test_totals_and_quantiles(seconds: list[float], share: float) -> None:
    durations = Durations()
    for each in seconds:
        durations.add(each)
    assert durations.count == len(seconds)
    assert math.isclose(durations.total, sum(seconds))
    assert math.isclose(durations.mean, sum(seconds) / len(seconds))
    wanted = sorted(seconds)[math.ceil(share * len(seconds)) - 1]
    assert abs(durations.quantile(share) / wanted - 1) <= 0.0101


def test_none() -> None:
    assert (Durations().mean, Durations().quantile(0.95)) == (0.0, 0.0)
