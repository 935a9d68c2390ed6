"""Pieces: lines of a scrape in which every link and every emphasis stands on a line of its own, within its sentence.

Programs that ask a parser for all strings of a page, joined by line breaks, write such text. It is known by lines that
begin with the comma or full stop after a link, as no other text has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.article.byline import byline_author
from rag.records import Span

_RUN_ON = re.compile(r"[,.;:!?)\]»”’](?=\s|$|[\"”»)])")
_CLOSED = frozenset(".!?…:。！？")
_QUOTES = "\"'”»“’)]"
_LEAST = 2
"""Lines that begin with a mark, from which a page is one of pieces: of 150 pages with a line a block none has any."""

_WORDS = 3  # from which a piece may be the beginning of a sentence, or its end
_NAME = 8  # words of a link within a sentence at most


def joined_pieces(text: str, spans: Sequence[Span]) -> list[Span]:
    r"""Return the lines of a text, with pieces of one sentence as one line; unchanged where it has no pieces.

    Args:
        text: the page.
        spans: its lines, stripped, in order.

    Example:
        >>> page = "Premierul a discutat cu\nDonald Trump\n, a anunțat\nCasa Albă\n. Luni pleacă.\nAlt titlu"
        >>> [page[slice(*span)] for span in joined_pieces(page, [m.span() for m in re.finditer(".+", page)])]
        ['Premierul a discutat cu\nDonald Trump\n, a anunțat\nCasa Albă\n. Luni pleacă.', 'Alt titlu']
    """
    marked = [_RUN_ON.match(text, *span) is not None and _follows(text, spans, at) for at, span in enumerate(spans)]
    if sum(marked) < _LEAST:
        return list(spans)
    pieces = [text[start:end] for start, end in spans]
    goes_on = [mark or _continues(text, spans, pieces, at) for at, mark in enumerate(marked)]
    joined: list[Span] = []
    for at, span in enumerate(spans):
        inside = at + 1 < len(spans) and goes_on[at + 1] and _is_open(text, spans, pieces, at)
        if joined and (goes_on[at] or inside):
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _follows(text: str, spans: Sequence[Span], at: int) -> bool:
    """Return whether a piece stands right below another, without a blank line, that closes no sentence."""
    if at == 0:
        return False
    between = text[spans[at - 1][1] : spans[at][0]]
    above = text[max(spans[at - 1][0], spans[at - 1][1] - 4) : spans[at - 1][1]].rstrip(_QUOTES)
    return between.count("\n") <= 1 and above[-1:] not in _CLOSED


def _continues(text: str, spans: Sequence[Span], pieces: Sequence[str], at: int) -> bool:
    """Return whether a piece goes on in small letters and is no byline."""
    piece = pieces[at]
    if not piece[0].islower() or not _follows(text, spans, at):
        return False
    return (len(piece.split()) >= _WORDS or piece[-1] in _CLOSED) and byline_author(piece) is None


def _is_open(text: str, spans: Sequence[Span], pieces: Sequence[str], at: int) -> bool:
    """Return whether a piece that goes on below it, as a link does, stands within the sentence above it."""
    short = len(pieces[at].split()) <= _NAME
    return short and _follows(text, spans, at) and len(pieces[at - 1].split()) >= _WORDS
