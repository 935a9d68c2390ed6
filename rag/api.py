"""The HTTP interface: the same answers for programs. One schema for all of it, described at ``/docs``.

It shows the records of this package as they are, except that a document comes without its text wherever it only
stands beside something else; ``/api/documents/{id}`` has the text, into which every ``start`` and ``end`` points. With
``?sha256=`` it is the text that a citation was made of, even if the article has changed since.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag import Citation, Filters, Index, QueryError, RagError
from rag.service import Service

log = logging.getLogger(__name__)

K_MAX = 100
"""Passages in one response at most: more is a download, not an answer."""


# no "date-time" in the schema: that format wants a zone, and few articles state one
_Moment = Annotated[str | None, BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value)]
_PUBLISHED = "ISO 8601 date, or date and time where stated (with a zone only if the article has one); never guessed"


class _Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CitationOut(_Record):
    """The exact place a text came from; keep `sha256` to notice later that the article has changed."""

    document_id: str = Field(description="the document, as in /api/documents/{id}")
    sha256: str = Field(description="SHA-256 of the document's text in UTF-8, hexadecimal")
    start: int = Field(description="first character, counted in Unicode code points from 0")
    end: int = Field(description="one past the last character")
    title: str = Field(description="title of the article; empty when it states none")
    outlet: str | None = Field(description="who published it; null when it does not say")
    published: _Moment = Field(description=_PUBLISHED)
    source: str | None = Field(description="file or web address it was read from")
    page: int | None = Field(description="page, from 1, in formats that have pages")


class DocumentOut(_Record):
    """One article without its text."""

    id: str = Field(description="stable name: for a file its path inside the corpus folder")
    title: str = Field(description="title; empty when it states none")
    source: str | None = Field(description="file or web address it was read from")
    outlet: str | None = Field(description="who published it; null when it does not say")
    author: str | None = Field(description="who wrote it; null when it does not say")
    published: _Moment = Field(description=_PUBLISHED)
    language: str | None = Field(description="ISO 639-1 code")


class WholeDocumentOut(DocumentOut):
    """One article with its text, exactly as read."""

    url: str | None = Field(description="the article's own web address; null when neither it nor its page states one")
    modified: _Moment = Field(description="when it was changed, as it says itself; as `published` otherwise")
    evidence: dict[str, str] = Field(
        description="where each value came from: meta (stated by the file), text, url (its address), given"
    )
    text: str = Field(description="the whole text; page furniture is in it")
    sha256: str = Field(description="SHA-256 of the text in UTF-8, hexadecimal")
    masked: list[tuple[int, int]] = Field(description="spans of page furniture, never searched or cited")
    pages: list[int] = Field(description="where each page starts; empty in formats without pages")


class VersionOut(_Record):
    """An earlier text of an article."""

    sha256: str = Field(description="SHA-256 of that text; /api/documents/{id}?sha256= opens it")
    stored: _Moment = Field(description="since when it was the present text (UTC); null where that was not noted")
    replaced: _Moment = Field(description="until when it was (UTC)")
    characters: int = Field(description="how long it is")


class VersionsOut(BaseModel):
    """The earlier texts of an article, the latest first."""

    versions: list[VersionOut] = Field(description="empty where it never changed, and where it is not there")


class StandingOut(_Record):
    """How a citation stands now."""

    state: Literal["current", "changed", "removed", "unknown"] = Field(
        description="current: the words stand in the article as it is; changed: they stand in an earlier text of it;"
        " removed: that text is gone; unknown: no such text was ever there, or it has no such span"
    )
    text: str | None = Field(description="the words cited; null unless current or changed")
    version: VersionOut | None = Field(description="the earlier text they stand in, when changed")
    place: CitationOut | None = Field(description="where the same words stand in the article as it is now, if they do")
    removed: _Moment = Field(description="when the text was removed (UTC)")
    present: DocumentOut | None = Field(description="the article as it is now; null where there is none")


class DocumentsOut(BaseModel):
    """A stretch of the list of articles, ordered by id."""

    total: int = Field(description="articles in the whole corpus")
    offset: int = Field(description="how many were left out before the first one here")
    documents: list[DocumentOut] = Field(description="at most `limit` of them")


class PassageOut(_Record):
    """A span of one document."""

    document_id: str = Field(description="the document")
    start: int = Field(description="first character")
    end: int = Field(description="one past the last character")
    text: str = Field(description="the words, exactly as in the document")


class MatchOut(_Record):
    """One word of the passage that answers one word of the question."""

    query_start: int = Field(description="where the question's word starts in the question")
    query_end: int = Field(description="one past its end")
    start: int = Field(description="where the answering word starts in the document")
    end: int = Field(description="one past its end")
    similarity: float = Field(description="cosine between the two words")


class AgreementOut(_Record):
    """How many say the same. Copies of one text, whole or edited, count as one text."""

    articles: int = Field(description="articles that carry it")
    outlets: int = Field(description="outlets among them that are known")
    texts: int = Field(description="independent texts: wire copy in four outlets is one")
    languages: int = Field(description="languages among them")


class HitOut(_Record):
    """A passage found for a question."""

    rank: int = Field(description="1 is the best")
    score: float = Field(description="higher is better; compares passages of one question only")
    confidence: float | None = Field(description="calibrated probability that it answers, if there is one")
    passage: PassageOut = Field(description="the passage itself")
    document: DocumentOut = Field(description="the article it stands in")
    citation: CitationOut = Field(description="the place of the passage")
    why: dict[str, float] = Field(description="the signals behind the score, by name")
    matches: list[MatchOut] = Field(description="which word answered which")
    duplicates: list[CitationOut] = Field(description="where else the passage stands, found for the question or not")
    agreement: AgreementOut | None = Field(description="over this passage and its duplicates")


class QuoteOut(_Record):
    """Verbatim words that answer."""

    number: int = Field(description="the mark shown beside it, from 1")
    text: str = Field(description="the words, exactly as in the document")
    citation: CitationOut = Field(description="their place")
    score: float = Field(description="higher is better")
    language: str | None = Field(description="language of the words")


class PeriodOut(_Record):
    """Days that words of the question mean: "January 2026", "včeraj", "22 ianuarie"."""

    start: int = Field(description="where the words start in the question")
    end: int = Field(description="one past their end")
    first: date = Field(description="the first day")
    last: date = Field(description="the last day")
    year_stated: bool = Field(description="false: the year is not in the question, and the last one possible is taken")


class AnswerOut(_Record):
    """What the corpus says, or that it does not say."""

    question: str = Field(description="the question as asked")
    abstained: bool = Field(description="true: the corpus does not say; no quotes, and hits only come near")
    confidence: float | None = Field(description="calibrated probability that the answer is in the corpus")
    language: str | None = Field(description="language of the question")
    text: str | None = Field(description="a summary with [n] marks, only where a language model is configured")
    agreement: AgreementOut | None = Field(
        description="over the articles that are quoted or answer more likely than not; null without quotes"
    )
    periods: list[PeriodOut] = Field(
        description="the days that the question speaks of; passages of them come first among equals"
    )
    quotes: list[QuoteOut] = Field(description="the answer, numbered")
    hits: list[HitOut] = Field(description="the passages behind it, best first")


class RetrievalOut(BaseModel):
    """Passages for a question, best first."""

    hits: list[HitOut] = Field(description="at most `k` of them")


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str = Field(description="what happened and what to do, in one line")


class State(BaseModel):
    """Whether the service can answer."""

    status: Literal["ok", "ready", "unavailable"] = Field(description="ok: it runs; ready: it can answer")
    documents: int | None = Field(default=None, description="articles in the corpus")
    detail: str | None = Field(default=None, description="what is wrong, if something is")


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


class Selection(BaseModel):
    """A question with its conditions."""

    q: str = Field(description="the question, in any language")
    k: int = Field(5, ge=1, le=K_MAX, description="how many passages at most")
    languages: list[str] = Field([], description="only articles in these languages (ISO 639-1); may be repeated")
    outlets: list[str] = Field([], description="only articles of these outlets; may be repeated")
    published_from: date | None = Field(None, description="only articles of this day or later")
    published_to: date | None = Field(None, description="only articles of this day or earlier")

    collapse: bool = Field(True, description="fold passages that repeat a better one into it; false: each is a hit")

    @property
    def filters(self) -> Filters:
        """Return the conditions on documents."""
        return Filters(
            languages=frozenset(self.languages),
            outlets=frozenset(self.outlets),
            published_from=self.published_from,
            published_to=self.published_to,
        )


_REFUSED: dict[int | str, dict[str, object]] = {
    422: {"model": Problem, "description": "The question or a condition cannot be searched for"},
    503: {"model": Problem, "description": "The index cannot be used now"},
}
_ABSENT: dict[int | str, dict[str, object]] = {404: {"model": Problem, "description": "There is no such document"}}


def add_api(app: FastAPI, service: Service) -> None:
    """Add the routes, their errors and their measurements to an application."""
    app.include_router(_questions(service))
    app.include_router(_documents(service.index))
    app.include_router(_citations(service.index))
    app.include_router(_operations(app, service.index))

    @app.exception_handler(RagError)
    def refuse(request: Request, error: RagError) -> JSONResponse:
        status = 422 if isinstance(error, QueryError) else 503
        return JSONResponse({"detail": " ".join(str(error).split())}, status_code=status)


def _questions(service: Service) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["questions"], responses=_REFUSED)

    @router.get("/retrieve", response_model=RetrievalOut)
    async def retrieve(selection: Annotated[Selection, Query()]) -> Response:
        """Find the passages that answer a question."""
        return _json(await service.turn(find, service, selection))

    @router.get("/answer", response_model=AnswerOut)
    async def answer(selection: Annotated[Selection, Query()]) -> Response:
        """Answer a question with verbatim quotes, or say that the corpus does not."""
        return _json(await service.turn(respond, service, selection))

    return router


def find(service: Service, selection: Selection) -> RetrievalOut:
    """Find passages, in the form that is shown to programs; which words match is worked out here."""
    hits = service.retrieve(selection.q, selection.k, selection.filters, collapse=selection.collapse)
    return RetrievalOut.model_validate({"hits": hits}, from_attributes=True)


def respond(service: Service, selection: Selection) -> AnswerOut:
    """Answer, in the form that is shown to programs."""
    answer = service.answer(selection.q, selection.k, selection.filters, collapse=selection.collapse)
    return AnswerOut.model_validate(answer)


def _json(content: BaseModel) -> Response:
    # as it is: it has been validated, and to do so again would take longer than the rest of the request
    return Response(content.model_dump_json(), media_type="application/json")


def _documents(index: Index) -> APIRouter:
    router = APIRouter(prefix="/api/documents", tags=["documents"])

    @router.get("")
    def documents(
        offset: Annotated[int, Query(ge=0, le=2**31, description="how many to leave out before the first")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000, description="how many at most")] = 100,
    ) -> DocumentsOut:
        """List the articles of the corpus."""
        part = [DocumentOut.model_validate(info) for info in index.documents(offset, limit)]
        return DocumentsOut(total=index.document_count(), offset=offset, documents=part)

    @router.get("/{document_id:path}", responses=_ABSENT)
    def document(document_id: str, sha256: _Text = None) -> WholeDocumentOut:
        """Return one article with its text: as it is now, or as it was when it was cited."""
        try:
            return WholeDocumentOut.model_validate(index.document(document_id, sha256=sha256))
        except QueryError as error:
            raise HTTPException(404, str(error)) from error

    return router


def _citations(index: Index) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["citations"])

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

    @app.middleware("http")
    async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        started = time.perf_counter()
        response = await call_next(request)
        # the route's pattern, never the address: a question must not end up in a label
        route = str(getattr(request.scope.get("route"), "path", "page"))
        requests.labels(route, str(response.status_code)).inc()
        seconds.labels(route).observe(time.perf_counter() - started)
        return response

    @router.get("/healthz")
    async def healthz() -> State:  # on the loop, so that it waits for no thread
        """Tell that the process runs."""
        return State(status="ok")

    @router.get("/readyz", responses={503: {"model": State, "description": "It cannot answer"}})
    def readyz(response: Response) -> State:
        """Tell whether questions can be answered: the index opens and its model is loaded."""
        try:
            count = index.document_count()
            _ = index.encoder
        except RagError as error:
            response.status_code = 503
            return State(status="unavailable", detail=str(error))
        return State(status="ready", documents=count)

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Return counts and times for Prometheus."""
        documents.set(index.document_count())
        return PlainTextResponse(generate_latest(registry), media_type="text/plain; version=0.0.4")

    return router
