"""Metadata that was corrected by hand: kept apart from the documents, and applied each time that one is stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rag.records import CORRECTABLE, Correction, Document
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.documents import pack, read_date, unpack

EVIDENCE = "corrected"
"""What `Document.evidence` says of a value that was corrected by hand."""

Value = str | date | datetime | None


def put_corrections(database: sqlite3.Connection, document: Document, values: Mapping[str, Value], at: str) -> None:
    """Record corrections of a document, given as it was read, beside those that there are."""
    record = _read(database, document.id)
    for name, value in values.items():
        read, origin = _write(getattr(document, name)), document.evidence.get(name)
        record[name] = {"value": _write(value), "read": read, "origin": origin, "at": at}
    _store(database, document.id, record)


def drop_corrections(database: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Forget all corrections of documents."""
    database.executemany("DELETE FROM corrections WHERE id = ?", [(pack(id_),) for id_ in ids])


def rename_corrections(database: sqlite3.Connection, moved: Mapping[str, str]) -> list[str]:
    """Give corrections to the new ids of documents that moved; return those of these ids that have any."""
    renamed = []
    for old, new in moved.items():
        if _read(database, old) and not _read(database, new):
            database.execute("UPDATE corrections SET id = ? WHERE id = ?", (pack(new), pack(old)))
            renamed.append(new)
    return renamed


def carry_corrections(old: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    """Copy all corrections into a new index, before its documents are stored."""
    rows = old.execute("SELECT id, record FROM corrections").fetchall()
    fresh.executemany("INSERT OR REPLACE INTO corrections VALUES (?, ?)", rows)


def corrected(database: sqlite3.Connection, document: Document) -> Document:
    """Return a document with its corrections, and note what was read in their place."""
    record = _read(database, document.id)
    if not record:
        return document
    values: dict[str, Any] = {}
    for name, entry in record.items():
        if document.evidence.get(name) != EVIDENCE:  # else it was read from this index
            entry["read"], entry["origin"] = _write(getattr(document, name)), document.evidence.get(name)
        values[name] = _value(name, entry["value"])
    _store(database, document.id, record)
    return replace(document, **values, evidence={**document.evidence, **dict.fromkeys(record, EVIDENCE)})


def as_read(database: sqlite3.Connection, document: Document) -> Document:
    """Return a document of the index as it was read, without its corrections."""
    record = _read(database, document.id)
    values: dict[str, Any] = {name: _value(name, entry["read"]) for name, entry in record.items()}
    evidence = {name: origin for name, origin in document.evidence.items() if origin != EVIDENCE}
    evidence |= {name: entry["origin"] for name, entry in record.items() if entry["origin"]}
    return replace(document, **values, evidence=evidence)


def list_corrections(database: sqlite3.Connection, document_id: str) -> list[Correction]:
    """Return the corrections of a document."""
    try:
        return [
            Correction(
                name=name,
                value=_value(name, entry["value"]),
                read=_value(name, entry["read"]),
                at=datetime.fromisoformat(entry["at"]),
            )
            for name, entry in _read(database, document_id).items()
        ]
    except UNREADABLE as error:
        raise damaged("corrections", error, document_id) from error


def now() -> str:
    """Return this second in UTC, as it is stored."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(database: sqlite3.Connection, document_id: str) -> dict[str, dict[str, Any]]:
    row = database.execute("SELECT record FROM corrections WHERE id = ?", (pack(document_id),)).fetchone()
    if row is None:
        return {}
    try:
        record: dict[str, dict[str, Any]] = json.loads(unpack(row[0]) or "")
        return {name: record[name] for name in CORRECTABLE if name in record}
    except UNREADABLE as error:
        raise damaged("corrections", error, document_id) from error


def _store(database: sqlite3.Connection, document_id: str, record: Mapping[str, Mapping[str, Any]]) -> None:
    text = json.dumps(record, ensure_ascii=True)
    database.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?)", (pack(document_id), text))


def _write(value: Value) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _value(name: str, text: str | None) -> Value:
    if name == "published":
        return read_date(text)
    return text or "" if name == "title" else text
