from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from store_samples import MANIFEST, make_rows

from rag.errors import EncoderError, IndexDamaged, IndexNotFound, IndexUnusable
from rag.records import Document, Failure
from rag.store import DocumentRows, FileRecord, LocalStore
from rag.store.tables.catalogue import Catalogue
from rag.store.tables.database import NAME
from rag.store.tables.passages import put_documents


def test_document_round_trip(tmp_path: Path) -> None:
    document = Document(
        id="dosar/știre 1.txt#7",
        text="Întâlnirea – „la Moscova”.\r\nPagina doi\x00 și \U0001f600.",
        title="Titlu",
        source="https://example.org/1",
        outlet="Ziarul",
        author="Ana Pop",
        published=datetime(2026, 1, 14, 18, 20, tzinfo=timezone(timedelta(hours=2))),
        language="ro",
        masked=((0, 4), (9, 12)),
        pages=(0, 28),
        evidence={"title": "text", "published": "meta"},
    )
    with LocalStore.create(tmp_path / "index", MANIFEST) as store:
        store.upsert([DocumentRows(document=document, origin="dosar/știre 1.txt")])
        assert store.document(document.id) == document
        assert store.document(document.id).sha256 == document.sha256
        assert store.origins() == {"dosar/știre 1.txt": [document.id]}


@pytest.mark.parametrize("evidence", [{}, {"modified": "text", "title": "meta"}])
@pytest.mark.parametrize("modified", [None, date(2026, 1, 15), datetime(2026, 1, 15, 9, tzinfo=UTC)])
def test_when_it_was_changed_is_kept(tmp_path: Path, modified: date | None, evidence: dict[str, str]) -> None:
    document = Document(id="a", text="a", modified=modified, evidence=evidence)
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([DocumentRows(document=document)])
        found = store.document("a")
    assert (found, type(found.modified)) == (document, type(modified))


@pytest.mark.parametrize(
    "published", [None, date(2025, 12, 21), datetime(2025, 12, 21), datetime(2025, 12, 21, tzinfo=UTC)]
)
def test_dates_keep_their_kind(tmp_path: Path, published: date | None) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([DocumentRows(document=Document(id="a", text="a", published=published))])
        found = store.document("a").published
    assert found == published
    assert type(found) is type(published)


def test_lone_surrogates_are_kept(tmp_path: Path) -> None:
    """They come from file names and JSON that are not valid Unicode; the citation must still be exact."""
    rows = make_rows("nume\udcff.txt", ["ana \ud800 mere", "ana \ud801 mere"], origin="nume\udcff.txt")
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([rows])
        assert store.document("nume\udcff.txt") == rows.document
        assert [passage.text for passage in store.passages([1, 2])] == ["ana \ud800 mere", "ana \ud801 mere"]
        assert store.documents_of(["nume\udcff.txt"]) == ["nume\udcff.txt"]
        assert store.verify() == []
        assert store.delete(["nume\udcff.txt"]) == ["nume\udcff.txt"]


def test_ids_are_never_used_again(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana", "mere"])])
        store.delete(["a"])
        store.upsert([make_rows("a", ["ana"])])
        store.optimise()
        store.upsert([make_rows("a", ["ana"]), make_rows("b", ["mere"])])
        assert [passage.document_id for passage in store.passages([4, 5])] == ["a", "b"]


def test_one_bad_row_stores_nothing(tmp_path: Path) -> None:
    good, bad = make_rows("good", ["ana"]), make_rows("bad", ["mere", "pere"])
    row = bad.passages[1]
    cases = [
        (replace(row, end=99), ValueError, r"passage 5-99 of document 'bad': the text has 9 characters"),
        (replace(row, start=9), ValueError, "passage 9-9 of document 'bad'"),
        (replace(row, start=-1), ValueError, "passage -1-9"),
        (replace(row, embedding=row.embedding[:7]), EncoderError, r"float32\(7,\), the index holds float32\(8,\)"),
        (replace(row, embedding=row.embedding.astype(np.float64)), EncoderError, r"float64\(8,\)"),
        (replace(row, embedding=row.embedding * np.nan), EncoderError, "not finite"),
        (replace(row, lemma="doua vorbe"), ValueError, "not aligned"),
        (replace(row, lemma=""), ValueError, "not aligned"),
        (replace(row, sentence_norms=np.ones(3, np.float32)), ValueError, "2 sentence starts, 3 sentence norms"),
        (replace(row, sentence_starts=np.array([0, 9], np.int32)), ValueError, "ascending positions among 1 tokens"),
        (replace(row, sentence_starts=np.array([1, 0], np.int32)), ValueError, "ascending positions"),
    ]
    with LocalStore.create(tmp_path, MANIFEST) as store:
        for broken, kind, message in cases:
            with pytest.raises(kind, match=message):
                store.upsert([good, replace(bad, passages=[bad.passages[0], broken])])
            assert store.document_count() == 0
        store.upsert([good])
        assert store.count() == 1


def test_file_records(tmp_path: Path) -> None:
    one = FileRecord(path="a.txt", size=3, mtime_ns=2**62, sha256="1" * 64)
    two = FileRecord(path="rău\n.txt", size=0, mtime_ns=5, sha256="", failure=None)
    two = replace(two, failure=Failure.of(two.path, "file_empty", name=two.path))
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(
            [make_rows("a.txt", ["ana"], origin="a.txt"), make_rows("a.txt#2", ["x"], origin="a.txt")], files=[one]
        )
        store.record_files([two])
        assert store.files() == {"a.txt": one, "rău\n.txt": two}
        assert store.failures() == [two]
        assert store.documents_of(["a.txt", "other"]) == ["a.txt", "a.txt#2"]
        newer = replace(one, size=4)
        store.upsert([make_rows("a.txt", ["mere"], origin="a.txt")], files=[newer], remove=["a.txt#2"])
        assert store.files()["a.txt"] == newer
        assert store.origins() == {"a.txt": ["a.txt"]}
        assert store.forget_files(["a.txt", "rău\n.txt", "never seen"]) == ["a.txt"]
        assert store.files() == {}
        assert store.count() == 0


def test_transaction_is_undone_as_a_whole(tmp_path: Path) -> None:
    Catalogue.create(tmp_path, MANIFEST).close()
    catalogue = Catalogue(tmp_path)
    catalogue.start_writing()
    with pytest.raises(KeyboardInterrupt), catalogue.writing() as (database, generation):
        put_documents(database, generation, [make_rows("a", ["ana"])], MANIFEST.dimension)
        raise KeyboardInterrupt
    with catalogue.reading() as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("documents", "texts", "passages")
        ]
    assert counts == [0, 0, 0]
    catalogue.close()


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match=r"no index at '.*none'\. Run: rag index FOLDER --index "):
        LocalStore.open(tmp_path / "none")
    (tmp_path / NAME).touch()  # what a process killed while creating leaves
    with pytest.raises(IndexNotFound, match="is empty"):
        LocalStore.open(tmp_path)
    LocalStore.create(tmp_path, MANIFEST).close()
    assert LocalStore.open(tmp_path).count() == 0


def test_index_already_there(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", ["ana"])])
    with pytest.raises(IndexUnusable, match="There already is an index at"):
        LocalStore.create(tmp_path, MANIFEST)
    assert LocalStore.open(tmp_path).count() == 1


def test_not_a_database(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"just some text, longer than a header of SQLite is" * 30)
    with pytest.raises(IndexDamaged, match=r"is damaged: catalogue\.db: file is not a database\. .*--rebuild"):
        LocalStore.open(tmp_path)
    with pytest.raises(IndexDamaged):
        LocalStore.create(tmp_path, MANIFEST)
    LocalStore.create(tmp_path, MANIFEST, replace=True).close()
    assert LocalStore.open(tmp_path).count() == 0


def test_database_of_somebody_else(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / NAME)
    database.execute("CREATE TABLE recipes (name)")
    database.commit()
    database.close()
    with pytest.raises(IndexDamaged, match="not one of this program"):
        LocalStore.open(tmp_path)


def test_truncated_database(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(f"d{n}", ["ana are mere " * 50] * 5) for n in range(30)])
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexDamaged, match="malformed"):
        LocalStore.open(tmp_path)


def test_damaged_page(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(f"d{n}", [f"ana are mere {n} " * 50] * 5) for n in range(30)])
        store.optimise()
    path = tmp_path / NAME
    content = bytearray(path.read_bytes())
    page = 8192
    for place in range(20 * page, len(content) - page, page):  # the header of every page but those of the schema
        content[place : place + 16] = b"\xff" * 16
    path.write_bytes(content)
    with pytest.raises(IndexDamaged, match="malformed"), LocalStore.open(tmp_path) as store:
        problems = store.verify()
        assert any(problem.startswith("database: ") for problem in problems)
        store.passages(list(range(1, 151)))
