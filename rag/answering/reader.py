"""Which of the first candidates answer: the reader's model over them, and what the dates of the question demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from rag.answering.asked_names import AskedNames, Missing
from rag.encoding.contextual import context_line
from rag.encoding.reading_model import PassageReading, ReadingModel, SentenceReading, ToRead
from rag.errors import EncoderError
from rag.records import Hit, Span
from rag.retrieval.date_match import is_of_other_days
from rag.retrieval.question import Question
from rag.retrieval.ranker import read_coefficients
from rag.text.sentences import split_sentences

MOST = 8
"""Candidates read for an answer; of XQuAD's answers a ranking holds hardly any further down."""

_AT_ONCE = 4  # candidates in one forward pass
_SURE = 0.9  # probability from which no further candidates are read
_OTHER_DAYS = 4.0
"""Log-odds taken from a passage whose dates, and that of its article, are all others than the question's: odds of one
in fifty, so that only the surest reading stands against it."""


_LEAST = 1e-4
"""Probabilities closer to 0 or 1 count as these: no single number decides alone."""


Claimed = tuple[str, str, date | None, str | None]
"""A passage that is said to support a claim: its text, its article's title, date and language."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWeights:
    """How the evidence joins to the log-odds that a passage answers, in one case; `training/answer_weights.py` fits it.

    The reader knows what an answer looks like, the ranker what the passage is about, and the names of the question
    which of two towns' hospitals is meant.
    """

    reader: float
    rank: float
    names: float
    claim: float
    numbers: float
    intercept: float
    threshold: float

    def probability(self, read: float, score: float, missing: Missing) -> float:
        """Return the probability that a passage answers, of its two scores and what it lacks."""
        odds = self.reader * log_odds(read) + self.rank * log_odds(score) + self.intercept
        odds += self.names * missing.names + self.claim * missing.claim + self.numbers * missing.numbers
        return 1 / (1 + math.exp(-odds))


@cache
def answer_weights() -> dict[bool, AnswerWeights]:
    """Read the weights that ship with the models, for passages in the question's language (True) and in others.

    Raises:
        EncoderError: the file holds none.
    """
    try:
        values = read_coefficients()["answer"]
        return {
            same: AnswerWeights(**{name: float(number) for name, number in values[case].items()})
            for same, case in ((True, "same"), (False, "cross"))
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EncoderError("coefficients_damaged", file="ranker.json", detail=repr(error)) from error


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
        names = AskedNames(question)
        for first in range(0, min(len(hits), MOST), _AT_ONCE):
            some = hits[first : min(first + _AT_ONCE, MOST)]
            passages = [to_read(hit, question) for hit in some]
            readings = model.read(question.text, passages)
            read += [
                _read(question, names.missing(hit), hit, passage.sentences, reading)
                for hit, passage, reading in zip(some, passages, readings, strict=True)
            ]
            if max(each.probability for each in read) >= _SURE:
                break
        return read


def support(model: ReadingModel, claim: str, passages: Sequence[Claimed], language: str | None) -> float:
    """Return the probability that one of some passages answers a claim, read as if it were a question.

    It supports the claim then, or at least speaks of what it says: a passage about the same that says otherwise has a
    lower one most often.
    """
    to_read = [
        ToRead(
            text=text,
            sentences=tuple(split_sentences(text, own)),
            context=context_line(title, published, before=text),
            same_language=language is None or own is None or own == language,
        )
        for text, title, published, own in passages
    ]
    return max((reading.probability for reading in model.read(claim, to_read)), default=0.0)


def to_read(hit: Hit, question: Question) -> ToRead:
    """Return what the model reads of a hit: its sentences, with title and date of the article before them."""
    document = hit.document
    return ToRead(
        text=hit.passage.text,
        sentences=tuple(split_sentences(hit.passage.text, document.language)),
        context=context_line(document.title, document.published, before=hit.passage.text),
        same_language=question.shares(document.language),
    )


def _read(
    question: Question, missing: Missing, hit: Hit, sentences: Sequence[Span], reading: PassageReading
) -> ReadHit:
    weights = answer_weights()[question.shares(hit.document.language)]
    probability = weights.probability(reading.probability, hit.score, missing)
    if is_of_other_days(hit.passage, hit.document, question.periods):
        probability = 1 / (1 + math.exp(_OTHER_DAYS - log_odds(probability)))
    share = probability / max(reading.probability, 1e-9)  # the sentences divide the whole as the reader says
    return ReadHit(
        hit=hit,
        probability=probability,
        threshold=weights.threshold,
        title=reading.context * share,
        sentences=tuple(
            _sentence(hit.passage.start, span, sentence, share)
            for span, sentence in zip(sentences, reading.sentences, strict=True)
        ),
    )


def _sentence(offset: int, span: Span, reading: SentenceReading, share: float) -> ReadSentence:
    words = None if reading.words is None else (offset + reading.words[0], offset + reading.words[1])
    return ReadSentence(span=(offset + span[0], offset + span[1]), probability=reading.probability * share, words=words)


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds, finite for 0 and 1 too."""
    clipped = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(clipped / (1 - clipped))
