"""Which hits decide whether anything is answered, and the threshold for each of the two cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import Index, Query
from rag.answering.answer import Answerer
from rag.encoding.table import bundled_table
from rag.retrieval.calibration import bundled_calibration
from rag.retrieval.retriever import Found
from training.ranker import HeldOut

SAID = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
UNSAID = (Path(__file__).parent / "data" / "unanswerable.txt").read_text("utf-8").splitlines()


def _answerer(index: Index, *, same: float, cross: float) -> Answerer:
    calibration = replace(bundled_calibration(), same_threshold=same, cross_threshold=cross)
    return Answerer(index._parts.retriever, bundled_table(), calibration)


def _leading(found: Found) -> dict[bool, float]:
    """Return the confidence of the first hit in the question's language, and of the first in another."""
    leading: dict[bool, float] = {}
    for hit in found.hits:
        leading.setdefault(found.question.language == hit.document.language, hit.confidence or 0.0)
    return leading


def test_the_best_of_each_case_lead(seeds_index: Index) -> None:
    for question in (SAID, *UNSAID):
        found = seeds_index._parts.retriever.search(Query(question=question, k=40, collapse=False))
        if found.question.language:
            assert found.leading == pytest.approx(_leading(found))


def test_each_case_has_its_own_bar(seeds_index: Index) -> None:
    leading = _leading(seeds_index._parts.retriever.search(Query(question=SAID, k=40)))
    assert set(leading) == {True, False}
    for same, cross, answered in ((0.01, 1.0, True), (1.0, 0.001, True), (1.0, 1.0, False)):
        answer = _answerer(seeds_index, same=same, cross=cross).answer(Query(question=SAID, k=40))
        assert answer.abstained != answered
        # How sure the answer is: the case that passed; where none did, the surer of the two.
        passed = {True: same < 1.0, False: cross < 1.0}
        wanted = [sure for case, sure in leading.items() if passed[case] or not answered]
        assert answer.confidence == pytest.approx(max(wanted))


def test_only_hits_over_their_own_bar_are_quoted(seeds_index: Index) -> None:
    answer = _answerer(seeds_index, same=1.0, cross=0.001).answer(Query(question=SAID, k=40))
    languages = {seeds_index.document(quote.citation.document_id).language for quote in answer.quotes}
    assert languages and answer.language not in languages


def test_what_is_not_shown_decides_nothing(seeds_index: Index) -> None:
    """A single hit, in the question's language: that another language would have had one is no answer to show."""
    (hit,) = seeds_index.retrieve(SAID, 1)
    answer = _answerer(seeds_index, same=1.0, cross=0.001).answer(Query(question=SAID, k=1))
    assert answer.abstained
    assert answer.confidence == pytest.approx(hit.confidence)


def test_a_hit_that_does_not_lead_answers_nothing_alone(seeds_index: Index) -> None:
    retriever = seeds_index._parts.retriever
    for question in UNSAID:
        found = retriever.search(Query(question=question, k=10))
        first = max(_leading(found).values())
        surest = max(hit.confidence or 0.0 for hit in found.hits)
        if surest > first + 0.01:
            break
    else:
        pytest.fail("no question has a surer hit behind the leading ones")
    threshold = (first + surest) / 2
    answer = _answerer(seeds_index, same=threshold, cross=threshold).answer(Query(question=question, k=10))
    assert answer.abstained
    assert answer.confidence == pytest.approx(first)
    assert not _answerer(seeds_index, same=first, cross=first).answer(Query(question=question, k=10)).abstained


def test_the_bar_of_the_other_case_lets_no_more_questions_without_an_answer_pass() -> None:
    held = HeldOut(
        probability=np.array([0.9, 0.6, 0.8, 0.4, 0.7, 0.2]),
        right=np.array([True, False, True, False, False, False]),
        answerable=np.array([True, False, True, False, True, False]),
        worth=np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0]),
    )
    assert held.passing(0.5) == pytest.approx(2 / 4)
    assert held.passing(0.3) == pytest.approx(3 / 4)
    assert held.threshold(2 / 4) == pytest.approx(0.41)
    assert held.threshold(0.0) == pytest.approx(0.61)
    assert held.threshold(1.0) == pytest.approx(0.01)
