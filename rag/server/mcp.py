"""The Model Context Protocol for assistants: on standard input and output, or over HTTP beside the page.

An assistant that calls `answer` gets verbatim quotes with their places, and `document` opens any of them.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Annotated, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.mcpserver.resources import ResourceSecurity
from pydantic import Field

from rag import Index, RagError, __version__
from rag.schema import (
    AnswerOut,
    CorporaOut,
    CountOut,
    DocumentsOut,
    OutletsOut,
    RetrievalOut,
    Selection,
    WholeDocumentOut,
)
from rag.server.api import find, list_corpora, list_documents, respond
from rag.service import Service

_INSTRUCTIONS = (
    "Questions over a corpus of articles. Quote only the words that come back, and name their citation. "
    "When `abstained` is true, no answer was found in the articles: say so, and never answer from `hits`."
)


def create_mcp_server(service: Service, corpora: Mapping[str, Index] | None = None) -> MCPServer:
    """Return the server with its tools and resources over an open index; `corpora` are all that are served, by name."""
    server = MCPServer("izvor", title="Izvor", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool()
    @_taking_selection
    async def answer(**fields: object) -> AnswerOut:
        """Answer a question with verbatim quotes and their citations, or say that the corpus does not."""
        with _told():
            return await respond(service, Selection.model_validate(fields))

    @server.tool()
    @_taking_selection
    async def retrieve(**fields: object) -> RetrievalOut:
        """Find the passages that come nearest to a question, best first, whether or not they answer it."""
        with _told():
            return await service.run(find, service, Selection.model_validate(fields))

    @server.tool()
    def document(
        document_id: Annotated[str, Field(description="`document_id` of a citation")],
        sha256: Annotated[str | None, Field(description="`sha256` of it: the text cited, if it has changed")] = None,
    ) -> WholeDocumentOut:
        """Open an article: its text, into which the `start` and `end` of every citation point."""
        with _told():
            return WholeDocumentOut.model_validate(service.index.document(document_id, sha256=sha256))

    _add_lists(server, service.index, corpora)
    return server


def _add_lists(server: MCPServer, index: Index, served: Mapping[str, Index] | None) -> None:
    @server.tool()
    def corpora() -> CorporaOut:
        """List the corpora that can be asked, with the number, languages and dates of their articles."""
        with _told():
            return list_corpora(index, served)

    @server.tool()
    def outlets() -> OutletsOut:
        """List the outlets whose articles the corpus holds; a name can be given as `outlets` of a question."""
        with _told():
            counts = index.facets().outlets.items()
            return OutletsOut(outlets=[CountOut(name=name, articles=n) for name, n in counts])

    @server.tool()
    def articles(
        offset: Annotated[int, Field(ge=0, description="how many to leave out before the first")] = 0,
        limit: Annotated[int, Field(ge=1, le=1000, description="how many at most")] = 100,
    ) -> DocumentsOut:
        """List the articles of the corpus by id, without their texts; `document` opens one."""
        with _told():
            return list_documents(index, offset, limit)

    @server.resource(
        "izvor://documents/{document_id}",
        name="document",
        title="Article",
        description="The text of an article, exactly as read, by its id in percent encoding.",
        mime_type="text/plain",
        security=ResourceSecurity(exempt_params={"document_id"}),  # it names a row of the index, never a file
    )
    def text(document_id: str) -> str:
        try:
            return index.document(document_id).text
        except RagError as error:
            raise ResourceError(str(error)) from error


@contextmanager
def _told() -> Iterator[None]:
    """Pass an error of this package on as JSON: its code, facts and message; of other errors nothing is passed on."""
    try:
        yield
    except RagError as error:
        raise ToolError(json.dumps(error.to_dict(), ensure_ascii=False)) from error


Tool = TypeVar("Tool", bound=Callable[..., object])


def _taking_selection(tool: Tool) -> Tool:
    """Give a tool the fields of `Selection` as its arguments, by the signature that it is described from."""
    parameters = []
    for name, field in Selection.model_fields.items():
        about = copy(field)
        about.alias = about.validation_alias = about.serialization_alias = None  # those are for addresses
        default = inspect.Parameter.empty if field.is_required() else field.default
        taken = field.annotation if field.is_required() else field.annotation | None  # type: ignore[operator]
        annotation = Annotated[taken, about]  # type: ignore[valid-type]
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    tool.__dict__["__signature__"] = inspect.signature(tool, eval_str=True).replace(parameters=parameters)
    return tool
