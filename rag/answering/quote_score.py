"""How well a sentence answers: one linear judgement of what it shares with the question.

The weights are fitted by `training/quotes.py` on questions whose answering sentence is known;
`benchmarks/quoting.py` measures the choice on XQuAD.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import TokenTable
from rag.retrieval.late_interaction import Candidates, QuestionTokens, late_scores

Floats = NDArray[np.float32]

SIGNALS = (
    "late",  # late interaction by rarity
    "vector",  # cosine of the mean vectors
    "carried",  # the same by weight and rarity, where what the sentence before has of the question counts in part
    "length",  # logarithm of the number of tokens, over 5: a long sentence finds more by chance
    "kind",  # it has a time, a number or a place, where the question asks for one
)
WEIGHTS: Floats = np.array([0.35, 0.16, 0.37, -0.2, 0.12], dtype=np.float32)

_CARRIED = 0.4
"""What a word of the sentence before counts: "It was restored in 1991" is of what that sentence was about."""


def sentence_signals(
    table: TokenTable,
    question: QuestionTokens,
    sentences: Sequence[str],
    *,
    follows: NDArray[np.bool_],
    holds: NDArray[np.bool_],
) -> Floats:
    """Return the signals ``(sentences, len(SIGNALS))``.

    Args:
        table: the token vectors.
        question: its tokens.
        sentences: n of them.
        follows: ``(n,)``, whether a sentence stands right after the one before it here.
        holds: ``(n,)``, whether it has what the question's kind asks for.
    """
    candidates = _candidates(table, sentences)
    late = late_scores(table, question, candidates)
    before = np.zeros_like(late.tokens)
    before[:, 1:] = late.tokens[:, :-1] * follows[1:]
    carried = question.rarity @ np.maximum(late.tokens, np.float32(_CARRIED) * before)
    length = np.log1p(np.diff(candidates.bounds)) / 5
    columns = [late.plain_rare, late.sentence_vector, carried, length, holds]
    return np.stack(columns, axis=1).astype(np.float32)


def _candidates(table: TokenTable, sentences: Sequence[str]) -> Candidates:
    """Return each sentence as a passage of one sentence."""
    tokens = table.tokenize(sentences)
    filled = np.diff(tokens.bounds) > 0
    norms = np.linalg.norm(table.means(tokens.ids, tokens.bounds), axis=1).astype(np.float32)
    return Candidates(
        ids=tokens.ids,
        bounds=tokens.bounds,
        sentences=tokens.bounds[:-1][filled],
        sentence_bounds=np.concatenate([[0], np.cumsum(filled)]).astype(np.int64),
        sentence_norms=norms[filled],
        documents=np.arange(len(sentences)),
    )
