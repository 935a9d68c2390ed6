"""Where else a passage stands: looked up for the few passages that a question finds."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.store.duplicates.clusters import LEAST_PASSAGE, PASSAGE_BANDS
from rag.store.duplicates.signatures import read_keys
from rag.store.tables.documents import chunked, document_ids, marks
from rag.store.tables.rows import Longs
from rag.text.shingles import Shingles, combine, containment, count_shared, number_words

CARRIES = 0.5
"""Share of a passage's shingles that a document of the same cluster must hold to carry it: its lead may be another, a
quote may be added, but a passage that was cut out or written anew is not there."""

REPEATS = 0.8
"""The same for a document that is otherwise another text."""

MOST = 64
"""Documents that are read for one question beside those of its hits, the best hit's copies first; what more there are
is not counted. Each costs about a tenth of a millisecond."""

_CROWD = 256
"""Passages looked at in one band."""

_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Copy:
    """A document that carries a passage.

    `passage` is the id of the passage in it that holds most of it, `overlapping` those that hold a good part. Documents
    with the same `text` are one text; `shingles` are those of the whole document, none where it is the only one.
    """

    document: int
    passage: int
    overlapping: tuple[int, ...]
    text: int
    shingles: Shingles


class Copies:
    """Looks copies up in one view of the database, and reads each document once.

    `documents_of` returns the numbers of the documents of passages, `(n,)`.
    """

    def __init__(self, database: sqlite3.Connection, documents_of: Callable[[Sequence[int]], Longs]) -> None:
        self._database = database
        self._documents_of = documents_of
        self._read: dict[int, list[tuple[int, NDArray[np.uint64]]]] = {}
        self._whole: dict[int, Shingles] = {}
        self._elsewhere: dict[int, dict[int, tuple[int, tuple[int, ...]]]] = {}
        self._labels: dict[int, int] = {}
        self._owners: dict[int, int] = {}
        self._clustered: dict[int, bool] = {}
        self._keys: dict[int, bytes] = {}
        self._left = MOST

    def read_ahead(self, passages: Sequence[int]) -> None:
        """Read what is asked of each of many passages in a few statements."""
        self._label(list(dict.fromkeys(self._document_of(passages))))
        self._keys.update(dict.fromkeys(passages, b""))
        for chunk in chunked(passages):
            rows = self._database.execute(
                f"SELECT passage, keys FROM signed_passages WHERE passage IN ({marks(chunk)})", chunk
            )
            self._keys.update(rows)

    def of(self, passage: int, known: Iterable[int] = ()) -> list[Copy]:
        """Return the documents that carry a passage: its own first, then those of `known` passages, then by number.

        `known` are passages that repeat this one for another reason; nothing more is asked of them.
        """
        passages = [passage, *known]
        own, *others = self._document_of(passages)
        found: dict[int, tuple[int, tuple[int, ...]]] = {own: (passage, (passage,))}
        for id_, document in zip(passages[1:], others, strict=True):
            found.setdefault(document, (id_, (id_,)))
        for document, place in self._carrying(passage, own).items():
            found.setdefault(document, place)
        texts = self._texts(own, list(found))
        return [
            Copy(
                document=document,
                passage=best,
                overlapping=overlapping,
                text=texts[document],
                # most passages stand in one document only: then nobody asks what else that holds
                shingles=self._shingles(document) if len(found) > 1 else _NONE,
            )
            for document, (best, overlapping) in found.items()
        ]

    def _carrying(self, passage: int, own: int) -> dict[int, tuple[int, tuple[int, ...]]]:
        """Return the places of a passage in other documents, by number; a question asks for those of a hit twice."""
        if passage not in self._elsewhere:
            cluster = self._cluster(own)
            others = [other for other in dict.fromkeys([*cluster, *self._meeting(passage)]) if other != own]
            wanted = combine(dict(self._words(own))[passage]) if others else _NONE
            if len(wanted) < LEAST_PASSAGE:
                others = []
            near = set(cluster)
            places = {
                document: self._place(wanted, document, CARRIES if document in near else REPEATS)
                for document in self._affordable(others)
            }
            self._elsewhere[passage] = {document: place for document, place in places.items() if place is not None}
        return self._elsewhere[passage]

    def _affordable(self, documents: Sequence[int]) -> list[int]:
        """Return by number those of the documents that are read already, and of the others the first that may be."""
        unread = [document for document in documents if document not in self._read][: self._left]
        self._left -= len(unread)
        return sorted([*unread, *(document for document in documents if document in self._read)])

    def _place(self, wanted: Shingles, document: int, least: float) -> tuple[int, tuple[int, ...]] | None:
        """Return the passage that holds most of what is wanted, and all that hold a good part; None for too little."""
        parts = [(id_, part) for id_, part in self._parts(document) if len(part) >= LEAST_PASSAGE]
        share = count_shared(wanted, self._shingles(document)) / len(wanted)
        closest = max((containment(wanted, part) for _, part in parts), default=0.0)
        if not parts or max(share, closest) < least:
            return None
        best = max(parts, key=lambda part: (count_shared(wanted, part[1]), -part[0]))[0]
        return best, tuple(id_ for id_, part in parts if containment(wanted, part) >= CARRIES)

    def _parts(self, document: int) -> list[tuple[int, Shingles]]:
        return [(id_, combine(words)) for id_, words in self._words(document)]

    def _words(self, document: int) -> list[tuple[int, NDArray[np.uint64]]]:
        """Return the passages of a document, each with the numbers of its words."""
        if document not in self._read:
            rows = self._database.execute(
                "SELECT id, surface FROM passages WHERE document = ? ORDER BY id", (document,)
            ).fetchall()
            self._read[document] = [(int(id_), number_words(surface)) for id_, surface in rows]
        return self._read[document]

    def _shingles(self, document: int) -> Shingles:
        if document not in self._whole:
            self._whole[document] = combine(np.concatenate([_NONE, *(words for _, words in self._words(document))]))
        return self._whole[document]

    def _document_of(self, passages: Sequence[int]) -> list[int]:
        unread = [id_ for id_ in passages if id_ not in self._owners]
        if unread:
            self._owners.update(zip(unread, self._documents_of(unread).tolist(), strict=True))
        return [self._owners[id_] for id_ in passages]

    def _cluster(self, document: int) -> list[int]:
        """Return the documents of the same cluster, by id, no more than may be read."""
        if not self._clustered.get(document, True):
            return []
        rows = self._database.execute(
            "SELECT document FROM clusters WHERE cluster = (SELECT cluster FROM clusters WHERE document = ?)"
            " ORDER BY id LIMIT ?",
            (document, MOST + 1),
        )
        return [int(row[0]) for row in rows]

    def _meeting(self, passage: int) -> list[int]:
        """Return the documents with a passage that shares a band with this one; those that share most first."""
        if passage not in self._keys:
            row = self._database.execute("SELECT keys FROM signed_passages WHERE passage = ?", (passage,)).fetchone()
            self._keys[passage] = row[0] if row else b""
        met = Counter[int]()
        for key in read_keys(self._keys[passage]).tolist():
            met.update(PASSAGE_BANDS.owners(self._database, key, _CROWD))
        shared: dict[int, int] = {}
        for times, document in zip(met.values(), self._document_of(list(met)), strict=True):
            shared[document] = max(shared.get(document, 0), times)
        if len(shared) <= 2:  # itself, and one more: nothing to choose
            return list(shared)
        names = document_ids(self._database, shared)
        return sorted(names, key=lambda document: (-shared[document], names[document]))

    def _texts(self, own: int, documents: Sequence[int]) -> dict[int, int]:
        """Return a number for the text of each document: that of its cluster, or its own.

        A document too short to be in a cluster is taken for the text whose passage it carries.
        """
        labels = self._labels
        self._label(documents)
        return {document: labels.get(document) or labels.get(own) or own for document in documents}

    def _label(self, documents: Sequence[int]) -> None:
        unread = [document for document in documents if document not in self._clustered]
        self._clustered.update(dict.fromkeys(unread, False))
        for chunk in chunked(unread):
            rows = self._database.execute(
                "SELECT signed.document, length(keys), cluster"
                f" FROM signed LEFT JOIN clusters USING (document) WHERE signed.document IN ({marks(chunk)})",
                chunk,
            )
            for document, signed, cluster in rows:
                self._clustered[document] = cluster is not None
                if signed:
                    self._labels[document] = document if cluster is None else cluster
