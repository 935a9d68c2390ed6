"""The numbers beside the filters: of the corpus where nothing is asked, of the result where something is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from page_server import serve
from playwright.sync_api import Browser, Locator, Page, expect
from test_carriers import BODY, LEAD, OWN_WORDS, QUESTION, SLOVENE
from visits import Served, browser, choose, chosen, menu, visit

from rag import Document, Index
from rag.web.facet_counts import count_result, count_shown
from rag.web.filters import MOST, SEARCHED, Menu, make_menus
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


def shown(menu: Menu) -> list[tuple[str, int | None]]:
    return [(choice.name, choice.count) for choice in menu.choices]


def test_every_choice_stays_and_keeps_its_place(index: Index) -> None:
    say = words("sl")
    view, answer = ask(index, languages=("sl", "fr"))
    languages, outlets = make_menus(index, view, say, count_result(index, answer, view))  # type: ignore[arg-type]
    assert (languages.name, languages.unit, languages.chosen) == (
        "Jezik",
        "Število najdenih odlomkov",
        "slovenščina +1",
    )
    assert shown(languages) == [("romunščina", 4), ("slovenščina", 1), ("francoščina", 0)]
    assert shown(outlets) == [("Agerpres", 0), ("Delo", 1), ("Gazeta", 0), ("Observatorul", 0), ("Ziarul", 0)]
    languages, _ = make_menus(index, view, say, count_shown(answer, view))  # type: ignore[arg-type]
    assert shown(languages)[0] == ("romunščina", None)  # before it is known
    languages, outlets = make_menus(index, View(), say, None)
    assert languages.unit == outlets.unit == "Število člankov" and not languages.chosen
    assert shown(languages) == [("romunščina", 4), ("slovenščina", 1)]


def test_of_many_outlets_those_of_the_result_are_at_hand_and_all_can_be_found(tmp_path: Path) -> None:
    many = [
        Document(id=str(n), outlet=f"Paper {n:03}", text=f"Weather report of the town number {n}: rain.", language="en")
        for n in range(MOST + 3)
    ]
    with Index.create(tmp_path / "index") as index:
        index.add([*many, *DOCUMENTS])
        view = View(question=QUESTION)
        answer = index.answer(QUESTION, 5)
        _, outlets = make_menus(index, view, words("en"), count_result(index, answer, view))
        offered = [choice.value for choice in outlets.choices]
        assert len(offered) == MOST > SEARCHED and outlets.searched
        assert {"Observatorul", "Delo"} <= set(offered)
        at_hand = [choice for choice in outlets.choices if choice.at_hand]
        assert "Delo" in {choice.value for choice in at_hand} and all(choice.count for choice in at_hand)
        assert outlets.waiting == MOST - len(at_hand)
        _, outlets = make_menus(index, View(outlets=("Paper 202",)), words("en"), None)
        offered = [choice.value for choice in outlets.choices]
        assert "Paper 202" in offered and len(offered) == MOST and outlets.chosen == "Paper 202"


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


def choices(page: Page, name: str) -> Locator:
    return menu(page, name).locator("li label")


@pytest.mark.browser
def test_the_numbers_follow_the_result_and_a_filter_can_be_widened(browser: Browser, served: Served) -> None:
    reader = visit(browser, served)
    page = reader.open()
    expect(menu(page, "languages")).to_contain_text("Number of articles")
    expect(choices(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])
    reader.ask(QUESTION)
    expect(menu(page, "languages")).to_contain_text("Number of passages found")
    expect(choices(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])
    choose(page, "languages", "sl")
    expect(page.locator(".iz-source")).to_have_count(1)
    reader.settled()
    expect(choices(page, "languages")).to_have_text(["Romanian 4", "Slovenian 1"])  # 4 that it holds back
    assert chosen(page, "languages") == ["sl"]
    expect(page.locator('#filters [data-menu="languages"] summary')).to_have_text("Language: Slovenian")
    expect(choices(page, "outlets")).to_have_text(["Agerpres 0", "Delo 1", "Gazeta 0", "Observatorul 0", "Ziarul 0"])
    choose(page, "languages", "ro")  # widened again
    expect(page.locator(".iz-source")).to_have_count(3)
    reader.settled()
    choose(page, "outlets", "Observatorul")
    expect(page.locator(".iz-source")).to_have_count(1)
    reader.settled()
    expect(choices(page, "languages")).to_have_text(["Romanian 1", "Slovenian 0"])
    page.reload()
    reader.settled()
    expect(choices(page, "languages")).to_have_text(["Romanian 1", "Slovenian 0"])
    assert chosen(page, "outlets") == ["Observatorul"]
    choose(page, "outlets", "Observatorul")
    expect(choices(page, "outlets")).to_have_text(["Agerpres 1", "Delo 1", "Gazeta 1", "Observatorul 1", "Ziarul 1"])
    page.get_by_role("link", name="This article only").first.click()
    expect(page.locator("#filters")).to_contain_text("Only: ")
    reader.settled()
    assert len(chosen(page, "documents")) == 1
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Izvor").click()
    expect(menu(page, "languages")).to_contain_text("Number of articles")
    assert reader.complaints == []
    reader.context.close()


@pytest.mark.browser
def test_a_menu_is_searched_and_shows_the_rest_on_demand(browser: Browser, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rows = [
        {"id": str(n), "outlet": f"Ziar {n:03} <b>", "title": f"Orașul {n}", "text": f"În orașul {n} plouă de luni."}
        for n in range(60)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (corpus / "news.jsonl").write_text(lines, encoding="utf-8")
    with serve(tmp_path / "index", corpus) as url:
        reader = visit(browser, Served(url, tmp_path / "index"), narrow=True)
        page = reader.open(f"?{urlencode({'q': 'Unde plouă de luni?'})}")
        panel = menu(page, "outlets")
        shown = panel.locator("li:visible")
        expect(panel.locator("[data-menu-more]")).to_be_visible()
        few = shown.count()
        assert 0 < few < 60
        panel.locator("[data-menu-find]").fill("ziar 05")
        expect(shown).to_have_count(10)
        panel.locator("[data-menu-find]").fill("")
        panel.locator("[data-menu-more]").click()
        expect(shown).to_have_count(60)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert reader.complaints == []
        reader.context.close()
