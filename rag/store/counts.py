"""What BM25 and token rarity need to know of the whole corpus, kept in a file beside the database.

A local index counts its postings; where those are on a server, the numbers of passages, words, terms and tokens are
kept here, exactly as `rag.store.search` would count them, and changed with each write by the difference. All of it is
derived: without the file it is counted anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from rag.errors import IndexUnusable
from rag.store.duplicates.clusters import repeats_since
from rag.store.search.bm25 import Totals, build_postings, term_hash
from rag.store.search.segments import StoredPassage
from rag.store.tables.catalogue import Commit, knows, last_commit
from rag.store.tables.database import BUSY_SECONDS
from rag.store.tables.documents import chunked, marks
from rag.store.tables.passages import passages_since, removed_since
from rag.store.tables.rows import Longs

NAME = "counts.db"
_BLOCK_ROWS = 4096  # passages counted at a time

_TABLES = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS terms (hash INTEGER PRIMARY KEY, passages INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tokens (token INTEGER PRIMARY KEY, times INTEGER NOT NULL)",
    # What each passage adds, to be taken away when it is removed: its row in the database is gone by then.
    """CREATE TABLE IF NOT EXISTS held (
        passage INTEGER PRIMARY KEY, document INTEGER NOT NULL, counted INTEGER NOT NULL, refined INTEGER NOT NULL,
        words INTEGER NOT NULL, terms BLOB NOT NULL, tokens BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS held_document ON held (document)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The numbers at one commit.

    Attributes:
        commit: what was counted; None while nothing was.
        content: the generation at which passages last came or went.
        live: passages.
        refined: those of them that have contextual vectors.
        totals: passages and words that count in statistics: those of documents that repeat no other.
    """

    commit: Commit | None
    content: int
    live: int
    refined: int
    totals: Totals


class Counts:
    """An open file of counts. For one thread; opening another is cheap."""

    def __init__(self, folder: Path) -> None:
        """Open the file of an index folder, and make it where there is none.

        Raises:
            IndexUnusable: it can be neither read nor made.
        """
        self._place = str(folder)
        with self._sound():
            self._database = _opened(folder / NAME)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def hold(self) -> None:
        """Show the same numbers until `close`, whatever other processes write meanwhile."""
        self._database.execute("BEGIN")

    def read(self) -> Counted:
        """Return the numbers."""
        with self._sound():
            facts = dict(self._database.execute("SELECT name, value FROM facts"))
        numbers = {name: int(facts.get(name, 0)) for name in ("content", "live", "refined", "passages", "words")}
        commit = json.loads(facts["commit"]) if "commit" in facts else None
        return Counted(
            commit=commit and Commit(generation=commit[0], token=commit[1]),
            content=numbers["content"],
            live=numbers["live"],
            refined=numbers["refined"],
            totals=Totals(passages=numbers["passages"], words=numbers["words"]),
        )

    def frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return in how many of the passages that count each term is."""
        hashes = [_signed(term_hash(term)) for term in terms]
        found: dict[int, int] = {}
        with self._sound():
            for chunk in chunked(hashes):
                found.update(
                    self._database.execute(f"SELECT hash, passages FROM terms WHERE hash IN ({marks(chunk)})", chunk)
                )
        return [found.get(number, 0) for number in hashes]

    def token_counts(self, vocabulary: int) -> Longs:
        """Return how often each token of a table of that size is in passages that count, ``(vocabulary,)``."""
        counts = np.zeros(vocabulary, np.int64)
        with self._sound():
            rows = self._database.execute("SELECT token, times FROM tokens WHERE token < ?", (vocabulary,)).fetchall()
        for token, times in rows:
            counts[token] = times
        return counts

    def follow(self, catalogue: sqlite3.Connection) -> None:
        """Bring the counts to the commit of a reader of the database, unless they are there or later.

        Raises:
            IndexUnusable: the disk is full, or the file damaged.
        """
        now, kept = last_commit(catalogue), self.read().commit
        if kept == now:
            return
        with self._sound():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._apply(catalogue, now)
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")

    def _apply(self, catalogue: sqlite3.Connection, now: Commit) -> None:
        before = self.read()  # another process may have come first
        kept = before.commit
        if kept == now or (kept is not None and kept.generation > now.generation):
            return
        since = kept.generation if kept is not None and knows(catalogue, kept) else 0
        if not since:
            for table in ("terms", "tokens", "held"):
                self._database.execute(f"DELETE FROM {table}")
            before = Counted(commit=None, content=0, live=0, refined=0, totals=Totals(passages=0, words=0))
        change = _Change()
        gone = removed_since(catalogue, since).tolist() if since else []
        self._leave(change, gone)
        documents, flags = repeats_since(catalogue, since)
        repeated = dict(zip(documents.tolist(), flags.astype(int).tolist(), strict=True))
        self._recount(change, repeated)
        new = passages_since(catalogue, since)
        while block := list(islice(new, _BLOCK_ROWS)):
            self._enter(change, block, repeated)
            self._store(change)
        self._refine(change, catalogue, since)
        self._store(change)
        facts = {
            "commit": json.dumps([now.generation, now.token]),
            "content": now.generation if change.moved else before.content,
            "live": before.live + change.live,
            "refined": before.refined + change.refined,
            "passages": before.totals.passages + change.passages,
            "words": before.totals.words + change.words,
        }
        self._database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def _leave(self, change: _Change, passages: Sequence[int]) -> None:
        """Take removed passages out."""
        for chunk in chunked(passages):
            where = f"WHERE passage IN ({marks(chunk)})"
            rows = self._database.execute(f"SELECT counted, refined, words, terms, tokens FROM held {where}", chunk)
            for counted, refined, words, terms, tokens in rows.fetchall():
                change.moved = True
                change.live -= 1
                change.refined -= refined
                if counted:
                    change.count(-1, words, terms, tokens)
            self._database.execute(f"DELETE FROM held {where}", chunk)

    def _recount(self, change: _Change, repeated: dict[int, int]) -> None:
        """Count the passages of documents that repeat another no longer, and leave out those that began to."""
        for document, flag in repeated.items():
            rows = self._database.execute(
                "SELECT words, terms, tokens FROM held WHERE document = ? AND counted = ?", (document, flag)
            ).fetchall()
            for words, terms, tokens in rows:
                change.count(-1 if flag else 1, words, terms, tokens)
            if rows:
                self._database.execute("UPDATE held SET counted = ? WHERE document = ?", (1 - flag, document))

    def _enter(self, change: _Change, block: Sequence[StoredPassage], repeated: dict[int, int]) -> None:
        """Put new passages in."""
        rows = []
        for passage, words, hashes in _terms_of(block):
            counted = 1 - repeated.get(passage.document, 0)
            terms, tokens = hashes.tobytes(), passage.tokens.tobytes()
            rows.append((passage.id, passage.document, counted, words, terms, tokens))
            if counted:
                change.count(1, words, terms, tokens)
        change.moved = True
        change.live += len(rows)
        self._database.executemany("INSERT INTO held VALUES (?, ?, ?, 0, ?, ?, ?)", rows)

    def _refine(self, change: _Change, catalogue: sqlite3.Connection, since: int) -> None:
        """Count what was given contextual vectors."""
        rows = catalogue.execute("SELECT passage FROM context_vectors WHERE generation > ?", (since,))
        while block := rows.fetchmany(_BLOCK_ROWS):
            done = self._database.executemany("UPDATE held SET refined = 1 WHERE passage = ? AND refined = 0", block)
            change.refined += done.rowcount

    def _store(self, change: _Change) -> None:
        """Write what the terms and tokens of a block add, so that it is not held for all blocks."""
        for table, key, column, counts in (
            ("terms", "hash", "passages", change.terms),
            ("tokens", "token", "times", change.tokens),
        ):
            self._database.executemany(
                f"INSERT INTO {table} VALUES (?1, ?2) ON CONFLICT ({key}) DO UPDATE SET {column} = {column} + ?2",
                sorted(counts.items()),
            )
            gone = [(number,) for number, count in counts.items() if count < 0]
            self._database.executemany(f"DELETE FROM {table} WHERE {key} = ? AND {column} = 0", gone)
            counts.clear()

    @contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            detail = " ".join(str(error).split())[:200]
            raise IndexUnusable("counts_unusable", file=f"{self._place}/{NAME}", detail=detail) from error


class _Change:
    """What a difference adds to the counts, or takes away."""

    def __init__(self) -> None:
        self.live = self.refined = self.passages = self.words = 0
        self.moved = False
        self.terms: Counter[int] = Counter()
        self.tokens: Counter[int] = Counter()

    def count(self, sign: int, words: int, terms: bytes, tokens: bytes) -> None:
        """Count a passage once more, or once less."""
        self.passages += sign
        self.words += sign * words
        add = self.terms.update if sign > 0 else self.terms.subtract
        add(np.frombuffer(terms, np.int64).tolist())
        add = self.tokens.update if sign > 0 else self.tokens.subtract
        add(np.frombuffer(tokens, np.int32).tolist())


def _terms_of(block: Sequence[StoredPassage]) -> Iterator[tuple[StoredPassage, int, Longs]]:
    """Yield passages with their number of words and the hashes of their distinct terms."""
    postings = build_postings([(passage.surface, passage.lemma) for passage in block])
    hashes = np.repeat(postings.terms.view(np.int64), np.diff(postings.offsets))
    order = np.argsort(postings.rows, kind="stable")
    bounds = np.searchsorted(postings.rows[order], np.arange(len(block) + 1))
    hashes = hashes[order]
    for row, passage in enumerate(block):
        yield passage, int(postings.lengths[row]), hashes[bounds[row] : bounds[row + 1]]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA secure_delete = ON")  # the terms of what is removed are overwritten
        for statement in _TABLES:
            database.execute(statement)
    except BaseException:
        database.close()
        raise
    return database
