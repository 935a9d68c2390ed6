"""Answers of which only the quotes are shown yet, kept for the moment until the browser asks for their sources."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from rag import Answer

_MOST = 128
"""Answers kept: as many as people may be asking at one moment, and more; each is some tens of kilobytes."""


class Pending:
    """The answers on their way to the page. Each is taken once; the longest unclaimed go first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._one_by_one = threading.Lock()

    def put(self, answer: Answer) -> str:
        """Keep an answer and return the word by which it is asked for."""
        word = secrets.token_urlsafe(9)
        with self._one_by_one:
            self._answers[word] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return word

    def take(self, word: object) -> Answer | None:
        """Return the answer and keep it no longer; None where there is none by this word (any more)."""
        with self._one_by_one:
            return self._answers.pop(word, None) if isinstance(word, str) else None
