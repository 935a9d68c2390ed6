"""News and books in XML: FictionBook, NITF, NewsML-G2, TEI and JATS. Each paragraph of the body is a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, document, language_code, moment, one_line
from rag.readers.office import attribute, damage_told, joined, local, parse_xml
from rag.records import Document

_BODIES = ("body.content", "body", "inlineXML", "text", "contentSet")
_TITLES = ("hl1", "headline", "book-title", "article-title", "title")
_AUTHORS = ("byttl", "byline", "by", "author", "contrib")
_OUTLETS = ("pubdata", "journal-title", "provider", "publisher")
_DATES = ("date.issue", "contentCreated", "versionCreated", "pub-date", "date")
_BLOCKS = frozenset({"p", "hl1", "hl2", "title", "subtitle", "head", "v", "h1", "h2", "h3", "td", "li", "block"})


def read_xml(content: Content) -> Iterator[Document]:
    """Yield the document of a news item or a book.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with damage_told(content, "xml"):
        root = parse_xml(content.data)
        body = next((e for name in _BODIES for e in root.iter() if local(e) == name), None)
        if body is None:
            raise ReadError("xml_without_text", name=content.name, root=local(root)[:50])
        lines = _lines(body)
        title = next((t for name in _TITLES for e in root.iter() if local(e) == name and (t := _text(e))), "")
        names = (_author(e) for name in _AUTHORS for e in root.iter() if local(e) == name)
        outlets = (one_line(_outlet(e)) for name in _OUTLETS for e in root.iter() if local(e) == name)
        stamps = (_date(e) for name in _DATES for e in root.iter() if local(e) == name)
        given = {
            "title": one_line(title, 500),
            "outlet": next((name for name in outlets if name), ""),
            "author": next((name for name in names if name), ""),
            "published": next((stamp for stamp in stamps if stamp), None),
            "language": language_code(next((v for e in root.iter() if (v := attribute(e, "lang"))), None)),
        }
    yield document(content, joined(lines), given=given, pure=True)


def _lines(element: Any) -> list[str]:
    """Return the lines of a body: what stands beside nested blocks too."""
    lines: list[str] = [""]

    def walk(at: Any) -> None:
        block = local(at) in _BLOCKS or at is element
        if block:
            lines.append("")
        lines[-1] += " ".join((at.text or "").split("\n"))
        for child in at:
            if local(child) not in ("binary", "media", "style"):
                walk(child)
            if local(child) in _BLOCKS:
                lines.append("")
            lines[-1] += " ".join((child.tail or "").split("\n"))

    walk(element)
    return [" ".join(line.split()) for line in lines]


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _author(element: Any) -> str:
    parts = [_text(e) for e in element if local(e) in ("first-name", "middle-name", "last-name")]
    name = one_line(" ".join(parts) if parts else _text(element))
    return name[3:] if name.lower().startswith(("by ", "de ")) else name


def _outlet(element: Any) -> str:
    return attribute(element, "name") or _text(element)


def _date(element: Any) -> Any:
    values = (attribute(element, "norm"), attribute(element, "value"), attribute(element, "when"), _text(element))
    return next((found for value in values if value and (found := moment(value))), None)
