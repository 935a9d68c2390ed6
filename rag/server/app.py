"""The server: page, exports and HTTP interface in one application, on one address."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

# must stand before Gradio is imported: it reads these once, and nothing may leave this machine
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

from rag import Citation, Index, Settings, __version__
from rag.schema import Problem
from rag.server.access_log import note_question
from rag.server.api import WrongMethod, add_api
from rag.server.connection import Connection
from rag.server.corpora import Corpora, CorpusPaths, page_of
from rag.server.corpus_changes import Changes
from rag.server.corpus_routes import add_changes
from rag.server.descriptors import raise_limit
from rag.server.exchange import REFUSALS
from rag.server.exports import FORMATS, file_name
from rag.server.gradio_gate import close_gradio
from rag.server.guard import Guard
from rag.server.mcp import create_mcp_server
from rag.server.options import Terms
from rag.server.originals import add_originals, original
from rag.server.refusal import spoken_in
from rag.server.written_events import add_translation, add_written
from rag.service import Service
from rag.web.asking import ask
from rag.web.corpus import Allowed
from rag.web.examples import Examples
from rag.web.page import build_page, translations
from rag.web.plain_page import render_plain
from rag.web.result import Pending
from rag.web.theme import head, theme
from rag.web.url_state import Place, View


def create_app(index: Index, terms: Terms, corpora: Mapping[str, Index] | None = None, name: str = "") -> FastAPI:
    """Return the application for an open index, without its guard: HTTP interface, assistants, exports and page.

    Args:
        index: the open index.
        terms: to whom, and what.
        corpora: all corpora of the server by name, where there are several.
        name: that of this one.
    """
    service, examples, pending = Service(index, note=note_question), Examples(index), Pending()
    assistants = create_mcp_server(service, corpora)
    mcp = assistants.streamable_http_app(streamable_http_path="/mcp", stateless_http=True, json_response=True)

    refining = index.refine_in_background() if index.refinement() is not None else None
    changes = None
    first = not corpora or name == next(iter(corpora))  # the folder is that of the first corpus
    if terms.corpus is not None and terms.can_change and first:
        changes = Changes(index, terms.corpus, changed=refining.wake if refining is not None else lambda: None)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.prepared = preparing = asyncio.create_task(run_in_threadpool(examples.prepare))
        if refining is not None:
            refining.start()
        async with assistants.session_manager.run():
            yield
        examples.stop()
        await preparing  # the index is closed afterwards
        if changes is not None:
            await run_in_threadpool(changes.stop, terms.answer_seconds)
        if refining is not None:
            await run_in_threadpool(refining.stop, terms.answer_seconds)

    app = FastAPIOffline(  # FastAPI's own documentation page loads its script from another host
        title="Izvor",
        version=__version__,
        description="Questions over a corpus of articles, answered with exact citations.",
        redoc_url=None,
        lifespan=lifespan,
        responses={status: {"model": Problem, "description": said} for status, said in REFUSALS.items()},
    )
    app.router.routes.extend(mcp.routes)
    add_api(app, service, corpora)
    _add_exports(app, service)
    _add_plain_page(app, service, examples)
    add_written(app, service, pending)
    if index.language_model is not None:
        add_translation(app, service)
    folder = terms.corpus if first else None
    allowed = Allowed(
        changes=changes is not None,
        fetching=terms.fetch,
        original=partial(original, folder) if folder is not None else None,
    )
    if folder is not None:
        add_originals(app, index, folder)
    if changes is not None:
        add_changes(app, changes, fetching=terms.fetch)
    app.router.routes.append(WrongMethod(app.router.routes))

    gr.mount_gradio_app(
        app,
        build_page(
            service,
            examples,
            pending,
            allowed,
            corpora=_switch(name, tuple(corpora)) if corpora else (),
        ),
        path="/",
        root_path=page_of(name, tuple(corpora)) if corpora else "",
        theme=theme(),
        head=head(),
        i18n=translations(),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size="1kb",  # nothing is uploaded here, and the address for it is closed
        ssr_mode=False,
        pwa=False,
    )
    close_gradio(app)
    return app


def _switch(name: str, names: Sequence[str]) -> Sequence[tuple[str, str, bool]]:
    """Return each corpus with its page's address as seen from the page of one, and whether it is that one."""
    up = "../.." if page_of(name, names) else "."
    return [(other, f"{up}{page_of(other, names)}/", other == name) for other in names]


def _add_exports(app: FastAPI, service: Service) -> None:
    @app.get(
        "/export.{kind}",
        tags=["questions"],
        response_class=Response,  # of several kinds; refusals are JSON
        responses={
            200: {"content": {media.partition(";")[0]: {} for media, _ in FORMATS.values()}},
            404: {"model": Problem, "description": "There is no export of this kind"},
            422: {"model": Problem, "description": "The question cannot be searched for"},
        },
    )
    async def export(
        kind: Annotated[str, PathParameter(description=f"one of {', '.join(FORMATS)}")],
        request: Request,
        q: Annotated[str, Query(description="the question; conditions are named as for /api/answer")] = "",
    ) -> Response:
        """Answer a question as a file to keep. The address of a result on the page is the address of its export."""
        view = View.read_query([*request.query_params.multi_items(), ("q", q)])
        if kind not in FORMATS:
            raise HTTPException(404, f"no export as {kind!r}; there are: {', '.join(FORMATS)}")
        media, write = FORMATS[kind]
        page = str(request.base_url)

        def link(citation: Citation) -> str:
            return f"{page}{view.address(Place.of(citation))}"

        text = await service.run(lambda: write(ask(service.answer, view, service.index.rewrite_follow_up), link))
        name = file_name(view.question, kind, date.today())
        plain = name.encode("ascii", "ignore").decode()
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
        return PlainTextResponse(text, media_type=media, headers={"Content-Disposition": disposition})


def _add_plain_page(app: FastAPI, service: Service, examples: Examples) -> None:
    @app.get("/plain", include_in_schema=False)
    async def plain(request: Request) -> HTMLResponse:
        """Answer as a page that needs no JavaScript."""
        query = request.query_params
        language = spoken_in(str(query), request.headers)
        view = View.read_query(query.multi_items())
        page = await service.run(render_plain, service, view, language, examples)
        return HTMLResponse(page)


class Server(uvicorn.Server):
    """Stops as soon as the answers under way are out; `stopping` tells the streams, which would go on for ever."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, end the streams, wait for the answers."""
        self._stopping.set()
        await super().shutdown(sockets)


_ACCEPTED_AT_ONCE = 64  # connections; with fewer file descriptors than there are more, those that wait would take all


def make_server(
    app: ASGIApp, terms: Terms, *, clock: Callable[[], float] = time.monotonic, corpora: Sequence[str] = ()
) -> Server:
    """Return the server of an application on given terms; `clock` is by what clients may ask again.

    `corpora` are the names of several, where the application is one of `Corpora`.
    """
    stopping = asyncio.Event()
    guard = Guard(app, terms, stopping, clock=clock)
    config = uvicorn.Config(
        CorpusPaths(guard, corpora) if corpora else guard,
        log_level="warning",
        timeout_graceful_shutdown=math.ceil(terms.answer_seconds),
        timeout_keep_alive=math.ceil(terms.body_seconds),
        http=Connection,
        backlog=_ACCEPTED_AT_ONCE,
        server_header=False,
        # uvicorn would believe whoever connects from this machine, which anybody's program here can do
        proxy_headers=bool(terms.trusted_proxies),
        forwarded_allow_ips=list(terms.trusted_proxies),
    )
    return Server(config, stopping)


def run(indexes: Mapping[str, Path], listener: socket.socket, terms: Terms, store: str | None = None) -> None:
    """Open indexes, given by name, and serve them on a listening socket until interrupted.

    Raises:
        RagError: an index cannot be opened.
    """
    host, port = listener.getsockname()[:2]
    raise_limit()
    with ExitStack() as stack:
        opened: dict[str, Index] = {}
        for name, path in indexes.items():
            settings = Settings.load(index=path, store=store)
            index = Index.open(settings=settings if terms.reader else replace(settings, reader=False))
            opened[name] = stack.enter_context(index)
        if len(opened) == 1:
            server = make_server(create_app(index, terms), terms)
        else:
            each = {name: create_app(one, terms, opened, name) for name, one in opened.items()}
            server = make_server(Corpora(each), terms, corpora=tuple(opened))
        address = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"Izvor is at http://{address}:{port} (Ctrl+C stops it)\n")
        sys.stderr.flush()
        # Questions share the cores already. Several threads for each of their small products would wait for one
        # another, spinning: with 40 asking on two cores, a question then costs more than twice the processor time.
        threadpool_limits(limits=1, user_api="blas")
        # uvicorn raises the signal once more when it is done; by then everything is closed and nothing is wrong
        signal.signal(signal.SIGTERM, lambda *_: None)
        server.run(sockets=[listener])
