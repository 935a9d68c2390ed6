"""From hits to an answer: quotes with citations, or an honest "the corpus does not say"."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.evidence import find_quotes
from rag.encoding.table import TokenTable
from rag.records import Agreement, Answer, Filters, Quote
from rag.retrieval.calibration import Calibration
from rag.retrieval.carriers import Carrier, count_agreement
from rag.retrieval.retriever import Found, Retriever
from rag.text.shingles import make_shingles
from rag.text.terms import surface_terms

_SUPPORTS = 0.5
"""Probability from which a hit that is not quoted counts as support: it answers more likely than not."""


class Answerer:
    """Answers questions with what a retriever finds; safe to share between threads."""

    def __init__(self, retriever: Retriever, table: TokenTable, calibration: Calibration) -> None:
        self._retriever = retriever
        self._table = table
        self._calibration = calibration

    def answer(self, question: str, k: int, *, filters: Filters | None = None, collapse: bool = True) -> Answer:
        """Answer a question; see `rag.index.Index.answer`."""
        found = self._retriever.search(question, k, filters=filters, collapse=collapse)
        hits, language = tuple(found.hits), found.question.language
        # The hit that leads by its score need not be the one surest to answer: hits in other languages are judged by
        # another model.
        confidence = max((hit.confidence or 0.0 for hit in hits), default=0.0)
        if confidence < self._calibration.threshold:
            return Answer(
                question=question,
                abstained=True,
                confidence=confidence,
                quotes=(),
                hits=hits,
                language=language,
                periods=found.question.periods,
            )
        answering = [hit for hit in hits if (hit.confidence or 0.0) >= self._calibration.threshold]
        quotes = find_quotes(self._table, found.question, found.tokens, answering)
        return Answer(
            question=question,
            abstained=not quotes,
            confidence=confidence,
            quotes=quotes,
            hits=hits,
            language=language,
            periods=found.question.periods,
            agreement=_agreement(found, quotes) if quotes else None,
        )


def _agreement(found: Found, quotes: Sequence[Quote]) -> Agreement:
    """Count the articles behind the answer.

    Those are the carriers of each hit that answers more likely than not, and of each quote: of the articles that carry
    its passage the ones that have the sentence too.
    """
    supporting: list[Carrier] = []
    for hit, (own, *others) in zip(found.hits, found.carriers, strict=True):
        sentences = [
            make_shingles(" ".join(surface_terms(quote.text)))
            for quote in quotes
            if quote.citation.document_id == hit.document.id
            and hit.passage.start <= quote.citation.start < hit.passage.end
        ]
        if sentences:
            supporting += [own, *(copy for copy in others if any(copy.holds(sentence) for sentence in sentences))]
        elif (hit.confidence or 0.0) >= _SUPPORTS:
            supporting += [own, *others]
    return count_agreement(supporting)
