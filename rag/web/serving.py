"""The server: page, exports and HTTP interface in one application, on one address."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

# must stand before Gradio is imported: it reads these once, and nothing may leave this machine
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi_offline import FastAPIOffline

from rag import Index, __version__
from rag.api import add_api
from rag.web.address import View
from rag.web.assistants import create_mcp_server
from rag.web.exports import FORMATS
from rag.web.page import HITS, build_page, translations
from rag.web.theme import head, theme

_HEADERS = {
    # Gradio's own script evaluates templates and inlines styles, so those two stay open; every other origin is shut
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(index: Index) -> FastAPI:
    """Return the ASGI application for an open index: HTTP interface, assistants, exports and page."""
    assistants = create_mcp_server(index)
    mcp = assistants.streamable_http_app(streamable_http_path="/mcp", stateless_http=True, json_response=True)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with assistants.session_manager.run():
            yield

    app = FastAPIOffline(  # FastAPI's own documentation page loads its script from another host
        title="Izvor",
        version=__version__,
        description="Questions over a corpus of articles, answered with exact citations.",
        redoc_url=None,
        lifespan=lifespan,
    )
    app.router.routes.extend(mcp.routes)
    add_api(app, index)
    _add_exports(app, index)

    @app.middleware("http")
    async def secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    gr.mount_gradio_app(
        app,
        build_page(index),
        path="/",
        theme=theme(),
        head=head(),
        i18n=translations(),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size="1kb",  # nothing is uploaded here; Gradio's upload address exists all the same
        ssr_mode=False,
        pwa=False,
    )
    return app


def _add_exports(app: FastAPI, index: Index) -> None:
    @app.get("/export.{kind}", include_in_schema=False)
    def export(kind: str, request: Request) -> Response:
        # the address of a result is the address of its export: same question, same filters
        query = request.query_params
        view = View.read({**query, "languages": query.getlist("languages"), "outlets": query.getlist("outlets")})
        if kind not in FORMATS:
            return PlainTextResponse(f"no export as {kind!r}; there are: {', '.join(FORMATS)}", status_code=404)
        media, write = FORMATS[kind]
        text = write(index.answer(view.question, HITS, filters=view.filters))
        name = {"Content-Disposition": f'attachment; filename="izvor.{kind}"'}
        return PlainTextResponse(text, media_type=media, headers=name)


def run(index_path: Path, listener: socket.socket) -> None:
    """Open an index and serve it on a listening socket until interrupted.

    Raises:
        RagError: the index cannot be opened.
    """
    host, port = listener.getsockname()[:2]
    with Index.open(index_path) as index:
        config = uvicorn.Config(
            create_app(index), log_level="warning", timeout_graceful_shutdown=3, timeout_keep_alive=30
        )
        address = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"Izvor is at http://{address}:{port} (Ctrl+C stops it)\n")
        sys.stderr.flush()
        uvicorn.Server(config).run(sockets=[listener])
