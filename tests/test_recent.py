"""What was found lately is found once, by however many threads; what failed is tried again."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag import Index, Query
from rag.recent import Recent
from rag.service import Service


def test_what_is_asked_at_the_same_time_is_worked_out_once() -> None:
    recent, worked, begin = Recent[int](most=4), Counter[int](), threading.Barrier(16)
    go_on = threading.Event()

    def work(key: int) -> int:
        worked[key] += 1
        go_on.wait(30)
        return key * key

    def ask(number: int) -> int:
        begin.wait(30)
        if number == 0:
            threading.Timer(0.2, go_on.set).start()
        return recent.get(number % 2, lambda: work(number % 2))

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(16))) == [0, 1] * 8
    assert worked == {0: 1, 1: 1}


def test_the_longest_unasked_is_forgotten_and_a_failure_is_not_kept() -> None:
    recent = Recent[str](most=2)
    assert [recent.get(key, lambda key=key: key) for key in "abac"] == ["a", "b", "a", "c"]  # type: ignore[misc]
    assert recent.get("a", lambda: "anew") == "a"
    assert recent.get("b", lambda: "anew") == "anew"

    def fail() -> str:
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            recent.get("x", fail)
    assert recent.get("x", lambda: "x") == "x"


def test_a_service_answers_an_equal_question_once_until_the_index_changes(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Most v Kranju\n\nMost v Kranju je stal štirinajst milijonov evrov.\n", "utf-8")
    query = Query(question="Koliko je stal most v Kranju?")
    with Index.create(tmp_path / "index", model="table") as index:
        index.sync(corpus)
        noted: list[str] = []
        service = Service(index, note=noted.append)
        first, revision = service.answer(query), index.revision
        assert service.answer(query) is first
        assert service.retrieve(query) is service.retrieve(query)
        assert len(noted) == 4
        (corpus / "b.txt").write_text("Most v Celju\n\nMost v Celju je stal dva milijona evrov.\n", "utf-8")
        index.sync(corpus)
        assert index.revision != revision
        assert service.answer(query) is not first
