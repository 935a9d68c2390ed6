"""Plain text and Markdown. The document's text is the file's text exactly.

Line ends are kept as they are; only a byte order mark is dropped (it tells of the file, not in it).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rag.errors import ReadError
from rag.indexing.articles import article
from rag.indexing.corpus import printable
from rag.indexing.readers.decoding import decode
from rag.records import Document


def read_text(path: Path, document_id: str, max_bytes: int) -> Iterator[Document]:
    """Yield the one document of a text file.

    Raises:
        ReadError: the file cannot be read, is no text, or holds nothing but whitespace.
    """
    name = printable(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {error.strerror}. Check its permissions") from None
    if len(data) > max_bytes:  # it grew since it was listed
        raise ReadError(
            f"{name} has more than {max_bytes:,} bytes. Split it into articles, or raise RAG_MAX_FILE_BYTES"
        )
    try:
        text = decode(data)
    except ValueError as error:
        raise ReadError(f"{name} {error}") from None
    if not text.strip():
        raise ReadError(f"{name} holds nothing but whitespace. Remove it, or fetch it again")
    yield article(text, document_id=document_id, source=str(path))
