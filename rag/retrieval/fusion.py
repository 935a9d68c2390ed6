"""Two ways to join a dense and a lexical ranking when nothing learned is at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
Ranking = tuple[Longs, Floats]
"""Passage ids ``(n,)`` and their scores ``(n,)``, best first."""


def fuse_means(dense: Ranking, lexical: Ranking) -> Ranking:
    """Average cosine and BM25 / (best BM25); a passage missing from one ranking counts 0 there.

    >>> ids, scores = fuse_means(
    ...     (np.array([1, 2]), np.array([0.9, 0.5], dtype=np.float32)),
    ...     (np.array([2]), np.array([8.0], dtype=np.float32)))
    >>> ids.tolist(), scores.tolist()
    ([2, 1], [0.75, 0.44999998807907104])
    """
    top = float(lexical[1].max()) if len(lexical[1]) else 0.0
    half = np.float32(0.5)
    scaled: Floats = lexical[1] * (half / np.float32(top)) if top > 0 else np.zeros_like(lexical[1])
    positive: Floats = np.maximum(dense[1], np.float32(0.0)) * half
    return _sum([(dense[0], positive), (lexical[0], scaled)])


def fuse_ranks(dense: Ranking, lexical: Ranking, *, constant: int = 60) -> Ranking:
    """Sum 1 / (constant + rank) over both rankings (reciprocal rank fusion: Cormack et al., SIGIR 2009)."""

    def shares(ids: Longs) -> Floats:
        share: Floats = np.reciprocal(np.arange(1, len(ids) + 1, dtype=np.float32) + np.float32(constant))
        return share

    return _sum([(ids, shares(ids)) for ids in (dense[0], lexical[0])])


def _sum(parts: Sequence[Ranking]) -> Ranking:
    together = np.concatenate([part[0] for part in parts])
    if not len(together):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    order = np.argsort(together, kind="stable")  # np.unique does this too, and three times as much besides
    ids = together[order]
    first = np.flatnonzero(np.diff(ids, prepend=ids[0] - 1))
    ids = ids[first].astype(np.int64)
    scores: Floats = np.add.reduceat(np.concatenate([part[1] for part in parts])[order], first)
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]
