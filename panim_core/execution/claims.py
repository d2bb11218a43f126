"""What processes that draw one source must find alike, and what is done where they do not."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Sequence
from typing import Any

from panim_core.errors import PanimError, RenderError
from panim_core.protocols import FRAMES_CLAIMED, FrameGenerator


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
    """What workers claim, compared with each other, and with what this process finds if it has the source itself.

    It finds that in a thread, while workers start and draw.
    """

    def __init__(self, source: FrameGenerator | None) -> None:
        """`source` is None where it lives elsewhere."""
        self._source: Any = source
        self._here: dict[str, str] = {}
        self._known: dict[str, str] = {}
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._look,), name="panim claims", daemon=True)

    def begin(self) -> None:
        """Begin to find out what this process claims, if the source can say."""
        if callable(getattr(self._source, "claims_here", None)):
            self._thread.start()

    def compare(self, claims: Sequence[tuple[str, str]]) -> None:
        """Take what a worker claims.

        Raises:
            RetryWithError: something is not alike.
        """
        for what, claim in claims:
            if self._known.setdefault(what, claim) != claim:
                raise RetryWithError(f"{what} is not the same in every worker process", {"alone": True})
        for what, claim in self._here.items():
            if self._known.get(what, claim) != claim:
                raise RetryWithError(f"{what} is not the same in workers as here", self._source.retry_at_odds())

    def failed(self, index: int, reason: str, seconds: float) -> None:
        """Take that a worker failed at frame `index`; what this process finds may take `seconds`.

        Raises:
            RetryWithError: here it did not fail.
        """
        if index < FRAMES_CLAIMED:
            self.wait(seconds)
            if self._here:
                told = f"frame {index} can be drawn here, and not in workers ({reason})"
                raise RetryWithError(told, self._source.retry_at_odds())

    def wait(self, seconds: float) -> None:
        """Until this process knows its claims; what hangs here does so in workers, too, which have their deadlines."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _look(self) -> None:
        self._here = {str(what): str(claim) for what, claim in self._source.claims_here(FRAMES_CLAIMED)}
