"""From hits to an answer: quotes with citations, or an abstention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.question_intent import question_intent
from rag.answering.quotes import find_quotes, read_quotes
from rag.answering.reader import MOST, Reader, ReadHit
from rag.encoding.table import TokenTable
from rag.errors import QueryError
from rag.records import Agreement, Answer, Citation, Hit, Query, Quote
from rag.retrieval.calibration import Calibration
from rag.retrieval.corroboration import Carrier, count_agreement
from rag.retrieval.retriever import Found, Retriever
from rag.text.sentences import split_sentences
from rag.text.shingles import make_shingles
from rag.text.terms import surface_terms

_BESIDE = 0.5
"""Share of the best passage's probability that another one must have to be quoted beside it."""


class Answerer:
    """Answers questions with what a retriever finds; safe to share between threads."""

    def __init__(
        self, retriever: Retriever, table: TokenTable, calibration: Calibration, reader: Reader | None = None
    ) -> None:
        self._retriever = retriever
        self._table = table
        self._calibration = calibration
        self._reader = reader

    def answer(self, query: Query) -> Answer:
        """Answer a question; see `rag.index.Index.answer`.

        Raises:
            QueryError: the query is not ranked by the learned ranker, which alone gives a confidence.
        """
        if query.mode != "hybrid" or not query.rerank:
            raise QueryError("answer_needs_ranker", mode=query.mode)
        found = self._retriever.search(query if self._reader is None else replace(query, k=max(query.k, MOST)))
        intent = question_intent(query.question, found.question.language)
        read = self._reader.read(found.question, found.hits) if self._reader and intent == "answer" else None
        confidence: float | None
        if read is None:
            found = _first(found, query.k)
            confidence, answering = self._surest(found)
            quotes = find_quotes(self._table, found.question, answering) if answering else ()
        else:
            found = _with_confidence(found, read)
            confidence = max((each.probability for each in read), default=0.0)
            passed = [each for each in read if each.probability >= max(each.threshold, _BESIDE * confidence)]
            quotes = read_quotes(self._table, found.question, passed)
        if intent != "answer":
            quotes, confidence = (), None
        quotes, agreement = _corroborate(found, quotes)
        return Answer(
            question=query.question,
            abstained=not quotes,
            confidence=confidence,
            quotes=quotes,
            hits=tuple(found.hits[: query.k]),
            language=found.question.language,
            periods=found.question.periods,
            agreement=agreement,
            intent=intent,
        )

    def _surest(self, found: Found) -> tuple[float, list[Hit]]:
        """Return how sure the answer is, and the hits that answer; none where it is not sure enough.

        Two candidates decide: the best in the question's language and the best in another. Each case has a model and a
        threshold of its own, so the candidate with the higher score need not be the more probable one. Lower candidates
        do not decide: the more hits may decide, the more often one of them is wrong. If one case passes, only its hits
        answer.
        """
        thresholds = {same: self._calibration.threshold(same_language=same) for same in (True, False)}
        cases = [(hit, found.question.shares(hit.document.language)) for hit in found.hits]
        shown = {same for _, same in cases}  # a candidate too far behind to be shown decides nothing
        leading = {same: sure for same, sure in found.leading.items() if same in shown}
        passed = {same: sure for same, sure in leading.items() if sure >= thresholds[same]}
        answering = [hit for hit, same in cases if same in passed and (hit.confidence or 0.0) >= thresholds[same]]
        if answering:
            return max(passed.values()), answering
        return max((sure for same, sure in leading.items() if same not in passed), default=0.0), []


def _first(found: Found, k: int) -> Found:
    return replace(found, hits=found.hits[:k], carriers=found.carriers[:k])


def _with_confidence(found: Found, read: Sequence[ReadHit]) -> Found:
    """Return the hits with the reader's probabilities; those that were not read have none."""
    known = {each.hit.rank: each.probability for each in read}
    return replace(found, hits=[replace(hit, confidence=known.get(hit.rank)) for hit in found.hits])


def _corroborate(found: Found, quotes: Sequence[Quote]) -> tuple[tuple[Quote, ...], Agreement | None]:
    """Return the quotes with the other articles that carry each, and a count of all articles that carry one.

    An article carries a quote if it has the sentence or a near-duplicate of it. What is too short to compare stands in
    the copies of its own passage only.
    """
    carrying: list[Carrier] = []
    named: list[Quote] = []
    for quote in quotes:
        sentence = make_shingles(" ".join(surface_terms(_statement(quote))))
        document = quote.citation.document_id
        also: dict[str, Citation] = {}
        for hit, carriers in zip(found.hits, found.carriers, strict=True):
            own = hit.document.id == document
            for carrier in carriers:
                place = carrier.citation
                if place.document_id == document:
                    carrying.append(carrier)
                elif (own or len(sentence)) and carrier.holds(sentence):
                    carrying.append(carrier)
                    also.setdefault(place.document_id, place)
        named.append(replace(quote, also=tuple(also.values())))
    return tuple(named), count_agreement(carrying) if quotes else None


def _statement(quote: Quote) -> str:
    """Return the sentence of a quote that answers; a sentence quoted for its subject alone is none."""
    if quote.answer_start is None or quote.answer_end is None:
        return quote.text
    offset = quote.citation.start
    return " ".join(
        quote.text[start:end]
        for start, end in split_sentences(quote.text, quote.language)
        if offset + start < quote.answer_end and quote.answer_start < offset + end
    )
