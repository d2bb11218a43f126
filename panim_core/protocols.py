"""What plugins implement, and `FrameGenerator`, the one type that all of them share.

Everything here is small on purpose: a plugin needs this module and `panim_core.hookspecs`, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from panim_core import drawing
from panim_core.errors import SettingsError
from panim_core.frames import FrameFormat, FrameRange

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

    FrameArray = NDArray[np.uint8]

Easing = Callable[..., float]
"""``(n, **params) -> float``: eased progress for progress `n` in 0..1."""

FrameTransform = Callable[..., "FrameGenerator"]
"""``(source, *args, **kwargs) -> FrameGenerator``: a generator that shows `source` differently."""


class _ToDefine:
    """What a subclass must define: as a property, in its body, or on the instance, in `__init__`."""

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        raise NotImplementedError(f"{owner.__name__} must define {self.name} ({self.meaning})")


FRAMES_CLAIMED = 2
"""How many of its first frames a source is asked about by `claims_here`."""


class FrameGenerator:
    """Something that draws the frame at a time, in any order unless it is `sequential`.

    Subclass it and give `duration`, `frame_size`, and `generate_at` or `generate_at_pil`. An instance travels
    to worker processes by value, before `start`; a class defined in a script or notebook is fine.

    A frame is RGBA bytes of ``width * height * 4``; a numpy array of shape (height, width, 3 or 4), uint8 or
    float in 0..1; or any drawing that an installed renderer knows: a PIL image, a matplotlib Figure.
    Alpha is straight, not premultiplied.
    """

    sequential: bool = False
    """True if a frame depends on those before. Then frames are drawn in order, and `advance` is called for
    each frame that another worker draws."""

    fps: float | Fraction | None = None
    """The frame rate that suits this source, used where none is asked for."""

    if TYPE_CHECKING:

        @property
        def duration(self) -> float:
            """How long the clip lasts, in milliseconds."""

        @property
        def frame_size(self) -> tuple[int, int]:
            """(width, height) in pixels."""
    else:
        duration = _ToDefine("milliseconds")
        frame_size = _ToDefine("width, height")

    def start(self) -> None:
        """Called once in each process that will draw, before the first frame."""

    def generate_at(self, time_ms: float) -> Any:
        """The frame at `time_ms`, where ``0 <= time_ms < duration``."""
        if type(self).generate_at_pil is FrameGenerator.generate_at_pil:
            raise NotImplementedError(f"{type(self).__name__} must define generate_at or generate_at_pil")
        return self.generate_at_pil(time_ms)

    def generate_at_pil(self, time_ms: float) -> PIL.Image.Image:
        """The frame at `time_ms` as a PIL image in mode RGBA. Needs a renderer plugin that makes images."""
        image: PIL.Image.Image = drawing.to_image(self.generate_at(time_ms), self.frame_size)
        return image

    def frame_at(self, time_ms: float) -> Any:
        """The frame at `time_ms` in whatever form costs least. What draws videos calls this one.

        Wrappers pass it on. Otherwise it is what the class that defines one last gives: `generate_at_pil` if it has
        both, since a PIL image reaches the video without a detour over bytes.
        """
        return self.generate_at(time_ms)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in cls.__mro__:
            if "frame_at" in vars(base):
                break
            if "generate_at_pil" in vars(base):
                cls.frame_at = _frame_as_image  # type: ignore[method-assign]
                break
            if "generate_at" in vars(base):
                cls.frame_at = _frame  # type: ignore[method-assign]
                break

    def advance(self, time_ms: float) -> None:
        """Bring the state of a `sequential` source to `time_ms` without drawing."""

    def finish(self) -> None:
        """Called once when this process will draw no more frames."""

    def configured(self, **options: Any) -> FrameGenerator:
        """This source with drawing options such as `dpi`, `size` or `redraw`; by default it takes none.

        Where pixels are drawn without a unit of length, `dpi` means nothing and is accepted; so are `alone`, which asks
        a source to be drawn by one process, where all draw alike, and `by_value`, for sources that do not travel well.

        Raises:
            SettingsError: it has no such option.
        """
        if unknown := sorted(set(options) - {"dpi", "alone", "by_value"}):
            raise SettingsError(f"{type(self).__name__} has no option {', '.join(unknown)}")
        return self


def takes(source: FrameGenerator, options: Mapping[str, Any]) -> bool:
    """Whether `source` can be configured with `options`."""
    try:
        source.configured(**options)
    except SettingsError:
        return False
    return True


def _frame(self: FrameGenerator, time_ms: float) -> Any:
    return self.generate_at(time_ms)


def _frame_as_image(self: FrameGenerator, time_ms: float) -> Any:
    return self.generate_at_pil(time_ms)


@dataclass(frozen=True)
class Identity:
    """What tells a source from others, in any process, where its own state will not do.

    Given by a method ``__panim_identity__()`` of the source, or of anything in it, to find out whether an
    interrupted render can be resumed: whatever decides what is drawn must be in it. The method may also return
    any other value that stands for the object.
    """

    value: object
    stand_in: Callable[[Any], Any]
    """Is given every object in `value`, and returns it, or in its place a value that is the same in any process."""


@runtime_checkable
class Renderer(Protocol):
    """Knows one kind of drawing. Stateless and cheap to make; imports its backend when first used."""

    @property
    def name(self) -> str: ...

    def adapt(self, target: object) -> FrameGenerator | None:
        """A generator that draws `target`, or None if this renderer does not know it.

        Raises:
            SettingsError: it knows `target`, but cannot draw it.
        """

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        """(width, height) of `drawing` in pixels, or None if this renderer does not know it."""

    def draw_into(self, drawing: Any, out: FrameArray) -> None:
        """Write `drawing` into `out`: uint8, shape (height, width, 4), RGBA, C-contiguous, shared memory."""


@runtime_checkable
class ImageRenderer(Renderer, Protocol):
    """A renderer that can also make its drawing from pixels; serves `FrameGenerator.generate_at_pil`."""

    def image_from(self, frame: FrameArray) -> Any:
        """The drawing that shows `frame`: uint8, shape (height, width, 4), RGBA."""


@runtime_checkable
class ScriptRenderer(Renderer, Protocol):
    """A renderer that finds its targets by watching a script run."""

    def watch(self) -> AbstractContextManager[Sequence[tuple[str | None, object]]]:
        """Enter before the script runs. The list it gives fills, as the script runs, with (name or None,
        target) in the order they were made. Must not import the backend by itself."""


@dataclass(frozen=True)
class EncoderSettings:
    """What a user can ask of an encoder. None means the encoder's default.

    An encoder refuses what it cannot honour with `SettingsError` in `open`, before it starts anything.
    """

    crf: float | None = None
    """Constant quality; lower is better. The scale is the codec's."""
    preset: str | None = None
    """How hard the codec tries, by its own names."""
    bitrate: str | None = None
    """Target bit rate as ffmpeg writes it, e.g. ``"4M"`` or ``"900k"``."""
    pixel_format: str | None = None
    """Pixel format inside the file, by ffmpeg's names, e.g. ``"yuv444p"``."""
    quality: str | None = None
    """A named quality: draft, standard, high, lossless."""
    threads: int | None = None
    """Threads that the encoder may use."""
    audio: Path | None = None
    """A sound file to play along."""


@dataclass(frozen=True)
class EncodeFacts:
    """What an encoder knows when it has finished."""

    frame_count: int
    """Frames that are in the output, as the encoder itself counted them."""
    codec: str = ""
    pixel_format: str = ""
    """Inside the file, by ffmpeg's names: the one that the settings ask for, if they do."""
    command: tuple[str, ...] = ()
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    notes: tuple[str, ...] = ()
    """What a user should be told, e.g. that an odd size was padded."""


class EncoderSession(Protocol):
    """One output being written. A context manager: leaving it without `finish` aborts."""

    def __enter__(self) -> EncoderSession: ...

    def __exit__(self, *exc_info: object) -> None: ...

    def write(self, buffer: memoryview) -> None:
        """Take the next frame, in presentation order; return when `buffer` may be reused.

        May block. Another thread may call `abort` meanwhile; then this raises `EncodeError` soon.
        """

    def finish(self) -> EncodeFacts:
        """Complete the output and check it; raise `EncodeError` if it is not whole."""

    def abort(self) -> None:
        """Stop at once and free everything. Callable from any thread, any number of times."""


@runtime_checkable
class Encoder(Protocol):
    """Turns frames into a file (or, if `multiple_files`, into numbered files). Stateless and cheap to make.

    Where renders are resumed or distributed, three more attributes are looked at, if there are any: `joinable`,
    False if `concat` cannot be done; `keyframe_interval`, the frames between the keyframes that it sets by
    itself; and a method `describe`, whose text changes with the version of what encodes.
    """

    @property
    def name(self) -> str: ...

    @property
    def extensions(self) -> Sequence[str]:
        """Of the outputs that it writes, with the dot and in lower case, the default encoder for each."""

    @property
    def pixel_formats(self) -> Sequence[str]:
        """Of the frames that it takes, best first; see `panim_core.frames.PixelFormat`."""

    def check_available(self) -> None:
        """Raise `PluginUnavailableError` with a hint if this cannot run here."""

    def open(self, path: Path, format: FrameFormat, fps: Fraction, settings: EncoderSettings) -> EncoderSession:
        """Start writing to `path`, a new file in an existing folder.

        Raises:
            SettingsError: the settings cannot be honoured.
        """

    def concat(self, segments: Sequence[Path], path: Path, audio: Path | None = None) -> None:
        """Join finished `segments` into `path` without encoding again, and add `audio`, a sound file.

        Raises:
            EncodeError: they cannot be joined, or the result lacks frames or has them at other times.
        """


@dataclass(frozen=True)
class SegmentTask:
    """One contiguous run of frames for a file of its own: all that a machine needs to make it. Picklable."""

    number: int
    source: bytes
    """The pickled FrameGenerator; see `panim_core.execution.source`."""
    frames: FrameRange
    path: Path
    plan: Any
    """The `panim_core.job.RenderPlan` that the segment belongs to."""


@dataclass(frozen=True)
class SegmentResult:
    """A finished segment."""

    number: int
    path: Path
    frame_count: int
    nbytes: int
    sha256: str
    facts: EncodeFacts
    measures: Mapping[str, Any] = field(default_factory=dict)
    frames: FrameRange | None = None
    """Which of the task's frames it holds, if not all: a task may be finished in parts, each a result."""
    first_frame_sha256: str = ""
    """Of the first frame's pixels as the encoder got them, where that is known."""
    data: bytes | None = None
    """The file's content, from where there is no file system in common; then `path` means nothing."""


@runtime_checkable
class Executor(Protocol):
    """Where work runs. Stateless and cheap to make.

    A render is cut into segments for it, unless its attribute `distributed` is False: then it gets a render
    that is not to be resumed as a single one.
    """

    @property
    def name(self) -> str: ...

    def check_available(self) -> None:
        """Raise `PluginUnavailableError` with a hint if this cannot run here."""

    def run(self, tasks: Sequence[SegmentTask], emit: Callable[[Any], None]) -> Iterator[SegmentResult]:
        """Make the segments, yielding each as soon as it is finished, in any order.

        A task is all that is needed to make its segment (see `panim_core.execution.local.render_segment`), and
        making it again gives the same frames. What is yielded is checked against its hash and frame count before
        it is used; one that comes twice is not looked at again, and one that does not come, or comes damaged, is
        asked for again in another call, a few times. So an executor may lose work, but should raise what cannot
        be helped, such as a `FrameError`. `emit` takes events (`panim_core.events`). Closing the iterator stops
        all work.
        """
