"""E-mails (`.eml`) and web archives (`.mhtml`), which are e-mails that hold a page and its pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, document, one_line, web_address
from rag.records import Document

_MOST_PARTS = 1_000
_YEAR = re.compile(r"(?<![-+\d])\d{4}(?!\d)")
_DEEPEST = 50  # boundaries within boundaries; the library's time and depth grow with them


def read_mail(content: Content) -> Iterator[Document]:
    """Yield the article of an e-mail or of a web archive.

    Raises:
        ReadError: it is damaged, nested beyond all use, or holds no text.
    """
    if content.data.lower().count(b"boundary=") > _DEEPEST:
        raise ReadError(f"{content.name} has more than {_DEEPEST} nested parts. Save the article's text instead")
    try:
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content.data)
        page, plain = _part(message, "text/html"), _part(message, "text/plain")
        archive = message.get("Snapshot-Content-Location") or message.get_content_type() == "multipart/related"
        if page is None and plain is None:
            raise ReadError(f"{content.name} is an e-mail without text. Remove it, or save its attachments")
        if page is not None and (archive or plain is None):
            found = _page(content, message, page)
        else:
            found = document(content, _text(plain), given=_stated(message))
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever broken headers lead it to
        why = f"is a damaged e-mail or web archive ({type(error).__name__}). Save it again"
        raise ReadError(f"{content.name} {why}") from None
    yield found


def _part(message: EmailMessage, kind: str) -> EmailMessage | None:
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            return None
        attached = part.get_content_disposition() == "attachment"
        if part.get_content_type() == kind and not attached and isinstance(part, EmailMessage):
            return part
    return None


def _page(content: Content, message: EmailMessage, page: EmailMessage) -> Document:
    from dataclasses import replace

    from rag.readers.html import decode_html, read_page_text

    data = page.get_payload(decode=True)
    inner = replace(content, data=data if isinstance(data, bytes) else b"")
    address = message.get("Snapshot-Content-Location") or page.get("Content-Location")
    found = read_page_text(inner, decode_html(inner), web_address(str(address)) if address else None)
    if found.title:
        return found
    stated = {name: value for name, value in _stated(message).items() if value and not getattr(found, name)}
    return replace(found, **stated, evidence={**found.evidence, **dict.fromkeys(stated, "meta")})


def _text(part: EmailMessage | None) -> str:
    from rag.readers.decoding import decode

    data = part.get_payload(decode=True) if part is not None else b""
    if not isinstance(data, bytes):
        return ""
    charset = part.get_content_charset() if part is not None else None
    try:
        text = data.decode(charset) if charset else decode(data)
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return text.replace("\x00", "").replace("\r\n", "\n")


def _stated(message: EmailMessage) -> dict[str, Any]:
    # As it was written: the library's own form has another year for the year 0.
    date = next((str(value) for name, value in message.raw_items() if name.lower() == "date"), "")
    try:
        sent = parsedate_to_datetime(date) if date else None
        if sent and (year := _YEAR.search(date)) and int(year.group()) != sent.year:
            sent = None
    except (ValueError, TypeError, IndexError, OverflowError):
        sent = None
    name, _ = parseaddr(str(message["From"] or ""))
    return {
        "title": one_line(message["Subject"] or "", 500),
        "author": one_line(name),
        "published": sent if sent and 1800 <= sent.year <= 2199 else None,
    }
