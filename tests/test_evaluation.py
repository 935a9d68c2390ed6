from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import (
    Dataset,
    Run,
    evaluate,
    format_report,
    read_dataset,
    report_as_dict,
    run_search,
    write_dataset,
)
from rag.evaluation.measures import difference, estimate, measure, measure_names
from rag.evaluation.report import build_report, searchable_documents
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


def small_dataset() -> Dataset:
    return Dataset(
        name="letters",
        corpus=tuple(Document(id=name, text=name, title=name.upper()) for name in "abcx"),
        queries={"q1": "first?", "q2": "second?", "q3": "nobody knows?"},
        qrels={"q1": {"a": 2, "b": 1}, "q2": {"c": 1, "x": 0}},
    )


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


def write_raw(folder: Path, **files: str | bytes) -> Path:
    """Write a sound small dataset with some files replaced by other content."""
    write_dataset(small_dataset(), folder)
    places = {
        "corpus": folder / "corpus.jsonl",
        "queries": folder / "queries.jsonl",
        "qrels": folder / "qrels/test.tsv",
    }
    for name, content in files.items():
        places[name].write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


HEADER = "query-id\tcorpus-id\tscore\n"


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus", "", "corpus.jsonl: there are no documents; write one JSON object a line"),
        ("corpus", '{"_id": "a", "text": "x"}\n{"_id"', "corpus.jsonl, line 2: not JSON ("),
        ("corpus", "[" * 100_000, "corpus.jsonl, line 1: not JSON ("),
        ("corpus", '["a"]', "corpus.jsonl, line 1: a JSON list; write one JSON object a line"),
        ("corpus", '{"text": "x"}', "corpus.jsonl, line 1: there is no '_id'; write it as a text that is not empty"),
        ("corpus", '{"_id": 7, "text": "x"}', "corpus.jsonl, line 1: '_id' is 7; write it as a text that is not empty"),
        ("corpus", '{"_id": "a"}', "corpus.jsonl, line 1: there is no 'text'; write the document as"),
        ("corpus", '{"_id": "a", "text": "x", "title": 3}', "corpus.jsonl, line 1: 'title' is int; write it as"),
        ("corpus", '{"_id": "a", "text": "x", "language": "Romanian"}', "line 1: 'language' is 'Romanian'; use a code"),
        ("corpus", '{"_id": "a", "text": "\\ud800"}', "corpus.jsonl, line 1: a text holds half of a surrogate pair"),
        (
            "corpus",
            b'\n{"_id": "a", "text": "\xe3"}',
            "corpus.jsonl, line 2: not UTF-8 (byte 0xe3 at 22); save the file",
        ),
        (
            "corpus",
            '{"_id": "a", "text": "x"}\n\n{"_id": "a", "text": "y"}',
            "corpus.jsonl, line 3: the _id 'a' stands in an earlier line too; give every line its own",
        ),
        ("queries", "\n \n", "queries.jsonl: there are no questions"),
        ("queries", '{"_id": "q1", "text": "  "}', "queries.jsonl, line 1: 'text' is '  '; write it as a text that"),
        ("qrels", "", "test.tsv: the file is empty; write the header ('query-id', 'corpus-id', 'score')"),
        (
            "qrels",
            "q1\ta\t1\n",
            "test.tsv, line 1: expected the header ('query-id', 'corpus-id', 'score'), found ['q1'",
        ),
        ("qrels", HEADER + "q1 a 1\n", "test.tsv, line 2: expected 3 tab-separated fields, found 1; separate by tabs"),
        ("qrels", HEADER + "q9\ta\t1\n", "test.tsv, line 2: question 'q9' is not in queries.jsonl; add it there or"),
        ("qrels", HEADER + "q1\tz\t1\n", "test.tsv, line 2: document 'z' is not in corpus.jsonl; add it there or"),
        ("qrels", HEADER + "q1\ta\t0.5\n", "test.tsv, line 2: score is '0.5'; use a whole number up to 1000"),
        ("qrels", HEADER + "q1\ta\t2000\n", "test.tsv, line 2: score is '2000'; use a whole number up to 1000"),
        ("qrels", HEADER + "q1\ta\t1\nq1\ta\t0\n", "test.tsv, line 3: 'q1' and 'a' are judged twice; remove one line"),
        ("qrels", HEADER + "q1\ta\t0\n", "test.tsv: no question has a relevant document; add at least one line"),
    ],
)
def test_every_malformed_line_is_named(tmp_path: Path, file: str, content: str | bytes, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read_dataset(write_raw(tmp_path, **{file: content}))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    write_dataset(small_dataset(), tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DatasetError, match=f"{name} is missing: a dataset is corpus.jsonl, queries.jsonl and qrels"):
        read_dataset(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset at '.*nowhere': give a folder that holds corpus.jsonl"):
        read_dataset(tmp_path / "nowhere")


def test_a_byte_order_mark_carriage_returns_and_line_separators_are_read(tmp_path: Path) -> None:
    corpus = '\ufeff{"_id": "a", "text": "x\u2028y"}\r\n{"_id": "b", "text": "", "title": null}\r\n'
    folder = write_raw(tmp_path, corpus=corpus, qrels=HEADER + "q1\ta\t1\r\n")
    dataset = read_dataset(folder)
    assert [(row.id, row.text) for row in dataset.corpus] == [("a", "x\u2028y"), ("b", "")]
    assert dataset.qrels == {"q1": {"a": 1}}


def test_a_row_with_only_a_title_is_found_by_it() -> None:
    rows = (Document(id="a", text=" ", title="Only a title"), Document(id="b", text=""), Document(id="c", text="text"))
    dataset = Dataset(name="gaps", corpus=rows, queries={"q": "?"}, qrels={"q": {"a": 1}})
    assert [(row.id, row.text, row.title) for row in searchable_documents(dataset)] == [
        ("a", "Only a title", ""),
        ("c", "text", ""),
    ]


plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip()
)


@settings(max_examples=50)
@given(
    texts=st.dictionaries(plain, st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5),
    queries=st.dictionaries(plain, plain, min_size=1, max_size=5),
    data=st.data(),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str], queries: dict[str, str], data: st.DataObject
) -> None:
    grades = st.dictionaries(st.sampled_from(sorted(texts)), st.integers(-2, 1000), min_size=1)
    qrels = data.draw(st.dictionaries(st.sampled_from(sorted(queries)), grades))
    qrels[next(iter(queries))] = {next(iter(texts)): 1}
    folder = tmp_path_factory.mktemp("dataset")
    dataset = Dataset(
        name=folder.name,
        corpus=tuple(Document(id=name, text=text, language="ro") for name, text in texts.items()),
        queries=queries,
        qrels=qrels,
    )
    write_dataset(dataset, folder)
    assert read_dataset(folder) == dataset


@pytest.mark.parametrize("name", ["a\tb", "a\nb", " ", "\ud800"])
def test_an_id_that_would_break_the_table_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    dataset = Dataset(name="x", corpus=(Document(id=name, text="x"),), queries={"q": "?"}, qrels={"q": {name: 1}})
    with pytest.raises(
        DatasetError, match=r"cannot be written to qrels/test\.tsv: use an id without control characters"
    ):
        write_dataset(dataset, tmp_path / "new")
    assert not (tmp_path / "new").exists()


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


def ranked(*names: str, score: float = 1.0) -> tuple[tuple[str, float], ...]:
    return tuple((name, score) for name in names)


def test_measures_are_those_of_the_textbook() -> None:
    qrels = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1, "x": -1}, "q3": {"a": 1}}
    run = Run(name="r", rankings={"q1": ranked("b", "x", "a"), "q2": ranked("x", "c")})  # q3: nothing found
    values = measure(run, qrels)
    gain = 1 / math.log2(2) + 2 / math.log2(4)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert values["nDCG@10"] == pytest.approx([gain / ideal, (1 / math.log2(3)) / 1, 0.0])
    assert values["R@1"].tolist() == [0.5, 0.0, 0.0]
    assert values["R@5"].tolist() == [1.0, 1.0, 0.0]
    assert values["MRR@10"].tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("names", [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]])
def test_equal_scores_keep_the_order_of_the_run(names: list[str]) -> None:
    run = Run(name="r", rankings={"q": ranked(*names, score=0.5)})
    expected = 1 / (1 + names.index("a"))
    assert measure(run, {"q": {"a": 1}})["MRR@10"].tolist() == [expected]


def test_a_relevant_document_below_the_depth_does_not_count() -> None:
    run = Run(name="r", rankings={"q": ranked(*"0123456789", "a")})
    assert {name: values.tolist() for name, values in measure(run, {"q": {"a": 1}}).items()} == {
        "nDCG@10": [0.0],
        "R@1": [0.0],
        "R@5": [0.0],
        "MRR@10": [0.0],
    }


def test_the_depth_names_the_measures() -> None:
    assert measure_names(10) == ("nDCG@10", "R@1", "R@5", "MRR@10")
    assert measure_names(3) == ("nDCG@3", "R@1", "MRR@3")
    assert measure_names(1) == ("nDCG@1", "MRR@1")
    run = Run(name="r", rankings={"q": ranked("x", "a")})
    assert measure(run, {"q": {"a": 1}}, k=1)["MRR@1"].tolist() == [0.0]


def test_the_interval_is_as_wide_as_theory_says_and_the_same_every_time() -> None:
    values = np.tile([0.0, 1.0], 200)
    spread = 1.96 * math.sqrt(0.25 / 400)  # the normal interval of a proportion of one half
    found = estimate(values)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - spread, abs=0.005)
    assert found.high == pytest.approx(0.5 + spread, abs=0.005)
    assert estimate(values) == found
    constant = estimate(np.full(7, 0.25))
    assert (constant.mean, constant.low, constant.high) == (0.25, 0.25, 0.25)


def test_a_difference_is_paired() -> None:
    hard = np.tile([0.0, 1.0], 200)
    gain = difference(hard + 0.01, hard)
    assert gain.mean == pytest.approx(0.01)
    assert gain.low > 0.009  # the two means alone have intervals ten times wider than their difference


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
    message = r"the index lacks document 'a', which dataset .* calls relevant; leave --index out"
    with pytest.raises(DatasetError, match=message):
        evaluate(tmp_path, index=seeds_index)
