"""What stands before the application: passwords, limits, the log, and stopping; over a small application of its own."""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import http.client
import io
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from rag import Document, Index, SettingsError
from rag.cli import main
from rag.web.accounts import Accounts, make_account, make_token
from rag.web.guarding import UPLOADS, Guard
from rag.web.limits import Allowance
from rag.web.listening import listen
from rag.web.logs import note_question
from rag.web.serving import Server, make_server
from rag.web.terms import OTHERS_PER_MINUTE, Terms, add_flags, read_flags

ROOT = Path(__file__).parent.parent
HERE = "http://127.0.0.1"
ANA = make_account("ana", "correct horse")


@dataclass
class Gate:
    """Where an answer waits until the test lets it go."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


def application(gate: Gate | None = None) -> FastAPI:
    app = FastAPI()
    gate = gate or Gate()

    @app.get("/api/answer")
    def answer(q: str = "") -> dict[str, str]:
        note_question(q)
        return {"q": q}

    @app.get("/slow")
    def slow() -> str:
        gate.entered.set()
        assert gate.opened.wait(60)
        return "done"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def forever() -> Any:
            while True:
                yield "data: alive\n\n"
                await asyncio.sleep(1000)

        return StreamingResponse(forever(), media_type="text/event-stream")

    @app.get("/")
    def page(request: Request) -> str:
        return request.url.query

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/taken")
    @app.put(UPLOADS + "/{name}")
    async def taken(request: Request) -> int:
        return len(await request.body())

    return app


def client(terms: Terms | None = None, **options: Any) -> TestClient:
    guard = Guard(application(), terms or Terms(), clock=lambda: 0.0)  # nothing is refilled while a test goes on
    return TestClient(guard, base_url=HERE, **options)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


# -- who comes in -----------------------------------------------------------------------------------------------------


def test_without_a_password_nothing_is_answered_but_that_the_process_runs() -> None:
    asked = client(Terms(accounts=Accounts.read(ANA)))
    refused = asked.get("/api/answer")
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert refused.json() == {"detail": "a user name and password, or a token, is needed"}
    assert asked.get("/healthz").json() == "ok"
    for wrong in (
        basic("ana", "wrong horse"),
        basic("bob", "correct horse"),
        {"Authorization": "Basic ?"},
        {"Authorization": "x"},
    ):
        assert asked.get("/", headers=wrong).json() == {"detail": "the user name, password or token is wrong"}
    assert asked.get("/", headers=basic("ana", "correct horse")).status_code == 200


def test_a_program_comes_in_with_a_token() -> None:
    token, line = make_token("robot")
    assert token not in line
    asked = client(Terms(accounts=Accounts.read(f"{ANA}\n{line}\n")))
    assert asked.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert asked.get("/", headers={"Authorization": f"Bearer {token}x"}).status_code == 401
    assert asked.get("/", headers=basic("robot", token)).status_code == 401


def test_guessing_ends_after_a_few_wrong_passwords() -> None:
    asked = client(Terms(accounts=Accounts.read(make_token("robot")[1])))
    answers = [asked.get("/", headers={"Authorization": f"Bearer {n}"}) for n in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [401] * 10
    assert answers[11].status_code == 429 and int(answers[11].headers["Retry-After"]) >= 1
    assert re.fullmatch(r"too many wrong passwords; come back in \d+ s", answers[11].json()["detail"])


def test_accounts_are_read_from_a_file_and_a_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    file.write_text(f"# people\n{ANA}\n\n")
    assert Accounts.read(str(file)).name_of(basic("ana", "correct horse")["Authorization"]) == "ana"
    for text, said in (
        ("ana:secret", "--auth: line 1 is not USER:HASH. Make one: rag password USER"),
        (f"{ANA}\n{ANA}", "--auth: line 2 names 'ana' a second time. Remove one of the two"),
        ("x:sha256:12", "--auth: line 1 is not USER:HASH. Make one: rag password USER"),
        ("# nobody", f"--auth {str(file)!r} holds no account. Make a line of it: rag password USER"),
    ):
        file.write_text(text)
        with pytest.raises(SettingsError, match=f"^{re.escape(said)}$"):
            Accounts.read(str(file))
    with pytest.raises(SettingsError, match=r"cannot be read: No such file or directory. Make a line of it"):
        Accounts.read(str(tmp_path / "none"))
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read: it is no text file"):
        Accounts.read(str(file))


def test_the_command_line_makes_accounts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["password", "robot", "--token"]) == 0
    out, err = capsys.readouterr()
    token = err.removeprefix("rag: the token, shown only now: ").strip()
    assert Accounts.read(out.strip()).name_of(f"Bearer {token}") == "robot"
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n" * 2))
    assert main(["password", "ana"]) == 1
    assert capsys.readouterr().err == "rag: the password has 5 characters; it must have at least 8\n"
    assert main(["password", "a:b"]) == 1
    assert "cannot be a user name" in capsys.readouterr().err


# -- to whom it is served ---------------------------------------------------------------------------------------------


def terms_of(*flags: str) -> Terms:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return read_flags(parser.parse_args(flags))


def test_others_are_served_only_with_a_password_or_by_agreement() -> None:
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0 can be reached .* --auth\. Or agree: --open$"):
        listen(terms_of("--host", "0.0.0.0", "--port", "0"))
    for agreed in (("--open",), ("--auth", ANA)):
        listen(terms_of("--host", "0.0.0.0", "--port", "0", *agreed)).close()


def test_flags_set_the_terms() -> None:
    assert terms_of().rate is None and terms_of("--host", "0.0.0.0").rate == OTHERS_PER_MINUTE
    assert terms_of("--rate", "7").rate == 7
    with pytest.raises(SettingsError, match=r"--rate is 0; it must be above 0"):
        terms_of("--rate", "0")
    corpus = ("--corpus", "articles")
    assert terms_of(*corpus).can_change and not terms_of().can_change
    assert not terms_of(*corpus, "--host", "0.0.0.0").can_change
    assert not terms_of(*corpus, "--open").can_change
    assert terms_of(*corpus, "--host", "0.0.0.0", "--allow-changes").can_change
    assert not replace(terms_of(*corpus), accounts=Accounts({})).can_change
    assert terms_of("--log-questions").log


def test_another_name_for_this_machine_is_refused_unless_agreed() -> None:
    foreign = {"Host": "evil.example:7860"}
    refused = client().get("/", headers=foreign)
    assert refused.status_code == 421 and "--open or --auth" in refused.json()["detail"]
    for host in ("localhost:7860", "127.0.0.1", "[::1]:80"):
        assert client().get("/", headers={"Host": host}).status_code == 200
    assert client(Terms(public=True)).get("/", headers=foreign).status_code == 200


def test_another_site_cannot_make_a_reader_change_anything() -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        refused = client().post("/taken", headers=headers)
        assert refused.status_code == 403 and "another site" in refused.json()["detail"]
    assert client().post("/taken", headers={"Origin": HERE, "Sec-Fetch-Site": "same-origin"}).json() == 0
    assert client().post("/taken").json() == 0


def test_words_that_gradio_keeps_for_itself_are_harmless() -> None:
    assert client().get("/?page=x&q=a%26b+%C8%99&deep_link=y").json() == "q=a%26b+%C8%99"
    assert client().get("/?q=a%26b").json() == "q=a%26b"


# -- how much ---------------------------------------------------------------------------------------------------------


def test_a_client_that_asks_too_often_waits_and_others_do_not() -> None:
    now = [0.0]
    allowance = Allowance(6, clock=lambda: now[0])
    assert [allowance.take("a") for _ in range(7)] == [0] * 6 + [10]  # six a minute are one in ten seconds
    assert allowance.take("b") == 0
    now[0] = 4.0
    assert allowance.wait("a") == 6 == allowance.take("a")
    now[0] = 10.0
    assert (allowance.take("a"), allowance.take("a")) == (0, 10)


def test_questions_are_counted_and_what_is_only_looked_at_is_free(caplog: pytest.LogCaptureFixture) -> None:
    asked = client(Terms(rate=2))
    assert [asked.get("/").status_code for _ in range(40)] == [200] * 40
    assert [asked.get("/api/answer", params={"q": " "}).status_code for _ in range(3)] == [200] * 3  # no question
    assert [asked.get("/api/answer", params={"q": "Cine?"}).status_code for _ in range(3)] == [200, 200, 429]
    refused = asked.get("/api/answer", params={"q": "Unde?"})
    assert (refused.headers["Retry-After"], refused.json()) == (
        "30",
        {"detail": "too many questions; come back in 30 s"},
    )
    assert asked.get("/api/answer").status_code == 200
    gc.collect()  # what went unheard is told when it is thrown away
    assert caplog.records == []


def test_other_requests_have_ten_times_the_limit_of_questions() -> None:
    asked = client(Terms(rate=2))
    assert [asked.get("/api/answer").status_code for _ in range(20)] == [200] * 20
    refused = asked.get("/api/answer")
    assert (refused.status_code, refused.json()) == (429, {"detail": "too many requests; come back in 3 s"})


def test_two_users_behind_one_address_have_a_limit_each() -> None:
    token, line = make_token("robot")
    asked = client(Terms(rate=1, accounts=Accounts.read(f"{ANA}\n{line}\n")))
    for headers in (basic("ana", "correct horse"), {"Authorization": f"Bearer {token}"}):
        answers = [asked.get("/api/answer", params={"q": "Cine?"}, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]


def test_a_request_that_is_too_large_is_refused_and_a_file_may_be_larger() -> None:
    asked = client(Terms(body_bytes=10, upload_bytes=20))
    assert asked.post("/taken", content=b"0123456789").json() == 10
    assert asked.post("/taken", content=b"01234567890").json() == {"detail": "the request is larger than 10 bytes"}
    unstated = asked.post("/taken", content=iter([b"01234", b"567890"]))
    assert (unstated.status_code, unstated.json()) == (413, {"detail": "the request is larger than 10 bytes"})
    assert asked.put(f"{UPLOADS}/a.txt", content=b"0" * 20).json() == 20
    assert asked.put(f"{UPLOADS}/a.txt", content=b"0" * 21).status_code == 413


# -- over a real connection -------------------------------------------------------------------------------------------


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
    assert answer.startswith("HTTP/1.1 408 ") and "the request did not end within 0.2 s" in answer


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])
def test_a_connection_on_which_nobody_asks_is_closed(sent: bytes) -> None:
    with serving(Terms(body_seconds=1)) as (_, port), socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(sent)
        assert line.recv(1) == b""


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
    assert (status, said) == (503, '{"detail": "no answer within 0.2 s. Ask again, or for less"}')


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


# -- what is written down ---------------------------------------------------------------------------------------------


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


# -- the whole program ------------------------------------------------------------------------------------------------


def test_sigterm_stops_the_program_cleanly_and_a_password_guards_all_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "--port", "0", "--index", str(tmp_path / "index"), "--auth", ANA, "--log"]
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
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--index", str(place), "--corpus", str(folder)]
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
