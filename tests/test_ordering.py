"""The order of hits: the same for every `k`, and for documents that were stored in another order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag import Document, Hit, Index, Query
from rag.encoding.table import bundled_table
from rag.errors import IndexDamaged
from rag.records import Mode
from rag.retrieval.calibration import bundled_calibration
from rag.retrieval.ordering import best_first
from rag.retrieval.ranker import bundled_ranker
from rag.retrieval.retriever import Retriever

QUESTIONS = (
    "Where did the delegations meet?",
    "Unde s-au întâlnit delegațiile?",
    "bridge",
    "When was the lighthouse built?",
)
TOWNS = ("Oradea", "Maribor", "Vienna", "Graz", "Split", "Cluj", "Celje", "Ptuj", "Turda", "Arad", "Koper", "Zadar")
SUBJECTS = ("delegations met", "engineers closed the bridge", "lighthouse was rebuilt", "council bought trams")


def documents() -> list[Document]:
    """Return 240 short articles, a third of them in copies, and thirty copies of one text."""
    made = []
    for number in range(80):
        town, subject = TOWNS[number % len(TOWNS)], SUBJECTS[number % len(SUBJECTS)]
        text = f"In {town} the {subject} on day {number} of the year, said the mayor of {TOWNS[(number * 5 + 1) % 12]}."
        copies = 2 if number % 3 == 0 else 1
        made += [Document(id=f"d{number:03}-{copy}", text=text, language="en") for copy in range(copies)]
    wire = (
        "The delegations met again by the bridge on Monday, and agreed on nothing, the agency reported in the evening."
    )
    return [*made, *(Document(id=f"wire-{copy:02}", text=wire, language="en") for copy in range(30))]


def fill(place: Path, order: int) -> Index:
    index = Index.create(place)
    shuffled = documents()
    random.Random(order).shuffle(shuffled)
    for first in range(0, len(shuffled), 50):
        index.add(shuffled[first : first + 50])
    return index


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Index]]:
    folder = tmp_path_factory.mktemp("ordering")
    with fill(folder / "one", 1) as one, fill(folder / "other", 2) as other:
        yield one, other


def whole_depth(index: Index) -> Retriever:
    """Return a retriever that ranks every passage: which of equal candidates a search is content with is not asked."""
    ranker, calibration = bundled_ranker(), bundled_calibration()
    return Retriever(index._store, index.encoder, bundled_table(), ranker, calibration, candidates=600)


def seen(hits: list[Hit]) -> list[tuple[str, int, float]]:
    return [(hit.document.id, hit.passage.start, hit.score) for hit in hits]


@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize(("mode", "rerank"), [("hybrid", True), ("hybrid", False), ("dense", True), ("lexical", True)])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_first_hits_are_the_same_for_every_k(
    indexes: tuple[Index, Index], question: str, mode: Mode, rerank: bool, collapse: bool
) -> None:
    def ask(k: int) -> list[Hit]:
        query = Query(question=question, k=k, mode=mode, rerank=rerank, collapse=collapse)
        return indexes[0].retrieve_query(query)

    whole = ask(300)
    assert all(one.score >= other.score for one, other in pairwise(whole))
    for k in (1, 3, 10, 40, 100, 150):
        assert seen(ask(k)) == seen(whole)[:k]


@pytest.mark.parametrize("question", QUESTIONS)
def test_all_passages_come_where_as_many_are_asked_for(indexes: tuple[Index, Index], question: str) -> None:
    hits = indexes[0].retrieve(question, 300, collapse=False)
    assert {hit.document.id for hit in hits} == {document.id for document in documents()}
    folded = indexes[0].retrieve(question, 300)
    assert len(folded) < len(hits) - 29  # the thirty copies of one text are one hit
    assert {id_ for hit in folded for id_ in (hit.document.id, *(one.document_id for one in hit.duplicates))} == {
        document.id for document in documents()
    }


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_equal_scores_are_ordered_by_document_and_not_by_row(
    indexes: tuple[Index, Index], question: str, mode: Mode
) -> None:
    one, other = (
        seen(whole_depth(index).search(Query(question=question, k=300, mode=mode, collapse=False)).hits)
        for index in indexes
    )
    assert one == other
    ties = [(first, second) for first, second in pairwise(one) if first[2] == second[2]]
    assert bool(ties) == bool(one) and all(first[:2] < second[:2] for first, second in ties)


def test_scores_that_differ_by_rounding_alone_are_equal(indexes: tuple[Index, Index]) -> None:
    with indexes[0]._store.view() as view:
        ids = view.search_vectors(view.embeddings([1])[0], 4)[0]
        places = view.places(ids)
        scores = np.array([0.5, 0.5 + 2e-7, 0.7, 0.5 - 2e-7], np.float32)
        order, ordered = best_first(view, ids, scores)
        for wrong in (np.nan, np.inf, -np.inf):
            with pytest.raises(IndexDamaged, match="its score is no number"):
                best_first(view, ids, np.array([0.5, wrong, 0.7, 0.1], np.float32))
    assert order[0] == 2 and [places[n] for n in order[1:]] == sorted(places[n] for n in (0, 1, 3))
    assert ordered == pytest.approx([0.7, 0.5, 0.5, 0.5])


def grown(place: Path, seed: int) -> Index:
    """Return an index of the documents that came in parts, some changed and some removed and stored again."""
    draw = random.Random(seed)
    index, there = Index.create(place), set[str]()
    waiting = documents()
    draw.shuffle(waiting)
    for first in range(0, len(waiting), 23):
        part = waiting[first : first + 23]
        other = [replace(one, text=f"{one.text} It was changed.") if draw.random() < 0.3 else one for one in part]
        passing = [Document(id=f"passing-{first}-{n}", text=f"{part[n].text} Gone.", language="en") for n in range(3)]
        index.add([*other, *passing])
        there |= {one.id for one in (*other, *passing)}
        gone = draw.sample(sorted(there), 8)
        index.remove(gone)
        there -= set(gone)
    index.remove(sorted(there - {one.id for one in waiting}))
    draw.shuffle(waiting)
    for first in range(0, len(waiting), 31):
        index.add(waiting[first : first + 31])
    return index


def questions() -> list[str]:
    """Return three hundred questions in words of the documents."""
    draw = random.Random(3)
    made = [f"Where were the {subject.split()[0]}, and when?" for subject in SUBJECTS]
    while len(made) < 300:
        words = draw.choice(documents()).text.split()
        at = draw.randrange(len(words) - 5)
        made.append(f"{' '.join(words[at : at + draw.randint(1, 6)])}?")
    return made


def test_answers_do_not_depend_on_what_was_stored_when(
    indexes: tuple[Index, Index], tmp_path_factory: pytest.TempPathFactory
) -> None:
    once = indexes[0]
    with grown(tmp_path_factory.mktemp("grown") / "index", 4) as other:
        assert {one.id for one in other.documents()} == {one.id for one in once.documents()}
        for question in questions():
            for collapse in (True, False):
                expected, found = (
                    [(hit.document.id, hit.passage.start, hit.score, hit.agreement) for hit in each]
                    for each in (index.retrieve(question, 10, collapse=collapse) for index in (once, other))
                )
                assert [row[:2] for row in found] == [row[:2] for row in expected], question
                assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], abs=2e-5), question
                assert [row[3] for row in found] == [row[3] for row in expected], question


def test_the_first_three_hits_are_those_of_the_first_hundred(indexes: tuple[Index, Index]) -> None:
    for question in questions()[:200]:
        assert seen(indexes[0].retrieve(question, 3)) == seen(indexes[0].retrieve(question, 100))[:3], question
