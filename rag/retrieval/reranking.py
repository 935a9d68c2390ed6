"""The last stage, where one is configured: a model that reads question and passage together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.ordering import best_first
from rag.store.view import View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]

_REREAD = 50
"""Candidates that a reranker reads: some seconds on two cores with a small cross-encoder."""


class Reranker(Protocol):
    """A last stage that reads question and passage together."""

    def score(self, question: str, passages: Sequence[str]) -> Floats:
        """Return ``(n,)`` scores in [0, 1], higher is better."""
        ...


def reread(
    reranker: Reranker, view: View, question: str, ids: Longs, order: NDArray[np.intp], scores: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Order the best candidates by the scores of a reranker; the others follow, with scores below all of those."""
    best = order[:_REREAD]
    said = reranker.score(question, [passage.text for passage in view.passages(ids[best])])
    again, said = best_first(view, ids[best], said)
    rest: Floats = scores[_REREAD:] * said.min()
    return np.concatenate([best[again], order[_REREAD:]]), np.concatenate([said, rest])
