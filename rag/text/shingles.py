"""Shingles: runs of three words, as numbers. Texts that share most of theirs are the same text, in any language."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Shingles = NDArray[np.uint64]
"""Distinct shingles in ascending order, `(n,)`."""

WORDS = 3
"""Words in a shingle: with more, each edited word breaks more of them; with fewer, any two stories on a subject share
some."""

# Odd and without pattern (the first from the golden ratio, the others from MurmurHash3's finalizer), so that the order
# of the words counts and every bit moves.
_FACTORS = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))
_SHIFT = np.uint64(33)


def make_shingles(terms: str) -> Shingles:
    """Return the shingles of words that are folded already and stand between single spaces.

    The numbers are the same in every process and on every machine: they are kept in the index.

    Example:
        >>> len(make_shingles("ana are mere si ana are mere si"))
        4
    """
    return combine(number_words(terms))


def number_words(terms: str) -> NDArray[np.uint64]:
    """Return a number for each word, in order, `(n,)`; those of several texts may be joined and then combined."""
    return np.array([crc32(word) for word in terms.encode("utf-8", "replace").split()], np.uint64)


def combine(numbers: NDArray[np.uint64]) -> Shingles:
    """Return the shingles of words in order, by their numbers."""
    if len(numbers) < WORDS:
        return np.zeros(0, np.uint64)
    count = len(numbers) - WORDS + 1
    mixed = np.zeros(count, np.uint64)
    for place, factor in enumerate(_FACTORS):
        mixed = (mixed + numbers[place : place + count]) * factor
        mixed ^= mixed >> _SHIFT
    return distinct(mixed)


def distinct(numbers: Shingles) -> Shingles:
    """Return the distinct ones in ascending order."""
    ordered = np.sort(numbers)  # np.unique imports numpy.ma, 60 ms of the first question
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def count_shared(one: Shingles, other: Shingles) -> int:
    """Return how many shingles two texts share."""
    if not len(one) or not len(other):
        return 0
    places = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return int(np.count_nonzero(other[places] == one))


def containment(one: Shingles, other: Shingles) -> float:
    """Return which share of the shorter text's shingles stand in the longer one; 0 where one has none."""
    least = min(len(one), len(other))
    return count_shared(one, other) / least if least else 0.0
