"""What the contextual vectors say of candidates, and how that joins the log-odds of the table.

Passages are refined after they are stored. One without contextual vectors is judged as the table's log-odds let expect,
so that it stands neither before nor behind the others for the lack of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.retrieval.question import Question
from rag.retrieval.ranker import read_coefficients
from rag.store.view import View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]
Mask = NDArray[np.bool_]

CONTEXT_FEATURES = (
    "context_vector",  # cosine of question and passage, both read in context
    "context_sentence",  # the same with the passage's best sentence
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEvidence:
    """Cosines of candidates ``(n,)`` with the question; where `known` is False they are 0."""

    known: Mask
    passage: Floats
    sentence: Floats

    def ordered(self, order: NDArray[np.intp]) -> ContextEvidence:
        """Return them in another order."""
        return ContextEvidence(known=self.known[order], passage=self.passage[order], sentence=self.sentence[order])

    def joined(self, other: ContextEvidence, places: list[int]) -> ContextEvidence:
        """Return these, and after them those of some of the other's candidates."""
        return ContextEvidence(
            known=np.concatenate([self.known, other.known[places]]),
            passage=np.concatenate([self.passage, other.passage[places]]),
            sentence=np.concatenate([self.sentence, other.sentence[places]]),
        )

    def named(self, place: int) -> Mapping[str, float]:
        """Return those of one candidate by name; nothing for one that is not refined."""
        if not self.known[place]:
            return {}
        return dict(zip(CONTEXT_FEATURES, (float(self.passage[place]), float(self.sentence[place])), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextWeights:
    """How log-odds of the table and cosines join in one of the two cases.

    `expected` are slope and offset of the part that a passage without vectors gets for them, over its log-odds.
    """

    table: float
    passage: float
    sentence: float
    intercept: float
    expected: tuple[float, float]

    def join(self, odds: Floats, evidence: ContextEvidence) -> Floats:
        """Return the log-odds ``(n,)`` of candidates with those of the table ``(n,)``."""
        found = self.passage * evidence.passage + self.sentence * evidence.sentence
        slope, offset = self.expected
        part = np.where(evidence.known, found, slope * odds + offset)
        joined: Floats = (self.table * odds + part + self.intercept).astype(np.float32)
        return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRanker:
    """`ContextWeights` for passages in the question's language, and for others."""

    same: ContextWeights
    cross: ContextWeights

    def join(self, odds: Floats, same_language: Mask, evidence: ContextEvidence) -> Floats:
        """Return the log-odds ``(n,)`` of candidates by table and context."""
        joined: Floats = np.where(same_language, self.same.join(odds, evidence), self.cross.join(odds, evidence))
        return joined


def find_evidence(view: View, question: Question, ids: Longs) -> ContextEvidence | None:
    """Return what the contextual vectors say of passages ``(n,)``; None where none of the index is refined."""
    if not question.reads_context or not view.refined_count():
        return None
    cosines = view.context_cosines(question.context_vector, ids)
    return ContextEvidence(known=cosines.known, passage=cosines.passage, sentence=cosines.best_sentence)


@cache
def bundled_context_ranker() -> ContextRanker:
    """Read the weights that ship with the bundled models.

    Raises:
        EncoderError: the file is missing or made for other features.
    """
    try:
        values = read_coefficients()["contextual"]
        return ContextRanker(same=_weights(values["same"]), cross=_weights(values["cross"]))
    except (KeyError, TypeError, ValueError) as error:
        raise EncoderError("coefficients_damaged", file="ranker.json", detail=repr(error)) from error


def _weights(values: Mapping[str, Any]) -> ContextWeights:
    slope, offset = values["expected"]
    return ContextWeights(
        table=float(values["table"]),
        passage=float(values["passage"]),
        sentence=float(values["sentence"]),
        intercept=float(values["intercept"]),
        expected=(float(slope), float(offset)),
    )
