"""A right easing, and wrong ones."""

from __future__ import annotations

import random
import threading
from typing import Any, ClassVar

import numpy as np
import pytest

from panim_core.testing import EasingConformance
from wrong.caught import wrong


class RightEasing(EasingConformance):
    params = ({}, {"power": 3})
    function: ClassVar[Any] = staticmethod(lambda n, power=2: n**power)

    @pytest.fixture
    def easing(self) -> Any:
        return self.function


@wrong("test_gives_a_finite_number_for_every_progress")
class EasingThatIsNotANumberAtTheEnd(RightEasing):
    function = staticmethod(lambda n, power=2: float("nan") if n == 1 else n**power)


@wrong("test_gives_a_finite_number_for_every_progress")
class EasingThatGivesArrays(RightEasing):
    function = staticmethod(lambda n, power=2: np.array([n**power]))


@wrong("test_gives_a_finite_number_for_every_progress")
class EasingThatGivesNothingInTheMiddle(RightEasing):
    function = staticmethod(lambda n, power=2: None if n == 0.5 else n**power)


@wrong("test_gives_a_finite_number_for_every_progress")
class EasingThatDividesByZero(RightEasing):
    function = staticmethod(lambda n, power=2: n**power / n)


@wrong("test_gives_a_finite_number_for_every_progress")
class EasingWithoutItsParameter(RightEasing):
    function = staticmethod(lambda n: n)


@wrong("test_starts_and_ends_where_it_should")
class EasingThatStopsShort(RightEasing):
    function = staticmethod(lambda n, power=2: 0.99 * n**power)


@wrong("test_depends_on_nothing_but_its_arguments")
class EasingAtRandom(RightEasing):
    function = staticmethod(lambda n, power=2: n if n in (0, 1) else random.random())


class Remembering:
    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, n: float, power: float = 2) -> float:
        self.last = n if n in (0, 1) else (self.last + n) / 2
        return self.last


@wrong("test_depends_on_nothing_but_its_arguments")
class EasingThatRemembers(RightEasing):
    function = Remembering()


class Locked:
    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __call__(self, n: float, power: float = 2) -> float:
        with self.lock:
            return n**power


@wrong("test_travels_to_workers")
class EasingThatCannotTravel(RightEasing):
    function = Locked()


SETTING = {"power": 1}


def by_setting(n: float, power: float = 2) -> float:
    return n ** (power * SETTING["power"])


@wrong("test_a_worker_process_gives_the_same")
class EasingThatLeavesItsSettingBehind(RightEasing):
    function = staticmethod(by_setting)

    @pytest.fixture
    def easing(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setitem(SETTING, "power", 2)
        return self.function
