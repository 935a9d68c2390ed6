"""PDF by its text layer, with the offset at which each page begins, so that a citation can name the page.

Words that a line's end divides are joined. Time is bounded: each drawing operation of a page looks at the clock.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

from rag.errors import ReadError
from rag.indexing.readers.content import Content, document, one_line
from rag.records import Document

_MOST_PAGES = 2_000
_SECONDS = 60.0
_LONGEST_PAGE = 5_000_000  # bytes of drawing instructions of one page; a newspaper page has some 200,000
_MOST_TEXT = 20_000_000  # characters

_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[-\u00ad\u2010]\n(?=[^\W\d_]{2})")


class _TooSlow(Exception):
    """The time for a file is used up."""


def read_pdf(content: Content) -> Iterator[Document]:
    """Yield the document of a PDF.

    Raises:
        ReadError: it is encrypted, damaged, without a text layer, or too long for its time.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity it repairs
    try:
        reader = pypdf.PdfReader(io.BytesIO(content.data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError(f"{content.name} is an encrypted PDF. Save it without a password")
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise ReadError(f"{content.name} has {count:,} pages, more than {_MOST_PAGES:,}. Split it")
        text, pages = _text(reader, content.name)
        given = _stated(reader)
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # the library raises whatever a damaged structure leads it to
        why = f"is a damaged PDF, or cut short ({type(error).__name__}). Fetch it again"
        raise ReadError(f"{content.name} {why}") from None
    if not text.strip():
        pictures = "page" if count == 1 else "pages"
        raise ReadError(
            f"{content.name} has no text layer ({count} scanned {pictures}). Recognise its text first (OCR)"
        )
    yield document(content, text, given=given, pages=pages)


def join_hyphens(text: str) -> str:
    r"""Join the words that a line's end divides; a capital or a digit after the hyphen keeps it.

    Example:
        >>> join_hyphens("garan-\nțiile din Dmitriev-\nWitkoff")
        'garanțiile din Dmitriev-\nWitkoff'
    """
    return _HYPHEN.sub(lambda found: "" if text[found.end()].islower() else found.group(), text)


def _text(reader: Any, name: str) -> tuple[str, tuple[int, ...]]:
    deadline = time.monotonic() + _SECONDS

    def look_at_the_clock(*_: object) -> None:
        if time.monotonic() > deadline:
            raise _TooSlow

    pages: list[int] = []
    parts: list[str] = []
    length = 0
    for number, page in enumerate(reader.pages, start=1):
        drawing = page.get_contents()
        if drawing is not None and len(drawing.get_data()) > _LONGEST_PAGE:
            raise ReadError(f"{name} has a page ({number}) of more than {_LONGEST_PAGE:,} bytes. Leave that page out")
        try:
            look_at_the_clock()
            found = page.extract_text(visitor_operand_before=look_at_the_clock)
        except _TooSlow:
            raise ReadError(f"{name} takes more than {_SECONDS:.0f} s (page {number} was reached). Split it") from None
        pages.append(length)
        parts.append(join_hyphens(_clean(found)) + "\n")
        length += len(parts[-1])
        if length > _MOST_TEXT:
            raise ReadError(f"{name} holds more than {_MOST_TEXT:,} characters. Split it")
    return "".join(parts), tuple(pages)


def _clean(text: str) -> str:
    """Drop what is no character: NULs and lone surrogates, which fonts without a map give."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").rstrip()


def _stated(reader: Any) -> dict[str, Any]:
    """Return the title and author that the file's record states; a file's name is no title."""
    try:
        record = reader.metadata or {}
        title, author = one_line(record.get("/Title") or "", 500), one_line(record.get("/Author") or "")
    except MemoryError:
        raise
    except Exception:  # a damaged record does not cost the text
        return {}
    named = re.search(r"\.\w{2,5}$|^(?:untitled|microsoft word)", title, re.IGNORECASE) or " " not in title
    return {"title": "" if named else title, "author": author if " " in author else ""}
