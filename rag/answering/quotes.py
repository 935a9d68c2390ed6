"""The verbatim sentences that answer: chosen from the hits, never rewritten, each found again in its document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.answering.question_kind import expected_kind, holds_kind
from rag.answering.quote_score import SIGNALS, WEIGHTS, sentence_signals
from rag.answering.quote_span import only_names, title_span, whole_quote
from rag.answering.reader import ReadHit
from rag.encoding.table import TokenTable
from rag.errors import CitationError
from rag.records import Citation, Document, Hit, Quote, Span
from rag.retrieval.date_match import day_of
from rag.retrieval.question import Question
from rag.retrieval.ranker import weighted_sums
from rag.text.sentences import split_sentences
from rag.text.shingles import count_shared, make_shingles
from rag.text.terms import surface_terms

Floats = NDArray[np.float32]

_NEAR = 0.85
"""A further quote is shown only if it scores at least this share of the best one. A judgement, not measured: one true
quote is worth more than a second that may be beside the point."""

_TIED = 0.97
"""Sentences of a passage that score this share of the best one are as good, and the first of them is quoted: news say
what matters first, and what follows repeats it."""


_NEAR_READ = 0.6
"""A further quote is shown only if it is this likely to answer beside the best one. A judgement, not measured."""

_COPIED = 0.6
"""Share of a sentence's shingles that stand in a quote before it, from which it is a copy; as for carriers."""

_CARRIES = 0.1
"""Share of the question, by rarity, that only the sentence before has, from which it is quoted too. A judgement, not
measured."""


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


def read_quotes(table: TokenTable, question: Question, read: Sequence[ReadHit], *, limit: int = 3) -> tuple[Quote, ...]:
    """Choose the sentences that the reader holds most likely to answer, each of which adds something.

    A further quote is from another article and has other words of the answer, or the same in another language, and is
    no copy of one before it. A sentence that only names somebody is quoted where there is nothing else.
    """
    found: list[_Found] = [each for hit in read for each in _found_in(hit)]
    found.sort(key=lambda each: (-each.probability, each.read.hit.rank, each.place))
    if not found:
        return ()
    quotes: list[Quote] = []
    for each in found:
        if each.probability < _NEAR_READ * found[0].probability or len(quotes) == limit:
            break
        if all(_adds(each, quote, question) for quote in quotes):
            quotes.append(_read_quote(len(quotes) + 1, table, question, each))
    return tuple(quotes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A sentence that may be quoted, or the title (`place` -1)."""

    read: ReadHit
    place: int
    probability: float
    span: Span
    words: Span | None


def _found_in(read: ReadHit) -> list[_Found]:
    text = read.hit.document.text
    sentences = [
        _Found(read=read, place=place, probability=each.probability, span=each.span, words=each.words)
        for place, each in enumerate(read.sentences)
    ]
    saying = [each for each in sentences if not only_names(text[each.span[0] : each.span[1]])]
    title = title_span(read.hit.document)
    if title is not None and title not in [each.span for each in sentences]:
        saying.append(_Found(read=read, place=-1, probability=read.title, span=title, words=None))
    return saying or sentences


def _adds(found: _Found, quote: Quote, question: Question) -> bool:
    document = found.read.hit.document
    if document.id == quote.citation.document_id:
        return False
    text = document.text[found.span[0] : found.span[1]]
    own, other = (make_shingles(" ".join(surface_terms(words))) for words in (text, quote.text))
    if len(own) and count_shared(own, other) >= _COPIED * len(own):
        return False
    if document.language != quote.language or found.words is None:
        return True
    words = set(surface_terms(document.text[found.words[0] : found.words[1]])) - set(surface_terms(question.text))
    return bool(words - set(surface_terms(quote.text)))


def _read_quote(number: int, table: TokenTable, question: Question, found: _Found) -> Quote:
    span, document = found.span, found.read.hit.document
    if found.place >= 0:
        sentences = [each.span for each in found.read.sentences]
        span = whole_quote(
            document, sentences, found.place, leans=_leans(table, question, document, sentences, found.place)
        )
    quote = _quote(number, found.read.hit, span, found.probability)
    if found.words is None or not span[0] <= found.words[0] < found.words[1] <= span[1]:
        return quote
    start, end = found.words
    while start < end and document.text[start].isspace():
        start += 1
    return replace(quote, answer_start=start, answer_end=end)


def _leans(table: TokenTable, question: Question, document: Document, sentences: Sequence[Span], place: int) -> bool:
    """Return whether the sentence before says what of the question this one does not: its subject, most often."""
    if not place:
        return False
    texts = [document.text[slice(*sentences[at])] for at in (place - 1, place)]
    signals = sentence_signals(
        table, question.tokens, texts, follows=np.array([False, True]), holds=np.zeros(2, np.bool_)
    )
    alone, carried = (float(signals[1, SIGNALS.index(name)]) for name in ("late", "carried"))
    return carried - alone >= _CARRIES


def check_citation(citation: Citation, document: Document) -> str:
    """Return the words that a citation points to.

    Raises:
        CitationError: the document is another one, its text has changed, or the span lies outside it.
    """
    if citation.document_id != document.id:
        raise CitationError("citation_document_wrong", cited=citation.document_id, id=document.id)
    if citation.sha256 != document.sha256:
        raise CitationError(
            "citation_text_changed", id=document.id, cited=citation.sha256[:12], present=document.sha256[:12]
        )
    if not 0 <= citation.start < citation.end <= len(document.text):
        raise CitationError(
            "citation_outside", id=document.id, start=citation.start, end=citation.end, characters=len(document.text)
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
