"""Which test must catch which wrong plugin."""

from __future__ import annotations

from collections.abc import Callable

CAUGHT_BY: dict[str, str] = {}
"""Class -> the test of its suite that must fail."""


def wrong(caught_by: str) -> Callable[[type], type]:
    """Decorates the tests of a wrong plugin with the name of the one that must fail."""

    def note(suite: type) -> type:
        assert hasattr(suite, caught_by), caught_by
        CAUGHT_BY[suite.__name__] = caught_by
        return suite

    return note
