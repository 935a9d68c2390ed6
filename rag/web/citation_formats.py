"""A quote with its citation, as people take it along: plain text, Markdown, BibTeX, RIS, CSL-JSON."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from rag import Citation

LINK = "\ufffc"
"""Where the address of the page stands in a text that a browser completes: the server does not know under which name
it is reached."""

_BIBTEX_SPECIAL = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_OUTSIDE_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>\"'`\\{}|^]")
_MARKS = {
    "“”": "en nl pt da ga lv tr sq",
    "„“": "de sl cs sk hr sr mk bg lt et is",
    "„”": "ro pl hu bs",
    "«»": "it es ca el ru uk nb no",
    "”": "sv fi",
}
_QUOTATION = {code: (marks[0], marks[-1]) for marks, codes in _MARKS.items() for code in codes.split()} | {
    "fr": ("«\u00a0", "\u00a0»")
}


def in_quotation_marks(text: str, language: str | None) -> str:
    r"""Return a text in the quotation marks of its language, as CLDR has them; those of English where none are known.

    >>> in_quotation_marks("Da", "sl"), in_quotation_marks("Oui", "fr")
    ('„Da“', '«\xa0Oui\xa0»')
    """
    opening, closing = _QUOTATION.get(language or "en", _QUOTATION["en"])
    return f"{opening}{text}{closing}"


def as_text(text: str, citation: Citation, *, language: str | None = None, link: str = "") -> str:
    """Return the quote in quotation marks, the citation's own readable line, and the link to it."""
    return "\n".join(part for part in (in_quotation_marks(text, language), str(citation), link) if part)


def as_markdown(text: str, citation: Citation, *, link: str = "") -> str:
    """Return the quote as a Markdown block quote, its source linked where it has a web address."""
    quoted = "\n".join(f"> {_escaped(line)}" for line in text.splitlines())
    name = plain_markdown(citation.title or citation.document_id)
    address = _address(citation.source)
    about = [part for part in (citation.outlet, _day(citation)) if part]
    head = f"[{name}](<{address}>)" if address else name
    detail = ", ".join(map(plain_markdown, about))
    place = f"{citation.start}–{citation.end}"
    place = f"[{place}](<{link}>)" if link else place
    file = "" if address or not citation.title else f", {plain_markdown(citation.document_id)}"
    return f"{quoted}\n>\n> — {head}{f', {detail}' if detail else ''}{file} ({place})"


def as_bibtex(text: str, citation: Citation, *, language: str | None = None, link: str = "") -> str:
    """Return a BibTeX entry whose note holds the quote and the exact place, so that it can be checked later."""
    key = re.sub(r"[^A-Za-z0-9]+", "-", citation.document_id).strip("-") or "article"
    note = _bibtex(in_quotation_marks(" ".join(text.split()), language))
    place = _bibtex(f"{citation.document_id}, characters {citation.start}--{citation.end}")
    where = f"{place}, SHA-256 {citation.sha256[:16]}" + (rf", \url{{{link}}}" if link else "")
    fields = {
        "title": _bibtex(citation.title or citation.document_id),
        "organization": _bibtex(citation.outlet or ""),
        "date": _day(citation),
        "url": _address(citation.source) or link,
        "pages": str(citation.page) if citation.page is not None else None,
        "langid": _bibtex(language or ""),
        "note": f"{note} ({where})",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{key}-{citation.start},", *lines, "}"])


def as_ris(text: str, citation: Citation, *, language: str | None = None, link: str = "") -> str:
    """Return a RIS record, as reference managers import it; the quote and its place stand in its notes."""
    fields = [
        ("TY", "NEWS" if citation.outlet else "ELEC"),
        ("TI", citation.title or citation.document_id),
        ("T2", citation.outlet),
        ("DA", citation.published.strftime("%Y/%m/%d") if citation.published else None),
        ("SP", str(citation.page) if citation.page is not None else None),
        ("LA", language),
        ("UR", _address(citation.source)),
        ("UR", link),
        ("N1", in_quotation_marks(text, language)),
        ("N1", _place(citation)),
        ("ER", ""),
    ]
    return "\r\n".join(f"{tag}  - {' '.join((value or '').split())}" for tag, value in fields if value or tag == "ER")


def csl_item(text: str, citation: Citation, *, language: str | None = None, link: str = "") -> dict[str, object]:
    """Return the item of CSL-JSON of a quote; a bibliography is a list of such items."""
    day = citation.published
    values: dict[str, object] = {
        "id": f"{citation.document_id}-{citation.start}",
        "type": "article-newspaper" if citation.outlet else "webpage",
        "title": citation.title or citation.document_id,
        "container-title": citation.outlet,
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "page": str(citation.page) if citation.page is not None else None,
        "language": language,
        "URL": _address(citation.source) or link,
        "note": " ".join([in_quotation_marks(" ".join(text.split()), language), f"({_place(citation)})", link]).strip(),
    }
    return {name: value for name, value in values.items() if value}


def as_csl(text: str, citation: Citation, *, language: str | None = None, link: str = "") -> str:
    """Return CSL-JSON of one quote."""
    return json.dumps([csl_item(text, citation, language=language, link=link)], ensure_ascii=False, indent=2)


def plain_markdown(text: str) -> str:
    r"""Return a text as one line of Markdown that shows it and nothing else.

    >>> plain_markdown("a <b> [c](d)")
    'a \\<b\\> \\[c\\](d)'
    """
    return _escaped(" ".join(text.split()))


def _escaped(line: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", line)


def _bibtex(text: str) -> str:
    return " ".join(text.split()).translate(_BIBTEX_SPECIAL)


def _place(citation: Citation) -> str:
    return f"{citation.document_id}, characters {citation.start}–{citation.end}, SHA-256 {citation.sha256[:16]}"


def _address(source: str | None) -> str | None:
    """Return a web address in which nothing ends the markup around it, None for what is none."""
    if source is None or not source.startswith(("https://", "http://")):
        return None
    return _OUTSIDE_ADDRESSES.sub(lambda found: quote(found.group(), safe=""), source)


def _day(citation: Citation) -> str | None:
    return citation.published.strftime("%Y-%m-%d") if citation.published else None
