"""Lines of a PDF that are none of its articles: what browsers print around a page, and a newspaper's head."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from rag.readers.content import moment
from rag.readers.pdf_layout import Line, line_text

_STAMP = re.compile(
    r"^\s*\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4},?\s+\d{1,2}[:.]\d\d(?:\s?[AP]M)?(?:\s+\S.*)?$", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"^\s*(?:https?|file|about|chrome-extension)://\S+(?:\s+\d{1,4}\s?/\s?\d{1,4})?\s*$", re.IGNORECASE
)
_NUMBER = re.compile(r"^\s*\d{1,4}\s?/\s?\d{1,4}\s*$")
_HEAD = 1.5  # times the height of the text: the name of a newspaper
_TOP = 3  # lines among which its name and the date stand
_FULL = 0.9  # of the widest line
_SAME = 1.2  # times the height of the text: fonts that stand in for others differ so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """The name of a newspaper and the day of the issue, at the head of its page, with the numbers of their lines."""

    outlet: str
    published: date | datetime
    lines: frozenset[int]


def printed_lines(lines: Sequence[tuple[str, float]]) -> set[int]:
    """Return the numbers of the lines that a browser printed around a page: the time, the address, the page's number.

    Args:
        lines: with the height of each on the page.
    """
    if not lines:
        return set()
    rows: dict[int, list[int]] = {}
    for number, (_, height) in enumerate(lines):
        rows.setdefault(round(height), []).append(number)
    top, bottom = max(rows), min(rows)
    told = {row: " ".join(lines[number][0] for number in sorted(rows[row])) for row in (top, bottom)}
    found: set[int] = set()
    if _STAMP.match(told[top]):
        found |= set(rows[top])
    if top != bottom and (_ADDRESS.match(told[bottom]) or (found and _NUMBER.match(told[bottom]))):
        found |= set(rows[bottom])
    return found if len(found) < len(lines) else set()


def printed_address(lines: Sequence[tuple[str, float]]) -> str | None:
    """Return the address of the page that a browser printed, where it is one of the web."""
    told = (word for number in printed_lines(lines) for word in lines[number][0].split())
    return next((word for word in told if word.startswith(("http://", "https://"))), None)


def masthead(lines: Sequence[Line]) -> Masthead | None:
    """Return the head of a newspaper's page: its name in the largest letters, and beside or below it the date."""
    if len(lines) < 2 * _TOP:
        return None
    heights = [max(piece.height for piece in line) for line in lines]
    order = sorted(range(len(lines)), key=lambda at: -max(piece.top for piece in lines[at]))[:_TOP]
    name = order[0]
    text = line_text(lines[name]).strip()
    if heights[name] < _HEAD * median(heights) or heights[name] < max(heights) or len(text.split()) > 6:
        return None
    for at in order[1:]:
        said = line_text(lines[at]).strip()
        stated = moment(said) if len(said) <= 60 and len(said.split()) <= 8 else None
        if stated is not None:
            return Masthead(outlet=text, published=stated, lines=frozenset({name, at}))
    return None


def set_as_text(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the lines that are as wide and as high as the text: a headline is set apart from it."""
    found: set[str] = set()
    for lines in pages:
        if len(lines) < 2 * _TOP:
            continue
        usual = median(max(piece.height for piece in line) for line in lines)
        widest = max(line[-1].right - line[0].left for line in lines)
        for line in lines:
            height = max(piece.height for piece in line)
            if height <= _SAME * usual and line[-1].right - line[0].left >= _FULL * widest:
                found.add(" ".join(line_text(line).split()))
    return frozenset(found)
