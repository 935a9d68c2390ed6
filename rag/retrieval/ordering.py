"""The order of passages by score: the same whatever rows they are stored in, and however the scores were computed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.store.tables.damage import damaged
from rag.store.view import SCORE_DECIMALS, View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


def best_first(view: View, ids: Longs, scores: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Order passages ``(n,)`` by score; of equal scores, by document id and place in the document.

    Returns:
        The positions of the passages, best first, and the rounded scores by which they are ordered, in that order.

    Raises:
        IndexDamaged: a score is no number, which sound vectors and counts never give.
    """
    if not (sound := np.isfinite(scores)).all():
        raise damaged("passage", ValueError("its score is no number"), int(ids[~sound][0]))
    rounded: Floats = np.round(scores, SCORE_DECIMALS).astype(np.float32)
    order = np.argsort(-rounded, kind="stable")
    ordered = rounded[order]
    same = np.concatenate([[False], ordered[1:] == ordered[:-1], [False]])
    tied = np.flatnonzero(same[:-1] | same[1:])[: len(order)]
    if len(tied):
        positions = order[tied]
        places = view.places(ids[positions])
        by_place = np.zeros(len(ids), dtype=np.int64)
        by_place[positions[sorted(range(len(positions)), key=places.__getitem__)]] = np.arange(len(positions))
        order = np.lexsort((by_place, -rounded))
    return order, rounded[order]
