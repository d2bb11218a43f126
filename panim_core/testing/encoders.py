"""What every encoder must do."""

from __future__ import annotations

import contextlib
import mmap
import os
import threading
import wave
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from panim_core import plugins
from panim_core.errors import EncodeError, SettingsError
from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import EncodeFacts, Encoder, EncoderSession, EncoderSettings
from panim_core.testing.clips import moving_pixels
from panim_core.testing.held import Held, skip_unless_available
from panim_core.testing.pictures import COLOURS, check_frames, pictures

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray

_SIZE = (64, 48)
_FPS = Fraction(25)
_NONSENSE: tuple[dict[str, Any], ...] = (
    {"quality": "no_such_quality"},
    {"preset": "no_such_preset"},
    {"pixel_format": "no_such_format"},
    {"bitrate": "no_such_rate"},
    {"crf": 1e6},
    {"audio": Path("/no/such/sound.wav")},
)
_PIXEL_FORMATS = ("yuv420p", "yuv444p", "gbrp", "rgb24", "rgba", "gray")
_ENDS_SECONDS = 20.0


class EncoderConformance:
    """An encoder opens sessions, which take frames in order and complete a file, or leave nothing running.

    Subclass it and give:

    - `name`: the name under which it is registered; or override the fixture `encoder`.
    - `extension`: of the files to write, by default the first of the encoder's.
    - `decode`: reads a file's frames back, so that they can be compared. Without it, only files are.
    - `read_fps`: reads its frame rate. Without it, or where the files have none, nobody looks at it.
    - `tolerance`: how far a channel of a decoded picture may be off, where it is of one colour.

    Settings that it takes must matter. Any file tells that of `pixel_format` (in the facts), `crf`, `bitrate`, `audio`
    (in the number of bytes) and the quality lossless; tests of your own can tell it of others.
    """

    name: str
    extension: str | None = None
    tolerance: int = 0

    @pytest.fixture
    def encoder(self) -> Encoder:
        """What is tested; where it is unavailable, nothing is."""
        encoder = plugins.find_encoder(self.name)
        skip_unless_available(encoder)
        return encoder

    def decode(self, path: Path) -> Sequence[FrameArray] | None:
        """The frames in the output `path`, uint8, shape (height, width, 3 or 4); None if that is not known."""
        return None

    def read_fps(self, path: Path) -> Fraction | float | None:
        """The frames per second of the output `path`, by when each is shown; None if that is not known."""
        return None

    def test_is_an_encoder(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)
        assert isinstance(encoder.name, str)
        assert encoder.name.strip() == encoder.name != ""
        for extension in encoder.extensions:
            assert extension.startswith("."), f"extension {extension!r} must have its dot"
            assert extension == extension.lower(), f"extension {extension!r} must be in lower case"
        assert encoder.pixel_formats, "it must take frames of some pixel format"
        assert {*encoder.pixel_formats} <= {known.value for known in PixelFormat}

    def test_writes_every_frame_in_order(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        facts = self._encode(encoder, path, pictures(_SIZE))
        assert isinstance(facts, EncodeFacts)
        assert facts.frame_count == len(COLOURS)
        self._check(path, pictures(_SIZE))
        assert self._outputs(encoder, path), f"{path} is not there, or empty"

    def test_leaves_nothing_but_its_output(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        held = Held()
        self._encode(encoder, path, pictures(_SIZE))
        held.check_given_back()
        assert sorted(tmp_path.iterdir()) == self._outputs(encoder, path)

    def test_does_not_keep_the_buffer(self, encoder: Encoder, tmp_path: Path) -> None:
        """When `write` returns, the next frame is drawn into the same memory."""
        paths = [self._path(encoder, _folder(tmp_path, name)) for name in ("own", "again", "shared")]
        for path in paths[:2]:
            self._encode(encoder, path, pictures(_SIZE), reuse_buffer=False)
        self._encode(encoder, paths[2], pictures(_SIZE))
        own, again, shared = ([file.read_bytes() for file in self._outputs(encoder, path)] for path in paths)
        if own == again:  # otherwise it writes, say, the time into its files; `decode` tells then
            assert shared == own, "the file is another one if the buffer changes after write() has returned"
        self._check(paths[2], pictures(_SIZE))

    def test_takes_each_of_its_pixel_formats(self, encoder: Encoder, tmp_path: Path) -> None:
        for name in encoder.pixel_formats:
            path = self._path(encoder, _folder(tmp_path, name))
            pixel_format = PixelFormat(name)
            facts = self._encode(encoder, path, pictures(_SIZE), pixel_format=pixel_format)
            assert facts.frame_count == len(COLOURS)
            if pixel_format in (PixelFormat.RGBA, PixelFormat.RGB24):
                self._check(path, pictures(_SIZE))

    def test_takes_any_size_or_refuses_it(self, encoder: Encoder, tmp_path: Path) -> None:
        for width, height in ((65, 49), (1, 1), (5, 128)):
            path = self._path(encoder, _folder(tmp_path, f"{width}x{height}"))
            with contextlib.suppress(SettingsError):
                facts = self._encode(encoder, path, pictures((width, height)))
                assert facts.frame_count == len(COLOURS), f"{width}x{height}"
                self._check(path, pictures((width, height)), larger=bool(facts.notes))

    def test_takes_any_frame_rate_or_refuses_it(self, encoder: Encoder, tmp_path: Path) -> None:
        for fps in (Fraction(24000, 1001), Fraction(1, 2), Fraction(1000)):
            path = self._path(encoder, _folder(tmp_path, str(float(fps))))
            with contextlib.suppress(SettingsError):
                facts = self._encode(encoder, path, pictures(_SIZE), fps=fps)
                assert facts.frame_count == len(COLOURS), f"{fps} frames per second"
                found = self.read_fps(path)
                if found is not None:
                    assert float(found) == pytest.approx(float(fps), rel=0.01), f"{fps} per second were asked for"

    def test_writes_a_single_frame(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        assert self._encode(encoder, path, pictures(_SIZE)[:1]).frame_count == 1
        self._check(path, pictures(_SIZE)[:1])

    def test_takes_any_name(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path, '-it\'s "100%" ünusual; $HOME')
        self._encode(encoder, path, pictures(_SIZE))
        assert self._outputs(encoder, path)

    def test_lossless_means_every_bit(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        frames = [moving_pixels(_SIZE, time_ms, opaque=True) for time_ms in (0, 40, 80)]
        try:
            self._encode(encoder, path, frames, settings=EncoderSettings(quality="lossless"))
        except SettingsError:
            pytest.skip("it has no quality lossless")
        found = self.decode(path)
        if found is not None:
            np.testing.assert_array_equal(np.asarray(found)[..., :3], np.asarray(frames)[..., :3])

    def test_refuses_what_it_cannot_honour(self, encoder: Encoder, tmp_path: Path) -> None:
        """In `open`, before it starts anything, with `SettingsError`; nothing is ignored in silence."""
        for nonsense in _NONSENSE:
            path = self._path(encoder, tmp_path)
            held = Held()
            try:
                session = encoder.open(path, FrameFormat(*_SIZE), _FPS, EncoderSettings(**nonsense))
            except SettingsError:
                assert not self._outputs(encoder, path)
                held.check_given_back()
                continue
            session.abort()
            pytest.fail(f"open() took {nonsense}; it must raise SettingsError for what it cannot honour")

    def test_heeds_what_it_takes(self, encoder: Encoder, tmp_path: Path) -> None:
        """So far as files of any kind tell: by the facts, and by their bytes."""
        frames = [moving_pixels(_SIZE, time_ms, opaque=True) for time_ms in range(0, 1000, 40)]
        for name in _PIXEL_FORMATS:
            path = self._path(encoder, _folder(tmp_path, name))
            with contextlib.suppress(SettingsError):
                facts = self._encode(encoder, path, frames, settings=EncoderSettings(pixel_format=name))
                assert facts.pixel_format == name, f"{name} was taken; the facts have {facts.pixel_format!r}"
        sound = _sound(tmp_path / "sound.wav")
        pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]] = (
            ({"crf": 40}, {"crf": 5}),
            ({"bitrate": "50k"}, {"bitrate": "5M"}),
            ({}, {"audio": sound}),
        )
        for pair in pairs:
            paths = [self._path(encoder, _folder(tmp_path, f"{number}-{[*pair[1]]}")) for number in range(2)]
            with contextlib.suppress(SettingsError):
                for path, options in zip(paths, pair, strict=True):
                    self._encode(encoder, path, frames, settings=EncoderSettings(**options))
                less, more = (sum(file.stat().st_size for file in self._outputs(encoder, path)) for path in paths)
                told = f"{pair[1]} gave {more} bytes, and {pair[0] or 'nothing'} {less}"
                assert less < more, f"{told}; refuse in open() what cannot be honoured"

    def test_sessions_do_not_disturb_each_other(self, encoder: Encoder, tmp_path: Path) -> None:
        """One segment is completed while the next is already fed."""
        paths = [self._path(encoder, _folder(tmp_path, name)) for name in ("first", "second")]
        frames = pictures(_SIZE), pictures(_SIZE)[::-1]
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(self._open(encoder, path)) for path in paths]
            for pair in zip(*frames, strict=True):
                for session, frame in zip(sessions, pair, strict=True):
                    session.write(memoryview(frame.tobytes()))
            assert [session.finish().frame_count for session in sessions] == [len(COLOURS)] * 2
        for path, expected in zip(paths, frames, strict=True):
            self._check(path, expected)

    def test_leaving_without_finish_aborts(self, encoder: Encoder, tmp_path: Path) -> None:
        held = Held()
        with pytest.raises(_OnPurposeError):
            self._fail_while_writing(encoder, self._path(encoder, tmp_path))
        held.check_given_back()

    def _fail_while_writing(self, encoder: Encoder, path: Path) -> None:
        with self._open(encoder, path) as session:
            session.write(memoryview(pictures(_SIZE)[0].tobytes()))
            raise _OnPurposeError

    def test_abort_may_be_called_at_any_time(self, encoder: Encoder, tmp_path: Path) -> None:
        held = Held()
        for number, count in enumerate((0, 1, len(COLOURS))):
            with self._open(encoder, self._path(encoder, _folder(tmp_path, str(number)))) as session:
                for frame in pictures(_SIZE)[:count]:
                    session.write(memoryview(frame.tobytes()))
                session.abort()
                session.abort()
                with pytest.raises(EncodeError):
                    session.write(memoryview(pictures(_SIZE)[0].tobytes()))
                with pytest.raises(EncodeError):
                    session.finish()
        held.check_given_back()

    def test_abort_after_finish_leaves_the_output(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        with self._open(encoder, path) as session:
            session.write(memoryview(pictures(_SIZE)[0].tobytes()))
            session.finish()
            before = [file.read_bytes() for file in self._outputs(encoder, path)]
            session.abort()
        assert [file.read_bytes() for file in self._outputs(encoder, path)] == before

    def test_abort_ends_a_write_in_another_thread(self, encoder: Encoder, tmp_path: Path) -> None:
        raised: list[BaseException] = []
        began, stop = threading.Event(), threading.Event()
        frame = memoryview(pictures(_SIZE)[0].tobytes())
        with self._open(encoder, self._path(encoder, tmp_path)) as session:

            def write() -> None:
                try:
                    while not stop.is_set():
                        session.write(frame)
                        began.set()
                except BaseException as error:  # noqa: BLE001 - looked at below
                    raised.append(error)
                    began.set()

            thread = threading.Thread(target=write)
            thread.start()
            assert began.wait(_ENDS_SECONDS), "it took no frame"
            session.abort()
            thread.join(_ENDS_SECONDS)
            ended = not thread.is_alive()
            stop.set()
            thread.join(_ENDS_SECONDS)
        assert ended, "write() went on after abort()"
        assert isinstance(raised[0], EncodeError), f"write() raised {raised[0]!r} after abort(); raise EncodeError"

    def test_a_full_disk_is_an_encode_error(self, encoder: Encoder, tmp_path: Path) -> None:
        path = self._path(encoder, tmp_path)
        if not os.path.exists("/dev/full") or getattr(encoder, "multiple_files", False):
            pytest.skip("there is no /dev/full, or it cannot stand for several files")
        path.symlink_to("/dev/full")
        held = Held()
        with pytest.raises(EncodeError):
            self._encode(encoder, path, [moving_pixels(_SIZE, time_ms) for time_ms in range(0, 2000, 40)])
        held.check_given_back()

    def test_joins_segments(self, encoder: Encoder, tmp_path: Path) -> None:
        frames = pictures(_SIZE)
        segments = [self._path(encoder, _folder(tmp_path, name)) for name in ("a", "b", "c")]
        parts = frames[:3], frames[3:4], frames[4:]
        for segment, part in zip(segments, parts, strict=True):
            self._encode(encoder, segment, part)
        before = [file.read_bytes() for segment in segments for file in self._outputs(encoder, segment)]
        joined = self._path(encoder, _folder(tmp_path, "joined"))
        held = Held()
        if getattr(encoder, "joinable", True):
            encoder.concat(segments, joined)
            assert self._outputs(encoder, joined)
            self._check(joined, frames)
        else:
            with pytest.raises(EncodeError):
                encoder.concat(segments, joined)
        held.check_given_back()
        after = [file.read_bytes() for segment in segments for file in self._outputs(encoder, segment)]
        assert after == before, "concat() changed the segments"

    def test_a_missing_segment_is_an_encode_error(self, encoder: Encoder, tmp_path: Path) -> None:
        segment = self._path(encoder, _folder(tmp_path, "a"))
        self._encode(encoder, segment, pictures(_SIZE))
        missing = self._path(encoder, _folder(tmp_path, "missing"))
        with pytest.raises(EncodeError):
            encoder.concat([segment, missing], self._path(encoder, _folder(tmp_path, "joined")))

    def test_a_damaged_segment_is_an_encode_error(self, encoder: Encoder, tmp_path: Path) -> None:
        """One that is cut short, or empty: the result would lack frames."""
        frames = pictures(_SIZE)
        for keeps in (0.0, 0.5, 0.75, 0.99):
            for damaged in (0, 1):
                folder = _folder(tmp_path, f"{keeps}-{damaged}")
                segments = [self._path(encoder, _folder(folder, name)) for name in ("a", "b")]
                for segment, part in zip(segments, (frames[:3], frames[3:]), strict=True):
                    self._encode(encoder, segment, part)
                last = self._outputs(encoder, segments[damaged])[-1]
                content = last.read_bytes()
                last.write_bytes(content[: int(keeps * len(content))])
                joined = self._path(encoder, _folder(folder, "joined"))
                try:
                    encoder.concat(segments, joined)
                except EncodeError:
                    continue
                told = f"concat() joined a segment of which only {keeps:.0%} are there; raise EncodeError"
                # What is last may be an index that nobody needs, or padding.
                assert keeps > 0.9 or self.decode(joined) is not None, told
                self._check(joined, frames)

    def _path(self, encoder: Encoder, folder: Path, stem: str = "out") -> Path:
        extension = self.extension or next(iter(encoder.extensions))
        number = "_%04d" if getattr(encoder, "multiple_files", False) else ""
        return folder / f"{stem}{number}{extension}"

    def _outputs(self, encoder: Encoder, path: Path) -> list[Path]:
        """The files of a finished output that are not empty."""
        paths = [path]
        if getattr(encoder, "multiple_files", False):
            paths = [path.with_name(path.name.replace("%04d", f"{number:04d}")) for number in range(len(COLOURS))]
        return [path for path in paths if path.is_file() and path.stat().st_size > 0]

    def _open(self, encoder: Encoder, path: Path) -> EncoderSession:
        return encoder.open(path, FrameFormat(*_SIZE), _FPS, EncoderSettings())

    def _encode(
        self,
        encoder: Encoder,
        path: Path,
        frames: Sequence[FrameArray],
        *,
        pixel_format: PixelFormat = PixelFormat.RGBA,
        fps: Fraction = _FPS,
        settings: EncoderSettings = EncoderSettings(),  # noqa: B008 - frozen
        reuse_buffer: bool = True,
    ) -> EncodeFacts:
        height, width = frames[0].shape[:2]
        form = FrameFormat(width, height, pixel_format)
        with encoder.open(path, form, fps, settings) as session:
            for buffer in _buffers(_as_bytes(frames, form), form.nbytes, reuse_buffer):
                session.write(buffer)
            return session.finish()

    def _check(self, path: Path, expected: Sequence[FrameArray], *, larger: bool = False) -> None:
        found = self.decode(path)
        if found is not None:
            check_frames(found, expected, self.tolerance, larger)


class _OnPurposeError(Exception):
    pass


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _sound(path: Path) -> Path:
    """A second of noise, in a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 8000, "NONE", ""))
        file.writeframes(np.random.default_rng(1).integers(-9999, 9999, 8000, np.int16).tobytes())
    return path


def _as_bytes(frames: Iterable[FrameArray], form: FrameFormat) -> Iterator[bytes]:
    for frame in frames:
        if form.pixel_format is PixelFormat.RGBA:
            yield frame.tobytes()
        elif form.pixel_format is PixelFormat.RGB24:
            yield frame[..., :3].tobytes()
        else:
            yield np.resize(frame, form.nbytes).tobytes()


def _buffers(frames: Iterable[bytes], nbytes: int, reuse: bool) -> Iterator[memoryview]:
    """Shared memory with each frame in turn; if it is used again, the last frame is gone when the next is asked for."""
    memory = memoryview(mmap.mmap(-1, nbytes))
    for frame in frames:
        buffer = memory if reuse else memoryview(mmap.mmap(-1, nbytes))
        buffer[:] = frame
        yield buffer
        if reuse:
            buffer[:] = bytes(b ^ 0x5A for b in frame[:64]).ljust(nbytes, b"\x5a")
