"""What stands before the application: other sites, limits and sizes; over a small application of its own."""

from __future__ import annotations

import gc

import pytest
from guard_samples import ANA, HERE, basic, client

from rag.server.auth import Accounts, make_token
from rag.server.guard import UPLOADS
from rag.server.options import Terms
from rag.server.rate_limit import Allowance


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
        assert refused.status_code == 403 and "Another site" in refused.json()["detail"]
    assert client().post("/taken", headers={"Origin": HERE, "Sec-Fetch-Site": "same-origin"}).json() == 0
    assert client().post("/taken").json() == 0


def test_words_that_gradio_keeps_for_itself_are_harmless() -> None:
    assert client().get("/?page=x&q=a%26b+%C8%99&deep_link=y").json() == "q=a%26b+%C8%99"
    assert client().get("/?q=a%26b").json() == "q=a%26b"


def test_a_client_that_asks_too_often_waits_and_others_do_not() -> None:
    now = [0.0]
    allowance = Allowance(6, clock=lambda: now[0])
    assert [allowance.take("a") for _ in range(7)] == [0] * 6 + [10]  # six a minute are one in ten seconds
    assert allowance.take("b") == 0
    now[0] = 4.0
    assert allowance.take("a") == 6
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
        {
            "detail": "Too many questions. Come back in 30 s",
            "code": "too_many",
            "facts": {"what": "questions", "seconds": 30},
            "message": "Too many questions. Come back in 30 s",
        },
    )
    assert asked.get("/api/answer").status_code == 200
    gc.collect()  # what went unheard is told when it is thrown away
    assert caplog.records == []


def test_other_requests_have_ten_times_the_limit_of_questions() -> None:
    asked = client(Terms(rate=2))
    assert [asked.get("/api/answer").status_code for _ in range(20)] == [200] * 20
    refused = asked.get("/api/answer")
    assert (refused.status_code, refused.json()["detail"]) == (429, "Too many requests. Come back in 3 s")


def test_two_users_behind_one_address_have_a_limit_each() -> None:
    token, line = make_token("robot")
    asked = client(Terms(rate=1, accounts=Accounts.read(f"{ANA}\n{line}\n")))
    for headers in (basic("ana", "correct horse"), {"Authorization": f"Bearer {token}"}):
        answers = [asked.get("/api/answer", params={"q": "Cine?"}, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]


def test_a_request_that_is_too_large_is_refused_and_a_file_may_be_larger() -> None:
    asked = client(Terms(body_bytes=10, upload_bytes=20))
    assert asked.post("/taken", content=b"0123456789").json() == 10
    assert (
        asked.post("/taken", content=b"01234567890").json()["detail"]
        == "The request is larger than 10 bytes. Send less"
    )
    unstated = asked.post("/taken", content=iter([b"01234", b"567890"]))
    assert (unstated.status_code, unstated.json()["code"]) == (413, "request_too_large")
    assert asked.put(f"{UPLOADS}/a.txt", content=b"0" * 20).json() == 20
    assert asked.put(f"{UPLOADS}/a.txt", content=b"0" * 21).status_code == 413
