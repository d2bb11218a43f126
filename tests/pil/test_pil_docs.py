"""docs/transforms.md lists every transform and transition as the code has it."""

import enum
import inspect
from pathlib import Path

import pytest

from panim_core import plugins
from panim_pil.plugin import TRANSFORMS, TRANSITIONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "transforms.md").read_text()


def row(name):
    """A line of the page's tables: name, parameters, first sentence of the documentation."""
    transform = plugins.transform(name)
    parameters = list(inspect.signature(transform).parameters.values())[3 if name in TRANSITIONS else 1 :]
    shown = ", ".join(map(written, parameters))
    told = " ".join(inspect.getdoc(transform).split("\n\n")[0].split())
    return f"| `{name}` | {f'`{shown}`' if shown else ''} | {told} |"


def written(parameter):
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    default = parameter.default
    if default is parameter.empty:
        return stars + parameter.name
    value = default.name if isinstance(default, enum.Enum) else repr(default)
    return f"{parameter.name}={round(default, 2) if type(default) is float else value}"


@pytest.mark.parametrize("name", sorted({**TRANSFORMS, **TRANSITIONS}))
def test_is_listed_as_the_code_has_it(name):
    assert row(name) in PAGE.splitlines(), f"docs/transforms.md needs the line\n{row(name)}"
