"""Near-identical passages become one hit: wire copy is shown once and counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

SAME = 0.8
"""Share of the shorter passage's token trigrams that must stand in the longer one for both to be the same text."""

_LEAST = 8  # trigrams; below that, containment says nothing


def group_same(
    tokens: Sequence[Ints], *, limit: int, repeated: Callable[[int], Container[int]] = lambda place: ()
) -> list[list[int]]:
    """Group passages, given best first, with those before them that they repeat.

    Args:
        tokens: those of each passage.
        limit: how many groups.
        repeated: returns the places of passages known to repeat the one at a place.

    Returns:
        Groups of positions, each led by its best; once `limit` groups are open no further one is begun, but later
        passages still join those that they repeat.
    """
    groups: list[list[int]] = []
    leaders: list[tuple[_Trigrams, Container[int]]] = []
    for place, ids in enumerate(tokens):
        shingles = _trigrams(ids)
        home = next((n for n, (leader, known) in enumerate(leaders) if place in known or _same(shingles, leader)), None)
        if home is not None:
            groups[home].append(place)
        elif len(groups) < limit:
            groups.append([place])
            leaders.append((shingles, repeated(place)))
    return groups


@dataclass(frozen=True, slots=True)
class _Trigrams:
    """Those of a passage; `some` are just too many to be missing from a text that holds `SAME` of all."""

    all: frozenset[int]
    some: frozenset[int]


def _same(one: _Trigrams, other: _Trigrams) -> bool:
    shorter, longer = (one, other) if len(one.all) <= len(other.all) else (other, one)
    least = len(shorter.all)
    if least < _LEAST:
        return one.all == other.all and least > 0
    return not shorter.some.isdisjoint(longer.all) and len(one.all & other.all) >= SAME * least


def _trigrams(ids: Ints) -> _Trigrams:
    wide = ids.astype(np.int64)
    found = wide.tolist() if len(wide) < 3 else ((wide[:-2] << 42) ^ (wide[1:-1] << 21) ^ wide[2:]).tolist()
    every = frozenset(found)
    missing = len(every) - math.ceil(SAME * len(every))
    return _Trigrams(every, frozenset(islice(every, missing + 1)))
