"""Nothing of matplotlib's global state outlives a test."""

from __future__ import annotations

import gc
import sys
import warnings

import pytest


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
