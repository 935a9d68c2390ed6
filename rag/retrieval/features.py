"""The numbers that the learned combination sees, one row for each candidate passage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable
from rag.retrieval.late_interaction import Candidates, QuestionTokens, late_scores

Floats = NDArray[np.float32]

FEATURES = (
    "vector",  # cosine of question and passage
    "sentence_vector",  # cosine of question and the passage's best sentence
    "late",  # late interaction, question tokens counted by weight
    "late_rare",  # the same by weight and rarity in the corpus
    "late_plain",  # the same by rarity alone
    "late_sentence",  # the best single sentence's late interaction, by rarity
    "cover",  # share of the question, by rarity, found as nearly the same token
    "context",  # `late_rare` over all candidates of the passage's document
    "sharp_sentence",  # the best single sentence's late interaction of the cosines' cubes, by rarity alone
    "pairs",  # neighbouring words of the question that are neighbours in the passage
    "lexical",  # BM25 over the highest possible for these words
    "translated",  # the same with near words of any language
)


def feature_rows(
    table: TokenTable,
    question: QuestionTokens,
    candidates: Candidates,
    *,
    vector: Floats,
    lexical: Floats,
    translated: Floats,
) -> Floats:
    """Return the features ``(n, len(FEATURES))`` of n candidates.

    Args:
        table: the token vectors.
        question: its tokens.
        candidates: the candidates' tokens.
        vector: ``(n,)`` cosines.
        lexical: ``(n,)`` BM25 scores over their ceiling.
        translated: ``(n,)`` the same for the translated question.
    """
    late = late_scores(table, question, candidates)
    columns = [
        vector,
        late.sentence_vector,
        late.passage,
        late.rare,
        late.plain_rare,
        late.sentence,
        late.cover,
        late.context,
        late.sharp_sentence,
        late.pairs,
        lexical,
        translated,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def lexical_ceiling(groups: Sequence[Mapping[str, float]], frequencies: Mapping[str, int], passages: int) -> float:
    """Return the BM25 score that no passage can pass: every word present, as often as you like, in its rarest form.

    A word that no passage holds counts as one that a single passage holds: a question half of whose words are unknown
    to the corpus cannot be covered by the other half.
    """
    total = 0.0
    for group in groups:
        least = min((max(1, frequencies.get(term, 0)) for term, weight in group.items() if weight >= 1.0), default=1)
        total += math.log(1 + (passages - least + 0.5) / (least + 0.5))
    return max(total, 1e-9)
