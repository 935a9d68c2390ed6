"""Which word answered which: worked out only when looked at, and plain data once copied."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from rag import Document, Index
from rag.records import Mode
from rag.retrieval.explaining import Explainer, Matches

QUESTION = "Which nuclear power plant is among the main obstacles to peace?"


def test_matches_are_worked_out_when_first_looked_at(seeds_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    explain = Explainer.explain

    def counted(self: Explainer, passage: object) -> object:
        asked.append(1)
        return explain(self, passage)  # type: ignore[arg-type]

    monkeypatch.setattr(Explainer, "explain", counted)
    hits = seeds_index.retrieve(QUESTION, k=3)
    assert asked == []
    first = list(hits[0].matches)
    assert first == list(hits[0].matches)
    assert len(asked) == 1


def test_a_word_of_another_language_is_matched_with_the_word_it_translates(seeds_index: Index) -> None:
    hit = next(hit for hit in seeds_index.retrieve(QUESTION, k=5) if "Zaporojie" in hit.passage.text)
    pairs = {
        QUESTION[match.query_start : match.query_end]: hit.document.text[match.start : match.end].lower()
        for match in hit.matches
    }
    assert pairs["nuclear"].startswith("nuclear")
    assert hit.matches == tuple(hit.matches)
    assert hit.matches[0] == hit.matches[:1][0]


def test_copies_are_plain_tuples(seeds_index: Index) -> None:
    matches = seeds_index.retrieve(QUESTION, k=1)[0].matches
    assert isinstance(matches, Matches)
    for copied in (pickle.loads(pickle.dumps(matches)), copy.deepcopy(matches)):
        assert type(copied) is tuple
        assert copied == tuple(matches)
        assert hash(matches) == hash(copied)
        assert repr(matches) == repr(copied)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_hits_are_explained_after_the_index_is_closed(tmp_path: Path, mode: Mode) -> None:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text="The two presidents met in Moscow on Monday.")])
        (hit,) = index.retrieve("Where did the presidents meet?", mode=mode)
    assert "presidents" in {hit.document.text[match.start : match.end] for match in hit.matches}


def test_a_question_or_passage_without_known_words_has_no_matches(seeds_index: Index) -> None:
    assert list(seeds_index.retrieve("🙂", k=1)[0].matches) == []
