"""Fit how a sentence is judged as an answer: `python -m training.quotes --data DATA --model rag/encoding/bundled`.

Prints the weights for `rag/answering/quote_score.py`. The questions are those of SQuAD with the sentence that answers,
of the part of the data that the table has not seen (`held_out.py`), each beside its four neighbours in the article.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from rag.answering.question_kind import expected_kind, holds_kind
from rag.answering.quote_score import SIGNALS, sentence_signals
from rag.encoding.table import BUNDLED, TokenTable
from rag.retrieval.idf import token_rarity
from rag.retrieval.late_interaction import question_tokens
from training.ranker_data import squad_rows

Floats = NDArray[np.float32]
_RUN = 5  # neighbouring sentences, about a passage


def collect(table: TokenTable, data: Path) -> Iterator[tuple[Floats, int]]:
    """Yield for each question the signals ``(sentences, len(SIGNALS))`` and the number of the sentence that answers."""
    rows = squad_rows(data)
    sentences = list(dict.fromkeys(answer for _, answer in rows))
    places = {sentence: place for place, sentence in enumerate(sentences)}
    counts = np.bincount(table.tokenize(sentences).ids, minlength=len(table.units))
    rarity = token_rarity(table, counts, len(sentences))
    for question, answer in rows:
        first = places[answer] // _RUN * _RUN
        near = sentences[first : first + _RUN]
        if len(near) < 2:
            continue
        kind = expected_kind(question, "en")
        signals = sentence_signals(
            table,
            question_tokens(table, question, rarity),
            near,
            follows=np.arange(len(near)) > 0,
            holds=np.array([holds_kind(kind, s, question=question, written=None, language="en") for s in near]),
        )
        yield signals, near.index(answer)


def fit(examples: list[tuple[Floats, int]]) -> Floats:
    """Return weights ``(len(SIGNALS),)`` of a logistic model on differences, those above 0 summing to 1."""
    rows = np.concatenate([signals[right] - np.delete(signals, right, axis=0) for signals, right in examples])
    model = LogisticRegression(fit_intercept=False, C=1.0, max_iter=1000)
    model.fit(np.concatenate([rows, -rows]), np.repeat([1, 0], len(rows)))
    weights: Floats = model.coef_[0] / model.coef_[0].clip(0).sum()
    return weights


def main() -> None:
    """Fit on every second question, say how often the other half is answered right, then fit on all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=BUNDLED)
    flags = parser.parse_args()
    examples = list(collect(TokenTable(flags.model), flags.data))
    weights = fit(examples[::2])
    right = np.mean([int(np.argmax(signals @ weights)) == answer for signals, answer in examples[1::2]])
    print(f"of {len(examples[1::2])} questions {right:.3f} right")
    print(dict(zip(SIGNALS, fit(examples).round(2).tolist(), strict=True)))


if __name__ == "__main__":
    main()
