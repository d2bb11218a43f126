"""What an interrupted render keeps, what it does not, and what it says about it."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from decode import decode, probe, timing
from resume_film import BITS, Film, Sequel, drawn, indices

from panim_core import EncodeError, FrameError, SettingsError, produce, segments, still
from panim_core.events import Note, RenderStarted
from panim_core.execution import journal, segmented
from panim_core.execution.store import state
from panim_core.execution.workspace import Workspace, folder_of
from panim_core.frames import FrameRange
from panim_core.targets import load

pytestmark = pytest.mark.usefixtures("_folder")


@pytest.fixture
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def render(source, output="film.mp4", **options):
    """(report, what was told)."""
    told = []

    def listen(event):
        if isinstance(event, Note):
            told.append(event.text)

    return produce(source, output, **{"resume": True, "on_event": listen, **options}), told


def interrupt(source, output="film.mp4", at=45, lines=3, **options):
    """Render until `lines` - 1 segments, in any order, are in the journal; gives all that are, by frame."""
    Path("stop").write_text(f"{at} {lines}")
    with pytest.raises(FrameError, match="stopped"):
        render(source, output, **options)
    Path("stop").unlink()
    drawn(".")
    kept = [entry.frames for entry, defect in state(Path(output)).segments if defect is None]
    assert len(kept) >= lines - 1
    return kept


def told_of(kept, count=60):
    """What a render that is resumed says, if nothing is wrong."""
    everything = FrameRange(0, count)
    spans = segments.spans(segments.missing(everything, segments.missing(everything, kept)))
    return f"resuming: {sum(map(len, kept))} of {count} frames are finished and kept ({spans})"


def drawn_again(kept, count=60):
    """The frames that are drawn when a render is resumed: what is missing, and two to see if they look the same."""
    done = {index for piece in kept for index in piece}
    return sorted([*(set(range(count)) - done), *{kept[0].start, kept[-1].start}])


def check(output="film.mp4", frames=range(60)):
    """The frames are in the output once each, in order and evenly spaced, and nothing else is left."""
    assert indices(decode(output)) == list(frames)
    starts, _ = timing(output)
    assert list(map(float, starts)) == pytest.approx(range(len(frames)), abs=0.002)
    assert not folder_of(Path(output)).exists()


def test_only_what_is_missing_is_rendered():
    film = Film(".")
    kept = interrupt(film)
    report, told = render(film)
    assert drawn(".") == drawn_again(kept)
    assert told == [told_of(kept)]
    assert (report.frame_count, report.duration_seconds) == (60, 60)
    assert report.output_bytes == Path("film.mp4").stat().st_size
    check()


def test_an_interrupted_render_says_what_it_keeps():
    Path("stop").write_text("45 3")
    told = []
    with pytest.raises(FrameError):
        produce(Film("."), "film.mp4", resume=True, on_event=lambda e: told.append(getattr(e, "text", "")))
    kept = 60 - sum(map(len, state(Path("film.mp4")).missing))
    assert f"{kept} of 60 frames are finished and kept; go on with --resume" in told
    assert not list(folder_of(Path("film.mp4")).glob("work-*"))
    shutil.rmtree(folder_of(Path("film.mp4")))


def test_a_still_of_that_name_leaves_it_alone():
    kept = interrupt(Film("."))
    with pytest.raises(SettingsError, match="an unfinished render"):
        still(Film("."), 0, "film.mp4")
    render(Film("."))
    assert drawn(".") == drawn_again(kept)


def test_nothing_is_left_if_nothing_was_finished():
    Path("stop").write_text("0 1")
    with pytest.raises(FrameError):
        render(Film("."))
    assert not folder_of(Path("film.mp4")).exists()


def test_interrupted_again_and_again():
    film = Film(".")
    for lines, at in ((2, 25), (3, 38), (4, 55)):
        interrupt(film, at=at, lines=lines)
    render(film)
    check()


def test_uninterrupted():
    report, told = render(Film("."))
    assert told == []
    assert report.frame_count == 60
    assert drawn(".") == list(range(60))
    check()


def test_a_single_segment():
    film = Film(".", seconds=7)
    render(film)
    check(frames=range(7))


def test_a_range_of_frames_with_a_step():
    film = Film(".", seconds=200)
    interrupt(film, at=157, frames="10:190:3", lines=3)
    render(film, frames="10:190:3")
    check(frames=range(10, 190, 3))


def test_a_sequential_source():
    produce(Sequel("."), "whole.mp4", crf=0)
    drawn(".")
    kept = interrupt(Sequel("."), crf=0)
    _, told = render(Sequel("."), crf=0)
    assert drawn(".") == drawn_again([*kept, kept[0]])
    assert told == [told_of(kept)]
    assert np.array_equal(decode("film.mp4"), decode("whole.mp4"))


@pytest.mark.parametrize("output", ["film.mkv", "film.webm"])
def test_other_containers(output):
    film = Film(".", seconds=30, output=output)
    interrupt(film, output, at=25, lines=2)
    render(film, output)
    check(output, range(30))


def test_numbered_images():
    film = Film(".", seconds=30, output="%03d.png")
    produce(film, "whole/%03d.png")
    film = Film("out", seconds=30, output="%03d.png")
    film.folder = film.folder.parent
    interrupt(film, "out/%03d.png", at=25, lines=2)
    report, told = render(film, "out/%03d.png")
    assert "are finished and kept" in told[0]
    files = sorted(Path("out").iterdir())
    assert [file.name for file in files] == [f"{index:03d}.png" for index in range(30)]
    assert all(file.read_bytes() == Path("whole", file.name).read_bytes() for file in files)
    assert report.output_bytes == sum(file.stat().st_size for file in files)


def test_sound_is_added_in_the_end(sound):
    film = Film(".")
    interrupt(film, audio=sound)
    render(film, audio=sound)
    assert "Audio: aac" in f"Audio: {probe(Path('film.mp4')).audio}"
    starts, durations = timing(Path("film.mp4"), "a:0")
    assert float(starts[-1] + durations[-1]) == pytest.approx(60, abs=0.1)
    check()


@pytest.fixture
def sound(tmp_path):
    import wave

    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((8000 * np.sin(np.arange(8000 * 90) / 5)).astype("<i2").tobytes())
    return path


def test_sound_that_is_none_is_found_before_anything_starts(tmp_path):
    (tmp_path / "no.wav").write_text("no sound")
    with pytest.raises(SettingsError, match=r"no\.wav"):
        render(Film("."), audio=tmp_path / "no.wav")
    assert drawn(".") == []


def test_a_gif_cannot_be_resumed_which_is_found_before_anything_starts():
    with pytest.raises(SettingsError, match=r"--resume: what encoder gif writes cannot be joined; render without it"):
        render(Film("."), "film.gif")
    assert drawn(".") == []


# ---- what is not kept


def journal_of(output="film.mp4"):
    return folder_of(Path(output)) / journal.NAME


def files_of(output="film.mp4"):
    return sorted((folder_of(Path(output)) / "segments").iterdir())


def frames_in(file):
    first, last = map(int, file.stem.split("-"))
    return range(first, last + 1)


def tear_last_line(kept):
    data = journal_of().read_bytes()
    journal_of().write_bytes(data[:-5])
    return journal.parse(data).entries[-1].frames, "the journal's last line was torn"


def flip_a_bit(kept):
    data = journal_of().read_bytes()
    lines = data.splitlines(keepends=True)
    lines[1] = lines[1][:50] + bytes([lines[1][50] ^ 4]) + lines[1][51:]
    journal_of().write_bytes(b"".join(lines))
    return journal.parse(data).entries[0].frames, "line 2 of the journal is damaged"


def flip_a_bit_of_the_first_line(kept):
    data = bytearray(journal_of().read_bytes())
    data[100] ^= 4
    journal_of().write_bytes(bytes(data))
    return range(60), "first line is damaged"


def remove_journal(kept):
    journal_of().unlink()
    return range(60), None


def told_again(frames, why):
    return f"frames {frames[0]} to {frames[-1]} are rendered again: {why}"


def truncate_segment(kept):
    file = files_of()[1]
    size = file.stat().st_size
    os.truncate(file, size - 1)
    return frames_in(file), told_again(frames_in(file), f"their file has {size - 1} bytes instead of {size}")


def replace_segment(kept):
    file = files_of()[0]
    data = bytearray(file.read_bytes())
    data[-30] ^= 1
    file.write_bytes(bytes(data))
    return frames_in(file), told_again(frames_in(file), "their file is not the one that was written")


def exchange_segments(kept):
    first, second = files_of()[:2]
    data = first.read_bytes()
    shutil.copy(second, first)
    second.write_bytes(data)
    return [*frames_in(first), *frames_in(second)], told_again(frames_in(first), "their file")


def remove_segment(kept):
    file = files_of()[1]
    file.unlink()
    return frames_in(file), told_again(frames_in(file), "their file is gone")


@pytest.mark.parametrize(
    "damage",
    [
        tear_last_line,
        flip_a_bit,
        flip_a_bit_of_the_first_line,
        remove_journal,
        truncate_segment,
        replace_segment,
        exchange_segments,
        remove_segment,
    ],
)
def test_what_is_damaged_is_told_and_rendered_again(damage):
    film = Film(".")
    kept = interrupt(film)
    lost, text = damage(kept)
    _, told = render(film)
    assert set(lost) <= set(drawn("."))
    assert text is None or any(text in line for line in told)
    check()


SCRIPT = """
import resume_film, other
film = resume_film.Film(".")
class Mine(resume_film.Film):
    def generate_at(self, time_ms):
        frame = super().generate_at(time_ms)
        frame[40:] = 10 + 0 * other.EXTRA
        return frame
film = Mine(".")
"""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"crf": 30}, "setting: crf was not set, is 30"),
        ({"preset": "fast"}, "setting: preset was not set, is fast"),
        ({"pixel_format": "yuv444p"}, "setting: pixel_format was not set, is yuv444p"),
        ({"frames": "0:50"}, "frames was 0:60:1, is 0:50:1"),
        ({"fps": 2}, "fps was 1, is 2"),
        ({"size": (96, 24)}, "size was 192x48"),
        ("script", "the source changed"),
        ("module", "file: other.py changed"),
        ("panim", "panim was "),
        ("package", "package: numpy was "),
        ("ffmpeg", "encoder was "),
        ("journal", "first line is damaged, or is another version's"),
    ],
)
def test_what_is_another_render_keeps_nothing(change, text, monkeypatch):
    Path("script.py").write_text(SCRIPT)
    Path("other.py").write_text("EXTRA = 1\n")
    interrupt(load_fresh(monkeypatch))
    options = change if isinstance(change, dict) else {}
    match change:
        case "script":
            Path("script.py").write_text(SCRIPT.replace("10 +", "11 +"))
        case "module":
            Path("other.py").write_text("EXTRA = 2\n")
        case "panim":
            monkeypatch.setattr(segmented, "__version__", "99")
        case "package":
            monkeypatch.setattr(segmented, "installed_versions", lambda: {"numpy": "99"})
        case "ffmpeg":
            from panim_ffmpeg.encoder import FfmpegEncoder

            monkeypatch.setattr(FfmpegEncoder, "describe", lambda self: "ffmpeg 99")
        case "journal":
            monkeypatch.setattr(journal, "FORMAT", journal.FORMAT + 1)
    report, told = render(load_fresh(monkeypatch), **options)
    assert len(drawn(".")) == report.frame_count
    assert len(told) == 1
    assert told[0].startswith("nothing of the unfinished render is kept: ")
    assert text in told[0]
    assert not folder_of(Path("film.mp4")).exists()


def load_fresh(monkeypatch):
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "other", raising=False)
    sys.path_importer_cache.clear()
    return load("script.py")


def test_workers_and_sound_may_change(sound):
    film = Film(".")
    interrupt(film, workers=1)
    _, told = render(film, workers=2, audio=sound)
    assert "are finished and kept" in told[0]
    check()


def test_a_change_in_what_the_source_reads_is_seen_in_its_frames():
    film = Film(".")
    interrupt(film)
    Path("shade").write_text("90")
    _, told = render(film)
    assert set(drawn(".")) == set(range(60))
    (line,) = told
    assert line == (
        "nothing of the unfinished render is kept: frame 0 is drawn differently now; "
        "something that the source reads has changed, or it draws at random"
    )
    assert set((decode("film.mp4")[:, 40, 0, 0] - 90.0).round(-1)) == {0}
    check()


def test_a_full_disk_is_told_and_what_was_finished_stays(monkeypatch):
    append = journal.Journal.append
    film = Film(".")

    def full(self, entry):
        if entry.frames.start == 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(journal.Journal, "append", full)
        with pytest.raises(EncodeError, match=r"segments cannot be kept in .*: No space left on device"):
            render(film)
    kept = [entry.frames for entry, _ in state(Path("film.mp4")).segments]
    drawn(".")
    if kept:
        _, told = render(film)
        assert told == [told_of(kept)]
    else:
        render(film)
    check()


# ---- starting over, and what is refused


def test_start_over():
    film = Film(".")
    kept = interrupt(film)
    _, told = render(film, resume=False)
    assert drawn(".") == list(range(60))
    assert told == [f"started over: {sum(map(len, kept))} frames that an earlier render had finished are dropped"]
    check()


def test_a_render_that_says_nothing_deletes_nothing():
    film = Film(".")
    kept = interrupt(film)
    with pytest.raises(
        SettingsError, match=rf"with {sum(map(len, kept))} frames finished.*--resume, or start over with --no-resume"
    ):
        render(film, resume=None)
    assert drawn(".") == []
    render(film)
    assert len(drawn(".")) < 60
    check()


def test_an_existing_output_is_refused_as_usual():
    film = Film(".", seconds=20)
    Path("film.mp4").write_text("mine")
    with pytest.raises(SettingsError, match="exists; allow replacing it with --overwrite"):
        render(film)
    interrupt(film, at=15, lines=2, overwrite=True)
    assert Path("film.mp4").read_text() == "mine"
    render(film, overwrite=True)
    check(frames=range(20))


def test_two_renders_to_one_output():
    film = Film(".", seconds=10)
    with Workspace(Path("film.mp4"), keep=True) as workspace:
        with pytest.raises(SettingsError, match=r"another render is writing 'film.mp4' right now"):
            render(film)
        assert drawn(".") == []
        workspace.keep = False
    render(film)
    check(frames=range(10))


# ---- how it is cut


def test_a_segment_ends_early_where_drawing_takes_long(monkeypatch):
    film = Film(".", seconds=20)
    Path("stop").write_text("15 7")
    with monkeypatch.context() as patch:
        patch.setattr(segments, "WORK_SECONDS", 0.0)
        with pytest.raises(FrameError):
            render(film)
    found = state(Path("film.mp4"))
    assert all(len(entry.frames) == 1 for entry, _ in found.segments)
    assert len(found.segments) >= 6
    Path("stop").unlink()
    _, told = render(film)
    assert "are finished and kept" in told[-1]
    check(frames=range(20))


def test_progress_is_that_of_what_is_missing():
    film = Film(".")
    kept = interrupt(film)
    started = []
    render(film, on_event=lambda event: started.append(event) if isinstance(event, RenderStarted) else None)
    assert [event.frame_count for event in started] == [60 - sum(map(len, kept))]


class Doubtful(Film):
    """Finds out on the way that it must be drawn in another way."""

    def __init__(self, folder, careful=False):
        super().__init__(folder)
        self.careful = careful

    def configured(self, **options):
        return Doubtful(self.folder, careful=options.get("redraw") == "full")

    def generate_at(self, time_ms):
        if not self.careful and time_ms >= 5000:
            error = RuntimeError("in doubt")
            error.retry_with = {"redraw": "full"}
            raise error
        return super().generate_at(time_ms)


def test_a_render_that_began_again_in_another_way_is_resumed_in_that_way():
    film = Doubtful(".")
    kept = interrupt(film)
    _, told = render(film)
    assert drawn(".") == drawn_again(kept)
    assert "started again with redraw=full: the render to be resumed was, too" in told
    assert any("are finished and kept" in line for line in told)
    check()


# ---- from the command line


CLI = """
import sys
sys.path.insert(0, {tests!r})
from resume_film import Film
film = Film(".")
"""


def test_from_the_command_line(panim):
    Path("film.py").write_text(CLI.format(tests=str(Path(__file__).parent)))
    assert panim("segments", "film.mp4").returncode == 2
    Path("stop").write_text("45 3")
    stopped = panim("render", "film.py", "-o", "film.mp4", "--resume")
    assert stopped.returncode == 1
    found = state(Path("film.mp4"))
    kept = 60 - sum(map(len, found.missing))
    assert f"{kept} of 60 frames are finished and kept; go on with --resume\n" in stopped.stderr
    Path("stop").unlink()

    shown = panim("segments", "film.mp4")
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    first = found.segments[0][0].frames
    assert lines[0] == f"frames {first[0]} to {first[-1]}: {files_of()[0].stat().st_size} bytes, finished"
    assert lines[-2].endswith("to 59: missing")
    assert lines[-1] == f"{kept} of 60 frames are finished; go on with panim render ... --resume"

    refused = panim("render", "film.py", "-o", "film.mp4")
    assert refused.returncode == 2
    assert "--no-resume" in refused.stderr

    drawn(".")
    resumed = panim("render", "film.py", "-o", "film.mp4", "--resume", "--json")
    assert resumed.returncode == 0
    assert drawn(".") == drawn_again([entry.frames for entry, _ in found.segments])
    told = told_of([entry.frames for entry, _ in found.segments])
    assert resumed.stderr.count(told) == 1
    assert told in json.loads(resumed.stdout)["notes"]
    check()
    assert "no unfinished render of 'film.mp4'" in panim("segments", "film.mp4").stderr


RANDOM = """
import random
import numpy as np
from panim_core import FrameGenerator
class Noise(FrameGenerator):
    duration, frame_size, fps = 20_000, (32, 32), 1
    def __init__(self):
        self.colours = np.random.randint(0, 255, (20, 3)).tolist()
        self.sizes = [random.randrange(30) for _ in range(20)]
    def generate_at(self, time_ms):
        index = round(time_ms / 1000)
        frame = np.zeros((32, 32, 3), np.uint8)
        frame[: self.sizes[index]] = self.colours[index]
        return frame
noise = Noise()
"""


def test_a_script_that_uses_random_numbers_can_be_resumed(panim):
    Path("noise.py").write_text(RANDOM)
    for name in ("a.mkv", "b.mkv"):
        done = panim("render", "noise.py", "-o", name, "--resume", "--encoder", "ffv1")
        assert done.returncode == 0, done.stderr
    assert np.array_equal(decode(Path("a.mkv")), decode(Path("b.mkv")))


def test_the_film_tells_its_frames():
    assert indices(np.array([Film.generate_at(Film("."), 1000 * i) for i in range(20)])) == list(range(20))
    assert sum(range(61)) < 2**BITS
