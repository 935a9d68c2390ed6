"""The same answers for assistants, over the Model Context Protocol: on standard input and output, or beside the page.

An assistant that calls `answer` gets verbatim quotes with their places, and `document` opens any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from rag import RagError, __version__
from rag.schema import AnswerOut, RetrievalOut, WholeDocumentOut
from rag.server.api import K_MAX, Selection, find, respond
from rag.service import Service

_INSTRUCTIONS = (
    "Questions over a corpus of articles. Quote only the words that come back, and name their citation. "
    "When `abstained` is true the corpus does not say: say so, do not answer from the nearest passages."
)

Question = Annotated[str, Field(description="the question, in any language")]
Count = Annotated[int, Field(ge=1, le=K_MAX, description="how many passages at most")]
Languages = Annotated[list[str] | None, Field(description="only articles in these languages (ISO 639-1)")]
Outlets = Annotated[list[str] | None, Field(description="only articles of these outlets")]
First = Annotated[date | None, Field(description="only articles of this day or later")]
Last = Annotated[date | None, Field(description="only articles of this day or earlier")]
Collapse = Annotated[bool, Field(description="fold passages that repeat a better one into it")]


def create_mcp_server(service: Service) -> MCPServer:
    """Return the server with its three tools over an open index."""
    server = MCPServer("izvor", title="Izvor", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool()
    async def answer(
        question: Question,
        k: Count = 5,
        languages: Languages = None,
        outlets: Outlets = None,
        published_from: First = None,
        published_to: Last = None,
        collapse: Collapse = True,
    ) -> AnswerOut:
        """Answer a question with verbatim quotes and their citations, or say that the corpus does not."""
        asked = _selection(question, k, languages, outlets, published_from, published_to, collapse)
        with _told():
            return await service.turn(respond, service, asked)

    @server.tool()
    async def retrieve(
        question: Question,
        k: Count = 5,
        languages: Languages = None,
        outlets: Outlets = None,
        published_from: First = None,
        published_to: Last = None,
        collapse: Collapse = True,
    ) -> RetrievalOut:
        """Find the passages that come nearest to a question, best first, whether or not they answer it."""
        asked = _selection(question, k, languages, outlets, published_from, published_to, collapse)
        with _told():
            return await service.turn(find, service, asked)

    @server.tool()
    def document(
        document_id: Annotated[str, Field(description="`document_id` of a citation")],
        sha256: Annotated[str | None, Field(description="`sha256` of it: the text cited, if it has changed")] = None,
    ) -> WholeDocumentOut:
        """Open an article: its text, into which the `start` and `end` of every citation point."""
        with _told():
            return WholeDocumentOut.model_validate(service.index.document(document_id, sha256=sha256))

    return server


@contextmanager
def _told() -> Iterator[None]:
    """Pass our own errors on in their words; the assistant is told nothing about any other."""
    try:
        yield
    except RagError as error:
        raise ToolError(" ".join(str(error).split())) from error


def _selection(
    question: str,
    k: int,
    languages: list[str] | None,
    outlets: list[str] | None,
    published_from: date | None,
    published_to: date | None,
    collapse: bool,
) -> Selection:
    return Selection(
        q=question,
        k=k,
        languages=languages or [],
        outlets=outlets or [],
        published_from=published_from,
        published_to=published_to,
        collapse=collapse,
    )
