"""Which word of a passage answered which word of the question, also across languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable
from rag.records import Match, Passage, Span
from rag.text.terms import words

Floats = NDArray[np.float32]

LEAST_SIMILARITY = 0.45
"""Below this cosine two words are not shown as each other's translation. A judgement, not measured."""

_LEAST_WEIGHT = 0.35  # of the heaviest question word: function words, light and frequent, are not worth a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one text that have tokens: spans, unit vectors ``(n, dim)``, weights ``(n,)``."""

    spans: list[Span]
    vectors: Floats
    weights: Floats


class Explainer:
    """Matches the weighty words of one question with the words of passages.

    A word's vector is the sum of its tokens' vectors, its weight that vector's length times the rarity of its rarest
    token.
    """

    def __init__(self, table: TokenTable, question: str, rarity: Floats) -> None:
        self._table = table
        self._question = question
        self._rarity = rarity

    def explain(self, passage: Passage) -> tuple[Match, ...]:
        """Return the nearest words of a passage in order of the passage, with every occurrence of their forms."""
        return _match(self._asked, _words_of(self._table, passage.text, self._rarity), passage.start)

    @cached_property
    def _asked(self) -> _Words:
        return _words_of(self._table, self._question, self._rarity)


class Matches(Sequence[Match]):
    """The matches of one hit, worked out when they are first looked at: most programs never do."""

    __slots__ = ("_explainer", "_known", "_passage")

    def __init__(self, explainer: Explainer, passage: Passage) -> None:
        self._explainer = explainer
        self._passage = passage
        self._known: tuple[Match, ...] | None = None

    @property
    def _matches(self) -> tuple[Match, ...]:
        if self._known is None:
            self._known = self._explainer.explain(self._passage)
        return self._known

    @overload
    def __getitem__(self, place: int) -> Match: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Match, ...]: ...
    def __getitem__(self, place: int | slice) -> Match | tuple[Match, ...]:
        return self._matches[place]

    def __len__(self) -> int:
        return len(self._matches)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._matches == tuple(other)

    def __hash__(self) -> int:
        return hash(self._matches)

    def __repr__(self) -> str:
        return repr(self._matches)

    def __reduce__(self) -> tuple[type[tuple[Match, ...]], tuple[tuple[Match, ...]]]:
        return tuple, (self._matches,)  # a copy is plain data, without the table


def _match(asked: _Words, found: _Words, offset: int) -> tuple[Match, ...]:
    if not asked.spans or not found.spans:
        return ()
    similarity = asked.vectors @ found.vectors.T
    best = similarity.max(axis=1)
    matches: dict[Span, Match] = {}
    weighty = asked.weights >= _LEAST_WEIGHT * asked.weights.max()
    for word in np.flatnonzero((best >= LEAST_SIMILARITY) & weighty).tolist():
        for place in np.flatnonzero(similarity[word] >= best[word] - 1e-4).tolist():
            span = found.spans[place]
            match = Match(
                query_start=asked.spans[word][0],
                query_end=asked.spans[word][1],
                start=offset + span[0],
                end=offset + span[1],
                similarity=float(min(1.0, best[word])),
            )
            before = matches.get(span)
            if before is None or before.similarity < match.similarity:
                matches[span] = match
    return tuple(matches[span] for span in sorted(matches))


def _words_of(table: TokenTable, text: str, rarity: Floats) -> _Words:
    """Collect the words of a text; a token belongs to the word that it starts in."""
    tokens = table.tokenize([text], spans=True)
    spans = words(text)
    starts = np.array([start for start, _ in spans], dtype=np.int64)
    ends = np.array([end for _, end in spans], dtype=np.int64)
    at = tokens.spans[:, 0]
    owner = np.searchsorted(starts, at, side="right") - 1
    inside = owner >= 0
    inside[inside] = at[inside] < ends[owner[inside]]
    owner, ids = owner[inside], tokens.ids[inside]
    begins = np.flatnonzero(np.diff(owner, prepend=-1))  # tokens come in order, so a word's are a run
    sums, rarest = np.zeros((0, table.dimension), dtype=np.float32), np.zeros(0, dtype=np.float32)
    if len(begins):
        sums = np.add.reduceat(table.rows(ids), begins, axis=0)
        rarest = np.maximum.reduceat(rarity[ids], begins)
    lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    return _Words(
        spans=[spans[n] for n in owner[begins].tolist()],
        vectors=sums / np.maximum(lengths, 1e-9)[:, None],
        weights=(lengths * rarest).astype(np.float32),
    )
