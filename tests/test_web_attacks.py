"""Requests that somebody made by hand: many at once, and heads that no browser sends."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from guard_samples import ANA, HERE, application, basic, client
from test_web_accounts import terms_of

from rag import SettingsError
from rag.server import listen
from rag.server.app import make_server
from rag.server.auth import Accounts
from rag.server.guard import Guard
from rag.server.options import Terms


def test_of_many_wrong_passwords_at_once_only_a_few_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = Accounts.read(ANA)
    tried: list[str] = []
    name_of = accounts.name_of

    def counted(given: str) -> str | None:
        tried.append(given)
        return name_of(given)

    monkeypatch.setattr(accounts, "name_of", counted)
    guard = Guard(application(), Terms(accounts=accounts), clock=lambda: 0.0)

    async def attack() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=HERE) as asked:
            assert (await asked.get("/", headers=basic("ana", "correct horse"))).status_code == 200
            tried.clear()
            wrong = [asked.get("/", headers=basic("ana", f"wrong horse {n}")) for n in range(100)]
            answers = [answer.status_code for answer in await asyncio.gather(*wrong)]
            # who has proven a password before does not wait with those who guess
            assert (await asked.get("/", headers=basic("ana", "correct horse"))).status_code == 200
            return answers

    answers = asyncio.run(attack())
    assert (answers.count(401), answers.count(429), len(tried)) == (10, 90, 10)


def test_a_right_password_is_not_counted() -> None:
    asked = client(Terms(accounts=Accounts.read(ANA)))
    assert {asked.get("/", headers=basic("ana", "correct horse")).status_code for _ in range(30)} == {200}


@pytest.mark.parametrize("headers", [{"Host": "["}, {"Host": "[::1"}, {"Host": "a]b["}, {"Origin": "http://["}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_head_that_cannot_be_read_is_refused(method: str, headers: dict[str, str]) -> None:
    for terms in (Terms(), Terms(public=True), Terms(accounts=Accounts.read(ANA))):
        answer = client(terms).request(method, "/taken" if method == "POST" else "/", headers=headers)
        assert answer.status_code in (200, 401, 403, 421), answer.text
        if method == "POST" and "Origin" in headers and not terms.accounts:
            assert answer.status_code == 403
        if "Host" in headers and terms == Terms():
            assert answer.status_code == 421


@contextmanager
def serving(terms: Terms) -> Iterator[int]:
    with listen(terms) as listener:
        server = make_server(application(), terms, clock=lambda: 0.0)
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            running.join(60)


def asked_as(port: int, client_: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/api/answer?q=x", headers={"X-Forwarded-For": client_, "Connection": "close"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@pytest.mark.parametrize(("proxies", "last"), [((), 429), (("127.0.0.1",), 200), (("10.0.0.0/8",), 429)])
def test_a_client_is_told_by_a_header_only_where_the_proxy_was_named(proxies: tuple[str, ...], last: int) -> None:
    with serving(Terms(port=0, rate=1, trusted_proxies=proxies)) as port:
        answers = [asked_as(port, f"203.0.113.{n}") for n in range(4)]
    assert answers == [200, last, last, last]


def test_a_proxy_is_named_by_its_address_or_network() -> None:
    assert terms_of("--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/24").trusted_proxies == (
        "127.0.0.1", "10.0.0.0/24",
    )  # fmt: skip
    assert terms_of().trusted_proxies == ()
    with pytest.raises(SettingsError, match=r"^--trusted-proxy: 'proxy' does not appear to be .* Give an address or a"):
        terms_of("--trusted-proxy", "proxy")
