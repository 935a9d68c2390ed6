"""How well the article of a page is told from its furniture, and what the page says of itself is read.

    python -m benchmarks.articles

Precision, recall and F1 per character over the marked pages in ``tests/pages`` (the rules were corrected on them) and
in ``tests/pages/heldout`` (written afterwards), by language; and for each field of the metadata how often it is right,
wrong, less precise or absent.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import RESULTS, write_result
from benchmarks.pages import FIELDS, SETS, Counts, MarkedPage, count_characters, judge, read_pages
from rag.article.document import article

VERDICTS = ("right", "less", "wrong", "absent", "none")


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the result goes (default: %(default)s)")
    options = parser.parse_args(arguments)
    sets = {name: read_pages(folder) for name, folder in SETS.items()}
    found = {name: detection(pages) for name, pages in sets.items()}
    stated = {name: metadata(pages) for name, pages in sets.items()}
    for name in sets:
        print(f"\n| {name} | pages | precision | recall | F1 |\n|---|---|---|---|---|")
        for language, row in found[name].items():
            print(f"| {language} | {row['pages']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |")
        print(f"\n| {name} | " + " | ".join(VERDICTS) + " |\n|---" + "|---" * len(VERDICTS) + "|")
        for field, row_ in stated[name].items():
            print(f"| {field} | " + " | ".join(str(row_[verdict]) for verdict in VERDICTS) + " |")
    print(write_result("articles", {"detection": found, "metadata": stated}, folder=options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
