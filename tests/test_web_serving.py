"""Connections, the log, and stopping: the guard's server, and the program as it is started."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from guard_samples import ANA, Gate, application, basic, client

from rag import Document, Index
from rag.server import listen
from rag.server.app import Server, make_server
from rag.server.auth import Accounts
from rag.server.descriptors import idle_connections, raise_limit
from rag.server.options import Terms

ROOT = Path(__file__).parent.parent


@contextmanager
def serving(terms: Terms, gate: Gate | None = None) -> Iterator[tuple[Server, int]]:
    """Serve the small application from a thread; leaving the block asks it to stop, as SIGTERM does."""
    terms = replace(terms, port=0)
    with listen(terms) as listener, ThreadPoolExecutor(1) as beside:
        server = make_server(application(gate), terms)
        running = beside.submit(server.run, sockets=[listener])
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.handle_exit(signal.SIGTERM, None)
            running.result(timeout=60)


def fetch(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_client_that_stops_in_the_middle_of_a_request_is_let_go() -> None:
    with serving(Terms(body_seconds=0.2)) as (_, port), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(b"POST /taken HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n012")
        answer = line.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 408 ") and "The request did not end within 0.2 s" in answer


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])
def test_a_connection_on_which_nobody_asks_is_closed(sent: bytes) -> None:
    with serving(Terms(body_seconds=1)) as (_, port), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(sent)
        assert line.recv(1) == b""


def test_connections_that_never_ask_leave_descriptors_for_those_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.server.connection.idle_connections", lambda: 8)
    with serving(Terms()) as (_, port), ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 60)) for _ in range(20)]
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127")
        assert fetch(port, "/healthz") == (200, '"ok"')
        for line in lines[:12]:  # those that have waited longest
            with suppress(ConnectionResetError):
                assert line.recv(1) == b""
        lines[-1].sendall(b".0.0.1\r\n\r\n")
        assert lines[-1].recv(15) == b"HTTP/1.1 200 OK"


def test_a_server_raises_its_limit_of_open_files_and_keeps_some_for_itself() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert idle_connections() == 80
        raise_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == (min(4096, hard) if hard > 0 else 4096)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_request_may_come_in_pieces_and_another_after_it() -> None:
    gate = Gate()
    with serving(Terms(body_seconds=1), gate) as (_, port), socket.create_connection(("127.0.0.1", port), 60) as line:
        for part in (b"GET /slow HT", b"TP/1.1\r\nHost: 127.0.0.1\r", b"\n\r\n"):
            line.sendall(part)
            time.sleep(0.1)
        time.sleep(1.5)  # longer than the head of a request may take
        gate.opened.set()
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, answer.read()) == (200, b'"done"')
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, answer.read()) == (200, b'"ok"')


@pytest.mark.parametrize("sent", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000])
def test_what_is_no_request_is_refused_in_the_same_form(sent: bytes) -> None:
    with serving(Terms()) as (_, port), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, json.loads(answer.read())) == (400, {"detail": "this is no HTTP request"})


def test_what_is_written_is_sent_at_once_and_does_not_wait_for_the_client_to_acknowledge_what_came_before() -> None:
    async def accepted() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Line(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                line = transport.get_extra_info("socket")
                found.set_result(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        with listen(Terms(port=0)) as listener:
            server = await asyncio.get_running_loop().create_server(Line, sock=listener)
            with socket.create_connection(listener.getsockname()):
                set_at = await found
            server.close()
        return set_at

    assert asyncio.run(accepted()) == 1


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    gate = Gate()
    with serving(Terms(answer_seconds=0.2), gate) as (_, port):
        status, said = fetch(port, "/slow")
        gate.opened.set()
    assert (status, json.loads(said)["detail"]) == (503, "No answer within 0.2 s. Ask again, or for less")


def test_stopping_lets_the_answers_under_way_finish_and_ends_streams(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    with serving(Terms(), gate) as (server, port), ThreadPoolExecutor(1) as asking:
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        stream.request("GET", "/stream")
        events = stream.getresponse()
        assert events.readline() == b"data: alive\n"
        answer = asking.submit(fetch, port, "/slow")
        assert gate.entered.wait(60)
        with caplog.at_level(logging.ERROR):
            server.handle_exit(signal.SIGTERM, None)
            assert events.read() == b"\n"  # its end
            assert not answer.done()
            with pytest.raises(OSError):
                fetch(port, "/healthz")  # nothing new is taken
            gate.opened.set()
            assert answer.result(60) == (200, '"done"')
        stream.close()
    assert caplog.records == []


@pytest.mark.parametrize("questions", [False, True])
def test_the_log_has_a_line_for_each_request_and_questions_only_if_asked(
    questions: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = client(Terms(log=True, log_questions=questions, accounts=Accounts.read(ANA)))
    asked.get("/api/answer", params={"q": "a private\nquestion"}, headers=basic("ana", "correct horse"))
    asked.get("/nowhere/private")
    text = capsys.readouterr().err
    first, second = (json.loads(line) for line in text.splitlines())
    assert first.keys() - {"questions"} == {"time", "client", "user", "method", "route", "status", "ms", "bytes"}
    assert (first["user"], first["method"], first["route"], first["status"]) == ("ana", "GET", "/api/answer", 200)
    assert (second["route"], second["status"], "user" in second) == ("page", 401, False)
    assert first.get("questions") == (["a private\nquestion"] if questions else None)
    assert questions or "private" not in text


def test_sigterm_stops_the_program_cleanly_and_a_password_guards_all_of_it(tmp_path: Path) -> None:
    place = ["--index", str(tmp_path / "index"), "--corpus", "seeds"]
    command = [sys.executable, "app.py", "--port", "0", *place, "--auth", ANA, "--log"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        found = next(found for line in process.stderr if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
        port = int(found.group(1))
        for path in ("/", "/api/answer?q=secret", "/mcp", "/docs", "/openapi.json", "/config", "/export.json?q=secret"):
            assert fetch(port, path)[0] == 401, path
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/?page=x", headers=basic("ana", "correct horse"))
        with urllib.request.urlopen(asked, timeout=60) as response:
            assert response.status == 200 and response.headers["X-Frame-Options"] == "DENY"
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(60) == 0
    lines = [json.loads(line) for line in rest.splitlines()]
    assert [line["status"] for line in lines] == [401] * 7 + [200] and "secret" not in rest


def test_a_change_under_way_is_finished_before_the_program_stops(tmp_path: Path) -> None:
    folder, place = tmp_path / "corpus", tmp_path / "index"
    folder.mkdir()
    for number in range(100):
        text = f"Article {number}\n\nThe lighthouse number {number} of Genoa was rebuilt by the republic, said its keeper.\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    with Index.create(place) as index:
        index.add([Document(id="other", text="The only article that is of no file.")])
    command = [
        sys.executable,
        "-m",
        "rag.cli",
        "serve",
        "--port",
        "0",
        "--index",
        str(place),
        "--corpus",
        str(folder),
    ]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        found = next(found for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        asked = urllib.request.Request(f"{found[0]}/api/corpus/sync", method="POST")
        with urllib.request.urlopen(asked, timeout=60) as response:
            assert json.load(response)["busy"] is True
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert (process.wait(60), said) == (0, "")
    with Index.open(place) as index:
        assert index.document_count() == 101 and index.verify() == []
