"""Many ask a real server at once while the corpus changes: every answer comes, and is that of some state of the corpus."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio.state_holder import StateHolder
from test_contract import serving as serving_here

from benchmarks.asking import WAYS, Person, Reply, ask_together
from benchmarks.changing import Changing
from benchmarks.load import right_answers, serving, summarise, write_corpus
from benchmarks.texts import make_articles, make_questions
from rag import Document, Hit, Index, Query
from rag.server.api import add_api
from rag.server.options import Terms
from rag.service import Service

PEOPLE = 12
ARTICLES = 64  # some two hundred passages
SPARE = 5


@pytest.mark.slow
def test_twelve_people_get_right_answers_while_the_corpus_changes(tmp_path: Path) -> None:
    articles = make_articles(ARTICLES + SPARE)
    spare, articles = articles[:SPARE], articles[SPARE:]
    folder, place = tmp_path / "corpus", tmp_path / "index"
    write_corpus(folder, articles)
    questions = [*make_questions(articles, 3), *make_questions(spare[:-1], 1), *make_questions(spare[-1:], 1)]
    # of the table alone: while passages are refined, a corpus has more states than its changes
    with Index.create(place, model="table") as index:
        index.sync(folder)
        assert int(index.info()["passages"]) >= 200
        with serving(place, folder) as (port, _):
            changing = Changing(port, place, folder, spare)
            right = right_answers(port, questions, changing)
            # the states differ, or the comparison below would prove nothing
            assert all(len(right[question, way]) > 1 for question in questions[3:] for way in WAYS)
            done = threading.Event()
            failures: list[BaseException] = []

            def change() -> None:
                try:
                    steps.extend(changing.steps())
                except BaseException as error:
                    failures.append(error)
                finally:
                    done.set()

            steps: list[str] = []
            beside = threading.Thread(target=change)
            beside.start()
            replies = ask_together(port, questions, people=PEOPLE, each=2, apart=True, until=done)
            beside.join(120)
        assert failures == [] and len(steps) == 4
        figures = summarise(replies, right, 1.0)
        assert [(way, figures[way]["errors"], figures[way]["wrong"]) for way in WAYS] == [  # type: ignore[index]
            ("api", {}, 0), ("page", {}, 0)
        ]  # fmt: skip
        assert len(replies) >= 2 * PEOPLE
        assert index.document_count() == len(articles) and index.verify() == []


def test_a_reply_from_no_state_of_the_corpus_counts_as_wrong() -> None:
    def reply(said: str, status: int = 200) -> Reply:
        return Reply(question="q", way="api", status=status, said=said, seconds=0.5)

    page = Reply(question="q", way="page", status=200, said="x", seconds=0.5)
    right = {("q", "api"): {"a", "b"}, ("q", "page"): {"x"}}
    figures = summarise([reply("a"), reply("b"), reply("c"), reply("d", 503), page], right, 2.0)
    assert figures["answers_per_second"] == 2.5
    assert figures["api"] == {"p50_ms": 500.0, "p95_ms": 500.0, "count": 4, "errors": {"503": 1}, "wrong": 1}
    assert figures["page"] == {"p50_ms": 500.0, "p95_ms": 500.0, "count": 1, "errors": {}, "wrong": 0}


class _Gated(Index):
    """Answers only when the gate is open, and remembers how many waited there at once."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.arrived = threading.Semaphore(0)
        self.inside = 0
        self.most = 0

    @property
    def revision(self) -> str:
        return "the same"

    def retrieve_query(self, query: Query) -> list[Hit]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.arrived.release()
        assert self.gate.wait(60)
        self.inside -= 1
        return []


def test_only_so_many_questions_are_worked_on_at_once_and_health_does_not_wait_for_them() -> None:
    index = _Gated()
    app = FastAPI()
    add_api(app, Service(index, at_once=2))
    with TestClient(app) as client:
        asking = [threading.Thread(target=client.get, args=(f"/api/retrieve?q=x{n}",)) for n in range(6)]
        for one in asking:
            one.start()
        for _ in range(2):
            assert index.arrived.acquire(timeout=60)
        assert client.get("/healthz").json()["status"] == "ok"
        index.gate.set()
        for one in asking:
            one.join(60)
    assert index.most == 2


def test_a_question_is_noted_once_whoever_asks(seeds_index: Index) -> None:
    noted: list[str] = []
    service = Service(seeds_index, note=noted.append)

    async def ask() -> None:
        await service.run(service.answer, Query(question="Cine?", k=1))
        await service.run(service.retrieve, Query(question="Unde?", k=1))

    anyio.run(ask)
    assert noted == ["Cine?", "Unde?"]


def test_documents_are_listed_in_parts(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id=f"d{n}", text=f"The number {n} is here.") for n in range(5)])
        assert [info.id for info in index.documents()] == ["d0", "d1", "d2", "d3", "d4"]
        assert [info.id for info in index.documents(3)] == ["d3", "d4"]
        assert [info.id for info in index.documents(1, 2)] == ["d1", "d2"]
        assert [info.id for info in index.documents(9, 2)] == [] and index.document_count() == 5


def test_of_many_open_pages_only_the_last_are_remembered_and_every_one_is_answered(seeds_index: Index) -> None:
    question = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
    with serving_here(seeds_index, Terms()) as port:
        people = [Person(port, f"reader-{number}") for number in range(80)]
        sessions = [one for one in gc.get_objects() if type(one) is StateHolder and "reader-79" in one.session_data]
        assert len(sessions) == 1 and len(sessions[0].session_data) == 64
        assert "reader-0" not in sessions[0].session_data
        first, last = people[0].ask(question, "page"), people[-1].ask(question, "page")
        assert (first.status, last.status) == (200, 200)
        assert first.said == last.said and "Zaporojie" in first.said
        assert len(sessions[0].session_data) == 64
        for person in people:
            person.close()
