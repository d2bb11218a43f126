"""A right encoder, and wrong ones."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from panim_core.errors import EncodeError, PluginUnavailableError, SettingsError
from panim_core.protocols import EncodeFacts, EncoderSettings
from panim_core.testing import EncoderConformance
from wrong.caught import wrong


class Session:
    """Raw frames after a line that tells their size, form and rate."""

    def __init__(self, path: Path, format: Any, fps: Any) -> None:
        self.path, self.format, self.count, self.aborted = path, format, 0, False
        self.file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed by finish or abort
        self.file.write(f"{format.width} {format.height} {format.pixel_format.value} {fps}\n".encode())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc_info: object) -> Any:
        self.abort()

    def write(self, buffer: memoryview) -> None:
        if self.aborted:
            raise EncodeError("aborted")
        try:
            self.file.write(buffer)
        except (OSError, ValueError) as error:
            raise EncodeError(f"cannot write: {error}") from error
        self.count += 1

    def finish(self) -> EncodeFacts:
        if self.aborted:
            raise EncodeError("aborted")
        self.file.close()
        return EncodeFacts(self.count)

    def abort(self) -> None:
        self.aborted = True
        self.file.close()


class RawEncoder:
    name, extensions, pixel_formats = "raw", (".raw",), ("rgba", "rgb24")
    session: Any = Session

    def check_available(self) -> None:
        pass

    def open(self, path: Path, format: Any, fps: Any, settings: EncoderSettings) -> Any:
        asked = [f.name for f in dataclasses.fields(settings) if getattr(settings, f.name) is not None]
        if asked:
            raise SettingsError(f"raw takes no {', '.join(asked)}")
        try:
            return self.session(path, format, fps)
        except OSError as error:
            raise EncodeError(f"cannot write: {error}") from error

    def concat(self, segments: Any, path: Path, audio: Path | None = None) -> None:
        try:
            parts = [segment.read_bytes().partition(b"\n") for segment in segments]
        except OSError as error:
            raise EncodeError(f"cannot join: {error}") from error
        for head, _, body in parts:
            if not head or len(body) % frame_bytes(head):
                raise EncodeError("cannot join: a segment is cut short")
        path.write_bytes(parts[0][0] + b"\n" + b"".join(part[2] for part in parts))


def frame_bytes(head: bytes) -> int:
    width, height, pixel_format, _ = head.split()
    return int(width) * int(height) * (4 if pixel_format == b"rgba" else 3)


class RightEncoder(EncoderConformance):
    kind: ClassVar[Any] = RawEncoder

    @pytest.fixture
    def encoder(self) -> Any:
        return type(self).kind()

    def decode(self, path: Path) -> Any:
        head, body = path.read_bytes().split(b"\n", 1)
        width, height = map(int, head.split()[:2])
        return np.frombuffer(body, np.uint8).reshape(-1, height, width, frame_bytes(head) // (width * height))

    def read_fps(self, path: Path) -> Any:
        return Fraction(path.read_bytes().split(b"\n", 1)[0].split()[3].decode())


class RightEncoderWithoutDecode(RightEncoder):
    def decode(self, path: Path) -> Any:
        return None


def write_noisily(self: Any, buffer: memoryview) -> None:
    noise = np.random.default_rng(self.count).integers(-3, 4, len(buffer))
    pixels = np.clip(np.frombuffer(buffer, np.uint8) + noise, 0, 255)
    Session.write(self, memoryview(pixels.astype(np.uint8).tobytes()))


class RightLossyEncoder(RightEncoder):
    tolerance = 3
    kind = type("Lossy", (RawEncoder,), {"session": type("Lossy", (Session,), {"write": write_noisily})})


def encoder(**methods: Any) -> type:
    return type("Mutant", (RawEncoder,), methods)


def session(**methods: Any) -> type:
    return encoder(session=type("Mutant", (Session,), methods))


@wrong("test_is_an_encoder")
class EncoderWithCapitalExtension(RightEncoder):
    kind = encoder(extensions=(".RAW",))


@wrong("test_is_an_encoder")
class EncoderOfUnknownPixels(RightEncoder):
    kind = encoder(pixel_formats=("rainbow",))


def unavailable(self: Any) -> None:
    raise PluginUnavailableError("it is not there")


@wrong("test_is_an_encoder")
class EncoderThatIsUnavailableWithoutAHint(RightEncoder):
    @pytest.fixture
    def encoder(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        from panim_core import plugins

        monkeypatch.setattr(plugins, "find_encoder", lambda name: encoder(check_available=unavailable)())
        self.name = "raw"
        return EncoderConformance.encoder.__wrapped__(self)  # type: ignore[attr-defined]


def write_every_other(self: Any, buffer: memoryview) -> None:
    if self.count % 2 == 0:
        Session.write(self, buffer)
    else:
        self.count += 1


@wrong("test_writes_every_frame_in_order")
class EncoderThatDropsFrames(RightEncoder):
    kind = session(write=write_every_other)


def write_turned(*axes: int) -> Any:
    def write(self: Any, buffer: memoryview) -> None:
        form = self.format
        pixels = np.frombuffer(buffer, np.uint8).reshape(form.height, form.width, -1)
        Session.write(self, memoryview(np.flip(pixels, axes).tobytes()))

    return write


@wrong("test_writes_every_frame_in_order")
class EncoderThatWritesUpsideDown(RightEncoder):
    kind = session(write=write_turned(0))


@wrong("test_writes_every_frame_in_order")
class EncoderThatMirrors(RightEncoder):
    tolerance = 3
    kind = session(write=write_turned(1))


@wrong("test_writes_every_frame_in_order")
class EncoderThatTurnsPicturesAround(RightEncoder):
    tolerance = 3
    kind = session(write=write_turned(0, 1))


def write_paler(self: Any, buffer: memoryview) -> None:
    Session.write(self, memoryview((np.frombuffer(buffer, np.uint8) // 2 + 64).astype(np.uint8).tobytes()))


@wrong("test_writes_every_frame_in_order")
class EncoderOfOtherColours(RightEncoder):
    tolerance = 3
    kind = session(write=write_paler)


def finish_one_off(self: Any) -> EncodeFacts:
    return EncodeFacts(Session.finish(self).frame_count - 1)


@wrong("test_writes_every_frame_in_order")
class EncoderThatMiscounts(RightEncoder):
    kind = session(finish=finish_one_off)


def write_later(self: Any, buffer: memoryview) -> None:
    self.held = [*vars(self).get("held", []), buffer]
    if self.aborted:
        raise EncodeError("aborted")


def finish_held(self: Any) -> EncodeFacts:
    for buffer in vars(self).get("held", []):
        Session.write(self, buffer)
    return Session.finish(self)


@wrong("test_does_not_keep_the_buffer")
class EncoderThatKeepsBuffers(RightEncoder):
    kind = session(write=write_later, finish=finish_held)


@wrong("test_does_not_keep_the_buffer")
class EncoderThatKeepsBuffersAndCannotBeDecoded(RightEncoderWithoutDecode):
    kind = session(write=write_later, finish=finish_held)


def finish_with_note(self: Any) -> EncodeFacts:
    self.path.with_suffix(".log").write_text("done")
    return Session.finish(self)


@wrong("test_leaves_nothing_but_its_output")
class EncoderThatLeavesFiles(RightEncoder):
    kind = session(finish=finish_with_note)


def init_with_thread(self: Any, path: Path, format: Any, fps: Any) -> None:
    Session.__init__(self, path, format, fps)
    threading.Thread(target=threading.Event().wait, daemon=True).start()


@wrong("test_leaves_nothing_but_its_output")
class EncoderThatLeavesThreads(RightEncoder):
    kind = session(__init__=init_with_thread)


def write_rgba_only(self: Any, buffer: memoryview) -> None:
    if len(buffer) != self.format.width * self.format.height * 4:
        raise EncodeError("not RGBA")
    Session.write(self, buffer)


@wrong("test_takes_each_of_its_pixel_formats")
class EncoderThatDoesNotTakeWhatItTells(RightEncoder):
    kind = session(write=write_rgba_only)


def init_even(self: Any, path: Path, format: Any, fps: Any) -> None:
    assert format.width % 2 == format.height % 2 == 0
    Session.__init__(self, path, format, fps)


@wrong("test_takes_any_size_or_refuses_it")
class EncoderOfEvenSizes(RightEncoder):
    kind = session(__init__=init_even)


def init_cropped(self: Any, path: Path, format: Any, fps: Any) -> None:
    even = dataclasses.replace(format, width=format.width // 2 * 2 or 1, height=format.height // 2 * 2 or 1)
    Session.__init__(self, path, even, fps)
    self.whole = format


def write_cropped(self: Any, buffer: memoryview) -> None:
    pixels = np.frombuffer(buffer, np.uint8).reshape(self.whole.height, self.whole.width, -1)
    Session.write(self, memoryview(pixels[: self.format.height, : self.format.width].tobytes()))


@wrong("test_takes_any_size_or_refuses_it")
class EncoderThatCropsOddSizes(RightEncoder):
    kind = session(__init__=init_cropped, write=write_cropped)


def init_padded(self: Any, path: Path, format: Any, fps: Any) -> None:
    even = dataclasses.replace(format, width=-(-format.width // 2) * 2, height=-(-format.height // 2) * 2)
    Session.__init__(self, path, even, fps)
    self.whole = format


def write_padded(self: Any, buffer: memoryview) -> None:
    pixels = np.frombuffer(buffer, np.uint8).reshape(self.whole.height, self.whole.width, -1)
    more = self.format.height - self.whole.height, self.format.width - self.whole.width
    Session.write(self, memoryview(np.pad(pixels, ((0, more[0]), (0, more[1]), (0, 0)), "edge").tobytes()))


def finish_with_a_word(self: Any) -> EncodeFacts:
    return dataclasses.replace(Session.finish(self), notes=("padded",))


class RightEncoderThatPads(RightEncoder):
    kind = session(__init__=init_padded, write=write_padded, finish=finish_with_a_word)


@wrong("test_takes_any_size_or_refuses_it")
class EncoderThatPadsInSilence(RightEncoder):
    kind = session(__init__=init_padded, write=write_padded)


@wrong("test_takes_any_frame_rate_or_refuses_it")
class EncoderThatIgnoresTheRate(RightEncoder):
    kind = session(__init__=lambda self, path, format, fps: Session.__init__(self, path, format, 25))


def open_whole_rates(self: Any, path: Path, format: Any, fps: Any, settings: Any) -> Any:
    if int(fps) != fps:
        raise ValueError("whole frame rates only")
    return RawEncoder.open(self, path, format, fps, settings)


@wrong("test_takes_any_frame_rate_or_refuses_it")
class EncoderOfWholeRates(RightEncoder):
    kind = encoder(open=open_whole_rates)


def open_whatever(self: Any, path: Path, format: Any, fps: Any, settings: Any) -> Any:
    return RawEncoder.open(self, path, format, fps, EncoderSettings())


@wrong("test_refuses_what_it_cannot_honour")
class EncoderThatIgnoresSettings(RightEncoder):
    kind = encoder(open=open_whatever)


def open_then_check(self: Any, path: Path, format: Any, fps: Any, settings: Any) -> Any:
    path.write_bytes(b"begun")
    return RawEncoder.open(self, path, format, fps, settings)


@wrong("test_refuses_what_it_cannot_honour")
class EncoderThatStartsBeforeItChecks(RightEncoder):
    kind = encoder(open=open_then_check)


def heedless(**valid: Any) -> type:
    """Takes one setting, whatever value that is not nonsense, and forgets it."""

    def open(self: Any, path: Path, format: Any, fps: Any, settings: EncoderSettings) -> Any:
        ((name, is_valid),) = valid.items()
        value = getattr(settings, name)
        known = value is not None and is_valid(value)
        return RawEncoder.open(self, path, format, fps, dataclasses.replace(settings, **{name: None} if known else {}))

    return encoder(open=open)


@wrong("test_heeds_what_it_takes")
class EncoderThatForgetsThePixelFormat(RightEncoder):
    kind = heedless(pixel_format={"yuv420p", "rgba"}.__contains__)


@wrong("test_heeds_what_it_takes")
class EncoderThatForgetsTheQuality(RightEncoder):
    kind = heedless(crf=lambda crf: 0 <= crf <= 51)


@wrong("test_heeds_what_it_takes")
class EncoderThatForgetsTheBitRate(RightEncoder):
    kind = heedless(bitrate=lambda bitrate: bitrate[:-1].isdecimal())


@wrong("test_heeds_what_it_takes")
class EncoderThatForgetsTheSound(RightEncoder):
    kind = heedless(audio=Path.exists)


class LossyWhenLossless(RawEncoder):
    def open(self, path: Path, format: Any, fps: Any, settings: EncoderSettings) -> Any:
        if settings == EncoderSettings(quality="lossless"):
            return session(write=write_every_other).session(path, format, fps)
        return super().open(path, format, fps, settings)


@wrong("test_lossless_means_every_bit")
class EncoderThatLosesWhatIsLossless(RightEncoder):
    kind = LossyWhenLossless


SHARED: list[bytes] = []


def write_shared(self: Any, buffer: memoryview) -> None:
    if self.aborted:
        raise EncodeError("aborted")
    SHARED.append(bytes(buffer))


def finish_shared(self: Any) -> EncodeFacts:
    for frame in SHARED:
        Session.write(self, memoryview(frame))
    SHARED.clear()
    return Session.finish(self)


@wrong("test_sessions_do_not_disturb_each_other")
class EncoderWithOneListForAll(RightEncoder):
    kind = session(write=write_shared, finish=finish_shared)


@wrong("test_leaving_without_finish_aborts")
class EncoderThatSwallowsExceptions(RightEncoder):
    kind = session(__exit__=lambda self, *exc_info: self.abort() or True)


LEAKED: list[Any] = []


@wrong("test_leaving_without_finish_aborts")
class EncoderThatLeavesFilesOpen(RightEncoder):
    kind = session(__exit__=lambda self, *exc_info: LEAKED.append(self))


def abort_once(self: Any) -> None:
    if self.aborted:
        raise RuntimeError("aborted already")
    Session.abort(self)


@wrong("test_abort_may_be_called_at_any_time")
class EncoderThatAbortsOnlyOnce(RightEncoder):
    kind = session(abort=abort_once)


def finish_anyway(self: Any) -> EncodeFacts:
    self.file.close()
    return EncodeFacts(self.count)


@wrong("test_abort_may_be_called_at_any_time")
class EncoderThatFinishesAfterAbort(RightEncoder):
    kind = session(finish=finish_anyway)


def abort_and_remove(self: Any) -> None:
    Session.abort(self)
    self.path.unlink(missing_ok=True)


@wrong("test_abort_after_finish_leaves_the_output")
class EncoderThatRemovesAFinishedOutput(RightEncoder):
    kind = session(abort=abort_and_remove)


def write_closed(self: Any, buffer: memoryview) -> None:
    self.file.write(buffer)
    self.count += 1


@wrong("test_abort_ends_a_write_in_another_thread")
class EncoderThatRaisesValueErrorWhenAborted(RightEncoder):
    kind = session(write=write_closed)


@wrong("test_a_full_disk_is_an_encode_error")
class EncoderThatRaisesOSErrorOnAFullDisk(RightEncoder):
    kind = encoder(open=lambda self, path, format, fps, settings: Session(path, format, fps))


def write_silently(self: Any, buffer: memoryview) -> None:
    if self.aborted:
        raise EncodeError("aborted")
    with contextlib.suppress(OSError):
        self.file.write(buffer)
    self.count += 1


@wrong("test_a_full_disk_is_an_encode_error")
class EncoderThatDoesNotNoticeAFullDisk(RightEncoder):
    kind = encoder(
        session=type("Mutant", (Session,), {"write": write_silently}),
        open=lambda self, path, format, fps, settings: (
            RawEncoder.open(self, Path("/dev/null"), format, fps, settings)
            if path.is_symlink()
            else RawEncoder.open(self, path, format, fps, settings)
        ),
    )


def concat_first(self: Any, segments: Any, path: Path, audio: Path | None = None) -> None:
    RawEncoder.concat(self, segments[:-1], path)


@wrong("test_joins_segments")
class EncoderThatLosesTheLastSegment(RightEncoder):
    kind = encoder(concat=concat_first)


def concat_by_moving(self: Any, segments: Any, path: Path, audio: Path | None = None) -> None:
    RawEncoder.concat(self, segments, path)
    for segment in segments:
        segment.unlink()


@wrong("test_joins_segments")
class EncoderThatRemovesSegments(RightEncoder):
    kind = encoder(concat=concat_by_moving)


def concat_what_is_there(self: Any, segments: Any, path: Path, audio: Path | None = None) -> None:
    RawEncoder.concat(self, [segment for segment in segments if segment.exists()], path)


@wrong("test_a_missing_segment_is_an_encode_error")
class EncoderThatSkipsMissingSegments(RightEncoder):
    kind = encoder(concat=concat_what_is_there)


def concat_as_it_is(self: Any, segments: Any, path: Path, audio: Path | None = None) -> None:
    try:
        parts = [segment.read_bytes().partition(b"\n") for segment in segments]
    except OSError as error:
        raise EncodeError(f"cannot join: {error}") from error
    path.write_bytes(parts[0][0] + b"\n" + b"".join(part[2] for part in parts))


@wrong("test_a_damaged_segment_is_an_encode_error")
class EncoderThatJoinsWhatIsDamaged(RightEncoder):
    kind = encoder(concat=concat_as_it_is)


def concat_what_is_whole(self: Any, segments: Any, path: Path, audio: Path | None = None) -> None:
    RawEncoder.concat(self, [segment for segment in segments if not segment.exists() or segment.stat().st_size], path)


@wrong("test_a_damaged_segment_is_an_encode_error")
class EncoderThatSkipsEmptySegments(RightEncoderWithoutDecode):
    kind = encoder(concat=concat_what_is_whole)
