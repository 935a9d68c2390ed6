"""Running heads and feet: lines at the edge of a page that come again on other pages, but for their numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_EDGE = 3  # rows from the top and from the bottom of a page that may be a running head or foot
_PART = 3  # and no more than one row in three, at each edge
_SHARE = 0.4  # of the pages: left and right pages may have different ones
_LONGEST = 160  # characters
_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b")


def running_lines(pages: Sequence[Sequence[tuple[str, float]]]) -> list[set[int]]:
    """Return for each page the numbers of its lines that are running heads or feet.

    Args:
        pages: for each page its lines with their height on the page, in the order of the text.

    Example:
        >>> body = [("One", 700), ("two", 690)]
        >>> running_lines([[*body, ("Gazeta 7", 20)], [("Three", 700), ("four", 690), ("Gazeta 8", 20)]])
        [{2}, {2}]
    """
    edges = [_edges(lines) for lines in pages]
    counts = Counter(key for edge in edges for key in edge)
    least = max(2.0, _SHARE * len(pages))
    return [{number for key, numbers in edge.items() if counts[key] >= least for number in numbers} for edge in edges]


def _edges(lines: Sequence[tuple[str, float]]) -> dict[tuple[str, str], list[int]]:
    """Return the rows at a page's edges: the edge and the text less numbers, with the numbers of their lines.

    What comes more than once on one page is no running line but the row of a table, or a verse.
    """
    rows: dict[int, list[int]] = {}
    for number, (_, height) in enumerate(lines):
        rows.setdefault(round(height), []).append(number)
    keys = {row: _key(" ".join(lines[number][0] for number in numbers)) for row, numbers in rows.items()}
    often = Counter(keys.values())
    heights = sorted(rows, reverse=True)
    depth = min(_EDGE, len(heights) // _PART)
    edges = [("top", row) for row in heights[:depth]] + [("bottom", row) for row in heights[len(heights) - depth :]]
    return {(where, keys[row]): rows[row] for where, row in edges if keys[row] and often[keys[row]] == 1}


def _key(text: str) -> str:
    return _NUMBERS.sub("#", " ".join(text.casefold().split())) if len(text) <= _LONGEST else ""
