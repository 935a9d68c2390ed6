"""Web archives (WARC): each page that was fetched with success is an article, with the id `path#address`.

Where each record begins and ends is found here, so that a damaged one does not lose those after it; what is in a record
is warcio's. Of several captures of one address the newest is read; revisits say that nothing changed and hold no page.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from rag.errors import ReadError
from rag.readers.compression import DICTIONARY, FRAME, TooLarge, decode_codings, gzip_members, zstd_members
from rag.readers.content import Content, one_line
from rag.readers.formats import text_kind
from rag.readers.packages import require
from rag.readers.source_file import is_address, printable
from rag.readers.zip_files import MOST_MEMBERS, MOST_UNPACKED
from rag.records import Document, Failure

_LONGEST_HEADER = 65_536  # of a record; real ones have a few hundred bytes
_LONGEST_ADDRESS = 2_000
_START = re.compile(rb"WARC/\d")
_NEXT = re.compile(rb"\r?\n(?=WARC/\d)")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_FETCHED = ("200", "203")
_ENDINGS = {"text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "application/x-ndjson": ".jsonl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capture:
    """A page as it was fetched at one time."""

    address: str
    date: str  # as in the record; ISO 8601, so that text order is time order
    data: bytes
    suffix: str
    charset: str | None


def read_warc(content: Content) -> Iterator[Document | Failure]:
    """Yield the pages of a WARC file, plain, gzip or Zstandard, and a failure for each record that is damaged.

    Raises:
        ReadError: warcio is not installed, it unpacks to too much, or holds too many pages.
    """
    require("warcio", extra="warc", name=content.name)
    from rag.readers import read_content

    newest: dict[str, _Capture] = {}
    for found in _captures(content):
        if isinstance(found, Failure):
            yield found
        elif found.address not in newest or newest[found.address].date <= found.date:
            newest[found.address] = found
            if len(newest) > MOST_MEMBERS:
                raise ReadError("warc_too_many_pages", name=content.name, limit=MOST_MEMBERS)
    for capture in newest.values():
        if is_address(content.id):  # the archive of one page, which this program fetched
            part = replace(content, name=printable(content.id), data=capture.data, suffix=capture.suffix)
        else:
            part = content.part(capture.address, capture.data, capture.suffix)
        part = replace(part, address=capture.address, charset=capture.charset)
        try:
            yield from read_content(part)
        except ReadError as error:
            yield Failure.from_error(part.id, error)


def _captures(content: Content) -> Iterator[_Capture | Failure]:
    logging.getLogger("warcio").setLevel(logging.CRITICAL)
    for at, segment in _segments(content):
        for start, record in _records(segment) if segment is not None else [(0, None)]:
            found = _capture(content, record, at + start) if record is not None else _damaged(content, at + start)
            if found is not None:
                yield found


def _segments(content: Content) -> Iterator[tuple[int, bytes | None]]:
    """Yield the members of a packed file (a record each, as a rule), or the file; with the offset of each."""
    packed = content.data.startswith(b"\x1f\x8b")
    if not packed and not content.data.startswith((FRAME, DICTIONARY)):
        yield 0, content.data
        return
    most = MOST_UNPACKED * content.max_bytes
    try:
        yield from (gzip_members if packed else zstd_members)(content.data, most)
    except TooLarge:
        raise ReadError("archive_too_large", name=content.name, limit=most) from None


def _records(data: bytes) -> Iterator[tuple[int, bytes | None]]:
    """Yield the records with their offsets, or None for one that does not end where it says."""
    at = 0
    while at < len(data):
        begin = _START.match(data, at)
        blank = _BLANK.search(data, at, at + _LONGEST_HEADER) if begin else None
        length = _LENGTH.search(data, at, blank.end()) if blank else None
        end = blank.end() + int(length.group(1)) if blank and length else None
        if end is not None and end <= len(data) and (not data[end : end + 4].strip() or _START.match(data, end)):
            yield at, data[at:end]
            at = end
            while data[at : at + 1] in (b"\r", b"\n"):
                at += 1
        elif data[at:].strip():
            yield at, None
            following = _NEXT.search(data, at + 1)
            at = following.end() if following else len(data)
        else:
            return


def _capture(content: Content, data: bytes, at: int) -> _Capture | Failure | None:
    """Return the page of a record, a failure where the page is damaged, or None where the record holds none."""
    from warcio.recordloader import ArcWarcRecordLoader

    try:
        record = ArcWarcRecordLoader().parse_record_stream(io.BytesIO(data), known_format="warc", check_digests=True)
    except MemoryError:
        raise
    except Exception:  # the library raises whatever a damaged header leads it to
        return _damaged(content, at)
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type not in ("response", "resource", "conversion") or not address:
        return None
    if record.http_headers is not None and record.http_headers.get_statuscode() not in _FETCHED:
        return None
    address = one_line(address, _LONGEST_ADDRESS)
    part = content.part(address, b"", "")
    try:
        return _page(content, record, address, part.name)
    except TooLarge:
        return Failure.of(part.id, "file_over_limit", name=part.name, limit=content.max_bytes)
    except ReadError as error:
        return Failure.from_error(part.id, error)
    except MemoryError:
        raise
    except Exception as error:
        return Failure.of(part.id, "page_damaged", name=part.name, detail=type(error).__name__)


def _page(content: Content, record: Any, address: str, name: str) -> _Capture | None:
    headers = record.http_headers
    stated = (headers.get_header("content-type") if headers is not None else record.content_type) or ""
    body = _unchunked(record)
    if any(problem.startswith("block digest failed") for problem in record.digest_checker.problems):
        raise ReadError("page_digest_wrong", name=name)
    codings = (headers.get_header("content-encoding") if headers else "") or ""
    body = decode_codings(body, codings, content.max_bytes, name)
    if is_address(content.id):
        suffix: str | None = PurePosixPath(urlsplit(address).path).suffix.lower() or _ENDINGS.get(
            stated.split(";")[0], ""
        )
    else:
        suffix = _suffix(body, stated.lower(), conversion=record.rec_type == "conversion")
    if suffix is None:
        return None
    cut = record.rec_headers.get_header("WARC-Truncated")
    if cut:
        raise ReadError("page_cut_short", name=name, detail=one_line(cut, 20))
    if len(body) > content.max_bytes:
        raise TooLarge
    charset = _CHARSET.search(stated)
    return _Capture(
        address=address,
        date=record.rec_headers.get_header("WARC-Date") or "",
        data=body,
        suffix=suffix,
        charset=charset.group(1).lower() if charset else None,
    )


def _unchunked(record: Any) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    headers = record.http_headers
    if headers is not None and (headers.get_header("transfer-encoding") or "").lower() == "chunked":
        body: bytes = ChunkedDataReader(record.raw_stream).read()
    else:
        body = record.raw_stream.read()
    record.raw_stream.read()  # to the end, where the digest is compared
    return body


def _suffix(body: bytes, stated: str, *, conversion: bool) -> str | None:
    """Return the ending that says how to read a body, or None for what is no page: pictures, styles, scripts."""
    if body[:1024].lstrip().startswith(b"%PDF-"):
        return ".pdf"
    markup = "html" in stated and body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if markup or text_kind(body) == "html":
        return ".html"
    return ".txt" if conversion and stated.startswith("text/plain") else None


def _damaged(content: Content, at: int) -> Failure:
    """Return the failure of a record whose address cannot be known: everything indexed from the file stays then."""
    return Failure.of(content.id, "warc_record_damaged", name=content.name, offset=at)
