"""From a file to documents: one reader for each format, chosen by the file's ending.

A reader is a function from a path, an id and a limit in bytes to documents (most formats give one, tables and
archives many). A new format is one module here and one line in `_READERS`.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import ReadError
from rag.indexing.corpus import printable
from rag.indexing.readers.text import read_text
from rag.records import Document

Reader = Callable[[Path, str, int], Iterator[Document]]

_READERS: dict[str, Reader] = {".txt": read_text, ".text": read_text, ".md": read_text, ".markdown": read_text}

MAXIMUM_BYTES = 20_000_000
"""Larger than any article; a larger file is a dump or a mistake, and reading it would take the memory of thousands."""


def supported(path: Path) -> bool:
    """Say whether there is a reader for files with this ending."""
    return path.suffix.lower() in _READERS


def read_documents(path: Path, *, document_id: str, max_bytes: int = MAXIMUM_BYTES) -> Iterator[Document]:
    """Yield the documents of a file, with text, metadata, language and masks.

    Raises:
        ReadError: there is no reader for the format, the file is no regular file, is empty, larger than
        `max_bytes`, or
            cannot be read or decoded. The message is one line with the file, the reason and what to do.
    """
    name = printable(path)
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
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = " ".join(sorted(_READERS))
        ending = repr(path.suffix) if path.suffix else "files without an ending"
        raise ReadError(f"{name} cannot be read: there is no reader for {ending}. Known endings: {known}")
    if status.st_size == 0:
        raise ReadError(f"{name} is empty (0 bytes). Remove it, or fetch it again")
    if status.st_size > max_bytes:
        raise ReadError(
            f"{name} has {status.st_size:,} bytes, more than the limit of {max_bytes:,}. "
            "Split it into articles, or raise RAG_MAX_FILE_BYTES"
        )
    yield from reader(path, document_id, max_bytes)
