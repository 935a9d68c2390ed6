"""From a file to documents: one reader for each format, chosen by what the bytes are (`formats.py`).

A reader is a function from `Content` to documents. Most formats give one, tables and archives many; of these a part
that cannot be read is a `Failure` among the documents, so that it does not lose the others. A new format is one module
here, a line in `_READERS` and its mark in `formats.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from rag.errors import ReadError
from rag.readers.content import Content, Reader
from rag.readers.formats import ENDINGS, kind_of
from rag.readers.source_file import opened, printable
from rag.records import Document, Failure

MAXIMUM_BYTES = 20_000_000
"""Larger than any article; a larger file is a dump or a mistake, and reading it would take the memory of thousands."""

_TRIES = 3  # a file that is being written is looked at so often, in the hope of a whole state

_READERS = {  # kind: module and function; a module's libraries are imported when a file needs them
    "text": ("text", "read_text"), "html": ("html", "read_html"), "pdf": ("pdf", "read_pdf"),
    "mail": ("mail", "read_mail"), "docx": ("word", "read_docx"), "odt": ("odf", "read_odt"),
    "epub": ("epub", "read_epub"), "rtf": ("rtf", "read_rtf"), "table": ("tables", "read_table"),
    "lines": ("json_rows", "read_lines"), "json": ("json_rows", "read_json"), "parquet": ("tables", "read_parquet"),
    "sheet": ("sheets", "read_sheet"), "pptx": ("slides", "read_pptx"), "doc": ("doc", "read_doc"),
    "feed": ("feeds", "read_feed"), "xml": ("xml_text", "read_xml"), "webarchive": ("webarchive", "read_webarchive"),
    "zip": ("archives", "read_zip"), "tar": ("archives", "read_tar"), "packed": ("archives", "read_packed"),
    "wacz": ("archives", "read_wacz"), "warc": ("warc", "read_warc"),
}  # fmt: skip


def supported(path: Path) -> bool:
    """Say whether there is a reader for files with this ending; files with others are read if their bytes tell."""
    return path.suffix.lower() in ENDINGS


def read_documents(path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES) -> Iterator[Document]:
    """Yield the documents of a file, with text, metadata, language and masks; see `read_parts`.

    Raises:
        ReadError: the file, or a part of it, cannot be read.
    """
    for part in read_parts(path, document_id=document_id, max_bytes=max_bytes):
        if isinstance(part, Failure):
            raise part.error()
        yield part


def read_parts(path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES) -> Iterator[Document | Failure]:
    """Yield the documents of a file, and a failure for each row or member that gives none.

    Raises:
        ReadError: there is no reader for the format, the file is no regular file, is empty, larger than
            `max_bytes`, or cannot be read as a whole.
    """
    yield from read_content(load(path, document_id=document_id, max_bytes=max_bytes))


def load(
    path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES, columns: Mapping[str, str] | None = None
) -> Content:
    """Return the bytes of a file, as one state of it.

    `columns` says which columns of a table hold which field, where their names do not.

    Raises:
        ReadError: it is no regular file, is empty, larger than `max_bytes`, cannot be read, or changes meanwhile.
    """
    name = printable(document_id)
    return Content(
        id=document_id,
        name=name,
        source=name,  # where it lies on this machine is nobody else's concern
        suffix=path.suffix.lower(),
        data=_bytes(path, name, max_bytes),
        max_bytes=max_bytes,
        columns=columns or {},
    )


def read_content(content: Content) -> Iterator[Document | Failure]:
    """Yield the documents of bytes whose kind is found out.

    Raises:
        ReadError: they cannot be read.
    """
    yield from reader_of(kind_of(content))(content)


def reader_of(kind: str) -> Reader:
    """Return the reader of a kind; its library is imported when it reads."""
    from importlib import import_module

    module, function = _READERS[kind]
    reader: Reader = getattr(import_module(f"rag.readers.{module}"), function)
    return reader


def _bytes(path: Path, name: str, max_bytes: int) -> bytes:
    for _ in range(_TRIES):
        with opened(path, name) as stream:
            before = os.fstat(stream.fileno())
            if before.st_size > max_bytes:
                raise ReadError("file_too_large", name=name, size=before.st_size, limit=max_bytes)
            data = _read(stream, max_bytes + 1)
            after = os.fstat(stream.fileno())
        if len(data) > max_bytes:  # a file of the system, whose size is not known before it is read
            raise ReadError("file_over_limit", name=name, limit=max_bytes)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            break
    else:
        raise ReadError("file_changing", name=name)
    if not data:
        raise ReadError("file_empty", name=name)
    return data


def _read(stream: IO[bytes], most: int) -> bytes:
    return stream.read(most)
