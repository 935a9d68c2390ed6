"""Where documents, passages, vectors and terms are kept and searched."""

from __future__ import annotations

from rag.records import DocumentInfo
from rag.store.local import LocalStore
from rag.store.search.state import TokenRows
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.rows import DocumentRows, Facets, FileRecord, PassageRow
from rag.store.view import View

__all__ = [
    "DocumentInfo",
    "DocumentRows",
    "Facets",
    "FileRecord",
    "LocalStore",
    "Manifest",
    "PassageRow",
    "TokenRows",
    "View",
    "check",
]
