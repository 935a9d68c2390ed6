"""The list of the corpus as HTML: what it names, what its bars filter, and that hostile metadata is only text."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

from page_samples import HOSTILE, INVITED, Tree

from rag import MOST_COUNTED, Counts, Document, DocumentInfo, Failure, Index, ListPage, ListQuery
from rag.web.article import render_article
from rag.web.corpus import Allowed, list_query, render_corpus
from rag.web.facet_counts import count_result
from rag.web.filters import make_menus, render_filters
from rag.web.i18n import words
from rag.web.url_state import Place, View


def row(id_: str, title: str = "", outlet: str | None = None, **more: object) -> DocumentInfo:
    values = {"author": None, "published": None, "language": None, "source": None, "origin": id_, "characters": 1200}
    return DocumentInfo(id=id_, title=title, outlet=outlet, passages=1, **values | more)  # type: ignore[arg-type]


ROWS = (
    row("c.txt", "Beta", "Delo", published=date(2026, 1, 8), language="sl", characters=2500, corrected=("title",)),
    row("a.txt", "Ana", author="Ana Pop", published=datetime(2026, 1, 14, 9), language="ro"),
    row(HOSTILE, HOSTILE, HOSTILE, author=HOSTILE),
)
COUNTS = Counts(
    documents=3, languages={"sl": 1, "ro": 1, None: 1}, outlets={"Delo": 1, HOSTILE: 1, None: 1},
    months={"2025-12": 1, "2026-01": 2, None: 1},
)  # fmt: skip


def test_the_list_links_every_article_and_shows_hostile_values_as_text() -> None:
    view = View(show="corpus", find=HOSTILE, sort="-date", after=HOSTILE, lacking=HOSTILE)
    page = ListPage(rows=ROWS, found=3, first=200, previous=HOSTILE, next=HOSTILE)
    failures = [Failure.of(HOSTILE, "file_empty", name=HOSTILE), Failure.of("half.csv", "file_empty", name="half.csv")]
    html = render_corpus(
        page, COUNTS, failures, view=view, language="ro", allowed=Allowed(changes=True, fetching=True), unread={HOSTILE}
    )
    tree = Tree(html)
    assert tree.all("data-cite")[:2] == ["c.txt@0000000000000000:0-0", "a.txt@0000000000000000:0-0"]
    assert tree.all("aria-sort") == ["descending"]
    assert tree.all("data-page-after") == tree.all("data-page-until") == [HOSTILE]
    assert tree.all("data-remove-file") == [HOSTILE]  # of the other file some articles were read
    assert "2.500" in html and "ian. 2026" in html and "0 octeți" in html and "201–203" in html
    assert html.count("corectat manual") == 1
    assert not {"script", "img", "title"} & {tag for tag, _ in tree.elements}
    assert "data-form" not in render_corpus(page, COUNTS, failures, view=view, language="ro")  # nobody may change it


def test_bars_choose_one_value_and_take_the_choice_back() -> None:
    view = View(show="corpus", outlets=("Delo",), published_from=date(2026, 1, 1), published_to=date(2026, 1, 31))
    html = render_corpus(ListPage(rows=ROWS, found=1), COUNTS, [], view=view, language="en")
    tree = Tree(html)
    changes = [json.loads(text or "") for text in tree.all("data-narrow")]
    assert {"languages": ["ro"], "lacking": ""} in changes and {"outlets": [], "lacking": "outlet"} in changes
    assert {"outlets": [], "lacking": ""} in changes  # Delo is chosen
    assert {"published_from": "2025-12-01", "published_to": "2025-12-31", "lacking": ""} in changes
    assert {"published_from": None, "published_to": None, "lacking": ""} in changes  # January is chosen
    assert tree.all("aria-current") == ["true", "true"]
    assert list_query(view) == ListQuery(
        outlets=("Delo",), published_from=date(2026, 1, 1), published_to=date(2026, 1, 31), limit=100
    )
    many = render_corpus(ListPage(rows=ROWS, found=MOST_COUNTED + 1), COUNTS, [], view=view, language="en")
    assert "more than 10,000 articles" in many
    assert "3 articles" in render_corpus(ListPage(rows=ROWS, found=3), COUNTS, [], view=View(), language="en")


def test_a_corpus_of_three_hundred_outlets(tmp_path: Path) -> None:
    outlets = [f"Ziarul {n:03}" for n in range(300)]
    with Index.create(tmp_path / "index") as index:
        index.add(
            Document(
                id=f"{n}.txt", text=f"Podul {n} din Cluj a fost deschis, a spus primarul.", outlet=outlet, language="ro"
            )
            for n, outlet in enumerate(outlets)
        )
        view = View(show="corpus")
        html = render_corpus(index.browse(list_query(view)), index.counts(), [], view=view, language="sl")
        assert sum("outlets" in text for text in Tree(html).all("data-narrow")) == 12
        menu = make_menus(index, view, words("ro"), None)[1]
        assert [choice.name for choice in menu.choices] == outlets and menu.searched and not menu.waiting
        # of an answer only its own outlets are at hand; the others are behind "more", and can be searched
        question = View(question="Cine a spus ceva despre podul 299 din Cluj?")
        answer = index.answer_query(question.query())
        menu = make_menus(index, question, words("ro"), count_result(index, answer, question))[1]
        at_hand = [choice for choice in menu.choices if choice.at_hand]
        assert 0 < len(at_hand) <= 10 and all(choice.count for choice in at_hand)
        assert menu.waiting == 300 - len(at_hand) and menu.searched
        html = render_filters(index, question, "ro", None)
        assert len(html) < 150_000 and html.count('data-filter="outlets"') == 300
        chosen = View(show="corpus", outlets=("Ziarul 288",))
        assert [row.id for row in index.browse(list_query(chosen)).rows] == ["288.txt"]


def test_an_article_opened_from_the_list_has_nothing_highlighted_and_no_warning() -> None:
    html = render_article(INVITED, Place.whole(INVITED.id), language="en")
    assert 'data-state="whole"' in html and "has changed" not in html and Tree(html).cited == ""
