"""An error as the body of an answer: its code, its facts, and its sentence in the language of whoever asks."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from rag import RagError
from rag.web.i18n import preferred_language


class Refused(Exception):
    """Ends a request with an error and the status that it is answered with."""

    def __init__(self, status: int, error: RagError) -> None:
        super().__init__(str(error))
        self.status = status
        self.error = error


def body_of(error: RagError, language: str) -> dict[str, Any]:
    """Return what `Problem` describes."""
    body = error.to_dict(language)
    return {"detail": body["message"], **body}


def refuse_with(request: Request, status: int, error: RagError) -> JSONResponse:
    """Return an error as an answer, in the language that the request prefers."""
    language = preferred_language(request.headers.get("accept-language"))
    return JSONResponse(body_of(error, language), status_code=status)


def add_refusals(app: FastAPI) -> None:
    """Have the application answer a `Refused` with its error."""

    @app.exception_handler(Refused)
    def refuse(request: Request, refused: Refused) -> JSONResponse:
        return refuse_with(request, refused.status, refused.error)
