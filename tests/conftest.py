"""Fixtures for every test: nothing may be left behind, nothing of the user's is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from leftovers import MARK, Snapshot
from running import RunPanim, run_panim

# No test depends on the machine's speed. CI tries the same examples each time, so that a change is judged by what it
# changed; on other runs new ones are tried.
settings.register_profile(
    "panim",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    database=None if "CI" in os.environ else settings.default.database,
)
settings.load_profile("panim")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "resumable: leaves a render's working folder on purpose, to be resumed")
    _hear_signals()


def _hear_signals() -> None:
    """Undo what a shell's ``&`` and nohup do: a process started here would inherit that signals are ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda number, frame: None)  # a handler, unlike SIG_IGN, is not inherited


@pytest.fixture(scope="session", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Temporary files and caches go to folders of this test process alone, so that strays can be told."""
    tmp_path_factory.getbasetemp()  # made before TMPDIR changes
    with tempfile.TemporaryDirectory(prefix="pt-") as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", temporary)
        patch.setattr(tempfile, "tempdir", temporary)
        patch.setenv("PANIM_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("MPLBACKEND", "Agg")
        for name in ("PANIM_WORKERS", "PANIM_FFMPEG", "PANIM_DISABLE_PLUGINS"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves processes, shared memory, temporary files, descriptors or threads."""
    mark = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark)
        before = Snapshot(mark)
        yield
        left = before.leftovers()
    tmp_path = request.node.funcargs.get("tmp_path")
    if tmp_path is not None and request.node.get_closest_marker("resumable") is None:
        left += [f"working folder {folder}" for folder in sorted(tmp_path.rglob(".*.panim"))]
    if left:
        pytest.fail(f"{request.node.name} left behind:\n  " + "\n  ".join(left), pytrace=False)


@pytest.fixture
def panim(tmp_path: Path) -> RunPanim:
    """Run the command line in `tmp_path`: ``panim("render", ...)``; see `running.run_panim`."""

    def run(*args: str | Path, cwd: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        return run_panim(*args, cwd=cwd or tmp_path, **options)

    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder ``disk`` with room for 64 pages."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
