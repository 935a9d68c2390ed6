"""Plain text and Markdown. The document's text is the file's text exactly; of several articles, each one's part of it.

Line ends are kept as they are; only a byte order mark is dropped (it tells of the file, not in it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.errors import ReadError
from rag.readers.content import Content, document
from rag.readers.decoding import decode
from rag.readers.front_matter import read_front_matter
from rag.readers.several import find_parts, is_unsure, read_parts_of
from rag.records import Document, Failure


def read_text(content: Content) -> Iterator[Document | Failure]:
    """Yield the document of a text file, or those of the articles that it holds.

    Raises:
        ReadError: the content is no text, or holds nothing but whitespace.
    """
    text = decode(content.data, content.name)
    if not text.strip():
        raise ReadError("file_without_text", name=content.name)
    front = read_front_matter(text)
    parts = find_parts(text)
    if front and not (len(parts) > 1 and all(read_front_matter(text[part.start : part.end]) for part in parts)):
        yield document(content, text, given=front.given, source=front.source, furniture=((0, front.end),))
        return
    if parts:
        yield from read_parts_of(content, text, parts)
        return
    found = document(content, text)
    if is_unsure(text):
        found = replace(found, title="", outlet=None, author=None, published=None, modified=None, evidence={})
    yield found
