"""OpenDocument texts: the words that a word processor shows, in order, a paragraph a line.

The XML is walked here. Of 23 ways in which an OpenDocument text holds or hides words (`benchmarks/formats.py`), pandoc
reads 16 and odfdo 14: neither leaves hidden words out, and pandoc loses frames, fields and tables within tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content
from rag.readers.office import DC, attribute, damage_told, joined, local, parse_xml, raised, row_lines, stated
from rag.readers.several import written
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document, Failure

_GONE = frozenset({
    "tracked-changes", "annotation", "annotation-end", "note-citation", "ruby-text", "hidden-text", "forms", "scripts",
    "sequence-decls", "variable-decls", "user-field-decls", "dde-connection-decls", "title", "desc", "number",
    "table-of-content-source", "alphabetical-index-source", "bibliography-source", "covered-table-cell",
})  # fmt: skip
_WHITE = re.compile(r"[ \t\r\n]+")
_RAISED_BY = re.compile(r"super|[1-9]\d*%")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    unseen: bool | None = None
    raised: bool | None = None
    parent: str = ""


def read_odt(content: Content) -> Iterator[Document | Failure]:
    """Yield the document of an OpenDocument text, packed or as one XML file.

    Tracked insertions are read and deletions are not. Words that are hidden or struck through are left out, and so are
    comments, heads and feet of pages.

    Raises:
        ReadError: it is encrypted, damaged, hostile or without text.
    """
    with damage_told(content, "odt"):
        roots = _flat(content) if not content.data.startswith(b"PK") else _packed(content)
        styles = {key: style for root in roots for key, style in _styles(root)}
        body = next(e for e in roots[0].iter() if local(e) == "body")
        lines = _lines(body, styles)
        title, author = (
            next((t for r in roots if (t := r.findtext(f".//{DC}{n}"))), None) for n in ("title", "creator")
        )
    yield from written(content, joined(lines), stated(title, author))


def _flat(content: Content) -> list[Any]:
    return [parse_xml(content.data)]


def _packed(content: Content) -> list[Any]:
    with opened(content) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in member_bytes(
            content, archive, "META-INF/manifest.xml"
        ):
            raise ReadError("office_encrypted", name=content.name)
        parts = ["content.xml", *(name for name in ("styles.xml", "meta.xml") if name in names)]
        return [parse_xml(member_bytes(content, archive, name)) for name in parts]


def _styles(root: Any) -> Iterator[tuple[str, _Style]]:
    for style in (e for e in root.iter() if local(e) == "style"):
        properties = next((e for e in style if local(e) == "text-properties"), None)
        said = (
            {key.rpartition("}")[2]: value for key, value in properties.attrib.items()}
            if properties is not None
            else {}
        )
        struck = said.get("text-line-through-style") or said.get("text-line-through-type")
        unseen = True if said.get("display") == "none" else (struck != "none" if struck else None)
        place = said.get("text-position")
        yield (
            attribute(style, "name") or "",
            _Style(
                unseen=unseen,
                raised=bool(_RAISED_BY.match(place)) if place else None,
                parent=attribute(style, "parent-style-name") or "",
            ),
        )


def _style(name: str | None, styles: Mapping[str, _Style], what: str) -> bool | None:
    """Return what a style says, or the one that it is based on."""
    for _ in range(20):
        style = styles.get(name or "")
        if style is None:
            return None
        if (said := getattr(style, what)) is not None:
            return bool(said)
        name = style.parent
    return None


def _lines(parent: Any, styles: Mapping[str, _Style]) -> list[str]:
    lines: list[str] = []
    for child in parent:
        name = local(child)
        if name in ("p", "h"):
            text, after = _words(child, styles, _style(attribute(child, "style-name"), styles, "unseen") or False)
            if not any(local(e) == "hidden-paragraph" and attribute(e, "is-hidden") != "false" for e in child.iter()):
                lines.append(text)
            lines += after
        elif name == "table-row":
            cells = [_lines(cell, styles) for cell in child if local(cell) == "table-cell"]
            lines += row_lines([[line for line in cell if line.strip()] for cell in cells])
        elif name in _GONE or (name == "section" and attribute(child, "display") in ("none", "condition")):
            continue
        else:
            lines += _lines(child, styles)
    return lines


def _words(element: Any, styles: Mapping[str, _Style], unseen: bool, high: bool = False) -> tuple[str, list[str]]:
    """Return an element's words, and the lines that follow: of its frames and notes."""
    words: list[str] = []
    after: list[str] = []

    def say(text: str | None) -> None:
        if text and not unseen:
            plain = _WHITE.sub(" ", text)
            words.append(raised(plain) if high else plain)

    say(element.text)
    for child in element:
        name = local(child)
        if name == "s":
            say(" ")
        elif name in ("tab", "line-break"):
            words.append("\t" if name == "tab" else "\n")
        elif name in ("note", "frame", "custom-shape", "text-box", "p", "h", "rect", "g"):
            after += _lines([child], styles)
        elif name not in _GONE:
            style = attribute(child, "style-name")
            hidden, up = _style(style, styles, "unseen"), _style(style, styles, "raised")
            text, more = _words(child, styles, unseen if hidden is None else hidden, high if up is None else up)
            words.append(text)
            after += more
        say(child.tail)
    return "".join(words), after
