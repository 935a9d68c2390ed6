"""What is written down about a request: one line of JSON, without the question unless that was asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def note_question(question: str) -> None:
    """Tell the request under way that a question is asked in it; what it raises refuses the question."""
    listener = _listener.get()
    if listener is not None and question.strip():
        listener(question)


def listen_for_questions(listener: Callable[[str], None]) -> None:
    """Let a function hear, from here on, each question that is asked in this request, before it is answered."""
    _listener.set(listener)


def write_line(**values: object) -> None:
    """Write one line of JSON to stderr, with the time before it; what is None is left out."""
    entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    entry |= {name: value for name, value in values.items() if value is not None}  # type: ignore[misc]
    sys.stderr.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stderr.flush()
