"""How often each token stands in the passages that count, kept up with what changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.store.search.segments import Segment, gather
from rag.store.tables.rows import Longs

_ROWS = 2048  # whose tokens are counted at a time: numpy widens them to 8 bytes


class TokenTally:
    """The numbers of each segment that is served, by its postings: what was removed since is taken from them.

    One is shared by the states that follow one another. Safe from many threads.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: dict[int, tuple[Segment, Longs]] = {}

    def counts(self, segments: Sequence[Segment], vocabulary: int) -> Longs:
        """Return how often each token of a table of that size stands in rows that count, `(vocabulary,)`."""
        total = np.zeros(vocabulary, np.int64)
        with self._turn:
            known: dict[int, tuple[Segment, Longs]] = {}
            for segment in segments:
                key = id(segment.postings)  # the same while rows are removed or marked, and held with the segment
                counts = _counts(segment, self._known.get(key))
                known[key] = segment, counts
                total[: len(counts)] += counts[:vocabulary]  # tokens beyond the table are none of it
            self._known = known
        return total


def count_tokens(segment: Segment, rows: NDArray[np.intp] | None = None) -> Longs:
    """Return how often each token stands in some rows, in all by default, as far as the greatest token, `(tokens,)`."""
    total = np.zeros(0, np.int64)
    every = np.arange(len(segment)) if rows is None else rows
    for first in range(0, len(every), _ROWS):
        some = every[first : first + _ROWS]
        if rows is None:
            tokens = segment.tokens[segment.token_offsets[some[0]] : segment.token_offsets[some[-1] + 1]]
        else:
            tokens = gather(segment.token_offsets, some, segment.tokens)
        total = _plus(total, np.bincount(tokens))
    return total


def _counts(segment: Segment, known: tuple[Segment, Longs] | None) -> Longs:
    if known is None:
        counts, before = count_tokens(segment), np.ones(len(segment), np.bool_)
    else:
        other, counts = known
        if other is segment:
            return counts
        before = np.ones(len(segment), np.bool_) if other.counted is None else other.counted
    after = segment.counted
    if after is None:
        after = np.ones(len(segment), np.bool_)
    gone, back = np.flatnonzero(before & ~after), np.flatnonzero(after & ~before)
    if len(gone):
        counts = _plus(counts, -count_tokens(segment, gone))
    if len(back):
        counts = _plus(counts, count_tokens(segment, back))
    return counts


def _plus(one: Longs, other: Longs) -> Longs:
    total = np.zeros(max(len(one), len(other)), np.int64)
    total[: len(one)] = one
    total[: len(other)] += other
    return total
