"""docs/plugins.md tells every member of every protocol, and every suite."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from panim_core import hookspecs, protocols, testing
from panim_core.plugins import protocol_members

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text()


def section(heading: str) -> str:
    level = heading.split()[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_column(text: str) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)[`(]", row)}


def members(kind: type) -> set[str]:
    if dataclasses.is_dataclass(kind):
        return {field.name for field in dataclasses.fields(kind)}
    if kind is protocols.FrameGenerator:
        return {name for name in vars(kind) if not name.startswith("_")}
    dunder = {"__enter__", "__exit__"} & set(vars(kind))
    return protocol_members(kind) | dunder


DOCUMENTED = [
    protocols.FrameGenerator,
    protocols.Renderer,
    protocols.Encoder,
    protocols.EncoderSession,
    protocols.EncoderSettings,
    protocols.EncodeFacts,
    protocols.Executor,
    protocols.SegmentTask,
    protocols.SegmentResult,
]


@pytest.mark.parametrize("kind", DOCUMENTED, ids=lambda kind: kind.__name__)
def test_every_member_is_documented(kind: type) -> None:
    assert first_column(section(f"### {kind.__name__}")) == members(kind)


@pytest.mark.parametrize("kind", DOCUMENTED, ids=lambda kind: kind.__name__)
def test_parameters_are_those_of_the_code(kind: type) -> None:
    told = re.findall(r"^\| `(\w+)\((.*?)\)` \|", section(f"### {kind.__name__}"), re.MULTILINE)
    for name, parameters in told:
        known = [str(p).split(":")[0].split("=")[0] for p in inspect.signature(getattr(kind, name)).parameters.values()]
        assert [p.strip() for p in parameters.split(",") if p] == [p for p in known if p != "self"], name


def test_no_protocol_is_left_out() -> None:
    public = {
        value
        for name, value in vars(protocols).items()
        if inspect.isclass(value) and value.__module__ == protocols.__name__ and not name.startswith("_")
    }
    optional = {protocols.ImageRenderer, protocols.ScriptRenderer}
    assert public - optional - {protocols.Identity} == set(DOCUMENTED)
    assert "`Identity`" in section("### FrameGenerator")
    for kind in optional:
        assert f"`{kind.__name__}`" in section("### Renderer")
        for name in set(vars(kind)) & protocol_members(kind):
            assert f"`{name}(" in section("### Renderer")


def test_optional_attributes_are_told() -> None:
    """Those that the core looks for by name."""
    core = Path(protocols.__file__).parent
    things = r"(?:\w|\.)*(?:encoder|executor|chosen|source|renderer|error)"
    asked = {
        name for path in core.rglob("*.py") for name in re.findall(rf"getattr\({things}, \"(\w+)\"", path.read_text())
    }
    assert {"joinable", "plan", "frame_locked", "retry_with", "notes", "watch", "distributed"} <= asked
    assert [name for name in sorted(asked) if not re.search(rf"`{name}\b", TEXT)] == []


def test_every_suite_is_documented() -> None:
    assert first_column(section("## Conformance suites")) == set(testing.__all__)


def test_every_hook_is_documented() -> None:
    hooks = {name for name, value in vars(hookspecs).items() if hasattr(value, "panim_spec")}
    assert len(hooks) == 7
    assert first_column(section("## Hooks")) == hooks
