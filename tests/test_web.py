"""The page in a real Chromium, served as a user serves it, over an index of the real seeds and one hostile article."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import anyio
import pytest
from axe_playwright_python.sync_playwright import Axe
from mcp.client.client import Client
from page_server import serve
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
PARIS = "V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?"
NUCLEAR = "Which nuclear power plant is among the main obstacles to peace?"
TRAIN = "Care este prețul unui bilet de tren de la București la Cluj?"
INVITED = "003_569c59af60f09498.txt"
EVIL_NAME = "<img src=x onerror=window.pwned=1>.txt"
EVIL_TEXT = """Dwarf dinosaur <script>window.pwned=2</script><img src=x onerror="window.pwned=3"> found in Hațeg

Balaur bondoc was a dwarf dinosaur of the island of Hațeg, said ${window.pwned=4} professor {{window.pwned=5}} Popa.
The fossil of the dwarf dinosaur was found by <svg onload="window.pwned=6"><b>Mátyás Vremir</b> on a river bank.
</p></details></div><iframe srcdoc="<script>parent.pwned=7</script>"></iframe> The bones are kept in Cluj.
"""


@dataclass(frozen=True)
class Served:
    url: str
    index: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    corpus = folder / "corpus"
    shutil.copytree(ROOT / "seeds", corpus, ignore=shutil.ignore_patterns("README*"))
    (corpus / EVIL_NAME).write_text(EVIL_TEXT, encoding="utf-8")
    (corpus / "empty.txt").touch()
    with serve(folder / "index", corpus) as url:
        yield Served(url, folder / "index")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """One reader: a fresh browser profile, and everything the page asked the network for or complained about."""

    context: BrowserContext
    page: Page
    base: str
    hosts: set[str]
    complaints: list[str]
    expected: re.Pattern[str] | None = None  # what a test brings about on purpose

    def open(self, path: str = "") -> Page:
        self.page.goto(f"{self.base}/{path}")
        expect(self.page.locator("#results [data-url]")).to_be_visible(timeout=15_000)
        return self.settled()

    def settled(self) -> Page:
        """Wait for the whole answer: the quotes, and the sources and the article that follow them."""
        expect(self.page.locator("body:is(.iz-busy, .iz-rest-due)")).to_have_count(0)
        return self.page

    def ask(self, question: str) -> Page:
        self.page.locator("#question input").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".iz-asked, .iz-error")).to_have_text(re.compile(re.escape(question[:40])))
        return self.settled()


def address(page: Page, *names: str) -> dict[str, list[str]]:
    """Return the query of the page's address once all of `names` stand in it; it follows what is shown by a moment."""
    page.wait_for_url(lambda url: set(names) <= parse_qs(urlsplit(url).query).keys())
    return parse_qs(urlsplit(page.url).query)


def visit(browser: Browser, served: Served, *, narrow: bool = False, **options: object) -> Visit:
    size = {"width": 390, "height": 844} if narrow else {"width": 1280, "height": 900}
    context = browser.new_context(viewport=size, **({"locale": "en-GB"} | options))  # type: ignore[arg-type]
    context.set_default_timeout(8_000)
    page = context.new_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

    def complain(text: str) -> None:
        if "AbortError" not in text:  # leaving a page cuts off Gradio's stream of events, and it says so
            complaints.append(text)

    page.on("pageerror", lambda error: complain(str(error)))
    page.on("response", lambda r: complain(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: complain(m.text) if m.type == "error" else None)
    return Visit(context, page, served.url, hosts, complaints)


@pytest.fixture
def reader(browser: Browser, served: Served) -> Iterator[Visit]:
    one = visit(browser, served)
    yield one
    one.context.close()
    assert one.hosts - {""} == {urlsplit(served.url).netloc}, "the page asked another host for something"
    assert [text for text in one.complaints if not (one.expected and one.expected.search(text))] == []


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
    page.locator("#question input").fill(CONDITION)
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
    page.locator("#question input").fill(NUCLEAR)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-quotes blockquote").first).to_contain_text("nuclear")
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
    best = page.locator(".iz-source h4 a").first
    assert (best.get_attribute("data-cite") or "").startswith(document)
    expect(page.locator("#question input")).to_have_value(question)


def test_what_the_corpus_does_not_say(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': TRAIN})}")
    expect(page.get_by_role("heading", name="The corpus does not say")).to_be_visible()
    expect(page.locator(".iz-nearest")).to_contain_text("They do not answer the question")
    expect(page.locator(".iz-number")).to_have_count(0)


def test_filters_act_at_once_and_stand_in_the_address(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    page.get_by_label("Slovenian").check()
    expect(page.locator(".iz-source h4 a[data-cite^='004_']").first).to_be_visible()
    expect(page.locator(".iz-source h4 a:not([data-cite^='004_'])")).to_have_count(0)
    assert address(page, "languages")["languages"] == ["sl"]
    page.get_by_label("Slovenian").uncheck()
    expect(page.locator(".iz-source h4 a[data-cite^='003_']").first).to_be_visible()
    page.get_by_label("To", exact=True).fill("2025-12-31")
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
    expect(page.locator("#question input")).to_have_value(CONDITION)
    expect(page.locator("#cited")).to_be_visible()
    assert address(page, "cite")["q"] == [CONDITION]
    page.go_back()
    page.go_back()
    expect(page.locator(".iz-welcome")).to_be_visible()
    expect(page.locator(".iz-history a").first).to_have_text(TRAIN)
    page.go_forward()
    expect(page.locator("#question input")).to_have_value(CONDITION)


def test_a_link_to_words_that_changed_or_went_says_so(reader: Visit) -> None:
    stale = {"q": CONDITION, "cite": f"{INVITED}@{'0' * 16}:700-760"}
    page = reader.open(f"?{urlencode(stale)}")
    expect(page.locator("#article")).to_contain_text("The article has changed since it was cited")
    expect(page.locator("mark.cited")).to_have_count(0)
    page = reader.open("?cite=gone.txt%400123456789abcdef%3A7-9")
    expect(page.locator("#article")).to_contain_text("This article is no longer in the corpus")
    page = reader.open("?cite=nonsense")
    expect(page.locator("#article")).to_contain_text("This citation cannot be read")


def test_a_word_that_gradio_keeps_for_itself_does_no_harm(reader: Visit) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION, 'page': 'x'})}")
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")


def test_the_corpus_can_be_searched_sorted_and_read(reader: Visit) -> None:
    page = reader.open()
    page.get_by_role("link", name="Corpus").click()
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


GENOA = "The lighthouse of Genoa\n\nThe lighthouse of Genoa was rebuilt in 1543 by the republic, said the keeper.\n"


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
    expect(page.locator("[data-change-state]")).to_have_text("The corpus is up to date.")
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
    expect(page.locator("[data-change-state]")).to_have_text("The corpus is up to date.", timeout=20_000)
    expect(page.locator(".iz-corpus tbody tr")).to_have_count(6)


def test_the_index_is_rebuilt_from_the_page(reader: Visit) -> None:
    page = reader.open("?show=corpus")
    page.get_by_role("button", name="Rebuild").click()
    expect(page.locator("dialog")).to_contain_text("Until that is done the present index answers")
    page.locator("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-change-state]")).to_be_hidden()
    page.get_by_role("button", name="Rebuild").click()
    page.locator("dialog").get_by_role("button", name="Rebuild").click()
    expect(page.locator("[data-change-state]")).to_contain_text("Questions are answered meanwhile")
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
    expect(upload).to_contain_text("Did not arrive; nothing was stored")
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


def test_a_question_of_100_kilobytes_gets_a_reason_and_no_address(reader: Visit) -> None:
    page = reader.open()
    page.locator("#question input").fill("Cine? " * 17_000)
    page.keyboard.press("Enter")
    expect(page.locator(".iz-error")).to_contain_text("The question has 101,999 characters. Ask a shorter one.")
    assert len(page.url) < 8_000
    reader.ask(CONDITION)
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")


def test_double_clicks_and_a_second_question_at_once_end_in_the_last_one(reader: Visit) -> None:
    page = reader.open()
    page.locator(".iz-examples a").first.dblclick()
    expect(page.locator(".iz-result")).to_be_visible()
    page.locator("#question input").fill(TRAIN)
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


def test_a_server_that_stops_and_comes_back_under_an_open_page(browser: Browser, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "app.py", "--port", port, "--index", str(tmp_path / "index"), "--corpus", "seeds"]

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        assert process.stderr is not None
        assert any("http://127.0.0.1" in line for line in process.stderr), "the server did not start"
        return process

    def stop(process: subprocess.Popen[str]) -> None:
        process.terminate()
        process.communicate(timeout=30)

    server = start()
    try:
        one = visit(browser, Served(f"http://127.0.0.1:{port}", tmp_path / "index"))
        page = one.open(f"?{urlencode({'q': CONDITION})}")
        stop(server)
        page.locator("#question input").fill(TRAIN)
        page.keyboard.press("Enter")
        alert = page.get_by_role("alert").filter(has_text="Izvor cannot be reached")
        expect(alert).to_be_visible()
        expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")  # what was there stays
        expect(page.get_by_text("Connection errored out")).not_to_be_visible()
        server = start()
        with suppress(PlaywrightError):  # Gradio may have noticed the server first, and loaded the page again
            alert.get_by_role("button", name="Try again").click(timeout=2_000)
        expect(page.locator(".iz-abstain")).to_be_visible(timeout=20_000)
        expect(alert).to_have_count(0)
        assert address(page, "q")["q"] == [TRAIN]
        one.context.close()
    finally:
        stop(server)


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
    expect(page.locator("#question input")).to_be_focused()
    box = page.locator("#question input")
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
    expect(page.locator("#filters")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
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
    expect(page.get_by_role("button", name="Vprašaj")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    page.get_by_label("Jezik strani").select_option("ro")
    expect(page.get_by_role("button", name="Întreabă")).to_be_visible()
    expect(page.get_by_role("heading", name="Răspuns")).to_be_visible()
    found = page.locator(".iz-source h4[lang=ro]").count()
    expect(page.get_by_label(f"română {found}")).to_be_visible()
    assert address(page, "q", "lang") == {"q": [CONDITION], "lang": ["ro"]}
    page.get_by_label("Slovenă", exact=False).first.check()
    expect(page.locator("#results")).not_to_contain_text("Sources")
    assert one.complaints == []
    one.context.close()


def test_a_citation_can_be_copied(browser: Browser, served: Served) -> None:
    one = visit(browser, served, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(f"?{urlencode({'q': CONDITION})}")
    first = page.locator(".iz-quotes li").first
    first.get_by_role("button", name="Markdown").click()
    expect(first.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("> ") and "2026-01-28" in copied
    one.context.close()


def test_exports_are_the_result_at_the_same_address(served: Served) -> None:
    query = urlencode({"q": CONDITION, "languages": "ro"})
    with urllib.request.urlopen(f"{served.url}/export.json?{query}", timeout=20) as response:
        data = json.load(response)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    citation = data["quotes"][0]["citation"]
    text = (ROOT / "seeds" / citation["document_id"]).read_text(encoding="utf-8")
    assert text[citation["start"] : citation["end"]] == data["quotes"][0]["text"]
    with urllib.request.urlopen(f"{served.url}/export.csv?{query}", timeout=20) as response:
        rows = list(csv.DictReader(io.StringIO(response.read().decode())))
    assert [row["text"] for row in rows if row["kind"] == "quote"] == [q["text"] for q in data["quotes"]]


def test_an_assistant_is_served_beside_the_page(served: Served) -> None:
    async def session() -> Any:
        async with Client(f"{served.url}/mcp") as client:
            return await client.call_tool("answer", {"question": CONDITION})

    with ThreadPoolExecutor(1) as beside:  # Playwright keeps an event loop of its own in this thread
        data = beside.submit(anyio.run, session).result().structured_content
    assert "la Moscova" in data["quotes"][0]["text"]
    assert data["quotes"][0]["citation"]["document_id"] == INVITED


def test_the_interface_documents_itself_without_other_hosts(reader: Visit) -> None:
    reader.page.goto(f"{reader.base}/docs")
    expect(reader.page.locator(".opblock-summary-path").first).to_contain_text("/api/")


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


def test_a_port_in_use_gets_one_clear_line(served: Served) -> None:
    port = urlsplit(served.url).port
    command = [sys.executable, "app.py", "--port", str(port), "--index", str(served.index)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert (
        done.stderr == f"error: port {port} on 127.0.0.1 is already in use. Choose another: --port {(port or 0) + 1}\n"
    )


def test_a_missing_corpus_gets_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "--port", "0", "--index", "i", "--corpus", "nowhere"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [command[0], str(ROOT / "app.py"), *command[2:]], cwd=tmp_path, env=environment, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and "nowhere" in last and "Traceback" not in done.stderr
