"""What processes that draw one source must find alike, and what is done where they do not."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Sequence
from typing import Any

from panim_core.errors import PanimError, RenderError
from panim_core.protocols import FrameGenerator

_LOOKED_AT = 2
"""How many frames this process draws, to compare."""


class RetryWithError(PanimError):
    """The source asks for the render to be done again with other options of its own.

    Attributes:
        options: for `FrameGenerator.configured`.
    """

    def __init__(self, reason: str, options: dict[str, Any]) -> None:
        super().__init__(reason)
        self.reason, self.options = reason, options

    def check_new(self, tried: list[dict[str, Any]]) -> None:
        """Raise `RenderError` if the same was `tried` before, as it would be for ever; else note it there."""
        if self.options in tried:
            raise RenderError(f"started again with {self.told()}, and still: {self.reason}")
        tried.append(self.options)

    def told(self) -> str:
        """The options, as text."""
        return ", ".join("one worker" if name == "alone" else f"{name}={value}" for name, value in self.options.items())


class Claims:
    """What workers claim, compared with each other, and with what this process finds if it has the source itself."""

    def __init__(self, source: FrameGenerator | None) -> None:
        """`source` is None where it lives elsewhere."""
        self._source: Any = source
        self._here: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def look(self, seconds: float) -> None:
        """Find out what this process claims, if the source can say; workers are starting meanwhile.

        What takes longer than `seconds` is left alone: workers hang there, too, and have their deadline.
        """
        if callable(getattr(self._source, "claims_here", None)):
            context = contextvars.copy_context()
            thread = threading.Thread(target=context.run, args=(self._look,), name="panim claims", daemon=True)
            thread.start()
            thread.join(seconds)

    def _look(self) -> None:
        self._here = {str(what): str(claim) for what, claim in self._source.claims_here(_LOOKED_AT)}

    def compare(self, claims: Sequence[tuple[str, str]]) -> None:
        """Take what a worker claims.

        Raises:
            RetryWithError: something is not alike.
        """
        for what, claim in claims:
            if self._here.get(what, claim) != claim:
                raise RetryWithError(f"{what} is not the same in workers as here", self._source.retry_at_odds())
            if self._known.setdefault(what, claim) != claim:
                raise RetryWithError(f"{what} is not the same in every worker process", {"alone": True})

    def failed(self, index: int, reason: str) -> None:
        """Take that a worker failed at frame `index`.

        Raises:
            RetryWithError: here it did not.
        """
        if index < _LOOKED_AT and self._here:
            told = f"frame {index} can be drawn here, and not in workers ({reason})"
            raise RetryWithError(told, self._source.retry_at_odds())
