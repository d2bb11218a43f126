import json
import subprocess
import sys

import cloudpickle
import numpy as np
import pytest
from moviepy import AudioClip, ColorClip, CompositeVideoClip, VideoClip, VideoFileClip, vfx

from panim_core import SettingsError
from panim_core.drawing import to_array
from panim_core.targets import adapt, load


def moving(t):
    picture = np.zeros((24, 32, 3), np.uint8)
    picture[:, : int(32 * t) % 33] = (200, int(100 * t) % 256, 50)
    return picture


def composite():
    under = VideoClip(moving, duration=1).with_fps(25)
    over = ColorClip((8, 6), (0, 255, 0)).with_duration(1).with_position(lambda t: (int(20 * t), 4)).with_opacity(0.5)
    return CompositeVideoClip([under, over]).with_fps(25).with_effects([vfx.FadeIn(0.3)])


def frames(source, fps):
    """Drawn after a trip like the one to a worker, in an order unlike moviepy's."""
    travelled = cloudpickle.loads(cloudpickle.dumps(source))
    travelled.start()
    count = round(source.duration * fps / 1000)
    drawn = {i: to_array(travelled.frame_at(i * 1000 / fps), source.frame_size) for i in reversed(range(count))}
    return [drawn[i] for i in range(count)]


@pytest.mark.parametrize("fps", [25, 24, 30])
@pytest.mark.parametrize("make", [lambda: VideoClip(moving, duration=1), composite])
def test_frames_are_moviepys_own(make, fps):
    clip = make().with_fps(fps)
    expected = list(clip.iter_frames(fps=fps, dtype="uint8"))
    drawn = frames(adapt(clip), fps)
    assert len(drawn) == len(expected) == fps
    for mine, theirs in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(mine[..., :3], theirs)
        assert (mine[..., 3] == 255).all()


def test_the_rate_is_the_clips():
    assert adapt(VideoClip(moving, duration=1).with_fps(12)).fps == 12


def test_a_clip_without_end_is_refused():
    with pytest.raises(SettingsError, match="with_duration"):
        adapt(VideoClip(moving))


def test_a_clip_from_a_file_is_opened_again_in_the_worker(tmp_path):
    path = str(tmp_path / "file.mp4")
    VideoClip(moving, duration=1).with_fps(10).write_videofile(path, logger=None)
    with VideoFileClip(path) as clip:
        expected = list(clip.iter_frames(dtype="uint8"))
        for mine, theirs in zip(frames(adapt(clip), 10), expected, strict=True):
            np.testing.assert_array_equal(mine[..., :3], theirs)


def render(target, folder, *options):
    command = [sys.executable, "-m", "panim_core.cli", "render", target, "-o", "clip.mp4", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)


def test_a_script_is_rendered_from_the_command_line(tmp_path):
    (tmp_path / "clip.py").write_text(
        "import numpy as np\nfrom moviepy import VideoClip\n"
        "clip = VideoClip(lambda t: np.full((24, 32, 3), int(200 * t), np.uint8), duration=1).with_fps(8)\n"
    )
    done = render("clip.py", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["frame_count"], json.loads(done.stdout)["fps"]) == (8, "8")


PARTS = """
from moviepy import AudioClip, ColorClip, CompositeVideoClip

background = ColorClip((64, 48), (20, 30, 90))
mask = ColorClip((64, 48), 0.5, is_mask=True, duration=2)
clip = CompositeVideoClip([background.with_duration(2)]).with_fps(4)
"""


@pytest.mark.parametrize("target", ["parts.py", "parts.py:clip"])
def test_parts_that_cannot_be_rendered_are_in_nobodys_way(target, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts.py").write_text(PARTS)
    assert load(target).duration == 2000


@pytest.mark.parametrize(("name", "way_out"), [("background", "with_duration"), ("mask", "to_RGB")])
def test_a_part_that_is_named_is_refused_with_the_way_out(name, way_out, tmp_path):
    (tmp_path / "parts.py").write_text(PARTS)
    done = render(f"parts.py:{name}", tmp_path)
    assert done.returncode != 0
    assert way_out in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mask_is_seen_as_gray():
    mask = VideoClip(lambda t: np.full((9, 17), t / 2), is_mask=True, duration=1).with_fps(4)
    with pytest.raises(SettingsError, match="to_RGB"):
        adapt(mask)
    drawn = frames(adapt(mask.to_RGB()), 4)
    assert [picture[0, 0].tolist() for picture in drawn] == [[int(255 * n / 8)] * 3 + [255] for n in range(4)]


def test_the_missing_sound_is_told_once(tmp_path):
    clip = VideoClip(moving, duration=1).with_fps(4).with_audio(AudioClip(lambda t: 0 * t, duration=1))
    source = adapt(clip)
    assert ["sound" in note for note in source.notes()] == [True]
    assert source.notes() == []
    source.start()
    assert source.notes() == []
    assert adapt(VideoClip(moving, duration=1)).notes() == []
    (tmp_path / "loud.py").write_text(
        "import numpy as np\nfrom moviepy import AudioClip, VideoClip\n"
        "sound = AudioClip(lambda t: 0 * t, duration=1)\n"
        "clip = VideoClip(lambda t: np.zeros((24, 32, 3), np.uint8), duration=1).with_fps(8).with_audio(sound)\n"
    )
    done = render("loud.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("sound is not rendered") == 1
