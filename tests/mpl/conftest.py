"""Nothing of matplotlib's global state outlives a test."""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    """Animations that are made and not saved complain when they go, whenever that is."""
    unsaved = pytest.mark.filterwarnings("ignore:Animation was deleted without rendering anything:UserWarning")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(unsaved)


@pytest.fixture(autouse=True)
def _matplotlib_as_before():
    import matplotlib

    with matplotlib.rc_context():
        yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
