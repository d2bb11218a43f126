"""docs/transforms.md and docs/easings.md list every transform, transition and easing as the code has it."""

import enum
import functools
import inspect
import re
from pathlib import Path

import pytest

from panim_core import plugins
from panim_core.easing import EASINGS
from panim_core.time_transforms import TRANSFORMS as TIME
from panim_pil.plugin import TRANSFORMS, TRANSITIONS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def row(name, what, skipped):
    """A line of a table: name, parameters but for the first `skipped`, first sentence of the documentation."""
    parameters = list(inspect.signature(what).parameters.values())[skipped:]
    shown = ", ".join(map(written, parameters))
    documented = what.func if isinstance(what, functools.partial) else what
    told = " ".join(inspect.getdoc(documented).split("\n\n")[0].split())
    return f"| `{name}` | {f'`{shown}`' if shown else ''} | {told} |"


def written(parameter):
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    default = parameter.default
    if default is parameter.empty:
        return stars + parameter.name
    value = default.name if isinstance(default, enum.Enum) else re.sub(r"<function (\w+) at .*>", r"\1", repr(default))
    return f"{parameter.name}={float(f'{default:.6g}') if type(default) is float else value}"


def rows():
    for name in sorted({**TRANSFORMS, **TRANSITIONS}):
        yield "transforms.md", row(name, plugins.transform(name), 3 if name in TRANSITIONS else 1)
    for name in sorted(TIME):
        yield "easings.md", row(name, plugins.transform(name), 1)
    for name in sorted(EASINGS):
        yield "easings.md", row(name, plugins.easing(name), 1)


@pytest.mark.parametrize(("page", "line"), list(rows()), ids=lambda text: text.split("`")[1] if "`" in text else text)
def test_is_listed_as_the_code_has_it(page, line):
    assert line in (DOCS / page).read_text().splitlines(), f"docs/{page} needs the line\n{line}"
