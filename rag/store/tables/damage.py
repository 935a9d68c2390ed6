"""Rows that do not say what they were written to say: one error for all of them, and what to do about it."""

from __future__ import annotations

from rag.errors import IndexDamaged

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What reading a row raises whose bytes were changed."""


def damaged(what: str, error: Exception) -> IndexDamaged:
    """Return the error of a row that cannot be read."""
    said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    why = " ".join(said.split())
    return IndexDamaged(
        f"the index is damaged: {what} cannot be read ({why[:150]})."
        " Restore it from a copy, or run: rag index FOLDER --rebuild"
    )
