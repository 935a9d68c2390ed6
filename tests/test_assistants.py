"""A real client session with the server for assistants, over a real index of the seeds."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from rag import Index
from rag.cli import main
from rag.service import Service
from rag.web.assistants import create_mcp_server

SEEDS = Path(__file__).parent.parent / "seeds"
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"


@pytest.fixture(scope="module")
def index(seeds_index: Index) -> Index:
    return seeds_index


def call(index: Index, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    async def session() -> list[Any]:
        async with Client(create_mcp_server(Service(index))) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(session)


def test_the_tools_describe_themselves_and_every_argument(index: Index) -> None:
    async def session() -> Any:
        async with Client(create_mcp_server(Service(index))) as client:
            return (await client.list_tools()).tools

    tools = anyio.run(session)
    assert [tool.name for tool in tools] == ["answer", "retrieve", "document"]
    for tool in tools:
        assert tool.description and tool.output_schema
        assert all(about.get("description") for about in tool.input_schema["properties"].values())


def test_a_quote_can_be_opened_at_its_words(index: Index) -> None:
    (found,) = call(index, ("answer", {"question": CONDITION, "k": 3}))
    data = found.structured_content
    assert data["abstained"] is False and len(data["hits"]) == 3
    quote = data["quotes"][0]
    (opened,) = call(index, ("document", {"document_id": quote["citation"]["document_id"]}))
    document = opened.structured_content
    assert document["text"][quote["citation"]["start"] : quote["citation"]["end"]] == quote["text"]
    assert document["sha256"] == quote["citation"]["sha256"]


def test_passages_are_those_of_the_python_function(index: Index) -> None:
    (found,) = call(index, ("retrieve", {"question": CONDITION, "languages": ["sl"]}))
    places = [(hit["document"]["id"], hit["passage"]["start"]) for hit in found.structured_content["hits"]]
    assert places and all(name.startswith("004_") for name, _ in places)


def test_what_cannot_be_done_is_said_in_one_line(index: Index) -> None:
    gone, empty = call(index, ("document", {"document_id": "none.txt"}), ("answer", {"question": " "}))
    assert gone.is_error and "none.txt" in gone.content[0].text
    assert empty.is_error and "empty" in empty.content[0].text
    assert "Traceback" not in gone.content[0].text + empty.content[0].text


def test_the_command_line_serves_an_assistant_and_ask_prints_the_same_schema(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(index.info()["index"])
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "rag.cli", "mcp", "--index", folder], env=dict(os.environ), cwd=SEEDS.parent
    )

    async def session() -> Any:
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("answer", {"question": CONDITION, "k": 3})

    assert main(["ask", CONDITION, "-k", "3", "--json", "--index", folder]) == 0
    assert anyio.run(session).structured_content == json.loads(capsys.readouterr().out)
