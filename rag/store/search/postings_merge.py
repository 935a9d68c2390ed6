"""Joining postings of segments that follow one another, without sorting and a stretch at a time.

In each part the rows of a term ascend, and the parts follow one another: where each posting goes follows from how many
rows each part holds of each term. Only the terms are held in memory whole, with two numbers for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.store.search.bm25 import Counts, Hashes, Postings
from rag.store.tables.rows import Longs, Mask

_STRETCH = 1 << 20
"""Postings that are moved at a time, if no term has more."""

Ints = NDArray[np.int32]


class PostingsMerge:
    """The postings of some parts with the rows that are not alive left out, numbered one after another.

    Attributes:
        terms: ``(t,)``, as in `Postings`; terms that only removed rows held are not among them.
        offsets: ``(t + 1,)``, as in `Postings`.
        lengths: ``(n,)``, as in `Postings`.
        dtype: the smallest type that holds every count.
    """

    def __init__(self, parts: Sequence[tuple[Postings, Mask | None]]) -> None:
        self._parts = parts
        every = np.sort(np.concatenate([np.zeros(0, np.uint64), *(postings.terms for postings, _ in parts)]))
        every = every[np.diff(every, prepend=~every[:1]) != 0]  # np.unique would import all of numpy.ma for this
        self._ranks = [np.searchsorted(every, postings.terms) for postings, _ in parts]
        totals = np.zeros(len(every), np.int64)
        largest = 0
        for (postings, alive), ranks in zip(parts, self._ranks, strict=True):
            for first, last in _stretches(postings.offsets):
                kept, most = _kept(postings, alive, first, last)
                totals[ranks[first:last]] += kept
                largest = max(largest, most)
        self._starts = _running(totals)
        used = totals > 0
        self.terms: Hashes = every[used]
        self.offsets = np.append(self._starts[:-1][used], self._starts[-1:])
        self.lengths: Ints = np.concatenate(
            [
                np.zeros(0, np.int32),
                *(postings.lengths if alive is None else postings.lengths[alive] for postings, alive in parts),
            ]
        )
        self.dtype = np.min_scalar_type(largest)

    def chunks(self) -> Iterator[tuple[Ints, Counts]]:
        """Yield the rows and counts of the merged postings from first to last."""
        firsts, first = [], 0
        for postings, alive in self._parts:
            firsts.append(first)
            first += len(postings.lengths) if alive is None else int(np.count_nonzero(alive))
        numbers = [
            None if alive is None else (np.cumsum(alive) - 1 + first).astype(np.int32)
            for (_, alive), first in zip(self._parts, firsts, strict=True)
        ]
        for low, high in _stretches(self._starts):
            base = self._starts[low]
            rows = np.empty(self._starts[high] - base, np.int32)
            counts = np.empty(len(rows), self.dtype)
            places = self._starts[low:high] - base  # of the next posting of each term
            for (postings, alive), ranks, first, renumbered in zip(
                self._parts, self._ranks, firsts, numbers, strict=True
            ):
                start, stop = np.searchsorted(ranks, (low, high)).tolist()
                if start == stop:
                    continue
                own = slice(int(postings.offsets[start]), int(postings.offsets[stop]))
                held, numbered = np.asarray(postings.rows[own]), np.asarray(postings.counts[own])
                sizes = np.diff(postings.offsets[start : stop + 1])
                if alive is not None and renumbered is not None:
                    kept = alive[held]
                    sizes = _sums(kept, postings.offsets[start : stop + 1] - own.start)
                    held, numbered = renumbered[held[kept]], numbered[kept]
                elif first:
                    held = held + np.int32(first)
                terms = ranks[start:stop] - low
                targets = np.arange(len(held)) + np.repeat(places[terms] - _running(sizes)[:-1], sizes)
                rows[targets], counts[targets] = held, numbered
                places[terms] += sizes
            yield rows, counts


def merge_postings(parts: Sequence[tuple[Postings, Mask | None]]) -> Postings:
    """Join postings whose rows follow one another, leaving out rows that are not alive."""
    merge = PostingsMerge(parts)
    rows, counts = np.empty(merge.offsets[-1], np.int32), np.empty(merge.offsets[-1], merge.dtype)
    at = 0
    for some, numbered in merge.chunks():
        rows[at : at + len(some)], counts[at : at + len(some)] = some, numbered
        at += len(some)
    return Postings(terms=merge.terms, offsets=merge.offsets, rows=rows, counts=counts, lengths=merge.lengths)


def _stretches(offsets: Longs) -> Iterator[tuple[int, int]]:
    """Yield first and last of as many terms as hold `_STRETCH` postings together, at least one."""
    first, terms = 0, len(offsets) - 1
    while first < terms:
        last = int(np.searchsorted(offsets, offsets[first] + _STRETCH, side="right")) - 1
        last = min(max(last, first + 1), terms)
        yield first, last
        first = last


def _kept(postings: Postings, alive: Mask | None, first: int, last: int) -> tuple[Longs, int]:
    """Return how many live rows some terms have, ``(terms,)``, and the largest count among those."""
    offsets = postings.offsets[first : last + 1]
    counts = postings.counts[offsets[0] : offsets[-1]]
    if alive is None:
        return np.diff(offsets), int(counts.max(initial=0))
    kept = alive[postings.rows[offsets[0] : offsets[-1]]]
    return _sums(kept, offsets - offsets[0]), int(counts[kept].max(initial=0))


def _sums(mask: Mask, offsets: Longs) -> Longs:
    """Return how much of each stretch of a mask is set, ``(n,)``."""
    running = _running(mask.astype(np.int64))
    sums: Longs = running[offsets[1:]] - running[offsets[:-1]]
    return sums


def _running(sizes: Longs) -> Longs:
    result = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=result[1:])
    return result
