"""The pages of a PDF as one text: paragraphs that go on across pages whole, running heads and notes beside them.

A sentence that the end of a page, a note at its foot or a running head divides is put together again; what stood
between its halves comes before or after the paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median
from typing import Any

from rag.readers.pdf_furniture import masthead, printed_address, printed_lines, set_as_text
from rag.readers.pdf_layout import Line, goes_on_across, join_lines, line_text, paragraphs_of, running_lines
from rag.records import Span

_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}-[^\W\d_]{2,}")
_NOTE = re.compile(r"^\s*(?:\d{1,3}|[*†‡§]{1,3})[.)]?\s*\S*[^\W\d_]")
_SMALLER = 0.9  # of the text's height: the letters of notes
_HEADLINE = 1.25  # times the text's height
_EQUAL = 1.2  # headlines of articles of one rank differ less: a letter of another font is as much higher
_APART = 40.0  # points between headlines that stand in columns of their own
_LEAST_WORDS = 15  # of an article below its headline
_MOST_WORDS = 25  # of a headline
_MEAN_WORDS = 2.5  # of the headlines of a page, at least: "Methods" and "Results" part one article
_LEAST_ROWS = 3  # of a table
_ALIGNED = 3.0  # points: the cells of a column begin that far apart at most
_BODY, _NOTES, _RUNNING, _ROW = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfText:
    """The text of a PDF.

    `pages` are the offsets at which its pages begin, `furniture` spans that are none of its articles. `stated` is what
    the head of a newspaper's page says, `address` what a browser printed. `full` are lines that are set as the text is,
    and none of its headlines. `aside` are spans of notes and of tables' rows, which tell nothing of title, author and
    date. `headlines` are the spans of those that begin an article each, where there are several.
    """

    text: str
    pages: tuple[int, ...]
    furniture: tuple[Span, ...]
    stated: Mapping[str, Any] = field(default_factory=dict)
    address: str | None = None
    full: frozenset[str] = frozenset()
    aside: tuple[Span, ...] = ()
    headlines: tuple[Span, ...] = ()
    recognised: bool = False
    scanned: tuple[int, ...] = ()  # pages that could not be recognised


@dataclass(slots=True, kw_only=True)
class _Item:
    """A paragraph, a note or a line at a page's edge; `breaks` are the places in it at which pages begin."""

    kind: int
    text: str
    page: int
    first: Line = ()
    last: Line = ()
    breaks: list[int] = field(default_factory=list)


def join_pages(pages: Sequence[Sequence[Line]]) -> PdfText:
    """Put the lines of pages, each in reading order, together."""
    heights = [[(line_text(line), max(p.top for p in line)) for line in lines] for lines in pages]
    running = [one | printed_lines(lines) for one, lines in zip(running_lines(heights), heights, strict=True)]
    head = masthead(pages[0]) if pages else None
    if head is not None:
        running[0] |= head.lines
    known = frozenset(
        word.casefold() for lines in pages for line in lines for word in _HYPHENATED.findall(line_text(line))
    )
    items: list[_Item] = []
    for number, (lines, edges) in enumerate(zip(pages, running, strict=True)):
        _append(items, _page_items(lines, edges, number, known), known)
    text, starts, spans = _written(items, len(pages))
    return PdfText(
        text=text,
        pages=starts,
        furniture=tuple(span for span, item in zip(spans, items, strict=True) if item.kind == _RUNNING and item.text),
        stated={"outlet": head.outlet, "published": head.published} if head is not None else {},
        address=printed_address(heights[0]) if heights else None,
        full=set_as_text(pages),
        aside=tuple(span for span, item in zip(spans, items, strict=True) if item.kind in (_NOTES, _ROW)),
        headlines=_headlines(items, spans, named=head is not None),
    )


def _page_items(lines: Sequence[Line], edges: set[int], page: int, known: frozenset[str]) -> list[_Item]:
    if not lines:
        return [_Item(kind=_RUNNING, text="", page=page)]
    kinds = [_RUNNING if number in edges else _BODY for number in range(len(lines))]
    for number in _notes(lines, kinds):
        kinds[number] = _NOTES
    for number in _table_rows(lines):
        kinds[number] = _ROW if kinds[number] == _BODY else kinds[number]
    items: list[_Item] = []
    for kind, group in groupby(range(len(lines)), key=kinds.__getitem__):
        run = [lines[number] for number in group]
        if kind in (_RUNNING, _ROW):
            items += [_Item(kind=kind, text=line_text(line).rstrip(), page=page) for line in run]
            continue
        items += [
            _Item(kind=kind, text=part.text, page=page, first=part.first, last=part.last)
            for part in paragraphs_of(run, known)
        ]
    return items


def _table_rows(lines: Sequence[Line]) -> list[int]:
    """Return the numbers of the lines that are rows of tables: several below each other with cells in columns."""
    rows: list[int] = []
    run: list[int] = []
    for number, line in enumerate([*lines, ()]):
        if run and _same_columns(lines[run[-1]], line):
            run.append(number)
            continue
        rows += run if len(run) >= _LEAST_ROWS else []
        run = [number] if len(line) > 1 else []
    return rows


def _same_columns(one: Line, other: Line) -> bool:
    """Return whether two lines have as many pieces, which begin, or as numbers end, in the same places."""
    return len(one) == len(other) > 1 and all(
        abs(a.left - b.left) <= _ALIGNED
        or (abs(a.right - b.right) <= _ALIGNED and any(map(str.isdigit, a.text + b.text)))
        for a, b in zip(one, other, strict=True)
    )


def _notes(lines: Sequence[Line], kinds: Sequence[int]) -> list[int]:
    """Return the numbers of the lines at the foot of a page that are its notes: smaller, and marked with a number."""
    body = [number for number, kind in enumerate(kinds) if kind == _BODY]
    usual = median(_height(lines[number]) for number in body) if body else 0.0
    small: list[int] = []
    for number in reversed(body):
        if _height(lines[number]) > _SMALLER * usual:
            break
        small.insert(0, number)
    while small and not _NOTE.match(line_text(lines[small[0]])):
        del small[0]
    return small


def _append(items: list[_Item], new: list[_Item], known: frozenset[str]) -> None:
    """Append the items of a page to those before it, and make a paragraph whole that goes on in it."""
    before = next((at for at in range(len(items) - 1, -1, -1) if items[at].kind == _BODY), None)
    after = next((at for at, item in enumerate(new) if item.kind == _BODY), None)
    if before is not None and after is not None and items[before].page + len(items[before].breaks) == new[0].page - 1:
        whole, rest = items[before], new[after]
        if goes_on_across(whole.last, rest.first):
            joined = join_lines(whole.text, rest.text, known)
            if not whole.breaks:  # notes and feet of its page come before it, those of later pages after it
                items.append(items.pop(before))
            whole.breaks.append(len(joined) - len(rest.text))
            whole.text, whole.last = joined, rest.last
            del new[after]
    items += new


def _written(items: Sequence[_Item], count: int) -> tuple[str, tuple[int, ...], list[Span]]:
    """Return the text, where each page begins in it, and the span of each item."""
    starts = [0] * count
    begun: set[int] = set()
    spans: list[Span] = []
    at = 0
    for item in items:
        for page, place in enumerate([0, *item.breaks], start=item.page):
            if page not in begun:
                begun.add(page)
                starts[page] = at + place
        spans.append((at, at + len(item.text)))
        at += len(item.text) + 1
    return "".join(f"{item.text}\n" for item in items), tuple(starts), spans


def _headlines(items: Sequence[_Item], spans: Sequence[Span], *, named: bool) -> tuple[Span, ...]:
    """Return the headlines of a file whose pages hold several articles each; none where that is not sure.

    Articles of a newspaper's page have headlines of one size, larger than the text and with text of their own, in
    several columns or below the newspaper's name, and none larger stands over them.
    """
    body = [at for at, item in enumerate(items) if item.kind == _BODY]
    words = {at: len(items[at].text.split()) for at in body}
    if not body:
        return ()
    usual = median(_height(items[at].last) for at in body for _ in range(words[at]))
    large = [at for at in body if _height(items[at].first) >= _HEADLINE * usual and words[at] <= _MOST_WORDS]
    if len(large) < 2:
        return ()
    highest = max(_height(items[at].first) for at in large)
    heads = [at for at in large if _height(items[at].first) * _EQUAL >= highest]
    by_page = [items[at].page for at in heads]
    shared = len(set(by_page)) < len(by_page)
    if not shared or sum(words[at] for at in heads) < _MEAN_WORDS * len(heads):
        return ()
    lefts = [items[at].first[0].left for at in heads]
    if any(items[at].text[:1].isdigit() for at in heads) or not (named or max(lefts) - min(lefts) >= _APART):
        return ()
    counts = [0] * (len(heads) + 1)  # words over the first headline, and below each
    for at in body:
        counts[bisect_right(heads, at)] += words[at]
    own = (count - words[at] for count, at in zip(counts[1:], heads, strict=True))
    if min(own) < _LEAST_WORDS or counts[0] >= _LEAST_WORDS:
        return ()
    return tuple(spans[at] for at in heads)


def _height(line: Line) -> float:
    return max((piece.height for piece in line), default=0.0)
