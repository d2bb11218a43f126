"""Frame generators, as in pympanim 0.1.1; they are panim's."""

from panim_core.frame_gen import (
    CroppedFrameGenerator,
    FluentFG,
    FrameGenerator,
    OverlayFrameGenerator,
    RescaleFrameGenerator,
    SequenceFrameGenerator,
    TimeDilateFrameGenerator,
    TimeRescaleExactDurationFrameGenerator,
    TimeRescaleFrameGenerator,
    TimeReverseFrameGenerator,
    img_to_bytes,
)

__all__ = [
    "CroppedFrameGenerator",
    "FluentFG",
    "FrameGenerator",
    "OverlayFrameGenerator",
    "RescaleFrameGenerator",
    "SequenceFrameGenerator",
    "TimeDilateFrameGenerator",
    "TimeRescaleExactDurationFrameGenerator",
    "TimeRescaleFrameGenerator",
    "TimeReverseFrameGenerator",
    "img_to_bytes",
]
