"""The routes that change the corpus (upload, removal, sync, rebuild); they exist only where changes are allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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


class Seen(BaseModel):
    """An article as it was seen."""

    id: str = Field(description="the article's id", max_length=4_000)
    sha256: str = Field(description="of its text; another text is not removed", pattern="^[0-9a-f]{64}$")


class Removal(BaseModel):
    """What to remove, all of it or nothing."""

    articles: list[Seen] = Field(default=[], max_length=1_000, description="articles, which go with their files")
    files: list[str] = Field(default=[], max_length=1_000, description="files that could not be read")


class Corrected(BaseModel):
    """What is corrected of an article: what is left out stays, null states that there is none."""

    id: str = Field(description="the article's id", max_length=4_000)
    title: str | None = Field(default=None, max_length=500)
    outlet: str | None = Field(default=None, max_length=200)
    author: str | None = Field(default=None, max_length=200)
    published: date | None = Field(default=None, description="ISO 8601 date")
    discard: bool = Field(default=False, description="take all corrections back instead")


class Address(BaseModel):
    """A page of the web."""

    address: str = Field(max_length=2_000, description="https:// or http://")


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


def _begun(begin: Callable[[], Change], say: Words) -> Change:
    """Begin a change.

    Raises:
        Refused: it cannot begin.
    """
    try:
        return _told(begin(), say)
    except Busy as error:
        raise Refused(409, error) from error
    except QueryError as error:
        raise Refused(404, error) from error
    except CorpusError as error:
        raise Refused(422, error) from error


def add_changes(app: FastAPI, changes: Changes, *, fetching: bool = False) -> None:
    """Add the routes that change the corpus and tell how a change goes on; with `fetching` one that adds an address."""
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
        return _begun(changes.sync, say)

    @router.post("/rebuild", status_code=202)
    def rebuild(say: _Spoken) -> Change:
        """Begin to make the index anew from the corpus folder; the present one answers until that is done."""
        return _begun(changes.rebuild, say)

    @router.post("/remove", status_code=202)
    def remove(removal: Removal, say: _Spoken) -> Change:
        """Begin to remove articles, with their files, and files that could not be read; `restore` undoes it.

        Ids are in the body: in an address, a browser would take `x/../y` for `y`.
        """
        seen = {one.id: one.sha256 for one in removal.articles}
        return _begun(lambda: changes.remove(seen, removal.files), say)

    @router.post("/restore", status_code=202)
    def restore(say: _Spoken) -> Change:
        """Begin to put back what was removed last; that is possible for ten minutes."""
        return _begun(changes.restore, say)

    @router.post("/correct", status_code=202)
    def correct(corrected: Corrected, say: _Spoken) -> Change:
        """Begin to correct title, outlet, author or date of an article by hand; kept when its file is read again."""
        given = corrected.model_dump(include=corrected.model_fields_set - {"id", "discard"})
        return _begun(lambda: changes.correct(corrected.id, None if corrected.discard else given), say)

    if fetching:

        @router.post("/address", status_code=202)
        def add_address(page: Address, say: _Spoken) -> Change:
            """Begin to fetch a page from the network, as its robots.txt allows, and to add it."""
            return _begun(lambda: changes.add_address(page.address), say)

    app.include_router(router)
