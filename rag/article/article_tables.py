"""Tables of an article: rows of one shape, which by themselves look like a widget's or a menu's lines."""

from __future__ import annotations

import re

from rag.article.lines import HEADING, ITEM, LABEL, Line
from rag.article.phrases import is_bar
from rag.text.dates.moments import without_dates

_NUMBER = re.compile(r"^(\d{1,3})[.)]?\s+")
_CONTACT = re.compile(r"[^\s@]@[^\s@]+\.\w|\b(?:tel|telefon|fax|mobil)\w*\.?:?\s+[\d+(]", re.IGNORECASE)
_QUANTITY = re.compile(r"\d[\d.,/½¼]*\s?[^\W\d_A-ZÀ-Ý]")
_MEASURED = re.compile(r"\s\d[\d.,/½¼]*\s?(?:g|kg|dag|ml|cl|dl|l)$")
_INGREDIENT = 8  # words of a row that begins with a quantity at most
_FIGURE = re.compile(r"\b[^\W\d]*+\d\w*+")


def raise_tables(
    lines: tuple[Line, ...], values: list[float], known: list[bool], begun: list[bool], *, spaced: bool
) -> None:
    """Keep rows of one shape inside the article, two at least, with the heading right above them."""
    leading = [int(match.group(1)) if (match := _NUMBER.match(line.text)) else None for line in lines]
    ranks = [
        n is not None and ({n - 1, n + 1} & {*leading[max(i - 1, 0) : i], *leading[i + 1 : i + 2]})
        for i, n in enumerate(leading)
    ]
    rows = [begun[i] and not known[i] and _is_row(line, ranked=bool(ranks[i])) for i, line in enumerate(lines)]
    labelled = [begun[i] and not known[i] and _is_labelled(line) for i, line in enumerate(lines)]
    for i in range(1, len(lines) - 1):  # "Where: ...", "When: ...", three of them at least
        if all(labelled[i - 1 : i + 2]):
            rows[i - 1 : i + 2] = [True] * 3
    for i in range(1, len(lines) - 1):  # a row without a figure among others
        rows[i] = rows[i] or (rows[i - 1] and rows[i + 1] and not known[i] and not lines[i].ended)
    start = 0
    while start < len(lines):
        stop = start
        while stop < len(lines) and rows[stop] and not (spaced and stop > start and _parts(lines, stop)):
            stop += 1
        # Rows right under furniture are its own: a count of pictures, what a subscription costs.
        beneath = (
            start > 0
            and known[start - 1]
            and not (lines[start].gap or lines[start - 1].stamp or _is_labelled(lines[start - 1]))
        )
        if stop - start >= 2 and not beneath:
            values[start:stop] = [max(value, 0.3) for value in values[start:stop]]
            above = start - 1
            while above >= max(start - 2, 1) and begun[above] and not known[above] and -1.2 <= values[above] < 0:
                if spaced and lines[above + 1].gap and lines[above].words > HEADING:
                    break
                values[above] = ITEM
                above -= 1
        start = max(stop, start + 1)


def _parts(lines: tuple[Line, ...], i: int) -> bool:
    """Say whether a blank line ends the table: not where each row is a quantity, in a block of its own."""
    alone = all(line.gap for line in lines[i : i + 2])
    return lines[i].gap and not (alone and lines[i].words <= _INGREDIENT and _QUANTITY.match(lines[i].text))


def _is_labelled(line: Line) -> bool:
    return not line.ended and line.words <= HEADING and LABEL.match(line.text) is not None


def _is_row(line: Line, *, ranked: bool) -> bool:
    """Say whether a line has the shape of a table's row: cells, figures in good part, or a quantity in front.

    `ranked` says that the number in front only counts the lines, as in a list of what is most read.
    """
    if line.stamp or line.words > 30 or is_bar(line.text) or _CONTACT.search(line.text):
        return False
    if line.text.count("|") >= 2 or "\t" in line.text.strip():
        return True
    rest = without_dates(_NUMBER.sub("", line.text) if ranked else line.text)
    figures = len(_FIGURE.findall(rest))
    return figures > 0 and (
        _MEASURED.search(rest) is not None
        or figures >= 0.2 * max(line.words, 1)
        or bool(re.match(r"\d[\d.,]*\s?[%€]?\s*[a-zà-ÿ:]", rest))
    )
