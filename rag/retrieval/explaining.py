"""Which word of a passage answered which word of the question, also across languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable
from rag.records import Match, Passage, Span
from rag.text.terms import words

Floats = NDArray[np.float32]

LEAST_SIMILARITY = 0.45
"""Below this cosine two words are no translation of each other; looked at on questions over the seeds."""

_LEAST_WEIGHT = 0.35  # of the heaviest question word: function words, light and frequent, are not worth a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one text that have tokens: spans, unit vectors ``(n, dim)``, weights ``(n,)``."""

    spans: list[Span]
    vectors: Floats
    weights: Floats


def explain(table: TokenTable, question: str, passages: Sequence[Passage], rarity: Floats) -> list[tuple[Match, ...]]:
    """Match each weighty question word with its nearest word in each passage; matches come in order of the passage.

    A word's vector is the sum of its tokens' vectors, its weight that vector's length times the `rarity` of its rarest
    token. Every occurrence of a matched word form is marked.
    """
    asked, *found = _word_vectors(table, [question, *(passage.text for passage in passages)], rarity)
    return [_match(asked, words_, passage.start) for words_, passage in zip(found, passages, strict=True)]


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


def _word_vectors(table: TokenTable, texts: Sequence[str], rarity: Floats) -> list[_Words]:
    """Collect the words of all texts with one call of the tokenizer; a token belongs to the word that it starts in."""
    tokens = table.tokenize(texts, spans=True)
    rows = table.rows(tokens.ids)
    out: list[_Words] = []
    for number, text in enumerate(texts):
        spans = words(text)
        first, last = tokens.bounds[number], tokens.bounds[number + 1]
        starts = np.array([start for start, _ in spans], dtype=np.int64)
        ends = np.array([end for _, end in spans], dtype=np.int64)
        at = tokens.spans[first:last, 0]
        owner = np.searchsorted(starts, at, side="right") - 1
        inside = owner >= 0
        inside[inside] = at[inside] < ends[owner[inside]]
        kept, begins = np.unique(owner[inside], return_index=True)  # tokens come in order, so a word's are a run
        sums, rarest = np.zeros((0, rows.shape[1]), dtype=np.float32), np.zeros(0, dtype=np.float32)
        if len(kept):
            sums = np.add.reduceat(rows[first:last][inside], begins, axis=0)
            rarest = np.maximum.reduceat(rarity[tokens.ids[first:last][inside]], begins)
        lengths = np.linalg.norm(sums, axis=1)
        out.append(
            _Words(
                spans=[spans[n] for n in kept.tolist()],
                vectors=sums / np.maximum(lengths, 1e-9)[:, None],
                weights=(lengths * rarest).astype(np.float32),
            )
        )
    return out
