"""How well the article of a page is told from its boilerplate, and what the page says of itself is read.

    python -m benchmarks.articles --data ../shared/data/pages

With ``--data``: pages of public collections (``benchmarks/real_pages.py``), as HTML beside other libraries, and as
plain scrapes in each of the ways of ``benchmarks/scrapes.py``; F1 over shingles of four words, precision and recall
averaged over pages. Always: precision, recall and F1 per character over the marked pages in ``tests/pages``, by
language, and for each field of the metadata how often it is right, wrong, less precise or absent.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, write_result
from benchmarks.pages import FIELDS, SETS, Counts, MarkedPage, count_characters, judge, read_pages
from benchmarks.real_pages import COLLECTIONS, PARTS, Overlap, RealPage, mean_overlap, read_collection, snippet_overlap
from benchmarks.scrapes import WAYS, scrape
from rag.article.document import article
from rag.readers import read_content
from rag.readers.content import Content
from rag.records import Document
from rag.text.normalisation import fold

VERDICTS = ("right", "less", "wrong", "absent", "none")
READ = ("title", "published", "author")
"""Fields that a collection states."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, help="folder of collections; without it only the marked pages are read")
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=list(PARTS), help="parts of the collections (default: all)"
    )
    parser.add_argument("--without-libraries", action="store_true", help="leave the other libraries out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the result goes (default: %(default)s)")
    options = parser.parse_args(arguments)
    result: dict[str, object] = {}
    if options.data:
        pages = {
            name: [page for page in read_collection(options.data / name) if page.part in options.parts]
            for name in COLLECTIONS
        }
        result["parts"] = options.parts
        result["real"] = real_pages(pages, libraries=not options.without_libraries)
        _print_real(result["real"])
    sets = {name: read_pages(folder) for name, folder in SETS.items()}
    found = {name: detection(pages) for name, pages in sets.items()}
    stated = {name: metadata(pages) for name, pages in sets.items()}
    _print_marked(found, stated)
    print(write_result("articles", {**result, "detection": found, "metadata": stated}, folder=options.out))
    return 0


# -- pages of public collections ------------------------------------------------------------------------------


def real_pages(pages: Mapping[str, Sequence[RealPage]], *, libraries: bool = True) -> dict[str, Any]:
    """Return F1 by reading and collection, and the verdicts on metadata by reading and field."""
    readings: dict[str, Callable[[RealPage], Document | str]] = {"HTML: ours": read_as_html}
    if libraries:
        readings |= {f"HTML: {name}": _library(name) for name in ("trafilatura", "readability-lxml", "jusText")}
    readings |= {f"{way}: ours": _scraped(way) for way in WAYS}
    readings["lines: keep everything"] = lambda page: scrape(page.markup, "lines")
    overlaps: dict[str, dict[str, dict[str, float]]] = {}
    verdicts: dict[str, dict[str, dict[str, int]]] = {}
    failed: dict[str, int] = {}
    for name, reading in readings.items():
        read = {key: [_try(reading, page) for page in group] for key, group in pages.items()}
        texts = {key: [shown(found) for found in group] for key, group in read.items()}
        overlaps[name] = {key: _row(_overlap(pages[key], texts[key])) for key in pages}
        failed[name] = sum(found is None for group in read.values() for found in group)
        if any(isinstance(found, Document) for group in read.values() for found in group):
            dated = [
                (page, found if isinstance(found, Document) else None)
                for key, group in pages.items()
                for page, found in zip(group, read[key], strict=True)
                if "title" in page.gold
            ]
            verdicts[name] = {
                field: dict(Counter(judge_field(field, page.gold, found) for page, found in dated)) for field in READ
            }
    return {"overlap": overlaps, "metadata": verdicts, "failed": failed}


def read_as_html(page: RealPage) -> Document:
    """Read a page as its file would be.

    Raises:
        ReadError: the page is refused.
    """
    return _read(page, page.markup.encode(), ".html", address=page.address)


def _scraped(way: str) -> Callable[[RealPage], Document]:
    suffix = ".md" if way == "markdown" else ".txt"
    return lambda page: _read(page, scrape(page.markup, way).encode(), suffix)


def _read(page: RealPage, data: bytes, suffix: str, address: str | None = None) -> Document:
    content = Content(
        id="x", name=page.name, source="x", suffix=suffix, data=data, max_bytes=20_000_000, address=address
    )
    found = next(iter(read_content(content)))
    if isinstance(found, Document):
        return found
    raise ValueError(f"{page.name}: {found}")


def _library(name: str) -> Callable[[RealPage], str]:
    from benchmarks.extraction import EXTRACTORS

    return lambda page: EXTRACTORS[name](page.markup, _language(page))


def _language(page: RealPage) -> str:
    """Return the language that the page's root element names."""
    start = page.markup.find("lang=")
    code = page.markup[start + 5 : start + 8].strip("\"' ")[:2].lower() if start >= 0 else ""
    return code if code.isalpha() else "en"


def _try(reading: Callable[[RealPage], Document | str], page: RealPage) -> Document | str | None:
    try:
        return reading(page)
    except Exception as error:  # a crash counts as a page that was lost, and is named
        print(f"{page.collection}/{page.name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
        return None


def shown(found: Document | str | None) -> str:
    """Return the text that is not masked, a break in the place of each mask."""
    if not isinstance(found, Document):
        return found or ""
    parts: list[str] = []
    at = 0
    for start, end in found.masked:
        parts.append(found.text[at:start])
        at = end
    return "\n".join([*parts, found.text[at:]])


def _overlap(pages: Sequence[RealPage], texts: Sequence[str]) -> Overlap:
    if any(page.body is None for page in pages):
        return snippet_overlap([(text, page.gold) for page, text in zip(pages, texts, strict=True)])
    return mean_overlap((text, page.body or "") for page, text in zip(pages, texts, strict=True))


def _row(found: Overlap) -> dict[str, float]:
    return {
        "pages": found.pages,
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 4),
        "f1": round(found.f1, 4),
    }


def judge_field(field: str, gold: Mapping[str, Any], found: Document | None) -> str:
    """Return ``right``, ``wrong``, ``absent`` (stated, not found) or ``none`` (neither stated nor found).

    A title is right with the same words in the same order, a date on the same day, an author where the first is named.
    """
    expected = gold["authors"] if field == "author" else gold[field]
    value = getattr(found, field, None)
    if not value:
        return "absent" if expected else "none"
    if not expected:
        return "wrong"
    if field == "published":
        right = value.isoformat()[:10] == datetime.fromisoformat(expected).isoformat()[:10]
    elif field == "author":
        right = _words(expected[0]) in _words(value)
    else:
        right = _words(expected) == _words(value)
    return "right" if right else "wrong"


def _words(text: str) -> str:
    return "".join(character if character.isalnum() else " " for character in fold(text)).replace("  ", " ").strip()


def _print_real(result: Any) -> None:
    print(f"\n| F1 (precision, recall) | {' | '.join(COLLECTIONS)} | not read |\n|---" + "|---" * 4 + "|")
    for name, rows in result["overlap"].items():
        cells = (f"{row['f1']:.3f} ({row['precision']:.3f}, {row['recall']:.3f})" for row in rows.values())
        print(f"| {name} | {' | '.join(cells)} | {result['failed'][name]} |")
    shown_verdicts = [verdict for verdict in VERDICTS if verdict != "less"]
    print(f"\n| metadata | field | {' | '.join(shown_verdicts)} |\n|---|---" + "|---" * 4 + "|")
    for name, fields in result["metadata"].items():
        for field, counts in fields.items():
            print(f"| {name} | {field} | " + " | ".join(str(counts.get(v, 0)) for v in shown_verdicts) + " |")


# -- marked pages of our own ----------------------------------------------------------------------------------


def detection(pages: Sequence[MarkedPage]) -> dict[str, dict[str, float]]:
    """Return pages, precision, recall and F1 by language, and over ``all``."""
    counts: dict[str, Counts] = {"all": Counts()}
    numbers: Counter[str] = Counter()
    for page in pages:
        found = count_characters(page)
        for key in ("all", page.language):
            counts[key] = counts.get(key, Counts()) + found
            numbers[key] += 1
    return {
        key: {
            "pages": numbers[key],
            "precision": round(found.precision, 4),
            "recall": round(found.recall, 4),
            "f1": round(found.f1, 4),
        }
        for key, found in sorted(counts.items())
    }


def metadata(pages: Sequence[MarkedPage]) -> dict[str, dict[str, int]]:
    """Return for each field how many pages have each verdict."""
    verdicts = [judge(page, article(page.text, document_id=page.name)) for page in pages]
    return {name: {verdict: sum(v[name] == verdict for v in verdicts) for verdict in VERDICTS} for name in FIELDS}


def _print_marked(found: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
    for name in found:
        print(f"\n| {name} | pages | precision | recall | F1 |\n|---|---|---|---|---|")
        for language, row in found[name].items():
            print(f"| {language} | {row['pages']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |")
        print(f"\n| {name} | " + " | ".join(VERDICTS) + " |\n|---" + "|---" * len(VERDICTS) + "|")
        for field, row_ in stated[name].items():
            print(f"| {field} | " + " | ".join(str(row_[verdict]) for verdict in VERDICTS) + " |")


if __name__ == "__main__":
    sys.exit(main())
