"""What is served compared with the rows of the database, a block of rows at a time.

Postings are in another order than rows: of them the sums of a number made of each are compared, which agree by chance
once in 2^64.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag.errors import QueryError
from rag.store.search.bm25 import Postings
from rag.store.search.context_part import ContextPart, build_part
from rag.store.search.segments import Segment, build_segment, gather
from rag.store.search.state import BLOCK_ROWS, State
from rag.store.tables.context_rows import context_since
from rag.store.tables.passages import passages_since
from rag.store.tables.rows import Longs

_STRETCH = 1 << 20  # postings that are looked at together
_FACTORS = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))
_SHIFT = np.uint64(32)
_MODULUS = 1 << 64


def served_differences(state: State, database: sqlite3.Connection) -> list[str]:
    """Return the names of what is served of passages otherwise than the rows say."""
    found: dict[str, None] = {}
    passages = passages_since(database, 0, state.manifest.dimension)
    rows = expected = 0
    while block := list(islice(passages, BLOCK_ROWS)):
        fresh = build_segment(block, state.manifest.dimension)
        rows += len(fresh)
        expected += _postings_sum(fresh.postings, fresh.ids)
        try:
            located = state.locate(fresh.ids)
        except QueryError:
            return [*found, "ids"]
        for segment, positions, at in located:
            found.update(dict.fromkeys(_column_differences(segment, at, fresh, positions)))
    if rows != state.live:
        return [*found, "ids"]
    served = 0
    for segment in state.segments:
        if not _in_order(segment.postings):
            found["postings"] = None
        served += _postings_sum(segment.postings, segment.ids, segment.alive)
    if served % _MODULUS != expected % _MODULUS:
        found["postings"] = None
    return list(found)


def context_differences(state: State, database: sqlite3.Connection) -> list[str]:
    """Return what is served of contextual vectors otherwise than the rows say."""
    width, rows = state.manifest.contextual_dimension, 0
    stored = context_since(database, 0, width)
    while block := list(islice(stored, BLOCK_ROWS)):
        fresh = build_part(block, width)
        rows += len(fresh)
        missing = np.ones(len(fresh), np.bool_)
        for part in state.context:
            at = part.rows_of(fresh.ids)
            positions = np.flatnonzero(at >= 0)
            missing[positions] = False
            if not _same_context(part, at[positions], fresh, positions):
                return ["contextual vectors"]
        if missing.any():
            return ["contextual vectors"]
    return [] if rows == state.refined else ["contextual vectors"]


def _same_context(one: ContextPart, rows: NDArray[np.intp], other: ContextPart, others: NDArray[np.intp]) -> bool:
    size, its_size = (np.diff(part.offsets)[own] for part, own in ((one, rows), (other, others)))
    return (
        np.array_equal(one.vectors.codes[rows], other.vectors.codes[others])
        and np.array_equal(size, its_size)
        and np.array_equal(gather(one.offsets, rows, one.sentences), gather(other.offsets, others, other.sentences))
    )


def _column_differences(
    one: Segment, rows: NDArray[np.intp], other: Segment, others: NDArray[np.intp]
) -> Iterator[str]:
    """Yield the names of the columns in which rows of one segment differ from rows of the other."""
    for name in ("documents", "published"):
        if not np.array_equal(getattr(one, name)[rows], getattr(other, name)[others]):
            yield name
    for offsets, names in (
        ("token_offsets", ("tokens",)),
        ("sentence_offsets", ("sentence_starts", "sentence_norms")),
    ):
        its, theirs = getattr(one, offsets), getattr(other, offsets)
        if not np.array_equal(its[rows + 1] - its[rows], theirs[others + 1] - theirs[others]):
            yield offsets
            continue
        for name in names:
            if not np.array_equal(gather(its, rows, getattr(one, name)), gather(theirs, others, getattr(other, name))):
                yield name
    for labels in ("language", "outlet"):
        values = [
            np.array(getattr(part, f"{labels}_names"), object)[getattr(part, f"{labels}s")[own]]
            for part, own in ((one, rows), (other, others))
        ]
        if not np.array_equal(*values):
            yield f"{labels}s"
    if not np.array_equal(one.postings.lengths[rows], other.postings.lengths[others]):
        yield "postings lengths"
    if not np.array_equal(one.vectors.array[rows], other.vectors.array[others]):
        yield "vectors"


def _postings_sum(postings: Postings, ids: Longs, alive: NDArray[np.bool_] | None = None) -> int:
    """Return the sum of a number made of term, passage and count of each posting of a live row."""
    total = 0
    for first, last in _stretches(postings):
        rows = postings.rows[first:last]
        terms = np.searchsorted(postings.offsets, np.arange(first, last), side="right") - 1
        mixed = postings.terms[terms]
        for factor, values in zip(_FACTORS[:2], (ids[rows], postings.counts[first:last]), strict=True):
            mixed = (mixed ^ (mixed >> _SHIFT)) * factor + values.astype(np.uint64)
        mixed = (mixed ^ (mixed >> _SHIFT)) * _FACTORS[-1]
        total += int(np.sum(mixed if alive is None else mixed[alive[rows]], dtype=np.uint64))
    return total


def _in_order(postings: Postings) -> bool:
    """Return whether terms ascend, and the rows of each."""
    if not (postings.terms[1:] > postings.terms[:-1]).all() or not (np.diff(postings.offsets) > 0).all():
        return False
    begins = np.zeros(len(postings.rows) + 1, np.bool_)
    begins[postings.offsets] = True
    for first, last in _stretches(postings):
        rows = postings.rows[max(0, first - 1) : last]
        if not ((rows[1:] > rows[:-1]) | begins[max(1, first) : last]).all():
            return False
    return True


def _stretches(postings: Postings) -> Iterator[tuple[int, int]]:
    for first in range(0, len(postings.rows), _STRETCH):
        yield first, min(first + _STRETCH, len(postings.rows))
