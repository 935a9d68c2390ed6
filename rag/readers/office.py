"""Word, OpenDocument, RTF and EPUB: paragraphs a line each, and the title and author that the file states.

OpenDocument and EPUB are XML in a ZIP file, read with defusedxml: entities and outside references are refused.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from rag.errors import ReadError
from rag.readers.content import Content, document, language_code, one_line
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document

_DC = "{http://purl.org/dc/elements/1.1/}"
_ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MOST_CHAPTERS = 2_000
_LARGEST_RTF = 5_000_000  # bytes; pictures in hexadecimal make more, at a second for each million


def read_docx(content: Content) -> Iterator[Document]:
    """Yield the document of a Word file: its paragraphs and tables in order.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with _damage_told(content, "Word document"):
        import docx
        from docx.table import Table

        with opened(content) as archive:
            for name in archive.namelist():  # so that no member is larger than it says, before the library reads it
                member_bytes(content, archive, name)
        file = docx.Document(io.BytesIO(content.data))
        lines: list[str] = []
        for block in file.iter_inner_content():
            if isinstance(block, Table):
                lines.extend("\t".join(cell.text.strip() for cell in row.cells) for row in block.rows)
            else:
                lines.append(block.text)
        given = {"title": one_line(file.core_properties.title, 500), "author": one_line(file.core_properties.author)}
    yield document(content, _joined(lines), given=_without_defaults(given))


def read_odt(content: Content) -> Iterator[Document]:
    """Yield the document of an OpenDocument text.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with _damage_told(content, "OpenDocument text"), opened(content) as archive:
        body = _xml(member_bytes(content, archive, "content.xml"))
        tags = (f"{_ODF_TEXT}p", f"{_ODF_TEXT}h")
        lines = ["".join(_odf_text(element)) for element in body.iter() if element.tag in tags]
        meta = _xml(member_bytes(content, archive, "meta.xml")) if "meta.xml" in archive.namelist() else body
        given = {"title": one_line(meta.findtext(f".//{_DC}title") or "", 500)}
    yield document(content, _joined(lines), given=given)


def read_epub(content: Content) -> Iterator[Document]:
    """Yield the document of an EPUB: its chapters in the order of reading.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with _damage_told(content, "EPUB"), opened(content) as archive:
        container = _xml(member_bytes(content, archive, "META-INF/container.xml"))
        package = next(e.get("full-path") or "" for e in container.iter() if e.tag.endswith("}rootfile"))
        root = _xml(member_bytes(content, archive, package))
        lines: list[str] = []
        for name in _chapters(root, posixpath.dirname(package)):
            lines.extend(_chapter(member_bytes(content, archive, name)))
        given = {
            "title": one_line(root.findtext(f".//{_DC}title") or "", 500),
            "author": one_line(root.findtext(f".//{_DC}creator") or ""),
            "outlet": one_line(root.findtext(f".//{_DC}publisher") or ""),
            "language": language_code(root.findtext(f".//{_DC}language")),
        }
    yield document(content, _joined(lines), given=given)


def read_rtf(content: Content) -> Iterator[Document]:
    """Yield the document of a Rich Text file.

    Raises:
        ReadError: it is damaged, too large or without text.
    """
    if len(content.data) > _LARGEST_RTF:
        size = f"has {len(content.data):,} bytes, more than the {_LARGEST_RTF:,} of a text"
        raise ReadError(f"{content.name} {size}. Save it as .docx")
    with _damage_told(content, "RTF document"):
        from striprtf import striprtf

        convert: Callable[..., str] = striprtf.rtf_to_text
        text = convert(content.data.decode("latin-1"), errors="replace")
    yield document(content, _joined(text.splitlines()))


@contextmanager
def _damage_told(content: Content, kind: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into one line."""
    try:
        yield
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        why = f"is a damaged or hostile {kind} ({type(error).__name__}). Save it again"
        raise ReadError(f"{content.name} {why}") from None


def _xml(data: bytes) -> Any:
    from defusedxml.ElementTree import fromstring

    return fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)


def _odf_text(element: Any) -> Iterator[str]:
    """Yield an element's text; paragraphs within it (of a note or a frame) are lines of their own."""
    yield element.text or ""
    for child in element:
        if child.tag == f"{_ODF_TEXT}s":
            yield " " * min(int(child.get(f"{_ODF_TEXT}c") or 1), 100)
        elif child.tag in (f"{_ODF_TEXT}tab", f"{_ODF_TEXT}line-break"):
            yield "\t" if child.tag.endswith("tab") else "\n"
        elif child.tag not in (f"{_ODF_TEXT}p", f"{_ODF_TEXT}h", f"{_ODF_TEXT}note"):
            yield from _odf_text(child)
        yield child.tail or ""


def _chapters(root: Any, folder: str) -> list[str]:
    items = {e.get("id"): e.get("href") or "" for e in root.iter() if e.tag.endswith("}item")}
    order = [e.get("idref") for e in root.iter() if e.tag.endswith("}itemref")][:_MOST_CHAPTERS]
    return [posixpath.normpath(posixpath.join(folder, unquote(items[key]))) for key in order if items.get(key)]


def _chapter(data: bytes) -> list[str]:
    import lxml.html

    blocks = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "td", "dd", "dt")
    tree = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))
    body = tree.find("body") if tree.find("body") is not None else tree
    leaves = [e for e in body.iter(*blocks) if next(e.iterdescendants(*blocks), None) is None]
    return [" ".join(e.text_content().split()) for e in leaves] or [" ".join(body.text_content().split())]


def _joined(lines: list[str]) -> str:
    text = "\n".join(line.strip() for line in lines if line.strip()).replace("\x00", "")
    return text.encode("utf-8", "ignore").decode("utf-8")


def _without_defaults(given: dict[str, str]) -> dict[str, str]:
    """Drop what the writing program fills in by itself."""
    defaults = {"python-docx", "user", "admin", "word document"}
    return {name: value for name, value in given.items() if value.lower() not in defaults}
