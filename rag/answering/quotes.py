"""The verbatim sentences that answer: chosen from the hits, never rewritten, each found again in its document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.answering.question_kind import expected_kind, holds_kind
from rag.answering.quote_score import WEIGHTS, sentence_signals
from rag.encoding.table import TokenTable
from rag.errors import CitationError
from rag.records import Citation, Document, Hit, Quote, Span
from rag.retrieval.date_match import day_of
from rag.retrieval.question import Question
from rag.retrieval.ranker import weighted_sums
from rag.text.sentences import split_sentences

Floats = NDArray[np.float32]

_NEAR = 0.85
"""A further quote is shown only if it scores at least this share of the best one. A judgement, not measured: one true
quote is worth more than a second that may be beside the point."""

_TIED = 0.97
"""Sentences of a passage that score this share of the best one are as good, and the first of them is quoted: news say
what matters first, and what follows repeats it."""


def find_quotes(table: TokenTable, question: Question, hits: Sequence[Hit], *, limit: int = 3) -> tuple[Quote, ...]:
    """Choose the sentences of the hits that answer best, at most one a hit unless there is only one hit.

    A sentence is judged by what it shares with the question (`quote_score.py`). Across languages these numbers compare
    badly, while the hits' scores do not, so half of the judgement is beside the other sentences of its passage only;
    both are weighed with the hit's score.
    """
    spans: list[tuple[Hit, Span]] = []
    for hit in hits:
        start = hit.passage.start
        inside = split_sentences(hit.passage.text, hit.document.language)
        spans.extend((hit, (start + first, start + last)) for first, last in inside)
    if not spans:
        return ()
    scores = _sentence_scores(table, question, spans)
    leading: dict[int, float] = {}
    for (hit, _), score in zip(spans, scores.tolist(), strict=True):
        leading[hit.rank] = max(leading.get(hit.rank, 1e-9), score)
    weighted = scores * np.array([hit.score * (0.5 / leading[hit.rank] + 0.5) for hit, _ in spans], dtype=np.float32)
    order = np.argsort(-weighted, kind="stable")
    best = float(weighted[order[0]])
    chosen: list[int] = []
    seen: set[str] = set()
    for found in order.tolist():
        place = _first_as_good(found, spans, weighted)
        place = found if place in chosen else place
        hit, (start, end) = spans[place]
        words = " ".join(hit.document.text[start:end].split())
        crowded = len(hits) > 1 and any(spans[other][0] is hit for other in chosen)
        if weighted[found] < _NEAR * best or len(chosen) == limit:
            break
        if not crowded and words not in seen:
            chosen.append(place)
            seen.add(words)
    return tuple(_quote(number, *spans[place], float(weighted[place])) for number, place in enumerate(chosen, start=1))


def _first_as_good(best: int, spans: Sequence[tuple[Hit, Span]], scores: Floats) -> int:
    """Return the first sentence of a passage that is as good as its best one."""
    own = (place for place, (hit, _) in enumerate(spans) if hit is spans[best][0])
    return next(place for place in own if scores[place] >= _TIED * scores[best])


def check_citation(citation: Citation, document: Document) -> str:
    """Return the words that a citation points to.

    Raises:
        CitationError: the document is another one, its text has changed, or the span lies outside it.
    """
    if citation.document_id != document.id:
        raise CitationError(f"the citation is of {citation.document_id!r}, the document is {document.id!r}")
    if citation.sha256 != document.sha256:
        raise CitationError(
            f"{document.id!r} has changed since it was cited (text {citation.sha256[:12]}, now {document.sha256[:12]});"
            " ask again for a fresh citation"
        )
    if not 0 <= citation.start < citation.end <= len(document.text):
        raise CitationError(
            f"the citation {citation.start}-{citation.end} lies outside {document.id!r},"
            f" which has {len(document.text)} characters"
        )
    return document.text[citation.start : citation.end]


def _quote(number: int, hit: Hit, span: Span, score: float) -> Quote:
    start, end = span
    citation = replace(hit.citation, start=start, end=end, page=hit.document.page_at(start))
    return Quote(
        number=number,
        text=check_citation(citation, hit.document),
        citation=citation,
        score=score,
        language=hit.document.language,
    )


def _sentence_scores(table: TokenTable, question: Question, spans: Sequence[tuple[Hit, Span]]) -> Floats:
    """Judge sentences ``(n,)``, all above 0."""
    kind = expected_kind(question.text, question.language)
    sentences, holds = [], []
    for hit, (start, end) in spans:
        document = hit.document
        sentences.append(document.text[start:end])
        holds.append(
            holds_kind(
                kind,
                sentences[-1],
                question=question.text,
                written=day_of(document.published),
                language=document.language,
            )
        )
    follows = np.array([False, *(first is second for (first, _), (second, _) in pairwise(spans))])
    signals = sentence_signals(table, question.tokens, sentences, follows=follows, holds=np.array(holds))
    judged: Floats = np.maximum(weighted_sums(signals, WEIGHTS), np.float32(1e-3))
    return judged
