"""Which documents are the same text: kept up to date with every document that is stored or removed.

Two documents are alike when they share a band of a signature (their own, or one of a passage) and then enough of their
real shingles. Documents are taken in the order of their ids: one that is alike to a *first* document of a cluster
belongs to that cluster (to the first such), any other is the first of a cluster of its own. So every member is alike to
the first document, and clusters do not chain: at a million passages of sentences drawn at random, pairs that hang
together hold thousands of documents together that share nothing. The clusters depend on the documents alone: an index
grown piece by piece has those of one built at once.

Of each cluster only the first document counts in statistics (how many passages hold a word, how long they are); the
others repeat it, so that a story weighs the same however many outlets print it, in whatever order they came.

All of it is derived from the terms of the passages: page furniture, which is in no passage, does not count.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Iterable

import numpy as np

from rag.store.duplicates.bands import COUNTS, Bands
from rag.store.duplicates.signatures import read_keys, sign
from rag.store.tables.documents import chunked, marks, unpack
from rag.store.tables.rows import Longs, Mask
from rag.text.shingles import Shingles, containment, make_shingles

SAME = 0.4
"""Share of the shorter document's shingles that must stand in the longer one. On benchmarks/stories.json wire copy
keeps .44 at the least, edited in every way at once; two stories about one meeting share .16 at the most."""

SAME_OUTLET = 0.8
"""The same within one outlet, whose articles share its own boilerplate where that is not recognised as furniture."""

LEAST_DOCUMENT = 30
"""Distinct shingles below which a document is in no cluster: a teaser, or one line repeated all over a page."""

LEAST_PASSAGE = 16
"""Distinct shingles below which a passage is not signed: a caption or a list of names."""

_CROWD = 64
"""Texts looked at in one band, the latest. More are the copies of one text, of which any leads to its cluster."""

_TRIES = 32
"""Documents compared in full that turn out to be other texts, before no more are."""

DOCUMENT_BANDS, PASSAGE_BANDS = Bands("bands"), Bands("passage_bands")

TABLES = (
    # A row says that a document was signed; too short a one has no keys.
    """CREATE TABLE signed (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE, keys BLOB NOT NULL)""",
    """CREATE TABLE signed_passages (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, keys BLOB NOT NULL)""",
    *DOCUMENT_BANDS.schema,
    *PASSAGE_BANDS.schema,
    COUNTS,
    # Documents that repeat another, and those that they repeat. A cluster's number is that of its first document.
    "CREATE TABLE clusters (document INTEGER PRIMARY KEY, cluster INTEGER NOT NULL, id TEXT NOT NULL)",
    "CREATE INDEX clusters_cluster ON clusters (cluster, id)",
    "CREATE INDEX clusters_first ON clusters (document) WHERE document = cluster",
    # Documents that repeat the first one of their cluster, or did: with the generation in which that last changed.
    """CREATE TABLE repeats (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
        repeated INTEGER NOT NULL, generation INTEGER NOT NULL)""",
    "CREATE INDEX repeats_generation ON repeats (generation)",
)
_NAMES = ("signed", "signed_passages", "clusters", "repeats")

_Name = tuple[bool, str | bytes]  # of a document, so that names compare as SQLite compares them


def clear(database: sqlite3.Connection) -> None:
    """Forget everything, with the documents that it was about."""
    for name in _NAMES:
        database.execute(f"DELETE FROM {name}")
    for bands in (DOCUMENT_BANDS, PASSAGE_BANDS):
        bands.clear(database)


def count_clusters(database: sqlite3.Connection) -> int:
    """Return how many texts stand in several documents."""
    return int(database.execute("SELECT count(*) FROM clusters WHERE document = cluster").fetchone()[0])


def list_clusters(database: sqlite3.Connection) -> list[list[str]]:
    """Return the ids of the documents that are the same text, a list for each text that stands in several."""
    rows = database.execute("SELECT cluster, id FROM clusters ORDER BY cluster, id")
    found: dict[int, list[str]] = {}
    for cluster, id_ in rows:
        found.setdefault(cluster, []).append(unpack(id_) or "")
    return sorted(found.values())


def repeats_since(database: sqlite3.Connection, generation: int) -> tuple[Longs, Mask]:
    """Return the documents of which it changed after a generation whether they repeat another, and whether they do.

    Shapes:
        result: numbers ``(n,)``, ascending, and flags ``(n,)``.
    """
    rows = database.execute(
        "SELECT document, repeated FROM repeats WHERE generation > ? ORDER BY document", (generation,)
    ).fetchall()
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.bool_)


def sign_document(database: sqlite3.Connection, generation: int, number: int) -> None:
    """Sign a document that is stored and was not signed, and put it into the cluster it belongs to."""
    stored = database.execute("SELECT id, surface FROM passages WHERE document = ? ORDER BY id", (number,)).fetchall()
    texts = [make_shingles(surface) for _, surface in stored]
    whole = make_shingles(" ".join(surface for _, surface in stored))
    passages = [(int(id_), text) for (id_, _), text in zip(stored, texts, strict=True) if len(text) >= LEAST_PASSAGE]
    long_enough = len(whole) >= LEAST_DOCUMENT
    own, *keys = sign([whole if long_enough else whole[:0], *(text for _, text in passages)])
    database.execute("INSERT INTO signed VALUES (?, ?)", (number, own.tobytes()))
    database.executemany(
        "INSERT INTO signed_passages VALUES (?, ?)",
        ((id_, each.tobytes()) for (id_, _), each in zip(passages, keys, strict=True)),
    )
    DOCUMENT_BANDS.add(database, [(key, number) for key in own.tolist()])
    PASSAGE_BANDS.add(
        database, [(key, id_) for (id_, _), each in zip(passages, keys, strict=True) for key in each.tolist()]
    )
    if long_enough:
        change = _Change(database, generation)
        change.shingles[number] = whole
        change.keys[number] = frozenset(own.tolist()), frozenset(key for each in keys for key in each.tolist())
        change.settle([number])


def forget_documents(database: sqlite3.Connection, generation: int, numbers: Iterable[int]) -> None:
    """Take documents out of their clusters, before they are removed; what repeated them is put into clusters anew."""
    gone = sorted(set(numbers))
    for number in gone:
        row = database.execute("SELECT keys FROM signed WHERE document = ?", (number,)).fetchone()
        if row is None:
            continue
        passages = database.execute(
            "SELECT passage, keys FROM signed_passages JOIN passages ON id = passage WHERE document = ?", (number,)
        ).fetchall()
        pairs = [(key, int(id_)) for id_, keys in passages for key in read_keys(keys).tolist()]
        PASSAGE_BANDS.remove(database, pairs)
        DOCUMENT_BANDS.remove(database, [(key, number) for key in read_keys(row[0]).tolist()])
    change = _Change(database, generation, gone=frozenset(gone))
    labels = change.labels_of(gone)
    firsts = {number for number in gone if labels[number] == number}
    for chunk in chunked(gone):
        database.execute(f"DELETE FROM clusters WHERE document IN ({marks(chunk)})", chunk)
    change.touched |= {label for label in labels.values() if label is not None} - firsts
    change.settle(sorted({member for first in firsts for member in change.members(first)}))


class _Change:
    """Puts documents into clusters, within one transaction; what it asks about a document is read once."""

    def __init__(self, database: sqlite3.Connection, generation: int, *, gone: frozenset[int] = frozenset()) -> None:
        self._database = database
        self._generation = generation
        self._gone = gone  # documents that are about to be removed
        self.shingles: dict[int, Shingles] = {}
        self.keys: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
        self.touched: set[int] = set()  # first documents that gained or lost members
        self._labels: dict[int, int | None] = {}
        self._names: dict[int, _Name] = {}
        self._outlets: dict[int, str | bytes | None] = {}
        self._met: dict[int, list[int]] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self._waiting: list[tuple[_Name, int]] = []
        self._put: set[int] = set()

    def settle(self, numbers: Iterable[int]) -> None:
        """Decide for documents, and for all that this changes, in the order of ids: each depends on earlier ones."""
        self._push(numbers)
        done: set[int] = set()
        while self._waiting:
            number = heapq.heappop(self._waiting)[1]
            if number not in done:
                done.add(number)
                self._decide(number)
        for first in sorted(self.touched):
            self._database.execute(
                "DELETE FROM clusters WHERE document = ?1 AND cluster = ?1"
                " AND NOT EXISTS (SELECT 1 FROM clusters WHERE cluster = ?1 AND document != ?1)",
                (first,),
            )

    def members(self, first: int) -> list[int]:
        """Return the documents that repeat this one, as far as that is decided."""
        rows = self._database.execute("SELECT document FROM clusters WHERE cluster = ?1 AND document != ?1", (first,))
        return [int(row[0]) for row in rows]

    def labels_of(self, numbers: Iterable[int]) -> dict[int, int | None]:
        """Return the clusters of documents, None for one that is in none."""
        numbers = list(numbers)
        unread = [number for number in numbers if number not in self._labels]
        self._labels.update(dict.fromkeys(unread))
        for chunk in chunked(unread):
            self._labels.update(
                self._database.execute(
                    f"SELECT document, cluster FROM clusters WHERE document IN ({marks(chunk)})", chunk
                )
            )
        return {number: self._labels[number] for number in numbers}

    def _push(self, numbers: Iterable[int]) -> None:
        numbers = list(numbers)
        self._describe(numbers)
        for number in numbers:
            heapq.heappush(self._waiting, (self._names[number], number))

    def _decide(self, number: int) -> None:
        before = self.labels_of([number])[number]
        led = before in (None, number)
        first = self._first_alike(number)
        if first is not None:
            if led:
                self._push(self.members(number))
            self._label(number, first)
            self._label(first, first)
        elif not led or number not in self._put:
            if not led:
                self._label(number, None)
            self._push(self._later_alike(number))
        self._put.add(number)
        self._note(number, repeated=first is not None)
        if before is not None and before != first:
            self.touched.add(before)

    def _label(self, number: int, first: int | None) -> None:
        self._labels[number] = first
        if first is None:
            self._database.execute("DELETE FROM clusters WHERE document = ?", (number,))
        else:
            self._database.execute(
                "INSERT INTO clusters SELECT number, ?2, id FROM documents WHERE number = ?1"
                " ON CONFLICT (document) DO UPDATE SET cluster = ?2 WHERE cluster != ?2",
                (number, first),
            )

    def _first_alike(self, number: int) -> int | None:
        """Return the earliest first document before this one that is alike, None if there is none."""
        best: int | None = None
        tries = 0
        for other in self._candidates(number):
            if self._leads(other) and self._names[other] < self._names[number if best is None else best]:
                if self._alike(number, other):
                    best = other
                else:
                    tries += 1
                    if tries == _TRIES:
                        break
        return best

    def _later_alike(self, number: int) -> list[int]:
        """Return the documents after this one that are alike and in no cluster of an earlier one."""
        found: list[int] = []
        tries = 0
        for other in self._candidates(number):
            label = self._labels[other]
            later = label is None or label in self._gone or self._names[label] > self._names[number]
            if later and self._names[other] > self._names[number]:
                if self._alike(number, other):
                    found.append(other)
                else:
                    tries += 1
                    if tries == _TRIES:
                        break
        return found

    def _leads(self, number: int) -> bool:
        return self._labels[number] in (None, number)

    def _candidates(self, number: int) -> list[int]:
        """Return the documents that share a band, and the first ones of their clusters; those that share most first."""
        if number not in self._met:
            met: Counter[int] = Counter()
            own, passages = self._keys_of(number)
            for key in own:
                met.update(DOCUMENT_BANDS.owners(self._database, key, _CROWD))
            shared = Counter[int]()
            for key in passages:
                shared.update(set(PASSAGE_BANDS.owners(self._database, key, _CROWD)))
            owners = self._owners(shared)
            for passage, times in shared.items():
                met[owners[passage]] += times
            for other, label in self.labels_of(met).items():
                if label is not None:
                    met[label] = max(met[label], met[other])
            met.pop(number, None)
            self._describe(met)
            self._met[number] = sorted(
                (other for other in met if other not in self._gone), key=lambda other: (-met[other], self._names[other])
            )
        others = self._met[number]
        now = {label for label in self.labels_of(others).values() if label is not None} - {number, *others, *self._gone}
        self.labels_of(now)
        self._describe(now)
        return [*others, *sorted(now, key=self._names.__getitem__)]

    def _owners(self, passages: Iterable[int]) -> dict[int, int]:
        owners: dict[int, int] = {}
        for chunk in chunked(list(passages)):
            owners.update(
                self._database.execute(f"SELECT id, document FROM passages WHERE id IN ({marks(chunk)})", chunk)
            )
        return owners

    def _alike(self, one: int, other: int) -> bool:
        pair = (min(one, other), max(one, other))
        if pair not in self._same:
            self._same[pair] = self._compare(one, other)
        return self._same[pair]

    def _compare(self, one: int, other: int) -> bool:
        (own, passages), (its, their_passages) = self._keys_of(one), self._keys_of(other)
        if not its or not (own & its or passages & their_passages):
            return False
        outlet = self._outlets[one]
        least = SAME_OUTLET if outlet is not None and outlet == self._outlets[other] else SAME
        return containment(self._shingles(one), self._shingles(other)) >= least

    def _keys_of(self, number: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return the keys of a document and those of its passages."""
        if number not in self.keys:
            own = self._database.execute("SELECT keys FROM signed WHERE document = ?", (number,)).fetchone()
            rows = self._database.execute(
                "SELECT keys FROM signed_passages JOIN passages ON id = passage WHERE document = ?", (number,)
            ).fetchall()
            passages = frozenset(key for (keys,) in rows for key in read_keys(keys).tolist())
            self.keys[number] = frozenset(read_keys(own[0]).tolist() if own else ()), passages
        return self.keys[number]

    def _shingles(self, number: int) -> Shingles:
        if number not in self.shingles:
            rows = self._database.execute("SELECT surface FROM passages WHERE document = ? ORDER BY id", (number,))
            self.shingles[number] = make_shingles(" ".join(row[0] for row in rows))
        return self.shingles[number]

    def _describe(self, numbers: Iterable[int]) -> None:
        """Read the names and outlets of documents."""
        for chunk in chunked([number for number in numbers if number not in self._names]):
            rows = self._database.execute(
                f"SELECT number, id, outlet FROM documents WHERE number IN ({marks(chunk)})", chunk
            )
            for number, id_, outlet in rows:
                self._names[number] = (isinstance(id_, bytes), id_)
                self._outlets[number] = outlet

    def _note(self, number: int, *, repeated: bool) -> None:
        """Note whether a document repeats another, if that has changed; one without a row does not."""
        self._database.execute(
            "INSERT INTO repeats SELECT ?1, ?2, ?3"
            " WHERE ?2 != ifnull((SELECT repeated FROM repeats WHERE document = ?1), 0)"
            " ON CONFLICT (document) DO UPDATE SET repeated = ?2, generation = ?3",
            (number, int(repeated), self._generation),
        )
