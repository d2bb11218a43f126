"""What tuning has learned, kept between renders: one JSON file in the user's cache folder.

A kind of job is a source, its size, an encoder with its settings, and a machine. Of the source only what is likely
to decide its cost is looked at, quickly: a wrong guess costs nothing but a start with other numbers of workers.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from panim_core.autotune import Learned
from panim_core.autotune.before import ON_PURPOSE
from panim_core.cache import cache_folder
from panim_core.errors import SettingsError
from panim_core.job import RenderSettings

if TYPE_CHECKING:
    from panim_core.job import RenderJob

VERSION = 1
MOST_KINDS = 200
"""Kept; of more, the oldest are dropped."""
_MOST_PARTS = 300
_MOST_ITEMS = 8
_COUNT = (int, type(None))
_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "int | None": _COUNT}


class TuningStore:
    """The file. A damaged one, or one of another version, counts as empty.

    Args:
        tell: is given a line when the file is ignored, once, and when it cannot be written.
    """

    def __init__(self, tell: Callable[[str], None], folder: Path | None = None) -> None:
        self.path = (folder or cache_folder()) / "tuning.json"
        self._tell = tell
        self._ignored = False

    def get(self, kind: str) -> Learned | None:
        """What is known of a kind of job."""
        entry = self._read().get(kind)
        if entry is None:
            return None
        try:
            return _checked(entry)
        except (TypeError, ValueError, SettingsError) as error:
            self._ignore(str(error))
            return None

    def put(self, kind: str, learned: Learned) -> None:
        """Keep it, in place of what was known."""
        kinds = self._read()
        kinds.pop(kind, None)
        kinds[kind] = {**dataclasses.asdict(learned), "at": int(time.time())}
        kinds = dict(list(kinds.items())[-MOST_KINDS:])
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.path, json.dumps({"version": VERSION, "kinds": kinds}, indent=1))
        except OSError as error:
            self._tell(f"what tuning learned could not be kept in {str(self.path)!r}: {error.strerror}")

    def _read(self) -> dict[str, Any]:
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise OSError("it is no file")
            data = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self._ignore(str(error))
            return {}
        if not isinstance(data, dict) or not isinstance(data.get("kinds"), dict):
            self._ignore("it holds something else")
            return {}
        if data.get("version") != VERSION:
            self._ignore(f"it is of version {data.get('version')}, not {VERSION}")
            return {}
        return dict(data["kinds"])

    def _ignore(self, why: str) -> None:
        if self._ignored:
            return
        self._ignored = True
        self._tell(f"what earlier renders learned is ignored: {str(self.path)!r} cannot be used ({why})")


def _checked(entry: Any) -> Learned:
    if not isinstance(entry, dict):
        raise TypeError("an entry is no object")
    known = {field.name: field.type for field in dataclasses.fields(Learned)}
    learned = Learned(**{name: value for name, value in entry.items() if name in known})
    for name, kind in known.items():
        value, wanted = getattr(learned, name), _KINDS[str(kind)]
        good = isinstance(value, wanted) and not isinstance(value, bool)
        if not good or (isinstance(value, (int, float)) and not (0 <= value < 1e15 and (value or wanted != _COUNT))):
            raise ValueError(f"{name} is {value!r}")
    RenderSettings(workers=learned.workers, encoder_threads=learned.encoder_threads)  # it says what is wrong with them
    return learned


def _replace(path: Path, text: str) -> None:
    fd, name = tempfile.mkstemp(prefix="tuning-", dir=path.parent)
    try:
        with os.fdopen(fd, "w") as stream:
            stream.write(text)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


# ---- renders


def remember(store: TuningStore, kind: str, measured: Mapping[str, Any]) -> None:
    """Keep what a tuned render has shown, for the next of its kind.

    Args:
        measured: its `SegmentResult.measures`.
    """
    if not measured.get("draw_alone_seconds"):
        return
    before = store.get(kind) or Learned()
    judged = measured["tuned_windows"] > 0
    as_measured = before.reason == ON_PURPOSE and measured["target_workers"] == before.workers
    learned = dataclasses.replace(
        before,
        workers=measured["target_workers"] if judged else before.workers,
        draw_seconds=measured["draw_alone_seconds"],
        start_seconds=measured["worker_start_seconds"],
        worker_bytes=measured["worker_bytes"],
        reason=measured["limited_by"] if judged and not as_measured else before.reason,
    )
    store.put(kind, learned)


# ---- kinds of jobs


def kind_of(job: RenderJob, cores: int) -> str:
    """A key for jobs that will cost the same, as far as can be told in a millisecond."""
    import platform

    encoder = dataclasses.replace(job.encoder_settings, audio=None, threads=None)
    digest = hashlib.sha256()
    machine = (platform.machine(), cores)
    for part in (*_parts(job.source), job.source.frame_size, job.encoder, encoder, machine):
        digest.update(repr(part).encode("utf-8", "replace"))
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _parts(source: object) -> Iterator[object]:
    """What a source is made of: types, names, whole numbers, the shapes of arrays and the code of functions.

    Not decimals, nor numbers in lists: they say where things are, not how many there are.
    """
    from panim_core.protocols import FrameGenerator

    waiting: list[object] = [source]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_PARTS:
        value = waiting.pop()
        if isinstance(value, str):
            yield value[:1000]
        if value is None or isinstance(value, (bool, int, float, str)) or id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        yield f"{kind.__module__}.{kind.__qualname__}"
        if isinstance(value, FunctionType):
            yield value.__qualname__, value.__code__.co_code
            waiting += [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
        elif isinstance(value, (list, tuple)):
            yield len(value)
            waiting += value[:_MOST_ITEMS]
        elif isinstance(value, dict):
            yield len(value)
            waiting += [item for pair in list(value.items())[:_MOST_ITEMS] for item in pair]
        elif isinstance(shape := getattr(value, "shape", None), tuple):
            yield shape
        elif isinstance(value, FrameGenerator) or dataclasses.is_dataclass(value):
            yield from _code(kind)
            for name, item in sorted(getattr(value, "__dict__", {}).items(), key=lambda pair: str(pair[0])):
                yield (name, f"{item:x}") if isinstance(item, int) else name
                waiting.append(item)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a name that is not yet bound
        return False


def _code(kind: type) -> Iterator[object]:
    """The code of a class that is not panim's own: a changed script is another kind of job."""
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in ("panim_core", "panim_pil", "panim_mpl", "builtins"):
            continue
        for name, member in sorted(vars(base).items()):
            if isinstance(member, FunctionType):
                yield name, member.__code__.co_code
