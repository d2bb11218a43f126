"""What a report shows of itself in a notebook, and the events at the end of a render."""

from __future__ import annotations

import base64
import dataclasses
import re

import pytest

from panim_core import FrameGenerator, animation, produce, report


class Clip(FrameGenerator):
    duration, frame_size, fps = 200, (16, 16), 10

    def generate_at(self, time_ms):
        return bytes(1024)


@pytest.mark.parametrize(("name", "tag"), [("a <b>.mp4", "video"), ("a.gif", "img")])
def test_a_notebook_shows_the_video(tmp_path, monkeypatch, name, tag):
    made = produce(Clip(), tmp_path / name)
    shown = made._repr_html_()
    assert shown.startswith(f"<{tag} ")
    (data,) = re.findall(r'src="data:\w+/\w+;base64,(.*?)"', shown)
    assert base64.b64decode(data) == (tmp_path / name).read_bytes()
    assert "2 frames" in shown
    assert "<b>" not in shown
    monkeypatch.setattr(report, "_PLAYED_BYTES", 10)
    assert made._repr_html_().startswith("<pre>")


def test_what_no_browser_plays_is_told(tmp_path):
    made = produce(Clip(), tmp_path / "a.mkv")
    assert made._repr_html_().startswith("<pre>")
    assert dataclasses.replace(made, outfile=tmp_path / "gone.mp4")._repr_html_().startswith("<pre>")


def test_what_a_listener_raises_at_the_end_is_no_failure_of_the_render(tmp_path):
    @animation(duration=300, frame_size=(16, 16), fps=10)
    def clip(time_ms):
        return bytes([9, 9, 9, 255]) * 256

    told = []

    def listen(event):
        told.append(type(event).__name__)
        if told[-1] == "RenderFinished":
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        produce(clip, tmp_path / "clip.mp4", on_event=listen)
    assert told[-1] == "RenderFinished"
    assert (tmp_path / "clip.mp4").stat().st_size > 0
