"""Which documents are the same text: kept up to date with every document that is stored or removed.

Two documents are the same text when they share a band of a signature (their own, or one of a passage) and then enough
of their real shingles. Documents tied by a chain of such pairs are one cluster. Which pairs there are depends on the
two texts alone, so an index grown piece by piece has the clusters of one built at once.

Of each cluster the document whose id comes first counts in statistics (how many passages hold a word, how long they
are); the others repeat it, so that a story weighs the same however many outlets print it, in whatever order they came.

All of it is derived from the terms of the passages: page furniture, which is in no passage, does not count.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from rag.store.tables.documents import chunked, marks, unpack
from rag.store.tables.rows import Longs, Mask
from rag.text.shingles import WORDS, Shingles, containment, make_shingles

Keys = NDArray[np.int32]

_BANDS, _ROWS, _SEED = 16, 3, 1

SCHEME = f"rensa {RMinHash.ALGORITHM_VERSION}, {WORDS} words, {_BANDS} x {_ROWS}, 32 bits"
"""What must be equal for keys to be comparable; part of an index's manifest."""

_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD], np.uint64)


def sign(texts: Sequence[Shingles]) -> list[Keys]:
    """Return the band keys of each text, `(16,)`; none for a text without shingles."""
    if not texts:
        return []
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.uint64)
    flat = np.concatenate(texts).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, _BANDS * _ROWS, _SEED)
    minima = np.array(matrix.to_rows(), np.uint64).reshape(len(texts), _BANDS, _ROWS)
    mixed = np.broadcast_to(np.arange(1, _BANDS + 1, dtype=np.uint64), minima.shape[:2])
    for row, factor in enumerate(_FACTORS):
        mixed = (mixed + minima[:, :, row]) * factor
        mixed = mixed ^ (mixed >> np.uint64(32))
    keys = (mixed & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)
    return [own if len(text) else own[:0] for own, text in zip(keys, texts, strict=True)]


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
"""Candidates compared in full that turn out to be other texts, before a document is taken to be alone."""

TABLES = (
    # A row says that a document was signed; too short a one has no keys.
    """CREATE TABLE signed (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE, keys BLOB NOT NULL)""",
    """CREATE TABLE signed_passages (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, keys BLOB NOT NULL)""",
    "CREATE TABLE bands (key INTEGER, document INTEGER, PRIMARY KEY (key, document)) WITHOUT ROWID",
    "CREATE TABLE passage_bands (key INTEGER, passage INTEGER, PRIMARY KEY (key, passage)) WITHOUT ROWID",
    # The pairs that hold a cluster together, both ways round, no more than are needed: a tree.
    """CREATE TABLE twins (
        document INTEGER, other INTEGER, PRIMARY KEY (document, other)) WITHOUT ROWID""",
    # Documents that have a twin. A cluster's number is that of one of its documents, past or present.
    "CREATE TABLE clusters (document INTEGER PRIMARY KEY, cluster INTEGER NOT NULL, id TEXT NOT NULL)",
    "CREATE INDEX clusters_cluster ON clusters (cluster, id)",
    # Documents that repeat the first one of their cluster, or did: with the generation in which that last changed.
    """CREATE TABLE repeats (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
        repeated INTEGER NOT NULL, generation INTEGER NOT NULL)""",
    "CREATE INDEX repeats_generation ON repeats (generation)",
)
_NAMES = ("signed", "signed_passages", "bands", "passage_bands", "twins", "clusters", "repeats")


def clear(database: sqlite3.Connection) -> None:
    """Forget everything, with the documents that it was about."""
    for name in _NAMES:
        database.execute(f"DELETE FROM {name}")


def count_clusters(database: sqlite3.Connection) -> int:
    """Return how many texts stand in several documents."""
    return int(database.execute("SELECT count(DISTINCT cluster) FROM clusters").fetchone()[0])


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
    if long_enough:
        _join(database, generation, number, whole, own, keys)
    database.execute("INSERT INTO signed VALUES (?, ?)", (number, own.tobytes()))
    database.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", ((key, number) for key in sorted(own.tolist())))
    database.executemany(
        "INSERT INTO signed_passages VALUES (?, ?)",
        ((id_, each.tobytes()) for (id_, _), each in zip(passages, keys, strict=True)),
    )
    pairs = sorted((key, id_) for (id_, _), each in zip(passages, keys, strict=True) for key in each.tolist())
    database.executemany("INSERT OR IGNORE INTO passage_bands VALUES (?, ?)", pairs)


def forget_documents(database: sqlite3.Connection, generation: int, numbers: Iterable[int]) -> None:
    """Take documents out of their clusters, before they are removed; what they alone held together falls apart."""
    gone = set(numbers)
    left: dict[int, set[int]] = {}  # by cluster, those that were tied to a document that goes
    for number in sorted(gone):
        row = database.execute("SELECT keys FROM signed WHERE document = ?", (number,)).fetchone()
        if row is None:
            continue
        passages = database.execute(
            "SELECT passage, keys FROM signed_passages JOIN passages ON id = passage WHERE document = ?", (number,)
        ).fetchall()
        pairs = sorted((key, int(id_)) for id_, keys in passages for key in _keys(keys).tolist())
        database.executemany("DELETE FROM passage_bands WHERE key = ? AND passage = ?", pairs)
        own = sorted((key, number) for key in _keys(row[0]).tolist())
        database.executemany("DELETE FROM bands WHERE key = ? AND document = ?", own)
        neighbours = _neighbours(database, number)
        for cluster in _labels(database, [number]).values():
            left.setdefault(cluster, set()).update(neighbours)
        database.execute("DELETE FROM twins WHERE document = ?", (number,))
        database.executemany("DELETE FROM twins WHERE document = ? AND other = ?", ((n, number) for n in neighbours))
        database.execute("DELETE FROM clusters WHERE document = ?", (number,))
    for cluster, tied in left.items():
        _mend(database, generation, cluster, tied - gone)
        _note_repeats(database, generation, tied - gone)


def _note_repeats(database: sqlite3.Connection, generation: int, documents: Iterable[int]) -> None:
    """Note of documents, and of those that come first in their clusters, whether they repeat another."""
    labels = _labels(database, sorted(documents))
    firsts = {label: _first(database, label) for label in set(labels.values())}
    for document in {*documents, *firsts.values()}:
        label = labels.get(document)
        repeated = int(label is not None and firsts[label] != document)
        # A document without a row counts.
        database.execute(
            "INSERT INTO repeats SELECT ?1, ?2, ?3"
            " WHERE ?2 != ifnull((SELECT repeated FROM repeats WHERE document = ?1), 0)"
            " ON CONFLICT (document) DO UPDATE SET repeated = ?2, generation = ?3",
            (document, repeated, generation),
        )


def _first(database: sqlite3.Connection, cluster: int) -> int:
    rows = database.execute("SELECT document FROM clusters WHERE cluster = ? ORDER BY id LIMIT 1", (cluster,))
    return int(rows.fetchone()[0])


def _mend(database: sqlite3.Connection, generation: int, cluster: int, left: set[int]) -> None:
    """Part a cluster into what still hangs together, and join the parts that are the same text all the same."""
    if len(left) == 1:  # an end of the tree was cut off
        database.executemany(
            "DELETE FROM clusters WHERE document = ? AND NOT EXISTS (SELECT 1 FROM twins WHERE document = ?)",
            ((document, document) for document in left),
        )
        return
    parts: list[list[int]] = []
    for document in sorted(left):
        if not any(document in part for part in parts):
            parts.append(_tree(database, document))
    parts.sort(key=len)
    for part in parts:
        if len(part) == 1:
            database.execute("DELETE FROM clusters WHERE document = ?", (part[0],))
        elif part is not parts[-1]:
            rows = ((min(part), member) for member in part)
            database.executemany("UPDATE clusters SET cluster = ? WHERE document = ?", rows)
        else:  # the largest: whatever still has the old number
            database.execute("UPDATE clusters SET cluster = ? WHERE cluster = ?", (min(part), cluster))
    everyone = {member for part in parts for member in part}
    for part in parts[:-1]:  # whatever ties a part to the largest one starts from the smaller side
        for member in part:
            if _rejoin(database, generation, member, everyone) and _one_cluster(database, [part[0] for part in parts]):
                return


def _rejoin(database: sqlite3.Connection, generation: int, number: int, among: set[int]) -> bool:
    own = database.execute("SELECT keys FROM signed WHERE document = ?", (number,)).fetchone()
    keys = database.execute(
        "SELECT keys FROM signed_passages JOIN passages ON id = passage WHERE document = ?", (number,)
    ).fetchall()
    whole = _shingles(database, number)
    return _join(database, generation, number, whole, _keys(own[0]), [_keys(row[0]) for row in keys], among=among)


def _one_cluster(database: sqlite3.Connection, numbers: Sequence[int]) -> bool:
    labels = _labels(database, numbers)
    return len({labels.get(number, number) for number in numbers}) == 1


def _join(
    database: sqlite3.Connection,
    generation: int,
    number: int,
    whole: Shingles,
    own: Keys,
    keys: Sequence[Keys],
    *,
    among: set[int] | None = None,
) -> bool:
    """Tie a document to every cluster that holds its text; say whether there was one that it was not in."""
    met = _candidates(database, number, own, keys)
    if among is not None:
        met = [other for other in met if other in among]
    labels = _labels(database, [number, *met])
    outlets = _outlets(database, [number, *met]) if met else {}
    joined, tied, tries = {labels.get(number, number)}, [], 0
    for other in met:
        if labels.get(other, other) in joined:
            continue
        same_outlet = outlets[number] is not None and outlets[number] == outlets[other]
        if containment(whole, _shingles(database, other)) >= (SAME_OUTLET if same_outlet else SAME):
            joined.add(labels.get(other, other))
            tied.append(other)
        else:
            tries += 1
            if tries == _TRIES:
                break
    if not tied:
        return False
    label = min(joined)
    firsts = [_first(database, former) for former in joined if former in labels.values()]
    database.executemany(
        "INSERT INTO twins VALUES (?, ?)", [(number, other) for other in tied] + [(other, number) for other in tied]
    )
    database.executemany(
        "UPDATE clusters SET cluster = ? WHERE cluster = ?", ((label, former) for former in joined - {label})
    )
    alone = [document for document in (number, *tied) if document not in labels]
    database.executemany(
        "INSERT INTO clusters SELECT number, ?, id FROM documents WHERE number = ?",
        ((label, document) for document in alone),
    )
    _note_repeats(database, generation, {number, *tied, *firsts})
    return True


def _candidates(database: sqlite3.Connection, number: int, own: Keys, keys: Sequence[Keys]) -> list[int]:
    """Return the documents that share a band, of the whole or of a passage; those that share most first.

    Of equals the latest comes first, so that copies are tied in a chain: taking one out parts it in two, while a star
    would fall apart into all its points.
    """
    met: Counter[int] = Counter()
    for key in own.tolist():
        met.update(row[0] for row in database.execute(_BAND, (key, _CROWD)))
    for key in {key for each in keys for key in each.tolist()}:
        met.update({row[0] for row in database.execute(_PASSAGE_BAND, (key, _CROWD))})
    met.pop(number, None)
    return sorted(met, key=lambda other: (met[other], other), reverse=True)


_BAND = "SELECT document FROM bands WHERE key = ? ORDER BY document DESC LIMIT ?"
_PASSAGE_BAND = (
    "SELECT document FROM (SELECT passage FROM passage_bands WHERE key = ? ORDER BY passage DESC LIMIT ?)"
    " JOIN passages ON id = passage"
)


def _shingles(database: sqlite3.Connection, number: int) -> Shingles:
    rows = database.execute("SELECT surface FROM passages WHERE document = ? ORDER BY id", (number,))
    return make_shingles(" ".join(row[0] for row in rows))


def _labels(database: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, int]:
    """Return the clusters of those of the documents that are in one."""
    labels: dict[int, int] = {}
    for chunk in chunked(list(numbers)):
        labels.update(
            database.execute(f"SELECT document, cluster FROM clusters WHERE document IN ({marks(chunk)})", chunk)
        )
    return labels


def _outlets(database: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str | None]:
    outlets: dict[int, str | None] = {}
    for chunk in chunked(list(numbers)):
        rows = database.execute(f"SELECT number, outlet FROM documents WHERE number IN ({marks(chunk)})", chunk)
        outlets.update((number, unpack(outlet)) for number, outlet in rows)
    return outlets


def _neighbours(database: sqlite3.Connection, number: int) -> list[int]:
    return [row[0] for row in database.execute("SELECT other FROM twins WHERE document = ?", (number,))]


def _tree(database: sqlite3.Connection, root: int) -> list[int]:
    """Return everything that pairs lead to from a document, itself included."""
    seen, waiting = {root}, [root]
    while waiting:
        fresh = [other for other in _neighbours(database, waiting.pop()) if other not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return sorted(seen)


def _keys(blob: bytes) -> Keys:
    return np.frombuffer(blob, np.int32)
