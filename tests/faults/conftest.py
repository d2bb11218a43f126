"""What every fault is measured by: see `faulty.Faulty`; that nothing is left is checked for every test there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faulty import WATCHED_SECONDS, Faulty


@pytest.fixture
def faulty(tmp_path: Path, panim: Callable) -> Iterator[Faulty]:
    began = time.monotonic()
    yield Faulty(tmp_path, panim)
    assert time.monotonic() - began < WATCHED_SECONDS
