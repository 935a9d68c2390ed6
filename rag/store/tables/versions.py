"""Earlier texts of documents that changed, and what is left to say of texts that are gone.

A text becomes an *earlier* one when another sha256 takes its place, be it for a single space: that is what citations
carry. New metadata over the same text is no new version. A removed text leaves two digests and a moment: enough to
answer a link that names it, and nothing of its words or its name.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from rag.errors import IndexDamaged
from rag.records import Document, Version, text_digest
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.documents import (
    check_digest,
    chunked,
    document_numbers,
    marks,
    pack,
    read_date,
    select_documents,
    unpack,
)
from rag.store.tables.rows import Cited

KEPT = 100
"""Earlier texts kept for each document; a page scraped daily keeps a season, and 100 pages of 5 kB take 0.3 MB."""

_DIGEST = re.compile(r"[0-9a-f]{16,64}")
_AFTER_HEX = "g"  # the first letter that no digest holds


def now() -> str:
    """Return this second in UTC, as it is stored."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def retire(database: sqlite3.Connection, document: Document, at: str, keep: int) -> str:
    """Keep the text that a document is about to replace; return when the new one's text came in.

    The oldest beyond `keep` are dropped and count as gone.
    """
    database.execute("DELETE FROM gone WHERE name = ? AND sha256 = ?", (text_digest(document.id), document.sha256))
    row = database.execute("SELECT number, stored FROM documents WHERE id = ?", (pack(document.id),)).fetchone()
    if row is None:
        return at
    number, since = int(row[0]), str(row[1])
    before: Document | None
    try:
        ((_, before),) = select_documents(database, [number])
    except (IndexDamaged, ValueError):  # what is no longer the text that it was is not kept as one
        before = None
    if before is not None and before.sha256 == document.sha256:
        return since
    back = (pack(document.id), document.sha256)
    database.execute("DELETE FROM versions WHERE id = ? AND sha256 = ?", back)
    if before is not None:
        insert_version(database, before, since, at)
    drop_versions(database, document.id, at, keep)
    return at


def insert_version(database: sqlite3.Connection, document: Document, since: str, at: str) -> None:
    """Store a text as an earlier one, the present one from `since` to `at`."""
    database.execute(
        "INSERT OR REPLACE INTO versions (id, sha256, stored, replaced, characters, document)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (pack(document.id), document.sha256, since, at, len(document.text), _freeze(document)),
    )


def forget_texts(database: sqlite3.Connection, ids: Iterable[str], at: str) -> None:
    """Remove what is kept of documents beside their rows, and note that all their texts are gone."""
    for id_ in ids:
        present = database.execute("SELECT sha256 FROM documents WHERE id = ?", (pack(id_),)).fetchall()
        forget_text(database, id_, [str(digest) for (digest,) in present], at)


def forget_text(database: sqlite3.Connection, id_: str, digests: Sequence[str], at: str) -> None:
    """Remove what is kept of one document, and note that those texts and the earlier ones are gone."""
    drop_versions(database, id_, at, 0)
    _note_gone(database, id_, digests, at)
    database.execute("DELETE FROM moved WHERE id = ?", (pack(id_),))


def forget_versions(database: sqlite3.Connection, ids: Iterable[str], at: str) -> int:
    """Remove the earlier texts of documents, which stay as they are; return how many there were."""
    return sum(drop_versions(database, id_, at, 0) for id_ in ids)


def drop_versions(database: sqlite3.Connection, id_: str, at: str, keep: int) -> int:
    """Remove a document's earlier texts but for the latest `keep`, note them as gone, and return how many."""
    rows = database.execute(
        "SELECT sha256 FROM versions WHERE id = ? ORDER BY number DESC LIMIT -1 OFFSET ?", (pack(id_), keep)
    )
    digests = [str(digest) for (digest,) in rows]
    database.executemany("DELETE FROM versions WHERE id = ? AND sha256 = ?", [(pack(id_), one) for one in digests])
    _note_gone(database, id_, digests, at)
    return len(digests)


def rename(database: sqlite3.Connection, moved: Mapping[str, str]) -> None:
    """Give documents other ids, with their earlier texts; citations under the old ids still find them."""
    for old, new in moved.items():
        if new in document_numbers(database, [new]) or old not in document_numbers(database, [old]):
            continue
        for table in ("documents", "versions"):
            database.execute(f"UPDATE {table} SET id = ? WHERE id = ?", (pack(new), pack(old)))
        database.execute("UPDATE OR IGNORE moved SET id = ? WHERE id = ?", (pack(new), pack(old)))
        database.execute("DELETE FROM moved WHERE id = ?", (pack(old),))
        database.execute("INSERT OR IGNORE INTO moved VALUES (?, ?)", (text_digest(old), pack(new)))
        database.execute("DELETE FROM moved WHERE name = ? AND id = ?", (text_digest(new), pack(new)))  # back again
        database.execute(
            "DELETE FROM gone WHERE name = ? AND sha256 IN (SELECT sha256 FROM versions WHERE id = ?)",
            (text_digest(new), pack(new)),
        )


def list_versions(database: sqlite3.Connection, document_id: str) -> list[Version]:
    """Return the earlier texts of a document, the latest first."""
    rows = database.execute(
        "SELECT sha256, stored, replaced, characters FROM versions WHERE id = ? ORDER BY number DESC",
        (pack(document_id),),
    )
    try:
        return [_version(*row) for row in rows]
    except UNREADABLE as error:
        raise damaged("versions", error, document_id) from error


def count_versions(database: sqlite3.Connection) -> int:
    """Return how many earlier texts are kept."""
    return int(database.execute("SELECT count(*) FROM versions").fetchone()[0])


def find_text(database: sqlite3.Connection, document_id: str, sha256: str) -> Cited:
    """Return what the index knows of a text: the first 16 digits of its sha256 are enough where they name one."""
    digits = (sha256, sha256 + _AFTER_HEX) if _DIGEST.fullmatch(sha256) else ("", "")
    name = text_digest(document_id)
    rows = database.execute("SELECT id FROM moved WHERE name = ? ORDER BY id", (name,))
    places = [document_id, *(unpack(id_) or "" for (id_,) in rows)]
    gone = database.execute(
        "SELECT max(at) FROM gone WHERE name = ? AND sha256 >= ? AND sha256 < ?", (name, *digits)
    ).fetchone()[0]
    numbers = document_numbers(database, places)
    present = {document.id: document for _, document in select_documents(database, numbers.values())}
    found: list[tuple[Document, Version | None]] = [
        (document, None) for document in present.values() if digits[0] <= document.sha256 < digits[1]
    ]
    found += [pair for place in places for pair in _select(database, place, digits)]
    latest = next((present[place] for place in places if place in present), None)
    if len({document.sha256 for document, _ in found}) == 1:
        document, version = found[0]
        return Cited(document=document, version=version, present=present.get(document.id, latest))
    if gone is None and latest is None:
        gone = database.execute("SELECT max(at) FROM gone WHERE name = ?", (name,)).fetchone()[0]
    try:
        return Cited(present=latest, gone=datetime.fromisoformat(gone) if gone else None)
    except UNREADABLE as error:
        raise damaged("gone", error, document_id) from error


def thaw(id_: str, frozen: bytes) -> Document:
    """Return the document that `_freeze` stored.

    Raises:
        IndexDamaged: it cannot be read.
    """
    try:
        values = json.loads(zlib.decompress(frozen).decode("utf-8", "surrogatepass"), object_hook=_read_moment)
        return Document(id=id_, **{name: _tuples(value) for name, value in values.items()})
    except (zlib.error, *UNREADABLE) as error:
        raise IndexDamaged("version_damaged", id=id_, detail=str(error)) from error


def _freeze(document: Document) -> bytes:
    values = {field.name: getattr(document, field.name) for field in fields(Document)}
    del values["id"], values["sha256"]
    values["evidence"] = dict(document.evidence)
    text = json.dumps(values, ensure_ascii=False, default=lambda value: {"moment": value.isoformat()})
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _read_moment(value: dict[str, Any]) -> date | datetime | dict[str, Any] | None:
    return read_date(value["moment"]) if value.keys() == {"moment"} else value


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _select(
    database: sqlite3.Connection, id_: str, digits: tuple[str, str]
) -> Iterable[tuple[Document, Version | None]]:
    rows = database.execute(
        "SELECT sha256, stored, replaced, characters, document FROM versions"
        " WHERE id = ? AND sha256 >= ? AND sha256 < ?",
        (pack(id_), *digits),
    )
    found: list[tuple[Document, Version | None]] = []
    for *row, frozen in rows:
        document = thaw(id_, frozen)
        check_digest(document, row[0])
        try:
            found.append((document, _version(*row)))
        except UNREADABLE as error:
            raise damaged("versions", error, id_) from error
    return found


def _note_gone(database: sqlite3.Connection, id_: str, digests: Sequence[str], at: str) -> None:
    """Note texts of a document as gone, under the names too that it had before it moved.

    Such a name may have been given to another document since, and the text may stand there.
    """
    rows = database.execute("SELECT name FROM moved WHERE id = ?", (pack(id_),)).fetchall() if digests else []
    former = [str(name) for (name,) in rows]
    standing: set[tuple[str, str]] = set()
    for chunk in chunked(digests if former else ()):
        for table in ("documents", "versions"):
            texts = database.execute(f"SELECT id, sha256 FROM {table} WHERE sha256 IN ({marks(chunk)})", chunk)
            standing.update((text_digest(unpack(other) or ""), str(digest)) for other, digest in texts)
    gone = [(text_digest(id_), digest) for digest in digests]
    gone += [(name, digest) for name in former for digest in digests if (name, digest) not in standing]
    database.executemany("INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", [(*pair, at) for pair in gone])


def _version(sha256: str, stored: str, replaced: str, characters: int) -> Version:
    return Version(
        sha256=sha256,
        stored=datetime.fromisoformat(stored),
        replaced=datetime.fromisoformat(replaced),
        characters=characters,
    )
