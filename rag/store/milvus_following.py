"""Keeps the collections on a Milvus server equal to the database, and makes views that search them.

The database is written first and is the truth. What it has and the server lacks is sent when it is next searched, by
whichever process searches, or after a batch of writes; whatever interrupts that, it is sent again.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from rag.errors import IndexLocked, IndexMismatch, IndexUnusable
from rag.store.counts import Counts
from rag.store.local import LocalStore
from rag.store.locking import WriteLock
from rag.store.milvus import (
    LAYOUT,
    MilvusCollections,
    MilvusRow,
    MilvusState,
    hash_dimension,
    require_pymilvus,
)
from rag.store.milvus_address import MilvusAddress
from rag.store.milvus_view import MilvusView, SearchCounts
from rag.store.search.bm25 import Totals, build_postings
from rag.store.search.segments import StoredPassage
from rag.store.search.snapshot import remove_snapshot
from rag.store.tables.catalogue import Catalogue, Commit, knows, last_commit, read_manifest
from rag.store.tables.context_rows import context_since, count_context_since, from_bytes
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.passages import count_since, passages_since, removed_since, select_passages
from rag.store.tables.rows import Floats

NAME_FILE = "milvus.id"
"""The file, in the folder of the index, with the name by which the server's rows are known to be of this index."""

LOCK = "milvus.lock"  # the file's name; held by the one process that sends
MOST_AT_ONCE = 20_000
"""Passages that a search sends itself, some seconds' worth; more are left to `rag index`."""

_BATCH = 1000  # passages in a request: 2 to 5 MB, of the 64 that Milvus takes
_NOTED = 20  # batches after which the server notes how far it was filled
_PATIENCE_SECONDS = 20.0  # that filling waits for another process that sends
_READER_PATIENCE_SECONDS = 1.0  # that a search does
_BEHIND_SECONDS = 5.0  # for which a search takes the server as it is, once it was found to be behind
_SCALE = 1 << 20  # a mean is kept as words of so many passages

_log = logging.getLogger(__name__)


def open_with_milvus(folder: Path, address: str) -> LocalStore:
    """Open an index whose candidates are searched on a server; see `LocalStore.open`.

    Args:
        folder: of the index.
        address: as for `MilvusAddress.parse`. Nothing is asked of it before it is needed.

    Raises:
        SettingsError: the address is none, or `pymilvus` is not installed.
        IndexNotFound, IndexDamaged, IndexMismatch: as for `LocalStore.open`.
    """
    collections = MilvusCollections(MilvusAddress.parse(address))
    require_pymilvus()
    return LocalStore(folder, lambda place, catalogue: MilvusFollowing(place, catalogue, collections))


class MilvusFollowing:
    """Follows the database from commit to commit with collections on a server. Safe from many threads."""

    def __init__(self, folder: Path, catalogue: Catalogue, collections: MilvusCollections) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._collections = collections
        self._turn = threading.Lock()
        self._sent: Commit | None = None  # held by the server for certain
        self._behind_until = 0.0  # by the monotonic clock
        self._mean = 1.0  # the words of a passage, on the average, by which the server's terms were made
        self.searched = SearchCounts()
        with catalogue.reading() as database:
            self.manifest: Manifest = read_manifest(database, str(folder))
            self._seen = last_commit(database)

    @property
    def commit(self) -> Commit:
        """What the last view showed."""
        return self._seen

    @property
    def due(self) -> bool:
        """Whether the server lacks anything, as far as this process knows."""
        with self._catalogue.reading() as database:
            return self._sent != last_commit(database)

    @contextmanager
    def view(self) -> Iterator[MilvusView]:
        """Hold the newest state unchanged; see `LocalStore.view`. The server is asked when something is searched."""
        with self._catalogue.reading() as database:
            check(read_manifest(database, str(self._folder)), self.manifest, str(self._folder))
            self._seen = last_commit(database)

            def open_counts() -> Counts:
                counts = Counts(self._folder)
                counts.follow(database)
                counts.hold()
                return counts

            def prepare() -> float:
                self._bring(database, MOST_AT_ONCE)
                return self._mean

            view = MilvusView(database, self.manifest, self._collections, open_counts, prepare, self.searched)
            try:
                yield view
            except IndexUnusable:
                self._sent, self._behind_until = None, 0.0  # the server may have lost something: look again
                raise
            finally:
                view.close()

    def save(self, *, whole: bool = False) -> None:
        """Send everything that the server lacks, and fill it anew where it cannot be told what that is.

        The server merges its segments by itself: `whole` changes nothing.

        Raises:
            IndexUnusable: the server cannot be reached, or does not take it.
            IndexMismatch: it holds another index.
        """
        self._sent, self._behind_until = None, 0.0
        with self._catalogue.reading() as database:
            self._bring(database, None)

    def purge(self) -> None:
        """Do what `save` does, and remove a local snapshot, which may hold what was removed since.

        The server overwrites what it removed when it next merges its segments.
        """
        self.save()
        remove_snapshot(self._folder)

    def close(self) -> None:
        """End the connection."""
        self._collections.close()

    def _bring(self, database: sqlite3.Connection, most: int | None) -> None:
        """Let the server hold at least the commit of a reader of the database.

        Where more is lacking than may be sent, or another process sends it, what the server holds whole is searched.

        Args:
            database: read from.
            most: passages that may be sent; None for any number, and for filling anew.

        Raises:
            IndexUnusable: the server cannot be reached, or nothing that it holds is of use.
            IndexLocked: likewise, and another process is sending.
            IndexMismatch: it holds another index.
        """
        now = last_commit(database)
        with self._turn:
            if self._sent == now or (most is not None and time.monotonic() < self._behind_until):
                return
            try:
                with self._sending(_PATIENCE_SECONDS if most is None else _READER_PATIENCE_SECONDS):
                    held = self._brought(database, now, most)
            except IndexLocked:
                if most is None:
                    raise
                found = self._collections.read_state()
                if found is None or not self._is_usable(found):
                    raise
                held = found
            self._mean = held.mean
            if held.generation >= now.generation:
                self._sent = now if _commit_of(held) == now else None
            else:
                self._behind_until = time.monotonic() + _BEHIND_SECONDS

    def _brought(self, database: sqlite3.Connection, now: Commit, most: int | None) -> MilvusState:
        """Send what the server lacks, if that is not too much, and return what it holds then."""
        held = self._collections.read_state()
        if held is not None and held.index != self._name():
            raise IndexMismatch(
                "milvus_other_index", where=self._where, found=held.index, place=str(self._folder), own=self._name()
            )
        if held is not None and held.generation > now.generation and self._is_usable(held):
            return held  # another process has sent what this view does not show yet
        if held is not None and _commit_of(held) == now and self._fits(held) and self._is_whole(database, now, most):
            return held
        if held is None or _commit_of(held) == now or not self._continues(database, held):
            self._refuse_more_than(most, count_since(database, 0))
            held = self._begin(database)
        waiting = count_since(database, held.generation) + count_context_since(database, held.generation)
        if most is not None and waiting > most and self._is_usable(held):
            _log.warning(
                "%s lacks passages of the index at %r (%d), which are not found until it has them. "
                "Run: rag index FOLDER --store %s", self._where, str(self._folder), waiting, self._where
            )  # fmt: skip
            return held
        self._refuse_more_than(most, waiting)
        return self._send(database, held, now)

    def _is_usable(self, held: MilvusState) -> bool:
        """Return whether the server holds a commit of this database whole."""
        if held.index != self._name() or not self._fits(held) or not held.generation:
            return False
        with self._catalogue.reading() as newest:
            return knows(newest, _commit_of(held))

    def _fits(self, held: MilvusState) -> bool:
        return held.layout == LAYOUT and held.model == self._model

    def _continues(self, database: sqlite3.Connection, held: MilvusState) -> bool:
        """Return whether the difference from what the server holds can be told."""
        if not self._fits(held):
            return False
        return knows(database, _commit_of(held)) if held.generation else held.after > 0

    def _is_whole(self, database: sqlite3.Connection, now: Commit, most: int | None) -> bool:
        """Return whether a server that says that it holds everything does.

        Raises:
            IndexUnusable: it does not, and is not to be filled anew.
        """
        counts = Counts(self._folder)
        try:
            counts.follow(database)
            counted = counts.read()
        finally:
            counts.close()
        rows = self._collections.count()
        if counted.commit != now or rows == counted.live:
            return True
        self._refuse_more_than(most and 0, abs(counted.live - rows))
        _log.warning("%s holds %d passages of %d; it is filled again", self._where, rows, counted.live)
        return False

    def _refuse_more_than(self, most: int | None, waiting: int) -> None:
        if most is not None and waiting > most:
            raise IndexUnusable("milvus_behind", where=self._where, place=str(self._folder), count=waiting)

    def _begin(self, database: sqlite3.Connection) -> MilvusState:
        """Make empty collections."""
        counts = Counts(self._folder)
        try:
            counts.follow(database)
            totals = counts.read().totals
        finally:
            counts.close()
        mean = totals.words / totals.passages if totals.words else 1.0
        state = MilvusState(index=self._name(), model=self._model, mean=mean)
        self._collections.create(state, self.manifest.dimension, self.manifest.contextual_dimension)
        return state

    def _send(self, database: sqlite3.Connection, held: MilvusState, now: Commit) -> MilvusState:
        """Send the difference from what the server holds to the commit of a reader; return what it holds then."""
        since, contextual = held.generation, self.manifest.contextual_dimension
        gone = removed_since(database, since).tolist() if since or held.after else []
        for first in range(0, len(gone), _BATCH):
            self._collections.remove(gone[first : first + _BATCH], context=bool(contextual))
        new = passages_since(database, since, self.manifest.dimension)
        left = (passage for passage in new if passage.id > held.after)
        batches = refined = 0
        while batch := list(islice(left, _BATCH)):
            self._collections.put_passages(_rows_of(batch, held.mean))
            batches += 1
            if batches % _NOTED == 0:
                self._collections.write_state(replace(held, after=batch[-1].id))
        context = context_since(database, since, contextual)
        while rows := list(islice(context, _BATCH)):
            stored = select_passages(database, [row.passage or 0 for row in rows], self.manifest.dimension)
            vectors = from_bytes(np.stack([row.vector for row in rows]))
            pairs = [(stored[row.passage or 0], vector) for row, vector in zip(rows, vectors, strict=True)]
            self._collections.put_context([_row_of(passage, vector) for passage, vector in pairs])
            refined += 1
        if max(batches, refined) > 1:
            self._collections.flush()
        held = replace(held, generation=now.generation, token=now.token, after=0)
        self._collections.write_state(held)
        return held

    @contextmanager
    def _sending(self, patience: float) -> Iterator[None]:
        """Keep other processes from sending meanwhile; wait for one that does.

        Raises:
            IndexLocked: it does so for long.
        """
        end = time.monotonic() + patience
        while True:
            try:
                lock = WriteLock(self._folder / LOCK)
                break
            except IndexLocked:
                if time.monotonic() > end:
                    raise
            time.sleep(0.02)
        try:
            yield
        finally:
            lock.release()

    def _name(self) -> str:
        """Return the name of this index, made when it is first asked for; whoever calls holds the lock."""
        path = self._folder / NAME_FILE
        try:
            return path.read_text("ascii").strip()
        except FileNotFoundError:
            name = secrets.token_hex(8)
            fresh = path.with_suffix(".new")
            fresh.write_text(name, "ascii")
            fresh.replace(path)
            return name

    @property
    def _where(self) -> str:
        return self._collections.address.shown

    @property
    def _model(self) -> str:
        manifest = self.manifest
        return f"{manifest.fingerprint} {manifest.dimension} {manifest.contextual} {manifest.contextual_dimension}"


def _commit_of(held: MilvusState) -> Commit:
    return Commit(generation=held.generation, token=held.token)


def _rows_of(passages: Sequence[StoredPassage], mean: float) -> list[MilvusRow]:
    """Return passages as rows, with their terms weighted for passages of a mean length."""
    postings = build_postings([(passage.surface, passage.lemma) for passage in passages])
    saturation = Totals(passages=_SCALE, words=round(mean * _SCALE)).saturation(postings.lengths)
    values = postings.counts / (postings.counts + saturation[postings.rows])
    terms: list[dict[int, float]] = [{} for _ in passages]
    for number, start, stop in zip(
        postings.terms.tolist(), postings.offsets[:-1].tolist(), postings.offsets[1:].tolist(), strict=True
    ):
        dimension = hash_dimension(number)
        pairs = zip(postings.rows[start:stop].tolist(), values[start:stop].tolist(), strict=True)
        for row, value in pairs:
            terms[row][dimension] = terms[row].get(dimension, 0.0) + value
    return [
        replace(_row_of(passage, passage.embedding), terms=own) for passage, own in zip(passages, terms, strict=True)
    ]


def _row_of(passage: StoredPassage, vector: Floats) -> MilvusRow:
    return MilvusRow(
        passage=passage.id,
        document=passage.document,
        language=passage.language,
        outlet=passage.outlet,
        published=passage.published,
        vector=vector,
    )
