"""How rare a token is in this corpus, also when it is of another language than the corpus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable

Floats = NDArray[np.float32]


BACKGROUND = 500
"""Passages that every corpus is taken to have besides its own, with none of the words: in a corpus of three passages, a
word that stands in one of them is not common."""


def token_rarity(table: TokenTable, counts: NDArray[np.int64], passages: int) -> Floats:
    """Return a soft inverse document frequency ``(vocabulary,)`` in (0, 1].

    A token counts as seen wherever it or a near token of any language was seen, the latter by the cube of their
    cosine: in a Romanian corpus "the" is not rare just because it never occurs.

    Args:
        table: the token vectors with their neighbours.
        counts: ``(vocabulary,)``, how often each token occurs in the corpus.
        passages: how many passages the corpus has.
    """
    passages += BACKGROUND
    known = np.where(table.neighbours >= 0, table.neighbours, 0)
    near = counts[known] * np.where(table.neighbours >= 0, table.neighbour_similarity, 0.0) ** 3
    seen = np.maximum(counts, near.max(axis=1, initial=0.0))
    rarity = np.log1p(passages / (1.0 + np.minimum(seen, passages))) / np.log1p(passages)
    clipped: Floats = np.clip(rarity, 0.02, 1.0).astype(np.float32)
    return clipped
