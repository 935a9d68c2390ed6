"""The one object behind page, HTTP interface and assistants: it asks an open index, so many questions at once as help.

More threads than that would only take turns on the same processor: each question would take longer, hold its memory
longer, and every other request would wait behind all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from rag.index import Index
from rag.records import Answer, Filters, Hit

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = max(4, 2 * (os.cpu_count() or 1))
"""Questions worked on at once: two for each core, as about half of one is spent outside the interpreter's lock."""


class Service:
    """An open index that many ask.

    Args:
        index: who answers.
        note: is told every question, for the log.
        at_once: how many questions are worked on at the same time; the others wait for their turn, without a thread.
    """

    def __init__(
        self, index: Index, *, note: Callable[[str], None] = lambda question: None, at_once: int = AT_ONCE
    ) -> None:
        self.index = index
        self._note = note
        self._turns = CapacityLimiter(at_once)

    def retrieve(self, question: str, k: int, filters: Filters, *, collapse: bool = True) -> list[Hit]:
        """Find passages; to be called in a `turn`."""
        self._note(question)
        return self.index.retrieve(question, k, filters=filters, collapse=collapse)

    def answer(self, question: str, k: int, filters: Filters, *, collapse: bool = True) -> Answer:
        """Answer a question; to be called in a `turn`."""
        self._note(question)
        return self.index.answer(question, k, filters=filters, collapse=collapse)

    async def turn(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Wait for a turn, and do something in a thread."""
        return await to_thread.run_sync(partial(work, *arguments, **options), limiter=self._turns)
