"""What a new index takes over from the one it replaces: earlier texts, and what is known of texts that are gone."""

from __future__ import annotations

import sqlite3

from rag.records import text_digest
from rag.store.documents import pack, select_documents, unpack
from rag.store.versions import drop_versions, forget_text, has_tables, insert_version, note_stored, now


def carry_versions(old: sqlite3.Connection, fresh: sqlite3.Connection, *, keep: int) -> None:
    """Give a new index the earlier texts of the old one, as if it had come to its state by changes.

    A document whose text differs has changed, one that is not there has been removed; unless the same text stands
    under an id that is new: then it has moved.
    """
    at = now()
    before, after = _digests(old), _digests(fresh)
    moved = _moves(before, after)
    since = _copy_rows(old, fresh, moved) if has_tables(old) else {}
    names = [(text_digest(former), pack(id_)) for former, id_ in moved.items()]
    fresh.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?)", names)
    for id_, (number, digest) in before.items():
        target = moved.get(id_, id_)
        if target not in after:
            forget_text(fresh, id_, [digest], at)
        elif after[target][1] != digest:
            ((_, document),) = select_documents(old, [number])
            insert_version(fresh, document, since.get(number), at)
        else:
            fresh.execute("DELETE FROM stored WHERE document = ?", (after[target][0],))
            note_stored(fresh, after[target][0], since.get(number))
    for id_, (_, digest) in after.items():
        fresh.execute("DELETE FROM versions WHERE id = ? AND sha256 = ?", (pack(id_), digest))
        drop_versions(fresh, id_, at, keep)
    there = fresh.execute("SELECT id, sha256 FROM documents UNION SELECT id, sha256 FROM versions").fetchall()
    fresh.executemany(
        "DELETE FROM gone WHERE name = ? AND sha256 = ?",
        ((text_digest(unpack(id_) or ""), digest) for id_, digest in there),
    )


def _digests(database: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    rows = database.execute("SELECT id, number, sha256 FROM documents ORDER BY id")
    return {unpack(id_) or "": (int(number), str(digest)) for id_, number, digest in rows}


def _moves(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> dict[str, str]:
    """Return old and new ids of texts that stand under another id now."""
    new: dict[str, list[str]] = {}
    for id_, (_, digest) in after.items():
        if id_ not in before:
            new.setdefault(digest, []).append(id_)
    left = [(id_, digest) for id_, (_, digest) in before.items() if id_ not in after]
    return {id_: new[digest].pop(0) for id_, digest in left if new.get(digest)}


def _copy_rows(old: sqlite3.Connection, fresh: sqlite3.Connection, moved: dict[str, str]) -> dict[int, str]:
    """Copy what is kept beside the documents, under their present ids; return when their texts came in."""

    def renamed(packed: str | bytes) -> str | bytes | None:
        id_ = unpack(packed) or ""
        return pack(moved.get(id_, id_))

    fresh.executemany("INSERT INTO gone VALUES (?, ?, ?)", old.execute("SELECT name, sha256, at FROM gone"))
    names = [(name, renamed(id_)) for name, id_ in old.execute("SELECT name, id FROM moved")]
    fresh.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?)", names)
    rows = old.execute("SELECT id, sha256, stored, replaced, characters, document FROM versions ORDER BY number")
    fresh.executemany(
        "INSERT INTO versions (id, sha256, stored, replaced, characters, document) VALUES (?, ?, ?, ?, ?, ?)",
        ((renamed(id_), *others) for id_, *others in rows),
    )
    return {int(number): str(at) for number, at in old.execute("SELECT document, at FROM stored")}
