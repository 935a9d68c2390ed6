"""Article and boilerplate of the pages and seeds that are marked by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.pages import FIELDS, SETS, Counts, count_characters, judge, read_marked, read_pages
from rag.article.document import article
from rag.article.masks import find_boilerplate

SEEDS = Path(__file__).parent.parent / "seeds"
LANGUAGES = ("ro", "sl", "en", "de", "fr", "it", "es", "hr")
PAGES = sorted((Path(__file__).parent / "pages").glob("*.page"))


def test_there_are_pages_in_the_languages_promised() -> None:
    languages = [path.stem[:2] for path in PAGES]
    assert len(PAGES) >= 40
    assert {code for code in languages if languages.count(code) >= 5} == set(LANGUAGES)


ALL = [page for folder in SETS.values() for page in read_pages(folder)]


def test_the_article_is_found_in_each_language() -> None:
    """A floor: the pages are among those that the labeller learnt, and odd on purpose."""
    counts: dict[str, Counts] = {}
    for page in ALL:
        counts[page.language] = counts.get(page.language, Counts()) + count_characters(page)
    assert {code: counts[code].f1 >= 0.92 for code in LANGUAGES} == dict.fromkeys(LANGUAGES, True)
    assert sum(counts.values(), Counts()).f1 >= 0.94


def test_little_in_the_metadata_of_the_marked_pages_is_wrong() -> None:
    verdicts = [judge(page, article(page.text, document_id=page.name)) for page in ALL]
    told = {name: Counter(verdict[name] for verdict in verdicts) for name in FIELDS}
    most = {"title": 0.06, "author": 0.04, "published": 0.03, "modified": 0.02, "outlet": 0.04, "language": 0.01}
    assert {name: told[name]["wrong"] <= most[name] * len(ALL) for name in most} == dict.fromkeys(most, True)
    least = {"title": 0.9, "author": 0.8, "published": 0.9}
    stated = {name: sum(page.expected[name] is not None for page in ALL) for name in least}
    assert {name: told[name]["right"] >= least[name] * stated[name] for name in least} == dict.fromkeys(least, True)


def test_in_the_long_seed_the_article_ends_where_the_recommendations_begin() -> None:
    text = (SEEDS / "003_569c59af60f09498.txt").read_text("utf-8")
    head, tail = find_boilerplate(text, "ro")
    assert text[: head[1]].endswith("Ideea ar fi fost sugerată de Trump")
    assert text[head[1] :].lstrip().startswith("Kremlinul s-a arătat dispus miercuri")
    assert text[tail[0] :].startswith("RECOMANDAREA AUTORULUI:")
    assert tail[1] == len(text.rstrip())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "000_49a346e2707c7533.txt",
            [("date 2026-01-14", "decembrie 2025"), ("Foto: Biroul de presă", "ABACAPRESS/ Profimedia")],
        ),
        ("001_cca8ae2506ca1769.txt", [("date 2026-01-08", "21:59 08 Ian 2026"), ("Foto: Pr", "Profimedia Images")]),
        ("002_aade9f3352086e29.txt", [("date 2025-11-26", "date 2025-11-26")]),
        ("004_e006c9bc8f8c5fea.txt", []),
    ],
)
def test_in_the_other_seeds_only_head_and_credits_are_masked(name: str, expected: list[tuple[str, str]]) -> None:
    text = (SEEDS / name).read_text("utf-8")
    spans = [text[start:end] for start, end in find_boilerplate(text)]
    assert len(spans) == len(expected)
    for span, (beginning, ending) in zip(spans, expected, strict=True):
        assert span.startswith(beginning)
        assert span.endswith(ending)


def test_the_subheading_of_the_slovene_seed_stays() -> None:
    text = (SEEDS / "004_e006c9bc8f8c5fea.txt").read_text("utf-8")
    assert "\nRusija v pogovorih z ZDA glede Ukrajine vidi počasen napredek\n" in text
    assert find_boilerplate(text, "sl") == ()


def test_line_ends_of_other_systems_make_no_difference() -> None:
    page = read_marked(PAGES[0])
    for end in ("\r\n", "\r", "\u2028"):
        text = page.text.replace("\n", end)
        masked = [text[a:b].replace(end, "\n") for a, b in find_boilerplate(text, page.language)]
        assert masked == [page.text[a:b] for a, b in find_boilerplate(page.text, page.language)]
