"""Which of Gradio's routes can be reached: those that the page uses, and no other.

Gradio brings more than the page needs: a route that fetches any public address and returns it, uploads, a queue, the
files of components, a description of everything. A version to come may bring more, so the ones that are open are
listed and all others closed.
"""

from __future__ import annotations

import json
import re
from html import escape

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.refusal import render_missing, spoken_in, wants_page

_OPEN = re.compile(r"/|/favicon\.ico|/robots\.txt|/theme\.css|/(?:assets|static)/.+|/gradio_api/(?:run/\w+|app_id)")
_LEFT_OUT = (b"origin", b"forwarded")
"""Headers that Gradio does not get. By ``Origin`` it would allow every page of this machine to read what it answers;
``X-Forwarded-*`` it would repeat in its links, whoever sends it."""


class GradioGate:
    """Gradio's application with only the routes that the page uses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or answer that there is nothing at its address."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if scope["type"] == "http" and not _OPEN.fullmatch(path):
            asked = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            if wants_page(scope["method"], asked):
                language = spoken_in(scope["query_string"].decode("latin-1"), asked)
                kind, body = b"text/html; charset=utf-8", render_missing(language).encode()
            else:
                kind, body = b"application/json", json.dumps({"detail": "Not Found"}).encode()
            headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 404, "headers": headers})
            await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            kept = [
                (name, value)
                for name, value in scope["headers"]
                if name.lower() not in _LEFT_OUT and not name.lower().startswith(b"x-forwarded-")
            ]
            scope = {**scope, "headers": kept}
            if (scope["method"], path) == ("GET", "/"):
                send = _leading_on(send, scope["query_string"].decode("latin-1"))
        await self._app(scope, receive, send)


def _leading_on(send: Send, query: str) -> Send:
    """Send a browser without JavaScript on to the page that needs none, with what the address asks."""
    started: list[Message] = []
    to = escape(f"plain?{query}" if query else "plain")
    onward = f'<head><noscript><meta http-equiv="refresh" content="0; url={to}"></noscript>'.encode()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        if started:
            start = started.pop()
            body = message.get("body", b"").replace(b"<head>", onward, 1)
            if not message.get("more_body"):
                size = (b"content-length", str(len(body)).encode())
                start = {**start, "headers": [size if one[0] == size[0] else one for one in start["headers"]]}
                message = {**message, "body": body}
            await send(start)
        await send(message)

    return sending


def close_gradio(app: FastAPI) -> None:
    """Put the gate before the Gradio application that was mounted last."""
    mount = app.router.routes[-1]
    if not isinstance(mount, Mount):
        raise TypeError(f"the last route is {type(mount).__name__}, not what Gradio was mounted at")
    mount.app = GradioGate(mount.app)
