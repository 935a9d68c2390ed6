"""The last wish wins on the page, in whatever order wishes are made and answers come."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route, expect
from visits import CONDITION, NUCLEAR, TRAIN, Served, Visit, address, browser, choose, reader, served

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser

RUN = "**/gradio_api/run/**"


def hold(
    page: Page, wanted: Callable[[dict[str, Any]], bool], asked: list[dict[str, Any]] | None = None
) -> list[Route]:
    """Keep back the requests of which `wanted` holds; the others go on. All of them are noted in `asked`."""
    held: list[Route] = []

    def route(one: Route) -> None:
        said = json.loads(one.request.post_data or "{}").get("event_data") or {}
        if asked is not None:
            asked.append(said)
        if wanted(said):
            held.append(one)
        else:
            one.continue_()

    page.route(RUN, route)
    return held


def wait_for(page: Page, held: list[Route], n: int = 1) -> None:
    for _ in range(500):
        if len(held) >= n:
            return
        page.wait_for_timeout(10)
    pytest.fail(f"{len(held)} requests were made, not {n}")


def test_the_question_stays_over_its_answer_when_the_sources_come(reader: Visit) -> None:
    page = reader.open()
    for question in (CONDITION, NUCLEAR, TRAIN, CONDITION):
        reader.ask(question)  # waits for the sources, too
        expect(page.locator(".iz-asked")).to_have_text(question)
    expect(page.locator(".iz-asked .asked").first).to_be_attached()


def test_an_answer_that_was_given_up_is_not_shown_when_it_comes_after_all(reader: Visit) -> None:
    page = reader.page
    page.clock.install()
    reader.open()
    held = hold(page, lambda said: said.get("q") == CONDITION and "rest" not in said)
    page.locator("#question textarea").fill(CONDITION)
    page.keyboard.press("Enter")
    wait_for(page, held)
    page.locator("#question textarea").fill(TRAIN)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    expect(page.locator(".iz-welcome")).to_be_visible()  # one at a time, as long as the first may still come
    page.clock.fast_forward(11_000)
    expect(page.locator(".iz-abstain")).to_be_visible()
    reader.settled()
    held[0].continue_()
    page.wait_for_timeout(1_500)
    expect(page.locator(".iz-abstain")).to_be_visible()
    expect(page.locator(".iz-asked")).to_have_text(TRAIN)
    assert address(page, "q")["q"] == [TRAIN]
    page.unroute(RUN)
    reader.ask(NUCLEAR)
    expect(page.locator(".iz-quotes").first).to_contain_text("nuclear")


def test_of_three_questions_at_once_the_first_is_answered_and_then_the_last(reader: Visit) -> None:
    page = reader.open()
    asked: list[dict[str, Any]] = []
    held = hold(page, lambda said: said.get("q") == CONDITION, asked)
    box = page.locator("#question textarea")
    box.fill(CONDITION)
    page.keyboard.press("Enter")
    wait_for(page, held)  # on its way: what is typed before that may take its place
    for question in (TRAIN, NUCLEAR):
        box.fill(question)
        page.keyboard.press("Enter")
    held[0].continue_()
    expect(page.locator(".iz-quotes").first).to_contain_text("nuclear")
    reader.settled()
    assert [said["q"] for said in asked] == [CONDITION, NUCLEAR, NUCLEAR]  # the last one's rest is the third
    page.go_back()  # what was only passing by is no page to go back to
    expect(page.locator(".iz-welcome")).to_be_visible()


def test_a_double_click_asks_once(reader: Visit) -> None:
    page = reader.open()
    asked: list[dict[str, Any]] = []
    hold(page, lambda said: False, asked)
    page.locator("#question textarea").fill(CONDITION)
    page.locator("#ask-button").dblclick()
    expect(page.locator(".iz-quotes").first).to_be_visible()
    reader.settled()
    assert len([said for said in asked if "rest" not in said]) == 1


def test_going_back_while_a_question_is_on_its_way_ends_at_the_page_before(reader: Visit) -> None:
    page = reader.open()
    reader.ask(CONDITION)
    reader.ask(TRAIN)
    held = hold(page, lambda said: said.get("q") == NUCLEAR)
    page.locator("#question textarea").fill(NUCLEAR)
    page.keyboard.press("Enter")
    wait_for(page, held)
    page.go_back()
    held[0].continue_()
    expect(page.locator(".iz-asked")).to_have_text(CONDITION)
    reader.settled()
    expect(page.locator("#question textarea")).to_have_value(CONDITION)
    assert address(page, "q")["q"] == [CONDITION]
    page.go_forward()  # the answer that passed by has not taken the place of what was ahead
    expect(page.locator(".iz-abstain")).to_be_visible()
    reader.settled()
    assert address(page, "q")["q"] == [TRAIN]


def test_back_and_forward_quickly_end_at_the_last(reader: Visit) -> None:
    page = reader.open()
    for question in (CONDITION, TRAIN, NUCLEAR):
        reader.ask(question)
    page.evaluate(
        "() => { history.back(); setTimeout(() => history.back(), 30); setTimeout(() => history.back(), 60); }"
    )
    expect(page.locator(".iz-welcome")).to_be_visible()
    reader.settled()
    page.evaluate("() => { history.forward(); setTimeout(() => history.forward(), 30); }")
    expect(page.locator(".iz-asked")).to_have_text(TRAIN)
    reader.settled()
    expect(page.locator("#question textarea")).to_have_value(TRAIN)
    page.go_forward()
    expect(page.locator(".iz-asked")).to_have_text(NUCLEAR)


def test_an_address_spelt_in_another_way_adds_no_page_to_go_back_to(reader: Visit) -> None:
    page = reader.open()
    reader.open(f"?order=relevance&{urlencode({'q': CONDITION})}")
    expect(page.locator(".iz-quotes").first).to_be_visible()
    page.wait_for_url(lambda url: "order" not in url)
    page.go_back()
    expect(page.locator(".iz-welcome")).to_be_visible()


def test_a_filter_set_while_a_question_is_on_its_way_belongs_to_that_question(reader: Visit) -> None:
    page = reader.open()
    example = page.locator(".iz-examples a").first.get_attribute("data-ask") or ""
    held = hold(page, lambda said: said.get("q") == example and not said.get("languages"))
    page.locator(".iz-examples a").first.click()
    wait_for(page, held)
    choose(page, "languages", "sl")
    held[0].continue_()
    expect(page.locator(".iz-source h4 a:not([data-cite^='004_'])")).to_have_count(0)
    expect(page.locator(".iz-source h4 a[data-cite^='004_']").first).to_be_visible()
    reader.settled()
    assert address(page, "languages") == {"q": [example], "languages": ["sl"]}


def test_what_is_typed_while_answers_come_is_kept(reader: Visit) -> None:
    page = reader.open()
    held = hold(page, lambda said: bool(said.get("q")) and "rest" not in said)
    page.locator(".iz-examples a").first.click()
    wait_for(page, held)
    page.locator("#question textarea").fill("Cine este")
    held[0].continue_()
    expect(page.locator(".iz-result")).to_be_visible()
    reader.settled()
    expect(page.locator("#question textarea")).to_have_value("Cine este")


def test_whatever_a_program_sends_to_the_page_is_answered(served: Served) -> None:
    with urllib.request.urlopen(f"{served.url}/", timeout=20) as response:
        page = response.read().decode()
    config = json.loads(page.split("window.gradio_config = ", 1)[1].split(";</script>", 1)[0])
    by_name = {target[1]: one["id"] for one in config["dependencies"] for target in one["targets"]}
    broken = {"q": "Cine \ud800?", "find": "\udfff", "cite": "\ud800@", "others": ["\ud800"], "quoted": "\ud800"}
    odd = {"q": 7, "languages": {}, "order": [], "lang": ["en"]}
    sent: tuple[object, ...] = (None, {}, [], "x", odd, broken, {"q": CONDITION})
    for name in ("ask", "navigate", "rest", "open"):
        for said in sent:
            body = {"data": [], "event_data": said, "fn_index": by_name[name], "session_hash": "nobody"}
            request = urllib.request.Request(
                f"{served.url}/gradio_api/run/predict", json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=20) as response:
                assert re.search(r'"data":\s*\[', response.read().decode()), (name, said)
