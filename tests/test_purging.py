"""What a removal leaves: digests in the database, and nothing of the words in any file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from version_samples import NOW, THEN, Calendar, calendar, cite, day, index

from rag import Citation, Document, Index, Settings
from rag.fetching.archive import keep_page, place_of
from rag.fetching.fetcher import Response
from rag.records import text_digest
from rag.store.tables.database import NAME

__all__ = ["calendar", "index"]


def test_a_removed_article_leaves_digests_alone(index: Index, tmp_path: Path) -> None:
    then = index.document("a")
    index.add([Document(id="a", text=NOW)])
    now = index.document("a")
    Calendar.day = 3
    index.remove(["a"])
    for document in (then, now):
        standing = index.check_citation(cite(document, "Peace talks"))
        assert (standing.state, standing.text, standing.document, standing.present) == ("removed", None, None, None)
        assert (standing.removed, str(standing)) == (day(3), "not verified: the article was removed on 2026-03-04")
    never = index.check_citation(Citation(document_id="a", sha256="0" * 64, start=0, end=4))
    assert (never.state, never.removed) == ("removed", day(3))  # no such text was there, but such an article was
    other = index.check_citation(Citation(document_id="b", sha256=then.sha256, start=0, end=4))
    assert (other.state, str(other)) == ("unknown", "not verified: the index does not know this text")
    with closing(sqlite3.connect(tmp_path / "index" / NAME)) as database:
        assert database.execute("SELECT name, sha256 FROM gone ORDER BY sha256").fetchall() == sorted(
            (text_digest("a"), document.sha256) for document in (then, now)
        )
    Calendar.day = 4
    index.add([Document(id="a", text=NOW)])  # it is added again, in its later form
    assert index.check_citation(cite(now, "Peace talks")).state == "current"
    standing = index.check_citation(cite(then, "Peace talks"))
    assert (standing.state, standing.removed, standing.present) == ("removed", day(3), replace(now, language="en"))
    assert index.verify() == []


def test_nothing_of_a_removed_article_is_left_in_any_file(tmp_path: Path) -> None:
    """Neither its words nor its earlier text, vectors or tokens; what stays keeps all of its own."""
    words = [f"zvezdogled{n}x vrtiljak{n}q" for n in range(40)]
    secret = "Tajno poročilo. " + " ".join(words) + "."
    with Index.create(tmp_path) as index:
        index.add([Document(id=f"d{n}", text=f"Rain fell in town {n} for days. {THEN}") for n in range(30)])
        index.add([Document(id="secret-name", text=secret), Document(id="kept", text=secret.replace("x ", "y "))])
        index._store.optimise()
        index.add([Document(id="secret-name", text=secret + " Nov stavek.")])
        with index._store._catalogue.reading() as database:
            (frozen,) = database.execute("SELECT document FROM versions").fetchone()
            tokens, vector = database.execute(
                "SELECT tokens, embedding FROM passages JOIN documents ON number = document"
                " WHERE documents.id = 'secret-name' ORDER BY passages.id LIMIT 1"
            ).fetchone()
        traces = [frozen[20:60], tokens[:64], vector[:64], b"secret-name", b"zvezdogled7x", b"vrtiljak7q vrt"[:10]]
        traces += [f"gled{n}x".encode() for n in range(40)]

        def found() -> list[bytes]:
            whole = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
            return [trace for trace in traces if trace in whole]

        assert {frozen[20:60], tokens[:64], vector[:64], b"secret-name", b"zvezdogled7x"} <= set(found())
        index.remove(["secret-name"])
        assert found() == [b"vrtiljak7q"]  # that one stands in the other article, too
        assert index.verify() == []
        assert index.retrieve("zvezdogled7y", 1)[0].document.id == "kept"


def test_a_large_index_is_purged_when_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.store.local.PURGED_AT_ONCE", 1)
    with Index.create(tmp_path) as index:
        index.add([Document(id="a", text=THEN), Document(id="b", text=NOW), Document(id="c", text=NOW)])
        index.add([Document(id="a", text=THEN.replace("Vienna", "Quitoxy"))])
        index.add([Document(id="a", text=THEN.replace("Vienna", "Bogotaxy"))])
        assert index.forget_versions(["a"]) == 2

        def left(word: bytes) -> bool:
            return any(word in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

        assert left(b"quitoxy")
        index.remove(["a"])
        assert left(b"bogotaxy")
        index.purge()
        assert not left(b"quitoxy") and not left(b"bogotaxy") and not left(b"Bogotaxy")
        assert index.verify() == []


def test_emptying_an_index_removes_its_texts(tmp_path: Path) -> None:
    with Index.create(tmp_path) as index:
        index.add([Document(id="a", text=THEN)])
        then = index.document("a")
        index.add([Document(id="a", text=NOW)])
    with Index.create(tmp_path, replace_existing=True) as index:
        assert index.check_citation(cite(then, "Vienna")).state == "removed"
        assert index.info()["earlier texts"] == 0


def test_a_purge_takes_what_a_killed_rebuild_and_a_broken_list_left(tmp_path: Path) -> None:
    listed, other = "https://gazeta.si/one", "https://gazeta.si/other"
    place = tmp_path / "index"
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(NOW, "utf-8")
    with Index.create(place, settings=Settings(workers=0)) as index:
        index.sync(tmp_path / "corpus")
        for address in (listed, other):  # a run that was broken off before it came to the index has kept both
            body = f"<html><p>The lighthouse of Genoa was rebuilt in 1543. {address} zvezdogled</html>".encode()
            keep_page(place / "fetched", address, Response(address=address, status=200, headers=(), body=body))
        index._writer.sync_pages(place, [listed])
    report = Index.rebuild(tmp_path / "corpus", place, settings=Settings(workers=0))
    assert sorted(report.added) == ["a.txt", listed]
    (place / "rebuilding").mkdir()
    (place / "rebuilding" / "catalogue.db-wal").write_bytes(b"zvezdogled")
    with Index.open(place) as index:
        index.purge()
        assert [info.id for info in index.documents()] == ["a.txt", listed] and index.verify() == []
    assert not (place / "rebuilding").exists()
    assert [path.name for path in (place / "fetched").iterdir()] == [place_of(place / "fetched", listed).name]
