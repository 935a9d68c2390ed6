"""Copies of one text on the page: folded with what they are said to be, opened, and listed one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from page_server import serve
from playwright.sync_api import Browser, expect
from test_carriers import BODY, LEAD, OWN_WORDS, QUESTION, SLOVENE
from visits import Served, address, browser, choose, menu, visit

__all__ = ["browser"]

pytestmark = pytest.mark.browser

ROWS = [
    {"id": "wire", "outlet": "Agerpres", "title": "Podul se repară", "text": f"{LEAD} {BODY}"},
    {"id": "lead", "outlet": "Ziarul", "title": "Veste bună", "text": f"Veste bună pentru brăileni. {BODY}"},
    {"id": "copy", "outlet": "Gazeta", "title": "Se repară podul", "text": f"{LEAD} {BODY}"},
    {"id": "own", "outlet": "Observatorul", "title": "La coadă la bac", "text": OWN_WORDS},
    {"id": "sl", "outlet": "Delo", "title": "Most v Braili", "text": SLOVENE},
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("copies")
    corpus = folder / "corpus"
    corpus.mkdir()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    (corpus / "news.jsonl").write_text(lines, encoding="utf-8")
    with serve(folder / "index", corpus) as url:
        yield Served(url, folder / "index")


def test_copies_are_folded_opened_and_listed_one_by_one(browser: Browser, served: Served) -> None:
    reader = visit(browser, served)
    page = reader.open()
    expect(page.get_by_label("Show every copy")).to_have_count(0)  # before there is a result
    reader.ask(QUESTION)
    line = page.locator(".iz-agreement ul")
    expect(line).to_contain_text("3 outlets")
    expect(line).to_contain_text("1 independent text")
    expect(line).to_contain_text("1 language")
    cards = page.locator(".iz-source")
    expect(cards).to_have_count(3)  # the wire copy once, the own report, the Slovene one
    folded = page.locator(".iz-duplicates")
    expect(folded).to_have_count(1)
    expect(folded.locator("summary")).to_have_text("2 more copies · 3 outlets · 1 independent text")
    expect(folded.locator("a").first).to_be_hidden()
    folded.locator("summary").click()
    title = folded.locator("a").first.inner_text()
    folded.locator("a").first.click()
    expect(page.locator("#article")).to_contain_text(title)
    expect(page.locator("#article mark.cited").first).to_be_visible()
    # the copy is none of the numbered citations; the next one is that of the card below, the one before its own card's
    titles = page.locator(".iz-source h4 a")
    page.get_by_label("Next citation").click()
    expect(page.locator("#article [data-open]")).to_have_attribute(
        "data-open", titles.nth(1).get_attribute("data-cite") or ""
    )
    folded.locator("a").first.click()
    expect(page.locator("#article")).to_contain_text(title)
    page.get_by_label("Previous citation").click()
    expect(page.locator("#article [data-open]")).to_have_attribute(
        "data-open", titles.nth(0).get_attribute("data-cite") or ""
    )

    choose(page, "order", "each")
    expect(cards).to_have_count(5)
    assert address(page, "collapse")["collapse"] == ["false"]
    page.reload()
    reader.settled()
    expect(cards).to_have_count(5)
    expect(page.get_by_label("Show every copy")).to_be_checked()
    expect(line).to_contain_text("1 independent text")
    choose(page, "order", "each")
    expect(cards).to_have_count(3)
    assert reader.complaints == []
    reader.context.close()


@pytest.mark.parametrize(("locale", "label"), [("ro-RO", "Arată toate copiile"), ("sl-SI", "Prikaži vse kopije")])
def test_the_switch_speaks_the_language_of_the_page(browser: Browser, served: Served, locale: str, label: str) -> None:
    reader = visit(browser, served, locale=locale)
    page = reader.open()
    reader.ask(QUESTION)
    expect(menu(page, "order").get_by_label(label)).to_be_visible()
    reader.context.close()
