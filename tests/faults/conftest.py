"""What every fault is measured by: see `faulty.Faulty`; that nothing is left is checked for every test there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from faulty import Faulty


@pytest.fixture
def faulty(tmp_path: Path, panim: Callable) -> Faulty:
    return Faulty(tmp_path, panim)
