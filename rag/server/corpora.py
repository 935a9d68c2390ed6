"""Several corpora on one server: their names, and which of them a request is for.

The first is at ``/``, as a single one is; each other one has a page at ``/c/NAME/``. The HTTP interface of each is at
``/api/NAME/...``, and that of the first at ``/api/...`` too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import SettingsError

_NAMED = re.compile(r"(?P<name>[\w-]{1,40})=(?P<place>.+)")
_RESERVED = {"answer", "citation", "corpora", "corpus", "documents", "retrieve", "versions"}
"""What stands in the place of a corpus's name in ``/api/NAME`` already."""

_PAGE = re.compile(r"/c/(?P<name>[^/]+)(?P<rest>/.*)?", re.DOTALL)
_API = re.compile(r"/api/(?P<name>[^/]+)(?P<rest>/.+)", re.DOTALL)


def name_corpora(indexes: Sequence[Path | str]) -> dict[str, Path]:
    """Return the indexes by name: as given (``NAME=DIR``), else that of the folder, or of the one that holds ``index``.

    Raises:
        SettingsError: a name is there twice, or cannot be used in an address.
    """
    found: dict[str, Path] = {}
    for given in indexes:
        named = _NAMED.fullmatch(str(given))
        place = Path(named["place"] if named else given)
        folder = place.resolve()
        own = folder.parent.name if folder.name == "index" else folder.name
        name = named["name"] if named else re.sub(r"[^\w-]+", "-", own).strip("-")[:40] or "index"
        if len(indexes) > 1 and (name in found or name in _RESERVED):
            raise SettingsError("corpus_name_taken", name=name)
        found[name] = place
    return found


def page_of(name: str, names: Sequence[str]) -> str:
    """Return the path of a corpus's page, without the slash at its end; that of the first one is empty."""
    return "" if name == names[0] else f"/c/{name}"


class Corpora:
    """The applications of several corpora as one: each gets the requests that `CorpusPaths` found to be for it."""

    def __init__(self, applications: Mapping[str, FastAPI]) -> None:
        self._applications = applications
        self._names = tuple(applications)
        self._lifespan = Starlette(lifespan=self._live)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with its whole address, of which the corpus's part is the root."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        name = scope.get("corpus", self._names[0])
        if root := page_of(name, self._names):
            scope["path"], scope["root_path"] = root + scope["path"], root  # in place: the guard reads the route of it
        await self._applications[name](scope, receive, send)

    @asynccontextmanager
    async def _live(self, app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for application in self._applications.values():
                await stack.enter_async_context(application.router.lifespan_context(application))
            yield


class CorpusPaths:
    """Finds the corpus of a request by its address, and makes of it the address of a single corpus.

    It stands before the guard, whose limits and exceptions go by address and so hold for every corpus.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = tuple(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request."""
        if scope["type"] == "http":
            found = _PAGE.fullmatch(scope["path"]) or _API.fullmatch(scope["path"])
            if found is not None and found["name"] in self._names:
                if found["rest"] is None:  # a page's own addresses are relative to its folder
                    query = scope["query_string"].decode("latin-1")
                    await RedirectResponse(f"{found['name']}/{f'?{query}' if query else ''}")(scope, receive, send)
                    return
                rest = found["rest"] if found.re is _PAGE else f"/api{found['rest']}"
                scope = {**scope, "path": rest, "raw_path": rest.encode(), "corpus": found["name"]}
        await self._app(scope, receive, send)
