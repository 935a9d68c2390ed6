"""The answer in words on the page: it streams above the quotes, and whatever a model writes is text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from page_samples import CONDITION, INVITED, answer, hit
from page_server import serve
from playwright.sync_api import Browser, expect
from scripted_model import Script, Write, event, saying, served
from visits import CONDITION as QUESTION
from visits import ROOT, Served, browser, visit

from rag.records import Draft, Failure, Generation, Sentence
from rag.web.i18n import LANGUAGES
from rag.web.url_state import View
from rag.web.written import render_written

__all__ = ["browser"]

EVIL = '<img src=x onerror="window.pwned=true">'
HOLDS = "Kremlinul cere ca întâlnirea să aibă loc la Moscova."


def test_what_a_model_writes_is_escaped_whatever_it_is() -> None:
    found = answer("Ce condiție?", hit(INVITED, CONDITION))
    draft = Draft(
        generation=Generation(model=EVIL, place=EVIL, failure=Failure.of(EVIL, "llm_endless", place=EVIL)),
        sentences=(
            Sentence(text=f"{EVIL} Moscova.", numbers=(1,)),
            Sentence(text=EVIL, numbers=(9,), fault="unknown_source", missing=EVIL),
        ),
        unfinished=EVIL,
    )
    for language in LANGUAGES:
        html = render_written(found, draft, view=View(question="Ce condiție?"), language=language)
        assert "<img" not in html and html.count("&lt;img") == 7
        assert re.search(r'data-cite="[^"]+@[^"]+" data-aside aria-label="[^"]+">1</a>', html)
    waiting = render_written(found, replace(draft, sentences=(), unfinished=""), view=View(question="?"), language="en")
    assert "The language model is writing" in waiting and 'aria-busy="true"' in waiting


@pytest.mark.browser
def test_words_stream_above_the_quotes_and_what_was_struck_is_said(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(write: Write, script: Script) -> None:
        if len(script.asked) == 1:
            saying(f"{HOLDS} [1] Întâlnirea va fi la {EVIL} Londra. [1]")(write, script)
            return
        if script.asked[-1]["messages"][0]["content"].startswith("You translate"):
            saying(f"The Kremlin asks for Moscow. {EVIL}")(write, script)
            return
        write(event("Ceva "))  # and then nothing, until the reader has gone on
        script.ended.wait(30)

    script = Script(body=body)
    with served(script) as model:
        monkeypatch.setenv("RAG_LLM", "small")
        monkeypatch.setenv("RAG_LLM_URL", model)
        with serve(tmp_path / "index", ROOT / "seeds") as url:
            one = visit(browser, Served(url, tmp_path / "index"), narrow=True)
            page = one.open(f"?{urlencode({'q': QUESTION})}")
            written = page.locator(".iz-written")
            expect(written).to_have_attribute("aria-busy", "false")
            expect(written.locator(".iz-written-text")).to_contain_text(HOLDS)
            expect(written.locator(".iz-written-text")).not_to_contain_text("Londra")
            expect(written).to_contain_text(f"Written by small ({model.split('/')[2]})")
            written.locator("summary").click()
            struck = written.locator(".iz-struck li")
            expect(struck).to_have_count(1)
            expect(struck).to_contain_text("this name is not in what it cites: Londra")
            expect(page.locator(".iz-quotes blockquote").first).to_contain_text("la Moscova")
            written.locator("a.iz-cited").click()
            expect(page.locator("#cited")).to_be_visible()
            page.keyboard.press("Escape")
            assert page.evaluate("[window.pwned, document.documentElement.scrollWidth <= innerWidth]") == [None, True]
            one.ask("Cine a anunțat condiția Kremlinului pentru întâlnirea dintre Putin și Zelenski?")
            expect(written.locator(".iz-unfinished")).to_have_text("Ceva")
            expect(page.locator(".iz-quotes blockquote").first).to_be_visible()
            one.ask("What condition did the Kremlin set for the meeting between Putin and Zelenskyy?")
            page.get_by_role("button", name="Translate").first.click()
            translated = page.locator(".iz-translation")
            expect(translated).to_have_text(f"The Kremlin asks for Moscow. {EVIL}")
            expect(page.locator(".iz-quotes")).to_contain_text("Machine translation by small")
            assert page.evaluate("window.pwned") is None
            one.ask("Care este prețul unui bilet de tren de la București la Cluj?")  # no quote: nothing is written
            expect(written).to_have_count(0)
            assert len(script.asked) == 4
            assert one.hosts == {url.split("/")[2]} and one.complaints == []
            one.context.close()
            script.ended.set()  # the server waits for what the model was asked
