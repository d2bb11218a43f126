"""Conformance suites for plugins: subclass one for what your plugin adds, and run pytest.

::

    from panim_core.testing import EasingConformance

    class TestWobble(EasingConformance):
        name = "wobble"

A suite looks its subject up by its registered name, so that the plugin must be installed (``pip install -e .``);
override the fixture `easing`, `transform`, `renderer`, `encoder` or `executor` to give it something else. What each
suite wants to know is in its docstring. Needs pytest and numpy. The core imports nothing of this.
"""

from __future__ import annotations

import pytest

for _module in ("easings", "transforms", "renderers", "encoders", "executors"):
    pytest.register_assert_rewrite(f"{__name__}.{_module}")

from panim_core.testing.clips import MovingClip, SequentialClip  # noqa: E402 - after asserts are rewritten
from panim_core.testing.easings import EasingConformance  # noqa: E402
from panim_core.testing.encoders import EncoderConformance  # noqa: E402
from panim_core.testing.executors import ExecutorConformance  # noqa: E402
from panim_core.testing.renderers import RendererConformance  # noqa: E402
from panim_core.testing.transforms import TransformConformance  # noqa: E402

__all__ = [
    "EasingConformance",
    "EncoderConformance",
    "ExecutorConformance",
    "MovingClip",
    "RendererConformance",
    "SequentialClip",
    "TransformConformance",
]
