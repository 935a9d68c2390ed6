"""The reading order of a page: down the first column, then down the second.

Most files hold their text in reading order, and then it is kept. Where the page has columns, which the white between
them shows, the places of the letters decide: of two columns that were written line by line, a line of one would
otherwise be followed by a line of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from rag.indexing.readers.glyphs import Piece

_LEAST_LINES = 4  # of each of two columns; fewer may be a signature, an address, a caption
_LEAST_WIDTH = 0.12  # of the page: the typical line of a column; the cells of tables are narrower
_LEAST_LETTERS = 14  # in the typical line of a column
_SPAN = 1.0  # lines across the white for each line of the emptier column, at most
_DEEPEST = 4  # five columns
_MOST_PIECES = 2_000  # of a page; a broadsheet has 1,200 lines
_SAME_EDGE = 3  # lines of a column that begin at the same place, to the point

Line = tuple[Piece, ...]


def in_reading_order(lines: Sequence[Sequence[Piece]], width: float) -> list[Line]:
    """Return the lines of a page in reading order; without columns, the lines as they are.

    Args:
        lines: in the order of the file.
        width: of the page, in points.
    """
    pieces = [piece for line in lines for piece in line]
    if _white(pieces, width) is None:
        return [tuple(line) for line in lines]
    return _ordered(pieces, width, _DEEPEST)


def line_text(line: Line) -> str:
    """Return the text of a line as the file has it."""
    return "".join(piece.glue + piece.text for piece in line)


def _ordered(pieces: list[Piece], width: float, depth: int) -> list[Line]:
    white = _white(pieces, width) if depth else None
    if white is None:
        return _rows(pieces)
    lines: list[Line] = []
    left: list[Piece] = []
    right: list[Piece] = []
    for row in _rows(pieces):
        if any(piece.left < white < piece.right for piece in row):  # a headline over both columns
            lines += _ordered(left, width, depth - 1) + _ordered(right, width, depth - 1) + [row]
            left, right = [], []
        else:
            left += [piece for piece in row if piece.right <= white]
            right += [piece for piece in row if piece.left >= white]
    return lines + _ordered(left, width, depth - 1) + _ordered(right, width, depth - 1)


def _rows(pieces: Sequence[Piece]) -> list[Line]:
    """Return pieces as lines from top to bottom: what stands beside each other is one line."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-(p.top + p.bottom), p.left)):
        if rows and _beside(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    lines: list[Line] = []
    for row in rows:
        row.sort(key=lambda p: p.left)
        lines.append(tuple(_glued(piece, " " if number else "") for number, piece in enumerate(row)))
    return lines


def _glued(piece: Piece, glue: str) -> Piece:
    return piece if piece.glue == glue else replace(piece, glue=glue)


def _beside(one: Piece, other: Piece) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > 0.5 * min(one.height, other.height)


def _white(pieces: Sequence[Piece], width: float) -> float | None:
    """Return where the white between two columns is, or None where a page has no columns."""
    best: tuple[float, float] | None = None
    heights = [piece.height for piece in pieces]
    if not 2 * _LEAST_LINES <= len(pieces) <= _MOST_PIECES:
        return None
    least = 0.5 * median(heights)
    edges = Counter(round(piece.left) for piece in pieces)
    for at in sorted(edge - least / 2 - 0.5 for edge, count in edges.items() if count >= _SAME_EDGE):
        left = [piece for piece in pieces if piece.right <= at]
        right = [piece for piece in pieces if piece.left >= at]
        if min(len(left), len(right)) < _LEAST_LINES:
            continue
        across = len(pieces) - len(left) - len(right)
        if across > _SPAN * min(len(left), len(right)) or not (_is_column(left, width) and _is_column(right, width)):
            continue
        if not _side_by_side(left, right) or min(p.left for p in right) - max(p.right for p in left) < least:
            continue
        if best is None or across < best[0]:
            best = (across, at)
    return best[1] if best is not None else None


def _is_column(pieces: Sequence[Piece], width: float) -> bool:
    """Say whether pieces are lines of text rather than the cells of a table."""
    return (
        median(piece.right - piece.left for piece in pieces) >= _LEAST_WIDTH * width
        and median(len(piece.text) for piece in pieces) >= _LEAST_LETTERS
    )


def _side_by_side(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Say whether two sets of lines share at least half of the height of the lower one."""
    top = min(max(p.top for p in left), max(p.top for p in right))
    bottom = max(min(p.bottom for p in left), min(p.bottom for p in right))
    heights = [max(p.top for p in side) - min(p.bottom for p in side) for side in (left, right)]
    return top - bottom >= 0.5 * min(heights)
