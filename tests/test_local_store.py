from __future__ import annotations

import json
import logging
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MANIFEST, check_against, make_rows, vector_of

from rag.errors import EncoderError, IndexMismatch, IndexUnusable, QueryError
from rag.records import Filters
from rag.store import DocumentRows, LocalStore, Store, TokenRows
from rag.store.database import NAME
from rag.store.state import LOOSE_ROWS

WORDS = ["ana", "are", "mere", "ar", "an", "pere", "om"]
DAYS = [None, date(2026, 1, 8), date(2026, 1, 14), datetime(2026, 1, 14, 23, 59), date(2025, 12, 21)]

Change = tuple[str, str, list[str], int]

texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), max_size=4)
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


def sample(document_id: str, passages: list[str], variant: int) -> DocumentRows:
    language = ("ro", "sl", None, "hr", "ro")[variant]
    return make_rows(document_id, passages, language=language, outlet=f"o{variant % 3}", published=DAYS[variant])


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


def test_the_local_store_is_a_store(tmp_path: Path) -> None:
    store: Store = LocalStore.create(tmp_path, MANIFEST)  # checked by mypy; used here as the protocol says
    store.upsert([make_rows("a", ["ana", "mere"])])
    assert store.search_vectors(vector_of("mere"), 1)[0].tolist() == [2]
    assert store.search_terms([{"ana": 1.0}], 1)[0].tolist() == [1]
    assert store.passages([2])[0].text == "mere"
    assert store.documents(["a"])["a"].text == "ana\nmere"
    assert store.delete(["a", "b"]) == ["a"]
    assert store.count() == 0


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
        with pytest.raises(EncoderError, match=r"the query is float32\(1, 5\), the index holds float32\(n, 8\)"):
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
                with pytest.raises(QueryError, match=f"passage {missing} is not in the index"):
                    ask([1, missing, 5])
        with pytest.raises(QueryError, match="document 'b' is not in the index"):
            store.document("b")
        assert list(store.documents(["a", "b", "d"])) == ["a", "d"]


def test_a_view_does_not_change(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana are mere"])])
        with store.view() as view:
            store.upsert([make_rows("a", ["alt text"]), make_rows("b", ["ana"])])
            store.optimise()
            assert view.count() == 1
            assert [passage.text for passage in view.passages([1])] == ["ana are mere"]
            assert view.search_terms([{"ana": 1.0}], 9)[0].tolist() == [1]
            assert view.document("a").text == "ana are mere"
        assert store.search_terms([{"ana": 1.0}], 9)[0].tolist() == [3]


def test_other_stores_catch_up(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store, LocalStore.open(tmp_path) as reader:
        assert not reader.refresh()
        store.upsert([make_rows("a", ["ana"])])
        assert reader.refresh()
        assert not reader.refresh()
        assert reader.generation == store.generation == 2
        store.upsert([make_rows(f"d{n}", ["mere"] * 30) for n in range(LOOSE_ROWS // 30 + 1)])
        assert store.optimise_if_due()
        assert not store.optimise_if_due()
        assert reader.count() == store.count() == 1 + 30 * (LOOSE_ROWS // 30 + 1)
        with reader.view() as view:
            assert view.state.snapshot == view.state.commit  # it took the new snapshot rather than two thousand rows


def test_replaced_by_another_model(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana"])])
        store.optimise()
        other = replace(MANIFEST, model="model-b", dimension=4)
        with LocalStore.create(tmp_path, other, replace=True) as fresh:
            assert fresh.manifest == other
            assert fresh.count() == 0
            assert fresh.files() == {}
            with pytest.raises(
                IndexMismatch, match=r"was built with model model-b \(4 dims\); asked for model-a \(8\)"
            ):
                store.search_vectors(vector_of("x"), 1)
            with pytest.raises(IndexMismatch):
                store.upsert([make_rows("b", ["ana"])])
            assert fresh.verify() == []


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


def filled(folder: Path) -> dict[str, DocumentRows]:
    documents = {f"d{n}": sample(f"d{n}", ["ana are mere", f"om {n}"], n % 5) for n in range(40)}
    with LocalStore.create(folder, MANIFEST) as store:
        store.upsert(list(documents.values()))
        store.optimise()
    return documents


def snapshot_file(folder: Path, kind: str) -> Path:
    [path] = (folder / "snapshot").glob(f"{kind}*")
    return path


def test_snapshot_is_used_and_needs_no_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        with store.view() as view:
            assert view.state.snapshot == view.state.commit
            assert len(view.state.segments) == 1
        check_against(store, documents)
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["vectors", "arrays", "current"])
@pytest.mark.parametrize("harm", ["missing", "cut", "empty", "flip", "longer"])
def test_harmed_snapshot_is_rebuilt(tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, harm: str) -> None:
    documents = filled(tmp_path)
    path = snapshot_file(tmp_path, kind)
    content = bytearray(path.read_bytes())
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-7])
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "longer":
        path.write_bytes(content + b" }")
    else:
        content[random.Random(kind).randrange(len(content) // 4, len(content))] ^= 4
        path.write_bytes(content)
    with caplog.at_level(logging.WARNING), LocalStore.open(tmp_path) as store:
        reported = store.verify()
        assert [line.startswith("snapshot: ") for line in reported] == (
            [] if (kind, harm) == ("current", "missing") else [True]
        )
        check_against(store, documents)
        assert [
            record.message.startswith(f"index at {str(tmp_path)!r}: snapshot not used (") for record in caplog.records
        ] == [True]
        store.optimise()
        caplog.clear()
        with LocalStore.open(tmp_path) as again:
            check_against(again, documents)
        assert caplog.records == []
        assert len(list((tmp_path / "snapshot").iterdir())) == 3  # what was left of the old one is gone


@pytest.mark.parametrize(
    ("field", "value"), [("dimension", 9), ("fingerprint", "0" * 16), ("model", "model-b"), ("rows", 79), ("layout", 2)]
)
def test_snapshot_of_something_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    import zlib

    documents = filled(tmp_path)
    path = tmp_path / "snapshot" / "current.json"
    text = json.dumps(json.loads(json.loads(path.read_text())["content"]) | {field: value})
    path.write_text(json.dumps({"content": text, "crc32": zlib.crc32(text.encode())}))
    with LocalStore.open(tmp_path) as store:
        check_against(store, documents)
    assert "snapshot not used" in caplog.text


def test_database_put_back_to_an_earlier_copy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The snapshot is then of a future that did not happen, even when later writes reach the same number."""
    documents = filled(tmp_path / "index")
    shutil.copy(tmp_path / "index" / NAME, tmp_path / NAME)
    with LocalStore.open(tmp_path / "index") as store:
        store.upsert([make_rows("later", ["ana"])])
        store.optimise()
    shutil.copy(tmp_path / NAME, tmp_path / "index" / NAME)
    with LocalStore.open(tmp_path / "index") as store:
        check_against(store, documents)
        documents["other"] = make_rows("other", ["mere ana"])
        store.upsert([documents["other"]])
    with LocalStore.open(tmp_path / "index") as store:
        check_against(store, documents)
    assert caplog.text.count("is of commit 3, which is not in the database's history") == 2


def test_only_the_difference_is_applied(tmp_path: Path) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        documents["new"] = make_rows("new", ["ana noua"])
        store.upsert([documents["new"]])
        del documents["d3"]
        store.delete(["d3"])
    with LocalStore.open(tmp_path) as store, store.view() as view:
        assert [len(segment) for segment in view.state.segments] == [80, 1]
        check_against(store, documents)


def test_large_snapshots_are_of_the_fast_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.store.state.FLAT_LIMIT", 700)
    documents = {f"d{n}": sample(f"d{n}", [f"ana are {n}", f"mere {n}"], n % 5) for n in range(350)}
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(list(documents.values()))
        kinds = []
        for name in ("new", "newer"):
            store.optimise()
            with store.view() as view:
                kinds.append(view.state.segments[0].vectors.kind)
            documents[name] = make_rows(name, ["ana noua"])
            store.upsert([documents[name]])
        assert kinds == ["flat", "fast"]
        store.delete(["d3"])
        del documents["d3"]
        assert store.verify() == []
    with LocalStore.open(tmp_path) as store:
        ids, scores = store.search_vectors(vector_of("x"), 5, Filters(languages=frozenset({"ro"})))
        expected = sorted(
            (
                (float(row.embedding @ vector_of("x")), rows.document.text[row.start : row.end])
                for rows in documents.values()
                for row in rows.passages
                if rows.document.language == "ro"
            ),
            reverse=True,
        )[:5]
        assert [passage.text for passage in store.passages(ids)] == [text for _, text in expected]
        np.testing.assert_allclose(scores, [score for score, _ in expected], atol=1e-6)


def test_segments_stay_few(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        for number in range(200):
            store.upsert([make_rows(f"d{number}", ["ana are", "mere"])])
            store.refresh()
        with store.view() as view:
            sizes = [len(segment) for segment in view.state.segments]
        assert sum(sizes) == 400
        assert len(sizes) <= 9
        store.delete([f"d{number}" for number in range(199)])
        with store.view() as view:
            assert sum(segment.live for segment in view.state.segments) == 2
            assert len(view.state.segments) <= 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('UPDATE passages SET "end" = 9999 WHERE id = 3', "passage 3: span 0-9999 does not lie in a text of"),
        ("UPDATE texts SET text = text || '!' WHERE document = 2", "document 'd1': its text does not match its sha256"),
        ("DELETE FROM texts WHERE document = 2", "document 'd1': its text is missing"),
        (
            "UPDATE passages SET embedding = zeroblob(12) WHERE id = 3",
            "passage 3: its vector has 3 numbers, the index 8",
        ),
        (
            "UPDATE passages SET embedding = (SELECT embedding FROM passages WHERE id = 4) WHERE id = 3",
            "snapshot: vectors",
        ),
        ("UPDATE passages SET surface = 'altceva are mere' WHERE id = 3", "full-text index: "),
        ("DELETE FROM passages WHERE id = 3", "full-text index: "),
        ("UPDATE documents SET language = 'xx' WHERE number = 2", "snapshot: languages differ"),
    ],
)
def test_verify_finds(tmp_path: Path, change: str, problem: str) -> None:
    filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        assert store.verify() == []
    database = sqlite3.connect(tmp_path / NAME)
    database.execute(change)
    database.commit()
    database.close()
    with LocalStore.open(tmp_path) as store:
        problems = store.verify()
    assert any(problem in line for line in problems), problems
    assert all("\n" not in line for line in problems)


def test_vector_that_is_not_of_unit_length(tmp_path: Path) -> None:
    rows = make_rows("a", ["ana", "mere"])
    long = replace(rows.passages[0], embedding=rows.passages[0].embedding * np.float32(1.5))
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([replace(rows, passages=[long, rows.passages[1]])])
        assert store.verify() == ["passage 1: its vector has length 1.5000, not 1"]


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
        assert lines[1].startswith("IndexUnusable index at ")
        assert "cannot be written to (Permission denied)" in lines[1]


def test_disk_full_while_writing_a_snapshot(tmp_path: Path) -> None:
    """A folder in the way of the file stands for any error of the file system: the index goes on."""
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        documents["new"] = make_rows("new", ["ana"])
        store.upsert([documents["new"]])
        shutil.rmtree(tmp_path / "snapshot")
        (tmp_path / "snapshot").write_text("in the way")
        with pytest.raises(IndexUnusable, match=r"its snapshot cannot be written \(.*\); no document is lost"):
            store.optimise()
        check_against(store, documents)


def test_reading_threads_while_one_writes(tmp_path: Path) -> None:
    """Whatever a view finds is there, and each span matches its text, while documents come and go beneath."""
    stop = threading.Event()
    failures: list[BaseException] = []
    seen = []

    def read(store: LocalStore) -> None:
        try:
            while not stop.is_set():
                with store.view() as view:
                    ids, _ = view.search_vectors(vector_of("x"), 10)
                    found, _ = view.search_terms([{"ana": 1.0}], 1000)
                    assert len(found) == view.count()
                    view.tokens(found)
                    for passage, document in view.passages_with_documents([*ids.tolist(), *found[:20].tolist()]):
                        assert document.text[passage.start : passage.end] == passage.text != ""
                    texts = {document.text for _, document in view.passages_with_documents(found[:50])}
                    seen.append(len(texts))
        except BaseException as error:
            failures.append(error)

    with LocalStore.create(tmp_path, MANIFEST) as writer, LocalStore.open(tmp_path) as other:
        threads = [threading.Thread(target=read, args=(store,)) for store in (writer, writer, other)]
        for thread in threads:
            thread.start()
        draw = random.Random(1)
        for step in range(60):
            name = f"d{draw.randrange(12)}"
            if draw.random() < 0.3:
                writer.delete([name])
            else:
                writer.upsert([make_rows(name, [f"ana {step} {n}" for n in range(draw.randint(1, 4))])])
            if step % 20 == 19:
                writer.optimise()
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert seen
        assert writer.verify() == []


def test_light_import() -> None:
    program = "import sys, rag.store; print(sorted({'faiss', 'torch', 'gradio', 'scipy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
