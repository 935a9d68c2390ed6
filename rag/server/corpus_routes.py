"""The routes that change the corpus (upload, removal, sync, rebuild); they exist only where changes are allowed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from rag import CorpusError, QueryError, RagError
from rag.schema import FailureOut, Problem
from rag.server.corpus_changes import Busy, Change, Changes
from rag.server.corpus_folder import FileThere, forget_leftovers, incoming, keep, place_of
from rag.server.guard import UPLOADS
from rag.server.problems import Refused, add_refusals
from rag.web.i18n import Words, preferred_language, words


class Stored(BaseModel):
    """A file that has arrived."""

    name: str = Field(description="path inside the corpus folder")
    state: Literal["stored", "same"] = Field(description="same: a file with this name and content was there already")


class Removal(BaseModel):
    """The article to remove."""

    id: str = Field(description="the article's id", max_length=4_000)
    sha256: str = Field(description="of its text; another text is not removed", pattern="^[0-9a-f]{64}$")


_REFUSED: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": text}
    for status, text in (
        (400, "The file did not arrive whole"),
        (404, "There is no such article"),
        (409, "Another file has this name, or a change is under way"),
        (422, "The name cannot be used, or the article has changed or cannot be removed alone"),
    )
}
_BODY = {
    "requestBody": {
        "description": "the file as it is",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _spoken(
    accept_language: Annotated[
        str | None, Header(description="in which language reasons are given: en, ro, sl")
    ] = None,
) -> Words:
    return words(preferred_language(accept_language))


_Spoken = Annotated[Words, Depends(_spoken)]


def _told(change: Change, say: Words) -> Change:
    """Return the state with its reasons in the reader's language."""
    failed = [FailureOut.of(one.record(), say.language) for one in change.failed]
    detail = RagError(change.code, **change.facts).message(say.language) if change.code else ""
    return change.model_copy(update={"detail": detail, "failed": failed})


def add_changes(app: FastAPI, changes: Changes) -> None:
    """Add the routes: take a file, remove an article, index what has changed or everything, and tell how it goes on."""
    forget_leftovers(changes.folder)
    add_refusals(app)
    router = APIRouter(prefix="/api/corpus", tags=["changes"], responses=_REFUSED)

    @router.get("")
    def state(say: _Spoken) -> Change:
        """Tell what is under way and what came of the last change."""
        return _told(changes.state(), say)

    @router.put(UPLOADS.removeprefix("/api/corpus") + "/{name:path}", status_code=201, openapi_extra=_BODY)
    async def store(
        name: str,
        request: Request,
        replace: Annotated[bool, Query(description="take another's place")] = False,
    ) -> Stored:
        """Take a file into the corpus folder, from the body as it is; it is searched after the next `sync`."""
        try:
            place_of(changes.folder, name)
            with incoming(changes.folder) as (arrived, file):
                async for chunk in request.stream():
                    await run_in_threadpool(file.write, chunk)
                file.flush()
                new = keep(arrived, changes.folder, name, replace=replace)
        except ClientDisconnect as error:
            raise Refused(400, CorpusError("upload_cut_short")) from error
        except FileThere as error:
            raise Refused(409, error) from error
        except CorpusError as error:
            raise Refused(422, error) from error
        return Stored(name=name, state="stored" if new else "same")

    @router.post("/sync", status_code=202)
    def sync(say: _Spoken) -> Change:
        """Begin to index what has changed in the corpus folder."""
        try:
            return _told(changes.sync(), say)
        except Busy as error:
            raise Refused(409, error) from error

    @router.post("/rebuild", status_code=202)
    def rebuild(say: _Spoken) -> Change:
        """Begin to make the index anew from the corpus folder; the present one answers until that is done."""
        try:
            return _told(changes.rebuild(), say)
        except Busy as error:
            raise Refused(409, error) from error

    @router.post("/remove", status_code=202)
    def remove(article: Removal, say: _Spoken) -> Change:
        """Begin to remove an article and its file.

        Its id is in the body: in an address, a browser would take `x/../y` for `y`.
        """
        try:
            return _told(changes.remove(article.id, article.sha256), say)
        except Busy as error:
            raise Refused(409, error) from error
        except QueryError as error:
            raise Refused(404, error) from error
        except CorpusError as error:
            raise Refused(422, error) from error

    app.include_router(router)
