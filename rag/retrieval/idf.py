"""How rare a token is in this corpus, also when it is of another language than the corpus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable

Floats = NDArray[np.float32]


BACKGROUND = 500
"""Passages of ordinary text that every corpus is taken to have besides its own: in a corpus of three passages, a word
that stands in one of them is not common, and "which" is not rare because it stands in none."""

_PASSAGE = 100  # tokens, about

_BLOCK = 4096  # tokens at a time: the whole vocabulary would take 20 MB for a moment, which a process then keeps


def expected(table: TokenTable) -> Floats:
    """Return in how many of the `BACKGROUND` passages each token stands, ``(vocabulary,)``."""
    held: Floats = (-np.expm1(-_PASSAGE * table.commonness) * np.float32(BACKGROUND)).astype(np.float32)
    return held


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
    seen = np.empty(len(counts), dtype=np.float32)
    for first in range(0, len(counts), _BLOCK):
        block = slice(first, first + _BLOCK)
        neighbours, similarity = table.neighbours[block], table.neighbour_similarity[block]
        near = np.where(neighbours >= 0, counts[np.maximum(neighbours, 0)] * similarity**3, np.float32(0.0))
        seen[block] = np.maximum(counts[block], near.max(axis=1, initial=0.0))
    seen += expected(table)
    rarity = np.log1p(passages / (1.0 + np.minimum(seen, passages))) / np.log1p(passages)
    clipped: Floats = np.clip(rarity, 0.02, 1.0).astype(np.float32)
    return clipped
