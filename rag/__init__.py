"""Izvor: questions over a corpus of articles, in any language, answered with exact citations.

>>> import rag
>>> hits = rag.retrieve("Unde s-au întâlnit Witkoff și Dmitriev?", k=5)  # doctest: +SKIP
>>> hits[0].document.title, hits[0].citation  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rag.errors import (
    CitationError,
    CorpusError,
    DatasetError,
    EncoderError,
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    IndexNotFound,
    IndexUnusable,
    LanguageModelError,
    QueryError,
    RagError,
    ReadError,
    SettingsError,
)
from rag.records import (
    MOST_COUNTED,
    Agreement,
    Answer,
    Citation,
    Correction,
    Counts,
    Document,
    DocumentInfo,
    Draft,
    Failure,
    Filters,
    Generation,
    Hit,
    ListPage,
    ListQuery,
    Match,
    Passage,
    Period,
    Query,
    Quote,
    Refinement,
    Sentence,
    Standing,
    SyncReport,
    Version,
)
from rag.settings import VERSION, Settings

if TYPE_CHECKING:
    from rag.default_index import answer, retrieve
    from rag.index import Index

__version__ = VERSION

__all__ = [
    "MOST_COUNTED",
    "Agreement",
    "Answer",
    "Citation",
    "CitationError",
    "CorpusError",
    "Correction",
    "Counts",
    "DatasetError",
    "Document",
    "DocumentInfo",
    "Draft",
    "EncoderError",
    "Failure",
    "Filters",
    "Generation",
    "Hit",
    "Index",
    "IndexDamaged",
    "IndexLocked",
    "IndexMismatch",
    "IndexNotFound",
    "IndexUnusable",
    "LanguageModelError",
    "ListPage",
    "ListQuery",
    "Match",
    "Passage",
    "Period",
    "Query",
    "QueryError",
    "Quote",
    "RagError",
    "ReadError",
    "Refinement",
    "Sentence",
    "Settings",
    "SettingsError",
    "Standing",
    "SyncReport",
    "Version",
    "answer",
    "retrieve",
]


def __getattr__(name: str) -> object:
    # Index pulls in numpy, SQLite and the retrieval parts; `import rag` alone stays light.
    if name == "Index":
        return import_module("rag.index").Index
    if name in {"answer", "retrieve"}:
        return getattr(import_module("rag.default_index"), name)
    raise AttributeError(f"module 'rag' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
