"""Datasets in BEIR form: read, written, and every malformed line named."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluation_samples import small_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import (
    Dataset,
    read_dataset,
    write_dataset,
)
from rag.evaluation.report import searchable_documents
from rag.records import Document


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
        ("corpus", "", "corpus.jsonl holds no documents. Write one JSON object on each line"),
        ("corpus", '{"_id": "a", "text": "x"}\n{"_id"', "corpus.jsonl, line 2: not JSON ("),
        ("corpus", "[" * 100_000, "corpus.jsonl, line 1: not JSON ("),
        ("corpus", '["a"]', "corpus.jsonl, line 1: a JSON list. Write one JSON object on each line"),
        ("corpus", '{"text": "x"}', "corpus.jsonl, line 1: '_id' is missing. Write it as a text that is not empty"),
        ("corpus", '{"_id": 7, "text": "x"}', "corpus.jsonl, line 1: '_id' is 7. Write it as a text that is not empty"),
        ("corpus", '{"_id": "a"}', "corpus.jsonl, line 1: 'text' is missing. Write it as"),
        ("corpus", '{"_id": "a", "text": "x", "title": 3}', "corpus.jsonl, line 1: 'title' is 3. Write it as"),
        ("corpus", '{"_id": "a", "text": "x", "language": "Romanian"}', "line 1: 'language' is 'Romanian'. Use a code"),
        ("corpus", '{"_id": "a", "text": "\\ud800"}', "corpus.jsonl, line 1: a text holds half of a surrogate pair"),
        (
            "corpus",
            b'\n{"_id": "a", "text": "\xe3"}',
            "corpus.jsonl, line 2: not UTF-8 (byte 0xe3 at 22). Save the file",
        ),
        (
            "corpus",
            '{"_id": "a", "text": "x"}\n\n{"_id": "a", "text": "y"}',
            "corpus.jsonl, line 3: the _id 'a' is that of an earlier line too. Give every line its own",
        ),
        ("queries", "\n \n", "queries.jsonl holds no questions"),
        ("queries", '{"_id": "q1", "text": "  "}', "queries.jsonl, line 1: 'text' is ' '. Write it as a text that"),
        ("qrels", "", "test.tsv is empty. Write the header ('query-id', 'corpus-id', 'score')"),
        (
            "qrels",
            "q1\ta\t1\n",
            "test.tsv, line 1: expected the header ('query-id', 'corpus-id', 'score'), found ['q1'",
        ),
        (
            "qrels",
            HEADER + "q1 a 1\n",
            "test.tsv, line 2: expected 3 tab-separated fields, found 1. Separate them by tabs",
        ),
        ("qrels", HEADER + "q9\ta\t1\n", "test.tsv, line 2: question 'q9' is not in queries.jsonl. Add it there, or"),
        ("qrels", HEADER + "q1\tz\t1\n", "test.tsv, line 2: document 'z' is not in corpus.jsonl. Add it there, or"),
        ("qrels", HEADER + "q1\ta\t0.5\n", "test.tsv, line 2: score is '0.5'. Use a whole number up to 1,000"),
        ("qrels", HEADER + "q1\ta\t2000\n", "test.tsv, line 2: score is '2000'. Use a whole number up to 1,000"),
        ("qrels", HEADER + "q1\ta\t1\nq1\ta\t0\n", "test.tsv, line 3: 'q1' and 'a' are judged twice. Remove one line"),
        ("qrels", HEADER + "q1\ta\t0\n", "test.tsv: no question has a relevant document. Add at least one line"),
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
    with pytest.raises(DatasetError, match=f"{name} is missing. A dataset is corpus.jsonl, queries.jsonl and qrels"):
        read_dataset(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset at '.*nowhere'. Give a folder that holds corpus.jsonl"):
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
        DatasetError, match=r"cannot be written to qrels/test\.tsv. Use an id without control characters"
    ):
        write_dataset(dataset, tmp_path / "new")
    assert not (tmp_path / "new").exists()
