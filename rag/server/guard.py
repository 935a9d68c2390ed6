"""What stands before the application: who comes in, how often, with how much, for how long; and a line about it.

Plain ASGI around everything, so that no route of ours or of Gradio's is left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.server.access_log import listen_for_questions, write_line
from rag.server.exchange import Exchange, Refusal, too_large, too_many
from rag.server.options import Terms, is_loopback
from rag.server.rate_limit import Allowance
from rag.server.refusal import spoken_in, wants_page

UPLOADS = "/api/corpus/files"
"""Where files are taken; they may be larger than other requests."""

_FREE = ("/healthz",)
_ASSISTANTS = "/mcp"  # its route does not put itself into the scope
_COSTLY = ("/api/", "/gradio_api/", _ASSISTANTS, "/export.", "/plain", "/written", "/translate", "/original")
_SAFE = ("GET", "HEAD", "OPTIONS")
_OTHERS = 10  # requests for each question: an article opened, a stretch of the list, the state of a change
_FAILED_LOGINS = 10  # a minute and client: a person mistypes a few times, a program guesses
_GRADIOS_OWN = ("page", "deep_link")  # it reads these in the address of the page, and fails on a value it does not know


class Guard:
    """The application on given terms.

    Args:
        app: what is guarded.
        terms: to whom and how much.
        stopping: is set when the server stops, which ends streams.
        clock: seconds, by which clients may ask again.
    """

    def __init__(
        self,
        app: ASGIApp,
        terms: Terms,
        stopping: asyncio.Event | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._terms = terms
        self._stopping = stopping or asyncio.Event()
        self._questions = Allowance(terms.rate, clock=clock) if terms.rate else None
        self._requests = Allowance(terms.rate * _OTHERS, clock=clock) if terms.rate else None
        self._logins = Allowance(_FAILED_LOGINS, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _forget_gradios_own(scope)
        exchange = Exchange(receive, send, self._terms, upload=scope["path"].startswith(UPLOADS))
        questions: list[str] = []
        user: str | None = None

        def hear(question: str) -> None:
            if self._terms.log_questions:
                questions.append(question)
            try:
                _take(self._questions, user or _client(scope), "questions")
            except Refusal as refusal:
                exchange.refusal = refusal  # whatever the application makes of it
                raise

        listen_for_questions(hear)
        try:
            user = await self._admit(scope)
            self._check_length(scope, exchange)
            await self._answer(scope, exchange)
        except Refusal as refusal:
            headers = _headers(scope)
            language = spoken_in(scope["query_string"].decode("latin-1"), headers)
            await exchange.refuse(refusal, language=language, as_page=wants_page(scope["method"], headers))
        finally:
            if self._terms.log:
                self._write(scope, exchange, user, questions)

    async def _admit(self, scope: Scope) -> str | None:
        headers = _headers(scope)
        ours_alone = self._terms.only_here and not (self._terms.public or self._terms.accounts)
        # a page on another site can point a name of its own at this machine; the address asked for gives it away
        if ours_alone and not is_loopback(_host_of(f"//{headers.get('host', '')}")):
            raise Refusal(421, "host_refused")
        if scope["path"] in _FREE:
            return None
        user = await self._identify(scope, headers)
        if scope["method"] not in _SAFE:
            _check_origin(headers)
        if scope["path"].startswith(_COSTLY):
            _take(self._requests, user or _client(scope), "requests")
        return user

    async def _identify(self, scope: Scope, headers: dict[str, str]) -> str | None:
        accounts = self._terms.accounts
        if accounts is None:
            return None
        given = headers.get("authorization", "")
        asked = {"WWW-Authenticate": 'Basic realm="Izvor", charset="UTF-8"'}
        if not given:
            raise Refusal(401, "password_needed", asked)
        if (known := accounts.remembered(given)) is not None:
            return known
        # Counted before it is tried: of a hundred that come at once, none would be counted yet when the last begins.
        client = _client(scope)
        _take(self._logins, client, "passwords")
        user = await asyncio.to_thread(accounts.name_of, given)
        if user is None:
            raise Refusal(401, "password_wrong", asked)
        self._logins.give_back(client)
        return user

    def _check_length(self, scope: Scope, exchange: Exchange) -> None:
        stated = _headers(scope).get("content-length", "")
        if stated.isdecimal() and int(stated) > exchange.most:
            raise too_large(exchange.most)

    async def _answer(self, scope: Scope, exchange: Exchange) -> None:
        """Run the application; only the wait for the beginning of its answer has a limit, streams go on."""
        running = asyncio.ensure_future(self._app(scope, exchange.receive, exchange.send))
        turned = asyncio.ensure_future(exchange.turned.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not (running.done() or exchange.turned.is_set()):
                left = exchange.heard + self._terms.answer_seconds - time.monotonic()
                if left <= 0:
                    raise Refusal(503, "answer_too_slow", seconds=self._terms.answer_seconds)
                await asyncio.wait({running, turned}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if exchange.refusal is not None:
                raise exchange.refusal
            if exchange.is_stream:
                await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not running.done():
                    await exchange.send({"type": "http.response.body", "body": b""})
                    return
            await running
        finally:
            turned.cancel()
            stopping.cancel()
            # a thread cannot be stopped: what it still does ends unheard, as does an error in place of a refusal
            running.add_done_callback(lambda task: task.cancelled() or task.exception())
            running.cancel()

    def _write(self, scope: Scope, exchange: Exchange, user: str | None, questions: list[str]) -> None:
        route = getattr(scope.get("route"), "path", None)  # never the address: a question stands in it
        write_line(
            client=_client(scope),
            user=user,
            method=scope["method"],
            route=str(route) if route else _ASSISTANTS if scope["path"] == _ASSISTANTS else "page",
            status=exchange.status or 499,  # the client left before there was an answer
            ms=round((time.monotonic() - exchange.started) * 1000, 1),
            bytes=exchange.sent,
            questions=questions or None,
        )


def _take(allowance: Allowance | None, client: str, what: Literal["questions", "requests", "passwords"]) -> None:
    """Count one for a client.

    Raises:
        Refusal: it has had as many as it may have.
    """
    wait = allowance.take(client) if allowance else 0
    if wait:
        raise too_many(what, wait)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _client(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _host_of(address: str) -> str:
    """Return the host name of an address, empty where it has none that can be read."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # "//[": anybody may send it
        return ""


def _place_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _check_origin(headers: dict[str, str]) -> None:
    """Refuse what another site makes a reader's browser send here; programs send no origin."""
    origin = headers.get("origin")
    foreign = origin is not None and _place_of(origin) != headers.get("host")
    if foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refusal(403, "site_refused")


def _forget_gradios_own(scope: Scope) -> None:
    if scope["path"] != "/":
        return
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if any(name in _GRADIOS_OWN for name, _ in pairs):
        scope["query_string"] = urlencode([pair for pair in pairs if pair[0] not in _GRADIOS_OWN]).encode()
