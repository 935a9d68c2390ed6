"""Rows whose bytes were changed: nothing altered is quoted, and every face names the index as damaged."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag import Document, Filters, Index, IndexDamaged, RagError, Settings
from rag.store.tables.database import NAME

FIRST = "Das Kraftwerk in Brežice erzeugte 2024 genau 4711 Megawatt, sagte der Betreiber am Montag."
SECOND = "Das Kraftwerk in Brežice erzeugte 2025 genau 4812 Megawatt, sagte der Betreiber am Montag."
OTHER = "Der Leuchtturm von Genua wurde 1543 wieder aufgebaut, sagte der Wärter der Republik."
QUESTION = "Wie viel Megawatt erzeugte das Kraftwerk in Brežice?"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sound") / "index"
    with Index.create(place, settings=Settings(workers=0)) as index:
        index.add(
            [Document(id="a", text=FIRST, published=date(2025, 1, 2)), Document(id="b", text=OTHER, language="de")]
        )
        index.add([Document(id="a", text=SECOND, published=date(2026, 1, 2))])
    return place


@pytest.fixture
def place(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "index"))


def change(place: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(place / NAME)
    with database:
        assert database.execute(statement, values).rowcount > 0
    database.close()


def faces(index: Index) -> dict[str, Callable[[], Any]]:
    first = Document(id="a", text=FIRST).sha256
    return {
        "retrieve": lambda: index.retrieve(QUESTION, 5),
        "filtered": lambda: index.retrieve(
            QUESTION, 5, filters=Filters(languages={"de"}, published_from=date(2020, 1, 1))
        ),
        "answer": lambda: index.answer(QUESTION),
        "document": lambda: index.document("a"),
        "former": lambda: index.document("a", sha256=first),
        "versions": lambda: index.versions("a"),
        "documents": index.documents,
        "facets": index.facets,
        "failures": index.failures,
        "duplicates": index.duplicates,
        "info": index.info,
        "verify": index.verify,
    }


def quoted(found: Any) -> str:
    """Return all words of articles that a face has given."""
    if isinstance(found, Document):
        return found.text
    hits = found if isinstance(found, list) else getattr(found, "hits", ())
    texts = [hit.document.text for hit in hits if hasattr(hit, "document")]
    return " ".join([*texts, *(quote.text for quote in getattr(found, "quotes", ()))])


def test_a_changed_text_is_not_quoted_but_reported(place: Path) -> None:
    change(place, "UPDATE texts SET text = replace(text, '4812', '4813')")
    with Index.open(place) as index:
        for face in ("retrieve", "answer", "document"):
            with pytest.raises(IndexDamaged) as raised:
                faces(index)[face]()
            assert str(raised.value) == (
                "The index is damaged: the text of a cannot be read (it does not match its sha256)."
                " Restore it from a copy, or run: rag index FOLDER --rebuild"
            )
        assert index.document("b").text == OTHER
        assert any("does not match its sha256" in line for line in index.verify())
        index.add([Document(id="a", text=FIRST)])  # a text that comes again mends it
        assert index.document("a").text == FIRST and index.verify() == []


def test_a_changed_earlier_text_is_not_shown(place: Path) -> None:
    change(place, "UPDATE versions SET sha256 = '0' || substr(sha256, 2), document = document")
    first = Document(id="a", text=FIRST).sha256
    with Index.open(place) as index, pytest.raises(IndexDamaged, match="does not match its sha256"):
        index.document("a", sha256="0" + first[1:])


VALUES = (
    None,
    "",
    "x",
    "-1",
    "{",
    "[[9, 2]]",
    "[1]",
    '["a"]',
    "2026-13-45",
    b"\xff\xfe\x00",
    b"\x00" * 7,
    2**40,
    -5,
    0.5,
)
COLUMNS = {
    "documents": ("id", "title", "source", "outlet", "author", "published", "language", "masked", "pages", "evidence",
                  "characters", "sha256", "origin", "modified", "stored"),
    "texts": ("text", "document"),
    "passages": ("document", "generation", "start", "end", "surface", "lemma", "tokens", "sentence_starts",
                 "sentence_norms", "embedding"),
    "versions": ("sha256", "stored", "replaced", "characters", "document"),
    "files": ("size", "failure"),
    "commits": ("generation", "token"),
}  # fmt: skip


@pytest.mark.parametrize("table", COLUMNS)
def test_no_changed_value_comes_out_raw_or_as_a_quote(sound: Path, tmp_path: Path, table: str) -> None:
    for column in COLUMNS[table]:
        for number, value in enumerate(VALUES):
            place = Path(shutil.copytree(sound, tmp_path / f"{column}{number}"))
            shutil.rmtree(place / "snapshot", ignore_errors=True)
            try:
                change(place, f'UPDATE {table} SET "{column}" = ?', value)
            except (sqlite3.Error, AssertionError):
                continue  # the table itself takes no such value, or is empty
            try:
                index = Index.open(place, settings=Settings(workers=0))
            except RagError:
                continue
            with index:
                for name, face in faces(index).items():
                    try:
                        words = quoted(face())
                    except RagError:
                        continue
                    for sentence in filter(
                        None, words.replace(FIRST, "").replace(SECOND, "").replace(OTHER, "").split()
                    ):
                        assert sentence in f"{FIRST} {SECOND} {OTHER}", (column, value, name)
