"""An immutable stretch of the index in memory: passages in order of their ids, with all that searching needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.records import Filters
from rag.store.search.bm25 import Postings, build_postings
from rag.store.search.postings_merge import merge_postings
from rag.store.search.vectors import FLAT, Vectors, build_vectors
from rag.store.tables.rows import Floats, Ints, Longs, Mask

Labels = tuple[str | None, ...]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredPassage:
    """One passage as read back from the database, with what filters ask about its document."""

    id: int
    document: int
    language: str | None
    outlet: str | None
    published: int
    surface: str
    lemma: str
    tokens: Ints
    sentence_starts: Ints
    sentence_norms: Floats
    embedding: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """`n` passages. `ids` and `documents` ascend; `alive` is None while none of them was removed.

    `repeated` says which rows are of documents that repeat another, and count in no statistics; None for no row.

    `tokens` of row `i` are ``tokens[token_offsets[i]:token_offsets[i + 1]]``, sentences likewise.
    `languages` and `outlets` are positions in `language_names` and `outlet_names`; `published` is a proleptic ordinal
    day, 0 for no date.
    """

    ids: Longs
    documents: Longs
    languages: Ints
    outlets: Ints
    published: Ints
    token_offsets: Longs
    tokens: Ints
    sentence_offsets: Longs
    sentence_starts: Ints
    sentence_norms: Floats
    postings: Postings
    vectors: Vectors
    language_names: Labels
    outlet_names: Labels
    alive: Mask | None = None
    repeated: Mask | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def live(self) -> int:
        """How many of the rows are alive."""
        return len(self) if self.alive is None else int(np.count_nonzero(self.alive))

    @property
    def counted(self) -> Mask | None:
        """Which rows count in statistics: those that are alive and repeat no other; None for all rows."""
        if self.repeated is None:
            return self.alive
        return ~self.repeated if self.alive is None else self.alive & ~self.repeated

    def without(self, ids: Longs) -> Segment:
        """Return the segment with these passages gone; ids that are not in it do nothing."""
        if not len(self) or not len(ids):
            return self
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        rows = rows[self.ids[rows] == ids]
        if not len(rows):
            return self
        alive = np.ones(len(self), np.bool_) if self.alive is None else self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def marked(self, documents: Longs, repeated: Mask) -> Segment:
        """Return the segment with these documents as repeating another, or not; others stay as they are."""
        starts = np.searchsorted(self.documents, documents, side="left")
        sizes = np.searchsorted(self.documents, documents, side="right") - starts
        if not sizes.any():
            return self
        rows = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
        mask = np.zeros(len(self), np.bool_) if self.repeated is None else self.repeated.copy()
        mask[rows] = np.repeat(repeated, sizes)
        return replace(self, repeated=mask if mask.any() else None)

    def allowed(self, filters: Filters | None, documents: Longs | None) -> Mask | None:
        """Return the live rows that meet the filters, None where that is all of them.

        Args:
            filters: conditions; `filters.documents` is given resolved as `documents`.
            documents: ascending document numbers, None where documents are not restricted.
        """
        if not filters:
            return self.alive
        mask = np.ones(len(self), np.bool_) if self.alive is None else self.alive.copy()
        if filters.languages:
            mask &= np.array([name in filters.languages for name in self.language_names], np.bool_)[self.languages]
        if filters.outlets:
            mask &= np.array([name in filters.outlets for name in self.outlet_names], np.bool_)[self.outlets]
        if documents is not None:
            mask &= np.isin(self.documents, documents)
        if filters.published_from is not None:
            mask &= self.published >= ordinal(filters.published_from)
        if filters.published_to is not None:
            mask &= (self.published <= ordinal(filters.published_to)) & (self.published > 0)
        return mask


def ordinal(published: date | datetime | None) -> int:
    """Return the day of a date as a number, 0 for none; a time and its zone are left aside, as written is as meant."""
    return published.toordinal() if published is not None else 0


def build_segment(passages: Sequence[StoredPassage], dimension: int) -> Segment:
    """Make a segment of passages in ascending order of their ids."""
    language_names, languages = _codes([passage.language for passage in passages])
    outlet_names, outlets = _codes([passage.outlet for passage in passages])
    embeddings = np.zeros((len(passages), dimension), np.float32)
    for row, passage in enumerate(passages):
        embeddings[row] = passage.embedding
    return Segment(
        ids=np.array([passage.id for passage in passages], np.int64),
        documents=np.array([passage.document for passage in passages], np.int64),
        languages=languages,
        outlets=outlets,
        published=np.array([passage.published for passage in passages], np.int32),
        token_offsets=_offsets([len(passage.tokens) for passage in passages]),
        tokens=_joined([passage.tokens for passage in passages], np.int32),
        sentence_offsets=_offsets([len(passage.sentence_starts) for passage in passages]),
        sentence_starts=_joined([passage.sentence_starts for passage in passages], np.int32),
        sentence_norms=_joined([passage.sentence_norms for passage in passages], np.float32),
        postings=build_postings([(passage.surface, passage.lemma) for passage in passages]),
        vectors=build_vectors(embeddings),
        language_names=language_names,
        outlet_names=outlet_names,
    )


def merge_segments(segments: Sequence[Segment], kind: str = FLAT) -> Segment:
    """Join segments whose ids follow one another, leaving out what was removed; `kind` is that of the vectors."""
    if len(segments) == 1 and segments[0].alive is None and segments[0].vectors.kind == kind:
        return segments[0]
    keep = [np.arange(len(part)) if part.alive is None else np.flatnonzero(part.alive) for part in segments]
    tokens = [gather(part.token_offsets, rows, part.tokens) for part, rows in zip(segments, keep, strict=True)]
    starts = [
        gather(part.sentence_offsets, rows, part.sentence_starts) for part, rows in zip(segments, keep, strict=True)
    ]
    norms = [
        gather(part.sentence_offsets, rows, part.sentence_norms) for part, rows in zip(segments, keep, strict=True)
    ]
    language_names, languages = _merged([(part.language_names, part.languages) for part in segments], keep)
    outlet_names, outlets = _merged([(part.outlet_names, part.outlets) for part in segments], keep)
    pairs = list(zip(segments, keep, strict=True))
    return Segment(
        ids=np.concatenate([part.ids[rows] for part, rows in pairs]),
        documents=np.concatenate([part.documents[rows] for part, rows in pairs]),
        languages=languages,
        outlets=outlets,
        published=np.concatenate([part.published[rows] for part, rows in pairs]),
        token_offsets=_offsets(np.concatenate([np.diff(part.token_offsets)[rows] for part, rows in pairs])),
        tokens=np.concatenate(tokens),
        sentence_offsets=_offsets(np.concatenate([np.diff(part.sentence_offsets)[rows] for part, rows in pairs])),
        sentence_starts=np.concatenate(starts),
        sentence_norms=np.concatenate(norms),
        postings=merge_postings([(part.postings, part.alive) for part in segments]),
        vectors=build_vectors(np.concatenate([part.vectors.array[rows] for part, rows in pairs]), kind),
        language_names=language_names,
        outlet_names=outlet_names,
        repeated=_flags([(part.repeated, rows) for part, rows in pairs]),
    )


def _flags(masks: Sequence[tuple[Mask | None, NDArray[np.intp]]]) -> Mask | None:
    if all(mask is None for mask, _ in masks):
        return None
    return np.concatenate([np.zeros(len(rows), np.bool_) if mask is None else mask[rows] for mask, rows in masks])


def gather(offsets: Longs, rows: NDArray[np.intp], flat: NDArray[T]) -> NDArray[T]:
    """Return the stretches of `flat` that belong to `rows`, one after another in the order of `rows`."""
    stretches = zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
    # Not one index of all positions: making that takes three times as long as copying a few hundred stretches.
    gathered: NDArray[T] = np.concatenate([flat[:0], *(flat[start:stop] for start, stop in stretches)])
    return gathered


def _codes(values: Sequence[str | None]) -> tuple[Labels, Ints]:
    names = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return tuple(names), np.array([names[value] for value in values], np.int32)


def _merged(columns: Sequence[tuple[Labels, Ints]], keep: Sequence[NDArray[np.intp]]) -> tuple[Labels, Ints]:
    names: dict[str | None, int] = {}
    codes = []
    for (labels, column), rows in zip(columns, keep, strict=True):
        translation = np.array([names.setdefault(label, len(names)) for label in labels], np.int32)
        codes.append(translation[column[rows]])
    return tuple(names), np.concatenate(codes)


def _offsets(sizes: Sequence[int] | Longs) -> Longs:
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def _joined(arrays: Sequence[NDArray[T]], dtype: type[T]) -> NDArray[T]:
    return np.concatenate([np.zeros(0, dtype), *arrays])
