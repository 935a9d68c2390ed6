"""The band keys of signatures, by key: which texts share a band with another.

Keys are hashes, so each new one belongs to another page of a table that is ordered by them. In one table an added
passage would rewrite a page for each of its keys (at a million passages 340 kB). New pairs go into a small table, which
is merged in the order of keys into a larger one when it is full, and that one into the largest; a merge writes
each page once. All of it happens in the transaction that adds the pairs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

Pairs = Sequence[tuple[int, int]]

_FRESH, _RECENT = 1 << 15, 1 << 19
"""Pairs from which the smaller tables are merged into the next: half a megabyte, which the writer's cache holds, and
eight. Fewer rewrite the next table more often, more leave it larger for what is written at random."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Pairs of a key and the text that has it, in three tables from the newest to the largest, called after `name`."""

    name: str

    @property
    def tables(self) -> tuple[str, str, str]:
        """Their names."""
        return f"{self.name}_fresh", f"{self.name}_recent", self.name

    @property
    def schema(self) -> tuple[str, ...]:
        """The statements that make them; `band_counts` is shared."""
        return tuple(
            f"CREATE TABLE {table} (key INTEGER, owner INTEGER, PRIMARY KEY (key, owner)) WITHOUT ROWID"
            for table in self.tables
        )

    def add(self, database: sqlite3.Connection, pairs: Pairs) -> None:
        """Add pairs of key and owner; those that are there stay."""
        fresh, recent, whole = self.tables
        database.executemany(f"INSERT OR IGNORE INTO {fresh} VALUES (?, ?)", sorted(pairs))
        if _counted(database, fresh, len(pairs)) > _FRESH:
            _merge(database, fresh, recent)
            if _counted(database, recent, 0) > _RECENT:
                _merge(database, recent, whole)

    def remove(self, database: sqlite3.Connection, pairs: Pairs) -> None:
        """Remove pairs, wherever they are."""
        ordered = sorted(pairs)
        for table in self.tables:
            database.executemany(f"DELETE FROM {table} WHERE key = ? AND owner = ?", ordered)

    def owners(self, database: sqlite3.Connection, key: int, limit: int) -> list[int]:
        """Return those that have a key, the latest ones first, `limit` at most."""
        every = " UNION ALL ".join(f"SELECT owner FROM {table} WHERE key = ?1" for table in self.tables)
        rows = database.execute(f"{every} ORDER BY 1 DESC LIMIT ?2", (key, limit))
        return [owner for (owner,) in rows]

    def clear(self, database: sqlite3.Connection) -> None:
        """Remove everything."""
        for table in self.tables:
            database.execute(f"DELETE FROM {table}")
            database.execute("DELETE FROM band_counts WHERE name = ?", (table,))


COUNTS = "CREATE TABLE band_counts (name TEXT PRIMARY KEY, pairs INTEGER NOT NULL) WITHOUT ROWID"
"""How many pairs came into each of the smaller tables since it was merged; those removed since count, too."""


def _counted(database: sqlite3.Connection, table: str, added: int) -> int:
    database.execute(
        "INSERT INTO band_counts VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET pairs = pairs + ?2", (table, added)
    )
    return int(database.execute("SELECT pairs FROM band_counts WHERE name = ?", (table,)).fetchone()[0])


def _merge(database: sqlite3.Connection, source: str, target: str) -> None:
    moved = database.execute(
        f"INSERT OR IGNORE INTO {target} SELECT key, owner FROM {source} ORDER BY key, owner"
    ).rowcount
    database.execute(f"DELETE FROM {source}")
    database.execute("UPDATE band_counts SET pairs = 0 WHERE name = ?", (source,))
    _counted(database, target, moved)
