"""Visits to the page as a user serves it, over the real seeds and one hostile article, in a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from page_server import serve
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
NUCLEAR = "Which nuclear plant is an obstacle to peace in Ukraine?"
TRAIN = "Care este prețul unui bilet de tren de la București la Cluj?"
INVITED = "003_569c59af60f09498.txt"
EVIL_NAME = "<img src=x onerror=window.pwned=1>.txt"
EVIL_TEXT = """Dwarf dinosaur <script>window.pwned=2</script><img src=x onerror="window.pwned=3"> found in Hațeg

Balaur bondoc was a dwarf dinosaur of the island of Hațeg, said ${window.pwned=4} professor {{window.pwned=5}} Popa.
The fossil of the dwarf dinosaur was found by <svg onload="window.pwned=6"><b>Mátyás Vremir</b> on a river bank.
</p></details></div><iframe srcdoc="<script>parent.pwned=7</script>"></iframe> The bones are kept in Cluj.
"""
GENOA = "The lighthouse of Genoa\n\nThe lighthouse of Genoa was rebuilt in 1543 by the republic, said the keeper.\n"
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


_PATIENCE = 15_000  # ms; machines that run tests are busy, and what is there at once costs nothing
expect.set_options(timeout=_PATIENCE)

_opened: list[tuple[str, BrowserContext]] = []  # with the test that opened each


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
        _opened.clear()  # they are closed with the browser; the next file has one of its own
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
        expect(self.page.locator("#results [data-url]")).to_be_visible(timeout=2 * _PATIENCE)
        return self.settled()

    def settled(self) -> Page:
        """Wait for the whole answer: the quotes, and the sources and the article that follow them."""
        expect(self.page.locator("body:is(.iz-busy, .iz-rest-due)")).to_have_count(0)
        return self.page

    def ask(self, question: str) -> Page:
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".iz-asked, .iz-error")).to_have_text(re.compile(re.escape(question[:40])))
        return self.settled()


def menu(page: Page, name: str) -> Locator:
    """Open a menu of the filters, if it is not open, and return it."""
    found = page.locator(f'#filters [data-menu="{name}"]')
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a menu of the filters, or take the choice back."""
    menu(page, name).locator(f'[data-filter][value="{value}"]').click()


def chosen(page: Page, name: str) -> list[str]:
    """Return what is chosen in a menu."""
    return [str(one.get_attribute("value")) for one in page.locator(f'#filters [data-filter="{name}"]:checked').all()]


def address(page: Page, *names: str) -> dict[str, list[str]]:
    """Return the query of the page's address once all of `names` stand in it; it follows what is shown by a moment."""
    page.wait_for_url(lambda url: set(names) <= parse_qs(urlsplit(url).query).keys())
    return parse_qs(urlsplit(page.url).query)


def visit(browser: Browser, served: Served, *, narrow: bool = False, **options: object) -> Visit:
    size = {"width": 390, "height": 844} if narrow else {"width": 1280, "height": 900}
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    while _opened and _opened[0][0] != test:  # a test that failed left its page open, which goes on working
        _opened.pop(0)[1].close()
    context = browser.new_context(viewport=size, **({"locale": "en-GB"} | options))  # type: ignore[arg-type]
    _opened.append((test, context))
    context.set_default_timeout(_PATIENCE)
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


def asked(question: str, **more: str) -> str:
    return f"?{urlencode({'q': question} | more)}"
