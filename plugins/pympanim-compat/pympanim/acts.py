"""Acts and scenes, as in pympanim 0.1.1; they are panim's."""

from panim_core.acts import (
    Act,
    ActRenderer,
    ActState,
    CroppedScene,
    FluentScene,
    JoinedScene,
    Scene,
    SceneSequenceScene,
    TimeDilateScene,
    TimeRescaleExactDurationScene,
    TimeRescaleScene,
    TimeReverseScene,
)
from pympanim.easing import Easing

__all__ = [
    "Act",
    "ActRenderer",
    "ActState",
    "CroppedScene",
    "Easing",
    "FluentScene",
    "JoinedScene",
    "Scene",
    "SceneSequenceScene",
    "TimeDilateScene",
    "TimeRescaleExactDurationScene",
    "TimeRescaleScene",
    "TimeReverseScene",
]
