"""Questions to an open index with bounded concurrency, for the page, the HTTP interface and assistants.

More threads than cores would only share the same processors: each question would take longer and hold its memory
longer, and every other request would wait for all of them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Generator, Hashable
from datetime import date
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from rag.index import Index
from rag.recent import Recent
from rag.records import Answer, Draft, Hit, Query

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = max(4, 2 * (os.cpu_count() or 1))
"""Questions answered at once: two for each core, as about half of one is spent outside the interpreter's lock."""

KEPT = 100
"""Answers that are kept for those who ask the same."""

WRITERS = 4
"""Answers put in words at once: they wait for a language model, which most often serves few at a time."""


class Service:
    """An open index that answers several clients.

    Args:
        index: the open index.
        note: called with every question, for the log.
        at_once: how many questions are answered at the same time; the others wait, without a thread.
    """

    def __init__(
        self, index: Index, *, note: Callable[[str], None] = lambda question: None, at_once: int = AT_ONCE
    ) -> None:
        self.index = index
        self._note = note
        self._limiter = CapacityLimiter(at_once)
        self._writers = CapacityLimiter(WRITERS)
        self._hits = Recent[list[Hit]](most=KEPT)
        self._answers = Recent[Answer](most=KEPT)

    def retrieve(self, query: Query) -> list[Hit]:
        """Find passages; to be called through `run`."""
        self._note(query.question)
        return self._hits.get(self._key(query), lambda: self.index.retrieve_query(query))

    def answer(self, query: Query) -> Answer:
        """Answer a question; to be called through `run`."""
        self._note(query.question)
        return self._answers.get(self._key(query), lambda: self.index.answer_query(query))

    def _key(self, query: Query) -> Hashable:
        """Return on what the answer to a query depends: the content of the index and, for "yesterday", the day."""
        return self.index.revision, date.today(), query

    async def write(self, answer: Answer) -> Answer:
        """Return an answer put in words by the language model; a few at a time, apart from other questions."""
        return await to_thread.run_sync(self.index.write, answer, limiter=self._writers)

    async def translate(self, text: str, language: str) -> str:
        """Return a text as the language model translates it, a few at a time; it counts like a question."""
        self._note(text)
        return await to_thread.run_sync(self.index.translate, text, language, limiter=self._writers)

    async def drafts(self, answer: Answer) -> AsyncIterator[Draft]:
        """Yield what the language model writes of an answer, as it grows. Closing the iterator ends the request to it.

        Raises:
            QueryError: the settings name no language model.
        """
        async with self._writers:
            drafts = self.index.drafts(answer)
            try:
                while (draft := await to_thread.run_sync(next, drafts, None)) is not None:
                    yield draft
            finally:
                if isinstance(drafts, Generator):
                    drafts.close()

    async def run(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Run a function in a thread, as soon as fewer than `at_once` others run."""
        return await to_thread.run_sync(partial(work, *arguments, **options), limiter=self._limiter)
