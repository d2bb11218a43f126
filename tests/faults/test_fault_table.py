"""docs/reliability.md has a row for every fault, and the test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| (\d+) \| .* \| `([\w/]+\.py)::(\w+)` \|$", (ROOT / "docs" / "reliability.md").read_text(), re.MULTILINE
)


def test_every_fault_has_a_test() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 43))
    missing = [
        f"{file}::{name}"
        for _, file, name in ROWS
        if not re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)
    ]
    assert missing == []
