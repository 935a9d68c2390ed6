"""Check an index against itself: every span, vector, term and file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.errors import IndexDamaged
from rag.records import text_digest
from rag.store.comparison import context_differences, served_differences
from rag.store.search.snapshot import CURRENT, FOLDER, SnapshotError, read_snapshot
from rag.store.search.state import load_state
from rag.store.tables.catalogue import knows, read_manifest
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.document_counts import miscounted
from rag.store.tables.documents import unpack
from rag.store.tables.manifest import Manifest
from rag.store.tables.passages import passages_since
from rag.store.tables.versions import thaw

UNIT_TOLERANCE = 1e-3  # a vector kept in 16 bits and normalised again is within 5e-4


def find_problems(folder: Path, database: sqlite3.Connection) -> list[str]:
    """Return what is wrong with an index as this reader sees it, one line for each; empty means sound."""
    problems = [f"database: {row[0]}" for row in database.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
    if problems:
        return problems  # what follows would read the damaged pages
    problems += [
        f"database: row of {row[0]} without its {row[2]}" for row in database.execute("PRAGMA foreign_key_check")
    ]
    manifest = read_manifest(database, str(folder))
    problems += _tried(lambda: _text_problems(database))
    problems += _tried(lambda: [f"database: documents by {kind} are miscounted" for kind in miscounted(database)])
    problems += _tried(lambda: _version_problems(database))
    problems += _tried(lambda: _passage_problems(database, manifest.dimension))
    problems += _tried(lambda: _context_problems(database, manifest.contextual_dimension))
    if not problems:
        problems += _tried(lambda: _snapshot_problems(folder, database, manifest))
    return problems


def _tried(find: Callable[[], list[str]]) -> list[str]:
    """Return what a check finds, or that it could not read a row."""
    try:
        return find()
    except IndexDamaged as error:
        return [f"database: {error}"]
    except UNREADABLE as error:
        return [f"database: {damaged('row', error)}"]


def _text_problems(database: sqlite3.Connection) -> list[str]:
    problems = []
    rows = database.execute(
        "SELECT id, sha256, characters, text FROM documents LEFT JOIN texts ON texts.document = number"
    )
    for packed, digest, characters, text in rows:
        id_ = unpack(packed)
        if text is None:
            problems.append(f"document {id_!r}: its text is missing")
            continue
        whole = unpack(text) or ""
        if text_digest(whole) != digest:
            problems.append(f"document {id_!r}: its text does not match its sha256 {digest[:12]}")
        if len(whole) != characters:
            problems.append(f"document {id_!r}: its text has {len(whole)} characters, {characters} recorded")
    return problems


def _version_problems(database: sqlite3.Connection) -> list[str]:
    problems = []
    rows = database.execute(
        "SELECT versions.id, versions.sha256, versions.characters, versions.document, documents.sha256"
        " FROM versions LEFT JOIN documents USING (id)"
    )
    for packed, digest, characters, frozen, present in rows:
        where = f"document {unpack(packed)!r}: its earlier text {digest[:12]}"
        try:
            text = thaw(unpack(packed) or "", frozen).text
        except IndexDamaged:
            problems.append(f"{where} cannot be read")
            continue
        if text_digest(text) != digest or len(text) != characters:
            problems.append(f"{where} does not match its sha256 or its {characters} characters")
        if present is None or present == digest:
            problems.append(f"{where} " + ("outlived the document" if present is None else "is its present one"))
    gone = {(str(name), str(digest)) for name, digest in database.execute("SELECT name, sha256 FROM gone")}
    for packed, digest in database.execute("SELECT id, sha256 FROM documents UNION SELECT id, sha256 FROM versions"):
        if (text_digest(unpack(packed) or ""), digest) in gone:
            problems.append(f"document {unpack(packed)!r}: its text {digest[:12]} is there and noted as removed")
    return problems


def _passage_problems(database: sqlite3.Connection, dimension: int) -> list[str]:
    problems = [
        f"passage {id_}: span {start}-{end} does not lie in a text of {characters} characters"
        for id_, start, end, characters in database.execute(
            'SELECT passages.id, "start", "end", characters FROM passages JOIN documents ON number = document'
            ' WHERE "start" < 0 OR "start" >= "end" OR "end" > characters'
        )
    ]
    previous = 0
    for passage in passages_since(database, 0):
        length = float(np.linalg.norm(passage.embedding))
        if passage.embedding.shape != (dimension,):
            problems.append(
                f"passage {passage.id}: its vector has {len(passage.embedding)} numbers, the index {dimension}"
            )
        elif (
            not abs(length - 1) <= UNIT_TOLERANCE and length != 0
        ):  # a passage without known tokens has the zero vector
            problems.append(f"passage {passage.id}: its vector has length {length:.4f}, not 1")
        if passage.id <= previous:
            problems.append(f"passage {passage.id}: comes after {previous}")
        previous = passage.id
    return problems


def _context_problems(database: sqlite3.Connection, dimension: int) -> list[str]:
    rows = database.execute("SELECT passage, length(vector), length(sentences) FROM context_vectors ORDER BY passage")
    return [
        f"passage {passage}: its contextual vectors have {vector} and {sentences} numbers, the index {dimension}"
        for passage, vector, sentences in rows
        if not dimension or vector != dimension or sentences % dimension
    ]


def _snapshot_problems(folder: Path, database: sqlite3.Connection, manifest: Manifest) -> list[str]:
    """Compare what is served, from the snapshot and the difference, with what the rows alone give."""
    try:
        commit = read_snapshot(folder, manifest).commit
        if not knows(database, commit):
            raise SnapshotError(f"it is of commit {commit.generation}, which is not in the database's history")
    except SnapshotError as error:
        if not (folder / FOLDER / CURRENT).exists():
            return []  # a small or new index may have none
        return [f"snapshot: {error}; answers come from the database. Run: rag index FOLDER"]
    state = load_state(folder, database)
    names = [*served_differences(state, database), *context_differences(state, database)]
    return [f"snapshot: {name} differ from the database" for name in names]
