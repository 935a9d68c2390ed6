"""Masks: the spans of a page that are furniture, so that they are neither chunked nor cited; the text is untouched.

Masked are menus and breadcrumbs, bylines, datelines and notes on the author, share bars, notices, blocks and tails of
links, comments, pictures' credits, a date glued to the first line, and the headline: it is the document's title, shown
with every citation and given to the encoder with every passage. Captions and standfirsts are text and stay.
"""

from __future__ import annotations

from rag.article.line_labels import BODY, Page, read_page
from rag.article.metadata import Metadata, read_metadata
from rag.records import Span

_AUTHOR_NOTE = 25  # words of a closing line "Ana Pop is a reporter with ..."; the article is not about its author


def find_furniture(text: str, language: str | None = None) -> tuple[Span, ...]:
    r"""Return the furniture of a page as spans: sorted, disjoint, without whitespace at their ends.

    A text without a single paragraph has no article to tell from furniture: nothing is masked then.

    Example:
        >>> headline, body = "Premierul pleacă", "Premierul a anunțat marți seara că își dă demisia din funcție."
        >>> text = "\n\n".join([headline, body, "Citește și", "Alt titlu"])
        >>> [text[start:end].split() for start, end in find_furniture(text)]
        [['Premierul', 'pleacă'], ['Citește', 'și', 'Alt', 'titlu']]
    """
    page = read_page(text)
    return mask_furniture(page, read_metadata(page, language))


def mask_furniture(page: Page, metadata: Metadata) -> tuple[Span, ...]:
    """Do the same for a page whose lines and metadata are read already."""
    if not page.body:
        return ()
    kept = dict(metadata.standfirsts)
    author = (metadata.author or "\n").casefold()
    closing = {line.start for line in page.body[-2:]}
    spans: list[Span] = []
    for line, part in zip(page.lines, page.parts, strict=True):
        about_author = line.start in closing and line.text.casefold().startswith(author) and line.words <= _AUTHOR_NOTE
        if (part != BODY or about_author) and line.start not in kept:
            spans.append((line.start, line.end))
        elif line.prose_end < line.end:
            spans.append((line.prose_end, line.end))
    if metadata.prefix is not None:
        spans.append(metadata.prefix)
    return _merged(page.text, sorted(spans))


def _merged(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """Join spans with nothing but whitespace between them, and strip them."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    stripped = ((s + len(t := text[s:e]) - len(t.lstrip()), s + len(t.rstrip())) for s, e in merged)
    return tuple((start, end) for start, end in stripped if start < end)
