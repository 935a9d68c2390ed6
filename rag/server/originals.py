"""The files that articles came from: as a download, or a page of a PDF as an image with the cited words marked."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, Response

from rag import CorpusError, Index, QueryError, ReadError
from rag.recent import Recent
from rag.schema import Problem
from rag.server.corpus_folder import place_of
from rag.server.problems import Refused

_AT_ONCE = 2
"""Pages drawn at once; each takes a process."""

_KEPT = 32  # images, of some 0.3 MB

# Whatever a file holds is saved and not shown: nothing in it may run with the rights of the page.
_NOT_SHOWN = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store"}

_Id = Annotated[str, Query(max_length=4_000, description="the article")]
_Digest = Annotated[str, Query(pattern="^[0-9a-f]{16,64}$", description="SHA-256 of its text; the first 16 digits do")]


def add_originals(app: FastAPI, index: Index, folder: Path) -> None:
    """Add the routes for the files of a corpus folder."""
    limiter = CapacityLimiter(_AT_ONCE)
    images = Recent[bytes](most=_KEPT)
    refusals: dict[int | str, dict[str, object]] = {
        404: {"model": Problem, "description": "There is no such article, or its file is not in the folder"},
        422: {"model": Problem, "description": "The page cannot be drawn, or a value is missing"},
    }

    def file_of(document_id: str) -> Path:
        infos = index.infos([document_id])
        path = original(folder, infos[0].origin if infos else None)
        if path is None:
            raise Refused(404, QueryError("article_unknown", id=document_id))
        return path

    @app.get("/original", tags=["documents"], response_class=Response, responses=refusals)
    def download(document_id: _Id) -> Response:
        """Save the file that an article came from, as it is in the corpus folder."""
        path = file_of(document_id)
        return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=_NOT_SHOWN)

    def drawn(document_id: str, sha256: str, start: int, end: int) -> bytes:
        try:
            document = index.document(document_id, sha256=sha256)
        except QueryError as error:
            raise Refused(404, error) from error
        path = file_of(document_id)
        page = document.page_at(start) or 1
        status = path.stat()
        words = document.text[start:end]
        key = (path, status.st_mtime_ns, status.st_size, page, words)
        try:
            return images.get(key, lambda: index.page_image(path, page, words))
        except ReadError as error:
            raise Refused(422, error) from error

    @app.get("/original/page", tags=["documents"], response_class=Response, responses=refusals)
    async def page(
        document_id: _Id,
        sha256: _Digest,
        start: Annotated[int, Query(ge=0, le=2**40, description="first character cited")] = 0,
        end: Annotated[int, Query(ge=0, le=2**40, description="one past the last")] = 0,
    ) -> Response:
        """Return the page of a PDF on which cited words stand, as an image with the words marked."""
        end = min(end, start + 20_000)
        image = await to_thread.run_sync(partial(drawn, document_id, sha256, start, end), limiter=limiter)
        return Response(image, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def original(folder: Path, origin: str | None) -> Path | None:
    """Return the file that an article came from, where it is in the folder."""
    if origin is None or "://" in origin:
        return None
    try:
        path = place_of(folder, origin)
    except CorpusError:
        return None
    return path if path.is_file() else None
