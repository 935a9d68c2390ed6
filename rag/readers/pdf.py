"""PDF by its text layer, with the offset at which each page begins, so that a citation can name the page.

The text is PDFium's: it is quick, and gives the place of each letter, which reading order and running heads need.
pypdf looks the file over first: PDFium cannot be stopped in the middle of a page, so what would keep it for ever is
refused before. A paragraph is a line, with divided words whole; running heads and feet are masked.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from rag.errors import ReadError
from rag.readers import ocr
from rag.readers.content import Content, document, one_line, web_address
from rag.readers.pdf_glyphs import read_pieces, text_turn
from rag.readers.pdf_layout import Line, in_reading_order, with_initials
from rag.readers.pdf_pages import PdfText, join_pages
from rag.readers.several import Part, find_parts, read_parts_of
from rag.records import Document, Failure, Span

_MOST_PAGES = 2_000
_SECONDS = 60.0  # of the processor: neither a busy machine nor one that slept is the file's fault
_LONGEST_PAGE = 5_000_000  # bytes of drawing instructions of one page; a newspaper page has some 200,000
_MOST_TEXT = 20_000_000  # characters

_LEAD_WORDS = 8
_SCANNED = 0.5  # of a page without text is covered by pictures
_MOST_PICTURES = 1_000  # of a page that are looked at

_PDFIUM = threading.Lock()  # the library is not made for two threads at once


def read_pdf(content: Content) -> Iterator[Document | Failure]:
    """Yield the document of a PDF.

    Raises:
        ReadError: it is encrypted, damaged, without a text layer, or too long for its time.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity it repairs
    deadline = time.thread_time() + _SECONDS
    try:
        reader = pypdf.PdfReader(io.BytesIO(content.data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("pdf_encrypted", name=content.name)
        count = len(reader.pages)
        if count > _MOST_PAGES:
            raise ReadError("pdf_too_many_pages", name=content.name, pages=count, limit=_MOST_PAGES)
        for number, page in enumerate(reader.pages, start=1):
            _check_time(content.name, number, deadline)
            if drawing_bytes(page, _LONGEST_PAGE) > _LONGEST_PAGE:
                raise ReadError("pdf_page_too_large", name=content.name, page=number, limit=_LONGEST_PAGE)
        given = _stated(reader)
        with _PDFIUM:
            found = _read(content, deadline)
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # the libraries raise whatever a damaged structure leads them to
        raise ReadError("pdf_damaged", name=content.name, detail=type(error).__name__) from None
    if not found.text.strip():
        if ocr.available():
            raise ReadError("pdf_unrecognised", name=content.name, pages=count)
        raise ReadError("pdf_scanned", name=content.name, pages=count, command=ocr.COMMAND)
    if parts := _several(found):
        yield from read_parts_of(content, found.text, parts, pages=found.pages)
        return
    stated = {**_parted(given, found.text), **found.stated}
    source = web_address(found.address)
    made = document(
        content,
        found.text,
        given=stated,
        source=source,
        pages=found.pages,
        furniture=found.furniture,
        aside=found.aside,
    )
    made = replace(made, masked=tuple(_without_lead(made, found)))
    if made.title in found.full and made.evidence.get("title") == "text":
        masked = tuple(span for span in made.masked if made.text[slice(*span)].strip() != made.title)
        evidence = {name: origin for name, origin in made.evidence.items() if name != "title"}
        made = replace(made, title="", masked=masked, evidence=evidence)
    yield replace(made, evidence={**made.evidence, "text": "ocr"}) if found.recognised else made
    if found.scanned:
        numbers = ", ".join(str(number) for number in found.scanned[:10]) + (" ..." if len(found.scanned) > 10 else "")
        yield Failure.of(content.id, "pdf_pages_scanned", name=content.name, pages=numbers, command=ocr.COMMAND)


def _several(found: PdfText) -> list[Part]:
    """Return the articles of a file that holds several: of an export, or below the headlines of a newspaper's page."""
    if parts := find_parts(found.text):
        return parts if len(parts) > 1 else []
    if not found.headlines:
        return []
    starts = [0, *(start for start, _ in found.headlines[1:])]
    ends = [*starts[1:], len(found.text)]
    parts = []
    for start, end, headline in zip(starts, ends, found.headlines, strict=True):
        inside = tuple((one - start, other - start) for one, other in found.furniture if start <= one and other <= end)
        given = {**found.stated, "title": one_line(found.text[slice(*headline)], 500)}
        parts.append(Part(start=start, end=end, given=given, furniture=inside))
    return parts


def _without_lead(made: Document, found: PdfText) -> Iterator[Span]:
    """Yield what is masked of a document, but for lines of its lead: those above it that are set as its text is."""
    lead = len(made.text) - len(made.text.lstrip())
    for start, end in made.masked:
        if (start, end) in found.furniture or made.text[lead:start].strip():
            yield start, end
            continue
        lead = end
        at = start
        for line in made.text[start:end].splitlines(keepends=True):
            told = " ".join(line.split())
            if told and not (told in found.full and len(told.split()) >= _LEAD_WORDS):
                yield at, at + len(line.rstrip("\n"))
            at += len(line)


def _check_time(name: str, number: int, deadline: float) -> None:
    if time.thread_time() > deadline:
        raise ReadError("pdf_too_slow", name=name, seconds=_SECONDS, page=number)


def _read(content: Content, deadline: float) -> PdfText:
    import pypdfium2

    pages: list[list[Line]] = []
    length = 0
    scans: list[int] = []
    file = pypdfium2.PdfDocument(content.data)
    try:
        for number in range(1, len(file) + 1):
            page = file[number - 1]
            try:
                pages.append(lines := _page_lines(page, partial(_check_time, content.name, number, deadline)))
                if not lines and _is_scan(page):
                    scans.append(number)
            finally:
                page.close()
            length += sum(len(piece.text) + 1 for line in lines for piece in line)
            if length > _MOST_TEXT:
                raise ReadError("pdf_too_much_text", name=content.name, limit=_MOST_TEXT)
        if not any(pages):
            scans = list(range(1, len(pages) + 1))
        if scans and ocr.available():
            recogniser = ocr.Recogniser(content.name)
            for number in scans:
                page = file[number - 1]
                try:
                    pages[number - 1] = recogniser.read(page, number)
                finally:
                    page.close()
    finally:
        file.close()
    found = join_pages(pages)
    return replace(found, recognised=True) if scans and ocr.available() else replace(found, scanned=tuple(scans))


def _is_scan(page: Any) -> bool:
    """Say whether pictures cover most of a page."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    covered = 0.0
    for number, item in enumerate(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3)):
        left, bottom, right, top = item.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
        if covered >= _SCANNED * width * height or number > _MOST_PICTURES:
            break
    return bool(covered >= _SCANNED * width * height)


def _page_lines(page: Any, look_at_the_clock: Callable[[], None]) -> list[Line]:
    look_at_the_clock()
    rotation, turn = page.get_rotation(), text_turn(page)
    lines = with_initials(read_pieces(page, look_at_the_clock, turn))
    # The places are those of the page before it was shown turned.
    sideways = (rotation % 180 != 0) != (turn % 2 != 0)
    width = page.get_height() if sideways else page.get_width()
    return in_reading_order(lines, width, turned=rotation != 0 or turn != 0)


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


def _parted(given: dict[str, Any], text: str) -> dict[str, Any]:
    """Return what a file states with the outlet's name, which pages add to their titles, apart from the headline."""
    for sign in (" - ", " | ", " – ", " — ", " • "):
        headline, _, outlet = str(given.get("title") or "").rpartition(sign)
        if headline and outlet and len(outlet.split()) <= 6 and f"\n{headline}\n" in f"\n{text[:5000]}\n":
            return {**given, "title": headline, "outlet": outlet}
    return given


_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)[\s\x00]+Do\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 30


def drawing_bytes(page: Any, most: int) -> int:
    """Return the bytes of a page's drawing instructions, those of a form as often as it is drawn.

    Args:
        page: of pypdf.
        most: counting may end when it is passed.
    """
    contents = page.get_contents()
    if contents is None:
        return 0
    return _weight(contents, page.get("/Resources"), most, {}, 0)


def _weight(stream: Any, resources: Any, most: int, known: dict[int, int], depth: int) -> int:
    data: bytes = stream.get_data()
    total = len(data)
    drawn = Counter(_ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), name) for name in _DRAWN.findall(data))
    if total > most or not drawn or depth > _DEEPEST:
        return total if depth <= _DEEPEST else most + 1
    forms = resources.get_object().get("/XObject") if resources is not None else None
    if forms is None:
        return total
    for name, times in drawn.items():
        form = forms.get_object().get("/" + name.decode("latin-1"))
        key = getattr(form, "idnum", id(form))
        form = form.get_object() if form is not None else None
        if form is None or form.get("/Subtype") != "/Form":
            continue
        if key not in known:
            known[key] = most + 1  # one that draws itself never ends
            known[key] = _weight(form, form.get("/Resources", resources), most, known, depth + 1)
        total += times * known[key]
        if total > most:
            break
    return total
