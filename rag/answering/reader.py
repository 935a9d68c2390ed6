"""Which of the first candidates answer: the reader's model over them, and what the dates of the question demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.encoding.contextual import context_line
from rag.encoding.reading_model import PassageReading, ReadingModel, SentenceReading, ToRead
from rag.records import Hit, Span
from rag.retrieval.date_match import is_of_other_days
from rag.retrieval.question import Question
from rag.text.sentences import split_sentences

MOST = 8
"""Candidates read for an answer; of XQuAD's answers a ranking holds hardly any further down."""

_AT_ONCE = 4  # candidates in one forward pass
_SURE = 0.9  # probability from which no further candidates are read
_OTHER_DAYS = 4.0
"""Log-odds taken from a passage whose dates, and that of its article, are all others than the question's: odds of one
in fifty, so that only the surest reading stands against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSentence:
    """A sentence of a hit as the reader saw it; `words` are those of the answer in it. Spans are of the document."""

    span: Span
    probability: float
    words: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHit:
    """A hit with the probability that it answers, that of title and date, and those of its sentences in order.

    `threshold` is the probability from which it is taken as an answer.
    """

    hit: Hit
    probability: float
    threshold: float
    title: float
    sentences: tuple[ReadSentence, ...]


class Reader:
    """Reads candidates; safe to share between threads.

    Args:
        load: returns the model, None where it cannot be used.
    """

    def __init__(self, load: Callable[[], ReadingModel | None]) -> None:
        self._load = load

    def read(self, question: Question, hits: Sequence[Hit]) -> list[ReadHit] | None:
        """Read the first hits, fewer where one surely answers; None where there is no model."""
        model = self._load()
        if model is None:
            return None
        read: list[ReadHit] = []
        for first in range(0, min(len(hits), MOST), _AT_ONCE):
            some = hits[first : min(first + _AT_ONCE, MOST)]
            passages = [_to_read(hit, question) for hit in some]
            readings = model.read(question.text, passages)
            read += [
                _read(question, hit, passage.sentences, reading, model.threshold(same_language=passage.same_language))
                for hit, passage, reading in zip(some, passages, readings, strict=True)
            ]
            if max(each.probability for each in read) >= _SURE:
                break
        return read


def _to_read(hit: Hit, question: Question) -> ToRead:
    document = hit.document
    return ToRead(
        text=hit.passage.text,
        sentences=tuple(split_sentences(hit.passage.text, document.language)),
        context=context_line(document.title, document.published, before=hit.passage.text),
        same_language=question.shares(document.language),
    )


def _read(
    question: Question, hit: Hit, sentences: Sequence[Span], reading: PassageReading, threshold: float
) -> ReadHit:
    share = 1.0
    if is_of_other_days(hit.passage, hit.document, question.periods):
        share = _less(reading.probability, _OTHER_DAYS) / max(reading.probability, 1e-9)
    return ReadHit(
        hit=hit,
        probability=reading.probability * share,
        threshold=threshold,
        title=reading.context * share,
        sentences=tuple(
            _sentence(hit.passage.start, span, sentence, share)
            for span, sentence in zip(sentences, reading.sentences, strict=True)
        ),
    )


def _sentence(offset: int, span: Span, reading: SentenceReading, share: float) -> ReadSentence:
    words = None if reading.words is None else (offset + reading.words[0], offset + reading.words[1])
    return ReadSentence(span=(offset + span[0], offset + span[1]), probability=reading.probability * share, words=words)


def _less(probability: float, log_odds: float) -> float:
    """Return a probability whose log-odds are so much lower."""
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(log_odds - math.log(clipped / (1 - clipped))))
