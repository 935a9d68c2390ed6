"""The contextual encoder: a small transformer that gives every word a vector where it stands, run by ONNX Runtime.

One forward pass of a passage, with its article's title and date before it, gives the vector of the passage and one for
each of its sentences: the mean over the pieces of each.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import EncoderIdentity, Floats, unit
from rag.encoding.onnx_model import (
    CONTEXTUAL,
    PADDING,
    START,
    STOP,
    available_threads,
    fingerprint,
    open_model,
    read_dimension,
)
from rag.errors import EncoderError
from rag.records import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

NAME = "izvor-contextual"

_log = logging.getLogger(__name__)

_GRAPH = "encoder.onnx"
_QUESTION, _PASSAGE = "query: ", "passage: "  # what the model was trained with: intfloat/multilingual-e5-small
_WINDOW = 512  # pieces that the model reads at once
_CONTEXT = 96  # of them for title and date: a longer title is cut, as it is only context here
_BATCH = 2048  # pieces in a forward pass, padding included: 100 MB of activations


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A passage to be encoded: its words, where its sentences stand in them, and what its article says before it."""

    text: str
    sentences: tuple[Span, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """The vectors of a passage ``(dim,)`` and of its sentences ``(m, dim)``, of unit length.

    A sentence without pieces has a vector of zeros.
    """

    vector: Floats
    sentences: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Window:
    """Pieces that are read together: of which text, and to which of its sentences each belongs (-1: to none)."""

    text: int
    ids: NDArray[np.int64]
    owners: NDArray[np.int64]


class ContextualEncoder:
    """Encodes questions and passages; safe to share between threads.

    Args:
        folder: of the model.
        threads: of a forward pass over passages; one question is encoded on one thread.

    Raises:
        EncoderError: a file of the model is missing or damaged.
    """

    def __init__(self, folder: Path | None = None, *, threads: int | None = None) -> None:
        folder = folder or CONTEXTUAL
        self._model = open_model(folder)
        self._threads = threads or available_threads()
        self._identity = EncoderIdentity(
            model=NAME,
            fingerprint=contextual_fingerprint(folder),
            dimension=self._model.dimension,
            max_tokens=0,  # a longer text is read in windows
            query_prompt=_QUESTION,
            passage_prompt=_PASSAGE,
        )
        _ = self._one_thread  # a damaged graph is noticed now

    @property
    def identity(self) -> EncoderIdentity:
        """Say what model this is."""
        return self._identity

    def count_tokens(self, text: str) -> int:
        """Count a text in the model's pieces, without special ones and prompts."""
        return len(self._model.cut(text).ids)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Encode questions to ``(n, dim)`` unit rows; one longer than the model reads is averaged over windows."""
        asked = [Text(text=text) for text in texts]
        encoded = self._encode(asked, _QUESTION, self._one_thread)
        return np.stack([each.vector for each in encoded]) if encoded else self._nothing

    def encode_passages(self, texts: Sequence[str], *, titles: Sequence[str] = (), progress: bool = False) -> Floats:
        """Encode passages to ``(n, dim)`` unit rows, each with its title as context."""
        given = [Text(text=text, context=title) for text, title in zip(texts, titles or [""] * len(texts), strict=True)]
        encoded = self.read(given)
        return np.stack([each.vector for each in encoded]) if encoded else self._nothing

    def read(self, texts: Sequence[Text]) -> list[Encoded]:
        """Encode passages and their sentences, equal ones once."""
        places: dict[Text, int] = {}
        numbers = [places.setdefault(text, len(places)) for text in texts]
        encoded = self._encode(list(places), _PASSAGE, self._many_threads)
        return [encoded[number] for number in numbers]

    def _encode(self, texts: Sequence[Text], prompt: str, session: InferenceSession) -> list[Encoded]:
        windows = [window for number, text in enumerate(texts) for window in self._windows(number, text, prompt)]
        sums = np.zeros((len(texts), self._model.dimension), np.float32)
        sentences = [np.zeros((len(text.sentences), self._model.dimension), np.float32) for text in texts]
        for batch in _batches(windows):
            for window, hidden in zip(batch, self._hidden(batch, session), strict=True):
                sums[window.text] += hidden.sum(axis=0)  # of a mean only the direction is kept
                inside = window.owners >= 0
                np.add.at(sentences[window.text], window.owners[inside], hidden[inside])
        return [Encoded(vector=vector, sentences=unit(own)) for vector, own in zip(unit(sums), sentences, strict=True)]

    def _hidden(self, batch: Sequence[_Window], session: InferenceSession) -> Iterator[Floats]:
        longest = max(len(window.ids) for window in batch)
        ids = np.full((len(batch), longest), PADDING, np.int64)
        mask = np.zeros((len(batch), longest), np.int64)
        for row, window in enumerate(batch):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        (hidden,) = session.run(["hidden"], {"embeddings": self._model.vectors(ids), "mask": mask})
        for row, window in enumerate(batch):
            yield hidden[row, : len(window.ids)]

    def _windows(self, number: int, text: Text, prompt: str) -> Iterator[_Window]:
        """Cut a text into windows, between sentences where it can be; nothing of it is left out."""
        before = self._model.cut(prompt + text.context).ids[:_CONTEXT]
        pieces = self._model.cut(text.text)
        owners = piece_owners(pieces.spans, text.sentences)
        room = _WINDOW - len(before) - 2
        first = 0
        while True:
            last = min(first + room, len(pieces.ids))
            if last < len(pieces.ids):
                begins = np.flatnonzero(np.diff(owners[first : last + 1])) + first + 1
                last = int(begins[-1]) if len(begins) else last
            yield _Window(
                text=number,
                ids=np.concatenate([[START], before, pieces.ids[first:last], [STOP]]),
                owners=np.concatenate([np.full(1 + len(before), -1), owners[first:last], [-1]]),
            )
            first = last
            if first >= len(pieces.ids):
                return

    @property
    def _nothing(self) -> Floats:
        return np.zeros((0, self._model.dimension), np.float32)

    @cached_property
    def _one_thread(self) -> InferenceSession:
        return self._model.open_graph(_GRAPH, threads=1)

    @cached_property
    def _many_threads(self) -> InferenceSession:
        return self._one_thread if self._threads == 1 else self._model.open_graph(_GRAPH, threads=self._threads)


def find_contextual() -> tuple[str, int]:
    """Return fingerprint and dimension of the model that ships, without loading it; ("", 0) where it cannot be used."""
    folder = CONTEXTUAL
    try:
        return contextual_fingerprint(folder), read_dimension(folder)
    except EncoderError as error:
        _log.warning("%s; passages are found and ranked by the table alone", error)
        return "", 0


def load_contextual(wanted: str, place: str) -> ContextualEncoder | None:
    """Load the model that an index was made for; where that is not there, say so once and return None.

    Args:
        wanted: its fingerprint; "" is none.
        place: the index, for messages.
    """
    if not wanted:
        return None
    try:
        encoder = ContextualEncoder()
    except EncoderError as error:
        _log.warning("%s; passages are found and ranked by the table alone", error)
        return None
    if encoder.identity.fingerprint != wanted:
        _log.warning(
            "index at %r was built with contextual model %s; the model is now %s. Passages are found and ranked by the"
            " table alone. Run: rag index FOLDER --rebuild",
            *(place, wanted[:12], encoder.identity.fingerprint[:12]),
        )
        return None
    return encoder


@cache
def contextual_fingerprint(folder: Path) -> str:
    """Return what identifies the model of a folder, read once per process.

    Raises:
        EncoderError: a file is missing.
    """
    return fingerprint(folder, _GRAPH)


def context_line(title: str, published: date | None, *, before: str = "") -> str:
    """Return what an article says of a passage of it: title and date; a title that the passage begins with is left out.

    Example:
        >>> context_line("Pace la Paris", date(2026, 1, 7))
        'Pace la Paris. 2026-01-07'
    """
    said = "" if title and before.lstrip().startswith(title) else title.strip()
    day = published.strftime("%Y-%m-%d") if published is not None else ""
    return f"{said}{'' if said.endswith(('.', '!', '?', '…')) else '.'} {day}".strip(" .") if said else day


def piece_owners(spans: NDArray[np.int64], sentences: Sequence[Span]) -> NDArray[np.int64]:
    """Return the number of the sentence in which each piece ends, -1 for none; a piece may begin with a space."""
    if not sentences:
        return np.full(len(spans), -1, np.int64)
    starts = np.array([start for start, _ in sentences], np.int64)
    ends = np.array([end for _, end in sentences], np.int64)
    at = spans[:, 1] - 1
    owners = np.searchsorted(starts, at, side="right") - 1
    return np.where((owners >= 0) & (at < ends[np.maximum(owners, 0)]), owners, -1)


def _batches(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Yield windows of about equal length together, as many as are read at once."""
    batch: list[_Window] = []
    for window in sorted(windows, key=lambda window: len(window.ids)):
        if batch and (len(batch) + 1) * len(window.ids) > _BATCH:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
