"""Files that moved, and the documents in them whose passages can be taken over as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.records import Document
from rag.store.tables.rows import FileRecord


def match_moves(
    gone: Iterable[str],
    fresh: Iterable[tuple[str, str]],
    known: Mapping[str, FileRecord],
    origins: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Return new and old paths of files whose content is at another path now; of several equal ones, each once.

    Args:
        gone: paths at which there is no file any more.
        fresh: paths of files that were not there before, with the digests of their content.
        known: what is recorded of the files that were seen, by path.
        origins: ids of the documents that came from a file; one that gave none is not missed.
    """
    left: dict[str, list[str]] = {}
    for path in gone:
        record = known.get(path)
        if record is not None and record.failure is None and origins.get(path):
            left.setdefault(record.sha256, []).append(path)
    return {path: left[digest].pop(0) for path, digest in fresh if left.get(digest)}


def match_documents(
    documents: Iterable[Document], names: Mapping[str, str], stored: Mapping[str, Document]
) -> dict[str, str]:
    """Return new and old ids of documents whose passages can be taken over: all that they are made of is equal.

    Args:
        documents: as they were read at their new place.
        names: their old ids by their new ones.
        stored: documents as they are in the index, by their old ids.
    """
    return {
        document.id: names[document.id]
        for document in documents
        if (old := stored.get(names[document.id])) is not None and _made_of(document) == _made_of(old)
    }


def _made_of(document: Document) -> tuple[object, ...]:
    return document.text, document.title, document.language, document.masked
