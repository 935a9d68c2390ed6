"""The HTTP interface over a real index of the seeds: the same answers as in Python, and no input breaks it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from rag import Citation, Document, Filters, Index
from rag.schema import AnswerOut
from rag.server.api import add_api
from rag.service import Service

SEEDS = Path(__file__).parent.parent / "seeds"
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
INVITED = "003_569c59af60f09498.txt"


@pytest.fixture(scope="module")
def index(seeds_index: Index) -> Index:
    return seeds_index


@pytest.fixture(scope="module")
def app(index: Index) -> FastAPI:
    app = FastAPI()
    add_api(app, Service(index))
    return app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def test_an_answer_is_that_of_the_python_function(client: TestClient, index: Index) -> None:
    response = client.get("/api/answer", params={"q": CONDITION, "k": 3})
    assert response.status_code == 200
    expected = index.answer(CONDITION, 3)
    assert response.json() == AnswerOut.model_validate(expected).model_dump(mode="json")
    assert [hit["rank"] for hit in response.json()["hits"]] == [1, 2, 3]


def test_every_citation_points_at_its_words(client: TestClient) -> None:
    data = client.get("/api/answer", params={"q": CONDITION}).json()
    assert data["hits"][0]["document"]["id"] == INVITED
    for place, words in [(q["citation"], q["text"]) for q in data["quotes"]] + [
        (h["citation"], h["passage"]["text"]) for h in data["hits"]
    ]:
        document = client.get(f"/api/documents/{place['document_id']}").json()
        assert document["text"][place["start"] : place["end"]] == words
        assert document["sha256"] == place["sha256"]


def test_an_article_says_when_it_was_changed_and_where_its_metadata_came_from(client: TestClient) -> None:
    document = client.get("/api/documents/001_cca8ae2506ca1769.txt").json()
    assert (document["url"], document["modified"]) == (None, "2026-01-08T21:59:00")
    assert document["evidence"] == dict.fromkeys(("title", "published", "modified", "language"), "text")


def test_filters_are_those_of_the_library(client: TestClient, index: Index) -> None:
    query: dict[str, str | int | list[str]] = {"q": CONDITION, "languages": ["sl", "ro"], "published_to": "2025-12-31"}
    found = client.get("/api/retrieve", params=query).json()["hits"]
    expected = index.retrieve(
        CONDITION, 5, filters=Filters(languages=frozenset({"sl", "ro"}), published_to=date(2025, 12, 31))
    )
    assert [(hit["document"]["id"], hit["passage"]["start"]) for hit in found] == [
        (hit.document.id, hit.passage.start) for hit in expected
    ]
    assert {hit["document"]["id"][:3] for hit in found} == {"002"}


def test_documents_are_listed_in_order_and_paged(client: TestClient) -> None:
    whole = client.get("/api/documents").json()
    part = client.get("/api/documents", params={"offset": 3, "limit": 1}).json()
    assert whole["total"] == 5 and [document["id"][:3] for document in whole["documents"]] == [
        "000", "001", "002", "003", "004",
    ]  # fmt: skip
    assert part["documents"] == whole["documents"][3:4]
    assert client.get(f"/api/documents/{INVITED}").json()["text"] == (SEEDS / INVITED).read_text(encoding="utf-8")


def test_a_citation_of_a_text_that_changed_opens_and_one_of_a_removed_article_says_so(tmp_path: Path) -> None:
    then, now = "Rain fell in Vienna. Nobody was hurt.", "Rain fell in Graz. Nobody was hurt."
    with Index.create(tmp_path) as index:
        index.add([Document(id="a/b.txt", text=then), Document(id="c", text=then)])
        old = index.document("a/b.txt")
        index.add([Document(id="a/b.txt", text=now)])
        new = index.document("a/b.txt")
        index.remove(["c"])
        app = FastAPI()
        add_api(app, Service(index))
        client = TestClient(app)
        for digest in (old.sha256, old.sha256[:16]):
            assert client.get("/api/documents/a/b.txt", params={"sha256": digest}).json()["text"] == then
        assert client.get("/api/documents/a/b.txt").json()["text"] == now
        (version,) = client.get("/api/versions", params={"document_id": "a/b.txt"}).json()["versions"]
        (expected,) = index.versions("a/b.txt")
        assert version == {
            "sha256": old.sha256, "stored": expected.stored.isoformat(),
            "replaced": expected.replaced.isoformat(), "characters": len(then),
        }  # fmt: skip

        def check(document_id: str, start: int, end: int) -> Any:
            cited: dict[str, str | int] = {"document_id": document_id, "sha256": old.sha256, "start": start, "end": end}
            return client.get("/api/citation", params=cited).json()

        stands, gone, removed = check("a/b.txt", 21, 37), check("a/b.txt", 13, 19), check("c", 0, 4)
        assert (stands["state"], stands["text"], stands["version"]) == ("changed", "Nobody was hurt.", version)
        place = stands["place"]
        assert (place["sha256"], now[place["start"] : place["end"]]) == (new.sha256, "Nobody was hurt.")
        assert (gone["state"], gone["text"], gone["place"], gone["present"]["id"]) == (
            "changed", "Vienna", None, "a/b.txt",
        )  # fmt: skip
        assert (removed["state"], removed["text"], removed["present"]) == ("removed", None, None)
        gone_since = index.check_citation(Citation(document_id="c", sha256=old.sha256, start=0, end=4)).removed
        assert gone_since is not None and removed["removed"] == gone_since.isoformat()
        missing = client.get("/api/documents/c", params={"sha256": old.sha256})
        assert missing.status_code == 404 and "of 'c' was removed on 2" in missing.json()["detail"]
        assert client.get("/api/documents/c", params={"sha256": "0123"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/answer?q=", 422, "empty"),
        ("/api/answer?q=x&k=0", 422, "greater than or equal to 1"),
        ("/api/answer?q=x&published_from=yesterday", 422, "date"),
        ("/api/answer?q=x&published_from=2026-02-01&published_to=2026-01-01", 422, "2026-02-01"),
        ("/api/documents/none.txt", 404, "none.txt"),
    ],
)
def test_bad_input_gets_a_reason(client: TestClient, path: str, status: int, said: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert said in response.text and "Traceback" not in response.text


def test_health_readiness_and_metrics(client: TestClient, seeds_index: Index) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    refinement = seeds_index.refinement()
    assert client.get("/readyz").json() == {
        "status": "ready",
        "documents": 5,
        "passages": refinement.passages if refinement else None,
        "refined": refinement.refined if refinement else None,
        "detail": None,
    }
    client.get("/api/retrieve", params={"q": "a very private question"})
    metrics = client.get("/metrics").text
    assert "izvor_documents 5.0" in metrics
    assert re.search(r'izvor_requests_total\{route="/api/retrieve",status="200"\} [1-9]', metrics)
    assert "private" not in metrics


def test_every_field_of_the_schema_is_described(app: FastAPI) -> None:
    parts = app.openapi()["components"]["schemas"]
    ours = {name: part for name, part in parts.items() if not name.startswith(("HTTPValidation", "Validation"))}
    assert {"AnswerOut", "HitOut", "QuoteOut", "CitationOut", "DocumentOut"} <= ours.keys()
    for name, part in ours.items():
        for field, about in part.get("properties", {}).items():
            assert about.get("description"), f"{name}.{field}"
    for path, methods in app.openapi()["paths"].items():
        for parameter in methods["get"].get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), f"{path}: {parameter['name']}"


def test_no_input_breaks_the_contract(app: FastAPI) -> None:
    found = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()
    operations = [result.ok() for result in found if isinstance(result, Ok)]
    assert len(operations) == 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        def check(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=[not_a_server_error, response_schema_conformance, status_code_conformance])

        check()
