"""The answer in words as server-sent events: the page shows each as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from rag import Answer, Draft, RagError
from rag.server.refusal import spoken_in
from rag.service import Service
from rag.web.asking import ask
from rag.web.result import Pending
from rag.web.url_state import View
from rag.web.written import render_written

_PAUSE_SECONDS = 0.1
"""Between two events: a model may write faster than a page can be drawn. The last draft of a pause is shown."""


def add_written(app: FastAPI, service: Service, pending: Pending) -> None:
    """Add the address at which the page reads what a language model writes of an answer."""

    @app.get("/written", include_in_schema=False)
    async def written(request: Request) -> StreamingResponse:
        """Stream what is written of an answer that waits by the word of `written`, else of the question asked again."""
        query = request.query_params
        view = View.read_query(query.multi_items())
        answer = pending.take(query.get("written"))
        if answer is None:
            answer = await service.run(ask, service.answer, view)
        language = spoken_in(str(query), request.headers)
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_events(service, answer, view, language), 200, headers, "text/event-stream")


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
