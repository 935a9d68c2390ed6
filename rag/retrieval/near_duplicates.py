"""Fold near-duplicate passages of one question into one hit, with a count of the copies."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

SAME = 0.8
"""Share of the shorter passage's token trigrams that must stand in the longer one for both to be the same text."""

_LEAST = 8  # trigrams; below that, containment says nothing

_NONE = np.zeros(0, np.int64)
_UPPER = np.int64(-1 << 24)  # 40 bits tell trigrams apart, 24 their passages
_ODD = np.int64(0x1E3779B97F4A7C15)  # the golden ratio's digits: moves every bit into the upper ones


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
    known: list[Container[int]] = []
    trigrams = [_trigrams(ids) for ids in tokens]
    within = _may_lie_within(trigrams)
    sets: dict[int, frozenset[int]] = {}

    def same(one: int, other: int) -> bool:
        if not (within[one] or within[other]):
            return False
        for place in (one, other):
            if place not in sets:
                sets[place] = frozenset(trigrams[place].tolist())
        return _same(sets[one], sets[other])

    for place in range(len(tokens)):
        home = next((n for n, group in enumerate(groups) if place in known[n] or same(place, group[0])), None)
        if home is not None:
            groups[home].append(place)
        elif len(groups) < limit:
            groups.append([place])
            known.append(repeated(place))
    return groups


def _may_lie_within(trigrams: Sequence[Longs]) -> list[bool]:
    """Say which passages have `SAME` of their trigrams in common with all others together; so few that it is quick.

    No other passage can hold as much of the rest. Trigrams are told apart by part of their bits, which errs to the safe
    side.
    """
    owners = np.repeat(np.arange(len(trigrams)), [len(own) for own in trigrams])
    keys = np.sort(np.concatenate([_NONE, *trigrams]) * _ODD & _UPPER | owners)
    first = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]
    owners, codes = keys[first] & ~_UPPER, keys[first] & _UPPER
    next_too = np.concatenate([codes[1:] == codes[:-1], [False]])[: len(codes)]
    shared = next_too | np.concatenate([[False], next_too[:-1]])[: len(codes)]
    every = np.bincount(owners, minlength=len(trigrams))
    common = np.bincount(owners[shared], minlength=len(trigrams))
    result: list[bool] = (common >= SAME * every).tolist()
    return result


def _same(one: frozenset[int], other: frozenset[int]) -> bool:
    least = min(len(one), len(other))
    if least < _LEAST:
        return one == other and least > 0
    return len(one & other) >= SAME * least


def _trigrams(ids: Ints) -> Longs:
    wide = ids.astype(np.int64)
    return wide if len(wide) < 3 else (wide[:-2] << 42) ^ (wide[1:-1] << 21) ^ wide[2:]
