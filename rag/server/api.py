"""The HTTP interface: the same answers for programs, in the form of `rag.schema`, described at ``/docs``."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import Citation, Index, QueryError, RagError
from rag.schema import (
    AnswerOut,
    CorporaOut,
    CorpusOut,
    CountOut,
    DocumentOut,
    DocumentsOut,
    Problem,
    RetrievalOut,
    Selection,
    StandingOut,
    State,
    VersionOut,
    VersionsOut,
    WholeDocumentOut,
)
from rag.server.problems import Refused, add_refusals, refuse_with
from rag.service import Service

log = logging.getLogger(__name__)

_DIGEST = "^[0-9a-f]{16,64}$"
_Text = Annotated[
    str | None,
    Query(
        pattern=_DIGEST,
        description="SHA-256 of the text that was cited; its first 16 digits do",
    ),
]


class Cited(BaseModel):
    """A citation, as it came with a quote or a passage."""

    document_id: str = Field(description="the article")
    sha256: str = Field(pattern=_DIGEST, description="SHA-256 of its text; the first 16 digits do")
    start: int = Field(ge=0, le=2**40, description="first character")
    end: int = Field(ge=0, le=2**40, description="one past the last character")


_REFUSED: dict[int | str, dict[str, object]] = {
    422: {"model": Problem, "description": "What is asked for cannot be: a value is missing or cannot be used"},
    503: {"model": Problem, "description": "The index cannot be used now"},
}
_ABSENT: dict[int | str, dict[str, object]] = {404: {"model": Problem, "description": "There is no such document"}}


def add_api(app: FastAPI, service: Service, corpora: Mapping[str, Index] | None = None) -> None:
    """Add the routes, their errors and their measurements to an application; `corpora` are all that are served."""
    app.include_router(_questions(service))
    app.include_router(_documents(service.index, corpora))
    app.include_router(_citations(service.index))
    app.include_router(_operations(app, service.index))

    @app.exception_handler(RagError)
    def refuse(request: Request, error: RagError) -> JSONResponse:
        return refuse_with(request, 422 if isinstance(error, QueryError) else 503, error)

    add_refusals(app)

    @app.exception_handler(RequestValidationError)
    def refuse_value(request: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [f"{'.'.join(map(str, one['loc'][1:])) or one['loc'][0]}: {one['msg']}" for one in error.errors()]
        return refuse_with(request, 422, QueryError("request_invalid", detail="; ".join(wrong)))

    @app.exception_handler(Exception)
    def fail(request: Request, error: Exception) -> JSONResponse:  # the server's log has the traceback
        return refuse_with(request, 500, RagError("program_failed"))


def _questions(service: Service) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["questions"], responses=_REFUSED)

    @router.get("/retrieve", response_model=RetrievalOut)
    async def retrieve(selection: Annotated[Selection, Query()]) -> Response:
        """Find the passages that answer a question."""
        return _json(await service.run(find, service, selection))

    @router.get("/answer", response_model=AnswerOut)
    async def answer(selection: Annotated[Selection, Query()]) -> Response:
        """Answer a question with verbatim quotes, or say that the corpus does not."""
        return _json(await respond(service, selection))

    return router


def find(service: Service, selection: Selection) -> RetrievalOut:
    """Find passages, in the form that is shown to programs."""
    return RetrievalOut.of(service.retrieve(selection.query()))


async def respond(service: Service, selection: Selection) -> AnswerOut:
    """Answer, in the form that is shown to programs."""
    query = selection.query()
    if not selection.llm:
        return await service.run(lambda: AnswerOut.model_validate(service.answer(query)))
    return AnswerOut.model_validate(await service.write(await service.run(service.answer, query)))


def _json(content: BaseModel) -> Response:
    # as it is: it has been validated, and to do so again would take longer than the rest of the request
    return Response(content.model_dump_json(), media_type="application/json")


def list_documents(index: Index, offset: int, limit: int) -> DocumentsOut:
    """Return a stretch of the list of articles."""
    part = [DocumentOut.model_validate(info) for info in index.documents(offset, limit)]
    return DocumentsOut(total=index.document_count(), offset=offset, documents=part)


def list_corpora(index: Index, corpora: Mapping[str, Index] | None) -> CorporaOut:
    """Return what the corpora of a server hold; without names there is one, called as its folder."""
    served = corpora or {Path(str(index.info()["index"])).name: index}
    found = []
    for name, one in served.items():
        facets = one.facets()
        corpus = CorpusOut(
            name=name,
            articles=one.document_count(),
            languages=[CountOut(name=code, articles=n) for code, n in facets.languages.items()],
            first=facets.first.isoformat() if facets.first else None,
            last=facets.last.isoformat() if facets.last else None,
        )
        found.append(corpus)
    return CorporaOut(corpora=found)


def _documents(index: Index, served: Mapping[str, Index] | None) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["documents"], responses=_REFUSED)

    @router.get("/corpora")
    def corpora() -> CorporaOut:
        """List the corpora that are served; of several, each answers under `/api/NAME/` as the first does here."""
        return list_corpora(index, served)

    @router.get("/documents")
    def documents(
        offset: Annotated[int, Query(ge=0, le=2**31, description="how many to leave out before the first")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000, description="how many at most")] = 100,
    ) -> DocumentsOut:
        """List the articles of the corpus."""
        return list_documents(index, offset, limit)

    @router.get("/documents/{document_id:path}", responses=_ABSENT)
    def document(document_id: str, sha256: _Text = None) -> WholeDocumentOut:
        """Return one article with its text: as it is now, or as it was when it was cited."""
        try:
            return WholeDocumentOut.model_validate(index.document(document_id, sha256=sha256))
        except QueryError as error:
            raise Refused(404, error) from error

    return router


def _citations(index: Index) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["citations"], responses=_REFUSED)

    @router.get("/versions")
    def versions(document_id: Annotated[str, Query(description="the article")]) -> VersionsOut:
        """List the earlier texts of an article that has changed."""
        return VersionsOut(versions=[VersionOut.model_validate(one) for one in index.versions(document_id)])

    @router.get("/citation")
    def citation(cited: Annotated[Cited, Query()]) -> StandingOut:
        """Check a citation: whether its words still stand, and where."""
        return StandingOut.model_validate(index.check_citation(Citation(**cited.model_dump())))

    return router


def _operations(app: FastAPI, index: Index) -> APIRouter:
    router = APIRouter(tags=["operation"])
    registry = CollectorRegistry()
    requests = Counter("izvor_requests", "Requests by route and status", ["route", "status"], registry=registry)
    seconds = Histogram("izvor_request_seconds", "Time to answer by route", ["route"], registry=registry)
    documents = Gauge("izvor_documents", "Articles in the corpus", registry=registry)

    app.add_middleware(_Measured, requests=requests, seconds=seconds)

    @router.get("/healthz")
    async def healthz() -> State:  # on the loop, so that it waits for no thread
        """Tell that the process runs."""
        return State(status="ok")

    @router.get("/readyz", responses={503: {"model": State, "description": "It cannot answer"}})
    def readyz(response: Response) -> State:
        """Tell whether questions can be answered: the index opens and its model is loaded."""
        try:
            count, refinement = index.document_count(), index.refinement()
            _ = index.encoder
        except RagError as error:
            response.status_code = 503
            return State(status="unavailable", detail=str(error))
        return State(
            status="ready",
            documents=count,
            passages=refinement.passages if refinement else None,
            refined=refinement.refined if refinement else None,
        )

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics() -> Response:
        """Return counts and times for Prometheus."""
        documents.set(index.document_count())
        return PlainTextResponse(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return router


class _Measured:
    """Counts and times requests. Plain ASGI: as a function around the request it would cost a task and two queues."""

    def __init__(self, app: ASGIApp, *, requests: Counter, seconds: Histogram) -> None:
        self._app, self._requests, self._seconds = app, requests, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def measure(message: Message) -> None:
            if message["type"] == "http.response.start":
                # the route's pattern, never the address: a question must not end up in a label
                route = str(getattr(scope.get("route"), "path", "page"))
                self._requests.labels(route, str(message["status"])).inc()
                self._seconds.labels(route).observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, measure)


_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


class WrongMethod(BaseRoute):
    """To be put after the routes that it speaks for, and before what takes everything.

    Args:
        routes: those before it.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = tuple(routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what one of the routes would take by another method."""
        if scope["type"] != "http":
            return Match.NONE, {}
        near = [route for route in self._routes if _match(route, scope, scope["method"]) is Match.PARTIAL]
        # asked, not looked up: FastAPI's routers keep what they hold to themselves
        methods = [name for name in _METHODS if any(_match(route, scope, name) is Match.FULL for route in near)]
        return (Match.FULL, {"methods": methods}) if methods else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse it."""
        allowed = ", ".join(scope["methods"])
        said = f"{scope['method']} is not taken here. Use: {allowed}"
        raise HTTPException(405, said, headers={"Allow": allowed})


def _match(route: BaseRoute, scope: Scope, method: str) -> Match:
    # a copy: what a route finds out about a request it writes into its scope
    return route.matches({**{key: value for key, value in scope.items() if key != "fastapi"}, "method": method})[0]
