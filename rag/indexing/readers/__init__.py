"""From a file to documents: one reader for each format, chosen by what the bytes are (`kinds.py`).

A reader is a function from `Content` to documents. Most formats give one, tables and archives many; of these a part
that cannot be read is a `Failure` among the documents, so that it does not lose the others. A new format is one module
here, a line in `_reader` and its mark in `kinds.py`.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from rag.errors import ReadError
from rag.indexing.corpus import printable
from rag.indexing.readers.content import Content, Reader
from rag.indexing.readers.kinds import ENDINGS, kind_of
from rag.records import Document, Failure

MAXIMUM_BYTES = 20_000_000
"""Larger than any article; a larger file is a dump or a mistake, and reading it would take the memory of thousands."""


_READERS = {  # kind: module and function; a module's libraries are imported when a file needs them
    "text": ("text", "read_text"), "html": ("html", "read_html"), "pdf": ("pdf", "read_pdf"),
    "mail": ("mail", "read_mail"), "docx": ("office", "read_docx"), "odt": ("office", "read_odt"),
    "epub": ("office", "read_epub"), "rtf": ("office", "read_rtf"), "table": ("rows", "read_table"),
    "lines": ("rows", "read_lines"), "parquet": ("rows", "read_parquet"), "zip": ("archives", "read_zip"),
    "tar": ("archives", "read_tar"), "gzip": ("archives", "read_gzip"),
    "warc": ("warc", "read_warc"),
}  # fmt: skip


def supported(path: Path) -> bool:
    """Say whether there is a reader for files with this ending; files with others are read if their bytes tell."""
    return path.suffix.lower() in ENDINGS


def read_documents(path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES) -> Iterator[Document]:
    """Yield the documents of a file, with text, metadata, language and masks; see `read_parts`.

    Raises:
        ReadError: the file, or a part of it, cannot be read. The message is one line with the file, the reason and
            what to do.
    """
    for part in read_parts(path, document_id=document_id, max_bytes=max_bytes):
        if isinstance(part, Failure):
            raise ReadError(part.reason)
        yield part


def read_parts(path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES) -> Iterator[Document | Failure]:
    """Yield the documents of a file, and a failure for each row or member that gives none.

    Raises:
        ReadError: there is no reader for the format, the file is no regular file, is empty, larger than
            `max_bytes`, or cannot be read as a whole.
    """
    name = printable(path)
    data = _bytes(path, name, max_bytes)
    yield from read_content(
        Content(
            id=document_id,
            name=name,
            source=str(path),
            suffix=path.suffix.lower(),
            data=data,
            max_bytes=max_bytes,
        )
    )


def read_content(content: Content) -> Iterator[Document | Failure]:
    """Yield the documents of bytes whose kind is found out.

    Raises:
        ReadError: they cannot be read.
    """
    yield from _reader(kind_of(content))(content)


def _reader(kind: str) -> Reader:
    """Return the reader of a kind; its library is imported when it reads."""
    from importlib import import_module

    module, function = _READERS[kind]
    reader: Reader = getattr(import_module(f"rag.indexing.readers.{module}"), function)
    return reader


def _bytes(path: Path, name: str, max_bytes: int) -> bytes:
    try:
        status = path.stat()
    except FileNotFoundError:
        what = "is a link to a file that does not exist" if path.is_symlink() else "does not exist any more"
        raise ReadError(f"{name} {what}. Remove it, or index again") from None
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {error.strerror}. Check its permissions") from None
    if stat.S_ISDIR(status.st_mode):
        raise ReadError(f"folder {name} cannot be listed. Check its permissions")
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, for ever
        raise ReadError(f"{name} is no regular file (a pipe, socket or device). Remove it from the folder")
    if status.st_size > max_bytes:
        raise ReadError(
            f"{name} has {status.st_size:,} bytes, more than the limit of {max_bytes:,}. "
            "Split it into articles, or raise RAG_MAX_FILE_BYTES"
        )
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {error.strerror}. Check its permissions") from None
    if len(data) > max_bytes:  # it grew since it was listed
        raise ReadError(
            f"{name} has more than {max_bytes:,} bytes. Split it into articles, or raise RAG_MAX_FILE_BYTES"
        )
    if not data:
        raise ReadError(f"{name} is empty (0 bytes). Remove it, or fetch it again")
    return data
