"""The interface in a real Chromium: keyboard, widths, colours, languages, the tour, and what axe says."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from visits import CONDITION, ROOT, TRAIN, Served, Visit, address, browser, choose, menu, reader, served, visit

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser


def test_the_keyboard_does_everything(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    page.locator("#answer").focus()
    page.keyboard.press("Tab")
    number = page.locator("a.iz-number").first
    expect(number).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#cited")).to_be_focused()
    page.keyboard.press("Escape")
    expect(number).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(number).not_to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#question textarea")).to_be_focused()
    box = page.locator("#question textarea")
    page.keyboard.press("ArrowUp")  # the questions of this browser, the latest first
    expect(box).to_have_value(CONDITION)
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value(CONDITION)
    page.keyboard.press("ArrowDown")
    expect(box).to_have_value("")
    mark = page.locator(".iz-passage mark.word[tabindex='0']").first
    mark.focus()
    expect(page.locator(".asked.on")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator("mark.word:focus")).to_have_count(1)
    expect(mark).to_have_attribute("tabindex", "0")


def test_next_and_previous_walk_the_citations(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    places = list(dict.fromkeys(
        link.get_attribute("data-cite") for link in page.locator(":is(#results, #sources) [data-cite]:not([data-aside])").all()
    ))  # fmt: skip
    expect(page.get_by_label("Previous citation")).to_be_disabled()
    page.get_by_label("Next citation").click()
    expect(page.locator("#article [data-open]")).to_have_attribute("data-open", str(places[1]))
    expect(page.locator("#article")).to_contain_text(f"Citation 2 of {len(places)}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_is_one_column_and_the_article_a_panel(browser: Browser, served: Served, scheme: str) -> None:
    one = visit(browser, served, narrow=True, color_scheme=scheme)
    page = one.open(f"?{urlencode({'q': CONDITION})}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("#article")).to_be_hidden()
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_in_viewport()
    page.get_by_label("Close the article").click()
    expect(page.locator("#article")).to_be_hidden()
    expect(page.get_by_label("Slovenian")).to_be_hidden()
    menu(page, "languages")
    expect(page.get_by_label("Slovenian")).to_be_visible()
    red, *_ = (int(n) for n in re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert (red > 200) == (scheme == "light")
    assert one.complaints == []
    one.context.close()


def test_colours_can_be_switched_and_stay(reader: Visit) -> None:
    page = reader.open()
    page.get_by_label("Colours").select_option("dark")
    expect(page.locator("body.dark")).to_have_count(1)
    reader.open()
    expect(page.locator("body.dark")).to_have_count(1)
    expect(page.get_by_label("Colours")).to_have_value("dark")


def test_the_interface_speaks_the_browsers_language_and_can_be_switched(browser: Browser, served: Served) -> None:
    one = visit(browser, served, locale="sl-SI")
    page = one.open(f"?{urlencode({'q': CONDITION})}")
    expect(page.get_by_role("button", name="Poišči odgovor")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    page.get_by_label("Jezik strani").select_option("ro")
    expect(page.get_by_role("button", name="Caută răspunsul")).to_be_visible()
    expect(page.get_by_role("heading", name="Răspuns")).to_be_visible()
    found = page.locator(".iz-source h4[lang=ro]").count()
    expect(menu(page, "languages").get_by_label(f"română {found}")).to_be_visible()
    assert address(page, "q", "lang") == {"q": [CONDITION], "lang": ["ro"]}
    choose(page, "languages", "sl")
    expect(page.locator("#results")).not_to_contain_text("Sources")
    assert one.complaints == []
    one.context.close()


def test_a_citation_can_be_copied(browser: Browser, served: Served) -> None:
    one = visit(browser, served, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(f"?{urlencode({'q': CONDITION})}")
    first = page.locator(".iz-quotes li").first
    first.locator(".iz-cite summary").click()
    first.get_by_role("button", name="Markdown").click()
    expect(first.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("> ") and "2026-01-28" in copied
    one.context.close()


def test_the_tour_shows_what_it_says(reader: Visit) -> None:
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    steps = re.split(r"\n\*\*\d\. ", tour)[1:8]
    assert len(steps) == 7
    for step in steps:
        link = re.search(r"\(http://127\.0\.0\.1:7860/(\?[^)]+)\)", step)
        assert link is not None
        page = reader.open(link.group(1))
        for words in re.findall("“([^”]+)”", step):
            expect(page.locator("#columns")).to_contain_text(words)
    assert all((ROOT / "docs" / picture).is_file() for picture in re.findall(r"\]\((screenshots/[^)]+)\)", tour))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, served: Served, scheme: str) -> None:
    one = visit(browser, served, color_scheme=scheme, reduced_motion="reduce")
    for path in ("", f"?q={quote(CONDITION)}", f"?q={quote(TRAIN)}", "?show=corpus"):
        one.open(path)
        serious = [
            (rule["id"], [node["html"][:160] for node in rule["nodes"]])
            for rule in Axe().run(one.page).response["violations"]
            if rule["impact"] in {"serious", "critical"}
        ]
        assert serious == []
    one.context.close()


def test_a_browser_without_javascript_gets_the_answer_and_the_article(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700}, locale="sl-SI")
    page = context.new_page()
    page.goto(f"{served.url}/?{urlencode({'q': CONDITION})}")
    expect(page.locator(".iz-quotes blockquote").first).to_contain_text("la Moscova")
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    page.locator("a.iz-number").first.click()
    expect(page.locator("mark.cited").first).to_be_visible()
    page.locator("input[name=q]").fill(TRAIN)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-abstain")).to_be_visible()
    context.close()
