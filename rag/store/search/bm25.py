"""Exact BM25 over postings held in flat arrays: no dictionary of strings, so they can be mapped from a file.

The score of a passage `d` for a question is a sum over the words of the question; each word is a group of
alternatives (its surface form, its lemmas, its translations), of which the best one counts::

    score(d) = sum over groups of  max over alternatives t of  weight(t) * idf(t) * tf / (tf + K(d))
    K(d)     = K1 * (1 - B + B * |d| / avgdl)
    idf(t)   = ln(1 + (N - df(t) + 0.5) / (df(t) + 0.5))

`tf` counts the positions at which `t` is the surface form or the lemma, `|d|` is the number of words, and `N`, `df` and
`avgdl` count live passages only, at the time of the question, and of near-duplicate documents the first: an index grown
piece by piece scores exactly like one built at once, and copies of a story change no score. The formula is that of
Lucene (constant factor K1 + 1 left out), "Lucene (accurate)" in Kamphuis, de Vries, Boytsov, Lin: "Which BM25 Do You
Mean?", ECIR 2020; the idf is never negative.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count

import numpy as np
from numpy.typing import NDArray

from rag.store.tables.rows import Floats, Longs, Mask

K1 = 1.2  # Robertson and Zaragoza 2009 find 1.2 to 2 good; short passages repeat little, so it hardly matters
B = 0.75  # the usual value, same source

_DENSE_SHARE = 0.125  # of the rows must hold a term for its column to be kept
_DENSE_TERMS = 32  # columns kept at most: 2.5 MB at 20,000 rows
_LONG = 4096  # postings of a term from which the count of live ones is kept
_RUN = 64  # scores of which only the greatest is looked at first, when the best rows are sought

Hashes = NDArray[np.uint64]
Counts = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Postings:
    """Which rows hold which terms, `tf` times each.

    `terms` `(t,)` ascending 64-bit hashes; `offsets` `(t + 1,)` into `rows` and `counts`, rows ascending within a
    term; `lengths` `(n,)` words in each row. Two of a million different terms share a hash with probability 3e-8.
    """

    terms: Hashes
    offsets: Longs
    rows: NDArray[np.int32]
    counts: Counts
    lengths: NDArray[np.int32]

    def find(self, hashes: Hashes) -> tuple[list[int], list[int]]:
        """Return where the postings of each hash start and stop; equal where the term is absent."""
        if not len(self.terms):
            return [0] * len(hashes), [0] * len(hashes)
        places = np.minimum(np.searchsorted(self.terms, hashes), len(self.terms) - 1)
        stops = np.where(self.terms[places] == hashes, self.offsets[places + 1], self.offsets[places])
        return self.offsets[places].tolist(), stops.tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Passages that count in statistics, and their words, over all segments."""

    passages: int
    words: int

    def saturation(self, lengths: NDArray[np.int32]) -> Floats:
        """Return K(d) for rows of these lengths, `(n,)` float32."""
        mean = self.words / self.passages if self.words else 1.0
        result: Floats = (K1 * (1.0 - B) + (K1 * B / mean) * lengths).astype(np.float32)
        return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One segment as the search sees it. `saturation` `(n,)` is K(d); `alive` is None while nothing was removed.

    `counted` are the rows that count in document frequencies, None for all; `frequencies` keeps those of long postings,
    `own` the totals of these rows, where they are known.

    `dense` keeps, for a few frequent terms, tf / (tf + K(d)) of every row, by the place of their postings: most
    questions hold some of these terms, and adding a whole column is ten times as fast as adding to listed rows. `held`
    keeps tf of every row for them, which stays when K(d) changes with the mean length.
    """

    postings: Postings
    saturation: Floats
    alive: Mask | None
    counted: Mask | None
    dense: dict[int, Floats] = field(default_factory=dict)
    held: dict[int, Counts] = field(default_factory=dict)
    frequencies: dict[int, int] = field(default_factory=dict)
    own: Totals | None = None

    def frequency(self, start: int, stop: int) -> int:
        """Return how many rows of some postings count."""
        if self.counted is None or start == stop:
            return stop - start
        known = self.frequencies.get(start)
        if known is None:
            known = int(np.count_nonzero(self.counted[self.postings.rows[start:stop]]))
            if stop - start >= _LONG:
                self.frequencies[start] = known
        return known

    def column(self, start: int, stop: int) -> Floats | None:
        """Return tf / (tf + K(d)) of every row for a frequent term, None for the others."""
        rows = len(self.saturation)
        if stop - start < _DENSE_SHARE * rows:
            return None
        column = self.dense.get(start)
        if column is None:
            counts = self.held.get(start)
            if counts is None:
                counts = np.zeros(rows, self.postings.counts.dtype)
                counts[self.postings.rows[start:stop]] = self.postings.counts[start:stop]
            column = counts.astype(np.float32)
            column /= column + self.saturation
            if len(self.dense) < _DENSE_TERMS:
                self.dense[start] = column
            if len(self.held) < _DENSE_TERMS:
                self.held[start] = counts
        return column

    def saturated(self, start: int, stop: int) -> tuple[NDArray[np.intp], Floats]:
        """Return the rows of some postings, and tf / (tf + K(d)) for each."""
        rows = self.postings.rows[start:stop].astype(
            np.intp
        )  # numpy would convert them at each use, three times as slow
        counts = self.postings.counts[start:stop].astype(np.float32)
        result: Floats = counts / (counts + self.saturation.take(rows, mode="clip"))
        return rows, result


def count_totals(parts: Iterable[tuple[Postings, Mask | None]]) -> Totals:
    """Count passages and words of some postings, each with the rows that count, None for all."""
    lengths = [held.lengths if counted is None else held.lengths[counted] for held, counted in parts]
    return Totals(passages=sum(map(len, lengths)), words=sum(int(own.sum(dtype=np.int64)) for own in lengths))


def term_hash(term: str) -> int:
    """Return the 64-bit number under which a term is stored, the same on every machine."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def build_postings(texts: Sequence[tuple[str, str]]) -> Postings:
    """Index passages given as (surface terms, lemma terms), each joined by spaces and aligned one to one.

    A position whose surface form and lemma are equal counts once.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    codes: list[int] = []
    sizes = np.zeros(len(texts), np.int64)
    lengths = np.zeros(len(texts), np.int32)
    for row, (surface, lemma) in enumerate(texts):
        words = surface.split(" ") if surface else []
        lengths[row] = len(words)
        if lemma != surface:
            words += [other for word, other in zip(words, lemma.split(" "), strict=True) if other != word]
        codes.extend(map(numbers.__getitem__, words))
        sizes[row] = len(words)
    hashes = np.fromiter(map(term_hash, numbers), np.uint64, len(numbers))
    terms, ranks = np.unique(hashes, return_inverse=True)  # unique: two terms with one hash become one term
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), sizes)
    pairs = ranks[np.array(codes, np.int64)].astype(np.int64) * max(1, len(texts)) + rows
    pairs, counts = np.unique(pairs, return_counts=True)
    return _assemble(terms, pairs // max(1, len(texts)), pairs % max(1, len(texts)), counts, lengths)


def document_frequencies(parts: Sequence[Part], terms: Sequence[str]) -> list[int]:
    """Return in how many of the passages that count each term stands, as surface form or lemma."""
    return _frequencies(parts, _places(parts, terms), len(terms))


def search_postings(
    parts: Sequence[Part],
    totals: Totals,
    groups: Iterable[Mapping[str, float]],
    k: int,
    allowed: Sequence[Mask | None],
) -> list[tuple[NDArray[np.intp], Floats]]:
    """Return, for each part, its best rows and their scores by the formula above.

    Args:
        parts: the segments.
        totals: passages and words that count, over all of them.
        groups: one mapping for each word of the question, alternatives to weights; weights of 0 or less are ignored.
        k: how many rows of each part at most.
        allowed: for each part the rows that may be returned; None allows the live ones.

    Returns:
        for each part rows and scores, best first, ties by row; rows that hold no term of the question are left out.
    """
    scores = score_postings(parts, totals, groups)
    return [top_rows(*each, k) for each in zip(parts, scores, allowed, strict=True)]


def top_rows(part: Part, scores: Floats, allowed: Mask | None, k: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the best rows of a part and their scores, as `search_postings` does; `scores` stay as they are."""
    mask = part.alive if allowed is None else allowed
    return _best(scores if mask is None else scores * mask, k)


def score_postings(
    parts: Sequence[Part],
    totals: Totals,
    groups: Iterable[Mapping[str, float]],
    frequencies: MutableMapping[str, int] | None = None,
) -> list[Floats]:
    """Return, for each part, the score of every row, `(n,)`; rows that are not alive are scored as if they were.

    In how many of the passages that count each term stands is looked up on the way, and noted in `frequencies`.
    """
    counted: dict[tuple[tuple[str, float], ...], int] = {}
    for group in groups:  # a word asked for twice counts twice, but is looked up once
        key = tuple(sorted((term, weight) for term, weight in group.items() if weight > 0))
        if key:
            counted[key] = counted.get(key, 0) + 1
    terms = list(dict.fromkeys(term for key in counted for term, _ in key))
    places = _places(parts, terms)
    numbers = {term: index for index, term in enumerate(terms)}
    standing = _frequencies(parts, places, len(terms))
    if frequencies is not None:
        frequencies.update(zip(terms, standing, strict=True))
    idf = [math.log(1 + (totals.passages - df + 0.5) / (df + 0.5)) for df in standing]
    results = []
    for part, (starts, stops) in zip(parts, places, strict=True):
        scores = np.zeros(len(part.saturation), np.float32)
        scratch = np.empty((2, len(scores)), np.float32)  # used again and again: new pages cost more than the sums
        for key, times in counted.items():
            found = [(numbers[term], weight) for term, weight in key if stops[numbers[term]] > starts[numbers[term]]]
            _add_group(part, scores, [(starts[i], stops[i], times * weight * idf[i]) for i, weight in found], scratch)
        results.append(scores)
    return results


def _add_group(part: Part, scores: Floats, found: Sequence[tuple[int, int, float]], scratch: Floats) -> None:
    best = scores if len(found) == 1 else scratch[0]
    combine = np.add if len(found) == 1 else np.maximum
    if best is not scores:
        best.fill(0)
    for start, stop, weight in found:
        column = part.column(start, stop)
        if column is not None:
            combine(best, np.multiply(column, np.float32(weight), out=scratch[1]), out=best)
        else:
            rows, saturated = part.saturated(start, stop)
            saturated *= np.float32(weight)
            best[rows] = combine(best.take(rows, mode="clip"), saturated)
    if best is not scores:
        scores += best


def _kth_largest(scores: Floats, k: int) -> np.float32:
    """Return the k-th largest of more than k scores.

    The k-th largest of the maxima of runs is at most that, so only what reaches it need be looked through.
    """
    runs = len(scores) // _RUN
    if runs > k:
        maxima = scores[: runs * _RUN].reshape(runs, _RUN).max(axis=1)
        scores = scores[scores >= np.partition(maxima, runs - k)[runs - k]]
    found: np.float32 = np.partition(scores, len(scores) - k)[len(scores) - k]
    return found


def _best(scores: Floats, k: int) -> tuple[NDArray[np.intp], Floats]:
    bar = np.float32(0)
    if 0 < k < len(scores):
        bar = _kth_largest(scores, k)
    rows = np.flatnonzero(scores >= bar if bar > 0 else scores)
    order = np.lexsort((rows, -scores[rows]))  # ties go to the earlier rows, at the edge too
    rows = rows[order[: max(0, k)]]
    return rows, scores[rows]


def _places(parts: Sequence[Part], terms: Sequence[str]) -> list[tuple[list[int], list[int]]]:
    hashes = np.fromiter(map(term_hash, terms), np.uint64, len(terms))
    return [part.postings.find(hashes) for part in parts]


def _frequencies(parts: Sequence[Part], places: Sequence[tuple[list[int], list[int]]], terms: int) -> list[int]:
    totals = [0] * terms
    for part, (starts, stops) in zip(parts, places, strict=True):
        for index, (start, stop) in enumerate(zip(starts, stops, strict=True)):
            totals[index] += part.frequency(start, stop)
    return totals


def _assemble(terms: Hashes, ranks: Longs, rows: Longs, counts: Longs, lengths: NDArray[np.int32]) -> Postings:
    largest = int(counts.max()) if len(counts) else 0
    offsets = np.zeros(len(terms) + 1, np.int64)
    np.cumsum(np.bincount(ranks, minlength=len(terms)), out=offsets[1:])
    return Postings(
        terms=terms,
        offsets=offsets,
        rows=rows.astype(np.int32),
        counts=counts.astype(np.min_scalar_type(largest)),
        lengths=lengths.astype(np.int32),
    )
