"""What the page renders is bounded by what it shows, not by what somebody sends."""

from __future__ import annotations

import json
from datetime import date

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from test_contract import application

from rag import Counts, Failure, Index, ListPage
from rag.server.options import Terms
from rag.service import Service
from rag.web.corpus import render_corpus
from rag.web.examples import Examples
from rag.web.page import _told, show, show_rest
from rag.web.result import Pending
from rag.web.url_state import MAX_QUESTION, Place, View

LARGEST = 2_000_000
"""Characters of a page; the one of the longest question that is shown has a tenth of it."""

HOSTILE = {
    "dates": "January " * 12_000,
    "dates of one question": ("January February 3 March 2020 yesterday " * 99)[:MAX_QUESTION],
    "one word": "a" * 90_000,
    "marks": '"<&' * 30_000,
    "words": "Witkoff Dmitriev Paris " * 4_000,
    "wide": ("Москва " * 300)[:MAX_QUESTION],
}
MANY = {
    "languages": [f"{n:x}" for n in range(50_000)],
    "outlets": ["x" * 100_000, *(f"outlet {n}" for n in range(20_000))],
    "find": "x" * 500_000,
    "sort": "y" * 100_000,
    "lacking": "y" * 100_000,
    "after": "[" * 100_000,
    "until": "1" * 100_000,
    "cite": "z" * 500_000,
}


@pytest.mark.parametrize("question", HOSTILE.values(), ids=HOSTILE)
def test_the_page_of_any_question_is_bounded(seeds_index: Index, question: str) -> None:
    pending, service = Pending(), Service(seeds_index)
    view = View.read({"q": question, **MANY})
    for shown in (show(service, view, "en", pending, Examples(seeds_index)), show_rest(seeds_index, view, "en", None)):
        assert len("".join(filter(None, (shown.results, shown.sources, shown.article)))) < LARGEST
    corpus = View.read({"q": question, "show": "corpus", **MANY})
    listed = show(service, corpus, "en", pending, Examples(seeds_index)).results
    assert listed is not None and len(listed) < LARGEST
    assert len(view.address(Place.whole("a.txt"))) < 500_000


def test_a_question_that_is_too_long_is_refused_in_words(seeds_index: Index) -> None:
    service = Service(seeds_index)
    for size, refused in ((MAX_QUESTION, False), (MAX_QUESTION + 1, True)):
        view = View.read({"q": "a " * (size // 2) + "b" * (size % 2)})
        assert len(view.question) == size
        shown = show(service, view, "en", Pending(), Examples(seeds_index))
        assert ("Ask a shorter one" in str(shown.results)) is refused
        assert view.address().startswith("?q=") is not refused


def test_dates_are_taken_once_and_only_a_few(seeds_index: Index) -> None:
    asked = "Was it in January 2026, in January 2026, or on 3 March 2025?"
    found = [(one.first, one.last, one.start) for one in seeds_index.answer(asked).periods]
    assert found == [
        (date(2026, 1, 1), date(2026, 1, 31), asked.index("January")),
        (date(2025, 3, 3), date(2025, 3, 3), asked.index("3 March")),
    ]
    assert len(seeds_index.answer(" ".join(f"{day} May 2020," for day in range(1, 32))).periods) == 8


def test_an_export_refuses_what_the_page_does_not_show(seeds_index: Index) -> None:
    with TestClient(application(seeds_index, Terms()), base_url="http://127.0.0.1") as client:
        refused = client.get("/export.md", params={"q": "January " * 500})
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        f"The question has 4,000 characters; at most {MAX_QUESTION:,} are read. Ask for less"
    )


def test_reasons_for_many_unread_files_are_counted(seeds_index: Index) -> None:
    failures = [Failure.of(f"{n}.txt", "file_empty", name=f"{n}.txt") for n in range(20_000)]
    listed = render_corpus(
        ListPage(rows=(), found=0),
        Counts(documents=0, languages={}, outlets={}, months={}),
        failures,
        view=View(),
        language="en",
    )
    assert "99.txt" in listed and "100.txt" not in listed and "and 19,900 more files" in listed


def test_half_a_character_is_shown_as_one_that_is_missing(seeds_index: Index) -> None:
    event = gr.EventData(None, {"q": "Cine \ud800?", "others": ["\udfff"], "x\ud800": {"y": "\ud83d\ude00"}})
    told = _told(event)
    json.dumps(told, ensure_ascii=False).encode()
    view = View.read(told)
    assert view.question == "Cine \ufffd?" and told["others"] == ["\ufffd"]
    shown = show(Service(seeds_index), view, "en", Pending(), Examples(seeds_index))
    assert "Cine \ufffd?" in str(shown.results) and str(shown.results).encode()
