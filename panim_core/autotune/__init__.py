"""The tuner: pure. Samples in; numbers of workers and slots, and reasons, out.

`before` decides what a render starts with, `during` what it changes on the way; `survey` measures on purpose.
"""

from panim_core.autotune.before import Choice, Learned, Machine, MemoryBound, choose
from panim_core.autotune.during import Tuner
from panim_core.autotune.window import Decision, Sample, Window

__all__ = ["Choice", "Decision", "Learned", "Machine", "MemoryBound", "Sample", "Tuner", "Window", "choose"]
