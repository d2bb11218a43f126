"""Clips and scenes that record how they are used."""

from __future__ import annotations

from panim_core.acts import ActRenderer, ActState, Scene
from panim_core.frame_gen import FrameGenerator


class Clip(FrameGenerator):
    """Its frame is (form, name, time); `calls` records the rest."""

    def __init__(self, name="clip", duration=1000, size=(4, 2), sequential=False, fps=None):
        self.name, self._duration, self._size = name, duration, size
        self.sequential, self.fps = sequential, fps
        self.calls = []

    @property
    def duration(self):
        return self._duration

    @property
    def frame_size(self):
        return self._size

    def start(self):
        self.calls.append("start")

    def generate_at(self, time_ms):
        return ("raw", self.name, time_ms)

    def generate_at_pil(self, time_ms):
        return ("pil", self.name, time_ms)

    def frame_at(self, time_ms):
        return ("cheapest", self.name, time_ms)

    def advance(self, time_ms):
        self.calls.append(("advance", time_ms))

    def finish(self):
        self.calls.append("finish")

    def configured(self, **options):
        return Clip(self.name, size=options["size"], duration=options.get("duration", self._duration))


def time_of(generator, time_ms):
    """The time of the clip below that `generator` shows at `time_ms`, the same for all forms."""
    forms = [generator.generate_at(time_ms), generator.generate_at_pil(time_ms), generator.frame_at(time_ms)]
    assert [form for form, _, _ in forms] == ["raw", "pil", "cheapest"]
    assert len({frame[1:] for frame in forms}) == 1
    return forms[0][2]


class Log(ActState):
    def __init__(self):
        self.calls = []
        self.shown = None


class LogRenderer(ActRenderer):
    @property
    def frame_size(self):
        return (4, 2)

    def start(self, act_state):
        act_state.calls.append("start renderer")

    def render(self, act_state):
        return ("raw", *act_state.shown)

    def render_pil(self, act_state):
        return ("pil", *act_state.shown)

    def draw(self, act_state):
        return ("cheapest", *act_state.shown)

    def finish(self, act_state):
        act_state.calls.append("finish renderer")


class LogScene(Scene):
    def __init__(self, name, duration=100):
        self.name, self._duration = name, duration

    @property
    def duration(self):
        return self._duration

    def start(self, act_state):
        act_state.calls.append(f"start {self.name}")

    def enter(self, act_state):
        act_state.calls.append(f"enter {self.name}")

    def apply(self, act_state, time_ms, dbg=False):
        act_state.shown = (self.name, time_ms)

    def exit(self, act_state):
        act_state.calls.append(f"exit {self.name}")
