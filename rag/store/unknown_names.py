"""What an error says of a name that the index does not know: the nearest names, or some of those that are there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 5  # names in a message
MOST_NAMES = 5_000
"""That are compared with one which is not there."""
_ALIKE = 0.5


def nearest_names(value: str, names: Iterable[str]) -> list[str]:
    """Return the names most like a value, the most alike first."""
    return get_close_matches(value, list(names)[:MOST_NAMES], n=_SHOWN, cutoff=_ALIKE)


def hint(near: list[str]) -> str:
    """Return whether the names that are shown are near, or merely known."""
    return "near" if near else "known"


def shown_names(near: list[str], known: Iterable[str]) -> str:
    """Return the nearest names or, where none is near, some known ones."""
    return ", ".join(map(repr, near)) if near else some_names(frozenset(known))


def some_names(names: frozenset[str]) -> str:
    """Return the first names of a set, and how many there are more."""
    shown = ", ".join(repr(name) for name in sorted(names)[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown or "none"
