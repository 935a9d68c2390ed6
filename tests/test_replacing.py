"""A rebuild replaces the index in one step, under the eyes of those who read it."""

from __future__ import annotations

import importlib
import os
import sys
import types
from pathlib import Path

import pytest
from tiny import write_tiny_model

import rag.store.locking
from rag import Document, Index, IndexLocked, IndexMismatch, IndexUnusable, Settings
from rag.store.tables.database import NAME


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(f"Peace in Moscow, said {name} on Monday after the talks.", "utf-8")
    return folder


def test_readers_go_on_and_then_see_the_new_index(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    with Index.create(place) as index:
        index.add([Document(id="mine", text="A train left the station on Monday.")])
        first = index._store.generation
        with index._store.view() as view:
            report = Index.rebuild(corpus, place)
            assert view.document_count() == 1  # begun before, so it sees the old one to its end
        assert report.added == ("a.txt", "b.txt")
        assert index._store.generation > first
        assert {hit.document.id for hit in index.retrieve("Moscow train", 9)} == {"a.txt", "b.txt"}
        assert index.verify() == []
        assert all(hit.passage.id is None or hit.passage.id > 1 for hit in index.retrieve("Moscow", 9))
        with Index.open(place) as other, other._store.view() as view:
            assert view.state.snapshot is not None
    names = sorted(path.name for path in (place / "snapshot").iterdir())
    assert len(names) == 3
    assert not (place / "rebuilding").exists()


def test_a_rebuild_for_another_model_is_noticed_by_readers(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    model = str(write_tiny_model(tmp_path / "tiny"))
    with Index.create(place) as index:
        Index.rebuild(corpus, settings=Settings(index=place, model=model))
        with pytest.raises(IndexMismatch, match="was built with model"):
            index.documents()
    with Index.open(place) as index:
        assert (index.info()["model"], index.info()["documents"]) == (model, 2)


def test_a_damaged_index_and_a_missing_one_are_replaced(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    assert Index.rebuild(corpus, place).added == ("a.txt", "b.txt")
    (place / NAME).write_bytes(b"this is no database" * 1000)
    assert Index.rebuild(corpus, place).added == ("a.txt", "b.txt")
    with Index.open(place) as index:
        assert index.verify() == []


def test_a_failed_rebuild_and_a_second_writer_change_nothing(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "index"
    with Index.create(place) as index:
        index.sync(corpus)
        with pytest.raises(rag.CorpusError, match="There is no folder at"):
            Index.rebuild(tmp_path / "none", place)
        with index._store.writing(), pytest.raises(IndexLocked, match=f"is being written by process {os.getpid()}"):
            Index.rebuild(corpus, place)
        assert len(index.documents()) == 2
    (tmp_path / "file").touch()
    with pytest.raises(IndexUnusable, match="No index can be made at"):
        Index.rebuild(corpus, tmp_path / "file" / "index")


def test_the_lock_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same refusal with that system's call, here played by a set of locked bytes."""
    taken: list[int] = []

    def locking(file: int, mode: int, count: int) -> None:
        assert (mode, count, os.lseek(file, 0, os.SEEK_CUR)) == (3, 1, 1 << 30)
        if taken:
            raise PermissionError(13, "Permission denied")
        taken.append(file)

    fake = types.ModuleType("msvcrt")
    vars(fake).update(LK_NBLCK=3, locking=locking)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "msvcrt", fake)
        patch.setattr(sys, "platform", "win32")
        module = importlib.reload(rag.store.locking)
        lock = module.WriteLock(tmp_path / "lock")
        with pytest.raises(IndexLocked, match=f"is being written by process {os.getpid()}; .* Wait for it to finish"):
            module.WriteLock(tmp_path / "lock")
        taken.clear()
        lock.release()
        lock.release()
        module.WriteLock(tmp_path / "lock").release()
    importlib.reload(rag.store.locking)
