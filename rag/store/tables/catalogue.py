"""The truth: documents, passages, their embeddings and terms in one SQLite database, each write one transaction.

Every write raises the `generation` by one. Passages remember the generation they came in, removed ones leave their
number in `removed`, so that whoever has read generation 7 reads only the difference to get to 9.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, LifoQueue

from rag.errors import IndexDamaged, IndexNotFound, IndexUnusable
from rag.store.duplicates import clusters
from rag.store.tables import document_counts
from rag.store.tables.database import NAME, TABLES, connect, translated
from rag.store.tables.documents import list_ids
from rag.store.tables.manifest import Manifest
from rag.store.tables.versions import forget_texts, now

_IDLE_CONNECTIONS = 8  # kept open between readers; each holds up to 1 MiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One state of the database. The token is random: equal commits mean equal content."""

    generation: int
    token: str


class Catalogue:
    """One index folder's database: one writer, and any number of readers each with their own view."""

    def __init__(self, folder: Path) -> None:
        """Open the database for reading.

        Raises:
            IndexNotFound: there is none, or it is still empty.
            IndexDamaged: it is not a database, or not one of ours.
            IndexMismatch: a program with another format made it.
        """
        self.folder = folder
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue(_IDLE_CONNECTIONS)
        self._closed = False
        self._writer: sqlite3.Connection | None = None
        try:
            with self.reading() as database:
                read_manifest(database, str(folder))
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> Catalogue:
        """Make the tables, in one transaction, and open them."""
        database = connect(folder, write=True, create=True)
        with translated(folder):
            try:
                database.execute("BEGIN IMMEDIATE")
                for statement in (*TABLES, *document_counts.TABLES, *clusters.TABLES):
                    database.execute(statement)
                database.execute("INSERT INTO meta VALUES ('manifest', ?)", (manifest.to_json(),))
                _commit(database)
                database.execute("COMMIT")
            finally:
                database.close()
        return cls(folder)

    def start_writing(self) -> None:
        """Open the connection that writes; whoever calls holds the write lock."""
        self._refuse_if_closed()
        if self._writer is None:
            self._writer = connect(self.folder, write=True)

    def stop_writing(self) -> None:
        """Close the connection that writes."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold one unchanging view of the database; errors inside come out as ours."""
        self._refuse_if_closed()
        try:
            database = self._idle.get_nowait()
        except Empty:
            database = connect(self.folder, write=False)
        sound = False
        try:
            with translated(self.folder):
                database.execute("BEGIN")
                try:
                    yield database
                finally:
                    if database.in_transaction:  # a damaged file may have ended it
                        database.execute("ROLLBACK")
            sound = True
        finally:
            try:
                if not sound or self._closed:
                    raise Full
                self._idle.put_nowait(database)
            except Full:
                database.close()
            if self._closed:  # perhaps since it was looked at above
                self._close_idle()

    @contextmanager
    def writing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """Hold a write transaction and the generation it makes: all of it is stored, or nothing."""
        writer = self._writing()
        with translated(self.folder):
            writer.execute("BEGIN IMMEDIATE")
            try:
                generation = _commit(writer)
                yield writer, generation
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    def replace_manifest(self, manifest: Manifest) -> None:
        """Empty the index and make it one for another model, in one transaction."""
        with self.writing() as (database, generation):
            forget_texts(database, list_ids(database), now())
            clusters.clear(database)
            database.execute("DELETE FROM passages")
            database.execute("DELETE FROM documents")
            database.execute("DELETE FROM files")
            database.execute("DELETE FROM corrections")
            database.execute("DELETE FROM removed")
            database.execute("DELETE FROM commits WHERE generation < ?", (generation,))  # no difference leads here
            database.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (manifest.to_json(),))

    def forget(self, commit: Commit) -> None:
        """Drop the history that leads up to a commit, once a snapshot holds that commit. The content stays as it is."""
        writer = self._writing()
        with translated(self.folder):
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM commits WHERE generation < ?", (commit.generation,))
            writer.execute("DELETE FROM removed WHERE generation <= ?", (commit.generation,))
            writer.execute("COMMIT")

    def shorten_log(self) -> None:
        """Move what waits in the write-ahead log into the database, and cut the log to nothing."""
        writer = self._writing()
        with translated(self.folder):
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            raise IndexUnusable("index_not_writing", place=str(self.folder))
        return self._writer

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Close every connection; those in use close when they are given back."""
        self._closed = True
        self._close_idle()
        self.stop_writing()  # the last connection to close also folds the write-ahead log into the file

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                break

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise IndexUnusable("index_closed", place=str(self.folder))


def read_manifest(database: sqlite3.Connection, place: str) -> Manifest:
    """Return what the index was built with.

    Raises:
        IndexNotFound: creation was interrupted: there are no tables.
        IndexDamaged: the tables are not ours.
    """
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        raise IndexNotFound("index_empty", place=place)
    row = None
    if "meta" in tables:
        row = database.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
    if row is None:
        raise IndexDamaged("index_foreign", file=f"{place}/{NAME}")
    return Manifest.from_json(row[0], place)


def last_commit(database: sqlite3.Connection) -> Commit:
    """Return the state that this reader sees."""
    row = database.execute("SELECT generation, token FROM commits ORDER BY generation DESC LIMIT 1").fetchone()
    if row is None:
        raise IndexDamaged("index_without_commit", file=NAME)
    return Commit(generation=int(row[0]), token=str(row[1]))


def knows(database: sqlite3.Connection, commit: Commit) -> bool:
    """Whether the difference from that commit to now can still be read."""
    row = database.execute("SELECT token FROM commits WHERE generation = ?", (commit.generation,)).fetchone()
    return row is not None and row[0] == commit.token


def _commit(database: sqlite3.Connection) -> int:
    row = database.execute("SELECT max(generation) FROM commits").fetchone()
    generation = int(row[0] or 0) + 1
    database.execute("INSERT INTO commits VALUES (?, ?)", (generation, secrets.token_hex(8)))
    return generation
