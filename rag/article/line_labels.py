"""Which lines of a page are the article and which are furniture, by the shape of the lines.

Each line has a weight (`weights.py`): above zero it looks like a paragraph, below like furniture. The best path through
head, body, gap and tail (Viterbi) smooths them: a sub-heading between paragraphs stays, a block of links between them
goes, and so does a tail of links whose headlines end with "!".
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.article.lines import Line, read_lines
from rag.article.weights import Weights, weigh_lines

HEAD, BODY, GAP, TAIL = range(4)

# What a change of part costs, in the unit of the weights. A page has one head and one tail, so only the gaps inside
# an article are dear: a lone unpunctuated line (weight -1, a sub-heading) must not open one.
_CHANGES = {
    (HEAD, HEAD): 0.0, (HEAD, BODY): 0.0, (BODY, BODY): 0.0, (BODY, GAP): 1.5, (GAP, GAP): 0.0, (GAP, BODY): 1.5,
    (BODY, TAIL): 0.8, (TAIL, TAIL): 0.0,
}  # fmt: skip

# Where blank lines part the page into blocks, a gap of whole blocks costs less, so that no paragraph goes with the
# lists around it. Beginning and end together still cost more than a sub-heading (-1.2) would save.
_BLOCKWISE = 0.7

_SENTENCE = 8  # words
_BYLINE_DEPTH = 2  # paragraphs after which a byline may still come, under a standfirst that reads like one


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A text as lines, each with its part of the page: HEAD, BODY, GAP (furniture inside the article) or TAIL."""

    text: str
    lines: tuple[Line, ...]
    parts: tuple[int, ...]

    @property
    def head(self) -> tuple[Line, ...]:
        """The lines before the article."""
        return tuple(line for line, part in zip(self.lines, self.parts, strict=True) if part == HEAD)

    @property
    def bylines(self) -> tuple[Line, ...]:
        """The lines where author and date may stand: the head, and the furniture among the first paragraphs."""
        found: list[Line] = []
        paragraphs = 0
        for line, part in zip(self.lines, self.parts, strict=True):
            paragraphs += part == BODY and line.words >= _SENTENCE and line.prose_end == line.end  # no caption
            if part == HEAD or (part == GAP and paragraphs <= _BYLINE_DEPTH):
                found.append(line)
        return tuple(found)

    @property
    def furniture(self) -> tuple[Line, ...]:
        """The lines before, between and after those of the article."""
        return tuple(line for line, part in zip(self.lines, self.parts, strict=True) if part != BODY)

    @property
    def body(self) -> tuple[Line, ...]:
        """The article's own lines; empty where the text holds no prose."""
        return tuple(line for line, part in zip(self.lines, self.parts, strict=True) if part == BODY)


def read_page(text: str) -> Page:
    """Split a text into lines and say which part of the page each is."""
    lines = tuple(read_lines(text))
    weights = weigh_lines(lines)
    path = _best_path(lines, weights)
    parts = (GAP if known and part == BODY else part for known, part in zip(weights.known, path, strict=True))
    return Page(text=text, lines=lines, parts=_without_opener(lines, list(parts)))


def _without_opener(lines: tuple[Line, ...], parts: list[int]) -> tuple[int, ...]:
    """Leave out of the article a last short line that announces what did not come with it ("On air:")."""
    last = max((i for i, part in enumerate(parts) if part == BODY), default=-1)
    if 0 < last < len(lines) - 1 and lines[last].text.endswith(":") and lines[last].words < _SENTENCE:
        parts[last:] = [TAIL] * (len(parts) - last)
    return tuple(parts)


def _best_path(lines: tuple[Line, ...], weights: Weights) -> list[int]:
    """Return the parts of the best path: the weights of the lines in the body, less what the changes cost."""
    best = {HEAD: 0.0, BODY: 0.0}
    steps: list[dict[int, int]] = []
    for i, weight in enumerate(weights.values):
        reached: dict[int, tuple[float, int]] = {}
        for (before, after), cost in _CHANGES.items():
            if before not in best or (i == 0 and before != after):
                continue
            if weights.spaced and lines[i].gap and GAP in (before, after) and before != after:
                cost = _BLOCKWISE
            total = best[before] - cost + (weight if after == BODY else 0.0)
            if after not in reached or total > reached[after][0]:
                reached[after] = (total, before)
        best = {part: total for part, (total, _) in reached.items()}
        steps.append({part: before for part, (_, before) in reached.items()})
    if not steps:
        return []
    part = max((p for p in best if p != GAP), key=lambda p: best[p])
    path = []
    for step in reversed(steps):
        path.append(part)
        part = step[part]
    return path[::-1]
