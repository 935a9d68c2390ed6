"""What an index was built with, and what is said where that is not what is asked for."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import MANIFEST

from rag import Index
from rag.cli.commands import main
from rag.errors import IndexDamaged, IndexMismatch
from rag.store import LocalStore, Manifest, check
from rag.store.tables.database import NAME
from rag.store.tables.manifest import FORMAT


def test_newer_format(tmp_path: Path) -> None:
    LocalStore.create(tmp_path, MANIFEST).close()
    database = sqlite3.connect(tmp_path / NAME)
    stored = json.loads(database.execute("SELECT value FROM meta").fetchone()[0])
    database.execute("UPDATE meta SET value = ?", (json.dumps(stored | {"format": 99, "unknown": 1}),))
    database.commit()
    with pytest.raises(
        IndexMismatch, match=rf"has format 99, this program reads {FORMAT}\. Run: pip install --upgrade izvor-qa"
    ):
        LocalStore.open(tmp_path)
    for broken in ("{", "[]", json.dumps({"format": FORMAT})):
        database.execute("UPDATE meta SET value = ?", (broken,))
        database.commit()
        with pytest.raises(IndexDamaged, match="its manifest"):
            LocalStore.open(tmp_path)
    database.close()


def test_an_index_of_the_first_format_is_refused_with_the_command_that_rebuilds_it(tmp_path: Path) -> None:
    corpus, place = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("The lighthouse of Genoa was rebuilt in 1543.", "utf-8")
    with Index.create(place) as index:
        index.sync(corpus)
    with closing(sqlite3.connect(place / NAME)) as database, database:
        stored = json.loads(database.execute("SELECT value FROM meta").fetchone()[0])
        database.execute("UPDATE meta SET value = ?", (json.dumps(stored | {"format": 1}),))
        database.execute("DROP TABLE versions")  # as such an index has other tables
    refused = f"The index at {str(place)!r} has format 1, this program reads {FORMAT}. Run: rag index FOLDER --rebuild"
    with pytest.raises(IndexMismatch, match=re.escape(refused)):
        Index.open(place)
    assert main(["index", str(corpus), "--index", str(place)]) == 1
    assert main(["index", str(corpus), "--index", str(place), "--rebuild"]) == 0
    with Index.open(place) as index:
        assert index.retrieve("When was the lighthouse rebuilt?", 1)[0].document.id == "a.txt"
        assert index.info()["format"] == FORMAT and index.verify() == []


def test_manifest_check_names_both_sides() -> None:
    check(MANIFEST, MANIFEST, "index")
    other = replace(MANIFEST, model="model-b", dimension=384)
    with pytest.raises(IndexMismatch) as caught:
        check(MANIFEST, other, "index/")
    assert str(caught.value) == (
        "The index at 'index/' was built with model model-a (8 dims); asked for model-b (384)."
        " Run: rag index FOLDER --rebuild"
    )
    with pytest.raises(IndexMismatch, match="weights ffffffffffff; the model is now 000000000000"):
        check(MANIFEST, replace(MANIFEST, fingerprint="0" * 16), "index")
    with pytest.raises(IndexMismatch, match="was built with signatures 'rensa 0'; asked for signatures 'rensa"):
        check(replace(MANIFEST, signatures="rensa 0"), MANIFEST, "index")
    with pytest.raises(
        IndexMismatch, match="was built with query_prompt '', chunk_tokens 0; asked for query_prompt 'q: ', chunk"
    ):
        check(MANIFEST, replace(MANIFEST, query_prompt="q: ", chunk_tokens=160), "index")


def test_manifest_round_trip() -> None:
    manifest = Manifest(model="m", fingerprint="f", dimension=3, query_prompt="între: ", table="t", chunk_overlap=1)
    assert Manifest.from_json(manifest.to_json(), "index") == manifest
