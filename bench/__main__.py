"""Measure panim, turn by turn with what it is compared with.

compare: its peers. limit: the machine's limit, 600 frames. sweep: all numbers of workers and encoder threads against
the tuner. segmented: with and without --resume, 600 frames. fixed, parent, memory: what panim itself costs. The other
modules in this folder are commands of their own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import compare, fixed, limit, memory, parent, segmented, sweep
from bench.drawings import DRAWINGS
from bench.tools import TOOLS, compile_panim

Measured = tuple[Table, dict[str, Any], bool]
"""What to show, all of it as plain data, and whether it is as it should be."""


def names(known: Sequence[str]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}; known: {', '.join(known)}")
        return chosen

    return read


def _compare(args: argparse.Namespace, progress: Console) -> Measured:
    frames = args.frames or 300
    tools = [TOOLS[name] for name in TOOLS if name in args.tools]
    for tool in tools:
        tool.install()
    results = []
    for workload in args.only or ["red", "dots", "line"]:
        able = [tool for tool in tools if tool.can(workload)]
        results += compare.contest(workload, able, frames, args.runs, progress)
    plain = compare.as_json(results, frames, args.runs)
    return compare.table(results), plain, not any(result.problems for result in results)


def _limit(args: argparse.Namespace, progress: Console) -> Measured:
    frames = args.frames or 600
    limits = [limit.measure(w, frames, args.runs, progress) for w in args.only or list(DRAWINGS)]
    return limit.table(limits), limit.as_json(limits, frames, args.runs), True


def _sweep(args: argparse.Namespace, progress: Console) -> Measured:
    sweeps = [sweep.measure(w, args.runs, progress) for w in args.only or list(sweep.FRAMES)]
    return sweep.table(sweeps), sweep.as_json(sweeps, args.runs), True


def _fixed(args: argparse.Namespace, progress: Console) -> Measured:
    found = fixed.measure(args.runs)
    return fixed.table(found), fixed.as_json(found, args.runs), True


def _parent(args: argparse.Namespace, progress: Console) -> Measured:
    workloads = args.only or ["red", "dots", "line"]
    found = [parent.measure(w, args.frames or 300, args.runs, progress) for w in workloads]
    return parent.table(found), parent.as_json(found), True


def _memory(args: argparse.Namespace, progress: Console) -> Measured:
    found = memory.measure((500, args.frames or 20_000), args.runs, progress)
    return memory.table(found), memory.as_json(found), True


def _segmented(args: argparse.Namespace, progress: Console) -> Measured:
    frames = args.frames or 600
    found = [segmented.measure(w, frames, args.runs, progress) for w in args.only or ["dots", "line"]]
    return segmented.table(found), segmented.as_json(found, args.runs), True


MEASURES: dict[str, Callable[[argparse.Namespace, Console], Measured]] = {
    "compare": _compare,
    "limit": _limit,
    "sweep": _sweep,
    "fixed": _fixed,
    "parent": _parent,
    "memory": _memory,
    "segmented": _segmented,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=MEASURES, default="compare")
    parser.add_argument(
        "--frames", type=int, help="of each workload; 300, 600 for limit and segmented, 20000 for memory"
    )
    parser.add_argument("--runs", type=int, default=3, help="of each on each workload, in turn")
    parser.add_argument("--only", type=lambda text: text.split(","), help="workloads, separated by commas")
    parser.add_argument("--tools", type=names(list(TOOLS)), default=list(TOOLS), help="tools, separated by commas")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    args = parser.parse_args()
    compile_panim()
    able = list(sweep.FRAMES if args.what == "sweep" else DRAWINGS)
    if unknown := [name for name in args.only or () if name not in able]:
        parser.error(f"unknown {', '.join(unknown)}; known: {', '.join(able)}")
    shown, plain, good = MEASURES[args.what](args, Console(stderr=True))
    Console(width=140).print(shown)
    if args.json:
        args.json.write_text(json.dumps(plain, indent=2) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
