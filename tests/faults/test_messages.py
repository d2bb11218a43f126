"""What a person reads for each expected failure: what happened, where, why as far as known, and what to do.

The texts stand here as they are printed; ``<...>`` stands for what differs from run to run. They go through the
command line in this process, with real workers and a real ffmpeg.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
from faulty import CLIP, HEAD, HEIGHT, WIDTH, pose

from panim_core import Deadlines, cli, plugins
from panim_core.execution.workspace import Workspace, folder_of


class Failure(NamedTuple):
    code: int
    text: str
    """All that is printed; a first line alone stands for what follows it too if it ends with ``<more>``."""
    body: str = ""
    """Of the frame function."""
    options: str = ""
    script: str = ""
    """Instead of the frame function."""
    env: Mapping[str, str] = MappingProxyType({})
    encoder: str = ""
    """A bash script that plays ffmpeg."""
    output: str = "out.mp4"
    deadlines: Mapping[str, float] = MappingProxyType({})
    """Of `panim_core.Deadlines`, other than its own."""
    leaves: tuple[str, ...] = ()
    """What is in the folder afterwards, and was not before."""


SOURCE = """
class Clip(panim_core.FrameGenerator):
    duration, frame_size, fps = 1000, (64, 48), 10
    def generate_at(self, time_ms):
        return bytes(64 * 48 * 4)
"""

MANY = SOURCE + "    duration = 100_000\nclip = Clip()\n"

FAILURES = {
    # ---- the encoder
    "the encoder fails after the last frame": Failure(
        1,
        "panim: ffmpeg failed after 10 frames; its exit status is 7\nthe tail of it\n"
        "its command: <...>ffmpeg -hide_banner <...>part.mp4\n",
        encoder='"$real" "$@"; echo the tail of it >&2; exit 7\n',
    ),
    "the encoder is killed": Failure(
        1,
        "panim: ffmpeg failed after 10 frames; it was killed by SIGKILL, possibly because memory ran out\n"
        "its command: <...>\n",
        encoder="cat > /dev/null; kill -9 $$\n",
    ),
    "the encoder fails midway": Failure(
        1,
        "panim: ffmpeg took no more than <...> frames; its exit status is 187\nConversion failed!\n"
        "its command: <...>\n",
        encoder="head -c 1000 > /dev/null; echo 'Conversion failed!' >&2; exit 187\n",
        script=MANY,
    ),
    "the encoder takes no data": Failure(
        1,
        "panim: the encoder h264 took no data for 1 s and was stopped; is its disk busy? Allow more with "
        "Deadlines(write=...)\nits last words\nits command: <...>\n",
        encoder="echo its last words >&2; sleep 1000\n",
        script=MANY,
        deadlines={"write": 1},
    ),
    "the encoder does not end": Failure(
        1,
        "panim: the encoder h264 did not complete its file for 1 s and was stopped; is its disk busy? Allow more with "
        "Deadlines(finish=...)\nits last words\nits command: <...>\n",
        encoder="cat > /dev/null; echo its last words >&2; sleep 1000\n",
        deadlines={"finish": 1},
    ),
    "the disk is full": Failure(
        1,
        "panim: ffmpeg failed after 10 frames: the disk is full; its exit status is 228\n"
        "av_interleaved_write_frame(): No space left on device\nits command: <...>\n",
        encoder="cat > /dev/null; echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 228\n",
    ),
    "the encoder loses frames": Failure(
        1,
        "panim: ffmpeg was given 10 frames and wrote 0\nits command: <...>\n",
        encoder="cat > /dev/null\n",
    ),
    # ---- the code that draws
    "exception": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: ValueError: boom\n"
        "Traceback (most recent call last):\n"
        '  File "<...>clip.py", line <...>, in clip\n'
        "    if index == 3: raise ValueError('boom')\n<...>"
        "ValueError: boom\n",
        "if index == 3: raise ValueError('boom')",
    ),
    "sys.exit": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: it called sys.exit(0); a frame must be returned\n<...>",
        "if index == 3: sys.exit(0)",
    ),
    "out of memory, said by Python": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: MemoryError; use fewer workers (--workers) or a smaller --size\n<...>",
        "if index == 3: raise MemoryError",
    ),
    "wrong type": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: NotAFrameError: a str is no frame: return RGBA bytes, a numpy array "
        "(height, width, 3 or 4), or a drawing of an installed renderer (<...>pillow)\n<...>",
        "if index == 3: return 'red'",
    ),
    "wrong shape": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: NotAFrameError: the frame is an array of shape (2, 2); expected "
        "(48, 64, 3) or (48, 64, 4), that is (height, width, channels)\n<...>",
        "import numpy\nif index == 3: return numpy.zeros((2, 2))",
    ),
    "wrong size": Failure(
        1,
        "panim: frame 3 (at 300 ms) failed: NotAFrameError: the frame is a Image of 2x2 pixels; the source says "
        "frame_size = (64, 48). Nothing is resized in silence: change one, or use .rescale\n<...>",
        "import PIL.Image\nif index == 3: return PIL.Image.new('RGB', (2, 2))",
    ),
    # ---- workers
    "killed": Failure(
        1,
        "panim: frame 3 (at 300 ms) ended its worker 3 times: it was killed (SIGKILL), possibly because memory ran "
        "out; its peak was <...> MB; fewer workers (--workers) or a smaller --size need less\n",
        "if index == 3: os.kill(os.getpid(), signal.SIGKILL)",
        options="--workers 1",
    ),
    "segmentation fault": Failure(
        1,
        "panim: frame 3 (at 300 ms) ended its worker 3 times: it died of a segmentation fault (SIGSEGV)\n"
        "Fatal Python error: Segmentation fault\n<...>clip.py<...>",
        "if index == 3: os.kill(os.getpid(), signal.SIGSEGV)",
        options="--workers 1 --quiet",
    ),
    "os._exit": Failure(
        1,
        "panim: frame 3 (at 300 ms) ended its worker 3 times: it exited by itself with status 0; frames must be "
        "returned, not os._exit called\n",
        "if index == 3: os._exit(0)",
        options="--workers 1",
    ),
    "too slow": Failure(
        1,
        "panim: frame 3 (at 300 ms) was not drawn within 0.5 s, twice; allow more with --frame-timeout or "
        "Deadlines(frame=...), or look for an endless loop\n"
        "it was here, innermost call first:\n"
        '  File "<...>clip.py", line <...> in clip\n<...>',
        "if index == 3: time.sleep(60)",
        options="--workers 1 --frame-timeout 0.5",
    ),
    "start": Failure(
        1,
        "panim: a worker could not start: RuntimeError: no licence\nTraceback (most recent call last):\n<...>",
        script=SOURCE + "    def start(self):\n        raise RuntimeError('no licence')\nclip = Clip()\n",
    ),
    "dies at start": Failure(
        1,
        "panim: workers die before they draw: it exited by itself with status 9; frames must be returned, not "
        "os._exit called\n",
        script=SOURCE + "    def start(self):\n        os._exit(9)\nclip = Clip()\n",
        options="--workers 1",
    ),
    "hangs at start": Failure(
        1,
        "panim: workers did not start within 1 s, twice "
        "(allow more with --frame-timeout or Deadlines(start=...)): it hung\n"
        "it was here, innermost call first:\n"
        '  File "<...>clip.py", line <...> in start\n<...>',
        script=SOURCE + "    def start(self):\n        time.sleep(1000)\nclip = Clip()\n",
        options="--workers 1",
        deadlines={"start": 1},
    ),
    "cannot travel": Failure(
        2,
        "panim: the source cannot be sent to worker processes: source.lock (a lock): TypeError: cannot pickle "
        "'_thread.lock' object. Open files, locks, connections and the like in start(), which each worker calls, "
        "instead of keeping them in the object\n",
        script=SOURCE + "clip = Clip()\nimport threading\nclip.lock = threading.Lock()\n",
    ),
    # ---- the encoder
    "ffmpeg is missing": Failure(
        2,
        "panim: PANIM_FFMPEG is '/no/ffmpeg', which does not exist; run `pip install imageio-ffmpeg`, install ffmpeg, "
        "or set PANIM_FFMPEG to the path of its program\n",
        env={"PANIM_FFMPEG": "/no/ffmpeg"},
    ),
    "unknown encoder": Failure(
        2,
        "panim: there is no encoder named 'h266'; did you mean 'h264'? Known: <...>h264<...>\n",
        options="--encoder h266",
    ),
    "unknown extension": Failure(
        2,
        "panim: output 'out.xyz': no encoder for .xyz; known: .gif<...>; or name one with --encoder: <...>\n",
        output="out.xyz",
    ),
    "one picture": Failure(
        2,
        "panim: output 'out.png' holds one frame and 10 were asked for: write a pattern such as out_%04d.png, or a "
        "folder with a slash at its end\n",
        output="out.png",
    ),
    # ---- the output
    "exists": Failure(2, "panim: output 'old.mp4' exists; allow replacing it with --overwrite\n", output="old.mp4"),
    "a folder": Failure(
        2,
        "panim: output 'folder.mp4' is a folder; name a file in it, or end it with a slash for pictures\n",
        output="folder.mp4",
    ),
    "below a file": Failure(2, "panim: output 'old.mp4/out.mp4': 'old.mp4' is no folder\n", output="old.mp4/out.mp4"),
    "too long": Failure(
        2,
        f"panim: output '{'x' * 300}.mp4': File name too long; choose another with -o\n",
        output="x" * 300 + ".mp4",
    ),
    "another render": Failure(
        2,
        "panim: another render is writing 'held.mp4' right now; wait for it, or choose another output\n",
        output="held.mp4",
    ),
    "an unfinished render": Failure(
        2,
        "panim: an unfinished render of this output is there, with 100 frames finished in '.begun.mp4.panim'; "
        "go on with --resume, or start over with --no-resume\n",
        output="begun.mp4",
    ),
    "came meanwhile": Failure(
        1,
        "panim: output 'out.mp4' was made by something else while this was rendered; it stays as it is. Allow "
        "replacing it with --overwrite\n",
        "Path('out.mp4').touch()",
        leaves=("out.mp4",),
    ),
    "a picture came meanwhile": Failure(
        1,
        "panim: output 'p%02d.png' was made by something else while this was rendered; it stays as it is. Allow "
        "replacing it with --overwrite\n",
        "Path('p05.png').touch()",
        output="p%02d.png",
        leaves=("p05.png",),
    ),
    "a folder came meanwhile": Failure(
        1,
        "panim: the video was made but could not be moved to 'out.mp4': Is a directory; render it again to another "
        "place (-o); with --resume what is finished is kept whatever happens\n",
        "Path('out.mp4').mkdir(exist_ok=True)",
        options="--overwrite",
        leaves=("out.mp4",),
    ),
    "the working folder went": Failure(
        1,
        "panim: the encoder h264 completed '.out.mp4.panim/work/part.mp4', which is not there any more "
        "(No such file or directory): did something remove panim's working folder?\nits command: <...>\n",
        encoder='"$real" "$@"; rm -r .out.mp4.panim\n',
    ),
    # ---- resuming
    "cannot be joined": Failure(
        2,
        "panim: --resume: what encoder gif writes cannot be joined; render without it, or to another format\n",
        options="--resume",
        output="out.gif",
    ),
    # ---- options
    "fps": Failure(
        2, "panim: fps 'fast' is no frame rate; write a number such as 60, 29.97 or 24000/1001\n", options="--fps fast"
    ),
    "fps too high": Failure(
        2, "panim: fps 5000 is out of range; it must be above 0 and at most 1000\n", options="--fps 5000"
    ),
    "size": Failure(2, "panim: --size 'big': write WIDTHxHEIGHT, e.g. 1280x720\n", options="--size big"),
    "frames": Failure(
        2,
        "panim: frames '20:30' selects no frame; write --frames A:B or A:B:STEP with whole numbers; the clip has "
        "frames 0 to 9\n",
        options="--frames 20:30",
    ),
    "bitrate": Failure(
        2,
        "panim: bitrate 'lots': write kilobits per second as a number, or text such as '4M' or '900k'\n",
        options="--bitrate lots",
    ),
    "workers": Failure(2, "panim: --workers 'two': need a whole number from 1\n", options="--workers two"),
    "unknown option": Failure(2, "panim: No such option: --fsp<...>; see panim --help\n", options="--fsp 3"),
    "settings": Failure(
        2,
        "panim: --settings 'no.json' cannot be read: [Errno 2] No such file or directory: 'no.json'\n",
        options="--settings no.json",
    ),
    # ---- the target
    "nothing to render": Failure(
        2,
        "panim: clip.py holds nothing to render: define a FrameGenerator, an Act, a FluentFG chain, a function under "
        "@panim_core.animation or a matplotlib animation at module level\n",
        script="clip = 3\n",
    ),
    "several": Failure(
        2,
        "panim: clip.py holds 2 targets; name one of them:\n  clip.py:a  (Clip)\n  clip.py:b  (Clip)\n",
        script=SOURCE + "a, b = Clip(), Clip()\n",
    ),
    "the script fails": Failure(
        2,
        "panim: running clip.py failed: ZeroDivisionError: division by zero\n"
        "Traceback (most recent call last):\n"
        '  File "<...>clip.py", line <...>, in <module>\n'
        "    1 / 0\n<...>"
        "ZeroDivisionError: division by zero\n",
        script="1 / 0\n",
    ),
    "no duration": Failure(
        2,
        "panim: duration 0: a clip must last longer than 0 ms, and end\n",
        script=SOURCE + "    duration = 0\nclip = Clip()\n",
    ),
    "no such easing": Failure(
        2,
        "panim: running clip.py failed: PluginNotFoundError: there is no easing named 'wobbly'; known: <...>\n<...>",
        script=SOURCE + "clip = panim_core.FluentFG(Clip()).dilate('wobbly').build()\n",
    ),
}


@pytest.mark.parametrize("what", FAILURES)
def test_the_message(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = FAILURES[what]
    monkeypatch.chdir(tmp_path)
    acted = pose(tmp_path, failure.encoder) if failure.encoder else {}
    for name, value in {**failure.env, **acted}.items():
        monkeypatch.setenv(name, value)
    head = HEAD.format(here=str(tmp_path))
    body = "\n".join(f"    {line}" for line in failure.body.splitlines())
    clip = failure.script or CLIP.format(body=body, frames=10, width=WIDTH, height=HEIGHT)
    Path("clip.py").write_text(head + clip)
    Path("old.mp4").write_bytes(b"old")
    Path("folder.mp4").mkdir()
    deadlines = {**dataclasses.asdict(Deadlines()), **failure.deadlines}
    monkeypatch.setattr(Deadlines.__init__, "__defaults__", tuple(deadlines.values()))
    with AS_IT_WAS.get(failure.output, contextlib.nullcontext)():
        before = listing(tmp_path)
        code, out, err = run("render", "clip.py", "-o", failure.output, *failure.options.split())
        assert out == ""
        assert re.fullmatch(pattern(failure.text), err, re.DOTALL), err
        assert code == failure.code
        assert listing(tmp_path) == before | {*failure.leaves}


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Another render is writing it."""
    with Workspace(Path("held.mp4")):
        yield


@contextlib.contextmanager
def begun() -> Iterator[None]:
    """A render of it was interrupted when a segment was finished."""
    journal = folder_of(Path("begun.mp4")).absolute() / "journal"
    body = (
        "    if index == 150:\n        import pathlib, time\n"
        f"        while pathlib.Path({str(journal)!r}).read_bytes().count(b'\\n') < 2:\n            time.sleep(0.01)\n"
        "        raise ValueError('stopped')\n"
    )
    Path("begun.py").write_text(
        HEAD.format(here=os.getcwd()) + CLIP.format(body=body, frames=200, width=WIDTH, height=HEIGHT)
    )
    assert run("render", "begun.py", "-o", "begun.mp4", "--resume", "--workers", "1")[0] == 1
    yield
    shutil.rmtree(folder_of(Path("begun.mp4")))


AS_IT_WAS = {"held.mp4": held, "begun.mp4": begun}


def listing(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if not p.name.startswith(("times-", "__pycache__"))}


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    plugins.use(None)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(list(arguments))
    return code, out.getvalue(), err.getvalue()


def pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("<...>"))


def test_a_messages_way_out_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the messages propose is there."""
    monkeypatch.chdir(tmp_path)
    _, out, _ = run("render", "--help")
    proposed = set(re.findall(r"--[a-z-]+", " ".join(failure.text for failure in FAILURES.values())))
    assert proposed - {"--fsp"} <= set(re.findall(r"--[a-z-]+", out)) | {"--help"}
    assert {"PANIM_FFMPEG"} <= set(os.environ) | set(re.findall(r"PANIM_\w+", run("--help")[1]))
