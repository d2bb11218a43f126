"""``panim``, and ``python -m panim_core``: the command line, and before it is even read, a worker for its script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from panim_core.execution.machine import ensure_standard_descriptors

    ensure_standard_descriptors()  # before any pipe is made
    from panim_core.execution.spare import started_ahead

    words = sys.argv[1:]
    given = [word for word in words[1:] if not word.startswith("-")]
    with started_ahead(given[0] if given and words[0] == "render" else ""):
        from panim_core.cli import main as run

        run()


if __name__ == "__main__":
    main()
