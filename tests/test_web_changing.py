"""The Corpus page in a real Chromium: listed, searched, added to, replaced, removed, rebuilt."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from visits import CONDITION, GENOA, Served, Visit, address, browser, reader, served

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser


def test_the_corpus_can_be_searched_sorted_and_read(reader: Visit) -> None:
    page = reader.open()
    page.get_by_role("link", name="Articles", exact=True).click()
    rows = page.locator(".iz-corpus tbody tr")
    expect(rows).to_have_count(6)
    expect(page.locator(".iz-failures")).to_contain_text("empty.txt")
    page.get_by_label("Find articles").fill("zelenski MOSCOVA")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(page.locator(".iz-text")).to_contain_text("Kremlinul s-a arătat dispus")
    expect(page.locator("mark.cited")).to_have_count(0)
    page.get_by_label("Close the article").click()
    expect(page.locator("#article")).to_be_hidden()
    page.get_by_label("Find articles").fill("")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(6)
    page.get_by_role("button", name="Characters").click()
    expect(page.locator("th[aria-sort]")).to_have_text("Characters ↑")
    assert address(page, "sort") == {"show": ["corpus"], "sort": ["length"]}
    reader.ask(CONDITION)
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")
    page.go_back()
    expect(page.locator("th[aria-sort]")).to_have_text("Characters ↑")


def test_articles_are_added_by_upload_replaced_and_removed(reader: Visit, served: Served) -> None:
    page = reader.open("?show=corpus")
    files = [
        {"name": "genoa.txt", "mimeType": "text/plain", "buffer": GENOA.encode()},
        {"name": "fake.txt", "mimeType": "text/plain", "buffer": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\x00\x01\x02"},
    ]
    page.get_by_label("Add files").set_input_files(files)  # type: ignore[arg-type]
    uploads = page.locator(".iz-uploads li")
    expect(uploads.nth(0)).to_have_attribute("data-state", "added", timeout=20_000)
    expect(uploads.nth(1)).to_contain_text("Could not be read: ")
    expect(page.locator("[data-change-state]")).to_have_text("The collection is up to date.")
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(7)
    expect(page.locator(".iz-failures")).to_contain_text("fake.txt")
    assert (served.index.parent / "corpus" / "genoa.txt").read_text("utf-8") == GENOA

    other = {"name": "genoa.txt", "mimeType": "text/plain", "buffer": GENOA.replace("1543", "1544").encode()}
    reader.expected = re.compile(r"409|Conflict")
    page.get_by_label("Add files").set_input_files(other)  # type: ignore[arg-type]
    expect(uploads).to_have_count(1)
    expect(uploads.first).to_contain_text("Another file has this name")
    uploads.first.get_by_role("button", name="Replace it").click()
    expect(uploads.first).to_have_attribute("data-state", "added", timeout=20_000)
    page.get_by_role("button", name="Remove The lighthouse of Genoa").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(7)
    page.get_by_role("button", name="Remove The lighthouse of Genoa").click()
    expect(page.locator("dialog")).to_contain_text("Its file is deleted")
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(6, timeout=20_000)
    assert not (served.index.parent / "corpus" / "genoa.txt").exists()
    (served.index.parent / "corpus" / "fake.txt").unlink()
    page.get_by_role("button", name="Read the folder again").click()
    expect(page.locator(".iz-failures li")).to_have_count(1, timeout=20_000)


def test_while_another_program_writes_changing_waits(reader: Visit, served: Served) -> None:
    from rag.store.local import LocalStore

    page = reader.open("?show=corpus")
    with LocalStore.open(served.index, write=True):
        page.get_by_role("button", name="Read the folder again").click()
        expect(page.locator("[data-change-state]")).to_contain_text("Another program is writing to the index")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-change-state]")).to_have_text("The collection is up to date.", timeout=20_000)
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(6)


def test_the_index_is_rebuilt_from_the_page(reader: Visit) -> None:
    page = reader.open("?show=corpus")
    page.get_by_role("button", name="Rebuild").click()
    expect(page.locator("dialog")).to_contain_text("Until that is done, questions are answered from the present index")
    page.locator("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-change-state]")).to_be_hidden()
    page.get_by_role("button", name="Rebuild").click()
    page.locator("dialog").get_by_role("button", name="Rebuild").click()
    expect(page.locator("[data-change-state]")).to_contain_text("You can go on asking questions")
    expect(page.get_by_role("button", name="Rebuild")).to_be_disabled()
    page.reload()  # the change goes on, and is told of again
    expect(page.locator(".iz-corpus tbody tr").first).to_be_visible()
    reader.ask(CONDITION)
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")
    page.go_back()
    expect(page.locator("[data-change-state][data-kind=wait]")).to_have_count(0, timeout=60_000)
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(6)


def test_an_upload_shows_how_far_it_is_and_one_cut_off_can_be_sent_again(reader: Visit, served: Served) -> None:
    page = reader.open("?show=corpus")
    reader.expected = re.compile("ERR_CONNECTION_RESET")
    page.route("**/api/corpus/files/**", lambda route: route.abort("connectionreset"))
    slow = {"name": "slow.txt", "mimeType": "text/plain", "buffer": b"%PDF-1.7\n" + bytes(900_000)}
    page.get_by_label("Add files").set_input_files(slow)  # type: ignore[arg-type]
    upload = page.locator(".iz-uploads li")
    expect(upload).to_contain_text("The upload was interrupted; nothing was stored")
    stored = served.index.parent / "corpus" / "slow.txt"
    assert not stored.exists()
    page.unroute("**/api/corpus/files/**")
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => {
             const bar = document.querySelector('.iz-uploads progress'); if (bar) window.seen.push(bar.value);
           }).observe(document.body, { childList: true, subtree: true }); }"""
    )
    line = reader.context.new_cdp_session(page)
    line.send("Network.enable")
    slowly = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    line.send("Network.emulateNetworkConditions", slowly)
    upload.get_by_role("button", name="Try again").click()
    expect(upload).to_contain_text("Could not be read: ", timeout=60_000)
    shares = page.evaluate("window.seen")
    assert shares == sorted(shares) and any(0 < share < 1 for share in shares)
    stored.unlink()
    page.get_by_role("button", name="Read the folder again").click()
    expect(page.locator(".iz-failures li")).to_have_count(1, timeout=60_000)
