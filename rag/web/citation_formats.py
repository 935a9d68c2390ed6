"""A quote with its citation, as people paste it: plain text, Markdown, BibTeX."""

from __future__ import annotations

import re
from urllib.parse import quote

from rag import Citation

_BIBTEX_SPECIAL = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_OUTSIDE_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>\"'`\\{}|^]")


def as_text(text: str, citation: Citation) -> str:
    """Return the quote in quotation marks, and the citation's own readable line."""
    return f"“{text}”\n{citation}"


def as_markdown(text: str, citation: Citation) -> str:
    """Return the quote as a Markdown block quote, its source linked where it has a web address."""
    quoted = "\n".join(f"> {_escaped(line)}" for line in text.splitlines())
    name = plain_markdown(citation.title or citation.document_id)
    address = _address(citation.source)
    about = [part for part in (citation.outlet, _day(citation)) if part]
    head = f"[{name}](<{address}>)" if address else name
    detail = ", ".join(map(plain_markdown, about))
    return f"{quoted}\n>\n> — {head}{f', {detail}' if detail else ''} ({citation.start}–{citation.end})"


def as_bibtex(text: str, citation: Citation) -> str:
    """Return a BibTeX entry whose note holds the quote and the exact place, so that it can be checked later."""
    key = re.sub(r"[^A-Za-z0-9]+", "-", citation.document_id).strip("-") or "article"
    fields = {
        "title": citation.title or citation.document_id,
        "organization": citation.outlet,
        "date": _day(citation),
        "url": _address(citation.source),
        "pages": str(citation.page) if citation.page is not None else None,
        "note": f"“{' '.join(text.split())}” ({citation.document_id}, characters {citation.start}--{citation.end}, "
        f"SHA-256 {citation.sha256[:16]})",
    }
    lines = [
        f"  {name} = {{{value if name == 'url' else ' '.join(value.split()).translate(_BIBTEX_SPECIAL)}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@online{{{key}-{citation.start},", *lines, "}"])


def plain_markdown(text: str) -> str:
    r"""Return a text as one line of Markdown that shows it and nothing else.

    >>> plain_markdown("a <b> [c](d)")
    'a \\<b\\> \\[c\\](d)'
    """
    return _escaped(" ".join(text.split()))


def _escaped(line: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", line)


def _address(source: str | None) -> str | None:
    """Return a web address in which nothing ends the markup around it, None for what is none."""
    if source is None or not source.startswith(("https://", "http://")):
        return None
    return _OUTSIDE_ADDRESSES.sub(lambda found: quote(found.group(), safe=""), source)


def _day(citation: Citation) -> str | None:
    return citation.published.strftime("%Y-%m-%d") if citation.published else None
