"""Contextual vectors as rows of the database: those of a passage and of its sentences, made after the rest.

Each number of a vector is one byte. The vectors of the contextual model have unit length and no component beyond a few
standard deviations, so that equal steps over a fixed range lose nothing that a ranking would show: see
`benchmarks/README.md`.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from rag.errors import EncoderError
from rag.records import Document
from rag.store.tables.documents import chunked, marks, select_documents
from rag.store.tables.rows import Bytes, ContextRow, Floats

_DEVIATIONS = 5.0
"""Standard deviations of a component that the bytes reach. The largest of 160 texts through multilingual-e5-small was
.17, where five deviations are .255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A passage that has no contextual vectors yet."""

    passage: int
    document: Document
    start: int
    end: int


def reach(dimension: int) -> float:
    """Return the largest component that the bytes of a vector of that width can hold."""
    return _DEVIATIONS / math.sqrt(dimension)


def to_bytes(vectors: Floats) -> Bytes:
    """Return unit vectors ``(n, dim)`` as bytes; a component beyond the reach is cut to it.

    Raises:
        EncoderError: a number is not finite.
    """
    if not np.isfinite(vectors).all():
        raise EncoderError("vector_not_finite", part="context")
    most = reach(vectors.shape[-1])
    steps = np.floor((vectors + np.float32(most)) * np.float32(255 / (2 * most)))
    codes: Bytes = np.clip(steps, 0, 255).astype(np.uint8)
    return codes


def from_bytes(codes: Bytes) -> Floats:
    """Return the vectors ``(n, dim)`` that bytes stand for, float32."""
    most = reach(codes.shape[-1])
    vectors: Floats = (codes.astype(np.float32) + np.float32(0.5)) * np.float32(2 * most / 255) - np.float32(most)
    return vectors


def put_context(database: sqlite3.Connection, generation: int, rows: Iterable[ContextRow]) -> int:
    """Store the vectors of passages that are still there and have none; return how many those are."""
    before = database.total_changes
    database.executemany(
        "INSERT OR IGNORE INTO context_vectors (passage, generation, vector, sentences)"
        " SELECT id, ?, ?, ? FROM passages WHERE id = ?",
        ((generation, row.vector.tobytes(), row.sentences.tobytes(), row.passage) for row in rows),
    )
    return database.total_changes - before


def context_since(database: sqlite3.Connection, generation: int, dimension: int) -> Iterator[ContextRow]:
    """Yield the vectors that came in after a generation, by passage."""
    if not dimension:
        return
    rows = database.execute(
        "SELECT passage, vector, sentences FROM context_vectors WHERE generation > ? ORDER BY passage", (generation,)
    )
    for passage, vector, sentences in rows:
        yield _row(int(passage), vector, sentences, dimension)


def select_context(database: sqlite3.Connection, document: int, dimension: int) -> dict[int, ContextRow]:
    """Return the vectors of a document's passages, by passage."""
    if not dimension:
        return {}
    rows = database.execute(
        "SELECT passage, vector, sentences FROM context_vectors JOIN passages ON id = passage WHERE document = ?",
        (document,),
    )
    return {int(passage): _row(int(passage), vector, sentences, dimension) for passage, vector, sentences in rows}


def select_context_of(database: sqlite3.Connection, passages: Iterable[int], dimension: int) -> list[ContextRow]:
    """Return the vectors of those of some passages that have them, by passage."""
    if not dimension:
        return []
    found = []
    for chunk in chunked(sorted(set(passages))):
        found += database.execute(
            "SELECT passage, vector, sentences FROM context_vectors"
            f" WHERE passage IN ({marks(chunk)}) ORDER BY passage",
            chunk,
        ).fetchall()
    return [_row(int(passage), vector, sentences, dimension) for passage, vector, sentences in found]


def count_context(database: sqlite3.Connection) -> int:
    """Return how many passages have contextual vectors."""
    return int(database.execute("SELECT count(*) FROM context_vectors").fetchone()[0])


def count_context_since(database: sqlite3.Connection, generation: int) -> int:
    """Return how many vectors came in after a generation."""
    row = database.execute("SELECT count(*) FROM context_vectors WHERE generation > ?", (generation,)).fetchone()
    return int(row[0])


def waiting(database: sqlite3.Connection, limit: int, before: int | None = None) -> list[Waiting]:
    """Return the newest passages without contextual vectors, newest first.

    Args:
        database: to read from.
        limit: how many at most.
        before: only passages whose id is below this one.
    """
    rows = database.execute(
        'SELECT id, document, "start", "end" FROM passages'
        " WHERE id NOT IN (SELECT passage FROM context_vectors) AND id < ? ORDER BY id DESC LIMIT ?",
        (before if before is not None else 1 << 62, limit),
    ).fetchall()
    documents = dict(select_documents(database, {number for _, number, _, _ in rows}))
    return [
        Waiting(passage=int(id_), document=documents[number], start=int(start), end=int(end))
        for id_, number, start, end in rows
    ]


def _row(passage: int, vector: bytes, sentences: bytes, dimension: int) -> ContextRow:
    return ContextRow(
        passage=passage,
        vector=np.frombuffer(vector, np.uint8),
        sentences=np.frombuffer(sentences, np.uint8).reshape(-1, dimension),
    )
