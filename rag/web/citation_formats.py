"""A quote with its citation, as people paste it: plain text, Markdown, BibTeX."""

from __future__ import annotations

import re

from rag import Citation

_BIBTEX_SPECIAL = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def as_text(text: str, citation: Citation) -> str:
    """Return the quote in quotation marks, and the citation's own readable line."""
    return f"“{text}”\n{citation}"


def as_markdown(text: str, citation: Citation) -> str:
    """Return the quote as a Markdown block quote, its source linked where it has a web address."""
    quoted = "\n".join(f"> {_plain(line)}" for line in text.splitlines())
    name = _plain(citation.title or citation.document_id)
    web = (citation.source or "").startswith(("https://", "http://"))
    about = [part for part in (citation.outlet, _day(citation)) if part]
    head = f"[{name}](<{citation.source}>)" if web else name
    detail = ", ".join(map(_plain, about))
    return f"{quoted}\n>\n> — {head}{f', {detail}' if detail else ''} ({citation.start}–{citation.end})"


def as_bibtex(text: str, citation: Citation) -> str:
    """Return a BibTeX entry whose note holds the quote and the exact place, so that it can be checked later."""
    key = re.sub(r"[^A-Za-z0-9]+", "-", citation.document_id).strip("-") or "article"
    fields = {
        "title": citation.title or citation.document_id,
        "organization": citation.outlet,
        "date": _day(citation),
        "url": citation.source if (citation.source or "").startswith(("https://", "http://")) else None,
        "pages": str(citation.page) if citation.page is not None else None,
        "note": f"“{' '.join(text.split())}” ({citation.document_id}, characters {citation.start}--{citation.end}, "
        f"SHA-256 {citation.sha256[:16]})",
    }
    lines = [
        f"  {name} = {{{value if name == 'url' else value.translate(_BIBTEX_SPECIAL)}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@online{{{key}-{citation.start},", *lines, "}"])


def _plain(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text)


def _day(citation: Citation) -> str | None:
    return citation.published.strftime("%Y-%m-%d") if citation.published else None
