"""Whether a callable takes what it is to be given, before it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from panim_core.errors import SettingsError


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """None for a builtin that does not tell."""
    try:
        # A decorated function may add arguments of its own; other callables stand for what they wrap.
        return inspect.signature(function, follow_wrapped=not inspect.isfunction(function))
    except ValueError:
        return None


def check_takes(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Raise `SettingsError` that begins with `what` and the signature, unless `function` takes these arguments."""
    signature = _signature(function)
    if signature is None:
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        refused = f" does not take {kwargs!r:.200}" if kwargs else ""
        raise SettingsError(f"{what}{signature}{refused}: {error}") from None


def has_default(function: Callable[..., Any], parameter: str) -> bool:
    """Whether `function` has a parameter of that name, which need not be given."""
    signature = _signature(function)
    found = signature.parameters.get(parameter) if signature is not None else None
    return found is not None and found.default is not found.empty
