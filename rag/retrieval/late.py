"""Late interaction over a static table: every question token finds its best token in every candidate.

With a static table this is a lookup: one ``(question tokens x candidates' distinct tokens)`` product, then gathers.
The idea of the sum of maxima is ColBERT's (Khattab and Zaharia, SIGIR 2020, https://arxiv.org/abs/2004.12832); here the
token vectors do not depend on context, and each question token counts by its weight in the table and its rarity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

MAX_QUESTION_TOKENS = 128
"""A question longer than this is represented by its heaviest tokens; 128 is over six times a long question."""


SAME_WORD = 0.8
"""From this cosine on, two tokens are forms or spellings of one word rather than words of one field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTokens:
    """The distinct tokens of a question.

    Shapes:
        ids: ``(m,)`` int32.
        counts: ``(m,)`` float32, how often each occurs in the question.
        weights: ``(m,)`` float32, summing to 1 unless there are none.
        rarity: ``(m,)`` float32, summing to 1 unless there are none: weights times inverse document frequency.
    """

    ids: Ints
    counts: Floats
    weights: Floats
    rarity: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Tokens of candidate passages, end to end, as the store gathers them.

    Shapes:
        ids: ``(n,)`` int32 token ids.
        bounds: ``(passages + 1,)`` int64 into `ids`.
        sentences: ``(s,)`` int64 into `ids`, where each sentence starts; every non-empty passage starts one.
        sentence_bounds: ``(passages + 1,)`` int64 into `sentences`.
        sentence_norms: ``(s,)`` float32, lengths of the sentences' mean vectors.
    """

    ids: Ints
    bounds: Longs
    sentences: Longs
    sentence_bounds: Longs
    sentence_norms: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LateScores:
    """Scores ``(passages,)`` in about [0, 1], higher is better, and the best sentence of each passage.

    `passage`: sum of maxima over the passage, by weight. `rare`: the same, by rarity. `sentence`: the best single
    sentence's sum of maxima, by rarity. `sentence_vector`: cosine of the best sentence's mean vector. `cover`: share of
    rarity found as (nearly) the same word. `best_sentence`: its number within the passage.
    """

    passage: Floats
    rare: Floats
    sentence: Floats
    sentence_vector: Floats
    cover: Floats
    best_sentence: Longs


def question_tokens(table: TokenTable, text: str, rarity: Floats | None = None) -> QuestionTokens:
    """Collect a question's distinct tokens; `rarity` ``(vocabulary,)`` is each token's inverse document frequency."""
    ids, counts = np.unique(table.tokenize([text]).ids, return_counts=True)
    counted = counts.astype(np.float32)
    weights = table.weights[ids] * counted
    if len(ids) > MAX_QUESTION_TOKENS:
        heaviest = np.sort(np.argsort(-weights, kind="stable")[:MAX_QUESTION_TOKENS])
        ids, counted, weights = ids[heaviest], counted[heaviest], weights[heaviest]
    rare = weights if rarity is None else weights * rarity[ids]
    return QuestionTokens(ids=ids.astype(np.int32), counts=counted, weights=_shares(weights), rarity=_shares(rare))


def late_scores(table: TokenTable, question: QuestionTokens, candidates: Candidates) -> LateScores:
    """Score every candidate passage against the question's tokens."""
    passages = len(candidates.bounds) - 1
    if not len(question.ids) or not len(candidates.ids):
        zero = np.zeros(passages, dtype=np.float32)
        return LateScores(
            passage=zero,
            rare=zero,
            sentence=zero,
            sentence_vector=zero,
            cover=zero,
            best_sentence=np.zeros(passages, dtype=np.int64),
        )
    distinct, places = _distinct(candidates.ids, len(table.units))
    rows = table.units[distinct]
    similarity = _similarity(rows, table.units[question.ids])  # (m, distinct)
    best = np.maximum.reduceat(np.take(similarity, places, axis=1), candidates.sentences, axis=1)  # (m, s)
    whole = _fold(np.maximum, best, candidates.sentence_bounds)  # (m, passages)
    per_sentence = question.rarity @ best

    centre = question.weights @ table.units[question.ids]
    centre /= max(float(np.linalg.norm(centre)), 1e-9)
    along = (rows @ centre) * table.weights[distinct]
    counts = np.diff(np.append(candidates.sentences, len(candidates.ids)))
    sums = np.add.reduceat(along[places], candidates.sentences)
    cosines = sums / (counts * np.maximum(candidates.sentence_norms, 1e-9))

    return LateScores(
        passage=question.weights @ whole,
        rare=question.rarity @ whole,
        sentence=_fold(np.maximum, per_sentence[None], candidates.sentence_bounds)[0],
        sentence_vector=_fold(np.maximum, cosines[None].astype(np.float32), candidates.sentence_bounds)[0],
        cover=question.rarity @ (whole > SAME_WORD).astype(np.float32),
        best_sentence=_argmax(per_sentence + cosines, candidates.sentence_bounds),
    )


def _similarity(rows: Floats, question: Floats) -> Floats:
    """Return cosines ``(m, distinct)``, negative ones as zero."""
    # The product runs twice as fast when its narrow side is a multiple of 16 (AVX-512 kernels of OpenBLAS).
    padded = np.zeros((-(-len(question) // 16) * 16, question.shape[1]), dtype=np.float32)
    padded[: len(question)] = question
    product = np.ascontiguousarray((rows @ padded.T).T[: len(question)])
    return np.maximum(product, np.float32(0.0), out=product)


def _distinct(ids: Ints, vocabulary: int) -> tuple[Ints, Longs]:
    """Do what `np.unique(ids, return_inverse=True)` does, without sorting: ids are small whole numbers."""
    seen = np.zeros(vocabulary, dtype=bool)
    seen[ids] = True
    distinct = np.flatnonzero(seen).astype(np.int32)
    place = np.empty(vocabulary, dtype=np.int64)
    place[distinct] = np.arange(len(distinct))
    return distinct, place[ids]


def _fold(ufunc: np.ufunc, values: Floats, bounds: Longs) -> Floats:
    """Reduce runs of columns; an empty run gives zeros (`reduceat` alone would give its neighbour's column)."""
    filled = np.flatnonzero(np.diff(bounds))
    out = np.zeros((len(values), len(bounds) - 1), dtype=np.float32)
    if len(filled):
        out[:, filled] = ufunc.reduceat(values, bounds[filled], axis=1)
    return out


def _argmax(values: Floats, bounds: Longs) -> Longs:
    """Return the place of the greatest value within each run; 0 for an empty run."""
    runs = len(bounds) - 1
    owner = np.repeat(np.arange(runs), np.diff(bounds))
    order = np.lexsort((-values, owner))
    first = np.searchsorted(owner[order], np.arange(runs))
    out = np.zeros(runs, dtype=np.int64)
    filled = np.diff(bounds) > 0
    out[filled] = order[first[filled]] - bounds[:-1][filled]
    return out


def _shares(weights: Floats) -> Floats:
    total = float(weights.sum())
    return (weights / total if total > 0 else weights).astype(np.float32)
