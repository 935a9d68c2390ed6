"""Earlier texts of changed articles: kept, found again, moved, dropped and removed, and never mistaken for others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from version_samples import NOW, THEN, Calendar, calendar, cite, day, index

import rag
from rag import Citation, Document, Index, QueryError, Settings, Standing
from rag.answering.citation_status import find_standing
from rag.records import text_digest
from rag.store.tables.database import NAME

__all__ = ["calendar", "index"]


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
    from rag.store.tables.rows import Cited

    version = Version(sha256=then.sha256, stored=day(0), replaced=day(1), characters=37)

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
            f"The text '{text_digest(texts[3])[:16]}' of 'a' was removed on 2026-03-07. Ask again for a fresh citation"
        )
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
    with pytest.raises(QueryError, match=r"The text 'ffffffffffffffff' of 'a' is not in the index\. Ask again"):
        index.document("a", sha256="f" * 64)


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
    with pytest.raises(rag.IndexDamaged, match=r"An earlier text of 'a' cannot be read \(.*\)\. Run: rag verify"):
        index.check_citation(cite(then, "Vienna"))
