"""Web pages: the article's text by trafilatura, its metadata as the page states it.

The text has one paragraph a line. Where trafilatura finds no article, its plainer fallback is taken; a page that shows
nothing but menus gives its whole text or none.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from rag.errors import ReadError
from rag.readers.content import Content, document
from rag.readers.decoding import decode, wide_encoding
from rag.records import Document

_LARGEST = 5_000_000
"""Bytes. Real pages stay under 3 MB."""

_MOST_TAGS = 150_000
"""Real pages have up to 40,000. The time of extraction grows with their square: 100,000 take 2 s, 400,000 take 52 s."""

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[^<>]{20000,}")
_MANY_ATTRIBUTES = 2_000  # the parser's time grows with their square; real tags have a few dozen


def read_html(content: Content) -> Iterator[Document]:
    """Yield the article of a web page.

    Raises:
        ReadError: the page is too large, cannot be decoded or holds no text.
    """
    yield read_page_text(content, decode_html(content), content.address)


def read_page_text(content: Content, markup: str, address: str | None = None) -> Document:
    """Return the article of a page's markup; `address` is where it was fetched, if that is known.

    Raises:
        ReadError: the page is too large or hostile, or holds no text.
    """
    from rag.readers.html_metadata import read_statements

    if len(content.data) > _LARGEST:
        raise ReadError("html_too_large", name=content.name, size=len(content.data), limit=_LARGEST)
    if markup.count("<") > _MOST_TAGS:
        raise ReadError("html_too_many_tags", name=content.name, count=markup.count("<"), limit=_MOST_TAGS)
    if any(len(tag.group().split()) > _MANY_ATTRIBUTES for tag in _LONG_TAG.finditer(markup)):
        raise ReadError("html_too_many_attributes", name=content.name, limit=_MANY_ATTRIBUTES)
    try:
        text = _extract(markup)
        if not text.strip():  # first: what states nothing because it ends after its doctype is no tree to the parser
            raise ReadError("html_without_article", name=content.name)
        stated = read_statements(markup, address)
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError, AssertionError) as error:
        raise ReadError("html_unreadable", name=content.name, detail=type(error).__name__) from None
    return document(content, text, given=stated.given, evidence=stated.evidence, source=stated.address, clean=True)


def decode_html(content: Content) -> str:
    """Return a page's markup: UTF-8 where it is valid, else as HTTP or the page declares, else by its language.

    Raises:
        ReadError: no encoding gives text.
    """
    data = content.data
    if wide := wide_encoding(data):  # such bytes are valid UTF-8 too, of other letters
        return data.decode(wide, "replace")
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if error.start >= len(data) - 3:  # cut in the middle of its last letter
                return data[: error.start].decode("utf-8-sig")
        declared = _CHARSET.search(data[:4096])
        name = content.charset or (declared.group(1).decode("ascii").lower() if declared else "")
        if name in ("utf-8", "utf8"):
            return data.decode("utf-8", "replace")  # as browsers do
        try:
            return data.decode({"iso-8859-1": "windows-1252"}.get(name, name)) if name else decode(data, content.name)
        except (LookupError, UnicodeError, ValueError):
            pass
    return decode(data, content.name)


def _extract(markup: str) -> str:
    """Return the article's text, a paragraph a line; by the plain fallback where no article is found."""
    import trafilatura

    markup = markup.replace("\x00", "")
    found = trafilatura.bare_extraction(markup, include_comments=False, include_tables=True, with_metadata=False)
    text = getattr(found, "text", None) or ""
    if not text.strip():
        tree = trafilatura.load_html(markup)
        if tree is not None:
            text = trafilatura.baseline(tree)[1] or ""
    return "\n".join(line for line in text.splitlines() if line.strip())
