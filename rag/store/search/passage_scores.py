"""BM25 of given passages, from their terms: what postings would give them, number for number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rag.store.search.bm25 import Totals
from rag.store.search.segments import StoredPassage
from rag.store.tables.rows import Floats

Weights = dict[tuple[tuple[str, float], ...], int]
"""Alternatives of a word with their weights, and how often the question has that word."""


def counted_groups(groups: Iterable[Mapping[str, float]]) -> Weights:
    """Return the distinct words of a question; weights of 0 or less are left out."""
    counted: Weights = {}
    for group in groups:
        key = tuple(sorted((term, weight) for term, weight in group.items() if weight > 0))
        if key:
            counted[key] = counted.get(key, 0) + 1
    return counted


def inverse_frequency(totals: Totals, frequency: int) -> float:
    """Return the inverse document frequency of a term that is in so many of the passages that count."""
    return math.log(1 + (totals.passages - frequency + 0.5) / (frequency + 0.5))


def score_passages(
    passages: Sequence[StoredPassage], totals: Totals, groups: Weights, frequencies: Mapping[str, int]
) -> Floats:
    """Return the scores ``(n,)`` by the formula in `rag.store.search.bm25`, in the same order of operations."""
    terms = {term: number for number, term in enumerate(dict.fromkeys(term for key in groups for term, _ in key))}
    counts = np.zeros((len(terms), len(passages)), np.float32)
    lengths = np.zeros(len(passages), np.int32)
    for place, passage in enumerate(passages):
        words = passage.surface.split(" ") if passage.surface else []
        lengths[place] = len(words)
        for word in words:
            if word in terms:
                counts[terms[word], place] += 1
        if passage.lemma != passage.surface:
            for word, lemma in zip(words, passage.lemma.split(" "), strict=True):
                if lemma != word and lemma in terms:
                    counts[terms[lemma], place] += 1
    saturated = counts / (counts + totals.saturation(lengths))
    scores = np.zeros(len(passages), np.float32)
    for key, times in groups.items():
        own = [
            saturated[terms[term]] * np.float32(times * weight * inverse_frequency(totals, frequencies[term]))
            for term, weight in key
        ]
        scores += np.max(own, axis=0)
    return scores
