"""The Corpus page while the corpus changes under it: what is open stays open, and what went wrong is said in words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Route, expect
from visits import GENOA, Served, Visit, browser, reader, served, visit

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser

FAKE = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\x00\x01\x02"


def test_a_dialog_that_is_open_while_the_list_changes_stays_and_the_list_follows_when_it_is_closed(
    reader: Visit, served: Served
) -> None:
    page = reader.open("?show=corpus")
    rows = page.locator(".iz-corpus tbody tr")
    expect(rows).to_have_count(6)
    held: list[Route] = []
    page.route("**/api/corpus/files/**", lambda route: held.append(route))
    file = {"name": "genoa.txt", "mimeType": "text/plain", "buffer": GENOA.encode()}
    page.get_by_label("Add files").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".iz-uploads li")).to_have_attribute("data-state", "sending")
    page.get_by_role("button", name=re.compile("^Correct 004_")).click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Corrections are kept")
    held[0].continue_()
    expect(page.locator(".iz-uploads li")).to_have_attribute("data-state", "added", timeout=20_000)
    expect(page.locator("[data-change-state]")).to_have_text("The collection is up to date.")
    page.wait_for_timeout(500)
    expect(dialog).to_be_visible()
    expect(rows).to_have_count(6)  # not under the reader's hand
    dialog.get_by_role("button", name="Cancel").click()
    expect(rows).to_have_count(7)
    page.unroute("**/api/corpus/files/**")
    page.get_by_role("button", name="Remove The lighthouse of Genoa").click()  # the page is not shut
    expect(rows).to_have_count(6, timeout=20_000)
    assert not (served.index.parent / "corpus" / "genoa.txt").exists()


@pytest.mark.parametrize(
    ("locale", "reason", "name", "last"),
    [
        ("en-GB", "is no 'PDF' file|binary|damaged", "cannot be the name of an article's file", "Characters"),
        (
            "ro-RO",
            "Nu a putut fi citit: „fake.txt” este un PDF deteriorat",
            "nu poate fi numele fișierului unui articol",
            "Caractere",
        ),
        (
            "sl-SI",
            "Ni bilo mogoče prebrati: »fake.txt« je poškodovan",
            "ne more biti ime datoteke članka",
            "Znaki",
        ),
    ],
)
def test_why_a_file_or_a_change_was_refused_is_said_in_the_readers_language(
    browser: Browser, served: Served, locale: str, reason: str, name: str, last: str
) -> None:
    one = visit(browser, served, locale=locale)
    page = one.open("?show=corpus")
    add = page.locator("[data-upload][multiple]")
    files = [{"name": each, "mimeType": "text/plain", "buffer": FAKE} for each in ("fake.txt", ".hidden.txt")]
    add.set_input_files(files)  # type: ignore[arg-type]
    uploads = page.locator(".iz-uploads li")
    expect(uploads.nth(0)).to_contain_text(re.compile(reason), timeout=20_000)
    expect(uploads.nth(1)).to_contain_text(name)
    expect(page.locator(".iz-failures li", has_text="fake.txt")).to_be_visible()
    failures = page.locator(".iz-failures").inner_text()
    stored = served.index.parent / "corpus" / "fake.txt"
    stored.unlink()
    # a folder that is gone: the change fails, and the detail behind the lead is in the same language
    corpus, away = served.index.parent / "corpus", served.index.parent / "away"
    corpus.rename(away)
    try:
        page.locator("[data-sync]").click()
        state = page.locator("[data-change-state][data-kind=failed]")
        expect(state).to_be_visible(timeout=20_000)
        told = state.inner_text()
    finally:
        away.rename(corpus)
    page.locator("[data-sync]").click()
    expect(page.locator("[data-change-state][data-kind=done]")).to_be_visible(timeout=20_000)
    if not locale.startswith("en"):
        for said in (*uploads.all_inner_texts(), failures, told):
            assert not re.search(r"\b(the|is|cannot|file|articles|folder|came from|Fetch)\b", said), said
    one.context.close()
