"""Near-identical passages become one hit: wire copy is shown once and counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

SAME = 0.8
"""Share of the shorter passage's token trigrams that must stand in the longer one for both to be the same text."""

_LEAST = 8  # trigrams; below that, containment says nothing


def group_same(tokens: Sequence[Ints], *, limit: int) -> list[list[int]]:
    """Group passages, given best first, with those before them that they repeat.

    Returns:
        Groups of positions, each led by its best; once `limit` groups are open no further one is begun, but later
        passages still join those that they repeat.
    """
    groups: list[list[int]] = []
    leaders: list[frozenset[int]] = []
    for place, ids in enumerate(tokens):
        shingles = _trigrams(ids)
        home = next((n for n, leader in enumerate(leaders) if _same(shingles, leader)), None)
        if home is not None:
            groups[home].append(place)
        elif len(groups) < limit:
            groups.append([place])
            leaders.append(shingles)
    return groups


def _same(one: frozenset[int], other: frozenset[int]) -> bool:
    least = min(len(one), len(other))
    if least < _LEAST:
        return one == other and least > 0
    return len(one & other) >= SAME * least


def _trigrams(ids: Ints) -> frozenset[int]:
    wide = ids.astype(np.int64)
    if len(wide) < 3:
        return frozenset(wide.tolist())
    return frozenset(((wide[:-2] << 42) ^ (wide[1:-1] << 21) ^ wide[2:]).tolist())
