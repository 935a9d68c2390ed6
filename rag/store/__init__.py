"""Where documents, passages, vectors and terms are kept and searched.

`Store` is what the rest of the program asks of a store; `LocalStore` is the one for a single machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rag.records import Document, Filters, Passage
from rag.store.local import LocalStore
from rag.store.search.state import TokenRows
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.rows import DocumentInfo, DocumentRows, Facets, FileRecord, Floats, Longs, PassageRow
from rag.store.view import View

__all__ = [
    "DocumentInfo",
    "DocumentRows",
    "Facets",
    "FileRecord",
    "LocalStore",
    "Manifest",
    "PassageRow",
    "Store",
    "TokenRows",
    "View",
    "check",
]


class Store(Protocol):
    """The few calls that any store answers. Scores are higher-is-better; ids are never used again."""

    def upsert(self, documents: Sequence[DocumentRows]) -> None:
        """Store documents with their passages, in place of earlier ones with the same ids."""
        ...

    def delete(self, document_ids: Iterable[str]) -> list[str]:
        """Remove documents and return the ids of those that were there."""
        ...

    def search_vectors(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return passage ids and inner products, best first."""
        ...

    def search_terms(
        self, groups: Iterable[Mapping[str, float]], k: int, filters: Filters | None = None
    ) -> tuple[Longs, Floats]:
        """Return passage ids and lexical scores, best first."""
        ...

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for."""
        ...

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are there."""
        ...

    def count(self) -> int:
        """Return the number of passages."""
        ...
