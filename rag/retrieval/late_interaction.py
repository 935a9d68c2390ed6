"""Late interaction over a static table: every question token finds its best token in every candidate.

With a static table this is a lookup: one ``(question tokens x candidates' distinct tokens)`` product, then gathers.
The idea of the sum of maxima is ColBERT's (Khattab and Zaharia, SIGIR 2020, https://arxiv.org/abs/2004.12832); here the
token vectors do not depend on context, and each question token counts by its weight in the table and its rarity.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

MAX_QUESTION_TOKENS = 128
"""A question longer than this is represented by its heaviest tokens; 128 is over six times a long question."""


SAME_WORD = 0.55
"""From this cosine on, two tokens are one word or translations of each other rather than words of one field: a little
above the floor of the table's neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTokens:
    """The distinct tokens of a question.

    Shapes:
        ids: ``(m,)`` int32.
        counts: ``(m,)`` float32, how often each occurs in the question.
        weights: ``(m,)`` float32, summing to 1 unless there are none.
        rarity: ``(m,)`` float32, summing to 1 unless there are none: weights times inverse document frequency.
        plain_rarity: ``(m,)`` float32, the same without the weights.
        pairs: ``(p, 2)`` int64 into `ids`, tokens that follow each other in the question, each pair once.
    """

    ids: Ints
    counts: Floats
    weights: Floats
    rarity: Floats
    plain_rarity: Floats
    pairs: Longs


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Tokens of candidate passages, end to end, as the store gathers them.

    Shapes:
        ids: ``(n,)`` int32 token ids.
        bounds: ``(passages + 1,)`` int64 into `ids`.
        sentences: ``(s,)`` int64 into `ids`, where each sentence starts; every non-empty passage starts one.
        sentence_bounds: ``(passages + 1,)`` int64 into `sentences`.
        sentence_norms: ``(s,)`` float32, lengths of the sentences' mean vectors.
        documents: ``(passages,)`` int64, equal for passages of one document.
    """

    ids: Ints
    bounds: Longs
    sentences: Longs
    sentence_bounds: Longs
    sentence_norms: Floats
    documents: Longs


@dataclass(frozen=True, slots=True, kw_only=True)
class LateScores:
    """Scores ``(passages,)`` in about [0, 1], higher is better.

    `passage`: sum of maxima over the passage, by weight. `rare`: the same, by rarity. `plain_rare`: the same by rarity
    without the tokens' weights. `sentence`: the best single sentence's sum of maxima, by rarity. `sentence_vector`:
    cosine of the best sentence's mean vector. `cover`: share of rarity found as (nearly) the same word. `context`: as
    `rare`, over all candidates of the passage's document: what a passage leaves unsaid, the headline or the paragraph
    before may say. `sharp_sentence`: the best single sentence's sum of the cosines' cubes, by rarity without
    weights, so that near words count for little beside the word itself. `pairs`: the share of the question's
    neighbouring tokens that are neighbours in the passage too, or have one token between them. `tokens`:
    ``(m, passages)``, of each question token the cosine with its best token.
    """

    passage: Floats
    rare: Floats
    plain_rare: Floats
    sentence: Floats
    sentence_vector: Floats
    cover: Floats
    context: Floats
    sharp_sentence: Floats
    pairs: Floats
    tokens: Floats


def question_tokens(table: TokenTable, text: str, rarity: Floats | None = None) -> QuestionTokens:
    """Collect a question's distinct tokens; `rarity` ``(vocabulary,)`` is each token's inverse document frequency."""
    sequence = table.tokenize([text]).ids
    ids, places, counts = np.unique(sequence, return_inverse=True, return_counts=True)
    counted = counts.astype(np.float32)
    weights = table.weights[ids] * counted
    if len(ids) > MAX_QUESTION_TOKENS:
        heaviest = np.sort(np.argsort(-weights, kind="stable")[:MAX_QUESTION_TOKENS])
        ids, counted, weights = ids[heaviest], counted[heaviest], weights[heaviest]
        kept = np.full(len(counts), -1)
        kept[heaviest] = np.arange(len(heaviest))
        places = kept[places]
    frequency = np.ones(len(ids), dtype=np.float32) if rarity is None else rarity[ids]
    following = {(a, b): None for a, b in pairwise(places.tolist()) if a >= 0 and b >= 0 and a != b}
    return QuestionTokens(
        ids=ids.astype(np.int32),
        counts=counted,
        weights=_shares(weights),
        rarity=_shares(weights * frequency),
        plain_rarity=_shares(counted * frequency),
        pairs=np.array(list(following), dtype=np.int64).reshape(-1, 2),
    )


def late_scores(table: TokenTable, question: QuestionTokens, candidates: Candidates) -> LateScores:
    """Score every candidate passage against the question's tokens."""
    passages = len(candidates.bounds) - 1
    if not len(question.ids) or not len(candidates.ids):
        zero = np.zeros(passages, dtype=np.float32)
        return LateScores(
            passage=zero,
            rare=zero,
            plain_rare=zero,
            sentence=zero,
            sentence_vector=zero,
            cover=zero,
            context=zero,
            sharp_sentence=zero,
            pairs=zero,
            tokens=np.zeros((len(question.ids), passages), dtype=np.float32),
        )
    distinct, places = _distinct(candidates.ids, len(table.units))
    rows = table.units[distinct]
    asked = table.units[question.ids]
    centre = question.weights @ asked
    centre /= max(float(np.linalg.norm(centre)), 1e-9)
    similarity, along = _similarity(rows, asked, centre)  # (m, distinct), (distinct,)
    found = np.take(similarity, places, axis=1)  # (m, n)
    best = np.maximum.reduceat(found, candidates.sentences, axis=1)  # (m, s)
    whole = _fold(np.maximum, best, candidates.sentence_bounds)  # (m, passages)
    per_sentence = question.rarity @ best
    sharp = question.plain_rarity @ (best * best * best)

    along = along * table.weights[distinct]
    counts = np.diff(np.append(candidates.sentences, len(candidates.ids)))
    sums = np.add.reduceat(along[places], candidates.sentences)
    cosines = sums / (counts * np.maximum(candidates.sentence_norms, 1e-9))

    return LateScores(
        passage=question.weights @ whole,
        rare=question.rarity @ whole,
        plain_rare=question.plain_rarity @ whole,
        sentence=_fold(np.maximum, per_sentence[None], candidates.sentence_bounds)[0],
        sentence_vector=_fold(np.maximum, cosines[None].astype(np.float32), candidates.sentence_bounds)[0],
        cover=question.rarity @ (whole > SAME_WORD).astype(np.float32),
        context=question.rarity @ _over_documents(whole, candidates.documents),
        sharp_sentence=_fold(np.maximum, sharp[None], candidates.sentence_bounds)[0],
        pairs=_pairs(found, question, candidates.bounds),
        tokens=whole,
    )


def _similarity(rows: Floats, question: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Return cosines ``(m, distinct)`` with the tokens of the question, negative ones as zero, and with its centre."""
    # The product runs twice as fast when its narrow side is a multiple of 16 (AVX-512 kernels of OpenBLAS).
    count = len(question)
    padded = np.zeros((-(-(count + 1) // 16) * 16, question.shape[1]), dtype=np.float32)
    padded[:count], padded[count] = question, centre
    product = np.ascontiguousarray((rows @ padded.T).T[: count + 1])
    similarity = np.maximum(product[:count], np.float32(0.0), out=product[:count])
    return similarity, product[count]


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


def _pairs(found: Floats, question: QuestionTokens, bounds: Longs) -> Floats:
    """Return ``(passages,)`` how well pairs of question tokens are met by pairs of passage tokens, by rarity.

    Args:
        found: ``(m, n)`` cosine of each question token with each passage token.
        question: its tokens.
        bounds: ``(passages + 1,)``; a pair does not reach into the next passage.
    """
    out = np.zeros(len(bounds) - 1, dtype=np.float32)
    if not len(question.pairs):
        return out
    weights = _shares(np.sqrt(question.rarity[question.pairs[:, 0]] * question.rarity[question.pairs[:, 1]]))
    filled = np.flatnonzero(np.diff(bounds))
    firsts, lasts = bounds[filled], bounds[filled + 1] - 1
    seconds_to_last = lasts[lasts > firsts] - 1
    near, product = np.empty((2, found.shape[1]), dtype=np.float32)  # of the best of the next two tokens
    met = np.zeros(len(filled), dtype=np.float32)
    for (first, second), weight in zip(question.pairs.tolist(), weights.tolist(), strict=True):
        ahead = found[second]
        near[:-1] = ahead[1:]
        np.maximum(near[:-2], ahead[2:], out=near[:-2])
        near[seconds_to_last], near[lasts] = ahead[seconds_to_last + 1], 0.0
        met += np.float32(weight) * np.maximum.reduceat(np.multiply(found[first], near, out=product), firsts)
    out[filled] = met
    return out


def _over_documents(whole: Floats, documents: Longs) -> Floats:
    """Return for each passage the greatest value ``(m, passages)`` among the passages of its document."""
    order = np.argsort(documents, kind="stable")
    ranked = documents[order]
    firsts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    best = np.maximum.reduceat(whole[:, order], firsts, axis=1)
    out = np.empty_like(whole)
    out[:, order] = np.repeat(best, np.diff(np.append(firsts, len(ranked))), axis=1)
    return out


def _shares(weights: Floats) -> Floats:
    total = float(weights.sum())
    return (weights / total if total > 0 else weights).astype(np.float32)
