"""Masks: the spans of a page that are boilerplate, neither chunked nor cited; the text itself is untouched.

Masked are menus, bylines, share bars, notices, blocks of links, comments, pictures' credits, a date glued to the first
line, and the headline: it is the document's title, shown with every citation and given to the encoder with every
passage. Targets of links and pictures in Markdown are masked within their sentences. Where the labeller is unsure, the
text stays.
"""

from __future__ import annotations

from rag.article.labelled_page import Page, read_page
from rag.article.lines import markup_spans
from rag.article.metadata import Metadata, read_metadata
from rag.records import Span


def find_boilerplate(text: str, language: str | None = None) -> tuple[Span, ...]:
    r"""Return the boilerplate of a page as spans: sorted, disjoint, without whitespace at their ends.

    Where no line is the article's, there is nothing to tell boilerplate from: nothing is masked then.

    Example:
        >>> headline, body = "Premierul pleacă", "Premierul a anunțat marți seara că își dă demisia din funcție."
        >>> text = "\n\n".join([headline, body, body[::-1], "Citește și", "Alt titlu"])
        >>> [text[start:end].split() for start, end in find_boilerplate(text)]
        [['Premierul', 'pleacă'], ['Citește', 'și', 'Alt', 'titlu']]
    """
    page = read_page(text)
    return mask_boilerplate(page, read_metadata(page, language))


def mask_boilerplate(page: Page, metadata: Metadata) -> tuple[Span, ...]:
    """Do the same for a page whose lines and metadata are read already."""
    if not page.kept.any():
        return ()
    spans: list[Span] = []
    for line, keep in zip(page.lines, page.kept, strict=True):
        if not keep:
            spans.append((line.start, line.end))
            continue
        spans += markup_spans(line)
        if line.prose_end < line.end:
            spans.append((line.prose_end, line.end))
    if metadata.prefix is not None:
        spans.append(metadata.prefix)
    if metadata.title_span is not None and len(page.body) > 1:
        spans.append(metadata.title_span)
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
