"""A snapshot of several segments: what is kept, what is joined, and what happens when one of them is harmed."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from store_samples import DIMENSION, MANIFEST, check_against, differences, sample, vector_of

from rag.store import DocumentRows, LocalStore
from rag.store.search.segments import Segment
from rag.store.search.snapshot import read_snapshot
from rag.store.search.state import _runs
from rag.store.tables.context_rows import to_bytes
from rag.store.tables.rows import ContextRow


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten rows be many."""
    monkeypatch.setattr("rag.store.search.state.LOOSE_ROWS", 10)


def documents(first: int, last: int) -> dict[str, DocumentRows]:
    return {f"d{n:03}": sample(f"d{n:03}", [f"ana are {n}", f"mere {n % 7}"], n % 5) for n in range(first, last)}


def sizes(store: LocalStore) -> list[tuple[int, int]]:
    """Return rows and live rows of each segment."""
    with store.view() as view:
        return [(len(segment), segment.live) for segment in view.state.segments]


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (folder / "snapshot").iterdir() if path.name != "current.json"}


def flushed(store: LocalStore, rows: dict[str, DocumentRows]) -> None:
    store.upsert(list(rows.values()))
    assert store.optimise_if_due()


def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        flushed(store, documents(0, 40))
        first = files(tmp_path)
        flushed(store, documents(40, 50))
        assert sizes(store) == [(80, 80), (20, 20)]
        assert first.items() < files(tmp_path).items() and len(files(tmp_path)) == 4
        store.delete([f"d{n:03}" for n in range(5, 12)])
        assert store.optimise_if_due()
        assert sizes(store) == [(80, 66), (20, 20)]  # nothing is rewritten for what is gone but a file that says so
        assert first.items() < files(tmp_path).items() and len(files(tmp_path)) == 5
        left = {name: rows for name, rows in documents(0, 50).items() if name not in map("d{:03}".format, range(5, 12))}
        check_against(store, left)
        with LocalStore.open(tmp_path) as other:
            assert sizes(other) == [(80, 66), (20, 20)]
            check_against(other, left)
            assert other.verify() == []
        flushed(store, documents(50, 60))  # twenty and twenty become forty, which is more than half of sixty-six
        assert sizes(store) == [(106, 106)]
        store.optimise()
        assert len(files(tmp_path)) == 2
        check_against(store, left | documents(50, 60))


def test_a_segment_of_which_most_is_gone_is_written_anew_and_an_empty_one_left_out(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        flushed(store, documents(0, 40))
        flushed(store, documents(40, 50))
        store.delete([f"d{n:03}" for n in range(40, 50)])
        store.delete([f"d{n:03}" for n in range(25)])
        assert store.optimise_if_due()
        assert sizes(store) == [(30, 30)]
        store.delete(list(documents(25, 40)))
        assert store.optimise_if_due()
        assert sizes(store) == [] and store.count() == 0
        check_against(store, {})
        flushed(store, documents(0, 6))
        check_against(store, documents(0, 6))
    with LocalStore.open(tmp_path) as store:
        assert store.verify() == []


def test_a_purge_writes_only_what_has_rows_that_are_gone(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        flushed(store, documents(0, 40))
        first = files(tmp_path)
        flushed(store, documents(40, 50))
        store.delete(["d045"])
        store.purge()
        assert sizes(store) == [(80, 80), (18, 18)]
        assert first.items() < files(tmp_path).items() and len(files(tmp_path)) == 4
        check_against(store, {name: rows for name, rows in documents(0, 50).items() if name != "d045"})


def test_a_reader_maps_again_only_what_is_new(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store, LocalStore.open(tmp_path) as reader:
        flushed(store, documents(0, 40))
        assert sizes(reader)[0] == (80, 80)
        with reader.view() as view:
            before = view.state.segments[0].ids
        flushed(store, documents(40, 50))
        assert sizes(reader) == [(80, 80), (20, 20)]
        with reader.view() as view:
            assert view.state.segments[0].ids is before
        check_against(reader, documents(0, 50))


def test_another_process_has_written_since(tmp_path: Path) -> None:
    """A store whose snapshot is gone from the folder keeps none of its files."""
    with LocalStore.create(tmp_path, MANIFEST) as store:
        flushed(store, documents(0, 40))
        with LocalStore.open(tmp_path) as other:
            other.optimise()
        with store.writing():
            store._newest.save()
        check_against(store, documents(0, 40))
    with LocalStore.open(tmp_path) as again:
        assert len(sizes(again)) == 1 and again.verify() == []


@pytest.mark.parametrize("kind", ["vectors", "arrays", "gone", "context", "sentences"])
@pytest.mark.parametrize("harm", ["missing", "cut", "flip"])
def test_a_harmed_segment_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, harm: str) -> None:
    manifest = replace(MANIFEST, contextual="model-c", contextual_dimension=DIMENSION)
    with LocalStore.create(tmp_path, manifest) as store:
        for first, last in ((0, 40), (40, 50)):
            store.upsert(list(documents(first, last).values()))
            store.put_context([context_row(passage) for passage in range(2 * first + 1, 2 * last + 1)])
            assert store.optimise_if_due()
        store.delete([f"d{n:03}" for n in range(6)])
        assert store.optimise_if_due()
        assert sizes(store) == [(80, 68), (20, 20)]
        assert len(files(tmp_path)) == 9
    left = documents(6, 50)
    with LocalStore.open(tmp_path) as store:
        check_against(store, left)
        assert store.verify() == [] and caplog.records == []
    path = sorted((tmp_path / "snapshot").glob(f"{kind}*"))[-1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(content if harm == "flip" else content[:-3])
    with caplog.at_level(logging.WARNING), LocalStore.open(tmp_path) as store:
        check_against(store, left)
        assert "snapshot not used" in caplog.text
        [line] = store.verify()
        assert line.startswith("snapshot: ")
        with store.view() as view:
            assert view.refined_count() == 88


def context_row(passage: int) -> ContextRow:
    return ContextRow(
        passage=passage,
        vector=to_bytes(vector_of(f"context {passage}")[None])[0],
        sentences=to_bytes(np.stack([vector_of(f"sentence {passage} {n}") for n in range(passage % 3 + 1)])),
    )


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["add", "remove", "refine", "flush", "purge", "whole"]), st.integers(0, 30)),
        min_size=4,
        max_size=30,
    )
)
def test_whatever_was_flushed_when_the_index_equals_one_built_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    manifest = replace(MANIFEST, contextual="model-c", contextual_dimension=DIMENSION)
    folder = tmp_path_factory.mktemp("grown")
    present: dict[str, DocumentRows] = {}
    with LocalStore.create(folder, manifest) as store:
        for kind, number in steps:
            if kind == "add":
                added = documents(number, number + 1 + number % 4)
                store.upsert(list(added.values()))
                present.update(added)
            elif kind == "remove":
                store.delete([f"d{number:03}"])
                present.pop(f"d{number:03}", None)
            elif kind == "refine":
                store.put_context([context_row(one.passage) for one in store.waiting(number)])
            else:
                with store.writing():
                    store._newest.purge() if kind == "purge" else store._newest.save(whole=kind == "whole")
        check_against(store, present)
        assert store.verify() == []
        store.optimise()
        with store.view() as view:
            [whole] = view.state.segments
            context = view.state.context
    for path in (folder / "snapshot").iterdir():
        path.unlink()
    with LocalStore.open(folder) as store, store.view() as view:
        assert view.state.snapshot is None
        if present:
            [rebuilt] = view.state.segments
            assert differences(whole, rebuilt) == []
            assert _types(whole) == _types(rebuilt)
        for one, other in zip(context, view.state.context, strict=True):
            for name in ("ids", "offsets", "sentences"):
                assert np.array_equal(getattr(one, name), getattr(other, name))
            assert np.array_equal(one.vectors.codes, other.vectors.codes)


def _types(segment: Segment) -> list[np.dtype[np.generic]]:
    arrays: list[NDArray[np.generic]] = [
        segment.ids,
        segment.documents,
        segment.languages,
        segment.outlets,
        segment.published,
        segment.tokens,
    ]
    postings = segment.postings
    return [array.dtype for array in (*arrays, postings.terms, postings.offsets, postings.rows, postings.counts)]


def test_few_rows_are_written_again_as_an_index_grows() -> None:
    """Of a thousand flushes of equal size each row is written ten times, and there are never more than ten segments."""
    live: list[int] = []
    written = 0
    for _ in range(1000):
        runs = _runs([(rows, 0) for rows in [*live, 1]], len(live), purge=False)
        written += sum(run.live for run in runs if not run.keep)
        live = [run.live for run in runs]
        assert len(live) <= 10
    assert sum(live) == 1000 and written <= 10 * 1000


def test_a_snapshot_of_nothing_known_is_read(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        flushed(store, documents(0, 8))
    first = read_snapshot(tmp_path, MANIFEST)
    again = read_snapshot(tmp_path, MANIFEST, first)
    assert again.segments[0].ids is first.segments[0].ids
    path = tmp_path / "snapshot" / first.pieces[0].arrays
    path.write_bytes(path.read_bytes())  # the same content, but it has to be looked at
    assert read_snapshot(tmp_path, MANIFEST, first).segments[0].ids is not first.segments[0].ids


@pytest.mark.parametrize("writable", [True, False])
def test_many_rows_are_put_together_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, writable: bool
) -> None:
    """Of a lost snapshot; where nothing can be written, in memory."""
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(list(documents(0, 60).values()))
        store.optimise()
        with store.view() as view:
            [expected] = view.state.segments
    for path in (tmp_path / "snapshot").iterdir():
        path.unlink()
    monkeypatch.setattr("rag.store.search.spilling.ROWS_IN_MEMORY", 30)
    monkeypatch.setattr("rag.store.search.state.BLOCK_ROWS", 16)
    if not writable:
        (tmp_path / "snapshot").rmdir()
        (tmp_path / "snapshot").write_text("in the way")
    with LocalStore.open(tmp_path) as store:
        check_against(store, documents(0, 60))
        with store.view() as view:
            segments = view.state.segments
            assert segments[0].tokens.flags.writeable != writable  # what is mapped is not
            if writable:
                assert differences(expected, segments[0]) == []
        if writable:
            assert list((tmp_path / "snapshot").iterdir()) == []
            store.optimise()
            check_against(store, documents(0, 60))
            assert store.verify() == []
