"""How well the text of web pages and PDFs comes out, and in which order, against other libraries.

    python -m benchmarks.extraction

Web pages: the marked pages of ``tests/pages`` in three kinds of markup (``benchmarks/markup.py``); precision, recall
and F1 per character of the article, for each library, and for ours with the masks for plain text on what it extracts.
PDFs: the same articles typeset (``benchmarks/typesetting.py``); the share of neighbouring words still neighbours.
Seconds are those of one run in one process; compare them with each other only.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, write_result
from benchmarks.markup import STYLES, render
from benchmarks.pages import SETS, Counts, MarkedPage, masked_characters, read_pages
from benchmarks.typesetting import Layout, typeset
from rag.article.masks import find_boilerplate
from rag.errors import ReadError
from rag.readers import read_content
from rag.readers.content import Content
from rag.records import Document

Extractor = Callable[[str, str], str]
"""From markup and language to text."""

_WESTERN = ("en", "de", "fr", "it", "es")  # whose letters the standard fonts of PDF have
_LAYOUTS = {
    "one column": Layout(running=True),
    "two columns, column by column": Layout(columns=2, running=True),
    "two columns, line by line": Layout(columns=2, by_rows=True, running=True),
    "three columns, line by line": Layout(columns=3, by_rows=True, running=True, gap=14),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the result goes (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a few pages: shows that it runs, no more")
    options = parser.parse_args(arguments)
    pages = [page for folder in SETS.values() for page in read_pages(folder)]
    pages = pages[:3] if options.quick else pages
    web, pdf = web_pages(pages), pdfs(pages)
    for style, rows in web.items():
        print(f"\n| {style} | precision | recall | F1 | seconds |\n|---|---|---|---|---|")
        for name, row in rows.items():
            numbers = " | ".join(f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
            print(f"| {name} | {numbers} | {row['seconds']:.1f} |")
    print("\n| PDF | " + " | ".join(READERS) + " |\n|---" + "|---" * len(READERS) + "|")
    for layout, order in pdf["order"].items():
        print(f"| {layout} | " + " | ".join(f"{order[name]:.3f}" for name in READERS) + " |")
    print("| seconds | " + " | ".join(f"{pdf['seconds']['all'][name]:.1f}" for name in READERS) + " |")
    print(write_result("extraction", {"pages": len(pages), "web": web, "pdf": pdf}, folder=options.out))
    return 0


# -- web pages ------------------------------------------------------------------------------------------------


def web_pages(pages: Sequence[MarkedPage]) -> dict[str, dict[str, dict[str, float]]]:
    """Return precision, recall, F1 and seconds by kind of markup and by library."""
    return {style: {name: _measure(pages, style, extract) for name, extract in EXTRACTORS.items()} for style in STYLES}


def _measure(pages: Sequence[MarkedPage], style: str, extract: Extractor) -> dict[str, float]:
    counts = Counts()
    seconds = 0.0
    for page in pages:
        markup = render(page, style)
        began = time.process_time()
        text = extract(markup, page.language)
        seconds += time.process_time() - began
        counts += count_lines(page, text)
    return {
        "precision": round(counts.precision, 4),
        "recall": round(counts.recall, 4),
        "f1": round(counts.f1, 4),
        "seconds": round(seconds, 2),
    }


def count_lines(page: MarkedPage, text: str) -> Counts:
    """Count the characters of a page's lines that stand whole in a text, whitespace aside; others count as lost."""
    found = "".join(text.split())
    kept = wrong = lost = 0
    for mark, (start, end) in page.lines:
        line = "".join(page.text[start:end].split())
        there = line in found
        kept += len(line) * (mark == "B" and there)
        lost += len(line) * (mark == "B" and not there)
        wrong += len(line) * (mark == "F" and there and not _in_body(page, line))
    return Counts(kept=kept, wrong=wrong, lost=lost)


def _in_body(page: MarkedPage, line: str) -> bool:
    """Say whether a line of furniture is also words of the article, so that finding them says nothing."""
    return any(line in "".join(page.text[start:end].split()) for mark, (start, end) in page.lines if mark == "B")


def _ours(markup: str, language: str) -> str:
    document = _read(markup.encode(), ".html")
    return _unmasked(document.text, document.masked) if document is not None else ""


def _with_masks(markup: str, language: str) -> str:
    document = _read(markup.encode(), ".html")
    return _unmasked(document.text, find_boilerplate(document.text, language)) if document is not None else ""


def _trafilatura(**options: Any) -> Extractor:
    def extract(markup: str, language: str) -> str:
        import trafilatura

        found = trafilatura.extract(markup, include_comments=False, include_tables=True, **options)
        return found or ""

    return extract


def _readability(markup: str, language: str) -> str:
    import lxml.html
    from readability import Document as Readable

    summary: str = lxml.html.fromstring(Readable(markup).summary()).text_content()
    return summary


def _justext(markup: str, language: str) -> str:
    import justext

    names = {
        "ro": "Romanian", "sl": "Slovenian", "en": "English", "de": "German", "fr": "French", "it": "Italian",
        "es": "Spanish", "hr": "Croatian", "pl": "Polish", "nl": "Dutch", "pt": "Portuguese", "sv": "Swedish",
        "da": "Danish", "no": "Norwegian_Bokmal", "nb": "Norwegian_Bokmal", "fi": "Finnish", "hu": "Hungarian",
        "cs": "Czech", "sk": "Slovak", "bg": "Bulgarian", "el": "Greek", "tr": "Turkish", "uk": "Ukrainian",
        "ru": "Russian", "lt": "Lithuanian", "lv": "Latvian", "et": "Estonian", "is": "Icelandic", "hi": "Hindi",
    }  # fmt: skip
    words = justext.get_stoplist(names.get(language, "English"))
    found = justext.justext(markup.encode(), words, encoding="utf-8")
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)


EXTRACTORS: dict[str, Extractor] = {
    "as read here": _ours,
    "as read here, with the masks for plain text": _with_masks,
    "trafilatura": _trafilatura(),
    "trafilatura without fallback": _trafilatura(fast=True),
    "trafilatura, precision first": _trafilatura(favor_precision=True),
    "trafilatura, recall first": _trafilatura(favor_recall=True),
    "readability-lxml": _readability,
    "jusText": _justext,
}


# -- PDFs -----------------------------------------------------------------------------------------------------


def pdfs(pages: Sequence[MarkedPage]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the share of neighbouring words kept, by layout and by library, and the seconds of each library."""
    words = [
        word
        for page in pages
        if page.language in _WESTERN
        for mark, (start, end) in page.lines
        if mark == "B"
        for word in page.text[start:end].split()
        if word.isascii()
    ][:9000]
    order: dict[str, dict[str, float]] = {}
    seconds = dict.fromkeys(READERS, 0.0)
    for layout, shape in _LAYOUTS.items():
        data = typeset(words, shape)
        for name, read in READERS.items():
            began = time.process_time()
            text = read(data)
            seconds[name] += time.process_time() - began
            order.setdefault(layout, {})[name] = round(neighbours_kept(words, text.split()), 4)
    return {"order": order, "seconds": {"all": {name: round(value, 2) for name, value in seconds.items()}}}


def neighbours_kept(words: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of pairs of neighbouring words that are neighbours in what was found.

    Example:
        >>> neighbours_kept(["a", "b", "c"], ["a", "b", "x", "c"])
        0.5
    """
    there = set(pairwise(found))
    pairs = list(pairwise(words))
    return sum(pair in there for pair in pairs) / len(pairs) if pairs else 1.0


def _pdf_as_read_here(data: bytes) -> str:
    document = _read(data, ".pdf")
    return _unmasked(document.text, document.masked) if document is not None else ""


def _pypdf(data: bytes) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def _pdfium(data: bytes) -> str:
    import pypdfium2

    file = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in file)
    finally:
        file.close()


READERS: dict[str, Callable[[bytes], str]] = {"as read here": _pdf_as_read_here, "pypdf": _pypdf, "PDFium": _pdfium}


def _read(data: bytes, suffix: str) -> Document | None:
    content = Content(id="x", name="'x'", source="x", suffix=suffix, data=data, max_bytes=20_000_000)
    try:
        return next((part for part in read_content(content) if isinstance(part, Document)), None)
    except ReadError:
        return None


def _unmasked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    hidden = masked_characters(text, spans)
    return "".join(" " if is_hidden else character for character, is_hidden in zip(text, hidden, strict=True))


if __name__ == "__main__":
    sys.exit(main())
