"""Asking in a real Chromium: answers, citations, filters, addresses; nothing in a document or a question runs."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Route, expect
from visits import (
    CONDITION,
    INVITED,
    NUCLEAR,
    ROOT,
    TRAIN,
    Served,
    Visit,
    address,
    browser,
    choose,
    menu,
    reader,
    served,
    visit,
)
from waiting import wait_until

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser

PARIS = "V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?"


def test_ask_cite_open_highlight(reader: Visit) -> None:
    page = reader.open()
    reader.ask(CONDITION)
    first = page.locator(".iz-quotes li").first
    expect(first.locator("blockquote")).to_contain_text("la Moscova")
    assert address(page, "q")["q"] == [CONDITION]
    first.locator("a.iz-number").click()
    cited = page.locator("#cited")
    expect(cited).to_be_focused()
    expect(cited).to_be_in_viewport()
    assert "".join(page.locator("mark.cited").all_text_contents()) == first.locator("blockquote").text_content()
    place = address(page, "cite")["cite"][0]
    assert place.startswith(f"{INVITED}@")
    # what the pane shows is the file, to the character, but for our own word on the folded furniture
    shown = page.evaluate(
        """() => { const text = document.querySelector('.iz-text').cloneNode(true);
                   text.querySelectorAll('summary').forEach((summary) => summary.remove());
                   return text.textContent; }"""
    )
    assert shown == (ROOT / "seeds" / INVITED).read_text(encoding="utf-8")
    folded = page.locator(".iz-furniture").last
    expect(folded.locator("p")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.locator("p")).to_contain_text("Prosport.ro")


def test_the_quotes_can_be_read_and_used_before_the_sources_are_there(reader: Visit) -> None:
    page = reader.open()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"rest":' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/gradio_api/run/**", hold)
    page.locator("#question textarea").fill(CONDITION)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-quotes blockquote").first).to_contain_text("la Moscova")
    expect(page.locator("body.iz-rest-due")).to_have_count(1)
    expect(page.locator("body.iz-busy")).to_have_count(0)
    expect(page.locator(".iz-source")).to_have_count(0)
    assert address(page, "q")["q"] == [CONDITION]
    page.locator("a.iz-number").first.click()  # waits for its turn, and comes with the rest
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("#cited")).to_be_focused()
    expect(page.locator(".iz-source").first).to_be_visible()
    expect(page.locator(".iz-asked .asked").first).to_be_attached()
    # where the rest never comes, nothing of an earlier question stands under the new quotes
    held.clear()
    reader.expected = re.compile("ERR_FAILED|Failed to fetch|Connection")
    page.locator("#question textarea").fill("S kom se je Witkoff sestal na jugu Floride?")
    page.keyboard.press("Enter")
    expect(page.locator(".iz-quotes blockquote").first).to_contain_text("Dmitrijevim")
    expect(page.locator("body.iz-rest-due")).to_have_count(1)
    held[0].abort()
    expect(page.get_by_role("alert").filter(has_text="Izvor cannot be reached")).to_be_visible()
    expect(page.locator(".iz-quotes blockquote").first).to_be_visible()
    expect(page.locator("#sources")).to_be_hidden()
    expect(page.locator("#article")).to_be_hidden()
    page.unroute("**/gradio_api/run/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".iz-source h4 a").first).to_have_attribute("data-cite", re.compile("^003_"))


@pytest.mark.parametrize(("question", "document"), [(PARIS, "000_"), (NUCLEAR, "003_")])
def test_questions_in_other_languages_find_the_romanian_article(reader: Visit, question: str, document: str) -> None:
    page = reader.open(f"?{urlencode({'q': question})}")
    expect(page.locator(f".iz-source h4 a[data-cite^='{document}']").first).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value(question)


def test_what_the_corpus_does_not_say(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': TRAIN})}")
    expect(page.get_by_role("heading", name="No answer found in these articles")).to_be_visible()
    expect(page.locator(".iz-nearest")).to_contain_text("They do not answer the question")
    expect(page.locator(".iz-number")).to_have_count(0)


def test_filters_act_at_once_and_stand_in_the_address(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    choose(page, "languages", "sl")
    expect(page.locator(".iz-source h4 a[data-cite^='004_']").first).to_be_visible()
    expect(page.locator(".iz-source h4 a:not([data-cite^='004_'])")).to_have_count(0)
    assert address(page, "languages")["languages"] == ["sl"]
    choose(page, "languages", "sl")
    expect(page.locator(".iz-source h4 a[data-cite^='003_']").first).to_be_visible()
    menu(page, "dates").get_by_label("To", exact=True).fill("2025-12-31")
    page.get_by_label("To", exact=True).press("Tab")
    expect(page.locator(".iz-source h4 a:not([data-cite^='002_'])")).to_have_count(0)
    expect(page.locator(".iz-source h4 a[data-cite^='002_']").first).to_be_visible()
    page.reload()
    expect(page.get_by_label("To", exact=True)).to_have_value("2025-12-31")
    expect(page.locator(".iz-source h4 a:not([data-cite^='002_'])")).to_have_count(0)


def test_back_and_forward_bring_back_question_and_citation(reader: Visit) -> None:
    page = reader.open()
    reader.ask(CONDITION)
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_focused()
    reader.ask(TRAIN)
    expect(page.locator(".iz-abstain")).to_be_visible()
    page.go_back()
    expect(page.locator("#question textarea")).to_have_value(CONDITION)
    expect(page.locator("#cited")).to_be_visible()
    assert address(page, "cite")["q"] == [CONDITION]
    page.go_back()
    page.go_back()
    expect(page.locator(".iz-welcome")).to_be_visible()
    expect(page.locator(".iz-history a").first).to_have_text(TRAIN)
    page.go_forward()
    expect(page.locator("#question textarea")).to_have_value(CONDITION)


def test_a_link_to_words_that_changed_or_went_says_so(reader: Visit) -> None:
    stale = {"q": CONDITION, "cite": f"{INVITED}@{'0' * 16}:700-760"}
    page = reader.open(f"?{urlencode(stale)}")
    expect(page.locator("#article")).to_contain_text("The article has changed since it was cited")
    expect(page.locator("mark.cited")).to_have_count(0)
    page = reader.open("?cite=gone.txt%400123456789abcdef%3A7-9")
    expect(page.locator("#article")).to_contain_text("This article is no longer in the collection")
    page = reader.open("?cite=nonsense")
    expect(page.locator("#article")).to_contain_text("This citation cannot be opened")


def test_a_word_that_gradio_keeps_for_itself_does_no_harm(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION, 'page': 'x'})}")
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")


def test_a_question_of_100_kilobytes_gets_a_reason_and_no_address(reader: Visit) -> None:
    page = reader.open()
    page.locator("#question textarea").fill("Cine? " * 17_000)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-error")).to_contain_text("The question has 101,999 characters. Ask a shorter one.")
    assert len(page.url) < 8_000
    reader.ask(CONDITION)
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")


def test_double_clicks_and_a_second_question_at_once_end_in_the_last_one(reader: Visit) -> None:
    page = reader.open()
    page.locator(".iz-examples a").first.dblclick()
    expect(page.locator(".iz-result")).to_be_visible()
    page.locator("#question textarea").fill(TRAIN)
    page.locator("#ask-button").dblclick()
    expect(page.locator(".iz-abstain")).to_be_visible()
    reader.ask(CONDITION)
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")


def test_nothing_in_a_document_or_question_runs(browser: Browser, served: Served) -> None:
    one = visit(browser, served)
    page = one.open()
    one.ask("Who found the fossil of the dwarf dinosaur? <img src=x onerror=window.pwned=8>${window.pwned=9}")
    expect(page.locator(".iz-source").first).to_contain_text("<svg onload=")
    page.locator(".iz-source h4 a").filter(has_text=re.compile("script|img")).first.click()
    expect(page.locator(".iz-text")).to_contain_text("<script>window.pwned=2</script>")
    page.reload()
    expect(page.locator(".iz-text")).to_contain_text("</iframe>")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#results, #article").locator("script, img, iframe, svg").count() == 0
    assert one.complaints == []
    one.context.close()


AT_REST = """() => new Promise(done => {
  let changes = 0, frames = 0;
  const observer = new MutationObserver(found => { changes += found.length; });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  const next = () => { if (++frames < 40) requestAnimationFrame(next); else { observer.disconnect(); done(changes); } };
  requestAnimationFrame(next);
})"""


def test_a_page_at_rest_changes_nothing(reader: Visit) -> None:
    """What observes the page must not change it each time: the machine would work for every page that is open."""
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    wait_until(lambda: page.evaluate(AT_REST) == 0)
