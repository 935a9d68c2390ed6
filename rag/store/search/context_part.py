"""An immutable stretch of contextual vectors in memory, in order of the passages they belong to.

They are held apart from the segments of passages, as they come later and in another order: newest passages first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag.store.search.byte_vectors import ByteVectors, byte_products
from rag.store.tables.rows import Bytes, ContextRow, Floats, Longs, Mask

_BLOCK_ROWS = 4096  # rows read from the database at a time


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextPart:
    """The vectors of `n` passages. `ids` ascend; `alive` is None while none of the passages was removed.

    Those of the sentences of row `i` are ``sentences[offsets[i]:offsets[i + 1]]``, ``(s, dim)`` together.
    """

    ids: Longs
    vectors: ByteVectors
    offsets: Longs
    sentences: Bytes
    alive: Mask | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def live(self) -> int:
        """How many of the rows are alive."""
        return len(self) if self.alive is None else int(np.count_nonzero(self.alive))

    def without(self, ids: Longs) -> ContextPart:
        """Return the part with these passages gone; ids that are not in it do nothing."""
        rows = self.rows_of(ids)
        rows = rows[rows >= 0]
        if not len(rows):
            return self
        alive = np.ones(len(self), np.bool_) if self.alive is None else self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def rows_of(self, ids: Longs) -> NDArray[np.intp]:
        """Return the live rows of passages ``(n,)``, -1 where there is none."""
        if not len(self):
            return np.full(len(ids), -1, np.intp)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        there = self.ids[rows] == ids
        if self.alive is not None:
            there &= self.alive[rows]
        return np.where(there, rows, -1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextCosines:
    """Cosines of a question with passages and their sentences.

    Shapes:
        known: ``(n,)`` whether a passage has contextual vectors.
        passage: ``(n,)``, 0 where it has none.
        sentences: ``n`` runs ``(m,)``, one number a sentence in order, empty where it has none.
    """

    known: Mask
    passage: Floats
    sentences: list[Floats]

    @property
    def best_sentence(self) -> Floats:
        """The cosine of each passage's best sentence ``(n,)``, that of the passage where it has no sentence."""
        best = [own.max() if len(own) else whole for own, whole in zip(self.sentences, self.passage, strict=True)]
        return np.array(best, np.float32)


def context_cosines(parts: Sequence[ContextPart], query: Floats, ids: Longs) -> ContextCosines:
    """Return the cosines of a question ``(dim,)`` with passages ``(n,)``."""
    known = np.zeros(len(ids), np.bool_)
    passage = np.zeros(len(ids), np.float32)
    sentences = [np.zeros(0, np.float32)] * len(ids)
    for part in parts:
        rows = part.rows_of(ids)
        places = np.flatnonzero(rows >= 0)
        if not len(places):
            continue
        rows = rows[places]
        known[places] = True
        passage[places] = byte_products(part.vectors.codes[rows], query)
        bounds = list(zip(part.offsets[rows].tolist(), part.offsets[rows + 1].tolist(), strict=True))
        codes = np.concatenate([part.sentences[:0], *(part.sentences[start:stop] for start, stop in bounds)])
        products, first = byte_products(codes, query), 0
        for place, (start, stop) in zip(places.tolist(), bounds, strict=True):
            sentences[place] = products[first : first + stop - start]
            first += stop - start
    return ContextCosines(known=known, passage=passage, sentences=sentences)


def read_parts(rows: Iterator[ContextRow], dimension: int) -> list[ContextPart]:
    """Make parts of rows that come in order of their passages."""
    parts = []
    while block := list(islice(rows, _BLOCK_ROWS)):
        parts.append(build_part(block, dimension))
    return parts


def build_part(rows: Sequence[ContextRow], dimension: int) -> ContextPart:
    """Make a part of rows in order of their passages."""
    nothing = np.zeros((0, dimension), np.uint8)
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row.sentences) for row in rows], out=offsets[1:])
    return ContextPart(
        ids=np.array([row.passage for row in rows], np.int64),
        vectors=ByteVectors.build(np.stack([row.vector for row in rows]) if rows else nothing),
        offsets=offsets,
        sentences=np.concatenate([nothing, *(row.sentences for row in rows)]),
    )


def merge_parts(parts: Sequence[ContextPart]) -> ContextPart:
    """Join parts, whose passages may lie between one another's, leaving out what was removed."""
    if len(parts) == 1 and parts[0].alive is None:
        return parts[0]
    keep = [np.arange(len(part)) if part.alive is None else np.flatnonzero(part.alive) for part in parts]
    ids = np.concatenate([part.ids[rows] for part, rows in zip(parts, keep, strict=True)])
    order = np.argsort(ids, kind="stable")
    codes = np.concatenate([part.vectors.codes[rows] for part, rows in zip(parts, keep, strict=True)])[order]
    bounds = [(part, row) for part, rows in zip(parts, keep, strict=True) for row in rows.tolist()]
    own = [part.sentences[part.offsets[row] : part.offsets[row + 1]] for part, row in (bounds[n] for n in order)]
    offsets = np.zeros(len(ids) + 1, np.int64)
    np.cumsum([len(sentences) for sentences in own], out=offsets[1:])
    return ContextPart(
        ids=ids[order],
        vectors=ByteVectors.build(codes),
        offsets=offsets,
        sentences=np.concatenate([parts[0].sentences[:0], *own]),
    )


def merged_small_parts(parts: Iterable[ContextPart]) -> list[ContextPart]:
    """Merge parts until each is at least twice the next: few parts, and each row is merged rarely."""
    result: list[ContextPart] = []
    for part in parts:
        group = [part]
        while result and result[-1].live < 2 * sum(each.live for each in group):
            group.insert(0, result.pop())
        merged = merge_parts(group) if len(group) > 1 else part
        if merged.live:
            result.append(merged)
    return result
