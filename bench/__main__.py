"""`python -m bench` compares panim with its peers; `python -m bench limit` with the machine's limit."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from bench import compare, limit
from bench.drawings import DRAWINGS
from bench.tools import TOOLS


def names(known: dict[str, object]) -> object:
    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}; known: {', '.join(known)}")
        return chosen

    return read


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("compare", "limit"), default="compare")
    parser.add_argument("--frames", type=int, help="of each workload; 300, or 600 for limit")
    parser.add_argument("--runs", type=int, default=3, help="of each tool on each workload, in turn")
    parser.add_argument("--only", type=names(DRAWINGS), help="workloads, separated by commas")
    parser.add_argument("--tools", type=names(TOOLS), default=list(TOOLS), help="tools, separated by commas")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    args = parser.parse_args()
    progress, console = Console(stderr=True), Console(width=120)
    if args.what == "limit":
        frames = args.frames or 600
        limits = [limit.measure(w, frames, args.runs, progress) for w in args.only or list(DRAWINGS)]
        shown, plain, failed = limit.table(limits), limit.as_json(limits, frames, args.runs), False
    else:
        frames = args.frames or 300
        tools = [TOOLS[name] for name in TOOLS if name in args.tools]
        for tool in tools:
            tool.install()
        results = []
        for workload in args.only or ["red", "dots", "line"]:
            able = [tool for tool in tools if tool.can(workload)]
            results += compare.contest(workload, able, frames, args.runs, progress)
        shown, plain = compare.table(results), compare.as_json(results, frames, args.runs)
        failed = any(result.problems for result in results)
    console.print(shown)
    if args.json:
        args.json.write_text(json.dumps(plain, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
