"""One form for all faces: what Python, HTTP, an assistant and the command line say to one question, field by field."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from conftest import SEEDS
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp.client.client import Client
from pydantic import BaseModel

import rag
from rag import Index, schema
from rag.cli.commands import main
from rag.server.api import add_api
from rag.server.exports import FORMATS, to_json
from rag.server.mcp import create_mcp_server
from rag.service import Service

PAGE = Path(__file__).parent.parent / "docs" / "schema.md"
QUESTIONS = [
    "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?",
    "Care este prețul unui bilet de tren de la București la Cluj?",  # the corpus does not say
    "Kdo se je januarja 2026 sestal v Parizu?",  # has a date
]

# What a record has and its form does not: ids of rows, and what stands beside it already.
LEFT_OUT: dict[str, set[str]] = {
    "Passage": {"id"},
    "Document": {"text", "sha256", "masked", "pages", "evidence", "modified"},
    "Standing": {"citation", "document"},
}
FORMS: Mapping[type, type[BaseModel]] = {
    rag.Answer: schema.AnswerOut,
    rag.Hit: schema.HitOut,
    rag.Passage: schema.PassageOut,
    rag.Document: schema.DocumentOut,
    rag.Citation: schema.CitationOut,
    rag.Quote: schema.QuoteOut,
    rag.Match: schema.MatchOut,
    rag.Agreement: schema.AgreementOut,
    rag.Period: schema.PeriodOut,
    rag.Version: schema.VersionOut,
    rag.Standing: schema.StandingOut,
    rag.Sentence: schema.SentenceOut,
    rag.Generation: schema.GenerationOut,
}


@pytest.fixture(scope="module")
def client(seeds_index: Index) -> TestClient:
    app = FastAPI()
    add_api(app, Service(seeds_index))
    return TestClient(app)


def as_shown(record: object) -> Any:
    """Return what a record should look like to a program: its own fields by their own names, and nothing else."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        name = type(record).__name__
        names = [field.name for field in dataclasses.fields(record) if field.name not in LEFT_OUT.get(name, ())]
        return {name: as_shown(getattr(record, name)) for name in names}
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, Mapping):
        return {key: as_shown(value) for key, value in record.items()}
    if isinstance(record, Sequence) and not isinstance(record, str):
        return [as_shown(item) for item in record]
    return record


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return the paths at which two JSON values differ, to the last digit."""
    if isinstance(one, dict) and isinstance(other, dict):
        paths = [f"{path}.{name} is in one only" for name in one.keys() ^ other.keys()]
        return paths + [
            d for name in one.keys() & other.keys() for d in differences(one[name], other[name], f"{path}.{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [d for n, (a, b) in enumerate(zip(one, other, strict=True)) for d in differences(a, b, f"{path}[{n}]")]
    return [] if one == other and type(one) is type(other) else [f"{path}: {one!r} and {other!r}"]


def by_assistant(index: Index, tool: str, question: str) -> Any:
    async def session() -> Any:
        async with Client(create_mcp_server(Service(index))) as client:
            return await client.call_tool(tool, {"question": question, "k": 3})

    return anyio.run(session).structured_content


def by_command(capsys: pytest.CaptureFixture[str], index: Index, command: str, question: str) -> Any:
    capsys.readouterr()
    status = main([command, question, "-k", "3", "--json", "--index", str(index.info()["index"])])
    shown = json.loads(capsys.readouterr().out)
    assert status == (3 if shown.get("abstained") else 0)
    return shown


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_have_one_form_whoever_asks(
    client: TestClient, seeds_index: Index, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    expected = {"hits": as_shown(seeds_index.retrieve(question, 3))}
    assert [hit["rank"] for hit in expected["hits"]] == [1, 2, 3]
    over_http = client.get("/api/retrieve", params={"q": question, "k": 3}).json()
    assert differences(over_http, expected) == []
    assert differences(by_assistant(seeds_index, "retrieve", question), expected) == []
    assert differences(by_command(capsys, seeds_index, "retrieve", question), expected) == []


def test_nothing_that_programs_get_names_a_folder_of_the_server(client: TestClient, seeds_index: Index) -> None:
    answer = seeds_index.answer(QUESTIONS[0], 3)
    texts = [client.get(path, params={"q": QUESTIONS[0]}).text for path in ("/api/answer", "/api/retrieve")]
    texts += [client.get("/api/documents").text, client.get(f"/api/documents/{answer.hits[0].document.id}").text]
    texts += [write(answer, lambda citation: "http://x/") for _, write in FORMATS.values()]
    assert all(answer.hits[0].document.title[:20] in text or "003_569c" in text for text in texts)
    assert not [text for text in texts if str(SEEDS) in text or "/seeds/" in text]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_has_one_form_whoever_asks(
    client: TestClient, seeds_index: Index, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    answer = seeds_index.answer(question, 3)
    expected = as_shown(answer)
    assert expected["question"] == question and len(expected["hits"]) == 3
    over_http = client.get("/api/answer", params={"q": question, "k": 3}).json()
    assert differences(over_http, expected) == []
    assert differences(by_assistant(seeds_index, "answer", question), expected) == []
    assert differences(by_command(capsys, seeds_index, "ask", question), expected) == []
    kept = {hit.rank for hit in (answer.sources or answer.closest)}  # an export holds no related passages
    expected["hits"] = [hit for hit in expected["hits"] if hit["rank"] in kept]
    assert kept and differences(json.loads(to_json(answer)), expected) == []


def test_the_questions_show_every_kind_of_record(seeds_index: Index) -> None:
    first, second, third = (seeds_index.answer(question, 3) for question in QUESTIONS)
    assert first.quotes and first.agreement and first.hits[0].matches and second.abstained and third.periods


def test_a_difference_is_named_by_its_path() -> None:
    assert differences({"a": [{"b": 1}]}, {"a": [{"b": 1.0}]}) == [".a[0].b: 1 and 1.0"]
    assert differences({"a": 1, "c": 2}, {"a": 1}) == [".c is in one only"]


@pytest.mark.parametrize("record", FORMS, ids=lambda record: record.__name__)
def test_no_field_of_a_record_is_forgotten(record: type) -> None:
    own = [field.name for field in dataclasses.fields(record)]
    assert set(FORMS[record].model_fields) == set(own) - LEFT_OUT.get(record.__name__, set())
    if record is rag.Document:
        assert set(schema.WholeDocumentOut.model_fields) == {*own, "url"}


def documented() -> str:
    """Return the page that describes every field, from the descriptions that stand beside the fields."""
    lines = [
        "# What programs get",
        "",
        "The same records from `GET /api/answer` and `/api/retrieve`, from the tools `answer` and `retrieve` of an assistant, from `rag ask --json` and",
        "`rag retrieve --json`, and, under the same names, from `rag.answer` and `rag.retrieve` in Python. The file `/openapi.json` of a served page is the",
        "same for machines. Dates are ISO 8601. Offsets count Unicode code points from 0; `end` is one past the last character.",
        "",
        "An error has a `code` (a stable name), `facts` (names, sizes and limits) and a `message` (one line, with what to do): as the body of a status from",
        "400, as the text of a tool that failed, and with `--json` as `error` on standard output.",
    ]
    for name, form in vars(schema).items():
        given = isinstance(form, type) and issubclass(form, BaseModel) and form not in (BaseModel, schema.Selection)
        if not given or name.startswith("_"):
            continue
        about = " ".join((form.__doc__ or "").split())
        lines += ["", f"## {name.removesuffix('Out')}", "", about, "", "| field | type | meaning |", "|---|---|---|"]
        for field, part in form.model_json_schema(ref_template="{model}").get("properties", {}).items():
            lines.append(f"| `{field}` | {kind(part)} | {part['description']} |")
    return "\n".join(lines) + "\n"


def kind(part: Mapping[str, Any]) -> str:
    """Return the type of a field in words."""
    if "anyOf" in part:
        return " or ".join(kind(one) for one in part["anyOf"])
    if "$ref" in part:
        return f"[{part['$ref'].removesuffix('Out')}](#{part['$ref'].removesuffix('Out').lower()})"
    if "prefixItems" in part:
        return "pair of " + kind(part["prefixItems"][0])
    if part.get("type") == "array":
        return "list of " + kind(part["items"])
    if part.get("type") == "object":
        return "object of " + kind(part["additionalProperties"])
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    return str(part.get("format") or part["type"])


def test_the_page_describes_every_field_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == documented(), "write it anew: python tests/test_schema.py"


if __name__ == "__main__":
    PAGE.write_text(documented(), encoding="utf-8")
