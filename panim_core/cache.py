"""Where what was learned about a machine is kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """PANIM_CACHE_DIR, else the user's cache folder for panim. It need not exist."""
    if chosen := os.environ.get("PANIM_CACHE_DIR"):
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("panim", appauthor=False))
