"""The list of documents: every page of it, what it finds in texts, and what was corrected by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from rag import Document, Index, ListQuery, QueryError, Settings
from rag.records import ListPage
from rag.store.search import text_search

MADE = (
    ("Beta", "Delo", date(2026, 1, 8), "sl", "Vlada je odpovedala shod v Ljubljani."),
    ("Ana", None, datetime(2026, 1, 14, 9), "ro", "Garanțiile de securitate au fost cerute de premier."),
    ("alpha", "Adevărul", None, "ro", "Securitate și garanții, a spus premierul Țărnă."),
    ("Čas", "Delo", date(2025, 12, 1), "sl", "Sklep z dne 8. januarja velja."),
    ("", "Čaj", date(2026, 1, 9), "sl", "Brez naslova o garanciji."),
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index", settings=Settings(index=tmp_path / "index", model="table")) as made:
        made.add(
            Document(id=f"{n}.txt", title=title, outlet=outlet, published=day, language=language, text=text)
            for n, (title, outlet, day, language, text) in enumerate(MADE)
        )
        yield made


def listed(index: Index, **query: object) -> str:
    """Return the first characters of the ids of all pages, and check that going back shows the same."""
    forth: list[ListPage] = []
    back: list[ListPage] = []
    cursor, first = "", 0
    for _ in range(20):
        page = index.browse(ListQuery(limit=2, after=cursor, **query))  # type: ignore[arg-type]
        assert page.first == first
        first += len(page.rows)
        forth.append(page)
        if not (cursor := page.next):
            break
    assert first == forth[0].found
    cursor = forth[-1].previous
    while cursor:
        page = index.browse(ListQuery(limit=2, before=cursor, **query))  # type: ignore[arg-type]
        back.insert(0, page)
        cursor = page.previous
    assert [page.rows for page in [*back, forth[-1]]] == [page.rows for page in forth]
    return "".join(row.id[0] for page in forth for row in page.rows)


@pytest.mark.parametrize(
    ("sort", "order"),
    [("title", "42103"), ("-title", "30124"), ("date", "30412"), ("-date", "14032"), ("outlet", "24031"),
     ("-outlet", "30421"), ("language", "21403"), ("length", "43021"), ("nonsense", "42103")],
)  # fmt: skip
def test_every_page_in_order_and_what_is_unknown_comes_last(index: Index, sort: str, order: str) -> None:
    expected = {"length": "".join(str(n) for n in sorted(range(5), key=lambda n: len(MADE[n][4])))}
    assert listed(index, sort=sort) == expected.get(sort, order)


@pytest.mark.parametrize(
    ("query", "order"),
    [({"languages": ("sl",)}, "403"), ({"lacking": "outlet"}, "1"), ({"outlets": ("Delo", "Čaj")}, "403"),
     ({"published_from": date(2026, 1, 1), "published_to": date(2026, 1, 14)}, "410"), ({"lacking": "published"}, "2"),
     ({"published_from": date(2026, 1, 1), "outlets": ("Delo",)}, "0"), ({"published_to": date(2026, 1, 8)}, "03"),
     ({"lacking": "outlet", "languages": ("sl",)}, ""), ({"lacking": "nonsense"}, "42103"), ({"languages": ("xx",)}, "")],
)  # fmt: skip
def test_filters_of_the_list(index: Index, query: dict[str, object], order: str) -> None:
    assert listed(index, **query) == order


@pytest.mark.parametrize(
    ("find", "order"),
    [("garantii", "2"), ("garanție", "21"), ("GARANȚIILE securitate", "1"), ('"garanțiile de securitate"', "1"), ("„de securitate”", "1"),
     ('"securitate garantii"', ""), ('"securitate și garanții"', "2"), ("»shod v« Delo", "0"), ("delo", "03"),
     ("del", "03"), ("4.txt", "4"), ("januarja 8", "3"), ("nikjer", ""), ('"" !', "42103"), ("a-b c", "")],
)  # fmt: skip
def test_words_and_phrases_are_found_in_texts_and_metadata(index: Index, find: str, order: str) -> None:
    assert listed(index, find=find) == order


def test_found_words_follow_what_is_added_and_removed(index: Index) -> None:
    index.add([Document(id="7.txt", text="Še en shod v Mariboru.", language="sl")])
    assert listed(index, find="shod", sort="length") == "70"
    index.remove(["0.txt"])
    assert listed(index, find="shod") == "7" and index.counts().documents == 5


def test_a_phrase_of_too_many_passages_is_said_to_be_cut(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "MOST_PASSAGES", 1)
    assert index.browse(ListQuery(find='"a spus"')).cut is False
    assert index.browse(ListQuery(find='"de securitate"')).cut is False
    index.add([Document(id="8.txt", text="Acord de securitate.", language="ro")])
    assert index.browse(ListQuery(find='"de securitate"')).cut is True


@pytest.mark.parametrize("cursor", ["", "x", "[]", "[0]", '[9,"a","a",1]', '[0,1,"a",1]', '[0,"a","a","b"]', "[[[["])
def test_a_cursor_that_cannot_be_read_begins_anew(index: Index, cursor: str) -> None:
    assert index.browse(ListQuery(after=cursor)).rows == index.browse().rows


def test_counts_are_of_all_documents_and_follow_changes(index: Index) -> None:
    counts = index.counts()
    assert counts.languages == {"sl": 3, "ro": 2}
    assert counts.outlets == {"Delo": 2, "Adevărul": 1, "Čaj": 1, None: 1}
    assert list(counts.months.items()) == [("2025-12", 1), ("2026-01", 3), (None, 1)]
    index.correct("2.txt", published=date(2026, 2, 3))
    assert list(index.counts().months.items()) == [("2025-12", 1), ("2026-01", 3), ("2026-02", 1)]


def test_a_page_of_the_list_reads_no_more_rows_than_it_shows(index: Index) -> None:
    """The plan of each order is a walk along an index: nothing is sorted, whatever the size."""
    with index._store._catalogue.reading() as database:
        for column in ("title", "outlet", "language", "day", "characters"):
            names = ["title", "document"] if column == "title" else [column, "title", "document"]
            keys = ", ".join(names)
            plan = database.execute(
                f"EXPLAIN QUERY PLAN SELECT {keys} FROM listing WHERE {column} > ? AND ({keys}) > ({', '.join('?' * len(names))})"
                f" ORDER BY {', '.join(f'{name} ASC' for name in names)} LIMIT 101",
                ("a", *names),
            ).fetchall()
            told = " ".join(str(row[3]) for row in plan)
            assert f"listing_{column}" in told and "TEMP B-TREE" not in told, (column, told)


ARTICLE = (
    "The lighthouse of Genoa\n\nBy Ana Pop\n\nThe lighthouse was rebuilt in 1543 by the republic, said the keeper.\n"
)
QUESTION = "When was the lighthouse rebuilt?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    (made / "genoa.txt").write_text(ARTICLE, "utf-8")
    (made / "other.txt").write_text("Another article\n\nIt says nothing about that at all, as was expected.\n", "utf-8")
    return made


def test_a_correction_is_kept_when_its_file_is_read_again_moves_and_when_the_index_is_rebuilt(
    tmp_path: Path, folder: Path
) -> None:
    place = tmp_path / "index"
    with Index.create(place) as index:
        index.sync(folder)
        read = index.document("genoa.txt")
        index.correct("genoa.txt", title="  The tower\nof Genoa ", outlet="Il Secolo", published=date(2026, 1, 2))
        index.correct("genoa.txt", author=None)

        def check(id_: str = "genoa.txt") -> None:
            document = index.document(id_)
            assert (document.title, document.outlet, document.author, document.published) == (
                "The tower of Genoa", "Il Secolo", None, date(2026, 1, 2),
            )  # fmt: skip
            assert {name for name, origin in document.evidence.items() if origin == "corrected"} == {
                "title", "outlet", "author", "published"
            }  # fmt: skip
            assert {row.id: row.corrected for row in index.documents()}[id_] == (
                "title", "outlet", "author", "published"
            )  # fmt: skip
            assert [row.corrected for row in index.browse(ListQuery(find="tower")).rows] == [
                ("title", "outlet", "author", "published")
            ]
            assert index.verify() == []

        check()
        assert index.answer(QUESTION, filters=None).hits[0].citation.outlet == "Il Secolo"
        assert not index.versions("genoa.txt")  # the text is the same
        corrections = {one.name: one for one in index.corrections("genoa.txt")}
        assert (corrections["title"].read, corrections["title"].value) == (read.title, "The tower of Genoa")
        (folder / "genoa.txt").write_text(ARTICLE.replace("1543", "1544"), "utf-8")
        assert index.sync(folder).changed == ("genoa.txt",)
        check()
        (folder / "genoa.txt").rename(folder / "moved.txt")
        assert index.sync(folder).moved
        check("moved.txt")
        Index.rebuild(folder, place)
        check("moved.txt")
        (folder / "moved.txt").rename(folder / "again.txt")
        Index.rebuild(folder, place)
        check("again.txt")
        index.discard_corrections("again.txt")
        back = index.document("again.txt")
        assert (back.title, back.author, back.evidence) == (read.title, read.author, read.evidence)
        assert index.corrections("again.txt") == [] and index.verify() == []
        index.correct("again.txt", title="Once more")
        (folder / "again.txt").unlink()
        index.sync(folder)
        index.purge()
        for path in place.rglob("*"):  # nothing of a removed article is left
            assert not path.is_file() or all(word not in path.read_bytes() for word in (b"Once more", b"once more"))


@pytest.mark.parametrize(
    ("values", "code"),
    [({}, "correction_empty"), ({"text": "x"}, "correction_unknown"), ({"title": "x" * 501}, "correction_too_long"),
     ({"outlet": "a\x07"}, "correction_unprintable"), ({"published": "tomorrow"}, "correction_no_date")],
)  # fmt: skip
def test_a_correction_that_cannot_be_used_is_refused(index: Index, values: dict[str, object], code: str) -> None:
    with pytest.raises(QueryError) as error:
        index.correct("0.txt", **values)  # type: ignore[arg-type]
    assert error.value.code == code
    with pytest.raises(QueryError, match="no document 'none'"):
        index.correct("none", title="x")
