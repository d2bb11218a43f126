"""Real third-party distributions, installed with pip into a fresh environment, used from the command line by name."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from distributions import ROOT, Environment, write

pytestmark = [pytest.mark.install, pytest.mark.timeout(400)]

EASING = """
    from panim_core import hookimpl

    def hurry(n, power=3):
        return n ** power

    @hookimpl
    def panim_register_easings():
        return {"hurry": hurry}
"""

TRANSFORM = """
    import numpy as np
    from panim_core import FrameGenerator, hookimpl

    class Negative(FrameGenerator):
        def __init__(self, child, strength=255):
            self.child, self.strength = child, strength

        duration = property(lambda self: self.child.duration)
        frame_size = property(lambda self: self.child.frame_size)

        def generate_at(self, time_ms):
            pixels = np.array(self.child.generate_at(time_ms))
            pixels[..., :3] = self.strength - pixels[..., :3]
            return pixels

    @hookimpl
    def panim_register_transforms():
        return {"negative": Negative}
"""

RENDERER = """
    from panim_core import FrameGenerator, hookimpl

    class Poster:
        size = (32, 16)
        colour = (10, 20, 30, 255)

    class PosterClip(FrameGenerator):
        duration, frame_size = 400, Poster.size

        def __init__(self, poster):
            self.poster = poster

        def generate_at(self, time_ms):
            return self.poster

    class PosterRenderer:
        name = "poster"

        def adapt(self, target):
            return PosterClip(target) if isinstance(target, Poster) else None

        def size_of(self, drawing):
            return drawing.size if isinstance(drawing, Poster) else None

        def draw_into(self, drawing, out):
            out[:] = drawing.colour

    @hookimpl
    def panim_register_renderers():
        return [PosterRenderer()]
"""

ENCODER = """
    from panim_core import hookimpl
    from panim_core.protocols import EncodeFacts

    class Session:
        def __init__(self, path, format, fps):
            self.file, self.count = open(path, "wb"), 0
            self.file.write(f"HEX {format.width}x{format.height} at {fps}\\n".encode())

        def __enter__(self):
            return self

        def __exit__(self, *exc_info):
            self.abort()

        def write(self, buffer):
            self.count += 1
            self.file.write(bytes(buffer[:4]).hex().encode() + b"\\n")

        def finish(self):
            self.file.close()
            return EncodeFacts(self.count, codec="hex", pixel_format="rgba")

        def abort(self):
            self.file.close()

    class HexEncoder:
        name, extensions, pixel_formats = "hex", (".hex",), ("rgba",)

        def check_available(self):
            pass

        def open(self, path, format, fps, settings):
            return Session(path, format, fps)

        def concat(self, segments, path):
            path.write_bytes(b"".join(s.read_bytes() for s in segments))

    @hookimpl
    def panim_register_encoders():
        return [HexEncoder()]
"""

HOOK = "from panim_core import hookimpl\n\n@hookimpl\ndef panim_register_{}():\n    {}\n"

BROKEN = {
    "panim-no-import": ("import nowhere_to_be_found", None, "ModuleNotFoundError"),
    "panim-no-module": ("", "module_that_is_missing", "ModuleNotFoundError"),
    "panim-quits": ("import sys\nsys.exit(3)", None, "SystemExit"),
    "panim-raises": (HOOK.format("easings", "raise RuntimeError('hook gone wrong')"), None, "hook gone wrong"),
    "panim-nonsense": (HOOK.format("encoders", "return 42"), None, "must return an iterable of encoders, not int"),
    "panim-half": (
        HOOK.format("renderers", "return [type('Half', (), {'name': 'half'})()]"),
        None,
        "lacks adapt, draw_into, size_of",
    ),
}

RIVAL = """
    from panim_core import hookimpl

    @hookimpl
    def panim_register_easings():
        return {"hurry": lambda n: n}
"""

SCRIPT = """
    import numpy as np
    import panim_core

    @panim_core.animation(duration=400, frame_size=(32, 16))
    def plain(time_ms):
        pixels = np.zeros((16, 32, 4), np.uint8)
        pixels[..., 0] = round(time_ms / 4)
        pixels[..., 3] = 255
        return pixels
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("third-party")
    environment = Environment(folder / "venv")
    good = {"panim-hurry": EASING, "panim-negative": TRANSFORM, "panim-poster": RENDERER, "panim-hex": ENCODER}
    written = [write(folder, name, code) for name, code in good.items()]
    written += [write(folder, name, code, entry_point=entry) for name, (code, entry, _) in BROKEN.items()]
    environment.pip_install(*written)
    return environment


def render(environment: Environment, folder: Path, script: str, *options: str) -> list[str]:
    """The lines of a .hex rendering: a header, then the first pixel of each frame."""
    import textwrap

    (folder / "clip.py").write_text(textwrap.dedent(script))
    done = environment.panim("render", "clip.py", "-o", "clip.hex", "--fps", "10", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "clip.hex").read_text().split("\n")[:-1]


def test_a_third_party_encoder_writes_its_own_format(environment: Environment, tmp_path: Path) -> None:
    lines = render(environment, tmp_path, SCRIPT)
    assert lines == ["HEX 32x16 at 10", "000000ff", "190000ff", "320000ff", "4b0000ff"]


def test_a_third_party_encoder_is_used_by_name(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "clip.py").write_text(SCRIPT.replace("\n    ", "\n"))
    done = environment.panim("render", "clip.py", "-o", "clip.data", "--encoder", "hex", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clip.data").read_text().startswith("HEX 32x16 at 30\n")


def test_a_third_party_easing_is_used_by_name(environment: Environment, tmp_path: Path) -> None:
    script = SCRIPT + '\n    clip = panim_core.FluentFG(plain).dilate("hurry", power=2).build()\n'
    lines = render(environment, tmp_path, script)
    # Times 0, 100, 200, 300 of 400 ms become 0, 25, 100, 225 ms.
    assert lines[1:] == ["000000ff", "060000ff", "190000ff", "380000ff"]


def test_a_third_party_transform_is_used_by_name(environment: Environment, tmp_path: Path) -> None:
    script = SCRIPT + '\n    clip = panim_core.FluentFG(plain).apply("negative", strength=250).build()\n'
    lines = render(environment, tmp_path, script)
    assert lines[1:] == ["fafafaff", "e1fafaff", "c8fafaff", "affafaff"]


def test_a_third_party_renderer_adopts_its_own_target(environment: Environment, tmp_path: Path) -> None:
    lines = render(environment, tmp_path, "from panim_poster import Poster\nposter = Poster()\n")
    assert lines[1:] == ["0a141eff"] * 4


def test_broken_plugins_are_listed_and_harm_nobody(environment: Environment, tmp_path: Path) -> None:
    done = environment.panim("list-plugins", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = {plugin["distribution"]: plugin for plugin in json.loads(done.stdout)}
    for distribution, (_, _, reason) in BROKEN.items():
        assert listed[distribution]["status"] == "broken", listed[distribution]
        assert reason in listed[distribution]["error"]
        assert f"PANIM_DISABLE_PLUGINS={distribution.replace('-', '_')}" in listed[distribution]["error"]
        assert listed[distribution]["version"] == "1.2.3"
    for distribution, kind, name in (
        ("panim-hurry", "easings", "hurry"),
        ("panim-negative", "transforms", "negative"),
        ("panim-poster", "renderers", "poster"),
        ("panim-hex", "encoders", "hex"),
    ):
        assert listed[distribution]["status"] == "ok"
        assert listed[distribution]["contributions"][kind] == [name]


def test_strict_listing_fails_when_a_plugin_is_broken(environment: Environment, tmp_path: Path) -> None:
    assert environment.panim("list-plugins", "--strict", cwd=tmp_path).returncode == 1


def test_two_plugins_with_one_name_are_both_named(
    environment: Environment, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment.pip_install(write(tmp_path_factory.mktemp("rival"), "panim-rival", RIVAL))
    try:
        listed = json.loads(environment.panim("list-plugins", "--json", cwd=tmp_path).stdout)
        status = {p["distribution"]: (p["status"], p["error"]) for p in listed}
        assert status["panim-hurry"][0] == status["panim-rival"][0] == "conflict"
        assert "panim-rival" in status["panim-hurry"][1]
        assert "panim-hurry" in status["panim-rival"][1]

        render(environment, tmp_path, SCRIPT)  # a conflict that is not used harms nobody
        (tmp_path / "clip.hex").unlink()
        script = SCRIPT + '\n    clip = panim_core.FluentFG(plain).dilate("panim-rival:hurry").build()\n'
        assert render(environment, tmp_path, script)[2] == "190000ff"

        (tmp_path / "clip.py").write_text((tmp_path / "clip.py").read_text().replace("panim-rival:hurry", "hurry"))
        done = environment.panim("render", "clip.py", "-o", "other.hex", cwd=tmp_path)
        assert done.returncode == 2
        assert "panim-hurry:hurry or panim-rival:hurry" in done.stderr
    finally:
        subprocess.run(
            [environment.bin / "python", "-m", "pip", "uninstall", "-qy", "panim-rival"], check=True, timeout=60
        )


def test_panim_installs_without_matplotlib_and_says_how_to_get_it(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv", with_panim=False)
    environment.pip_install(ROOT)
    listed = {p["name"]: p for p in json.loads(environment.panim("list-plugins", "--json", cwd=tmp_path).stdout)}
    assert listed["matplotlib"]["status"] == "unavailable"
    assert "pip install 'panim[mpl]'" in listed["matplotlib"]["error"]
    assert {listed[name]["status"] for name in ("core", "pillow", "ffmpeg")} == {"ok"}
    (tmp_path / "clip.py").write_text(SCRIPT.replace("\n    ", "\n"))
    done = environment.panim("render", "clip.py", "-o", "clip.mp4", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frame_count"] == 12
