"""One request on its way in and its answer on its way out: bounded, counted, timed, and refused where it must be."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Literal

from starlette.types import Message, Receive, Send

from rag import RagError
from rag.server.options import Terms
from rag.server.problems import body_of
from rag.server.refusal import render_refusal

REFUSALS = {
    401: "Who asks is not known, where passwords are asked for",
    403: "Another site sent this request",
    408: "The request did not end in time",
    413: "The request is too large",
    421: "The name asked for is not served",
    429: "Too many questions, requests or wrong passwords; `Retry-After` says how many seconds to wait",
    500: "An error in the program",
    503: "No answer in time, or the index cannot be used now",
}
"""What any request may be answered with instead, by status."""

_HEADERS = (
    # Gradio's own script evaluates templates and inlines styles, so those two stay open; every other origin is shut
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""On every answer, refusals and errors too, unless it says otherwise itself."""


class Refusal(RagError):
    """A request that goes no further: an error with the status and headers that it is answered with."""

    def __init__(
        self, status: int, code: str, /, headers: Mapping[str, str] | None = None, **facts: str | int | float
    ) -> None:
        super().__init__(code, **facts)
        self.status = status
        self.headers = dict(headers or {})


class Exchange:
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
            return await self._stop(Refusal(408, "request_too_slow", seconds=self._terms.body_seconds))
        self.heard = time.monotonic()
        self._read += len(message.get("body", b""))
        if self._read > self.most:
            return await self._stop(too_large(self.most))
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def _stop(self, refusal: Refusal) -> Message:
        """Refuse from inside the application, which would make an error of its own out of an exception."""
        self.refusal = refusal
        self.turned.set()
        return await asyncio.Event().wait()  # type: ignore[return-value]  # until the application is cancelled

    async def send(self, message: Message) -> None:
        """Pass on what the application answers."""
        if self.refusal is not None and not self.status:
            self.turned.set()  # an answer to what is refused: the refusal goes out in its place
            return
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message.get("headers", ())}
            more = [pair for pair in _HEADERS if pair[0] not in there]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
            self.status = message["status"]
            self.is_stream = any(
                name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in message.get("headers", ())
            )
            self.turned.set()
        self.sent += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, refusal: Refusal, *, language: str, as_page: bool = False) -> None:
        """Answer in the application's place, unless it has begun: as JSON, or as a page that can be read."""
        if self.status:
            return
        self.refusal = None
        wait = int(refusal.headers.get("Retry-After", 0)) or None
        if as_page:
            kind, text = "text/html; charset=utf-8", render_refusal(refusal.status, wait, language)
        else:
            kind, text = "application/json", json.dumps(body_of(refusal, language))
        body = text.encode()
        headers = {"content-type": kind, "content-length": str(len(body)), "connection": "close"}
        headers |= {name.lower(): value for name, value in refusal.headers.items()}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": refusal.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body})


def too_many(what: Literal["questions", "requests", "passwords"], wait: int) -> Refusal:
    """Return the refusal of whoever asked for too much, with the seconds after which to come back."""
    return Refusal(429, "too_many", {"Retry-After": str(wait)}, what=what, seconds=wait)


def too_large(most: int) -> Refusal:
    """Return the refusal of a request that is larger than so many bytes."""
    return Refusal(413, "request_too_large", limit=most)
