"""A real client session with the server for assistants, over a real index of the seeds."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from rag import Document, Index
from rag.cli.commands import main
from rag.server.mcp import create_mcp_server
from rag.service import Service

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
    assert [tool.name for tool in tools] == ["answer", "retrieve", "document", "corpora", "outlets", "articles"]
    for tool in tools:
        assert tool.description and tool.output_schema
        assert all(about.get("description") for about in tool.input_schema["properties"].values())


def test_corpora_outlets_and_articles_are_listed_and_an_article_is_a_resource(tmp_path: Path) -> None:
    id_ = "https://example.org/a/../b?c=1 #2"
    own = Document(id=id_, text="Luni a plouat în oraș.", outlet="Ziarul", published=date(2026, 1, 5), language="ro")

    async def session(index: Index) -> Any:
        async with Client(create_mcp_server(Service(index))) as client:
            (template,) = (await client.list_resource_templates()).resource_templates
            assert template.uri_template == "izvor://documents/{document_id}"
            read = await client.read_resource(f"izvor://documents/{quote(id_, safe='')}")
            with pytest.raises(MCPError, match="none"):
                await client.read_resource("izvor://documents/none")
            return read.contents[0].model_dump()["text"]

    with Index.create(tmp_path / "press") as index:
        index.add([own, Document(id="b", text="Danes je v mestu deževalo.", language="sl")])
        corpora, outlets, articles = call(index, ("corpora", {}), ("outlets", {}), ("articles", {"offset": 1}))
        assert anyio.run(session, index) == own.text
    (corpus,) = corpora.structured_content["corpora"]
    assert (corpus["name"], corpus["articles"], corpus["last"]) == ("press", 2, "2026-01-05")
    assert str(tmp_path) not in json.dumps(corpora.structured_content)
    assert {"name": "Ziarul", "articles": 1} in outlets.structured_content["outlets"]
    listed = articles.structured_content
    assert (listed["total"], [one["id"] for one in listed["documents"]]) == (2, [id_])


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
    refused = json.loads(empty.content[0].text.partition(": ")[2])  # after "Error executing tool NAME"
    assert empty.is_error and refused == {
        "code": "question_empty", "facts": {}, "message": "The question is empty. Type a few words"
    }  # fmt: skip
    assert "Traceback" not in gone.content[0].text + empty.content[0].text


@pytest.mark.slow
def test_a_served_page_logs_what_programs_and_assistants_ask(index: Index) -> None:
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--log-questions"]
    command += ["--index", str(index.info()["index"])]
    with subprocess.Popen(command, cwd=SEEDS.parent, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        address = next(f[0] for line in process.stderr if (f := re.search(r"http://127\.0\.0\.1:\d+", line)))

        async def session() -> Any:
            async with Client(f"{address}/mcp") as client:
                return await client.call_tool("answer", {"question": CONDITION, "k": 1})

        answered = anyio.run(session).structured_content
        for path in ("/api/retrieve?q=Cine%3F", "/export.json?q=Unde%3F"):
            with urllib.request.urlopen(f"{address}{path}", timeout=60) as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in process.stderr.read().splitlines()]
        assert process.wait(60) == 0
    assert answered["hits"][0]["document"]["id"] == "003_569c59af60f09498.txt"
    asked = [(line["route"], line["questions"]) for line in lines if "questions" in line]
    assert asked == [("/mcp", [CONDITION]), ("/api/retrieve", ["Cine?"]), ("/export.{kind}", ["Unde?"])]


def test_the_command_line_serves_an_assistant_and_ask_prints_the_same_schema(
    index: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(index.info()["index"])
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag.cli", "mcp", "--index", folder],
        env=dict(os.environ),
        cwd=SEEDS.parent,
    )

    async def session() -> Any:
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("answer", {"question": CONDITION, "k": 3})

    assert main(["ask", CONDITION, "-k", "3", "--json", "--index", folder]) == 0
    assert anyio.run(session).structured_content == json.loads(capsys.readouterr().out)
