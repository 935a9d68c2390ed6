"""The numbers beside the filters: of the corpus where nothing is asked, of the result where something is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_server import serve
from playwright.sync_api import Browser, Locator, Page, expect
from test_carriers import BODY, LEAD, OWN_WORDS, QUESTION, SLOVENE
from visits import Served, browser, visit

from rag import Document, Index
from rag.web.facet_counts import count_result, count_shown
from rag.web.filters import OUTLETS, set_choices
from rag.web.i18n import words
from rag.web.url_state import View

__all__ = ["browser"]

DOCUMENTS = [
    Document(id="wire", outlet="Agerpres", title="Podul se repară", text=f"{LEAD} {BODY}", language="ro"),
    Document(id="lead", outlet="Ziarul", title="Veste bună", text=f"Veste bună pentru brăileni. {BODY}", language="ro"),
    Document(id="copy", outlet="Gazeta", title="Se repară podul", text=f"{LEAD} {BODY}", language="ro"),
    Document(id="own", outlet="Observatorul", title="La coadă la bac", text=OWN_WORDS, language="ro"),
    Document(id="sl", outlet="Delo", title="Most v Braili", text=SLOVENE, language="sl"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("filters") / "index") as made:
        made.add(DOCUMENTS)
        yield made


def ask(index: Index, **view: object) -> tuple[View, object]:
    asked = View(question=QUESTION, **view)  # type: ignore[arg-type]
    return asked, index.answer_query(asked.query())


def test_passages_are_counted_with_the_copies_folded_into_them(index: Index) -> None:
    for collapse in (True, False):  # the same text is counted as often, listed or folded
        view, answer = ask(index, collapse=collapse)
        counts = count_shown(answer, view)  # type: ignore[arg-type]
        assert counts.languages == {"ro": 4, "sl": 1}
        assert counts.outlets == {"Agerpres": 1, "Ziarul": 1, "Gazeta": 1, "Observatorul": 1, "Delo": 1}
        assert count_result(index, answer, view) == counts  # type: ignore[arg-type]


def test_a_filter_that_is_set_says_what_it_holds_back(index: Index) -> None:
    view, answer = ask(index, languages=("sl",))
    shown = count_shown(answer, view)  # type: ignore[arg-type]
    assert shown.languages is None and shown.outlets == {"Delo": 1}
    counts = count_result(index, answer, view)  # type: ignore[arg-type]
    assert counts.languages == {"ro": 4, "sl": 1}
    assert counts.outlets == {"Delo": 1}  # the language stays set while the outlets are counted

    view, answer = ask(index, languages=("ro",), outlets=("Observatorul",))
    counts = count_result(index, answer, view)  # type: ignore[arg-type]
    assert counts.languages == {"ro": 1}  # in that outlet nothing is Slovene
    assert counts.outlets == {"Agerpres": 1, "Ziarul": 1, "Gazeta": 1, "Observatorul": 1}


def test_every_choice_stays_and_keeps_its_place(index: Index) -> None:
    say = words("sl")
    view, answer = ask(index, languages=("sl", "fr"))
    languages, outlets = set_choices(index, view, say, count_result(index, answer, view))  # type: ignore[arg-type]
    assert languages == {
        "label": "Jezik · najdeni odlomki",
        "choices": [("romunščina 4", "ro"), ("slovenščina 1", "sl"), ("francoščina 0", "fr")],
    }
    assert outlets["choices"] == [
        ("Agerpres 0", "Agerpres"), ("Delo 1", "Delo"), ("Gazeta 0", "Gazeta"), ("Observatorul 0", "Observatorul"),
        ("Ziarul 0", "Ziarul"),
    ]  # fmt: skip
    languages, _ = set_choices(index, view, say, count_shown(answer, view))  # type: ignore[arg-type]
    assert languages["choices"][0] == ("romunščina", "ro")  # before it is known
    languages, outlets = set_choices(index, View(), say, None)
    assert languages["label"] == "Jezik · članki" and outlets["label"] == "Medij · članki"
    assert languages["choices"] == [("romunščina 4", "ro"), ("slovenščina 1", "sl")]


def test_of_many_outlets_those_of_the_result_are_offered(tmp_path: Path) -> None:
    many = [
        Document(id=f"{paper}-{n}", outlet=f"Paper {paper:02}", text=f"Weather report {n} of the town {paper}: rain.")
        for paper in range(OUTLETS + 3)
        for n in range(2)
    ]
    with Index.create(tmp_path / "index") as index:
        index.add([*many, *DOCUMENTS])
        view = View(question=QUESTION)
        answer = index.answer(QUESTION, 5)
        _, outlets = set_choices(index, view, words("en"), count_result(index, answer, view))
        offered = [value for _, value in outlets["choices"]]
        assert len(offered) == OUTLETS
        assert {"Observatorul", "Delo"} <= set(offered)
        _, outlets = set_choices(index, View(outlets=("Paper 14",)), words("en"), None)
        offered = [value for _, value in outlets["choices"]]
        assert "Paper 14" in offered and "Delo" not in offered and len(offered) == OUTLETS


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    corpus = folder / "corpus"
    corpus.mkdir()
    rows = [{"id": one.id, "outlet": one.outlet, "title": one.title, "text": one.text} for one in DOCUMENTS]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (corpus / "news.jsonl").write_text(lines, encoding="utf-8")
    with serve(folder / "index", corpus) as url:
        yield Served(url, folder / "index")


def chips(page: Page, name: str) -> Locator:
    return page.locator(f"#filter-{name} label")


@pytest.mark.browser
def test_the_numbers_follow_the_result_and_a_filter_can_be_widened(browser: Browser, served: Served) -> None:
    reader = visit(browser, served)
    page = reader.open()
    expect(page.locator("#filter-languages")).to_contain_text("Language · articles")
    expect(chips(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])
    reader.ask(QUESTION)
    expect(page.locator("#filter-languages")).to_contain_text("Language · passages found")
    expect(chips(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])
    page.get_by_label("Slovenian 1").check()
    expect(page.locator(".iz-source")).to_have_count(1)
    reader.settled()
    expect(chips(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])  # 4 that it holds back
    expect(page.get_by_label("Slovenian 1")).to_be_checked()
    expect(chips(page, "outlets")).to_have_text(["Agerpres 0", "Delo 1", "Gazeta 0", "Observatorul 0", "Ziarul 0"])
    page.get_by_label("Romanian 4").check()  # widened again
    expect(page.locator(".iz-source")).to_have_count(3)
    reader.settled()
    page.get_by_label("Observatorul").check()
    expect(page.locator(".iz-source")).to_have_count(1)
    reader.settled()
    expect(chips(page, "languages")).to_have_text(["Romanian 1", "Slovenian 0"])
    page.reload()
    reader.settled()
    expect(chips(page, "languages")).to_have_text(["Romanian 1", "Slovenian 0"])
    expect(page.get_by_label("Observatorul")).to_be_checked()
    page.get_by_label("Observatorul").uncheck()
    expect(chips(page, "outlets")).to_have_text(["Agerpres 1", "Delo 1", "Gazeta 1", "Observatorul 1", "Ziarul 1"])
    page.get_by_role("link", name="Izvor").click()
    expect(page.locator("#filter-languages")).to_contain_text("Language · articles")
    assert reader.complaints == []
    reader.context.close()
