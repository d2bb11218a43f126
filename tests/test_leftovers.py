"""The fixture that watches all other tests, watched."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from leftovers import MARK, Snapshot

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def snapshot() -> Snapshot:
    return Snapshot(os.environ[MARK])


def test_nothing_is_nothing() -> None:
    assert snapshot().leftovers(0) == []


def test_a_child() -> None:
    before = snapshot()
    with subprocess.Popen(SLEEP) as child:
        try:
            (line,) = before.leftovers(0)
        finally:
            child.kill()
    assert f"process {child.pid}" in line
    assert before.leftovers() == []


def test_an_orphan_whose_parent_died() -> None:
    before = snapshot()
    parent = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], stdout=-3, stderr=-3).pid)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", parent, *SLEEP], capture_output=True, text=True, check=True
    )
    orphan = int(done.stdout)
    try:
        assert [f"process {orphan}" in line for line in before.leftovers(0)] == [True]
    finally:
        os.kill(orphan, 9)
    assert before.leftovers() == []


def test_a_temporary_file() -> None:
    before = snapshot()
    fd, name = tempfile.mkstemp()
    os.close(fd)
    assert before.leftovers(0) == [f"temporary file {name}"]
    os.unlink(name)
    assert before.leftovers(0) == []


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no /dev/shm here")
def test_shared_memory() -> None:
    before = snapshot()
    path = Path("/dev/shm") / f"panim-test-{os.getpid()}"
    path.write_bytes(b"x")
    try:
        assert before.leftovers(0) == [f"shared memory {path}"]
    finally:
        path.unlink()
    assert before.leftovers(0) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc here")
def test_descriptors() -> None:
    before = snapshot()
    opened = [*os.pipe(), os.memfd_create("panim-test")]
    try:
        left = before.leftovers(0)
    finally:
        for fd in opened:
            os.close(fd)
    assert [line.split(" ->")[0] for line in left] == [f"descriptor {fd}" for fd in sorted(opened)]
    assert before.leftovers(0) == []


def test_a_thread() -> None:
    before = snapshot()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="stray")
    thread.start()
    assert before.leftovers(0) == ["thread stray"]
    stop.set()
    thread.join()
    assert before.leftovers(0) == []
