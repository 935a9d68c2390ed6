"""The reading order of a page: down the first column, then down the second.

Most files hold their text in reading order, and then it is kept. Where the page has columns, which the white between
them shows, the places of the letters decide: of two columns that were written line by line, a line of one would
otherwise be followed by a line of the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from rag.readers.pdf_glyphs import Piece

_LEAST_LINES = 4  # of each of two columns; fewer may be a signature, an address, a caption
_LEAST_WIDTH = 0.12  # of the page: the typical line of a column; the cells of tables are narrower
_LEAST_LETTERS = 14  # in the typical line of a column
_SPAN = 1.0  # lines across the white for each line of the emptier column, at most
_DEEPEST = 4  # five columns
_MOST_PIECES = 2_000  # of a page; a broadsheet has 1,200 lines
_INITIAL = 1.8  # times the height of the line that it stands before
_SAME_EDGE = 3  # lines of a column that begin at the same place, to the point

Line = tuple[Piece, ...]


def in_reading_order(lines: Sequence[Sequence[Piece]], width: float, *, turned: bool = False) -> list[Line]:
    """Return the lines of a page in reading order; without columns, the lines as they are.

    Args:
        lines: in the order of the file.
        width: of the page, in points.
        turned: the page is shown turned, so that the order in which PDFium gives the lines means nothing.
    """
    pieces = [piece for line in lines for piece in line]
    if _white(pieces, width) is None:
        return _rows(pieces) if turned else [tuple(line) for line in lines]
    return _ordered(pieces, width, _DEEPEST)


def with_initials(lines: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Return lines with each large initial, which PDFium may give as a line of its own, put before its word."""
    joined: list[list[Piece]] = []
    initial: Piece | None = None
    for line in lines:
        pieces = list(line)
        if initial is not None:
            first = pieces[0]
            if first.text[:1].islower() and _begins(initial, first):
                pieces[0] = replace(first, text=initial.text + first.text)
            else:
                joined.append([initial])
            initial = None
        if len(pieces) == 1 and len(pieces[0].text) == 1 and pieces[0].text.isupper():
            initial = pieces[0]
        else:
            joined.append(pieces)
    return joined + ([[initial]] if initial is not None else [])


def _begins(initial: Piece, first: Piece) -> bool:
    """Return whether a letter is much larger than the line that it stands before."""
    beside = 0 <= first.left - initial.left <= 3 * initial.height and initial.bottom < first.top
    return initial.height > _INITIAL * first.height and beside and first.bottom < initial.top


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


_SAME_SIZE = 1.2  # letters of one paragraph differ less; a headline's differ more
_LEADING = 1.4  # of the letters' height, from line to line at most: more is the white between paragraphs
_INDENT = 0.7  # of the letters' height: a first line that begins further in
_EDGE_paragraphs = 2.5  # of the letters' height: lines of one column begin within it of each other
_MOSTLY = 0.75  # of the column: a line that ends in the middle of a sentence
_SPACE = 0.25  # of the letters' height

_DIVIDED = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,})[-\u00ad\u2010]$")
_CLOSED = re.compile(r"[.!?:;…][\"'»”’)\]]*$")
_FIRST_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(slots=True, kw_only=True)
class Paragraph:
    """The words of a paragraph, with its first and its last line."""

    text: str
    first: Line
    last: Line


def read_paragraphs(lines: Sequence[Line], known: frozenset[str] = frozenset()) -> list[str]:
    """Return the texts of the paragraphs of a page; see `paragraphs_of`."""
    return [paragraph.text for paragraph in paragraphs_of(lines, known)]


def paragraphs_of(lines: Sequence[Line], known: frozenset[str] = frozenset()) -> list[Paragraph]:
    """Return the paragraphs of a page, given its lines in reading order.

    Args:
        lines: each with at least one piece.
        known: words that are written with a hyphen within a line, folded; divided at it they keep it.
    """
    edges = _edges_paragraphs(lines)
    paragraphs: list[Paragraph] = []
    for number, line in enumerate(lines):
        text = line_text(line).rstrip()
        if number and _goes_on(lines[number - 1], line, edges[number - 1]):
            paragraphs[-1].text = join_lines(paragraphs[-1].text, text, known)
            paragraphs[-1].last = line
        else:
            paragraphs.append(Paragraph(text=text, first=line, last=line))
    return paragraphs


def goes_on_across(line: Line, following: Line) -> bool:
    """Return whether the last line of a page goes on in the first one of the next: in the middle of a sentence."""
    text, next_text = line_text(line).rstrip(), line_text(following).lstrip()
    heights = _shape(line)[3], _shape(following)[3]
    return next_text[:1].islower() and _CLOSED.search(text) is None and max(heights) <= _SAME_SIZE * min(heights)


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


def _edges_paragraphs(lines: Sequence[Line]) -> list[float]:
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
            if abs(other - left) <= _EDGE_paragraphs * height + 1
            and max(size, height) <= _SAME_SIZE * min(size, height) + 1
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
    sentence = right - left >= _MOSTLY * (edge - left) and goes_on_across(line, following)
    if (right + _SPACE * height + first_word < edge and not sentence) or max(height, next_height) > _SAME_SIZE * min(
        height, next_height
    ):
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
