"""Plain text and Markdown. The document's text is the file's text exactly.

Line ends are kept as they are; only a byte order mark is dropped (it tells of the file, not in it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.article.document import article
from rag.errors import ReadError
from rag.readers.content import Content
from rag.readers.decoding import decode
from rag.records import Document


def read_text(content: Content) -> Iterator[Document]:
    """Yield the one document of a text file.

    Raises:
        ReadError: the content is no text, or holds nothing but whitespace.
    """
    try:
        text = decode(content.data)
    except ValueError as error:
        raise ReadError(f"{content.name} {error}") from None
    if not text.strip():
        raise ReadError(f"{content.name} holds nothing but whitespace. Remove it, or fetch it again")
    found = article(text, document_id=content.id)
    yield replace(found, source=found.source or content.source)
