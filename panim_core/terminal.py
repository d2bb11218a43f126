"""Printing for people: text and tables, on streams that may be closed, narrow, or no terminals."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import Any

NOT_A_TERMINAL_WIDTH = 200
"""Columns of a table that is not printed to a terminal."""


def say(text: str, stream: Any) -> None:
    """Print; a closed stream is nobody's failure."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def can_show(text: str, stream: Any) -> bool:
    """Whether `stream` has characters for all of `text`."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plain(text: str, style: str = "") -> Any:
    """`text` for a table, with none of it taken for markup."""
    from rich.text import Text

    return Text(text, style=style)


def table_width() -> int:
    """How many columns a table on stdout may take."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else NOT_A_TERMINAL_WIDTH


def print_table(table: Any) -> None:
    """Print a table of rich on stdout, with styles on a terminal only."""
    from rich.console import Console

    console = Console(width=table_width())
    with console.capture() as captured:
        console.print(table)
    say("\n".join(line.rstrip() for line in captured.get().splitlines()), sys.stdout)
