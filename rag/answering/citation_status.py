"""How a citation stands: against the text it was made of, and against the article as it is now."""

from __future__ import annotations

from dataclasses import replace

from rag.errors import QueryError
from rag.records import Citation, Document, Standing
from rag.store.tables.rows import Cited

_CONTEXT = 60  # characters on either side that tell equal places apart: about a line


def find_standing(citation: Citation, cited: Cited) -> Standing:
    """Check a citation against what the index knows of its text; the words given are those of that text, or none."""
    document = cited.document
    if document is None:
        if cited.gone is None:
            return Standing(citation=citation, state="unknown", present=cited.present)
        return Standing(citation=citation, state="removed", present=cited.present, removed=cited.gone)
    if not 0 <= citation.start < citation.end <= len(document.text):
        return Standing(citation=citation, state="unknown", present=cited.present)
    present = cited.present
    return Standing(
        citation=citation,
        state="current" if cited.version is None else "changed",
        text=document.text[citation.start : citation.end],
        document=document,
        version=cited.version,
        present=present,
        place=_place(citation, document, present) if present is not None else None,
    )


def require_text(document_id: str, sha256: str, cited: Cited) -> Document:
    """Return the text that was cited, whether or not the article has changed since.

    Raises:
        QueryError: that text was removed, or is not known.
    """
    if cited.document is not None:
        return cited.document
    if cited.gone is not None:
        day = f"{cited.gone:%Y-%m-%d}"
        raise QueryError("cited_text_removed", text=sha256[:16], id=document_id, day=day)
    raise QueryError("cited_text_unknown", text=sha256[:16], id=document_id)


def _place(citation: Citation, then: Document, now: Document) -> Citation | None:
    """Return where the cited words stand now, outside page furniture; among several places the one most like before."""
    words = then.text[citation.start : citation.end]
    starts = [citation.start] if then.sha256 == now.sha256 else _occurrences(words, now)
    if not starts:
        return None
    before = then.text[max(0, citation.start - _CONTEXT) : citation.start]
    after = then.text[citation.end : citation.end + _CONTEXT]

    def likeness(start: int) -> tuple[int, int]:
        end = start + len(words)
        same = _common(now.text[max(0, start - _CONTEXT) : start][::-1], before[::-1])
        return same + _common(now.text[end : end + _CONTEXT], after), -abs(start - citation.start)

    start = max(starts, key=likeness)
    return replace(
        citation,
        document_id=now.id,
        sha256=now.sha256,
        start=start,
        end=start + len(words),
        title=now.title,
        outlet=now.outlet,
        published=now.published,
        source=now.source,
        page=now.page_at(start),
    )


def _occurrences(words: str, document: Document) -> list[int]:
    starts, at = [], document.text.find(words)
    while at >= 0:
        if all(at + len(words) <= start or end <= at for start, end in document.boilerplate):
            starts.append(at)
        at = document.text.find(words, at + len(words))
    return starts


def _common(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
