"""What a report shows of itself in a notebook."""

from __future__ import annotations

import base64
import dataclasses
import re

import pytest

from panim_core import FrameGenerator, produce, report


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
