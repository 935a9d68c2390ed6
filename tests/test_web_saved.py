"""Two corpora in a real Chromium: the switch between them, and answers that this browser keeps from both."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from visits import CONDITION, GENOA, Served, Visit, browser, reader

from rag import Index
from rag.server import listen
from rag.server.app import create_app, make_server
from rag.server.corpora import Corpora
from rag.server.options import Terms

__all__ = ["browser", "reader"]

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=window.pwned=1> [x](javascript:alert(1))"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, seeds_index: Index) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("old")
    (folder / "genoa.txt").write_text(GENOA, "utf-8")
    with Index.create(folder / "index") as other, listen(replace(Terms(), port=0)) as listener:
        other.sync(folder)
        other.refine()
        indexes = {"news": seeds_index, "old": other}

        async def make() -> Corpora:  # Gradio opens an event loop and leaves it so, unless one is running
            return Corpora({name: create_app(index, Terms(), indexes, name) for name, index in indexes.items()})

        with ThreadPoolExecutor(1) as other_thread:  # in this one the loop of the browser runs
            app = other_thread.submit(lambda: asyncio.run(make())).result()
        server = make_server(app, Terms(), corpora=tuple(indexes))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", folder / "index")
        server.should_exit = True
        running.join(60)


def test_answers_of_two_corpora_are_saved_with_notes_and_exported_together(
    browser: Browser, reader: Visit, tmp_path: Path
) -> None:
    page = reader.open(f"?{urlencode({'q': CONDITION})}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Saved", exact=True)).to_be_visible()
    page.get_by_label("Collection").select_option("old")
    expect(page.locator(".iz-asked")).to_have_text(CONDITION)  # the same question there
    assert "/c/old/?q=" in page.url
    expect(page.get_by_label("Collection").locator("option:checked")).to_have_text("old")
    reader.settled()
    reader.ask("When was the lighthouse of Genoa rebuilt?")
    expect(page.locator(".iz-quotes").first).to_contain_text("rebuilt in 1543")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Saved answers").click()
    saved = page.locator("[data-saved] > li")
    expect(saved).to_have_count(2)
    saved.first.get_by_label("Note").fill(EVIL)
    page.reload()
    expect(saved.first.get_by_label("Note")).to_have_value(EVIL)
    expect(saved.last).to_contain_text("la Moscova")
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    text = Path(str(download.value.path())).read_text("utf-8")
    assert "## When was the lighthouse of Genoa rebuilt?" in text and "rebuilt in 1543" in text and "la Moscova" in text
    assert r"\<img" in text and r"\[x\](" in text  # nothing of a note is markup
    assert text.startswith("# Saved answers\n") and f"- {CONDITION}" in text
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    kept = json.loads(Path(str(download.value.path())).read_text("utf-8"))
    assert [one["path"] for one in kept["saved"]] == ["/c/old/", "/"] and kept["saved"][0]["note"] == EVIL
    found = Axe().run(page).response["violations"]
    assert found == [], found
    saved.last.get_by_role("link").click()  # in the other corpus
    expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")
    page.get_by_role("link", name="Saved answers").click()
    saved.last.get_by_role("button", name="Delete").click()
    expect(saved).to_have_count(1)
    # whatever stands in the storage is text, or left out
    evil = [{"q": EVIL, "path": "/", "search": "?q=x", "at": EVIL, "note": EVIL, "quotes": [{"plain": EVIL, "markdown": EVIL}]},
            {"q": "x", "path": "javascript:alert(1)", "search": "?", "at": "", "note": "", "quotes": []}, None]  # fmt: skip
    page.evaluate("one => localStorage.setItem('izvor.saved', one)", json.dumps(evil))
    page.reload()
    expect(saved).to_have_count(1)
    expect(saved.locator("blockquote")).to_have_text(EVIL)
    assert page.evaluate("window.pwned") is None and page.locator("[data-saved] img").count() == 0
