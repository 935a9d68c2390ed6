"""Views of one store and of others: each is one state, however much is written meanwhile."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import MANIFEST, make_rows, vector_of

from rag.errors import IndexMismatch
from rag.store import LocalStore
from rag.store.search.state import LOOSE_ROWS


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
            assert (
                view.state.snapshot is not None and view.state.snapshot.commit == view.state.commit
            )  # it took the new snapshot rather than two thousand rows


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
