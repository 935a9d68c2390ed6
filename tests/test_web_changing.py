"""The Corpus page in a real Chromium: listed, searched, added to, replaced, removed, rebuilt."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from visits import CONDITION, GENOA, Served, Visit, address, browser, choose, reader, served

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser


def test_the_corpus_can_be_searched_sorted_and_read(reader: Visit) -> None:
    page = reader.open()
    page.get_by_role("link", name="Articles", exact=True).click()
    rows = page.locator(".iz-corpus tbody tr")
    expect(rows).to_have_count(6)
    expect(page.locator(".iz-failures")).to_contain_text("empty.txt")
    page.get_by_label("Find articles").fill('"kremlinul s-a aratat DISPUS"')
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
    # several at once, with undo
    rows, state = page.locator(".iz-corpus tbody tr"), page.locator("[data-change-state]")
    page.get_by_label("Select The lighthouse of Genoa").check()
    page.get_by_label("Select 002_").check()
    page.get_by_role("button", name="Remove selected: 2").click()
    expect(rows).to_have_count(5, timeout=20_000)
    expect(state).to_contain_text("Removed: 2.")
    expect(page.locator("[data-pick]:checked")).to_have_count(0)
    assert not (served.index.parent / "corpus" / "genoa.txt").exists()
    page.reload()  # what was removed can still be put back
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(7, timeout=20_000)
    page.get_by_role("button", name="Remove The lighthouse of Genoa").click()
    expect(rows).to_have_count(6, timeout=20_000)
    # a file that could not be read is replaced, or removed
    good = {"name": "any.txt", "mimeType": "text/plain", "buffer": GENOA.encode()}
    page.get_by_label("Replace fake.txt").set_input_files(good)  # type: ignore[arg-type]
    expect(rows).to_have_count(7, timeout=20_000)
    page.get_by_role("button", name="Remove The lighthouse of Genoa").click()
    expect(rows).to_have_count(6, timeout=20_000)
    page.get_by_role("button", name="Remove empty.txt").click()
    expect(page.locator(".iz-failures li")).to_have_count(0, timeout=20_000)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".iz-failures li")).to_have_count(1, timeout=20_000)


EVIL = "<img src=x onerror=window.pwned=10>"
DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name, { type: "text/plain" }));
  for (const kind of ["dragover", "drop"])
    document.querySelector("main").dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
}"""
CUT = "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().right > innerWidth).length"


def test_articles_are_pasted_dropped_and_corrected_and_bars_filter_the_list(reader: Visit, served: Served) -> None:
    page = reader.open("?show=corpus")
    rows = page.locator(".iz-corpus tbody tr")
    page.get_by_role("button", name="Paste text").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Title").fill("Der Leuchtturm von Genua")
    dialog.get_by_label("Text").fill(
        "Der Leuchtturm von Genua wurde 1543 von der Republik neu gebaut, sagte der Wärter."
    )
    dialog.get_by_role("button", name="Add").click()
    expect(rows).to_have_count(7, timeout=20_000)
    page.evaluate(DROP, ["dropped.txt", GENOA])
    expect(page.locator(".iz-uploads li")).to_contain_text("dropped.txt")
    expect(rows).to_have_count(8, timeout=20_000)

    page.get_by_role("button", name="Correct The lighthouse of Genoa").click()
    dialog.get_by_label("Title").fill(EVIL)
    dialog.get_by_label("Outlet").fill(EVIL)
    dialog.get_by_label("Author").fill(EVIL)
    dialog.get_by_label("Published").fill("2026-02-03")
    dialog.get_by_role("button", name="Save").click()
    corrected = rows.filter(has_text="corrected by hand")
    expect(corrected).to_contain_text(EVIL, timeout=20_000)
    corrected.get_by_role("link").click()
    expect(page.locator("#article h2")).to_have_text(EVIL)
    page.locator(".iz-origins summary").click()
    expect(page.locator(".iz-origins")).to_contain_text("corrected by hand")
    page.get_by_label("Close the article").click()
    assert page.evaluate("window.pwned") is None

    page.locator(".iz-chart").get_by_role("link", name="Feb 2026").click()
    expect(rows).to_have_count(1)
    assert address(page, "published_from")["published_to"] == ["2026-02-28"]
    expect(page.locator(".iz-chart a[aria-current]")).to_contain_text("Feb 2026")
    page.locator(".iz-chart a[aria-current]").click()
    expect(rows).to_have_count(8)
    page.locator(".iz-chart").get_by_role("link", name=EVIL).click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(8)
    choose(page, "outlets", EVIL)
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear filters").click()
    expect(rows).to_have_count(8)
    page.get_by_label("Find articles").fill('"rebuilt in 1543"')
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(8)

    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".iz-list :is(th, td, button, a)").evaluate_all(CUT) == 0
        box, title = (page.locator(f".iz-list tbody tr {part}").first.bounding_box() for part in ("[data-pick]", "th"))
        assert box and title and box["x"] + box["width"] <= title["x"]
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name=f"Correct {EVIL}", exact=True).click()
    dialog.get_by_role("button", name="Take all corrections back").click()
    expect(page.locator(".iz-corrected")).to_have_count(0, timeout=20_000)
    page.get_by_label("Select The lighthouse of Genoa").check()
    page.get_by_label("Select Der Leuchtturm").check()
    page.get_by_role("button", name="Remove selected: 2").click()
    expect(rows).to_have_count(6, timeout=20_000)


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
    expect(page.locator("dialog[open]")).to_contain_text(
        "Until that is done, questions are answered from the present index"
    )
    page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-change-state][data-kind=wait]")).to_have_count(0)
    page.get_by_role("button", name="Rebuild").click()
    page.locator("dialog[open]").get_by_role("button", name="Rebuild").click()
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
