"""A result as a file to keep: Markdown to read, CSV for a sheet, JSON for programs, and bibliographies."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from rag import Answer, Citation
from rag.schema import AnswerOut
from rag.web.citation_formats import as_bibtex, as_markdown, as_ris, csl_item, plain_markdown

_FORMULA = re.compile(r"(^|[;\t|\r\n])((?:[^\S\t\r\n]|[\"'])*)([=+\-@＝＋－＠\t])")
_COLUMNS = (
    "kind", "number", "text", "score", "confidence", "language", "also_in", "title", "outlet", "published",
    "document_id", "start", "end", "page", "source", "sha256", "link",
)  # fmt: skip
_LONGEST_NAME = 60

Link = Callable[[Citation], str]
"""Returns the address at which the page opens a citation."""


def no_link(citation: Citation) -> str:
    """Return no address, for an answer that is not on a page."""
    return ""


def to_markdown(answer: Answer, link: Link = no_link) -> str:
    """Return the question and the day, the quotes or the statement that there are none, and their sources."""
    lines = [f"# {plain_markdown(answer.question)}", "", f"Asked on {date.today():%Y-%m-%d}.", ""]
    if answer.abstained:
        lines += [
            "No answer found in these articles. The passages below are the closest; they do not answer the question.",
            "",
        ]
    for quote in answer.quotes:
        lines += [f"**[{quote.number}]**", "", as_markdown(quote.text, quote.citation, link=link(quote.citation)), ""]
        if quote.also:
            lines += [f"Also in: {', '.join(plain_markdown(name) for name in also_in(quote.also))}", ""]
    if answer.agreement:
        lines += [f"Carried by {answer.agreement}", ""]
    lines += ["## Closest passages" if answer.abstained else "## Sources", ""]
    for hit in answer.closest if answer.abstained else answer.sources:
        lines += [as_markdown(hit.passage.text, hit.citation, link=link(hit.citation)), ""]
    return "\n".join(lines)


def to_csv(answer: Answer, link: Link = no_link) -> str:
    """Return one row a quote and one row a source. Cells that a sheet would run as a formula are defused."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS)
    writer.writeheader()
    rows: list[dict[str, Any]] = [
        {
            "kind": "quote",
            "number": quote.number,
            "text": quote.text,
            "score": quote.score,
            "language": quote.language,
            "also_in": "; ".join(also_in(quote.also)),
        }
        | _place(quote.citation, link)
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
        | _place(hit.citation, link)
        for hit in (answer.closest if answer.abstained else answer.sources)
    ]
    writer.writerows({name: _defused(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def to_json(answer: Answer, link: Link = no_link) -> str:
    """Return the answer and its sources without the articles' full texts, in the form of the HTTP interface."""
    kept = replace(answer, hits=answer.closest if answer.abstained else answer.sources)
    return AnswerOut.model_validate(kept).model_dump_json(indent=2)


def to_bibtex(answer: Answer, link: Link = no_link) -> str:
    """Return an entry a quote."""
    return "".join(
        as_bibtex(quote.text, quote.citation, language=quote.language, link=link(quote.citation)) + "\n\n"
        for quote in answer.quotes
    )


def to_ris(answer: Answer, link: Link = no_link) -> str:
    """Return a record a quote."""
    return "".join(
        as_ris(quote.text, quote.citation, language=quote.language, link=link(quote.citation)) + "\r\n\r\n"
        for quote in answer.quotes
    )


def to_csl(answer: Answer, link: Link = no_link) -> str:
    """Return an item a quote."""
    items = [
        csl_item(quote.text, quote.citation, language=quote.language, link=link(quote.citation))
        for quote in answer.quotes
    ]
    return json.dumps(items, ensure_ascii=False, indent=2)


FORMATS: Mapping[str, tuple[str, Callable[[Answer, Link], str]]] = {
    "md": ("text/markdown; charset=utf-8", to_markdown),
    "csv": ("text/csv; charset=utf-8", to_csv),
    "json": ("application/json", to_json),
    "bib": ("application/x-bibtex; charset=utf-8", to_bibtex),
    "ris": ("application/x-research-info-systems; charset=utf-8", to_ris),
    "csl.json": ("application/vnd.citationstyles.csl+json", to_csl),
}
"""File ending to media type and writer."""


def file_name(question: str, kind: str, today: date) -> str:
    """Return the name of an export: the beginning of the question, without diacritics, and the day.

    >>> file_name("Ce condiție a pus Kremlinul?", "md", date(2026, 1, 28))
    'izvor-ce-conditie-a-pus-kremlinul-2026-01-28.md'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", question.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", "-", bare)[:_LONGEST_NAME].strip("-")
    return "-".join(part for part in ("izvor", words, today.isoformat()) if part) + f".{kind}"


def also_in(places: tuple[Citation, ...]) -> list[str]:
    """Return the outlets, or articles without one, of some citations, each once."""
    return list(dict.fromkeys(place.outlet or place.title or place.document_id for place in places))


def _place(citation: Citation, link: Link) -> dict[str, Any]:
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
        "link": link(citation),
    }


def _defused(value: object) -> object:
    # A text from a document must not become a formula when the file is opened in a spreadsheet, whatever separates
    # cells there: a semicolon in a text then begins a cell of its own, and so does a new line.
    return _FORMULA.sub(r"\1\2'\3", value) if isinstance(value, str) else value
