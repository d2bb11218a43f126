"""The command line, interrupted before a chosen line of panim's own code is executed: a program that tests run.

interrupting.py FILE:LINE ARGUMENTS ...   SIGINT comes before that line is executed for the first time
interrupting.py all ARGUMENTS ...         nothing happens; lines.txt has every line that was executed, in order
"""

import atexit
import os
import signal
import sys
from pathlib import Path

from panim_core import cli

PLACE = Path(cli.__file__).parent
chosen, *arguments = sys.argv[1:]
executed = {}


def see(frame, event, arg):
    if event == "line":
        line = f"{Path(frame.f_code.co_filename).relative_to(PLACE)}:{frame.f_lineno}"
        if line == chosen and line not in executed:
            os.kill(os.getpid(), signal.SIGINT)
        executed[line] = None
    return see


def choose(frame, event, arg):
    return see if frame.f_code.co_filename.startswith(f"{PLACE}{os.sep}") else None


def answer(arguments):
    sys.settrace(choose)
    try:
        return real(arguments)
    finally:
        sys.settrace(None)


if chosen == "all":
    atexit.register(lambda: Path("lines.txt").write_text("\n".join(executed)))
real, cli._answer = cli._answer, answer
cli.main(arguments)
