"""Documents that hold words and phrases as they are written, in their texts or in their metadata."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.store.search.bm25 import Postings, term_hash
from rag.store.search.segments import Segment
from rag.store.tables.document_list import documents_named
from rag.store.tables.documents import chunked, marks
from rag.store.tables.rows import Longs
from rag.text.normalisation import fold
from rag.text.terms import surface_terms

MOST_PASSAGES = 20_000
"""Passages with all words of a phrase that are read to see whether the words stand side by side: 0.2 s."""

_MOST_WORDS = 32  # of a search; more are left aside
_ASKED = re.compile(r'"([^"]*)"|[„“”]([^„“”]*)[“”]|»([^«]*)«|«([^»]*)»|(\S+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ascending numbers of documents, and whether a phrase stands in more passages than were looked through."""

    documents: Longs
    cut: bool = False


def find_documents(database: sqlite3.Connection, segments: Sequence[Segment], find: str) -> Found | None:
    """Return the documents that hold all words and phrases of a search; None where it names none.

    A word is found in the text as it is written or by its lemma, and in title, id, outlet and author as a part of a
    word, too; a phrase (in quotation marks, or parted by a hyphen) as it is written, within a passage.
    """
    found: Longs | None = None
    cut = False
    for words in _asked(find):
        if not (terms := surface_terms(words)):
            continue
        own, long = _in_texts(database, segments, terms)
        named = documents_named(database, fold(words))
        either = np.union1d(own, np.array(named, np.int64))
        found = either if found is None else np.intersect1d(found, either, assume_unique=True)
        cut |= long
    return None if found is None else Found(documents=found, cut=cut)


def _asked(find: str) -> list[str]:
    parts = ["".join(groups).strip() for groups in _ASKED.findall(find)]
    return [part for part in parts if part][:_MOST_WORDS]


def _in_texts(database: sqlite3.Connection, segments: Sequence[Segment], terms: Sequence[str]) -> tuple[Longs, bool]:
    """Return the documents with these words side by side in one passage, and whether too many were to be read."""
    if not terms:
        return np.zeros(0, np.int64), False
    ids: list[Longs] = []
    documents: list[Longs] = []
    for segment in segments:
        rows = _rows(segment.postings, terms, segment.alive)
        ids.append(segment.ids[rows])
        documents.append(segment.documents[rows])
    if len(terms) == 1:
        return np.unique(np.concatenate([np.zeros(0, np.int64), *documents])), False
    passages = np.concatenate([np.zeros(0, np.int64), *ids])
    phrase = f" {' '.join(terms)} "
    found: set[int] = set()
    for chunk in chunked(passages[:MOST_PASSAGES].tolist()):
        rows_ = database.execute(f"SELECT document, surface FROM passages WHERE id IN ({marks(chunk)})", chunk)
        found.update(int(number) for number, surface in rows_ if phrase in f" {surface} ")
    return np.array(sorted(found), np.int64), len(passages) > MOST_PASSAGES


def _rows(postings: Postings, terms: Sequence[str], alive: NDArray[np.bool_] | None) -> NDArray[np.intp]:
    """Return the live rows that hold all of the terms, as surface form or lemma."""
    starts, stops = postings.find(np.array([term_hash(term) for term in dict.fromkeys(terms)], np.uint64))
    held = sorted((postings.rows[start:stop] for start, stop in zip(starts, stops, strict=True)), key=len)
    rows = held[0]
    for other in held[1:]:
        rows = np.intersect1d(rows, other, assume_unique=True)
    kept: NDArray[np.intp] = rows.astype(np.intp)
    return kept if alive is None else kept[alive[kept]]
