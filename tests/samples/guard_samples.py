"""A small application behind the guard, asked in this process or through a socket."""

from __future__ import annotations

import asyncio
import base64
import threading
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from rag.server.access_log import note_question
from rag.server.auth import make_account
from rag.server.guard import UPLOADS, Guard
from rag.server.options import Terms

HERE = "http://127.0.0.1"
ANA = make_account("ana", "correct horse")


@dataclass
class Gate:
    """Where an answer waits until the test lets it go."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


def application(gate: Gate | None = None) -> FastAPI:
    app = FastAPI()
    gate = gate or Gate()

    @app.get("/api/answer")
    def answer(q: str = "") -> dict[str, str]:
        note_question(q)
        return {"q": q}

    @app.get("/slow")
    def slow() -> str:
        gate.entered.set()
        assert gate.opened.wait(60)
        return "done"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def forever() -> Any:
            while True:
                yield "data: alive\n\n"
                await asyncio.sleep(1000)

        return StreamingResponse(forever(), media_type="text/event-stream")

    @app.get("/")
    def page(request: Request) -> str:
        return request.url.query

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/taken")
    @app.put(UPLOADS + "/{name}")
    async def taken(request: Request) -> int:
        return len(await request.body())

    return app


def client(terms: Terms | None = None, **options: Any) -> TestClient:
    guard = Guard(application(), terms or Terms(), clock=lambda: 0.0)  # nothing is refilled while a test goes on
    return TestClient(guard, base_url=HERE, **options)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}
