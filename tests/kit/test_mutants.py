"""The suites fail on wrong plugins, and pass right ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from wrong import easings, encoders, executors, renderers, transforms
from wrong.caught import CAUGHT_BY

from panim_core import testing

HERE = Path(__file__).resolve().parent
PYTEST = (sys.executable, "-m", "pytest", "-rA", "-q", "--tb=line", "--basetemp=base")
MODULES = {
    "Easing": easings,
    "Transform": transforms,
    "Renderer": renderers,
    "Encoder": encoders,
    "Executor": executors,
}
PARTS = 4
"""Of each kind's wrong plugins: all of them at once take a minute."""


def run_suites(kind: str, folder: Path, node_ids: Sequence[str]) -> dict[str, str]:
    """Node id -> outcome of tests of a module of `wrong`, run in a process that takes with it what they leave."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    (folder / "pytest.ini").write_text("[pytest]\npython_classes = Right* *\naddopts = -p no:cacheprovider\n")
    (folder / "test_wrong.py").write_text(f"from {MODULES[kind].__name__} import *\n")
    done = subprocess.run(
        [*PYTEST, *(f"test_wrong.py::{node}" for node in node_ids)],
        cwd=folder,
        env={**own, "PYTHONPATH": os.pathsep.join([str(HERE), own.get("PYTHONPATH", "")])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
    )
    outcomes = re.findall(r"^(PASSED|FAILED|ERROR) test_wrong\.py::(\S+)", done.stdout, re.MULTILINE)
    assert outcomes, done.stdout + done.stderr
    return {node: outcome for outcome, node in outcomes}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", MODULES)
def test_wrong_plugins_are_caught(kind: str, part: int, tmp_path: Path) -> None:
    nodes = [f"{suite}::{test}" for suite, test in CAUGHT_BY.items() if suite.startswith(kind)][part::PARTS]
    outcomes = run_suites(kind, tmp_path, nodes)
    assert {node: outcomes.get(node) for node in nodes if outcomes.get(node) not in ("FAILED", "ERROR")} == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", MODULES)
def test_right_plugins_pass(kind: str, tmp_path: Path) -> None:
    suites = [name for name in vars(MODULES[kind]) if name.startswith(f"Right{kind}")]
    outcomes = run_suites(kind, tmp_path, suites)
    assert {node: outcome for node, outcome in outcomes.items() if outcome != "PASSED"} == {}


def test_every_test_of_a_suite_catches_something() -> None:
    """But those for which a wrong plugin would need another registered one, or no name at all."""
    not_needed = {"test_takes_any_name", "test_writes_a_single_frame", "test_is_an_executor"}
    not_needed |= {
        "test_makes_a_segment_again_alike",
        "test_imports_its_backend_only_when_needed",
    }
    tests = {
        name
        for suite in (getattr(testing, f"{kind}Conformance") for kind in MODULES)
        for name in vars(suite)
        if name.startswith("test_")
    }
    assert tests - set(CAUGHT_BY.values()) == not_needed
    assert len(CAUGHT_BY) >= 15
