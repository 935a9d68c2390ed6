"""A real server, guarded and with everything on it: no input breaks the contract, and every refusal has one form."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.load import serving as serving_apart
from rag import Index, QueryError
from rag.schema import Problem
from rag.server import listen
from rag.server.app import create_app, make_server
from rag.server.auth import Accounts, make_account
from rag.server.exchange import REFUSALS
from rag.server.options import Terms

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTION = "/api/answer?q=Cine+l-a+invitat+pe+Zelenski+la+Moscova%3F"
ANA = make_account("ana", "correct horse")
KNOWN = {"Authorization": "Basic " + base64.b64encode(b"ana:correct horse").decode()}
REFUSING = {"/api/retrieve", "/api/answer", "/api/documents", "/api/citation"}
"""Routes that take more than a name, which may be anything."""

PROTECTING = ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options")


def application(index: Index, terms: Terms) -> FastAPI:
    """Make the application. Gradio opens an event loop and leaves it so, unless one is running."""

    async def make() -> FastAPI:
        return create_app(index, terms)

    return asyncio.run(make())


@contextmanager
def serving(index: Index, terms: Terms) -> Iterator[int]:
    """Serve an index as `rag serve` does, from a thread; yield the port."""
    with listen(replace(terms, port=0)) as listener:
        server = make_server(application(index, terms), terms)
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            running.join(60)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Path]]:
    """An index of its own, as its corpus is changed."""
    folder = tmp_path_factory.mktemp("contract") / "corpus"
    folder.mkdir()
    for seed in ("003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt"):
        shutil.copy(SEEDS / seed, folder)
    with Index.create(folder.parent / "index") as index:
        index.sync(folder)
        yield index, folder


def ask(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, http.client.HTTPMessage, Any]:
    """Return status, headers and body of one request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    return (
        response.status,
        response.headers,
        json.loads(content) if "json" in str(response.headers["Content-Type"]) else content,
    )


def check_refusal(status: int, headers: http.client.HTTPMessage, body: Any) -> str:
    """Check the form that every refusal has, and return its line."""
    assert headers["Content-Type"] == "application/json", status
    assert all(headers[name] for name in PROTECTING), status
    assert set(body) in ({"detail"}, {"detail", "code", "facts", "message"})
    problem = Problem.model_validate(body)
    detail = problem.detail
    assert problem.message in ("", detail)
    assert detail and "\n" not in detail and "Traceback" not in detail
    return detail


# -- what is documented -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_input_breaks_the_contract_of_any_route(place: tuple[Index, Path], mode: GenerationMode) -> None:
    index, folder = place
    with serving_apart(Path(str(index.info()["index"])), folder) as (port, _):
        found = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json").get_all_operations()
        operations = [result.ok() for result in found if isinstance(result, Ok)]
        assert {(operation.method.upper(), operation.path) for operation in operations} == {
            ("GET", "/api/retrieve"), ("GET", "/api/answer"), ("GET", "/api/documents"),
            ("GET", "/api/documents/{document_id}"), ("GET", "/api/corpora"), ("GET", "/original"),
            ("GET", "/original/page"), ("GET", "/api/versions"), ("GET", "/api/citation"),
            ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/export.{kind}"),
            ("GET", "/api/corpus"), ("PUT", "/api/corpus/files/{name}"), ("POST", "/api/corpus/sync"),
            ("POST", "/api/corpus/rebuild"), ("POST", "/api/corpus/remove"), ("POST", "/api/corpus/restore"),
            ("POST", "/api/corpus/correct"),
        }  # fmt: skip
        checks = [not_a_server_error, response_schema_conformance, status_code_conformance, content_type_conformance]
        for operation in operations:
            if mode is GenerationMode.NEGATIVE and operation.path not in REFUSING:
                continue

            @given(case=operation.as_strategy(mode))
            @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
            def check(case: schemathesis.Case[Any]) -> None:
                case.call_and_validate(checks=checks)

            check()


def test_what_a_request_may_be_refused_with_is_documented_for_every_route(place: tuple[Index, Path]) -> None:
    index, folder = place
    described = application(index, Terms(corpus=folder)).openapi()
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            assert {str(status) for status in REFUSALS} <= about["responses"].keys(), (method, path)
            for status, response in about["responses"].items():
                if status >= "400" and (path, status) != ("/readyz", "503"):  # it says its state
                    assert response["content"]["application/json"]["schema"]["$ref"].endswith("/Problem"), (
                        path,
                        status,
                    )
            for parameter in about.get("parameters", []):
                assert parameter["in"] == "path" or parameter.get("description"), (path, parameter["name"])


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_every_refusal_has_the_headers_and_the_documented_body(place: tuple[Index, Path]) -> None:
    index, folder = place
    terms = Terms(
        corpus=folder, accounts=Accounts.read(ANA), allow_changes=True, rate=2, body_bytes=100, upload_bytes=200,
        body_seconds=0.5,
    )  # fmt: skip
    with serving(index, terms) as port:
        refusals = {
            "401": ask(port, "/"),
            "401 wrong": ask(port, QUESTION, headers={"Authorization": "Bearer x"}),
            "403": ask(port, "/api/corpus/sync", "POST", {**KNOWN, "Origin": "http://evil.example"}),
            "404": ask(port, "/api/documents/none", headers=KNOWN),
            "404 route": ask(port, "/api/none", headers=KNOWN),
            "404 page": ask(port, "/none", headers=KNOWN),
            "404 export": ask(port, "/export.pdf?q=x", headers=KNOWN),
            "404 queue": ask(port, "/gradio_api/queue/join", "POST", KNOWN, b"{}"),
            "413": ask(port, "/mcp", "POST", KNOWN, b"0" * 101),
            "413 file": ask(port, "/api/corpus/files/a.txt", "PUT", KNOWN, b"0" * 201),
            "422": ask(port, "/api/answer?q=", headers=KNOWN),
            "422 value": ask(port, "/api/answer?q=x&k=0&published_from=soon", headers=KNOWN),
            "422 missing": ask(port, "/api/citation?document_id=x", headers=KNOWN),
        }
        with socket.create_connection(("127.0.0.1", port), 60) as line:
            known = f"Authorization: {KNOWN['Authorization']}"
            line.sendall(f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{known}\r\nContent-Length: 9\r\n\r\n0".encode())
            slow = http.client.HTTPResponse(line)
            slow.begin()
            refusals["408"] = slow.status, slow.headers, json.loads(slow.read())
        assert [ask(port, QUESTION, headers=KNOWN)[0] for _ in range(2)] == [200, 200]
        refusals["429"] = ask(port, QUESTION, headers=KNOWN)
    said = {name: check_refusal(*refusal) for name, refusal in refusals.items()}
    assert {name: refusal[0] for name, refusal in refusals.items()} == {name: int(name[:3]) for name in refusals}
    assert refusals["401"][1]["WWW-Authenticate"].startswith("Basic ")
    assert 1 <= int(refusals["429"][1]["Retry-After"]) <= 30 and said["429"].startswith(
        "Too many questions. Come back in"
    )
    assert said["422 value"] == (
        "The request cannot be used: k: Input should be greater than or equal to 1; published_from: Input should be a valid date or datetime, "
        "input is too short. Correct it"
    )
    assert said["422 missing"].startswith("The request cannot be used: sha256: Field required; start: Field required")


def test_a_name_that_is_not_served_and_an_answer_that_takes_too_long_are_refused_alike(
    place: tuple[Index, Path],
) -> None:
    index, _ = place
    with serving(index, Terms(answer_seconds=0.0)) as port:
        foreign = ask(port, "/", headers={"Host": "evil.example"})
        late = ask(port, QUESTION)
    assert (foreign[0], late[0]) == (421, 503)
    assert "--open or --auth" in check_refusal(*foreign)
    assert check_refusal(*late) == "No answer within 0 s. Ask again, or for less"


def test_an_error_in_the_program_is_told_apart_from_what_was_asked(
    place: tuple[Index, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index, _ = place

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a private detail")

    def refuse(*_: object) -> None:
        raise QueryError("said\nin two lines")

    with serving(index, Terms()) as port:
        monkeypatch.setattr(index, "versions", fail)
        failed = ask(port, "/api/versions?document_id=x")
        monkeypatch.setattr(index, "versions", refuse)
        refused = ask(port, "/api/versions?document_id=x")
    assert (failed[0], check_refusal(*failed)) == (500, "An error occurred in the program. Its log says more")
    assert (refused[0], check_refusal(*refused)) == (422, "said in two lines")
    assert "ZeroDivisionError: a private detail" in capsys.readouterr().err


def test_what_is_answered_has_the_headers_too(place: tuple[Index, Path]) -> None:
    index, folder = place
    with serving(index, Terms(corpus=folder)) as port:
        for path in ("/", "/docs", "/api/corpus", "/healthz", "/metrics", "/export.md?q=Moscova", "/theme.css"):
            status, headers, _ = ask(port, path)
            assert status == 200, path
            assert all(len(headers.get_all(name, [])) == 1 for name in PROTECTING), path
