"""Dates of the question in retrieval: a small advantage, shown as such, and never a condition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime

import numpy as np
import pytest

from rag import Document, Filters, Index, Period
from rag.cli.commands import main
from rag.retrieval.date_match import MENTIONED, PUBLISHED, advantages
from rag.web.result import render_answer
from rag.web.url_state import View

QUESTION = "What did the delegations discuss on 22 January 2026?"
SAID = {
    "said": ("Delegaciji sta se 22. januarja pogovarjali o izmenjavi ujetnikov.", date(2026, 2, 3)),
    "other": ("Delegaciji sta se 14. februarja pogovarjali o izmenjavi ujetnikov.", date(2026, 2, 15)),
    "of-the-day": ("Delegaciji sta se pogovarjali o izmenjavi ujetnikov in talcev.", datetime(2026, 1, 22, 18, 5)),
    "both": ("Delegaciji sta se danes pogovarjali o izmenjavi ujetnikov.", date(2026, 1, 22)),
    "year-before": ("Delegaciji sta se 22. januarja pogovarjali o izmenjavi ujetnikov in hrani.", date(2025, 2, 3)),
    "whole-year": ("Delegaciji sta se leta 2026 pogovarjali o izmenjavi ujetnikov in meji.", None),
    "undated": ("Delegaciji sta se 22. januarja pogovarjali o izmenjavi ujetnikov in oklepnikih.", None),
}
GAINED = {
    "said": 1.0,
    "other": 0.0,
    "of-the-day": 0.3,
    "both": 1.3,
    "year-before": 0.0,
    "whole-year": 0.0,
    "undated": 1.0,
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("timing") / "index") as index:
        index.add(
            [Document(id=id_, text=text, language="sl", published=published) for id_, (text, published) in SAID.items()]
        )
        yield index


def test_the_advantage_is_for_what_speaks_of_the_day_and_less_for_what_is_of_it(index: Index) -> None:
    hits = index.retrieve(QUESTION, 10, collapse=False)
    assert {hit.document.id: round(hit.why["dates"], 6) for hit in hits} == GAINED  # nothing is left out
    by_id = {hit.document.id: hit for hit in hits}
    assert by_id["said"].rank < by_id["other"].rank and by_id["both"].rank < by_id["other"].rank
    assert (MENTIONED, PUBLISHED) == (1.0, 0.3)


def test_a_year_asked_about_counts_only_for_articles_of_it(index: Index) -> None:
    hits = index.retrieve("What did the delegations discuss in 2026?", 10, collapse=False)
    assert {hit.document.id: round(hit.why["dates"], 6) for hit in hits} == {
        id_: 0.3 if published is not None and published.year == 2026 else 0.0 for id_, (_, published) in SAID.items()
    }


def test_a_score_is_the_one_without_dates_moved_by_these_odds(index: Index) -> None:
    with index._store.view() as view:
        retriever = index._parts.retriever
        question = retriever._read(view, QUESTION)
        scored = retriever._combine(view, question, 64, Filters())
        assert scored.timely is not None
        odds = np.log(scored.scores / (1 - scored.scores)) - scored.timely
        again = advantages(view, scored.ids, odds, question.periods)
        assert again.tolist() == scored.timely.tolist()
        assert advantages(view, scored.ids, odds, ()).tolist() == [0.0] * len(SAID)


def test_without_a_date_nothing_is_said_of_dates(index: Index) -> None:
    answer = index.answer("What did the delegations discuss?", 3)
    assert answer.periods == () and all("dates" not in hit.why for hit in answer.hits)


def test_the_answer_says_what_was_understood(index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    answer = index.answer(QUESTION, 3)
    assert answer.periods == (
        Period(start=len(QUESTION) - 16, end=len(QUESTION) - 1, first=date(2026, 1, 22), last=date(2026, 1, 22)),
    )
    folder = str(index.info()["index"])
    assert main(["ask", QUESTION, "--index", folder]) == 0
    assert "understood: “22 January 2026” as 2026-01-22 to 2026-01-22" in capsys.readouterr().out.splitlines()
    assert main(["ask", QUESTION, "--index", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["periods"] == [
        {"start": 36, "end": 51, "first": "2026-01-22", "last": "2026-01-22", "year_stated": True}
    ]


@pytest.mark.parametrize(
    ("language", "read", "only"),
    [
        ("en", "“January 2026” was read as January 2026.", "Published: January 2026"),
        ("ro", "„January 2026” a fost interpretat ca ianuarie 2026.", "Publicat: ianuarie 2026"),
        ("sl", "»January 2026« razumemo kot januar 2026.", "Objavljeno: januar 2026"),
    ],
)
def test_the_page_offers_what_was_published_then(index: Index, language: str, read: str, only: str) -> None:
    view = View(question="What did the delegations discuss in January 2026?")
    answer = index.answer(view.question, 3)
    html = render_answer(answer, view=view, language=language)
    assert read in html and f">{only}</a>" in html
    assert 'data-period data-from="2026-01-01" data-to="2026-01-31"' in html
    assert "&amp;published_from=2026-01-01&amp;published_to=2026-01-31" in html
    chosen = View(question=view.question, published_from=date(2026, 1, 1), published_to=date(2026, 1, 31))
    html = render_answer(answer, view=chosen, language=language)
    assert read in html and only not in html


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2019, 1, 1), date(2021, 12, 31), "2019–2021"),
        (date(2026, 2, 1), date(2026, 2, 28), "februar 2026"),
        (date(2026, 1, 22), date(2026, 1, 22), "22. jan. 2026"),
        (date(2026, 1, 20), date(2026, 1, 25), "20. jan. 2026 – 25. jan. 2026"),
    ],
)
def test_a_period_in_the_shortest_words(first: date, last: date, words: str) -> None:
    from rag.web.i18n import words as spoken

    assert spoken("sl").period(first, last) == words
