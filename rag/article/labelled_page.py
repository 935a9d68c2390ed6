"""A page as lines, each with the probabilities of what it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.article.byline import is_dateline
from rag.article.cues import line_cues
from rag.article.labeller import AUTHOR, BODY, DATE, TITLE, load_labeller
from rag.article.lines import Line, read_lines
from rag.records import Span

_NEAR = 12  # lines
_UNLIKELY, _LIKELY = 0.05, 0.9  # of a line that is a place and a date
_ABOVE = 1.5  # times as far a line above the headline counts

_CHANGE = 0.4
"""What it costs to change between article and boilerplate, in log-odds: a lone line among others needs to be surer.
Chosen on sites that were not trained on: F1 of scrapes .904 to .918 for .891, and .951 to .957 for .947 without it."""


@dataclass(frozen=True, slots=False, kw_only=True)
class Page:
    """A text as lines with probabilities: ``(lines, 4)``, columns as in `rag.article.labeller`."""

    text: str
    lines: tuple[Line, ...]
    chances: NDArray[np.float32]

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which lines are the article's text."""
        return best_path(self.chances[:, BODY])

    @property
    def body(self) -> tuple[Line, ...]:
        """The article's own lines; empty where the text holds no prose."""
        return tuple(line for line, keep in zip(self.lines, self.kept, strict=True) if keep)

    @property
    def boilerplate(self) -> tuple[Line, ...]:
        """The lines before, between and after those of the article."""
        return tuple(line for line, keep in zip(self.lines, self.kept, strict=True) if not keep)

    @property
    def head(self) -> tuple[Line, ...]:
        """The lines before the article."""
        first = int(np.argmax(self.kept)) if self.kept.any() else len(self.lines)
        return self.lines[:first]

    def nearness(self, index: int, place: Span | None) -> float:
        """Return how near the headline at `place` a line is, from 1 (beside it) to 0; -1 after the article's end."""
        if place is None:
            return 0.0
        kept = np.flatnonzero(self.kept)
        if len(kept) and index > kept[-1]:
            return -1.0
        title = next((i for i, line in enumerate(self.lines) if line.end > place[0]), 0)
        distance = index - title if index >= title else _ABOVE * (title - index)
        return max(0.0, 1 - distance / _NEAR)

    def chance(self, index: int, what: int) -> float:
        """Return the probability that a line is a headline (`TITLE`), names the author or gives the date."""
        return float(self.chances[index, what])


def best_path(chances: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which lines are text on the most probable path through a page, where each change costs (Viterbi).

    Example:
        >>> best_path(np.array([0.1, 0.55, 0.1, 0.9, 0.45, 0.9], dtype=np.float32)).tolist()
        [False, False, False, True, True, True]
    """
    kept = np.zeros(len(chances), dtype=np.bool_)
    if not len(chances):
        return kept
    safe = np.clip(chances.astype(np.float64), 1e-6, 1 - 1e-6)
    out, inside = 0.0, 0.0  # the best sums of log-odds of paths that end outside and inside the article
    came: list[tuple[bool, bool]] = []  # whether each of the two came from inside
    for odds in np.log(safe / (1 - safe)).tolist():
        came.append((inside - _CHANGE > out, inside >= out - _CHANGE))
        out, inside = max(out, inside - _CHANGE), max(inside, out - _CHANGE) + odds
    state = inside > out
    for index in range(len(chances) - 1, -1, -1):
        kept[index] = state
        state = came[index][int(state)]
    return kept


def read_page(text: str) -> Page:
    """Split a text into lines and label each."""
    lines = tuple(read_lines(text))
    chances = load_labeller("text.").probabilities([line.plain for line in lines], line_cues(lines))
    return Page(text=text, lines=lines, chances=_with_datelines(lines, chances))


def _with_datelines(lines: tuple[Line, ...], chances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities in which a place and a date below a headline are neither a headline nor text."""
    near = [at for at in range(1, min(len(lines), _NEAR)) if is_dateline(lines[at].text)]
    if not near:
        return chances
    told = chances.copy()
    for at in near:
        above = float(chances[max(0, at - 3) : at, TITLE].max())
        if above >= chances[at, TITLE] or "," in lines[at].text:
            told[at, (BODY, TITLE)] = _UNLIKELY
            told[at, DATE] = max(told[at, DATE], _LIKELY)
    return told


__all__ = ["AUTHOR", "BODY", "DATE", "TITLE", "Page", "best_path", "read_page"]
