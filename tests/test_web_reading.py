"""Reading on the page: on a narrow screen, by keyboard, without motion; what is cited, and what leads where."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from visits import (
    CONDITION,
    INVITED,
    NUCLEAR,
    ROOT,
    SCHEMES,
    TRAIN,
    Served,
    Visit,
    address,
    asked,
    browser,
    choose,
    menu,
    reader,
    served,
    visit,
)

__all__ = ["browser", "reader", "served"]

SLOVENE = '#filters [data-filter="languages"][value="sl"]'
pytestmark = pytest.mark.browser

DATED = "Ce condiție a pus Kremlinul în ianuarie 2026 pentru întâlnirea dintre Putin și Zelenski?"
TALKS = "Kako je Witkoff opisal pogovore z Dmitrijevim?"


def serious(page: Page) -> list[tuple[str, list[str]]]:
    return [
        (rule["id"], [node["html"][:160] for node in rule["nodes"]])
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in {"serious", "critical"}
    ]


@SCHEMES
def test_axe_finds_nothing_serious_on_a_narrow_screen(browser: Browser, served: Served, scheme: str) -> None:
    one = visit(browser, served, narrow=True, color_scheme=scheme, reduced_motion="reduce")
    for path in ("", asked(CONDITION), asked(TRAIN), "?show=corpus"):
        page = one.open(path)
        assert serious(page) == [], path
    page = one.open(asked(CONDITION))
    menu(page, "languages")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_focused()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    one.context.close()


@SCHEMES
def test_axe_finds_nothing_serious_in_the_article(browser: Browser, served: Served, scheme: str) -> None:
    one = visit(browser, served, color_scheme=scheme, reduced_motion="reduce")
    page = one.open(asked(CONDITION))
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_focused()
    for folded in page.locator(".iz-furniture summary").all():
        folded.click()
    assert serious(page) == []
    for cite in (f"{INVITED}@{'1' * 16}:395-581", "gone.txt@0123456789abcdef:7-9", "nonsense"):
        page = one.open(asked(CONDITION, cite=cite))
        expect(page.locator("#article .iz-stale")).to_be_visible()
        assert serious(page) == [], cite
    one.context.close()


def test_who_wants_no_motion_gets_none(browser: Browser, served: Served) -> None:
    moving = "() => [...document.querySelectorAll('.gradio-container *')].filter((one) => {" \
        " const style = getComputedStyle(one); return parseFloat(style.transitionDuration) > 0.001" \
        " || (style.animationName !== 'none' && parseFloat(style.animationDuration) > 0.001)" \
        " || style.scrollBehavior === 'smooth'; }).length"  # fmt: skip
    for motion, still in (("reduce", True), ("no-preference", False)):
        one = visit(browser, served, reduced_motion=motion)
        page = one.open(asked(CONDITION))
        page.locator("a.iz-number").first.click()
        expect(page.locator("#cited")).to_be_focused()
        assert (page.evaluate(moving) == 0) is still, motion
        one.context.close()


def test_a_mark_on_the_timeline_opens_its_passage(reader: Visit) -> None:
    page = reader.open(asked("Who is Kirill Dmitriev?"))
    marks = page.locator(".iz-timeline li a")
    expect(marks.first).to_be_visible()
    assert marks.count() == page.locator(".iz-sources .iz-source:has(time)").count()  # what states no date has no mark
    for mark in (marks.first, marks.last):
        place = mark.get_attribute("data-cite") or ""
        mark.click()
        expect(page.locator("#article [data-open]")).to_have_attribute("data-open", place)
        expect(page.locator("#cited")).to_be_focused()
        start, end = (int(n) for n in place.rsplit(":", 1)[1].split("-"))
        text = (ROOT / "seeds" / place.split("@")[0]).read_text("utf-8")
        marked = "".join(page.locator("mark.cited").all_text_contents())
        assert re.sub(r"\s", "", marked) == re.sub(r"\s", "", text[start:end])  # empty lines are not marked
        expect(mark).to_have_attribute("aria-current", "true")
        page.keyboard.press("Escape")
        expect(mark).to_be_focused()


def test_the_dates_of_a_question_are_offered_as_a_filter(reader: Visit) -> None:
    page = reader.open(asked(DATED))
    expect(page.locator(".iz-period")).to_have_text(re.compile("“în ianuarie 2026”|“ianuarie 2026”"))
    chip = page.locator("a.iz-chip")
    expect(chip).to_have_text("Published: January 2026")
    chip.click()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-01-01")
    expect(page.get_by_label("To", exact=True)).to_have_value("2026-01-31")
    expect(chip).to_have_count(0)
    reader.settled()
    there = address(page, "published_from", "published_to")
    assert there == {"q": [DATED], "published_from": ["2026-01-01"], "published_to": ["2026-01-31"]}
    days = [one.get_attribute("datetime") or "" for one in page.locator(".iz-source time").all()]
    assert days and all(day.startswith("2026-01") for day in days)
    page.go_back()
    expect(chip).to_be_visible()
    expect(page.get_by_label("From", exact=True)).to_have_value("")


def test_every_key_of_the_tour_does_what_it_says(reader: Visit) -> None:
    page = reader.open(asked(CONDITION))
    box = page.locator("#question textarea")
    page.locator("#answer").focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value(CONDITION)  # the slash is no letter here
    assert page.evaluate("getSelection().toString()") == CONDITION
    page.keyboard.press("Escape")
    expect(box).not_to_be_focused()
    box.focus()
    page.keyboard.press("End")
    page.keyboard.type("/")
    expect(box).to_have_value(f"{CONDITION}/")  # and there it is one

    cites = page.locator(":is(#results, #sources) [data-cite]")
    cites.first.focus()
    page.keyboard.press("ArrowDown")
    expect(cites.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cites.first).to_be_focused()
    page.keyboard.press("ArrowUp")  # there is none before
    expect(cites.first).to_be_focused()
    source = page.locator(".iz-source h4 a").last
    source.focus()
    page.keyboard.press("Enter")
    place = source.get_attribute("data-cite") or ""
    expect(page.locator("#article [data-open]")).to_have_attribute("data-open", place)
    expect(page.locator("#cited")).to_be_focused()
    page.keyboard.press("Escape")
    expect(source).to_be_focused()
    assert "cite" not in page.url
    words = page.locator(".iz-source").first.locator("mark.word")
    words.first.focus()
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(words.first).to_be_focused()
    box.fill(TRAIN)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-abstain")).to_be_visible()


def test_back_and_forward_bring_back_filters_language_and_the_list(reader: Visit) -> None:
    page = reader.open(asked(CONDITION))
    choose(page, "languages", "sl")
    expect(page.locator(".iz-source h4 a:not([data-cite^='004_'])")).to_have_count(0)
    reader.settled()
    page.get_by_role("link", name="Articles", exact=True).click()
    expect(page.locator(".iz-corpus")).to_be_visible()
    reader.settled()
    page.locator(".iz-corpus tbody th a").first.click()
    expect(page.locator("#article .iz-text")).to_be_visible()
    page.go_back()
    expect(page.locator("#article")).to_be_hidden()
    page.go_back()
    expect(page.locator(SLOVENE)).to_be_checked()
    expect(page.locator(".iz-source h4 a[data-cite^='004_']").first).to_be_visible()
    reader.settled()
    page.go_back()
    expect(page.locator(SLOVENE)).not_to_be_checked()
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")
    reader.settled()
    page.go_forward()
    expect(page.locator(SLOVENE)).to_be_checked()
    reader.settled()
    page.go_forward()
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(6)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_words_cited_stand_below_the_head_of_the_article(browser: Browser, served: Served, narrow: bool) -> None:
    one = visit(browser, served, narrow=narrow)
    page = one.open(asked(CONDITION))
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_focused()
    head, cited = page.locator("#article header").bounding_box(), page.locator("#cited").bounding_box()
    assert head is not None and cited is not None
    assert cited["y"] >= head["y"] + head["height"]
    one.context.close()


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("question", [TALKS, NUCLEAR])
def test_what_is_cited_is_told_from_what_only_matched(
    browser: Browser, served: Served, question: str, narrow: bool
) -> None:
    one = visit(browser, served, narrow=narrow, reduced_motion="reduce")
    page = one.open(asked(question))
    quote = page.locator(".iz-quotes blockquote").first.text_content() or ""
    page.locator("a.iz-number").first.click()
    cited = page.locator("#cited")
    expect(cited).to_be_focused()
    expect(page.locator(".iz-text mark.other").first).to_be_attached()  # others of its words have matched
    assert "".join(page.locator("mark.cited").all_text_contents()) == quote
    # the eye falls on it: it begins in the upper part of what is seen of the article, whole lines of it, below the head
    head, box = page.locator("#article header").bounding_box(), cited.bounding_box()
    size = page.viewport_size
    assert head is not None and box is not None and size is not None
    assert head["y"] + head["height"] <= box["y"] <= size["height"] * 0.62
    look = "one => { const style = getComputedStyle(one); return [style.backgroundColor, style.borderBottomWidth]; }"
    ground, line = cited.evaluate(look)
    assert ground == "rgb(255, 230, 154)" and line == "2px"
    assert page.locator("mark.other").first.evaluate(look) == ["rgba(0, 0, 0, 0)", "0px"]
    bar = "one => getComputedStyle(one.closest('p')).boxShadow"
    assert cited.evaluate(bar) != "none"
    assert page.locator(".iz-text > p:not(:has(mark.cited))").first.evaluate(bar) == "none"
    # the row of citations begins at it
    places = list(
        dict.fromkeys(
            link.get_attribute("data-cite") or ""
            for link in page.locator(":is(#results, #sources) [data-cite]:not([data-aside])").all()
        )
    )
    expect(page.locator("#article")).to_contain_text(f"Citation 1 of {len(places)}")
    for label, place in (("Next citation", places[1]), ("Previous citation", places[0])):
        page.get_by_label(label).click()
        expect(page.locator("#article [data-open]")).to_have_attribute("data-open", place)
        expect(cited).to_be_focused()
        expect(cited).to_be_in_viewport()
    one.context.close()


def test_the_article_stays_beside_the_answer_while_the_sources_are_read(reader: Visit) -> None:
    page = reader.open(asked(CONDITION))
    page.locator(".iz-passage").last.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 400
    box = page.locator("#article").bounding_box()
    bar = page.locator("#ask").bounding_box()
    assert box is not None and bar is not None and abs(bar["y"] + bar["height"] - box["y"]) < 16
    expect(page.locator("#question textarea")).to_be_in_viewport()  # another question can be asked from anywhere
    expect(page.get_by_role("link", name="Articles", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
