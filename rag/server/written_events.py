"""The answer in words as server-sent events: the page shows each as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from rag import Answer, Draft, QueryError, RagError
from rag.schema import Problem
from rag.server.problems import Refused
from rag.server.refusal import spoken_in
from rag.service import Service
from rag.web.asking import ask
from rag.web.result import Pending
from rag.web.url_state import View
from rag.web.written import render_written

_PAUSE_SECONDS = 0.1
"""Between two events: a model may write faster than a page can be drawn. The last draft of a pause is shown."""


class ToTranslate(BaseModel):
    """Words of an article, as they are cited."""

    document_id: str = Field(max_length=4_000, description="the article")
    sha256: str = Field(pattern="^[0-9a-f]{16,64}$", description="SHA-256 of its text; the first 16 digits do")
    start: int = Field(ge=0, le=2**40, description="first character")
    end: int = Field(ge=0, le=2**40, description="one past the last character")
    language: str = Field(pattern="^[a-z]{2,3}$", description="code of the language to translate into")


class Translated(BaseModel):
    """A translation, and the language model that wrote it."""

    text: str = Field(description="plain text, whatever the model wrote")
    model: str = Field(description="name of the model")
    place: str = Field(description="host at which it runs")


def add_written(app: FastAPI, service: Service, pending: Pending) -> None:
    """Add the address at which the page reads what a language model writes of an answer."""

    @app.get("/written", include_in_schema=False)
    async def written(request: Request) -> StreamingResponse:
        """Stream what is written of an answer that waits by the word of `written`, else of the question asked again."""
        query = request.query_params
        view = View.read_query(query.multi_items())
        answer = pending.take(query.get("written"))
        if answer is None:
            answer = await service.run(ask, service.answer, view, service.index.rewrite_follow_up)
        language = spoken_in(str(query), request.headers)
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_events(service, answer, view, language), 200, headers, "text/event-stream")


def add_translation(app: FastAPI, service: Service) -> None:
    """Add the address at which a reader has a quote translated by the language model."""

    @app.post("/translate", tags=["citations"], responses={404: {"model": Problem, "description": "No such text"}})
    async def translate(quote: ToTranslate) -> Translated:
        """Translate cited words. What comes back is a machine's, and nobody has checked it."""
        try:
            document = service.index.document(quote.document_id, sha256=quote.sha256)
        except QueryError as error:
            raise Refused(404, error) from error
        written = await service.translate(document.text[quote.start : quote.end], quote.language)
        made = service.index.language_model
        return Translated(text=written, model=made.model if made else "", place=made.place if made else "")


async def _events(service: Service, answer: Answer, view: View, language: str) -> AsyncIterator[str]:
    drafts: list[Draft] = []
    changed = asyncio.Event()

    async def read() -> None:
        try:
            async for draft in service.drafts(answer):
                drafts[:] = [draft]
                changed.set()
        except RagError:  # the settings name no model any more: the quotes stand as always
            pass
        finally:
            changed.set()

    reading = asyncio.create_task(read())
    try:
        while True:
            await changed.wait()
            changed.clear()
            if drafts:
                yield f"data: {json.dumps(render_written(answer, drafts[0], view=view, language=language))}\n\n"
            if not drafts or drafts[0].done or reading.done():
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        yield "event: end\ndata: \n\n"
    finally:
        reading.cancel()
