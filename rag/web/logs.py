"""What is written down about a request: one line of JSON, without the question unless that was asked for."""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

_questions: ContextVar[list[str] | None] = ContextVar("questions", default=None)


def note_question(question: str) -> None:
    """Remember a question for the line of the request under way, if it is to be written down at all."""
    noted = _questions.get()
    if noted is not None and question:
        noted.append(question)


def listen_for_questions() -> list[str]:
    """Return the list into which `note_question` writes from here on, in this request."""
    noted: list[str] = []
    _questions.set(noted)
    return noted


def write_line(**values: object) -> None:
    """Write one line of JSON to stderr, with the time before it; what is None is left out."""
    entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    entry |= {name: value for name, value in values.items() if value is not None}  # type: ignore[misc]
    sys.stderr.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stderr.flush()
