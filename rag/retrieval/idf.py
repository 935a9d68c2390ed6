"""How rare a token is in this corpus, also when it is of another language than the corpus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]

BACKGROUND = 500
"""Passages of ordinary text that every corpus is taken to have besides its own: in a corpus of three passages, a word
that stands in one of them is not common, and "which" is not rare because it stands in none."""

_PASSAGE = 100  # tokens, about

_BLOCK = 4096  # tokens at a time: the whole vocabulary would take 20 MB for a moment, which a process then keeps


def expected(table: TokenTable) -> Floats:
    """Return in how many of the `BACKGROUND` passages each token stands, ``(vocabulary,)``."""
    held: Floats = (-np.expm1(-_PASSAGE * table.commonness) * np.float32(BACKGROUND)).astype(np.float32)
    return held


def token_rarity(table: TokenTable, counts: Longs, passages: int) -> Floats:
    """Return a soft inverse document frequency ``(vocabulary,)`` in (0, 1].

    A token counts as seen wherever it or a near token of any language was seen, the latter by the cube of their
    cosine: in a Romanian corpus "the" is not rare just because it never occurs.

    Args:
        table: the token vectors with their neighbours.
        counts: ``(vocabulary,)``, how often each token occurs in the corpus.
        passages: how many passages the corpus has.
    """
    return TokenRarity(table).of(counts, passages)


class TokenRarity:
    """Makes `token_rarity` for one table again and again; of counts that differ little, only what differs. Threadsafe.

    What is near each token takes most of the time.
    """

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._expected = expected(table)
        self._last: tuple[Longs, Floats] | None = None

    def of(self, counts: Longs, passages: int) -> Floats:
        """Return the rarity of each token, as `token_rarity` does."""
        last = self._last
        if last is None:
            seen = np.empty(len(counts), np.float32)
            changed = np.arange(len(counts))
        else:
            seen = last[1].copy()
            different = np.append(counts != last[0], False)  # -1, for no neighbour, is the last
            changed = np.flatnonzero(different[:-1] | different[self._table.neighbours].any(axis=1))
        for first in range(0, len(changed), _BLOCK):
            block = changed[first : first + _BLOCK]
            neighbours, similarity = self._table.neighbours[block], self._table.neighbour_similarity[block]
            near = np.where(neighbours >= 0, counts[np.maximum(neighbours, 0)] * similarity**3, np.float32(0.0))
            seen[block] = np.maximum(counts[block], near.max(axis=1, initial=0.0))
        self._last = counts.copy(), seen
        passages += BACKGROUND
        whole = seen + self._expected
        rarity = np.log1p(passages / (1.0 + np.minimum(whole, passages))) / np.log1p(passages)
        clipped: Floats = np.clip(rarity, 0.02, 1.0).astype(np.float32)
        return clipped
