"""From hits to an answer: quotes with citations, or an honest "the corpus does not say"."""

from __future__ import annotations

from rag.answering.evidence import find_quotes
from rag.encoding.table import TokenTable
from rag.records import Answer, Filters
from rag.retrieval.calibration import Calibration
from rag.retrieval.retriever import Retriever


class Answerer:
    """Answers questions with what a retriever finds; safe to share between threads."""

    def __init__(self, retriever: Retriever, table: TokenTable, calibration: Calibration) -> None:
        self._retriever = retriever
        self._table = table
        self._calibration = calibration

    def answer(self, question: str, k: int, *, filters: Filters | None = None) -> Answer:
        """Answer a question; see `rag.index.Index.answer`."""
        found = self._retriever.search(question, k, filters=filters)
        hits, language = tuple(found.hits), found.question.language
        # The hit that leads by its score need not be the one surest to answer: hits in other languages are judged by
        # another model.
        confidence = max((hit.confidence or 0.0 for hit in hits), default=0.0)
        if confidence < self._calibration.threshold:
            return Answer(
                question=question, abstained=True, confidence=confidence, quotes=(), hits=hits, language=language
            )
        answering = [hit for hit in hits if (hit.confidence or 0.0) >= self._calibration.threshold]
        quotes = find_quotes(self._table, found.tokens, answering)
        return Answer(
            question=question,
            abstained=not quotes,
            confidence=confidence,
            quotes=quotes,
            hits=hits,
            language=language,
        )
