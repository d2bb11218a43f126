"""Where ffmpeg is, and what it can do."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from panim_core.cache import cache_folder
from panim_core.errors import PluginUnavailableError

_HINT = "run `pip install imageio-ffmpeg`, install ffmpeg, or set PANIM_FFMPEG to the path of its program"
_ASK_SECONDS = 30.0


@dataclass(frozen=True)
class Abilities:
    """What one ffmpeg program can do."""

    version: str
    encoders: frozenset[str]


def find_binary() -> Path:
    """The ffmpeg program: PANIM_FFMPEG, else the one of the imageio-ffmpeg package, else the one on PATH.

    Raises:
        PluginUnavailableError: there is none, or PANIM_FFMPEG names none.
    """
    named = os.environ.get("PANIM_FFMPEG")
    if named:
        found = shutil.which(named)
        if found is None:
            raise PluginUnavailableError(f"PANIM_FFMPEG is {named!r}, which {_defect(named)}", _HINT)
        return Path(found).absolute()
    for candidate in (*_bundled(), shutil.which("ffmpeg")):
        if candidate is not None and os.access(candidate, os.X_OK):
            return Path(candidate).absolute()
    raise PluginUnavailableError("ffmpeg was not found", _HINT)


def _defect(path: str) -> str:
    if Path(path).is_dir():
        return "is a folder"
    return "is not executable" if Path(path).exists() else "does not exist"


def _bundled() -> Sequence[Path]:
    # Importing imageio_ffmpeg takes 50 ms and its own search runs the program: look at its files instead.
    spec = find_spec("imageio_ffmpeg")
    if spec is None:
        return []
    folders = [Path(folder) / "binaries" for folder in spec.submodule_search_locations or ()]
    return sorted(path for folder in folders for path in folder.glob("ffmpeg*"))


def abilities(binary: Path) -> Abilities:
    """What `binary` can do, remembered on disk until the file changes.

    Raises:
        PluginUnavailableError: it does not run, or is no ffmpeg.
    """
    stat = binary.stat()
    key = f"{binary}|{stat.st_mtime_ns}|{stat.st_size}"
    store = cache_folder() / f"ffmpeg-{hashlib.sha256(os.fsencode(key)).hexdigest()[:24]}.json"
    known = _recall(store, key)
    if known is None:
        known = _ask(binary)
        _remember(store, key, known)
    return known


def _recall(store: Path, key: str) -> Abilities | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # not there, or damaged: ask again
        data = json.loads(store.read_bytes())
        if data["key"] == key:
            return Abilities(str(data["version"]), frozenset(map(str, data["encoders"])))
    return None


def _remember(store: Path, key: str, known: Abilities) -> None:
    import tempfile

    data = {"key": key, "version": known.version, "encoders": sorted(known.encoders)}
    with contextlib.suppress(OSError, ValueError):  # a read-only home costs a question each time, nothing else
        store.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=store.stem, dir=store.parent)
        try:
            with open(descriptor, "w") as file:
                json.dump(data, file)
            os.replace(name, store)
        except OSError:
            os.unlink(name)


def _ask(binary: Path) -> Abilities:
    import subprocess

    try:
        answer = subprocess.run(
            [str(binary), "-nostdin", "-encoders"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PluginUnavailableError(f"{binary} does not run: {error}", _HINT) from error
    listing, banner = answer.stdout.decode(errors="replace"), answer.stderr.decode(errors="replace")
    encoders = frozenset(re.findall(r"^ [VAS][A-Z.]{5} (\S+)", listing, re.MULTILINE)) - {"="}
    if answer.returncode != 0 or not encoders:
        tail = (banner or listing).strip()[-300:]
        raise PluginUnavailableError(f"{binary} is no working ffmpeg (exit status {answer.returncode}): {tail}", _HINT)
    version = re.search(r"^ffmpeg version (\S+)", banner or listing, re.MULTILINE)
    return Abilities(version[1] if version else "unknown", encoders)
