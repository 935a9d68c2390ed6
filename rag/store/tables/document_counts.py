"""How many documents there are of each language and outlet and on each day: kept with every change, by triggers."""

from __future__ import annotations

import sqlite3
from datetime import date

from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.documents import Text, unpack
from rag.store.tables.rows import Facets

_VALUES = {
    "language": "ifnull({row}.language, 0)",  # a number, which no name is; the key takes no NULL
    "outlet": "ifnull({row}.outlet, 0)",
    "day": "ifnull(substr({row}.published, 1, 10), 0)",
}


def _added(row: str) -> str:
    return "".join(
        f" INSERT INTO document_counts VALUES ('{kind}', {value.format(row=row)}, 1)"
        " ON CONFLICT (kind, value) DO UPDATE SET documents = documents + 1;"
        for kind, value in _VALUES.items()
    )


def _removed(row: str) -> str:
    same = {kind: f"kind = '{kind}' AND value = {value.format(row=row)}" for kind, value in _VALUES.items()}
    return "".join(
        f" UPDATE document_counts SET documents = documents - 1 WHERE {its};"
        f" DELETE FROM document_counts WHERE {its} AND documents = 0;"
        for its in same.values()
    )


TABLES = (
    """CREATE TABLE document_counts (
        kind TEXT NOT NULL, value NOT NULL, documents INTEGER NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID""",
    f"CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN{_added('new')} END",
    f"CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN{_removed('old')} END",
    "CREATE TRIGGER documents_changed AFTER UPDATE OF language, outlet, published ON documents"
    f" BEGIN{_removed('old')}{_added('new')} END",
)


def miscounted(database: sqlite3.Connection) -> list[str]:
    """Return the kinds of which the numbers are not those of the documents."""
    wrong = []
    for kind, value in _VALUES.items():
        counted = f"SELECT {value.format(row='documents')}, count(*) FROM documents GROUP BY 1"
        kept = f"SELECT value, documents FROM document_counts WHERE kind = '{kind}'"
        both = (f"SELECT * FROM ({one} EXCEPT {other}) LIMIT 1" for one, other in ((counted, kept), (kept, counted)))
        if any(database.execute(rows).fetchone() is not None for rows in both):
            wrong.append(kind)
    return wrong


def count_facets(database: sqlite3.Connection) -> Facets:
    """Return the numbers by language and by outlet, most frequent first, and the first and last day."""
    days = database.execute(
        "SELECT (SELECT min(value) FROM document_counts WHERE kind = 'day' AND value != 0),"
        " (SELECT max(value) FROM document_counts WHERE kind = 'day' AND value != 0)"
    ).fetchone()
    try:
        first, last = (date.fromisoformat(day) if day else None for day in days)
        return Facets(languages=count_languages(database), outlets=count_outlets(database), first=first, last=last)
    except UNREADABLE as error:
        raise damaged("dates", error) from error


def count_languages(database: sqlite3.Connection) -> dict[str | None, int]:
    """Return how many documents there are of each language, most frequent first."""
    return _counted(database, "language")


def count_outlets(database: sqlite3.Connection) -> dict[str | None, int]:
    """Return how many documents there are of each outlet, most frequent first."""
    return _counted(database, "outlet")


def _counted(database: sqlite3.Connection, kind: str) -> dict[str | None, int]:
    rows: list[tuple[Text | int, int]] = database.execute(
        "SELECT value, documents FROM document_counts WHERE kind = ? ORDER BY documents DESC, value", (kind,)
    ).fetchall()
    return {None if isinstance(value, int) else unpack(value): int(number) for value, number in rows}
