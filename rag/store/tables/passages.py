"""Documents with their passages as rows of the database: stored, removed, and read back for searching."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.records import Citation, Document, page_at
from rag.store.duplicates.clusters import forget_documents, sign_document
from rag.store.search.segments import StoredPassage, ordinal
from rag.store.tables import versions
from rag.store.tables.context_rows import put_context, select_context
from rag.store.tables.corrections import corrected, drop_corrections
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.document_list import put_listing
from rag.store.tables.documents import (
    chunked,
    document_numbers,
    insert_document,
    marks,
    origins_of,
    pack,
    read_date,
    unpack,
)
from rag.store.tables.manifest import Manifest
from rag.store.tables.rows import DocumentRows, Longs, PassageRow, check_rows

_STORED = (
    "SELECT passages.id, document, language, outlet, published, surface, lemma, tokens, sentence_starts,"
    " sentence_norms, embedding FROM passages JOIN documents ON number = document"
)
# Without the hint SQLite looks for the smallest id in order of ids, that is, through every row.
_FIRST_SINCE = "SELECT min(id) FROM passages INDEXED BY passages_generation WHERE generation > ?"


def put_documents(
    database: sqlite3.Connection,
    generation: int,
    documents: Iterable[DocumentRows],
    dimension: int,
    *,
    keep: int = versions.KEPT,
) -> None:
    """Store documents and their passages, in place of earlier ones with the same ids, of which `keep` texts stay.

    What was corrected by hand takes the place of what was read.
    """
    at = versions.now()
    for rows in documents:
        check_rows(rows, dimension)
        stored = versions.retire(database, rows.document, at, keep)
        _delete(database, generation, [rows.document.id])
        document = corrected(database, rows.document)
        number = insert_document(database, document, rows.origin, stored)
        put_listing(database, number, document)
        first = newest_passage(database) + 1
        database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    first + position,
                    number,
                    generation,
                    row.start,
                    row.end,
                    _storable(row.surface),
                    _storable(row.lemma),
                    _blob(row.tokens, np.int32),
                    _blob(row.sentence_starts, np.int32),
                    _blob(row.sentence_norms, np.float32),
                    _blob(row.embedding, np.float32),
                )
                for position, row in enumerate(rows.passages)
            ),
        )
        context = [
            replace(row.context, passage=first + position)
            for position, row in enumerate(rows.passages)
            if row.context is not None
        ]
        if context:
            put_context(database, generation, context)
        sign_document(database, generation, number)


def remove_documents(database: sqlite3.Connection, generation: int, ids: Iterable[str]) -> list[str]:
    """Remove documents with their passages and all their texts; return the ids of those that were there."""
    ids = list(ids)
    versions.forget_texts(database, ids, versions.now())
    drop_corrections(database, ids)
    return _delete(database, generation, ids)


def _delete(database: sqlite3.Connection, generation: int, ids: Iterable[str]) -> list[str]:
    numbers = document_numbers(database, ids)
    forget_documents(database, generation, numbers.values())
    for number in numbers.values():
        database.execute(
            "INSERT INTO removed (passage, generation) SELECT id, ? FROM passages WHERE document = ?",
            (generation, number),
        )
        database.execute("DELETE FROM documents WHERE number = ?", (number,))  # texts and passages go with it
    return list(numbers)


def store_again(
    database: sqlite3.Connection, generation: int, documents: Iterable[Document], manifest: Manifest
) -> None:
    """Store documents, given as they were read, over the passages that they have, with their corrections.

    Contextual vectors, which hold title and date, are left to be made again.
    """
    for document in documents:
        kept = select_rows(database, [document.id], manifest.contextual_dimension)[document.id]
        origin = next(iter(origins_of(database, [document.id])), None)
        passages = [replace(row, context=None) for row in kept]
        rows = DocumentRows(document=document, passages=passages, origin=origin)
        put_documents(database, generation, [rows], manifest.dimension)


def remove_files(database: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Forget file records."""
    database.executemany("DELETE FROM files WHERE path = ?", ((pack(path),) for path in paths))


def removed_since(database: sqlite3.Connection, generation: int) -> Longs:
    """Return the ids of the passages removed after a generation, ascending."""
    rows = database.execute("SELECT passage FROM removed WHERE generation > ? ORDER BY passage", (generation,))
    return np.fromiter((row[0] for row in rows), np.int64)


def count_since(database: sqlite3.Connection, generation: int) -> int:
    """Return how many passages came in after a generation."""
    return int(database.execute("SELECT count(*) FROM passages WHERE generation > ?", (generation,)).fetchone()[0])


def passages_since(
    database: sqlite3.Connection, generation: int, dimension: int | None = None
) -> Iterator[StoredPassage]:
    """Yield the passages that came in after a generation, by id.

    Raises:
        IndexDamaged: a row makes no sense, or its vector has not `dimension` numbers, where that is given.
    """
    first = database.execute(_FIRST_SINCE, (generation,)).fetchone()[0]
    # ids rise with generations, and reading by id needs no sorting
    return _stored(database.execute(f"{_STORED} WHERE passages.id >= ? ORDER BY passages.id", (first,)), dimension)


def select_passages(database: sqlite3.Connection, ids: Sequence[int], dimension: int) -> dict[int, StoredPassage]:
    """Return those of `ids` that are there.

    Raises:
        IndexDamaged: as for `passages_since`.
    """
    found: dict[int, StoredPassage] = {}
    for chunk in chunked(ids):
        rows = database.execute(f"{_STORED} WHERE passages.id IN ({marks(chunk)})", chunk)
        found.update((passage.id, passage) for passage in _stored(rows, dimension))
    return found


def _stored(rows: Iterable[Sequence[Any]], dimension: int | None) -> Iterator[StoredPassage]:
    for id_, document, language, outlet, published, surface, lemma, tokens, starts, norms, embedding in rows:
        try:
            passage = StoredPassage(
                id=int(id_),
                document=int(document),
                language=unpack(language),
                outlet=unpack(outlet),
                published=ordinal(read_date(published)),
                surface=str(surface),
                lemma=str(lemma),
                tokens=np.frombuffer(tokens, np.int32),
                sentence_starts=np.frombuffer(starts, np.int32),
                sentence_norms=np.frombuffer(norms, np.float32),
                embedding=np.frombuffer(embedding, np.float32),
            )
            _check(passage, dimension)
        except UNREADABLE as error:
            raise damaged("passage", error, id_) from error
        yield passage


def _check(passage: StoredPassage, dimension: int | None) -> None:
    """Refuse what would make a ranking of no sense, or end it: `check_rows` let none of it in."""
    starts, tokens = passage.sentence_starts, passage.tokens
    if dimension is not None and len(passage.embedding) != dimension:
        raise ValueError(f"its vector has {len(passage.embedding)} numbers, the index {dimension}")
    if not (np.isfinite(passage.embedding).all() and np.isfinite(passage.sentence_norms).all()):
        raise ValueError("a number of its vectors is not finite")
    if len(starts) != len(passage.sentence_norms) or passage.surface.count(" ") != passage.lemma.count(" "):
        raise ValueError("its terms or sentences are not aligned")
    if len(tokens) and tokens.min() < 0:
        raise ValueError("a token is negative")
    if len(starts) and (starts[0] < 0 or starts[-1] > len(tokens) or (starts[1:] < starts[:-1]).any()):
        raise ValueError("its sentences do not lie in its tokens")


def select_rows(
    database: sqlite3.Connection, ids: Iterable[str], contextual_dimension: int = 0
) -> dict[str, list[PassageRow]]:
    """Return the passages of those of `ids` that are there, as they were given to be stored, and their vectors."""
    found: dict[str, list[PassageRow]] = {}
    for id_, number in document_numbers(database, ids).items():
        context = select_context(database, number, contextual_dimension)
        rows = database.execute(
            'SELECT id, "start", "end", embedding, surface, lemma, tokens, sentence_starts, sentence_norms'
            " FROM passages WHERE document = ? ORDER BY id",
            (number,),
        )
        found[id_] = [
            PassageRow(
                start=int(start),
                end=int(end),
                embedding=np.frombuffer(embedding, np.float32),
                surface=surface,
                lemma=lemma,
                tokens=np.frombuffer(tokens, np.int32),
                sentence_starts=np.frombuffer(starts, np.int32),
                sentence_norms=np.frombuffer(norms, np.float32),
                context=context.get(int(passage)),
            )
            for passage, start, end, embedding, surface, lemma, tokens, starts, norms in rows
        ]
    return found


def select_spans(database: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Return document number, start and end for those of `ids` that are there."""
    spans: dict[int, tuple[int, int, int]] = {}
    for chunk in chunked(ids):
        rows = database.execute(
            f'SELECT id, document, "start", "end" FROM passages WHERE id IN ({marks(chunk)})', chunk
        )
        try:
            spans.update((int(id_), (int(document), int(start), int(end))) for id_, document, start, end in rows)
        except UNREADABLE as error:
            raise damaged("passage", error) from error
    return spans


def select_citations(database: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[Citation, str | None]]:
    """Return those of `ids` that are there as citations, each with its document's language."""
    found: dict[int, tuple[Citation, str | None]] = {}
    for chunk in chunked(ids):
        rows = database.execute(
            'SELECT passages.id, documents.id, sha256, "start", "end", title, outlet, published, source, pages,'
            " language"
            f" FROM passages JOIN documents ON number = document WHERE passages.id IN ({marks(chunk)})",
            chunk,
        )
        for id_, document, digest, start, end, title, outlet, published, source, pages, language in rows:
            try:
                citation = Citation(
                    document_id=unpack(document) or "",
                    sha256=digest,
                    start=int(start),
                    end=int(end),
                    title=unpack(title) or "",
                    outlet=unpack(outlet),
                    published=read_date(published),
                    source=unpack(source),
                    page=page_at(json.loads(pages), start),
                )
            except UNREADABLE as error:
                raise damaged("passage", error, id_) from error
            found[int(id_)] = citation, unpack(language)
    return found


def newest_passage(database: sqlite3.Connection) -> int:
    """Return the highest id that a passage ever had, 0 before there was one."""
    row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    return int(row[0]) if row else 0


def _storable(terms: str) -> str:
    return terms.encode("utf-8", "replace").decode()


def _blob(array: NDArray[np.generic], dtype: type[np.generic]) -> bytes:
    return np.ascontiguousarray(array, dtype=dtype).tobytes()
