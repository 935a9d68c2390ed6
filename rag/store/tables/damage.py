"""The error of a row that cannot be read, because its bytes were changed."""

from __future__ import annotations

from typing import Literal

from rag.errors import IndexDamaged

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What reading a row raises whose bytes were changed."""


Kind = Literal["passage", "document", "text", "documents", "dates", "files", "versions", "corrections", "gone", "row"]
"""What a row holds; each has words in `rag/translations`."""


def damaged(kind: Kind, error: Exception, id: str | int = "") -> IndexDamaged:
    """Return the error of a row that cannot be read; `id` names the document or the passage."""
    said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return IndexDamaged("row_damaged", kind=kind, id=id, detail=" ".join(said.split())[:150])
