"""What stands before the application: who comes in, how often, with how much, for how long; and a line about it.

Plain ASGI around everything, so that no route of ours or of Gradio's is left out.
"""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web.limits import Allowance
from rag.web.logs import listen_for_questions, write_line
from rag.web.terms import Terms, is_loopback

UPLOADS = "/api/corpus/files"
"""Where files are taken; they may be larger than other requests."""

_FREE = ("/healthz",)
_ASSISTANTS = "/mcp"  # its route does not put itself into the scope
_COSTLY = (
    "/api/",
    "/gradio_api/run",
    "/gradio_api/call",
    "/gradio_api/upload",
    "/gradio_api/queue",
    _ASSISTANTS,
    "/export.",
)
_SAFE = ("GET", "HEAD", "OPTIONS")
_FAILED_LOGINS = 10  # a minute and client: a person mistypes a few times, a program guesses
_GRADIOS_OWN = ("page", "deep_link")  # it reads these in the address of the page, and fails on a value it does not know


class Refusal(Exception):
    """A request that goes no further: the status, one line, and headers."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Guard:
    """The application on given terms."""

    def __init__(self, app: ASGIApp, terms: Terms, stopping: asyncio.Event | None = None) -> None:
        self._app = app
        self._terms = terms
        self._stopping = stopping or asyncio.Event()
        self._rate = Allowance(terms.rate) if terms.rate else None
        self._logins = Allowance(_FAILED_LOGINS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _forget_gradios_own(scope)
        exchange = _Exchange(receive, send, self._terms, upload=scope["path"].startswith(UPLOADS))
        questions = listen_for_questions() if self._terms.log_questions else []
        user: str | None = None
        try:
            user = await self._admit(scope)
            self._check_length(scope, exchange)
            await self._answer(scope, exchange)
        except Refusal as refusal:
            await exchange.refuse(refusal)
        finally:
            if self._terms.log:
                self._write(scope, exchange, user, questions)

    async def _admit(self, scope: Scope) -> str | None:
        headers = _headers(scope)
        ours_alone = self._terms.only_here and not (self._terms.public or self._terms.accounts)
        # a page on another site can point a name of its own at this machine; the address asked for gives it away
        if ours_alone and not is_loopback(urlsplit(f"//{headers.get('host', '')}").hostname or ""):
            raise Refusal(421, "this address is only for this machine. To serve under another name: --open or --auth")
        if scope["path"] in _FREE:
            return None
        user = await self._identify(scope, headers)
        if scope["method"] not in _SAFE:
            _check_origin(headers)
        if self._rate and scope["path"].startswith(_COSTLY):
            wait = self._rate.take(user or _client(scope))
            if wait:
                raise Refusal(429, f"too many requests; come back in {wait} s", Retry_After=str(wait))
        return user

    async def _identify(self, scope: Scope, headers: dict[str, str]) -> str | None:
        accounts = self._terms.accounts
        if accounts is None:
            return None
        given = headers.get("authorization", "")
        asked = {"WWW_Authenticate": 'Basic realm="Izvor", charset="UTF-8"'}
        if not given:
            raise Refusal(401, "a user name and password, or a token, is needed", **asked)
        client = _client(scope)
        wait = self._logins.wait(client)
        if wait:
            raise Refusal(429, f"too many wrong passwords; come back in {wait} s", Retry_After=str(wait))
        user = await asyncio.to_thread(accounts.name_of, given)
        if user is None:
            self._logins.take(client)
            raise Refusal(401, "the user name, password or token is wrong", **asked)
        return user

    def _check_length(self, scope: Scope, exchange: _Exchange) -> None:
        stated = _headers(scope).get("content-length", "")
        if stated.isdecimal() and int(stated) > exchange.most:
            raise _too_large(exchange.most)

    async def _answer(self, scope: Scope, exchange: _Exchange) -> None:
        """Run the application; only the wait for the beginning of its answer has a limit, streams go on."""
        running = asyncio.ensure_future(self._app(scope, exchange.receive, exchange.send))
        turned = asyncio.ensure_future(exchange.turned.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not (running.done() or exchange.turned.is_set()):
                left = exchange.heard + self._terms.answer_seconds - time.monotonic()
                if left <= 0:
                    raise Refusal(503, f"no answer within {self._terms.answer_seconds:g} s. Ask again, or for less")
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
            if not running.done():  # a thread cannot be stopped: what it still does ends unheard
                running.add_done_callback(lambda task: task.cancelled() or task.exception())
                running.cancel()

    def _write(self, scope: Scope, exchange: _Exchange, user: str | None, questions: list[str]) -> None:
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


class _Exchange:
    """One request on its way in and its answer on its way out, counted and timed."""

    def __init__(self, receive: Receive, send: Send, terms: Terms, *, upload: bool) -> None:
        self._receive, self._send, self._terms, self._upload = receive, send, terms, upload
        self.most = terms.upload_bytes if upload else terms.body_bytes
        self.started = self.heard = time.monotonic()
        self.turned = asyncio.Event()  # the answer has begun, or the request is refused
        self.refusal: Refusal | None = None
        self.status = self.sent = self._read = 0
        self.is_stream = False  # server-sent events have no end of their own
        self._complete = False

    async def receive(self) -> Message:
        """Pass on what the client sends; it may neither send too much nor stop sending."""
        if self._complete:
            return await self._receive()
        since = self.heard if self._upload else self.started
        try:
            message = await asyncio.wait_for(self._receive(), since + self._terms.body_seconds - time.monotonic())
        except TimeoutError:
            return await self._stop(Refusal(408, f"the request did not end within {self._terms.body_seconds:g} s"))
        self.heard = time.monotonic()
        self._read += len(message.get("body", b""))
        if self._read > self.most:
            return await self._stop(_too_large(self.most))
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def _stop(self, refusal: Refusal) -> Message:
        """Refuse from inside the application, which would make an error of its own out of an exception."""
        self.refusal = refusal
        self.turned.set()
        return await asyncio.Event().wait()  # type: ignore[return-value]  # until the application is cancelled

    async def send(self, message: Message) -> None:
        """Pass on what the application answers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.is_stream = any(
                name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in message.get("headers", ())
            )
            self.turned.set()
        self.sent += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer in the application's place, unless it has begun."""
        if self.status:
            return
        body = json.dumps({"detail": refusal.detail}).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
        headers |= {name.lower(): value for name, value in refusal.headers.items()}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": refusal.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body})


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"the request is larger than {most} bytes")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _client(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _check_origin(headers: dict[str, str]) -> None:
    """Refuse what another site makes a reader's browser send here; programs send no origin."""
    origin = headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refusal(403, "another site sent this request; only this page and programs may")


def _forget_gradios_own(scope: Scope) -> None:
    if scope["path"] != "/":
        return
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if any(name in _GRADIOS_OWN for name, _ in pairs):
        scope["query_string"] = urlencode([pair for pair in pairs if pair[0] not in _GRADIOS_OWN]).encode()
