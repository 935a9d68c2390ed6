"""What is refused, and to whom: a page in the reader's language for who came with a browser, one line for programs."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from guard_samples import basic, client
from playwright.sync_api import expect, sync_playwright
from test_contract import application, ask, check_refusal, place, serving
from visits import CHROMIUM, FLAGS

from rag import Index
from rag.server import listen
from rag.server.app import make_server
from rag.server.auth import Accounts, make_account
from rag.server.options import Terms

__all__ = ["place"]

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
ANA = make_account("ana", "correct horse")


# -- as a page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "password", "many", "again"),
    [
        ("en", "A user name and a password are needed here.", "Try again in 6 seconds.", "Try again"),
        (
            "ro",
            "Aici sunt necesare un nume de utilizator și o parolă.",
            "Încercați din nou peste 6 secunde.",
            "Încearcă",
        ),
        ("sl", "Tu sta potrebna uporabniško ime in geslo.", "Poskusite znova čez: 6 sekund.", "Poskusi znova"),
    ],
)
def test_who_comes_with_a_browser_is_refused_by_a_page(language: str, password: str, many: str, again: str) -> None:
    asked = client(Terms(accounts=Accounts.read(ANA)))
    spoken = {**BROWSER, "Accept-Language": f"{language}-XX,de;q=0.5"}
    refused = asked.get("/", headers=spoken)
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert refused.headers["Content-Type"] == "text/html; charset=utf-8"
    assert refused.headers["Content-Security-Policy"] and refused.headers["X-Frame-Options"] == "DENY"
    assert f'<html lang="{language}">' in refused.text and password in refused.text and f">{again}" in refused.text
    for _ in range(10):
        asked.get("/", headers={**spoken, **basic("ana", "wrong")})
    waiting = asked.get("/", headers={**spoken, **basic("ana", "correct horse")})
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "6") and many in waiting.text
    # the language that the address names comes first, and a program gets its one line
    assert '<html lang="sl">' in asked.get("/?lang=sl&q=x", headers=spoken).text
    assert '<html lang="en">' in asked.get("/?lang=xx", headers=BROWSER).text
    assert asked.get("/").json()["code"] == "password_needed"


def test_another_name_and_an_answer_that_is_late_have_a_page_too(place: tuple[Index, Path]) -> None:
    index, _ = place
    with serving(index, Terms(answer_seconds=0.0)) as port:
        foreign = ask(port, "/", headers={**BROWSER, "Host": "evil.example"})
        late = ask(port, "/api/answer?q=x", headers={**BROWSER, "Accept-Language": "ro"})
    assert foreign[0] == 421 and b"Izvor is not available under this host name" in foreign[2]
    assert late[0] == 503 and "Răspunsul nu a venit la timp." in late[2].decode()


def test_what_a_browser_is_refused_in_place_of_data_is_told_in_its_language(place: tuple[Index, Path]) -> None:
    index, folder = place
    with serving(index, Terms(corpus=folder, upload_bytes=200)) as port:
        for language, said in (
            ("ro", "Cererea depășește 200 de octeți. Trimiteți mai puțin"),
            ("sl", "Zahteva presega omejitev velikosti v bajtih (200). Pošljite manj"),
            ("en", "The request is larger than 200 bytes. Send less"),
            ("de", "The request is larger than 200 bytes. Send less"),
        ):
            refused = ask(port, "/api/corpus/files/a.txt", "PUT", {"Accept-Language": language}, b"0" * 201)
            assert refused[0] == 413 and check_refusal(*refused) == said
        name = ask(port, "/api/corpus/files/.x", "PUT", {"Accept-Language": "sl"}, b"0")
        assert name[0] == 422 and check_refusal(*name) == (
            "».x« ne more biti ime datoteke članka. Preimenujte jo, brez pike na začetku"
        )
        named = json.dumps({"articles": [{"id": "x", "sha256": "0" * 64}]}).encode()
        spoken = {"Accept-Language": "ro", "Content-Type": "application/json"}
        gone = ask(port, "/api/corpus/remove", "POST", spoken, named)
        assert gone[0] == 404 and check_refusal(*gone) == "Nu există articolul „x”. Poate că a fost deja eliminat"


# -- another method ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/answer?q=x", "GET"), ("DELETE", "/api/retrieve?q=x", "GET"), ("OPTIONS", "/api/answer", "GET"),
        ("POST", "/api/documents", "GET"), ("PUT", "/api/documents/a/b.txt", "GET"), ("PATCH", "/api/versions", "GET"),
        ("POST", "/api/citation", "GET"), ("POST", "/healthz", "GET"), ("PUT", "/readyz", "GET"),
        ("POST", "/metrics", "GET"), ("POST", "/export.md", "GET"), ("POST", "/docs", "GET"),
        ("POST", "/openapi.json", "GET, HEAD"), ("POST", "/api/corpus", "GET"), ("GET", "/api/corpus/sync", "POST"),
        ("PUT", "/api/corpus/rebuild", "POST"), ("GET", "/api/corpus/files/a.txt", "PUT"),
        ("DELETE", "/api/corpus/remove", "POST"),
    ],
)  # fmt: skip
def test_a_method_that_an_address_does_not_take(served: int, method: str, path: str, allowed: str) -> None:
    refused = ask(served, path, method)
    assert (refused[0], refused[1]["Allow"]) == (405, allowed)
    assert check_refusal(*refused) == f"{method} is not taken here. Use: {allowed}"


def test_an_address_that_does_not_exist_is_none_by_any_method(served: int) -> None:
    for method, path in (("GET", "/api/none"), ("POST", "/api/none"), ("DELETE", "/api"), ("POST", "/healthz/x")):
        refused = ask(served, path, method)
        assert refused[0] == 404 and refused[1]["Allow"] is None and check_refusal(*refused) == "Not Found"
    assert ask(served, "/")[0] == 200 and ask(served, "/theme.css")[0] == 200  # what Gradio answers is still Gradio's


@pytest.fixture(scope="module")
def served(place: tuple[Index, Path]) -> Iterator[int]:
    index, folder = place
    with serving(index, Terms(corpus=folder)) as port:
        yield port


# -- in a real Chromium -----------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "said", "again"),
    [
        ("en-GB", "There were too many questions at once from this address. Try again in 20 seconds.", "Try again"),
        (
            "ro-RO",
            "De la această adresă au venit prea multe întrebări deodată. Încercați din nou peste 20 de secunde.",
            "Încearcă",
        ),
        (
            "sl-SI",
            "S tega naslova je prišlo preveč vprašanj naenkrat. Poskusite znova čez: 20 sekund.",
            "Poskusi znova",
        ),
    ],
)
def test_a_reload_over_the_limit_says_so_and_goes_on_when_it_is_time(
    seeds_index: Index, locale: str, said: str, again: str
) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    now = [0.0]
    terms = Terms(port=0, rate=3)
    server = make_server(application(seeds_index, terms), terms, clock=lambda: now[0])
    with listen(terms) as listener, sync_playwright() as playwright:
        port = listener.getsockname()[1]
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(locale=locale)
            page.set_default_timeout(15_000)
            refused: list[tuple[int, str | None]] = []
            page.on(
                "response",
                lambda one: (
                    refused.append((one.status, one.header_value("Retry-After"))) if one.status >= 400 else None
                ),
            )
            page.goto(f"http://127.0.0.1:{port}/?q={CONDITION}")
            expect(page.locator(".iz-quotes")).to_contain_text("la Moscova")
            expect(page.locator("body:is(.iz-busy, .iz-rest-due)")).to_have_count(0)
            for _ in range(2):
                page.reload()
                expect(page.locator(".iz-quotes")).to_contain_text("la Moscova")
                expect(page.locator("body:is(.iz-busy, .iz-rest-due)")).to_have_count(0)
            page.reload()
            alert = page.get_by_role("alert")
            expect(alert).to_contain_text(said)
            expect(alert).to_have_attribute("lang", locale[:2])
            expect(page.locator("#question textarea")).to_be_visible()  # the page is there, but for the answer
            expect(page.locator("#filters details")).to_have_count(0)  # there is nothing to choose yet
            assert refused == [(429, "20")]
            now[0] = 21.0
            alert.get_by_role("button", name=re.compile(again)).click()
            expect(page.locator(".iz-quotes")).to_contain_text("la Moscova")
            expect(page.locator("#iz-lost")).to_have_count(0)
            expect(page.locator("#filters details").first).to_be_visible()
        finally:
            browser.close()
            server.should_exit = True
            running.join(60)
