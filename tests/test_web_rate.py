"""A limit on questions as a reader of the page meets it: in a real Chromium, with all that the page asks for."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright
from test_contract import application
from visits import CHROMIUM, FLAGS

from benchmarks.asking import Person
from rag import Index
from rag.server import listen
from rag.server.app import make_server
from rag.server.options import Terms

QUESTIONS = (
    "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?",
    "V katerem mestu sta se Witkoff in Dmitrijev sestala?",
    "Which nuclear plant is an obstacle to peace in Ukraine?",
)


@pytest.fixture
def port(seeds_index: Index) -> Iterator[int]:
    """Serve the page with a limit of three questions, of which none comes back while the test goes on."""
    terms = Terms(port=0, rate=len(QUESTIONS))
    with listen(terms) as listener:
        server = make_server(application(seeds_index, terms), terms, clock=lambda: 0.0)
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        running.join(60)


def test_as_many_questions_as_the_limit_says_are_answered_whole(port: int) -> None:
    person = Person(port, "reader")
    replies = [person.ask(question, "page") for question in QUESTIONS]
    assert [reply.status for reply in replies] == [200] * 3
    for way in ("page", "api"):
        refused = person.ask(QUESTIONS[0], way)
        assert (refused.status, json.loads(refused.said)["detail"]) == (429, "Too many questions. Come back in 20 s")
    person.close()


@pytest.mark.browser
def test_a_reader_may_open_articles_between_questions_and_is_told_when_to_wait(port: int) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(locale="en-GB")
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#results [data-url]")).to_be_visible(timeout=15_000)
        for question in QUESTIONS:
            page.locator("#question textarea").fill(question)
            page.keyboard.press("Enter")
            expect(page.locator(".iz-asked")).to_have_text(re.compile(re.escape(question[:40])))
            expect(page.locator("body:is(.iz-busy, .iz-rest-due)")).to_have_count(0)
            expect(page.locator("#sources")).not_to_be_empty()
            source = page.locator("#sources [data-cite]").last
            cite = source.get_attribute("data-cite")
            source.click()
            expect(page.locator("#article [data-open]")).to_have_attribute("data-open", str(cite))
        expect(page.locator("#iz-lost")).to_have_count(0)
        page.locator("#question textarea").fill("Kdo?")
        page.keyboard.press("Enter")
        expect(page.locator("#iz-lost")).to_be_visible()
        browser.close()
