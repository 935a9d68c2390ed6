"""The sources of an answer in a real Chromium: their order, what answered which word, the page of a PDF, a result's link."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from page_server import serve
from playwright.sync_api import Browser, expect
from test_readers_pdf import make_pdf
from visits import CONDITION, NUCLEAR, ROOT, Served, Visit, address, browser, choose, reader, visit

__all__ = ["browser", "reader"]

pytestmark = pytest.mark.browser

BRIDGE = "The old bridge of Maribor will be closed from March because of cracks in its third pillar."
PAGES = [
    ["The council of Maribor met on Monday evening in the town hall.", "It spoke of the budget for two hours."],
    [BRIDGE, "The repairs will cost four million euros, said the engineer Ana Kos."],
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("sources")
    corpus = folder / "corpus"
    shutil.copytree(ROOT / "seeds", corpus, ignore=shutil.ignore_patterns("README*"))
    (corpus / "council.pdf").write_bytes(make_pdf(PAGES, title="The council of Maribor"))
    with serve(folder / "index", corpus) as url:
        yield Served(url, folder / "index")


def test_sources_come_by_relevance_or_by_date_and_the_choice_is_in_the_link(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    cards = page.locator(".iz-source h4 a")
    by_relevance = [one.get_attribute("data-cite") for one in cards.all()]
    choose(page, "order", "date")
    expect(page.locator(".iz-source").first.locator("time")).to_have_attribute("datetime", re.compile("^2026-01-28"))
    reader.settled()
    assert address(page, "order") == {"q": [CONDITION], "order": ["date"]}
    days = [
        datetime.fromisoformat(one.get_attribute("datetime") or "") for one in page.locator(".iz-source time").all()
    ]
    assert [day.date() for day in days] == sorted((day.date() for day in days), reverse=True) and len(set(days)) > 1
    by_date = [one.get_attribute("data-cite") for one in cards.all()]
    assert sorted(map(str, by_date)) == sorted(map(str, by_relevance)) and by_date != by_relevance
    linked = page.url
    choose(page, "order", "relevance")
    expect(cards.first).to_have_attribute("data-cite", str(by_relevance[0]))
    reader.settled()
    page.goto(f"{linked}&lang=sl")  # a link that is shared, in another language
    expect(page.locator("#filters")).to_contain_text("Vrstni red: Datum")
    reader.settled()
    assert [one.get_attribute("data-cite") for one in cards.all()] == by_date
    expect(page.locator("html")).to_have_attribute("lang", "sl")


def test_pointing_at_a_word_shows_which_word_of_the_question_it_answers_across_languages(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': NUCLEAR})}")
    marks = page.locator(".iz-passage:not(.iz-folded) mark.word")
    expect(page.locator(".asked.on")).to_have_count(0)
    for word, asked in (("nuclear", "nuclear"), ("pace", "peace")):
        mark = marks.filter(has_text=re.compile(f"^{word}")).first
        mark.hover()
        expect(page.locator(".asked.on")).to_have_text(asked)
        said = mark.evaluate("one => getComputedStyle(one, '::after').content")
        assert f"matches “{asked}” · " in said
    page.locator("#answer").hover()
    expect(page.locator(".asked.on")).to_have_count(0)


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "page 2"), ("ro-RO", "pagina 2"), ("sl-SI", "stran 2")])
def test_a_citation_of_a_pdf_names_its_page_and_opens_there(
    browser: Browser, served: Served, locale: str, said: str
) -> None:
    one = visit(browser, served, locale=locale)
    page = one.open(f"?{urlencode({'q': 'Why will the old bridge of Maribor be closed?'})}")
    quote = page.locator(".iz-quotes li").first
    expect(quote.locator("blockquote")).to_have_text(BRIDGE)
    expect(quote.locator(".iz-about")).to_contain_text(said)
    quote.locator("a.iz-number").click()
    expect(page.locator("#cited")).to_have_text(BRIDGE)
    expect(page.locator("#cited")).to_be_in_viewport()
    expect(page.locator("#article header")).to_contain_text(said)
    pages = page.locator(".iz-page")
    assert [each.get_attribute("data-page") for each in pages.all()] == [said.replace("2", "1"), said]
    one.context.close()


def test_the_server_takes_the_same_flags_by_either_name(capsys: pytest.CaptureFixture[str]) -> None:
    import app
    from rag.cli.commands import main

    flags = []
    for run, arguments in ((app.main, ["--help"]), (main, ["serve", "--help"])):
        with suppress(SystemExit):
            run(arguments)
        flags.append(set(re.findall(r"(?<![\w-])--[a-z-]+", capsys.readouterr().out)))
    assert flags[0] >= {"--host", "--port", "--index", "--auth", "--open", "--rate", "--corpus", "--log"}
    assert flags[0] - flags[1] == set() and flags[1] - flags[0] <= {"--json", "--store"}  # its own index is here


def test_a_folder_is_added_with_the_names_inside_it(browser: Browser, served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    (folder / "monday").mkdir(parents=True)
    for name, town in (("a.txt", "Piran"), ("monday/b.txt", "Koper")):
        (folder / name).write_text(
            f"The port of {town}\n\nThe port of {town} opens on Friday, said the mayor.\n", "utf-8"
        )
    one = visit(browser, served)
    page = one.open("?show=corpus")
    rows = page.locator(".iz-corpus tbody tr")
    expect(rows).to_have_count(6)
    page.get_by_label("Add a folder").set_input_files(folder)
    expect(page.locator(".iz-uploads li[data-state=added]")).to_have_count(2, timeout=20_000)
    expect(rows).to_have_count(8)
    corpus = served.index.parent / "corpus"
    assert (corpus / "week/monday/b.txt").is_file() and (corpus / "week/a.txt").is_file()
    one.context.close()
