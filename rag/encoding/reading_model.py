"""The reader's model: it reads a question with a passage, and says where in it the answer stands, if it does.

For every piece of the passage it gives how likely the answer begins and ends there. From these come the share of each
sentence, the likeliest words of the answer, and with a number for the whole the probability that the passage answers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.encoding.contextual import piece_owners
from rag.encoding.encoder import Floats
from rag.encoding.onnx_model import CONTEXTUAL, PADDING, START, STOP, available_threads, open_model
from rag.errors import EncoderError
from rag.records import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_GRAPH = "reader.onnx"
_QUESTION, _CONTEXT, _WHOLE = 64, 48, 256  # pieces that the model was trained with
_ANSWER = 48  # pieces of the words of an answer at most
_OUTSIDE, _OF_CONTEXT, _OF_PASSAGE = 0, 1, 2  # the kinds of pieces that the graph is told of
_TITLE = -1  # the number of the context among the sentences
_LOWEST = -1e9

Longs = NDArray[np.int64]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead:
    """A passage to be read: its words, its sentences, what its article says before it, and of which case it is."""

    text: str
    sentences: tuple[Span, ...]
    context: str = ""
    same_language: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceReading:
    """The probability that a sentence answers, and its likeliest words of the answer as a span of the passage."""

    probability: float
    words: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageReading:
    """What was read: the probability that the passage answers, and of each sentence, and of title and date."""

    probability: float
    sentences: tuple[SentenceReading, ...]
    context: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Window:
    passage: int
    ids: Longs
    segments: Longs
    owners: Longs  # sentence of each piece, _TITLE for the context, -2 for what belongs to none
    spans: Longs  # of each piece in the passage


class ReadingModel:
    """Reads questions with passages; safe to share between threads.

    Raises:
        EncoderError: a file of the model is missing or damaged.
    """

    def __init__(self, folder: Path | None = None, *, threads: int | None = None) -> None:
        self._model = open_model(folder or CONTEXTUAL)
        self._threads = threads or available_threads()
        try:
            calibration: Mapping[str, Any] = self._model.numbers["calibration"]
            self._weights = {
                same: np.array(calibration["same" if same else "across"], np.float32).reshape(3)
                for same in (True, False)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise EncoderError("reader_uncalibrated", folder=str(self._model.folder)) from error
        _ = self._session

    def read(self, question: str, passages: Sequence[ToRead]) -> list[PassageReading]:
        """Read one question with each passage, in one forward pass; a long passage is read in windows."""
        asked = self._model.cut(question).ids[:_QUESTION]
        windows = [
            window for number, passage in enumerate(passages) for window in self._windows(number, asked, passage)
        ]
        found: list[list[PassageReading]] = [[] for _ in passages]
        for window, reading in zip(windows, self._run(windows, passages), strict=True):
            found[window.passage].append(reading)
        return [_together(readings) for readings in found]

    def _run(self, windows: Sequence[_Window], passages: Sequence[ToRead]) -> Iterator[PassageReading]:
        if not windows:
            return
        longest = max(len(window.ids) for window in windows)
        ids = np.full((len(windows), longest), PADDING, np.int64)
        mask, segments = np.zeros_like(ids), np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
            segments[row, : len(window.ids)] = window.segments
        starts, ends, answers = self._session.run(
            ["start", "end", "answers"], {"embeddings": self._model.vectors(ids), "mask": mask, "segments": segments}
        )
        for row, window in enumerate(windows):
            size, passage = len(window.ids), passages[window.passage]
            yield _reading(
                window,
                starts[row, :size],
                ends[row, :size],
                float(answers.reshape(len(windows))[row]),
                self._weights[passage.same_language],
                len(passage.sentences),
            )

    def _windows(self, number: int, asked: Longs, passage: ToRead) -> Iterator[_Window]:
        """Cut a passage into windows over whole sentences, each beginning with the last one of the window before."""
        context = self._model.cut(passage.context).ids[:_CONTEXT]
        pieces = self._model.cut(passage.text)
        owners = piece_owners(pieces.spans, passage.sentences)
        owners = np.where(owners < 0, -2, owners)
        room = _WHOLE - len(asked) - len(context) - 4
        begins = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), len(pieces.ids)]
        first = 0
        while True:
            last = max((at for at in begins if first < at <= first + room), default=min(first + room, len(pieces.ids)))
            kept = slice(first, last)
            before = 3 + len(asked) + len(context)
            yield _Window(
                passage=number,
                ids=np.concatenate([[START], asked, [STOP], context, [STOP], pieces.ids[kept], [STOP]]),
                segments=np.concatenate(
                    [
                        np.full(2 + len(asked), _OUTSIDE),
                        np.full(len(context), _OF_CONTEXT),
                        [_OUTSIDE],
                        np.full(last - first, _OF_PASSAGE),
                        [_OUTSIDE],
                    ]
                ),
                owners=np.concatenate(
                    [
                        np.full(2 + len(asked), -2),
                        np.full(len(context), _TITLE),
                        [-2],
                        owners[kept],
                        [-2],
                    ]
                ),
                spans=np.concatenate([np.zeros((before, 2), np.int64), pieces.spans[kept], np.zeros((1, 2), np.int64)]),
            )
            if last >= len(pieces.ids):
                return
            again = max((at for at in begins if first < at < last), default=last)
            first = again if last - again < room // 2 else last

    @cached_property
    def _session(self) -> InferenceSession:
        return self._model.open_graph(_GRAPH, threads=self._threads)


def load_reading_model() -> ReadingModel | None:
    """Load the reader that ships; where it cannot be used, say so and return None."""
    try:
        return ReadingModel()
    except EncoderError as error:
        _log.warning("%s; answers are chosen without the reader", error)
        return None


def _reading(
    window: _Window, starts: Floats, ends: Floats, answers: float, weights: Floats, sentences: int
) -> PassageReading:
    """Return what the numbers of one window say; sentences that are not in it have none."""
    allowed = window.segments > _OUTSIDE
    allowed[0] = True  # the place of "no answer"
    begin, end = _log_shares(starts, allowed), _log_shares(ends, allowed)
    masses: dict[int, float] = {}
    best: dict[int, tuple[float, int, int]] = {}
    for owner in dict.fromkeys(window.owners.tolist()):
        places = np.flatnonzero(window.owners == owner)
        if owner < _TITLE or not len(places):
            continue
        own_begin, own_end = np.exp(begin[places]), np.exp(end[places])
        masses[owner] = float(own_begin @ np.cumsum(own_end[::-1])[::-1])
        best[owner] = _best_words(begin[places], end[places], places)
    total = sum(masses.values())
    top = max((score for score, _, _ in best.values()), default=_LOWEST)
    gap = top - float(begin[0] + end[0])
    odds = float(weights[0]) * answers + float(weights[1]) * gap + float(weights[2])
    probability = 1.0 / (1.0 + np.exp(-np.clip(odds, -50, 50)))
    read = []
    for number in range(sentences):
        share = masses.get(number, 0.0) / total if total > 0 else 0.0
        words = _words(window, best[number]) if number in best else None
        read.append(SentenceReading(probability=float(probability * share), words=words))
    title = masses.get(_TITLE, 0.0) / total if total > 0 else 0.0
    return PassageReading(probability=float(probability), sentences=tuple(read), context=float(probability * title))


def _log_shares(logits: Floats, allowed: NDArray[np.bool_]) -> Floats:
    kept = np.where(allowed, logits.astype(np.float64), _LOWEST)
    kept -= kept.max()
    shares: Floats = (kept - np.log(np.exp(kept).sum())).astype(np.float32)
    return shares


def _best_words(begin: Floats, end: Floats, places: NDArray[np.intp]) -> tuple[float, int, int]:
    """Return the score, and the first and last piece, of the likeliest words inside one sentence."""
    found = (_LOWEST, int(places[0]), int(places[0]))
    for first in range(len(places)):
        stretch = end[first : first + _ANSWER]
        last = int(np.argmax(stretch))
        score = float(begin[first] + stretch[last])
        if score > found[0]:
            found = (score, int(places[first]), int(places[first + last]))
    return found


def _words(window: _Window, best: tuple[float, int, int]) -> Span | None:
    _, first, last = best
    start, stop = int(window.spans[first, 0]), int(window.spans[last, 1])
    return (start, stop) if start < stop else None


def _together(readings: Sequence[PassageReading]) -> PassageReading:
    """Return one reading of the windows of a passage: of each sentence the window in which it answers best."""
    if len(readings) == 1:
        return readings[0]
    columns = zip(*(reading.sentences for reading in readings), strict=True)
    return PassageReading(
        probability=max(reading.probability for reading in readings),
        sentences=tuple(max(column, key=lambda each: each.probability) for column in columns),
        context=max(reading.context for reading in readings),
    )
