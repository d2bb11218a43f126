"""The two programs of pympanim 0.1.1's README (CC0): only imports, slips (`dps`, `renderer`) and sizes differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from decode import decode

ACT = """
import PIL.Image
import panim_core as pmaw
import panim_core.acts as acts
import panim_core.frame_gen as fg
import os

class MyActState(acts.ActState):
    pass

class MyActRenderer(acts.ActRenderer):
    @property
    def frame_size(self):
        return (1920, 1080) # in pixels

    def render(self, act_state: MyActState) -> bytes:
        with self.render_pil(act_state) as img:
            return fg.img_to_bytes(img)

    def render_pil(self, act_state: MyActState) -> PIL.Image.Image:
        # By default, render_pil delegates to render. It is shown reversed
        # here for completeness.
        return PIL.Image.new('RGBA', self.frame_size, 'white')

class Scene1(acts.Scene):
    @property
    def duration(self):
        return 1 # 1 millisecond; allows you to treat time_ms as % progress

    def apply(self, act_state: MyActState, time_ms: float, dbg: bool = False):
        # dbg is passed across the scene heirarchy and will be false when
        # rendering the video. you may find it helpful to print some debug
        # information when it is true
        pass

def _scene():
    scene = Scene1()
    return (acts.FluentScene(scene)
            .dilate(lambda x: x**2) # any easing works here. see
                                    # pympanim.easing and pytweening
            .time_rescale(1 / 10000) # 10s of real time corresponds to
                                     # 1ms of scene time
            .build()
           )

def _main():
    os.makedirs('out', exist_ok=True)
    act_state = MyActState()
    act_renderer = MyActRenderer()

    pmaw.produce(
        acts.Act(act_state, act_renderer, [_scene()]),
        fps=60,
        dpi=100,
        bitrate=-1,
        outfile='out/video.mp4'
    )

if __name__ == '__main__':
    _main()
"""

FRAME_GENERATOR = """
import PIL.Image
import panim_core.frame_gen as fg
import panim_core as pmaw
import os

class MyFrameGenerator(fg.FrameGenerator):
    @property
    def duration(self):
        return 1 # 1 ms, allows you to treat time_ms as % progress

    @property
    def frame_size(self):
        return (1920, 1080) # in pixels

    def generate_at(self, time_ms):
        # by default generate_at_pil delegates to generate_at. we show the
        # reverse for completeness
        with self.generate_at_pil(time_ms) as img:
            return fg.img_to_bytes(img)

    def generate_at_pil(self, time_ms):
        # this from white to red, you can do whatever
        return PIL.Image.new('RGBA', self.frame_size, f'#{int(time_ms*255):02x}0000')

def _fg():
    base = MyFrameGenerator()

    # random example of the stuff you can do
    return (fg.FluentFG(base)
            .time_rescale(1 / 10000)         # 10s long
            .then(                           # after current
                fg.FluentFG(base)            # play again
                    .time_rescale(1 / 10000) # also 10s long
                    .reverse()               # but this time in reverse
                    .build()
            )
            .build())

def _main():
    os.makedirs('out', exist_ok=True)

    pmaw.produce(
        _fg(),
        fps=60,
        dpi=100,
        bitrate=-1,
        outfile='out/video.mp4'
    )

if __name__ == '__main__':
    _main()
"""

GUARD = "if __name__ == '__main__':\n    _main()\n"


def render(program: str, guarded: bool, folder: Path) -> Path:
    """Run `program`, its clip 200 ms long and 64x36 pixels small."""
    assert program.endswith(GUARD)
    small = program.replace("(1920, 1080)", "(64, 36)").replace("1 / 10000", "1 / 200")
    script = folder / "script.py"
    script.write_text(small if guarded else small.removesuffix(GUARD) + "_main()\n")
    done = subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return folder / "out" / "video.mp4"


@pytest.mark.parametrize("guarded", [True, False], ids=["guard", "no guard"])
def test_act(guarded: bool, tmp_path: Path) -> None:
    video = decode(render(ACT, guarded, tmp_path))
    assert video.shape == (12, 36, 64, 4)
    assert video.min() >= 253


@pytest.mark.parametrize("guarded", [True, False], ids=["guard", "no guard"])
def test_frame_generator(guarded: bool, tmp_path: Path) -> None:
    video = decode(render(FRAME_GENERATOR, guarded, tmp_path)).astype(int)
    assert video.shape == (24, 36, 64, 4)
    red, rest = video[..., 0].mean((1, 2)), video[..., 1:3]
    expected = [255 * i // 12 for i in range(12)] + [255 * (12 - i) // 12 for i in range(12)]
    assert abs(red - expected).max() <= 3
    assert rest.max() <= 3
