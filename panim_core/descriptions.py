"""What plugins add, described for people from their signatures and docstrings."""

from __future__ import annotations

import enum
import functools
import inspect
from typing import Any


def summary(kind: str, what: Any) -> str:
    """One line about a contribution of that kind (plural): the first of its documentation; for an encoder, the
    extensions and with what it encodes."""
    from panim_core.plugins import unavailability

    line = next(iter(_documentation(what).splitlines()), "").replace("`", "")
    if kind != "encoders":
        return line
    if unavailability(what) is None:
        line = told(what) or line
    return " ".join([*what.extensions, line])


def told(what: Any) -> str:
    """What an encoder or executor says of itself, if it does."""
    describe = getattr(what, "describe", None)
    if not callable(describe):
        return ""
    try:
        return str(describe())
    except Exception as error:  # noqa: BLE001 - told, where others are listed
        return f"(its describe() raised {type(error).__name__}: {error})"


def describe(kind: str, name: str, what: Any) -> str:
    """Signature, documentation, and what else is known of a contribution of that kind (plural)."""
    parts = []
    if kind in ("easings", "transforms"):
        parts.append(f"{name}{signature(what)}")
    parts.append(_documentation(what) or "(It has no documentation.)")
    if facts := _facts(kind, what):
        parts.append("\n".join(f"{label}: {text}" for label, text in facts.items()))
    return "\n\n".join(parts)


def _documentation(what: Any) -> str:
    return inspect.getdoc(what.func if isinstance(what, functools.partial) else what) or ""


def _facts(kind: str, what: Any) -> dict[str, str]:
    from panim_core.plugins import unavailability

    facts: dict[str, str] = {}
    if kind == "encoders":
        facts["writes"] = " ".join(what.extensions) or "nothing unless it is asked for by name"
        facts["takes"] = " ".join(what.pixel_formats)
    if kind == "renderers":
        able = {"image_from": "makes drawings from pixels", "watch": "finds its targets in scripts"}
        facts["also"] = "; ".join(text for method, text in able.items() if hasattr(what, method))
    if kind == "executors":
        facts["gets"] = "renders in segments" if getattr(what, "distributed", True) else "renders in one piece"
    if kind not in ("easings", "transforms"):
        missing = unavailability(what)
        facts["available"] = "yes" if missing is None else f"no: {missing}"
        if missing is None:
            facts["with"] = told(what)
    return {label: text for label, text in facts.items() if text}


class _Text:
    """Shown as it is, where a signature would put quotes or an address."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def signature(what: Any) -> str:
    """The parameters as a person would write them, or ``(...)`` where they cannot be known."""
    try:
        found = inspect.signature(what)
    except (TypeError, ValueError):
        return "(...)"
    parameters = [
        p.replace(annotation=_annotation(p.annotation), default=_default(p.default)) for p in found.parameters.values()
    ]
    returned = inspect.Signature.empty if inspect.isclass(inspect.unwrap(what)) else found.return_annotation
    return str(found.replace(parameters=parameters, return_annotation=_annotation(returned)))


def _annotation(annotation: Any) -> Any:
    return _Text(annotation) if isinstance(annotation, str) else annotation


def _default(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return default
    if isinstance(default, enum.Enum):
        return _Text(f"{type(default).__name__}.{default.name}")
    if callable(default) and hasattr(default, "__name__"):
        return _Text(default.__name__)
    return default
