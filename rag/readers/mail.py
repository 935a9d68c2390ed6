"""E-mails (`.eml`), mailboxes of several (`.mbox`), and web archives (`.mhtml`), e-mails that hold a page.

A message is one document; its attachments and the messages that it forwards are documents of their own, with the id
`path#name`. Parsing is the standard library's `email`. Mailboxes are divided here: the library's `mailbox` wants a
path, and takes any line that begins with "From " for the beginning of a message.
"""

from __future__ import annotations

import codecs
import itertools
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser, Parser
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, document, one_line, web_address
from rag.readers.envelopes import begins_mailbox, message_starts
from rag.readers.forwarded import Forwarded, divide_forwarded
from rag.records import Document, Failure

_MOST_PARTS = 1_000
_MOST_MESSAGES = 100_000
_YEAR = re.compile(r"(?<![-+\d])\d{4}(?!\d)")
_DEEPEST = 50  # boundaries within boundaries; the library's time and depth grow with them
_MOST_FORWARDS = 5  # messages within messages
_BLANK = re.compile(rb"\r?\n\r?\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_STUB = 1.5  # times the words of the plain part: with more of them in the HTML, the plain part is no copy of it
_WORDLESS = ("image", "audio", "video", "font")
_NO_ARTICLES = frozenset(
    [
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
        "text/x-amp-html",
        "text/rfc822-headers",
        "application/ics",
        "application/applefile",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pgp-encrypted",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "message/delivery-status",
        "message/disposition-notification",
    ]
)
_UNSURE = frozenset(
    {
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin-1",
        "latin1",
        "windows-1252",
        "iso-8859-2",
        "iso-8859-15",
        "iso-8859-16",
        "utf-8",
        "utf8",
        "unknown-8bit",
    }
)


def read_mail(content: Content) -> Iterator[Document | Failure]:
    """Yield the article of an e-mail or of a web archive, those attached to it, or those of a mailbox.

    Raises:
        ReadError: it is damaged, encrypted, nested beyond all use, or holds no text.
    """
    if not begins_mailbox(content.data):
        yield from _message(content)
        return
    starts = message_starts(content.data)
    if len(starts) > _MOST_MESSAGES:
        raise ReadError("mailbox_too_many_messages", name=content.name, limit=_MOST_MESSAGES)
    seen: set[str] = set()
    for start, end in zip(starts, [*starts[1:], len(content.data)], strict=True):
        data = _QUOTED_FROM.sub(rb"\1", content.data[start:end].split(b"\n", 1)[-1])
        if len(starts) == 1:
            yield from _message(replace(content, data=data))
            return
        part = content.part(_unique(_message_id(data) or str(len(seen) + 1), seen), data, ".eml")
        try:
            yield from _message(replace(part, depth=content.depth))
        except ReadError as error:
            yield Failure.from_error(part.id, error)


def _message_id(data: bytes) -> str:
    found = re.search(rb"^message-id:\s*<?([!-;=?-~]{3,150})>?", data[:20_000], re.IGNORECASE | re.MULTILINE)
    return found.group(1).decode("ascii").replace("#", "_") if found else ""


def _unique(key: str, seen: set[str]) -> str:
    number, unique = 2, key
    while unique in seen:
        unique, number = f"{key}@{number}", number + 1
    seen.add(unique)
    return unique


def _message(content: Content) -> Iterator[Document | Failure]:
    if content.data.lower().count(b"boundary=") > _DEEPEST:
        raise ReadError("mail_nested", name=content.name, limit=_DEEPEST)
    try:
        content = replace(content, data=content.data.removeprefix(codecs.BOM_UTF8))
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content.data)
        if _is_encrypted(message):
            raise ReadError("mail_encrypted", name=content.name)
        saved = _is_saved(message, content.suffix)
        page = _web_page(message, saved=saved)
        found = _page(content, message, page) if page is not None else None
        text, inner = divide_forwarded(_body(message)) if page is None else ("", [])
        attached = [] if saved else list(_attached(message, set()))
        if found is None and text.strip():
            found = document(content, text, given=_stated(_with_letters(message, content)))
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever broken headers lead it to
        raise ReadError("mail_damaged", name=content.name, detail=type(error).__name__) from None
    if found is not None:
        yield found
    elif not attached and not inner:
        raise ReadError("mail_without_text", name=content.name)
    seen = {name for name, _, _ in attached}
    for forwarded in inner:
        yield from _forwarded(content, forwarded, seen)
    for name, data, suffix in attached:
        yield from _attachment(content, name, data, suffix)


def _is_encrypted(message: EmailMessage) -> bool:
    kind = message.get_content_type()
    enveloped = kind.endswith("pkcs7-mime") and str(message.get_param("smime-type")) != "signed-data"
    return enveloped or kind == "multipart/encrypted"


def _is_saved(message: EmailMessage, suffix: str) -> bool:
    """Return whether a message is the form in which a browser saves a page."""
    parts = itertools.islice(message.walk(), _MOST_PARTS)
    located = any(part.get_content_type() == "text/html" and part.get("Content-Location") for part in parts)
    return suffix in (".mhtml", ".mht") or bool(message.get("Snapshot-Content-Location")) or located


def _web_page(message: EmailMessage, *, saved: bool) -> EmailMessage | None:
    """Return the page that a message holds: in a saved one any, in an e-mail one that marks its article."""
    for part in itertools.islice(message.walk(), _MOST_PARTS):
        if part.get_content_type() == "text/html" and isinstance(part, EmailMessage) and not _is_file(part):
            data = part.get_payload(decode=True)
            return part if saved or (isinstance(data, bytes) and b"<article" in data.lower()) else None
    return None


def _is_file(part: Any) -> bool:
    return bool(part.get_content_disposition() == "attachment")


def _page(content: Content, message: EmailMessage, page: EmailMessage) -> Document:
    from rag.readers.html import decode_html, read_page_text

    data = page.get_payload(decode=True)
    inner = replace(content, data=data if isinstance(data, bytes) else b"")
    address = message.get("Snapshot-Content-Location") or page.get("Content-Location")
    found = read_page_text(inner, decode_html(inner), web_address(str(address)) if address else None)
    if found.title:
        return found
    stated = {name: value for name, value in _stated(message).items() if value and not getattr(found, name)}
    return replace(found, **stated, evidence={**found.evidence, **dict.fromkeys(stated, "meta")})


def _body(part: Any) -> str:
    """Return the words of a message: of alternatives the fuller one, of other parts all that are shown."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        bodies = [(inner.get_content_type() != "text/plain", _body(inner)) for inner in _parts(part)]
        plain = next((text for marked, text in bodies if not marked), "")
        marked = max((text for marked, text in bodies if marked), key=len, default="")
        return marked if len(marked.split()) > _STUB * len(plain.split()) else plain
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        texts = [_body(inner) for inner in _parts(part) if not _is_attached(inner)]
        return "\n\n".join(text for text in texts if text.strip())
    if kind == "text/html":
        from rag.readers.flow import html_lines

        return "\n".join(html_lines(_text(part)))
    if kind == "text/plain":
        return _flowed(part, _text(part))
    return ""


def _parts(part: Any) -> list[Any]:
    payload = part.get_payload()
    return list(payload[:_MOST_PARTS]) if isinstance(payload, list) else []


def _is_attached(part: Any) -> bool:
    if _is_file(part) or part.get_content_maintype() == "message":
        return True
    return part.get_content_type() not in ("text/plain", "text/html") and not part.is_multipart()


def _attached(part: Any, seen: set[str]) -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, the bytes and the ending of each attachment that may hold words."""
    for inner in _parts(part):
        if not _is_attached(inner):
            yield from _attached(inner, seen)
            continue
        kind = inner.get_content_type()
        if inner.get_content_maintype() in _WORDLESS or kind in _NO_ARTICLES:
            continue
        if kind == "message/rfc822":
            forwarded = next(iter(_parts(inner)), None)
            if forwarded is not None:
                name = one_line(forwarded.get("Subject") or "", 100) or "message"
                yield _unique(name.replace("#", "_"), seen), forwarded.as_bytes(), ".eml"
            continue
        data = inner.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            guessed = mimetypes.guess_extension(kind) or ""
            name = one_line(inner.get_filename() or "", 150) or f"attachment{guessed}"
            yield _unique(name.replace("#", "_"), seen), data, PurePosixPath(name).suffix or guessed


def _forwarded(content: Content, forwarded: Forwarded, seen: set[str]) -> Iterator[Document | Failure]:
    """Yield the document of a message inside the text of another; one without words adds nothing."""
    if any(map(str.isalnum, forwarded.text)):
        key = _unique((one_line(forwarded.given["title"], 100) or "message").replace("#", "_"), seen)
        yield document(content.part(key, b"", content.suffix), forwarded.text, given=forwarded.given)


def _attachment(content: Content, name: str, data: bytes, suffix: str) -> Iterator[Document | Failure]:
    from rag.readers import read_content

    part = content.part(name, data, suffix)
    try:
        if part.depth > _MOST_FORWARDS:
            raise ReadError("attachment_nested", name=part.name, depth=content.depth)
        yield from read_content(part)
    except ReadError as error:
        yield Failure.from_error(part.id, error)


def _text(part: Any) -> str:
    """Return the text of a part; a charset that bytes contradict, or that programs state by habit, is not believed."""
    from rag.readers.decoding import decode, decoded

    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return ""
    charset = (part.get_content_charset() or "").lower()
    text = None
    if not charset or charset in _UNSURE:
        try:
            text = decode(data, "")
        except ReadError:
            text = None
    if text is None:
        try:
            text = decoded(data, charset or "utf-8")
        except (LookupError, ValueError):
            text = decoded(data, "utf-8", "replace")
    return text.replace("\x00", "").replace("\r\n", "\n")


def _flowed(part: Any, text: str) -> str:
    """Return paragraphs whole that were broken into lines to be put together again (RFC 3676)."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    drop = str(part.get_param("delsp") or "").lower() == "yes"
    lines: list[str] = []
    open_ = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line  # stuffed
        soft = line.endswith(" ") and line != "-- "
        kept = line[:-1] if soft and drop else line
        if open_ and not line.startswith(">"):
            lines[-1] += kept
        else:
            lines.append(kept)
        open_ = soft
    return "\n".join(line.rstrip() for line in lines)


def _with_letters(message: EmailMessage, content: Content) -> EmailMessage:
    """Return the headers of a message, in the file's encoding where they have bytes that mail does not allow."""
    from rag.readers.decoding import decode

    head = _BLANK.split(content.data, maxsplit=1)[0]
    if head.isascii():
        return message
    try:
        text = decode(content.data, "")
    except ReadError:
        return message
    return Parser(_class=EmailMessage, policy=policy.default).parsestr(re.split(r"\r?\n\r?\n", text)[0])


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
