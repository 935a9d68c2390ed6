"""EPUB books and magazines: the chapters in the order of reading, each block a line.

The chapters are walked here: of nine ways in which chapters hold words (`benchmarks/formats.py`) pandoc reads three; it
does not know declared encodings, hidden words and captions. Encrypted chapters are named, never read as noise.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from rag.errors import ReadError
from rag.readers.content import Content, document, language_code, moment, one_line
from rag.readers.decoding import decode, decoded, wide_encoding
from rag.readers.flow import html_lines
from rag.readers.office import DC, damage_told, joined, local, parse_xml, stated
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document

_MOST_CHAPTERS = 2_000
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})|charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I
)
_MARKUP = re.compile(rb"<\s*(?:html|body|p|div|svg|section|!doctype|\?xml)\b|<!--", re.IGNORECASE)


def read_epub(content: Content) -> Iterator[Document]:
    """Yield the document of an EPUB: its chapters in the order of reading.

    Raises:
        ReadError: it is encrypted, damaged, hostile or without text.
    """
    with damage_told(content, "epub"), opened(content) as archive:
        names = frozenset(archive.namelist())
        container = parse_xml(member_bytes(content, archive, "META-INF/container.xml"))
        package = next(e.get("full-path") or "" for e in container.iter() if local(e) == "rootfile")
        root = parse_xml(member_bytes(content, archive, package))
        secret = _encrypted(content, archive, names)
        lines: list[str] = []
        for name in _chapters(root, posixpath.dirname(package)):
            if name in secret:
                raise ReadError("epub_encrypted", name=content.name)
            data = member_bytes(content, archive, name)
            if data and not _MARKUP.search(data[:4096].replace(b"\x00", b"")):
                raise ReadError("epub_encrypted", name=content.name)
            lines += html_lines(_decoded(data, content.name))
        authors = [e.text for e in root.iter(f"{DC}creator")][:10]
        given = {
            **stated(root.findtext(f".//{DC}title"), *authors),
            "outlet": one_line(root.findtext(f".//{DC}publisher") or ""),
            "language": language_code(root.findtext(f".//{DC}language")),
            "published": moment(root.findtext(f".//{DC}date")),
        }
    yield document(content, joined(lines), given=given, pure=True)


def _encrypted(content: Content, archive: Any, names: frozenset[str]) -> frozenset[str]:
    """Return the members that are encrypted; fonts often are, which is no harm to the text."""
    name = "META-INF/encryption.xml"
    if name not in names:
        return frozenset()
    root = parse_xml(member_bytes(content, archive, name))
    addresses = [e.get("URI") or "" for e in root.iter() if local(e) == "CipherReference"]
    return frozenset(posixpath.normpath(unquote(address)).lstrip("/") for address in addresses)


def _chapters(root: Any, folder: str) -> list[str]:
    items = {e.get("id"): e for e in root.iter() if local(e) == "item"}
    order = [items.get(e.get("idref")) for e in root.iter() if local(e) == "itemref"][:_MOST_CHAPTERS]
    texts = [e for e in order if e is not None and e.get("href") and "nav" not in (e.get("properties") or "").split()]
    return [posixpath.normpath(posixpath.join(folder, unquote(e.get("href")))) for e in texts]


def _decoded(data: bytes, name: str) -> str:
    """Return a chapter's markup: UTF-8 where it is valid, else as it declares, else by its language."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decoded(data, "utf-16", "replace")
    if wide := wide_encoding(data):
        return decoded(data, wide, "replace")
    try:
        return decoded(data, "utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:2048])
    encoding = (declared.group(1) or declared.group(2)).decode("ascii") if declared else ""
    try:
        if encoding and encoding.lower() not in ("utf-8", "utf8"):
            return decoded(data, encoding)
        return decode(data, "")
    except (LookupError, UnicodeError, ValueError, ReadError):
        return decoded(data, "utf-8", "replace")
