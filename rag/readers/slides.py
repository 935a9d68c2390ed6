"""Presentations (.pptx): the words of each slide, a paragraph a line, each slide a page; its notes follow it.

The XML is walked here: python-pptx gives neither diagrams nor the words of grouped shapes without a walk of one's own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from rag.readers.content import Content, document
from rag.readers.office import DC, damage_told, joined, local, parse_xml, row_lines, stated
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document

_FURNITURE = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})


def read_pptx(content: Content) -> Iterator[Document]:
    """Yield the document of a presentation.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with damage_told(content, "pptx"), opened(content) as archive:
        names = frozenset(archive.namelist())
        main = "ppt/presentation.xml"
        links = _links(content, archive, names, main)
        pages: list[str] = []
        for element in _part(content, archive, main).iter():
            if local(element) == "sldId":
                name = next((links[value][1] for value in element.attrib.values() if value in links), "")
                if name in names:
                    pages.append(joined(_slide(content, archive, names, name)))
        core = "docProps/core.xml"
        meta = _part(content, archive, core) if core in names else None
        given = stated(meta.findtext(f".//{DC}title"), meta.findtext(f".//{DC}creator")) if meta is not None else {}
    starts: list[int] = []
    text = ""
    for page in pages:
        starts.append(len(text))
        text += page + "\n"
    yield document(content, text, given=given, pages=tuple(starts) if text.strip() else (), pure=True)


def _part(content: Content, archive: Any, name: str) -> Any:
    return parse_xml(member_bytes(content, archive, name))


def _links(content: Content, archive: Any, names: frozenset[str], name: str) -> dict[str, tuple[str, str]]:
    """Return the kind and the target of each relation of a part."""
    folder = posixpath.dirname(name)
    relations = f"{folder}/_rels/{posixpath.basename(name)}.rels"
    if relations not in names:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for relation in _part(content, archive, relations):
        target = relation.get("Target") or ""
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[relation.get("Id") or ""] = ((relation.get("Type") or "").rpartition("/")[2], path)
    return found


def _slide(content: Content, archive: Any, names: frozenset[str], name: str) -> list[str]:
    root = _part(content, archive, name)
    if root.get("show") == "0":  # hidden
        return []
    lines = _shapes(root)
    for kind, target in _links(content, archive, names, name).values():
        if kind in ("notesSlide", "diagramData") and target in names:
            lines += _shapes(_part(content, archive, target))
    return lines


def _shapes(element: Any) -> list[str]:
    lines: list[str] = []
    for child in element:
        name = local(child)
        if name == "p" and any(local(e) in ("r", "fld", "br", "pPr", "endParaRPr") for e in child):
            lines.append(_paragraph(child))
        elif name == "tr":
            lines += row_lines([_shapes(cell) for cell in child if local(cell) == "tc"])
        elif name == "AlternateContent":
            ways = [_shapes(way) for way in child if local(way) in ("Choice", "Fallback")]
            lines += next((way for way in ways if way), [])
        elif not (name in ("sp", "pic") and _is_furniture(child)):
            lines += _shapes(child)
    return lines


def _is_furniture(shape: Any) -> bool:
    kinds = (e.get("type") for e in shape.iter() if local(e) == "ph")
    hidden = (e.get("hidden") for e in shape.iter() if local(e) == "cNvPr")
    return any(kind in _FURNITURE for kind in kinds) or any(value in ("1", "true") for value in hidden)


def _paragraph(paragraph: Any) -> str:
    words: list[str] = []
    for run in paragraph:
        name = local(run)
        if name in ("r", "fld"):
            words += [e.text or "" for e in run if local(e) == "t"]
        elif name == "br":
            words.append("\n")
    return "".join(words)
