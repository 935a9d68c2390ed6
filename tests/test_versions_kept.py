"""Earlier texts stay where an article moves or an index is rebuilt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from version_samples import NOW, THEN, Calendar, calendar, cite, day, index

from rag import Document, Index
from rag.store.tables.database import NAME

__all__ = ["calendar", "index"]


def test_a_file_that_moved_and_changed_keeps_its_texts(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "b.txt").write_text("Rain fell on the coast for days, the weather office said.", "utf-8")
    (folder / "a.txt").write_text(THEN, "utf-8")
    with Index.create(tmp_path / "index") as index:
        index.sync(folder)
        then = index.document("a.txt")
        (folder / "a.txt").write_text(NOW, "utf-8")
        assert index.sync(folder).changed == ("a.txt",)
        now = index.document("a.txt")
        (folder / "a.txt").rename(folder / "c.txt")
        assert index.sync(folder).moved == (("a.txt", "c.txt"),)
        assert [version.sha256 for version in index.versions("c.txt")] == [then.sha256]
        standing = index.check_citation(cite(then, "in Vienna"))
        assert (standing.state, standing.text) == ("changed", "in Vienna")
        standing = index.check_citation(cite(now, "in Geneva"))
        assert (standing.state, standing.text) == ("current", "in Geneva")
        assert standing.place is not None and standing.place.document_id == "c.txt"
        (folder / "c.txt").rename(folder / "d.txt")
        index.sync(folder)
        (folder / "a.txt").write_text("Another story has this name now, about a lighthouse.", "utf-8")
        index.sync(folder)
        assert index.check_citation(cite(then, "in Vienna")).text == "in Vienna"
        assert index.check_citation(cite(then, "in Vienna")).present == index.document("d.txt")
        assert index.check_citation(cite(index.document("a.txt"), "lighthouse")).state == "current"
        (folder / "d.txt").unlink()
        index.sync(folder)
        assert index.check_citation(cite(then, "in Vienna")).state == "removed"
        assert index.check_citation(cite(now, "in Geneva")).state == "removed"
        assert index.info()["earlier texts"] == 0
        assert index.verify() == []


def test_a_rebuild_keeps_what_was_and_notices_what_changed(tmp_path: Path) -> None:
    folder, place = tmp_path / "corpus", tmp_path / "index"
    folder.mkdir()
    names = ("changes", "moves", "goes", "stays")
    for name in names:
        (folder / f"{name}.txt").write_text(f"First, {name}. {THEN}", "utf-8")
    with Index.create(place) as index:
        index.sync(folder)
        first = {name: index.document(f"{name}.txt") for name in names}
        for name in names:
            (folder / f"{name}.txt").write_text(f"Second, {name}. {NOW}", "utf-8")
        Calendar.day = 2
        index.sync(folder)
        second = {name: index.document(f"{name}.txt") for name in names}
        index.add([Document(id="by hand", text=THEN)])
        by_hand = index.document("by hand")
        (folder / "changes.txt").write_text(f"Third, changes. {THEN}", "utf-8")
        (folder / "moves.txt").rename(folder / "moved.txt")
        (folder / "goes.txt").unlink()
        Calendar.day = 3
        Index.rebuild(folder, place)
        for name, (was, now) in {
            "changes": ("changed", "changed"),
            "moves": ("changed", "current"),
            "goes": ("removed", "removed"),
            "stays": ("changed", "current"),
        }.items():
            for text, words, state in ((first[name], f"First, {name}", was), (second[name], f"Second, {name}", now)):
                standing = index.check_citation(cite(text, words))
                assert (name, standing.state, standing.text) == (name, state, None if state == "removed" else words)
        assert index.check_citation(cite(by_hand, "Vienna")).state == "removed"
        assert [v.replaced for v in index.versions("stays.txt")] == [day(2)]
        assert [v.stored for v in index.versions("changes.txt")] == [day(2), day(1)]
        assert index.verify() == []
        Calendar.day = 4
        (folder / "stays.txt").write_text(THEN, "utf-8")
        index.sync(folder)
        assert [v.stored for v in index.versions("stays.txt")] == [day(2), day(1)]


def test_a_rebuild_of_an_index_whose_versions_cannot_be_read_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(NOW, "utf-8")
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a.txt", text=THEN)])
    with closing(sqlite3.connect(tmp_path / "index" / NAME)) as database, database:
        database.execute("DROP TABLE texts")
    Index.rebuild(tmp_path / "corpus", tmp_path / "index")
    assert "earlier texts were not taken over: The index at " in caplog.text
    with Index.open(tmp_path / "index") as index:
        assert index.document("a.txt").text == NOW and index.verify() == []
