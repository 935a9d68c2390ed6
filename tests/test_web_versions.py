"""A shared link to an article that has changed since, and to one that was removed: as HTML, and in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_server import serve
from playwright.sync_api import Browser, Page, expect, sync_playwright
from visits import CHROMIUM, FLAGS

from rag import Citation, Document, Index
from rag.web.page import open_article
from rag.web.url_state import Place

ROOT = Path(__file__).parent.parent
RIVER = "The river rose by two metres in the night, the weather office said."
FIRST = f"""Flood in the valley

{RIVER}
Forty people were taken to the school in Vadu on Monday.
The mayor asked for boats and blankets.
Trains to the north stood still until noon.
The bridge at Vadu is closed to cars.
Schools open again on Thursday, the ministry said.
"""
LATER = FIRST.replace("Forty people", "Sixty people").replace("The bridge", "More rain is expected.\nThe bridge")
GENOA = "The lighthouse of Genoa\n\nThe lighthouse of Genoa was rebuilt in 1543 by the republic, said the keeper.\n"


def cite(document: Document, words: str) -> Place:
    start = document.text.index(words)
    return Place.of(Citation(document_id=document.id, sha256=document.sha256, start=start, end=start + len(words)))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index") as index:
        yield index


def shown(html: str, side: str) -> str:
    """Return the text of one side, without markup and without our own words in it."""
    start = html.index(f'data-side="{side}"')
    inner = html[html.index(">", start) + 1 : html.index("</div>", start)]
    inner = re.sub(r'<span class="iz-said".*?</span>|<summary.*?</summary>', "", inner)
    return re.sub(r"<[^>]*>", "", inner)


def test_the_cited_text_the_change_and_the_present_text_are_all_there(index: Index) -> None:
    index.add([Document(id="a", text=FIRST, language="en")])
    forty, river = (cite(index.document("a"), words) for words in ("Forty people", RIVER))
    index.add([Document(id="a", text=LATER, language="en")])
    html = open_article(index, str(forty), language="en", quoted="Forty people")
    assert 'data-state="earlier"' in html and "The article has changed since it was cited" in html
    assert '<mark class="cited" id="cited" tabindex="-1">Forty people</mark>' in html and html.count("id=") == 2
    assert (shown(html, "then"), shown(html, "now")) == (FIRST, LATER)
    assert re.findall(r"<(del|ins)><span[^>]*>[^<]*</span>([^<]*)</\1>", html) == [
        ("del", "Forty "), ("ins", "Sixty "), ("ins", "More rain is expected.\n"),
    ]  # fmt: skip
    assert "The cited words are no longer in the article in this form" in html
    assert "<blockquote>" not in html  # the words are shown in their place
    html = open_article(index, str(river), language="en")
    new = cite(index.document("a"), RIVER)
    assert f'data-cite="{new}"' in html and f'<mark class="cited">{RIVER}</mark>' in html
    assert f'data-open="{river}"' in html
    assert 'data-state="cited"' in open_article(index, str(new), language="en")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", r"as it was from \d+ \w+ \d{4}, \d\d:\d\d to \d+ \w+ \d{4}, \d\d:\d\d\."),
        ("ro", r"în forma dintre \d+ [\w.]+ \d{4}, \d\d:\d\d și \d+ [\w.]+ \d{4}, \d\d:\d\d\."),
        ("sl", r"kakršno je bilo od \d+\. [\w.]+ \d{4}, \d\d:\d\d do \d+\. [\w.]+ \d{4}, \d\d:\d\d\."),
    ],
)
def test_the_dates_are_told_in_the_readers_language(index: Index, language: str, said: str) -> None:
    index.add([Document(id="a", text=FIRST)])
    place = cite(index.document("a"), RIVER)
    index.add([Document(id="a", text=LATER)])
    assert re.search(said, open_article(index, str(place), language=language))


def test_a_change_around_the_article_alone_is_told(index: Index) -> None:
    index.add([Document(id="a", text="Menu 1\n" + FIRST, masked=((0, 7),))])
    place = cite(index.document("a"), RIVER)
    index.add([Document(id="a", text="Menu 22\n" + FIRST, masked=((0, 8),))])
    html = open_article(index, str(place), language="en")
    assert "Only the text around the article has changed" in html
    assert f'data-cite="{cite(index.document("a"), RIVER)}"' in html


def test_a_removed_article_and_a_text_that_is_no_longer_kept(index: Index) -> None:
    index.add([Document(id="a", text=FIRST), Document(id="b", text=GENOA)])
    a, b = cite(index.document("a"), RIVER), cite(index.document("b"), "1543")
    index.add([Document(id="a", text=LATER)])
    index.forget_versions(["a"])
    index.remove(["b"])
    html = open_article(index, str(a), language="en", quoted=RIVER)
    assert "The text that was cited is no longer kept" in html and 'id="cited"' not in html
    assert re.search(r"It was removed on \d+ \w+ \d{4}, \d\d:\d\d\. This is the article as it is now", html)
    html = open_article(index, str(b), language="en")
    assert "This article is no longer in the collection" in html and "1543" not in html and "<code>b</code>" in html
    assert re.search(r"It was removed on \d+ \w+ \d{4}, \d\d:\d\d, together with its text:", html)
    whole = open_article(index, str(Place.whole("b")), language="sl")
    assert "z njim pa tudi njegovo besedilo" in whole
    assert "It has been removed since it was cited" in open_article(index, str(Place.whole("c")), language="en")


@pytest.mark.parametrize(("start", "end"), [(7, 9_000), (5_000, 9_000), (9, 9), (9, 7), (0, 0)])
def test_a_link_with_the_right_text_and_no_place_in_it_says_that(index: Index, start: int, end: int) -> None:
    index.add([Document(id="a", text=FIRST)])
    digest = index.document("a").sha256[:16]
    place = Place(document_id="a", digest=digest, start=start, end=end)
    html = open_article(index, str(place), language="en", quoted=RIVER)
    assert 'data-state="outside"' in html and "The link does not point to any words of this article" in html
    assert f"names characters {start:,} to {end:,}, and the article has {len(FIRST):,}" in html
    assert "has changed" not in html and 'id="cited"' not in html and "mark" not in html
    assert f"<blockquote>{RIVER}</blockquote>" in html  # what was shown as cited, when it is known
    known = {"a": index.document("a")}
    assert 'data-state="outside"' in open_article(index, str(place), language="ro", known=known)
    index.add([Document(id="a", text=LATER)])  # now it is true that it changed
    assert "The article has changed since it was cited" in open_article(index, str(place), language="en")


def test_an_article_that_moved_opens_under_its_old_link(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "b.txt").write_text(GENOA, "utf-8")
    (folder / "a.txt").write_text(FIRST, "utf-8")
    index.sync(folder)
    place = cite(index.document("a.txt"), RIVER)
    (folder / "a.txt").rename(folder / "c.txt")
    index.sync(folder)
    html = open_article(index, str(place), language="en")
    assert 'data-state="cited"' in html and RIVER in html and "c.txt" in html


def test_nothing_in_an_earlier_text_becomes_markup(index: Index) -> None:
    hostile = "<script>alert(1)</script> and <img src=x onerror=alert(2)> were seen in {{ text }} on Monday."
    index.add([Document(id="a", text=FIRST + hostile)])
    place = cite(index.document("a"), RIVER)
    index.add([Document(id="a", text=LATER + hostile.replace("Monday", "<b>Tuesday</b>"))])
    html = open_article(index, str(place), language="en")
    assert not re.search(r"<(script|img|b)\b", html) and "&lt;b&gt;" in html


@dataclass(frozen=True)
class Served:
    url: str
    changed: str
    removed: str
    stands: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "flood.txt").write_text(FIRST, "utf-8")
    (corpus / "genoa.txt").write_text(GENOA, "utf-8")
    with Index.create(folder / "index") as index:
        index.sync(corpus)
        changed, stands = (cite(index.document("flood.txt"), words) for words in ("Forty people", RIVER))
        removed = cite(index.document("genoa.txt"), "1543")
    with serve(folder / "index", corpus) as url:
        (corpus / "flood.txt").write_text(LATER, "utf-8")
        (corpus / "genoa.txt").unlink()
        with Index.open(folder / "index") as index:
            index.sync(corpus)  # beside the server, as a nightly `rag index` would
        yield Served(url, str(changed), str(removed), str(stands))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def open_link(browser: Browser, url: str, cite: str, **options: object) -> Page:
    page = browser.new_context(**({"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options)).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(8_000)
    page.set_default_navigation_timeout(30_000)  # the first one loads all of Gradio
    page.goto(f"{url}/?{urlencode({'cite': cite})}")
    expect(page.locator("#article [data-open]")).to_be_visible(timeout=15_000)
    expect(page.locator("body.iz-busy")).to_have_count(0)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_link_to_an_article_that_changed(browser: Browser, served: Served, scheme: str) -> None:
    page = open_link(browser, served.url, served.changed, color_scheme=scheme)
    expect(page.locator("#cited")).to_have_text("Forty people")
    expect(page.locator("#cited")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="The article has changed since it was cited")).to_be_visible()
    expect(page.locator("#article")).to_contain_text("The cited words are no longer in the article in this form")
    expect(page.locator("[data-side=change], [data-side=now]").first).to_be_hidden()
    page.get_by_label("As cited").focus()
    page.keyboard.press("ArrowRight")  # the switch is reached and turned by the keyboard alone
    expect(page.get_by_label("What changed")).to_be_checked()
    change = page.locator("[data-side=change]")
    expect(change.locator("del")).to_have_text("removed: Forty ")
    expect(change.locator("ins").first).to_have_text("added: Sixty ")
    decoration = "node => getComputedStyle(node).textDecorationLine"  # not by colour alone
    assert change.locator("del").evaluate(decoration) == "line-through"
    assert change.locator("ins").first.evaluate(decoration) == "underline"
    serious = [
        (rule["id"], [node["html"][:160] for node in rule["nodes"]])
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    page.get_by_label("As it is now").check()
    expect(page.locator("[data-side=now]")).to_contain_text("Sixty people")
    expect(page.locator("[data-side=then]")).to_be_hidden()
    page.context.close()


@pytest.mark.browser
def test_another_citation_opens_at_the_text_that_was_cited_whatever_was_shown_of_the_one_before(
    browser: Browser, served: Served
) -> None:
    page = open_link(browser, served.url, served.changed)
    for label, side in (("As it is now", "now"), ("What changed", "change")):
        page.get_by_label(label).check()
        expect(page.locator(f"[data-side={side}]")).to_be_visible()
        other = (
            served.stands
            if page.locator("#article [data-open]").get_attribute("data-open") == served.changed
            else served.changed
        )
        page.evaluate("(cite) => izvor.navigate({ cite })", other)
        expect(page.locator("#article [data-open]")).to_have_attribute("data-open", other)
        expect(page.get_by_label("As cited")).to_be_checked()
        expect(page.locator("[data-side=then]")).to_be_visible()
        expect(page.locator(f"[data-side={side}]")).to_be_hidden()
        expect(page.locator("#cited")).to_be_in_viewport()
    page.context.close()


@pytest.mark.browser
def test_a_link_to_words_that_still_stand_leads_to_them(browser: Browser, served: Served) -> None:
    page = open_link(browser, served.url, served.stands)
    expect(page.locator("#cited")).to_have_text(RIVER)
    page.get_by_role("link", name="Show them there").click()
    expect(page.locator("#article [data-state=cited]")).to_be_visible()
    expect(page.locator("#cited")).to_have_text(RIVER)
    expect(page.locator(".iz-stale")).to_have_count(0)
    page.reload()
    expect(page.locator("#article [data-state=cited]")).to_be_visible()
    page.go_back()
    expect(page.locator("#article [data-state=earlier]")).to_be_visible()
    page.context.close()


@pytest.mark.browser
def test_a_link_to_an_article_that_was_removed_on_a_narrow_screen(browser: Browser, served: Served) -> None:
    page = open_link(browser, served.url, served.removed, viewport={"width": 390, "height": 844})
    expect(page.get_by_role("heading", name="This article is no longer in the collection")).to_be_visible()
    expect(page.locator("#article")).to_contain_text(
        re.compile("It was removed on .*, together with its text: genoa.txt")
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
    page = open_link(browser, served.url, served.changed, viewport={"width": 390, "height": 844})
    page.get_by_label("What changed").check()
    expect(page.locator("[data-side=change] del")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
