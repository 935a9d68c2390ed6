"""The list of the corpus as HTML: searched, sorted, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from page_samples import HOSTILE, INVITED, Tree

from rag import Failure
from rag.web.article import render_article
from rag.web.corpus import list_corpus
from rag.web.render import render_corpus
from rag.web.url_state import Place, View


@dataclass(frozen=True)
class Row:
    id: str
    title: str = ""
    outlet: str | None = None
    author: str | None = None
    published: date | datetime | None = None
    language: str | None = None
    characters: int = 0
    passages: int = 0
    sha256: str = ""


ROWS_ = [
    Row("c.txt", "Beta", "Delo", None, date(2026, 1, 8), "sl", 2500),
    Row("a.txt", "Ana", None, "Ana Pop", datetime(2026, 1, 14, 9), "ro", 900),
    Row("b.txt", "alpha", "Adevărul", None, None, "ro", 1000),
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("title", "bac"), ("-title", "cab"), ("date", "cab"), ("-date", "acb"), ("length", "abc"), ("outlet", "bca"),
     ("-outlet", "cba"), ("-language", "cab"), ("nonsense", "bac")],
)  # fmt: skip
def test_the_list_is_sorted_and_what_is_unknown_comes_last(sort: str, order: str) -> None:
    assert "".join(row.id[0] for row in list_corpus(ROWS_, sort=sort).rows) == order


def test_the_list_finds_all_words_anywhere_and_counts_the_whole_corpus() -> None:
    assert [row.id for row in list_corpus(ROWS_, find="POP ana").rows] == ["a.txt"]
    nothing = list_corpus(ROWS_, find="ana delo")
    assert (nothing.rows, nothing.found, nothing.total) == ((), 0, 3)
    assert nothing.languages == (("ro", 2), ("sl", 1))
    assert nothing.outlets == (("Adevărul", 1), ("Delo", 1), (None, 1))
    assert nothing.months == (("2026-01", 2), (None, 1))


def test_a_long_list_comes_in_pages() -> None:
    many = [Row(f"{n:04}.txt") for n in range(250)]
    second = list_corpus(many, start=100)
    assert (second.rows[0].id, second.rows[-1].id, second.found) == ("0100.txt", "0199.txt", 250)
    assert list_corpus(many, start=9999).rows[0].id == "0000.txt"


def test_the_corpus_page_names_failures_and_links_every_article() -> None:
    view = View(show="corpus", find=HOSTILE, sort="-date")
    corpus = list_corpus([*ROWS_, Row(HOSTILE, HOSTILE, HOSTILE, HOSTILE)], sort="-date")
    html = render_corpus(corpus, [Failure.of(HOSTILE, "file_empty", name=HOSTILE)], view=view, language="ro")
    tree = Tree(html)
    assert tree.all("data-cite")[0] == "a.txt@0000000000000000:0-0"
    assert tree.all("aria-sort") == ["descending"]
    assert "2.500" in html and "ian. 2026" in html and "0 octeți" in html
    assert not {"script", "img", "title"} & {tag for tag, _ in tree.elements}


def test_an_article_opened_from_the_list_has_nothing_highlighted_and_no_warning() -> None:
    html = render_article(INVITED, Place.whole(INVITED.id), language="en")
    assert 'data-state="whole"' in html and "has changed" not in html and Tree(html).cited == ""
