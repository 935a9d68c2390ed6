"""The SQLite file: its tables, how it is opened, and what its errors mean to a user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import IndexDamaged, IndexLocked, IndexNotFound, IndexUnusable

NAME = "catalogue.db"
BUSY_SECONDS = 30.0  # writers wait for each other's transactions; ours last well under a second
PAGE_BYTES = 8192  # a passage row of about 3 kB leaves a third of a 4096-byte page empty, and little of this
CACHE_KIBIBYTES = 1024  # for each connection that reads; the serving state is in memory already
WRITER_CACHE_KIBIBYTES = 16_384  # holds what a batch changes; with less, pages are written several times in it
LOG_PAGES = 4000  # in the write-ahead log before it is moved into the database: 32 MB, in which a page often repeats

TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # One row for each write. The token tells two histories apart that reached the same number (a restored backup).
    "CREATE TABLE commits (generation INTEGER PRIMARY KEY, token TEXT NOT NULL)",
    """CREATE TABLE documents (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, origin TEXT, title TEXT NOT NULL,
        source TEXT, outlet TEXT, author TEXT, published TEXT, modified TEXT, language TEXT, sha256 TEXT NOT NULL,
        masked TEXT NOT NULL, pages TEXT NOT NULL, evidence TEXT NOT NULL, characters INTEGER NOT NULL,
        stored TEXT NOT NULL)""",
    "CREATE INDEX documents_origin ON documents (origin)",
    "CREATE INDEX documents_language ON documents (language)",
    # Apart from the rest, so that lists and counts do not read through every article.
    """CREATE TABLE texts (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE, text TEXT NOT NULL)""",
    # AUTOINCREMENT: an id is never used again, so an old citation or a slow reader cannot meet another passage.
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
        generation INTEGER NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
        surface TEXT NOT NULL, lemma TEXT NOT NULL, tokens BLOB NOT NULL,
        sentence_starts BLOB NOT NULL, sentence_norms BLOB NOT NULL, embedding BLOB NOT NULL)""",
    "CREATE INDEX passages_document ON passages (document)",
    "CREATE INDEX passages_generation ON passages (generation)",
    "CREATE TABLE removed (passage INTEGER PRIMARY KEY, generation INTEGER NOT NULL)",
    "CREATE INDEX removed_generation ON removed (generation)",
    """CREATE TABLE files (
        path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, failure TEXT)""",
    # Earlier texts of documents.
    """CREATE TABLE versions (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, sha256 TEXT NOT NULL, stored TEXT NOT NULL,
        replaced TEXT NOT NULL, characters INTEGER NOT NULL, document BLOB NOT NULL, UNIQUE (id, sha256))""",
    # Digests of names, so that nothing of a removed article is left: texts that are gone, and where documents moved.
    """CREATE TABLE gone (
        name TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (name, sha256)) WITHOUT ROWID""",
    "CREATE TABLE moved (name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID",
    # Contextual vectors of passages and of their sentences, bytes: made after the rest, and again from it.
    """CREATE TABLE context_vectors (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        generation INTEGER NOT NULL, vector BLOB NOT NULL, sentences BLOB NOT NULL)""",
    "CREATE INDEX context_vectors_generation ON context_vectors (generation)",
    # Whose text is this? Asked for each document that goes and had another name before.
    "CREATE INDEX documents_sha256 ON documents (sha256)",
    "CREATE INDEX versions_sha256 ON versions (sha256)",
    # Folded values to sort and filter by, so that a page of the list costs the same in an index of any size.
    """CREATE TABLE listing (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
        title TEXT NOT NULL, outlet TEXT NOT NULL, language TEXT NOT NULL, day TEXT NOT NULL,
        characters INTEGER NOT NULL, words TEXT NOT NULL)""",
    "CREATE INDEX listing_title ON listing (title)",
    "CREATE INDEX listing_outlet ON listing (outlet, title)",
    "CREATE INDEX listing_language ON listing (language, title)",
    "CREATE INDEX listing_day ON listing (day, title)",
    "CREATE INDEX listing_characters ON listing (characters, title)",
    # Metadata that was corrected by hand, by document: JSON, see `corrections.py`.
    "CREATE TABLE corrections (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
)


def connect(folder: Path, *, write: bool, create: bool = False) -> sqlite3.Connection:
    """Open the database of an index folder. Connections may move between threads, one user at a time.

    Raises:
        IndexNotFound: there is none.
        IndexDamaged: the file is no database.
        IndexUnusable: it cannot be opened, for example for lack of permission.
    """
    check_name(folder)
    path = folder / NAME
    if not create and not path.is_file():
        raise IndexNotFound("index_missing", place=str(folder))
    with translated(folder):
        connection = _open(path, "mode=rwc" if create else "mode=rw")
        try:
            if create:
                connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIBIBYTES if write else CACHE_KIBIBYTES}")
            if write:
                connection.execute("PRAGMA journal_mode = WAL")
                # Survives a killed process; a power cut may undo the last writes, whole ones.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten
                connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
                connection.execute("PRAGMA temp_store = MEMORY")  # what undoes one statement: some pages
            else:
                connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if write or error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
            connection = _open_unwritable(folder, path)
        except BaseException:
            connection.close()
            raise
        return connection


def check_name(folder: Path) -> None:
    """Refuse a folder whose path is not Unicode: neither the files of vectors nor most outputs can take its name.

    Raises:
        IndexUnusable: it is not.
    """
    try:
        str(folder.absolute()).encode("utf-8")
    except UnicodeEncodeError:
        raise IndexUnusable("index_path_not_utf8", place=str(folder)) from None


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, in one line that says what to do."""
    place = str(folder)
    try:
        yield
    except sqlite3.Error as error:
        detail = " ".join(str(error).split())[:200]  # it may quote what it could not read
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexLocked("index_busy", place=place, detail=detail) from error
        if code == sqlite3.SQLITE_FULL:
            raise IndexUnusable("index_disk_full", place=place, detail=detail) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise IndexUnusable("index_unopenable", place=place, detail=detail) from error
        if code == sqlite3.SQLITE_IOERR:
            raise IndexUnusable("index_disk_failed", place=place, detail=detail) from error
        raise IndexDamaged("index_damaged", place=place, file=NAME, detail=detail) from error


def _open(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions are begun and ended in plain sight
        check_same_thread=False,
    )


def _open_unwritable(folder: Path, path: Path) -> sqlite3.Connection:
    """Open in a folder in which SQLite may not make its side files: right only when no write is waiting in one."""
    waiting = path.with_name(path.name + "-wal")
    if waiting.exists() and waiting.stat().st_size:
        raise IndexUnusable("index_writes_waiting", place=str(folder), file=waiting.name)
    return _open(path, "mode=ro&immutable=1")
