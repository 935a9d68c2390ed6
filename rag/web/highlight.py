"""Cut a text at the edges of marks, so that every piece has one look and the pieces joined are the text again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag import Document, Match

Span = tuple[int, int]

MOST_SHOWN = 300_000
"""Characters of an article on the page, some hundred pages of a book; a browser lays them out in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of characters with one look: `kind` is ``""``, ``"cited"`` or ``"other"``; `match` where a word answers."""

    text: str
    kind: str = ""
    match: Match | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph of an article, or a run of page furniture; `page` where a page of a paged format begins in it."""

    pieces: tuple[Piece, ...]
    furniture: bool = False
    lines: int = 1
    page: int | None = None


def mark_matches(text: str, offset: int, matches: Iterable[Match]) -> tuple[Piece, ...]:
    """Cut a passage that begins at `offset` in its document at the words that answered.

    Overlapping matches keep the more similar one.
    """
    chosen: list[Match] = []
    for match in sorted(matches, key=lambda match: -match.similarity):
        inside = offset <= match.start < match.end <= offset + len(text)
        if inside and all(match.end <= other.start or other.end <= match.start for other in chosen):
            chosen.append(match)
    pieces: list[Piece] = []
    at = 0
    for match in sorted(chosen, key=lambda match: match.start):
        start, end = match.start - offset, match.end - offset
        if at < start:
            pieces.append(Piece(text=text[at:start]))
        pieces.append(Piece(text=text[start:end], match=match))
        at = end
    if at < len(text):
        pieces.append(Piece(text=text[at:]))
    return tuple(pieces)


def cut_article(document: Document, cited: Span | None, others: Sequence[Span] = ()) -> list[Block]:
    """Cut an article into paragraphs and folded furniture; the pieces joined are ``document.text``, to the character.

    Of a text longer than `MOST_SHOWN`, they are the stretch that `shown_span` returns.

    Line ends belong to the paragraph before them. Furniture is what `Document.boilerplate` covers; neighbouring
    furniture is one block. The cited span is never folded away, even if it lies in furniture.
    """
    text = document.text
    first, last = shown_span(document, cited)
    masked = _joined(span for span in document.boilerplate if _overlap(span, (first, last)))
    edges = {first, last}
    for span in masked:
        edges.update(min(max(edge, first), last) for edge in span)
    blocks: list[Block] = []
    for start, end in _paragraphs(text, edges):
        furniture = _masked(masked, start, end, text) and not (cited and _overlap(cited, (start, end)))
        pieces = tuple(_cut(text, start, end, cited, others))
        page = document.page_at(start)
        begins = document.page_at(end - 1) if page is not None else None
        new = begins if begins is not None and (start == 0 or document.page_at(start - 1) != begins) else None
        before = blocks[-1] if blocks else None
        if before is not None and before.furniture and furniture and new is None:
            lines = before.lines + bool(text[start:end].strip())
            blocks[-1] = Block(pieces=before.pieces + pieces, furniture=True, lines=lines, page=before.page)
        elif before is not None and not text[start:end].strip() and new is None:
            blocks[-1] = Block(
                pieces=before.pieces + pieces, furniture=before.furniture, lines=before.lines, page=before.page
            )
        else:
            blocks.append(Block(pieces=pieces, furniture=furniture, page=new))
    return blocks


def shown_span(document: Document, cited: Span | None) -> Span:
    """Return which characters of an article are shown: all of them, or a stretch around what is cited."""
    length = len(document.text)
    begin = max(0, (cited[0] if cited else 0) - MOST_SHOWN // 2)
    return (0, length) if length <= MOST_SHOWN else (begin, min(length, begin + MOST_SHOWN))


def _paragraphs(text: str, edges: Iterable[int]) -> Iterable[Span]:
    cuts = set(edges)
    last = max(cuts)
    at = text.find("\n", min(cuts), last)
    while at != -1:
        cuts.add(at + 1)
        at = text.find("\n", at + 1, last)
    ordered = sorted(cuts)
    return [(start, end) for start, end in pairwise(ordered) if start < end]


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _masked(masked: Sequence[Span], start: int, end: int, text: str) -> bool:
    """Return whether a paragraph with words lies in one of the spans, which are in order and apart."""
    at = bisect_right(masked, start, key=lambda span: span[0]) - 1
    return at >= 0 and end <= masked[at][1] and bool(text[start:end].strip())


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _cut(text: str, start: int, end: int, cited: Span | None, others: Sequence[Span]) -> Iterable[Piece]:
    cuts = {start, end}
    for span in [*([cited] if cited else []), *others]:
        cuts.update(edge for edge in span if start < edge < end)
    ordered = sorted(cuts)
    for low, high in pairwise(ordered):
        if cited and _overlap(cited, (low, high)):
            kind = "cited"
        else:
            kind = "other" if any(_overlap(span, (low, high)) for span in others) else ""
        yield Piece(text=text[low:high], kind=kind)
