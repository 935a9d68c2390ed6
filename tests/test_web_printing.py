"""What leaves the page: the printed answer, and quotes copied."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from visits import CONDITION, INVITED, ROOT, SCHEMES, Served, asked, browser, served, visit

__all__ = ["browser", "served"]

pytestmark = pytest.mark.browser


def luminance(page: Page, selector: str, what: str) -> float:
    """Return how bright a colour on the page is, from 0 to 1."""
    value = page.locator(selector).first.evaluate(f"(one) => getComputedStyle(one)['{what}']")
    red, green, blue = (int(n) for n in re.findall(r"\d+", value)[:3])
    return (red + green + blue) / 765


def printed(page: Page) -> str:
    """Return the words on the sheets of paper, ligatures taken apart."""
    sheets = PdfReader(io.BytesIO(page.pdf())).pages
    return " ".join(unicodedata.normalize("NFKC", " ".join(sheet.extract_text() for sheet in sheets)).split())


@SCHEMES
def test_the_printed_page_is_the_answer_with_its_sources_in_dark_ink(
    browser: Browser, served: Served, scheme: str
) -> None:
    one = visit(browser, served, color_scheme=scheme)
    page = one.open(asked(CONDITION))
    quote = page.locator(".iz-quotes blockquote").first.inner_text()
    title = page.locator(".iz-sources .iz-source h4").last.inner_text()
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    for hidden in (
        "#ask",
        "#filters",
        "#article",
        ".iz-nav",
        ".iz-switches",
        ".iz-copy",
        ".iz-unfold",
    ):
        for part in page.locator(hidden).all():
            expect(part).to_be_hidden()
    for dark in (".iz-quotes blockquote", ".iz-source h4 a", ".iz-passage", ".iz-about", ".iz-asked"):
        assert luminance(page, dark, "color") < 0.45, dark  # printers leave the background out
    assert page.locator(".iz-passage").last.evaluate("(one) => one.scrollHeight <= one.clientHeight + 2")
    text = printed(page)
    assert " ".join(quote.split())[:60] in text and " ".join(title.split())[:30] in text
    assert CONDITION in text
    assert served.url in text and "Related passages" not in text
    for passage in page.locator(".iz-sources .iz-passage").all():
        assert " ".join(passage.inner_text().split())[-40:] in text  # to the last word of the last card
    assert "Clear history" not in text and "Skip to the answer" not in text
    assert one.complaints == []
    one.context.close()


def test_with_an_article_open_on_a_narrow_screen_the_whole_answer_is_printed(browser: Browser, served: Served) -> None:
    one = visit(browser, served, narrow=True)
    page = one.open(asked(CONDITION))
    page.locator("a.iz-number").first.click()
    expect(page.locator("#cited")).to_be_focused()
    page.emulate_media(media="print")
    expect(page.locator("#article")).to_be_hidden()
    last = page.locator(".iz-sources .iz-source h4").last.inner_text()
    assert " ".join(last.split())[:30] in printed(page)
    one.context.close()


def test_a_quote_is_copied_as_text_and_for_a_bibliography(browser: Browser, served: Served) -> None:
    one = visit(browser, served, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(asked(CONDITION))
    first = page.locator(".iz-quotes li").first
    quote = first.locator("blockquote").text_content() or ""
    first.get_by_role("button", name="Copy", exact=True).click()
    expect(first.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"„{quote}”\n") and "2026-01-28" in copied and INVITED in copied
    link = copied.splitlines()[-1]
    assert link.startswith(f"{served.url}/?q=") and str(served.index.parent) not in copied
    first.get_by_role("button", name="Copy link").click()
    expect(first.get_by_role("button", name="Copied")).to_have_count(2)
    assert page.evaluate("navigator.clipboard.readText()") == link
    other = one.context.new_page()
    other.goto(link)  # the link alone brings back the words
    expect(other.locator("#cited")).to_be_visible()
    assert "".join(other.locator("mark.cited").all_text_contents()) == quote
    other.close()
    first.locator(".iz-cite summary").click()
    expect(first.get_by_role("button", name="Copied")).to_have_count(0)
    for name, begins in (("RIS", "TY  - "), ("CSL-JSON", "[")):
        first.get_by_role("button", name=name).click()
        assert page.evaluate("navigator.clipboard.readText()").startswith(begins)
        expect(first.get_by_role("button", name="Copied")).to_have_count(0)
    first.get_by_role("button", name="BibTeX").click()
    expect(first.get_by_role("button", name="Copied")).to_have_count(1)
    entry = page.evaluate("navigator.clipboard.readText()")
    place = first.locator("a.iz-number").get_attribute("data-cite") or ""
    start, end = place.rsplit(":", 1)[1].split("-")
    assert entry.startswith(f"@online{{003-569c59af60f09498-txt-{start},\n") and entry.endswith("}")
    assert "date = {2026-01-28}" in entry and f"characters {start}--{end}" in entry
    assert (ROOT / "seeds" / INVITED).read_text("utf-8")[int(start) : int(end)] == quote
    expect(first.get_by_role("button", name="Copied")).to_have_count(0)
    card = page.locator(".iz-source").first
    card.locator(".iz-cite summary").click()
    card.get_by_role("button", name="Markdown").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#iz-status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("> ")
    one.context.close()
