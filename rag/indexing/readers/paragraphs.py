"""The paragraphs of a page: lines that were broken only because they were full are one paragraph again.

A line was full if the next line's first word would not have fitted on it. Words that it divides are whole again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.indexing.readers.columns import Line, line_text

_SAME_SIZE = 1.2  # letters of one paragraph differ less; a headline's differ more
_LEADING = 1.4  # of the letters' height, from line to line at most: more is the white between paragraphs
_INDENT = 0.7  # of the letters' height: a first line that begins further in
_EDGE = 2.5  # of the letters' height: lines of one column begin within it of each other
_SPACE = 0.25  # of the letters' height

_DIVIDED = re.compile(r"([^\W\d_]{2,})[-\u00ad\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]{2,}")


def read_paragraphs(lines: Sequence[Line], known: frozenset[str] = frozenset()) -> list[str]:
    """Return the paragraphs of a page, given its lines in reading order.

    Args:
        lines: each with at least one piece.
        known: words that are written with a hyphen within a line, folded; divided at it they keep it.
    """
    edges = _edges(lines)
    paragraphs: list[str] = []
    for number, line in enumerate(lines):
        text = line_text(line).rstrip()
        if number and _goes_on(lines[number - 1], line, edges[number - 1]):
            paragraphs[-1] = join_lines(paragraphs[-1], text, known)
        else:
            paragraphs.append(text)
    return paragraphs


def join_lines(first: str, second: str, known: frozenset[str] = frozenset()) -> str:
    """Join two lines of one paragraph; a divided word becomes whole.

    The hyphen goes where a lower-case letter follows, unless the word is known to have one.

    Example:
        >>> join_lines("despre garan-", "țiile"), join_lines("lui Dmitriev-", "Witkoff"), join_lines("cu", "garanții")
        ('despre garanțiile', 'lui Dmitriev-Witkoff', 'cu garanții')
        >>> join_lines("un dus-", "întors", frozenset({"dus-întors"}))
        'un dus-întors'
    """
    divided, following = _DIVIDED.search(first), _FIRST_WORD.match(second)
    if divided is None:
        return f"{first}{second}" if re.search(r"\w[-\u2010]$", first) else f"{first} {second}"
    if following is None or not following.group()[0].islower():
        return first + second
    whole = f"{divided.group(1)}-{following.group()}".casefold()
    return first + second if whole in known else first[:-1] + second


def _edges(lines: Sequence[Line]) -> list[float]:
    """Return for each line how far the lines of its column reach to the right."""
    shapes = [_shape(line) for line in lines]
    reach: dict[tuple[int, int], float] = {}  # lines by where they begin and by the size of their letters
    for left, right, _, height in shapes:
        key = (round(left), round(height))
        reach[key] = max(reach.get(key, right), right)
    return [
        max(
            right
            for (other, size), right in reach.items()
            if abs(other - left) <= _EDGE * height + 1 and max(size, height) <= _SAME_SIZE * min(size, height) + 1
        )
        for left, _, _, height in shapes
    ]


def _goes_on(line: Line, following: Line, edge: float) -> bool:
    """Say whether a line goes on in the following one: it was full, and they stand as lines of a paragraph do."""
    left, right, top, height = _shape(line)
    next_left, next_right, next_top, next_height = _shape(following)
    text = line_text(following)
    if _DIVIDED.search(line_text(line)) and text[0].islower():
        return True
    first_word = len(text.split(maxsplit=1)[0]) * (next_right - next_left) / len(text)
    if right + _SPACE * height + first_word < edge or max(height, next_height) > _SAME_SIZE * min(height, next_height):
        return False
    if next_top >= top or next_left > right:  # on to the next column
        return text[0].islower()
    return top - next_top <= _LEADING * max(height, next_height) and next_left - left <= _INDENT * height


def _shape(line: Line) -> tuple[float, float, float, float]:
    """Return a line's left, right and top, and the height of its letters."""
    return (
        min(piece.left for piece in line),
        max(piece.right for piece in line),
        max(piece.top for piece in line),
        max(max(piece.height for piece in line), 0.1),
    )
