"""A result as a file to keep: Markdown to read, CSV for a sheet, JSON for programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

from rag import Answer, Citation
from rag.schema import AnswerOut
from rag.web.citation_formats import as_markdown, plain_markdown

_FORMULA = re.compile(r"(^|[;\t|\r\n])((?:[^\S\t\r\n]|[\"'])*)([=+\-@＝＋－＠\t])")
_COLUMNS = (
    "kind", "number", "text", "score", "confidence", "language", "title", "outlet", "published",
    "document_id", "start", "end", "page", "source", "sha256",
)  # fmt: skip


def to_markdown(answer: Answer) -> str:
    """Return the question, the quotes or the statement that there are none, and the passages found."""
    lines = [f"# {plain_markdown(answer.question)}", ""]
    if answer.abstained:
        lines += [
            "No answer found in these articles. The passages below are the closest; they do not answer the question.",
            "",
        ]
    for quote in answer.quotes:
        lines += [f"**[{quote.number}]**", "", as_markdown(quote.text, quote.citation), ""]
    if answer.agreement:
        lines += [f"Behind the answer: {answer.agreement}", ""]
    lines += ["## Closest passages" if answer.abstained else "## Sources", ""]
    for hit in answer.hits:
        lines += [f"**{hit.rank}.** Score {hit.score:.2f}", "", as_markdown(hit.passage.text, hit.citation), ""]
    return "\n".join(lines)


def to_csv(answer: Answer) -> str:
    """Return one row a quote and one row a passage. Cells that a sheet would run as a formula are defused."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS)
    writer.writeheader()
    rows = [
        {"kind": "quote", "number": quote.number, "text": quote.text, "score": quote.score, "language": quote.language}
        | _place(quote.citation)
        for quote in answer.quotes
    ]
    rows += [
        {
            "kind": "closest" if answer.abstained else "source",
            "number": hit.rank,
            "text": hit.passage.text,
            "score": hit.score,
            "confidence": hit.confidence,
            "language": hit.document.language,
        }
        | _place(hit.citation)
        for hit in answer.hits
    ]
    writer.writerows({name: _defused(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def to_json(answer: Answer) -> str:
    """Return everything in the answer but the articles' full texts, in the form of the HTTP interface."""
    return AnswerOut.model_validate(answer).model_dump_json(indent=2)


FORMATS: Mapping[str, tuple[str, Callable[[Answer], str]]] = {
    "md": ("text/markdown; charset=utf-8", to_markdown),
    "csv": ("text/csv; charset=utf-8", to_csv),
    "json": ("application/json", to_json),
}
"""File ending to media type and writer."""


def _place(citation: Citation) -> dict[str, Any]:
    return {
        "document_id": citation.document_id,
        "title": citation.title,
        "outlet": citation.outlet,
        "published": citation.published.isoformat() if citation.published else None,
        "source": citation.source,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "sha256": citation.sha256,
    }


def _defused(value: object) -> object:
    # A text from a document must not become a formula when the file is opened in a spreadsheet, whatever separates
    # cells there: a semicolon in a text then begins a cell of its own, and so does a new line.
    return _FORMULA.sub(r"\1\2'\3", value) if isinstance(value, str) else value
