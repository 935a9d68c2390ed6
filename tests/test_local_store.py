"""The local store: whatever is written, searching it equals the plain way."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import DAYS, MANIFEST, WORDS, check_against, filled, make_rows, sample, texts, vector_of

from rag.errors import EncoderError, QueryError
from rag.records import Filters
from rag.store import DocumentRows, LocalStore, TokenRows
from rag.store.tables.database import NAME

Change = tuple[str, str, list[str], int]
changes: st.SearchStrategy[Change] = st.one_of(
    st.tuples(st.just("upsert"), st.sampled_from("abcdef"), texts, st.integers(0, 4)),
    st.tuples(st.just("delete"), st.sampled_from("abcdef"), st.just([]), st.just(0)),
    st.tuples(st.just("optimise"), st.just(""), st.just([]), st.just(0)),
    st.tuples(st.just("reopen"), st.just(""), st.just([]), st.just(0)),
    st.tuples(st.just("search"), st.just(""), st.just([]), st.integers(0, 4)),
)
FILTERS = [
    None,
    Filters(languages=frozenset({"ro"})),
    Filters(languages=frozenset({"sl", "hr"}), outlets=frozenset({"o1"})),
    Filters(published_from=date(2026, 1, 8), published_to=date(2026, 1, 14)),
    Filters(documents=frozenset({"a", "d", "none"})),
]


@settings(max_examples=40, deadline=None)
@given(st.lists(changes, max_size=14))
def test_any_history_equals_the_plain_way(history: list[Change]) -> None:
    """Whatever is stored, removed, optimised and reopened: every answer equals counting over the documents left."""
    folder = Path(tempfile.mkdtemp())
    documents: dict[str, DocumentRows] = {}
    reader: LocalStore | None = None
    try:
        store = LocalStore.create(folder, MANIFEST)
        reader = LocalStore.open(folder)
        for kind, document_id, passages, number in history:
            if kind == "upsert":
                documents[document_id] = sample(document_id, passages, number)
                store.upsert([documents[document_id]])
            elif kind == "delete":
                assert store.delete([document_id]) == ([document_id] if documents.pop(document_id, None) else [])
            elif kind == "optimise":
                store.optimise()
            elif kind == "reopen":
                store.close()
                store = LocalStore.open(folder)
            else:
                check_against(store, documents, FILTERS[number])
        for filters in FILTERS:
            check_against(store, documents, filters)
        check_against(reader, documents)  # another store sees the same, by the difference or a new snapshot
        assert store.verify() == []
        store.close()
    finally:
        if reader is not None:
            reader.close()
        shutil.rmtree(folder)


def test_pieces_score_exactly_like_the_whole(tmp_path: Path) -> None:
    draw = random.Random(2)
    documents = [
        sample(f"d{n}", [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(draw.randint(0, 5))], n % 5)
        for n in range(60)
    ]
    with (
        LocalStore.create(tmp_path / "grown", MANIFEST) as grown,
        LocalStore.create(tmp_path / "built", MANIFEST) as built,
    ):
        for number, rows in enumerate(documents):
            grown.upsert([replace(rows, passages=rows.passages[::-1]), sample("extra", ["ana om"], 0)])
            grown.upsert([rows])
            grown.count()
            if number == 30:
                grown.optimise()
        grown.delete(["extra"])
        built.upsert(documents)
        groups = [{"ana": 1.0, "an": 0.5}, {"mere": 1.0}, {"om": 2.0}]
        total = built.count()
        answers = []
        for store in (grown, built):
            with store.view() as view:
                ids, scores = view.search_terms(groups, total)
                found = zip(view.passages_with_documents(ids), scores.tolist(), strict=True)
                terms = sorted((score, passage.document_id, passage.start) for (passage, _), score in found)
                ids, scores = view.search_vectors(vector_of("x"), total)
                found = zip(view.passages_with_documents(ids), scores.tolist(), strict=True)
                vectors = sorted((score, passage.document_id, passage.start) for (passage, _), score in found)
                answers.append((terms, vectors, view.token_counts(100).tolist()))
        assert len(answers[0][1]) == total
        assert answers[0] == answers[1]


def test_more_than_there_are_and_none(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        assert store.search_vectors(vector_of("x"), 5)[0].tolist() == []
        assert store.search_terms([{"ana": 1.0}], 5)[0].tolist() == []
        store.upsert([make_rows("a", ["ana", "mere"])])
        assert sorted(store.search_vectors(vector_of("x"), 50)[0].tolist()) == [1, 2]
        assert store.search_terms([{"ana": 1.0}], 50)[0].tolist() == [1]
        assert store.search_vectors(vector_of("x"), 0)[0].tolist() == []
        assert store.search_terms([{"ana": 1.0}], 0)[0].tolist() == []
        nowhere = Filters(languages=frozenset({"hu"}))
        assert store.search_vectors(vector_of("x"), 5, nowhere)[0].tolist() == []
        assert store.search_terms([{"ana": 1.0}], 5, nowhere)[0].tolist() == []
        with pytest.raises(EncoderError, match=r"The query vector is float32\(1, 5\), the index holds float32\(n, 8\)"):
            store.search_vectors(np.ones(5, np.float32), 5)


def test_equal_scores_come_by_id(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        for name in "abc":
            store.upsert([make_rows(name, ["ana are mere", "ana are mere"])])
            store.refresh()
        assert store.search_vectors(vector_of("x"), 6)[0].tolist() == [1, 2, 3, 4, 5, 6]
        assert store.search_terms([{"ana": 1.0}], 4)[0].tolist() == [1, 2, 3, 4]


def test_dates_include_both_ends(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(str(number), ["ana"], published=day) for number, day in enumerate(DAYS)])

        def found(first: date | None, last: date | None) -> list[int]:
            ids, _ = store.search_terms([{"ana": 1.0}], 9, Filters(published_from=first, published_to=last))
            return [int(passage.document_id) for passage in store.passages(ids)]

        assert found(date(2026, 1, 8), date(2026, 1, 14)) == [1, 2, 3]
        assert found(date(2026, 1, 9), None) == [2, 3]
        assert found(None, date(2026, 1, 8)) == [1, 4]
        assert found(date(2026, 1, 15), None) == []


def test_gathering_in_any_order(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana are", "mere", "pere si mere"])])
        store.optimise()
        store.upsert([make_rows("b", ["om"], language="sl"), make_rows("c", ["un om"], language=None)])
        with store.view() as view:
            one = view.tokens([3, 1])
            assert isinstance(one, TokenRows)
            two = view.tokens([3, 5, 1, 4, 3])
            assert two.bounds.tolist() == [0, 3, 5, 7, 8, 11]
            assert two.ids[:3].tolist() == two.ids[8:].tolist() == one.ids[:3].tolist()
            assert two.ids[5:7].tolist() == one.ids[3:].tolist()
            assert two.sentences.tolist() == [0, 1, 0, 1, 0, 1, 0, 0, 0, 1]
            assert view.tokens([]).bounds.tolist() == [0]
            assert view.languages_of([5, 1, 4]) == [None, "ro", "sl"]
            assert view.languages() == ["ro", "sl"]
            assert view.passage_documents([5, 1, 4, 1]) == ["c", "a", "b", "a"]
            numbers = view.document_numbers([1, 3, 4]).tolist()
            assert numbers[0] == numbers[1] != numbers[2]
            assert np.array_equal(view.embeddings([5, 1]), np.stack([vector_of("un om"), vector_of("ana are")]))
            assert [passage.text for passage in view.passages([4, 2, 4])] == ["om", "mere", "om"]
            scores = view.score_terms([{"om": 1.0}, {"mere": 1.0}], [2, 4, 1])
            ids, best = view.search_terms([{"om": 1.0}, {"mere": 1.0}], 9)
            found = dict(zip(ids.tolist(), best.tolist(), strict=True))
            assert scores.tolist() == [found[2], found[4], 0.0]


@pytest.mark.parametrize("missing", [0, -1, 3, 4, 99])
def test_passage_that_is_gone(tmp_path: Path, missing: int) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana", "mere"]), make_rows("b", ["om"])])
        store.optimise()
        store.upsert([make_rows("c", ["pere"]), make_rows("d", ["pere"])])
        store.delete(["b", "c"])
        with store.view() as view:
            asks: list[Callable[[list[int]], object]] = [
                view.tokens, view.embeddings, view.passages, view.document_numbers, view.languages_of,
            ]  # fmt: skip
            for ask in asks:
                ask([1, 5])
                with pytest.raises(QueryError, match=f"Passage {missing} is not in the index"):
                    ask([1, missing, 5])
        with pytest.raises(QueryError, match="There is no document 'b'; the index has: 'a', 'd'"):
            store.document("b")
        assert list(store.documents(["a", "b", "d"])) == ["a", "d"]


def test_facets_and_lists(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        assert store.facets().first is None
        store.upsert([sample(f"d{n}", ["ana", "mere"][: n % 3], n % 5) for n in range(7)])
        facets = store.facets()
        assert facets.languages == {"ro": 3, "sl": 2, None: 1, "hr": 1}
        assert list(facets.languages) == ["ro", "sl", None, "hr"]
        assert facets.outlets == {"o0": 3, "o1": 3, "o2": 1}
        assert (facets.first, facets.last) == (date(2025, 12, 21), date(2026, 1, 14))
        listed = store.list_documents()
        assert [(info.id, info.passages, info.characters) for info in listed[:3]] == [
            ("d0", 0, 0),
            ("d1", 1, 3),
            ("d2", 2, 8),
        ]
        assert listed[3].published == datetime(2026, 1, 14, 23, 59)
        store.optimise()
        expected = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file() and file.name != "lock")
        assert store.size_on_disk() == expected


@pytest.mark.parametrize("waiting", [False, True])
def test_folder_that_cannot_be_written_to(waiting: bool) -> None:
    """Asked in a process of its own, which gives up root's right to write anywhere."""
    folder = Path(tempfile.mkdtemp())
    try:
        documents = filled(folder)
        shutil.rmtree(folder / "snapshot")
        (folder / "lock").unlink()
        if waiting:
            with LocalStore.open(folder) as store:
                store.upsert([make_rows("new", ["ana"])])
                shutil.copytree(folder, folder / "copy")  # what a killed writer leaves: writes not yet in the file
            folder = folder / "copy"
            (folder / f"{NAME}-shm").unlink()
        for path in [folder.parent if waiting else folder, folder, *folder.iterdir()]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        program = (
            "import os, sys, faiss\n"
            "from rag.store import LocalStore\n"
            "from rag.errors import RagError\n"
            "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
            "try:\n"
            "    store = LocalStore.open(sys.argv[1])\n"
            "    print(store.count(), store.search_terms([{'ana': 1.0}], 100)[0].size, store.verify())\n"
            "    store.delete(['d1'])\n"
            "except RagError as error: print(type(error).__name__, error)\n"
        )
        command = [sys.executable, "-c", program, str(folder)]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if waiting:
        assert len(lines) == 1
        assert "has writes waiting in catalogue.db-wal, and the folder cannot be written to" in lines[0]
    else:
        assert lines[0] == f"{2 * len(documents)} {len(documents)} []"
        assert lines[1].startswith("IndexUnusable The index at ")
        assert "cannot be written to (Permission denied)" in lines[1]


def test_light_import() -> None:
    program = "import sys, rag.store; print(sorted({'faiss', 'torch', 'gradio', 'scipy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
