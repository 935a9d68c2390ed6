"""Web pages: the article's text (`html_body`) and what the page states of it (`html_metadata`).

The text has one paragraph a line. Where no article is found, trafilatura's plain fallback is taken; a page that shows
nothing but menus is none.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from rag.article.author import find_author
from rag.article.published import find_published
from rag.article.title import find_title
from rag.errors import ReadError
from rag.readers.content import Content, document, web_address
from rag.readers.decoding import (
    decode,
    decode_legacy,
    decoded,
    is_central_european,
    is_mostly_utf8,
    once_encoded,
    wide_encoding,
)
from rag.readers.flow import html_lines
from rag.readers.office import joined
from rag.readers.several import find_parts, read_parts_of
from rag.records import Document, Failure
from rag.text.languages import identify_language

_LARGEST = 5_000_000
"""Bytes. Real pages stay under 3 MB."""

_DATA = re.compile(
    r"(data:[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,60}(?:;[a-z0-9=.+-]{1,40}){0,3}),[A-Za-z0-9+/=%_.-]{200,}", re.IGNORECASE
)
"""Pictures and fonts that a page holds as addresses, as SingleFile saves them: no markup."""

_MOST_TAGS = 150_000
"""Real pages have up to 40,000. The time of extraction grows with their square: 100,000 take 2 s, 400,000 take 52 s."""

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_UTF8 = ("utf-8", "utf8")
_WESTERN = ("iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "ascii", "us-ascii")
_MARKUP = re.compile(rb"<(?:script|style)[^<>]{0,2000}>[^<]{0,200000}|<[^<>]{0,2000}>", re.IGNORECASE)
_QUOTED = re.compile(r"=\s{0,5}(?:\"[^\"]*\"|'[^']*')")
_SURE_DATE = 1.0  # score that a date needs which the markup does not state
_SAVED = re.compile(
    r"<!--\s{0,20}(?:saved from url=\(\d{1,6}\)|Page saved with SingleFile\s{1,20}url:\s{0,5})(https?://[^\s<>]{1,2000})"
)
_HEAD = 2_000  # characters in which a browser, or SingleFile, says where a page was saved from
_EXPORTED = re.compile(
    r"\b\d{1,5} (?:of|de|von|di) \d{1,5} DO[CK]UMENT|End of Document"
    r"|\bDo[ck]ument[oe]? [A-Za-z]{2,12}[A-Za-z0-9]{12,30}\s*<"
)
_EXPORT_MARKS = ("DOCUMENT", "DOKUMENT", "End of Document", "Document ", "Dokument ", "Documento ", "Dokumento ")
_LONG_TAG = re.compile(r"<[^<>]{20000,}")
_MANY_ATTRIBUTES = 2_000  # the parser's time grows with their square; real tags have a few dozen


def read_html(content: Content) -> Iterator[Document | Failure]:
    """Yield the article of a web page, or those of an export of Nexis or Factiva.

    Raises:
        ReadError: the page is too large, cannot be decoded or holds no text.
    """
    markup = decode_html(content)
    if any(mark in markup for mark in _EXPORT_MARKS) and _EXPORTED.search(markup) and markup.count("<") <= _MOST_TAGS:
        text = joined(html_lines(markup))
        parts = find_parts(text)
        if len(parts) > 1 and sum(part.stated for part in parts) > 1:
            yield from read_parts_of(content, text, parts, pure=True)
            return
    yield read_page_text(content, markup, content.address)


def read_page_text(content: Content, markup: str, address: str | None = None) -> Document:
    """Return the article of a page's markup; `address` is where it was fetched, if that is known.

    Raises:
        ReadError: the page is too large or hostile, or holds no text.
    """
    if address is None and (saved := _SAVED.search(markup, 0, _HEAD)):
        address = web_address(saved.group(1))
    markup = _DATA.sub(r"\g<1>,", markup) if "data:" in markup else markup
    size = min(len(content.data), len(markup))
    if size > _LARGEST:
        raise ReadError("html_too_large", name=content.name, size=size, limit=_LARGEST)
    if markup.count("<") > _MOST_TAGS:
        raise ReadError("html_too_many_tags", name=content.name, count=markup.count("<"), limit=_MOST_TAGS)
    if any(_attributes(tag.group()) > _MANY_ATTRIBUTES for tag in _LONG_TAG.finditer(markup)):
        raise ReadError("html_too_many_attributes", name=content.name, limit=_MANY_ATTRIBUTES)
    try:
        text, given, evidence, source = _read(markup, address)
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError, AssertionError) as error:
        raise ReadError("html_unreadable", name=content.name, detail=type(error).__name__) from None
    if not text.strip():
        raise ReadError("html_without_article", name=content.name)
    return document(content, text, given=given, evidence=evidence, source=source, pure=True)


def _attributes(tag: str) -> int:
    """Return about how many attributes a tag has; what is quoted is the value of one."""
    return len(_QUOTED.sub("", tag).split())


def _read(markup: str, address: str | None) -> tuple[str, dict[str, Any], dict[str, str], str | None]:
    """Return a page's text, its metadata, where that is from and its address; no text where it holds none."""
    import lxml.html

    from rag.readers.html_body import read_body
    from rag.readers.html_metadata import own_nodes, tree_statements, without_declaration

    markup = without_declaration(markup)
    try:
        tree = lxml.html.document_fromstring(markup or "<html/>")
    except lxml.etree.ParserError:  # it ends after its doctype
        return "", {}, {}, None
    stated = tree_statements(tree, address)
    body = read_body(tree, markup, own_nodes(tree, address))
    text = body.text if body.text.strip() or body.empty else _baseline(markup)
    given, evidence = dict(stated.given), dict(stated.evidence)
    language = given.get("language") or identify_language(text)
    title = find_title(body.page, {})
    if not stated.by_person and (author := find_author(body.page, title, given.get("outlet"))):
        given["author"], evidence["author"] = author, "text"
    if not given.get("published") and (moment := find_published(body.page, title, {}, language, least=_SURE_DATE)):
        given["published"], evidence["published"] = moment.value, "text"
    return text, given, evidence, stated.address


def _baseline(markup: str) -> str:
    """Return all text of a page in which no article is found."""
    import trafilatura

    tree = trafilatura.load_html(markup)
    text = trafilatura.baseline(tree)[1] if tree is not None else ""
    return "\n".join(line for line in (text or "").splitlines() if line.strip())


def decode_html(content: Content) -> str:
    """Return a page's markup: UTF-8 where it is valid, else as HTTP or the page declares, else by its language.

    Raises:
        ReadError: no encoding gives text.
    """
    data = content.data
    if wide := wide_encoding(data):  # such bytes are valid UTF-8 too, of other letters
        return decoded(data, wide, "replace")
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return once_encoded(decoded(data, "utf-8-sig"))
        except UnicodeDecodeError as error:
            if error.start >= len(data) - 3:  # cut in the middle of its last letter
                return decoded(data[: error.start], "utf-8-sig")
        declared = _CHARSET.search(data[:4096])
        name = (content.charset or (declared.group(1).decode("ascii") if declared else "")).lower()
        shown = _MARKUP.sub(b" ", data)
        if name in _UTF8 and is_mostly_utf8(data):
            return decoded(data, "utf-8", "replace")  # as browsers do
        try:
            if name in _WESTERN and is_central_european(shown):  # what programs declare that know nothing of it
                return decode_legacy(data, content.name, shown)
            if name and name not in _UTF8:
                return decoded(data, "windows-1252" if name in _WESTERN else name)
            return decode_legacy(data, content.name, shown)
        except (LookupError, UnicodeError, ValueError, ReadError):
            pass
        if name in _UTF8:
            return decoded(data, "utf-8", "replace")
    return decode(data, content.name)
