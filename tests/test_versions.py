"""Earlier texts of changed articles: kept, found again, moved, dropped and removed, and never mistaken for others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from store_samples import MANIFEST, make_rows

import rag
from rag import Citation, Document, Index, QueryError, Settings, Standing
from rag.answering.standing import find_standing
from rag.records import text_digest
from rag.store import DocumentRows, LocalStore
from rag.store.database import LATER, NAME

FIRST = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
THEN = "Peace talks began in Vienna. The minister spoke on Monday. Nobody was hurt."
NOW = "Peace talks began in Geneva. The minister spoke on Monday. Nobody was hurt, it was said."


class Calendar(datetime):
    """A clock that a test sets."""

    day = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromisoformat((FIRST + timedelta(days=cls.day)).isoformat())


@pytest.fixture(autouse=True)
def calendar(monkeypatch: pytest.MonkeyPatch) -> type[Calendar]:
    monkeypatch.setattr("rag.store.versions.datetime", Calendar)
    Calendar.day = 1
    return Calendar


def day(n: int) -> datetime:
    return FIRST + timedelta(days=n)


def cite(document: Document, words: str) -> Citation:
    start = document.text.index(words)
    return Citation(document_id=document.id, sha256=document.sha256, start=start, end=start + len(words))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text=THEN, title="Talks", pages=(0, 30), masked=((59, 75),))])
        yield index


def test_an_earlier_text_opens_and_a_citation_of_it_is_verified(index: Index) -> None:
    then = index.document("a")
    monday, vienna = cite(then, "The minister spoke on Monday."), cite(then, "in Vienna")
    assert index.check_citation(vienna) == Standing(
        citation=vienna, state="current", text="in Vienna", document=then, present=then, place=replace(vienna, page=1, title="Talks"),
    )  # fmt: skip
    assert str(index.check_citation(vienna)) == "verified against the article as it is now"
    Calendar.day = 2
    index.add([Document(id="a", text=NOW)])
    now = index.document("a")
    (version,) = index.versions("a")
    assert (version.sha256, version.stored, version.replaced, version.characters) == (then.sha256, day(1), day(2), 75)
    assert index.document("a", sha256=then.sha256) == index.document("a", sha256=then.sha256[:16]) == then
    assert index.document("a", sha256=now.sha256) == now
    standing = index.check_citation(monday)
    assert (standing.state, standing.text, standing.document, standing.version, standing.present) == (
        "changed", "The minister spoke on Monday.", then, version, now,
    )  # fmt: skip
    assert standing.place == cite(now, "The minister spoke on Monday.")
    assert str(standing) == (
        "verified against the text replaced on 2026-03-03; the article has changed since,"
        " and the words still stand in it"
    )
    standing = index.check_citation(replace(vienna, sha256=then.sha256[:16]))
    assert (standing.state, standing.text, standing.place) == ("changed", "in Vienna", None)
    assert str(standing).endswith("the article has changed since, and the words no longer stand in it")
    assert [hit.document.text for hit in index.retrieve("Vienna", 9)] == [NOW]  # only the present text is searched
    assert index.info()["earlier texts"] == 1
    assert index.verify() == []


def test_the_new_place_is_the_one_most_like_the_old_and_never_in_furniture() -> None:
    then = Document(id="a", text="He left. Rain fell. He left. The end.")
    now = Document(
        id="a", text="He left. News: He left. He left. Rain fell. He left. The end of it.", masked=((9, 24),)
    )
    from rag.records import Version
    from rag.store.rows import Cited

    version = Version(sha256=then.sha256, replaced=day(1), characters=37)

    def places(start: int) -> int | None:
        citation = Citation(document_id="a", sha256=then.sha256, start=start, end=start + 8)
        place = find_standing(citation, Cited(document=then, version=version, present=now)).place
        assert place is None or now.text[place.start : place.end] == then.text[start : start + 8]
        return place.start if place else None

    assert [places(0), places(20)] == [24, 44]
    assert places(9) is not None and places(29) is None


def test_what_counts_as_a_version(index: Index) -> None:
    """Another sha256 of the text does, were it for one space; other metadata over the same text does not."""
    Calendar.day = 2
    index.add([Document(id="a", text=THEN, title="Other", outlet="Paper")])
    assert index.versions("a") == []
    Calendar.day = 3
    index.add([Document(id="a", text=THEN + " ")])
    assert [version.stored for version in index.versions("a")] == [
        day(1)
    ]  # since when the text is there, not the title
    earlier = index.document("a", sha256=text_digest(THEN))
    assert (earlier.title, earlier.outlet) == ("Other", "Paper")


def test_a_text_that_comes_back_is_present_and_no_version(index: Index) -> None:
    index.add([Document(id="a", text=NOW)])
    index.add([Document(id="a", text=THEN)])
    assert [version.sha256 for version in index.versions("a")] == [text_digest(NOW)]
    assert index.check_citation(cite(index.document("a"), "Vienna")).state == "current"
    assert index.verify() == []


def test_only_the_latest_are_kept_where_their_number_is_bounded(tmp_path: Path) -> None:
    texts = [f"Text number {n} of the article." for n in range(5)]
    with Index.create(settings=Settings(index=tmp_path, versions=2)) as index:
        for Calendar.day, text in enumerate(texts, start=1):
            index.add([Document(id="a", text=text)])
        assert [v.sha256 for v in index.versions("a")] == [text_digest(texts[3]), text_digest(texts[2])]
        standing = index.check_citation(Citation(document_id="a", sha256=text_digest(texts[1]), start=0, end=4))
        assert (standing.state, standing.text, standing.removed) == ("removed", None, day(5))
        assert str(standing) == "not verified: this text of the article was removed on 2026-03-06"
        Calendar.day = 6
        assert index.forget_versions(["a"]) == 2
        assert (index.versions("a"), index.info()["earlier texts"], index.document("a").text) == ([], 0, texts[4])
        with pytest.raises(QueryError) as caught:
            index.document("a", sha256=text_digest(texts[3]))
        assert str(caught.value) == (
            f"the text '{text_digest(texts[3])[:16]}' of 'a' was removed on 2026-03-07. Ask again for a fresh citation"
        )
        assert index.verify() == []


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


def test_a_text_never_seen_and_a_span_outside_it_are_unknown(index: Index) -> None:
    document = index.document("a")
    for citation in (
        Citation(document_id="a", sha256="f" * 64, start=0, end=4),
        Citation(document_id="a", sha256=document.sha256[:15], start=0, end=4),
        Citation(document_id="a", sha256="", start=0, end=4),
        Citation(document_id="a", sha256=document.sha256[:16] + "%", start=0, end=4),
        Citation(document_id="a", sha256=document.sha256, start=70, end=76),
        Citation(document_id="a", sha256=document.sha256, start=4, end=4),
    ):
        standing = index.check_citation(citation)
        assert (standing.state, standing.text, standing.present) == ("unknown", None, document)
        assert str(standing) == "not verified: the index does not know this text of the article"
    with pytest.raises(QueryError, match=r"the text 'ffffffffffffffff' of 'a' is not in the index\. Ask again"):
        index.document("a", sha256="f" * 64)


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
    assert "earlier texts were not taken over: index at " in caplog.text
    with Index.open(tmp_path / "index") as index:
        assert index.document("a.txt").text == NOW and index.verify() == []


def test_an_index_from_before_there_were_versions_is_read_and_then_written(tmp_path: Path) -> None:
    with Index.create(tmp_path) as index:
        index.add([Document(id="a", text=THEN), Document(id="b", text=THEN)])
        then = index.document("a")
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        for statement in LATER:
            kind, name = statement.split()[1], statement.split()[5]
            database.execute(f"DROP {kind} IF EXISTS {name}")  # an index goes with its table
    with Index.open(tmp_path) as index:
        assert index.check_citation(cite(then, "Vienna")).state == "current"
        assert index.check_citation(replace(cite(then, "Vienna"), sha256="0" * 64)).state == "unknown"
        assert index.check_citation(replace(cite(then, "Vienna"), document_id="c")).state == "unknown"
        assert (index.versions("a"), index.info()["earlier texts"], index.verify()) == ([], 0, [])
        index.add([Document(id="a", text=NOW)])
        (version,) = index.versions("a")
        assert (version.sha256, version.stored) == (then.sha256, None)  # nobody noted when it came in
        index.remove(["b"])
        assert index.verify() == []
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        for statement in LATER:
            kind, name = statement.split()[1], statement.split()[5]
            database.execute(f"DROP {kind} IF EXISTS {name}")  # an index goes with its table
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a").write_text(THEN, "utf-8")
    (tmp_path / "corpus" / "a").rename(tmp_path / "corpus" / "a.txt")
    Index.rebuild(tmp_path / "corpus", tmp_path)
    with Index.open(tmp_path) as index:
        assert index.check_citation(replace(cite(then, "Vienna"), sha256=text_digest(NOW))).state == "removed"


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


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE versions SET document = x'00'", "document 'a': its earlier text {then} cannot be read"),
        ("UPDATE versions SET characters = 3", "document 'a': its earlier text {then} does not match its sha256 or its 3 characters"),
        ("UPDATE versions SET id = 'b'", "document 'b': its earlier text {then} outlived the document"),
        ("UPDATE documents SET sha256 = (SELECT sha256 FROM versions)", "document 'a': its earlier text {then} is its present one"),
        (f"INSERT INTO gone SELECT '{text_digest('a')}', sha256, 'x' FROM versions", "document 'a': its text {then} is there and noted as removed"),
    ],
)  # fmt: skip
def test_verify_checks_earlier_texts(index: Index, tmp_path: Path, damage: str, problem: str) -> None:
    index.add([Document(id="a", text=NOW)])
    with closing(sqlite3.connect(tmp_path / "index" / NAME)) as database, database:
        database.execute(damage)
    assert problem.format(then=text_digest(THEN)[:12]) in index.verify()


def test_an_earlier_text_that_cannot_be_read_is_an_error(index: Index, tmp_path: Path) -> None:
    then = index.document("a")
    index.add([Document(id="a", text=NOW)])
    with closing(sqlite3.connect(tmp_path / "index" / NAME)) as database, database:
        database.execute("UPDATE versions SET document = x'00'")
    with pytest.raises(rag.IndexDamaged, match=r"an earlier text of 'a' cannot be read \(.*\)\. Run: rag verify"):
        index.check_citation(cite(then, "Vienna"))


# Any history: what the index says of every citation it ever gave is what a plain list of events says.


@dataclass
class History:
    """Where each text is, kept the plain way."""

    present: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, list[str]] = field(default_factory=dict)
    former: dict[str, set[str]] = field(default_factory=dict)  # ids that a document had before, by its present id
    removed: set[tuple[str, str]] = field(default_factory=set)

    def put(self, id_: str, text: str) -> None:
        before = self.present.get(id_)
        if before not in (None, text):
            kept = [one for one in self.earlier.get(id_, []) if one not in (text, before)] + [str(before)]
            for lost in kept[:-3]:
                self._lose(id_, lost)
            self.earlier[id_] = kept[-3:]
        self.present[id_] = text
        self.removed.discard((id_, text))

    def remove(self, id_: str) -> None:
        if id_ in self.present:
            for text in [self.present.pop(id_), *self.earlier.pop(id_, [])]:
                self._lose(id_, text)
            self.former.pop(id_, None)

    def move(self, old: str, new: str) -> None:
        self.present[new] = self.present.pop(old)
        self.earlier[new] = self.earlier.pop(old, [])
        self.former[new] = self.former.pop(old, set()) | {old}
        self.former[new].discard(new)
        self.removed -= {(new, text) for text in [self.present[new], *self.earlier[new]]}

    def _lose(self, id_: str, text: str) -> None:
        self.removed |= {(name, text) for name in {id_, *self.former.get(id_, ())}}

    def states(self, id_: str, text: str) -> set[str]:
        places = [id_, *(now for now, former in self.former.items() if id_ in former)]
        if any(self.present.get(place) == text for place in places):
            return {"current"}
        if any(text in self.earlier.get(place, ()) for place in places):
            return {"changed"}
        return {"removed"} if (id_, text) in self.removed else {"unknown"}


IDS, TEXTS = st.sampled_from("abc"), st.sampled_from([f"{word} fell. It was {word}." for word in ("rain", "snow", "hail", "fog", "dew", "ash")])  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("put"), IDS, TEXTS),
    st.tuples(st.just("put"), IDS, TEXTS),
    st.tuples(st.just("remove"), IDS, st.just("")),
    st.tuples(st.just("move"), IDS, IDS),
    st.tuples(st.just("rewrite"), IDS, st.just("")),
)


def rows_of(id_: str, text: str) -> DocumentRows:
    return make_rows(id_, text.split("\n"))


TEXT = "fog fell. It was fog."


@settings(max_examples=60)
@given(steps=st.lists(STEPS, max_size=25))
@example(steps=[("put", "a", TEXT), ("move", "a", "c"), ("put", "a", TEXT), ("remove", "c", "")])
def test_every_citation_shows_its_own_words_or_none(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, str, str]]
) -> None:
    history = History()
    issued: dict[Citation, tuple[str, str]] = {}
    with LocalStore.create(tmp_path_factory.mktemp("store"), MANIFEST) as store:
        store.versions_kept = 3
        for kind, id_, value in steps:
            if kind == "put":
                text = rows_of(id_, value).document.text
                store.upsert([rows_of(id_, value)])
                history.put(id_, text)
                citation = Citation(document_id=id_, sha256=text_digest(text), start=3, end=9)
                issued[citation] = (text, text[3:9])
            elif kind == "remove":
                store.delete([id_])
                history.remove(id_)
            elif kind == "rewrite" and id_ in history.present:
                store.upsert([replace(rows_of(id_, history.present[id_]), origin="elsewhere")])
            elif kind == "move" and id_ in history.present and value not in history.present:
                moved = rows_of(value, history.present[id_])
                store.upsert([moved], remove=[id_], moved={id_: value})
                history.move(id_, value)
            for citation, (text, words) in issued.items():
                standing = find_standing(citation, store.cited(citation.document_id, citation.sha256))
                assert standing.state in history.states(citation.document_id, text)
                if standing.state in ("current", "changed"):
                    assert standing.text == words and standing.document is not None and standing.document.text == text
                else:
                    assert standing.text is None and standing.document is None and standing.place is None
                if standing.place is not None:
                    assert standing.present is not None and standing.place.sha256 == standing.present.sha256
                    assert standing.present.text[standing.place.start : standing.place.end] == words
        assert {id_: {v.sha256 for v in store.versions(id_)} for id_ in "abc"} == {
            id_: {text_digest(text) for text in history.earlier.get(id_, ())} for id_ in "abc"
        }
        assert store.verify() == []
