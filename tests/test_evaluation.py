"""Evaluation: what a user would get, asked question by question, and the report on it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluation_samples import ranked, small_dataset

from rag.errors import DatasetError
from rag.evaluation import (
    Run,
    evaluate,
    format_report,
    read_dataset,
    report_as_dict,
    run_search,
    write_dataset,
)
from rag.evaluation.report import build_report
from rag.evaluation.runs import rank_documents
from rag.index import Index
from rag.records import Citation, Document, Hit, Passage

ROOT = Path(__file__).parents[1]
SEEDS_BEIR = ROOT / "tests" / "data" / "seeds-beir"


def hits_of(*names: str) -> list[Hit]:
    """Make hits of one-letter documents in this order, with falling scores."""
    return [
        Hit(
            passage=Passage(document_id=name, start=0, end=1, text=name),
            document=Document(id=name, text=name),
            score=1.0 - 0.01 * position,
            rank=position + 1,
            citation=Citation(document_id=name, sha256="", start=0, end=1),
        )
        for position, name in enumerate(names)
    ]


def test_the_shipped_dataset_holds_the_five_articles_word_for_word() -> None:
    dataset = read_dataset(SEEDS_BEIR)
    assert [row.id[:3] for row in dataset.corpus] == ["000", "001", "002", "003", "004"]
    assert [row.language for row in dataset.corpus] == ["ro", "ro", "ro", "ro", "sl"]
    for row in dataset.corpus:
        article = (ROOT / "seeds" / row.id).read_bytes().decode("utf-8")
        assert row.text in article
        assert row.title in article
    assert "RECOMANDAREA" not in dataset.corpus[3].text  # the article ends before the list of other stories
    assert len(dataset.queries) == 30
    assert len(dataset.judged()) == 27
    assert set(dataset.queries) - set(dataset.judged()) == {"none-ro", "none-sl", "none-en"}
    assert {row.id for row in dataset.corpus} == {name for grades in dataset.qrels.values() for name in grades}


def test_questions_without_a_relevant_document_are_not_scored() -> None:
    assert small_dataset().judged() == {"q1": "first?", "q2": "second?"}
    assert small_dataset().judged(1) == {"q1": "first?"}


def test_a_document_stands_where_its_best_passage_stands_and_more_hits_are_asked_for() -> None:
    everything = hits_of("a", "a", "b", "a", "b", "c", "a", "d")
    asked: list[int] = []

    def search(question: str, k: int) -> list[Hit]:
        asked.append(k)
        return everything[:k]

    ranking = rank_documents(search, "?", k=3)
    assert [name for name, _ in ranking] == ["a", "b", "c"]
    assert [score for _, score in ranking] == [1.0, 0.98, 0.95]
    assert asked == [3, 6]
    asked.clear()
    assert [name for name, _ in rank_documents(search, "?", k=9)] == ["a", "b", "c", "d"]
    assert asked == [9]  # 8 hits for 9: there is nothing more to ask for


def test_a_run_asks_the_judged_questions_in_order() -> None:
    asked: list[str] = []

    def search(question: str, k: int) -> list[Hit]:
        asked.append(question)
        return hits_of("a")

    run = run_search(search, small_dataset(), name="one", k=2)
    assert asked == ["first?", "second?"]  # once each: one hit for two means that there are no more
    assert run.rankings == {"q1": (("a", 1.0),), "q2": (("a", 1.0),)}
    assert run.seconds is not None and run.seconds > 0


def test_a_report_as_table_and_as_json() -> None:
    dataset = small_dataset()
    runs = [
        Run(name="good", rankings={"q1": ranked("a", "b"), "q2": ranked("c")}, seconds=0.01),
        Run(name="bad", rankings={"q1": ranked("x"), "q2": ranked("x", "c")}, seconds=0.2),
    ]
    report = build_report(runs, dataset)
    assert format_report(report).splitlines() == [
        "letters: 2 questions over 4 documents",
        "",
        "                   nDCG@10                   R@1                   R@5                MRR@10  ms/question",
        "good  1.000 [1.000, 1.000]  0.750 [0.500, 1.000]  1.000 [1.000, 1.000]  1.000 [1.000, 1.000]          5.0",
        "bad   0.315 [0.000, 0.631]  0.000 [0.000, 0.000]  0.500 [0.000, 1.000]  0.250 [0.000, 0.500]        100.0",
        "",
        "[low, high]: 95% interval, percentile bootstrap over questions, 2000 resamples, seed 20260122",
    ]
    values = json.loads(json.dumps(report_as_dict(report)))
    assert values["questions"] == 2
    assert [run["name"] for run in values["runs"]] == ["good", "bad"]
    assert values["runs"][1]["measures"]["MRR@10"] == {"mean": 0.25, "low": 0.0, "high": 0.5}
    assert values["interval"] == {"method": "percentile bootstrap", "level": 0.95, "resamples": 2000, "seed": 20260122}


@pytest.fixture(scope="module")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("evaluation") / "index") as index:
        index.add(read_dataset(SEEDS_BEIR).corpus)
        yield index


def test_evaluate_measures_what_a_user_would_get(seeds_index: Index) -> None:
    dataset = read_dataset(SEEDS_BEIR)
    report = evaluate(SEEDS_BEIR, modes=("lexical", "hybrid"), k=3, limit=6, index=seeds_index)
    assert (report.dataset, report.documents, report.questions, report.k) == ("seeds-beir", 5, 6, 3)
    assert [row.name for row in report.rows] == ["lexical", "hybrid"]
    reciprocal = []
    for query_id, question in dataset.judged(6).items():
        hits = seeds_index.retrieve(question, 50, collapse=False)
        places = [
            place
            for place, name in enumerate(dict.fromkeys(hit.document.id for hit in hits), start=1)
            if name in dataset.qrels[query_id]
        ]
        reciprocal.append(1 / places[0] if places[0] <= 3 else 0.0)
    assert report.rows[1].estimates["MRR@3"].mean == pytest.approx(sum(reciprocal) / 6)
    assert sum(value == 1.0 for value in reciprocal) >= 3  # Romanian over Romanian: fewer, and the model is broken


def test_evaluate_builds_an_index_of_its_own_and_leaves_nothing(
    seeds_index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    given = evaluate(SEEDS_BEIR, modes=("dense",), limit=4, index=seeds_index)
    built = evaluate(SEEDS_BEIR, modes=("dense",), limit=4)
    assert built.rows[0].estimates == given.rows[0].estimates
    assert list(tmp_path.iterdir()) == []


def test_an_index_without_the_datasets_documents_is_refused(tmp_path: Path, seeds_index: Index) -> None:
    write_dataset(small_dataset(), tmp_path)
    message = r"The index lacks document 'a', which dataset .* calls relevant. Leave --index out"
    with pytest.raises(DatasetError, match=message):
        evaluate(tmp_path, index=seeds_index)
