"""Which lines of a page are the article and which are furniture, by the shape of the lines.

Each line gets a weight: above zero it looks like a paragraph (it closes like a sentence and is long), below like
furniture (unpunctuated, a time, an address, said twice, a phrase by which furniture announces itself). The best
path through head, body, gap and tail (Viterbi) then smooths the weights: a sub-heading between paragraphs stays, a
block of links between them goes, and so does a tail of links whose headlines end with "!".
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag.indexing.bylines import byline_author
from rag.indexing.dates import without_dates
from rag.indexing.lines import Line, read_lines
from rag.indexing.phrases import is_bar, is_comments, is_notice, is_related_link, opens_related

HEAD, BODY, GAP, TAIL = range(4)

# What a change of part costs, in the unit of the weights. A page has one head and one tail, so only the gaps inside
# an article are dear: a lone unpunctuated line (weight -1, a sub-heading) must not open one.
_CHANGES = {
    (HEAD, HEAD): 0.0, (HEAD, BODY): 0.0, (BODY, BODY): 0.0, (BODY, GAP): 1.5, (GAP, GAP): 0.0, (GAP, BODY): 1.5,
    (BODY, TAIL): 0.8, (TAIL, TAIL): 0.0,
}  # fmt: skip

_SOME_ARTICLE = 3.0  # weight of one or two paragraphs: a heading of comments before them is a counter in the head
_BYLINE_DEPTH = 2  # paragraphs after which a byline may still come, under a standfirst that reads like one

_BREADCRUMB = re.compile(r"^[^!?:]{2,40}\s[»>›/]\s.{2,}")
_SEPARATORS = re.compile(r"\s[-–—|•·/]\s|\s?[|•·]\s?")
_SENTENCE_INSIDE = re.compile(r"[.!?][”\"»“]?\s+[„“\"«»]?[^\W\d_a-zà-ÿ]")


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
            paragraphs += part == BODY
            if part == HEAD or (part == GAP and paragraphs <= _BYLINE_DEPTH):
                found.append(line)
        return tuple(found)

    @property
    def body(self) -> tuple[Line, ...]:
        """The article's own lines; empty where the text holds no prose."""
        return tuple(line for line, part in zip(self.lines, self.parts, strict=True) if part == BODY)


def read_page(text: str) -> Page:
    """Split a text into lines and say which part of the page each is."""
    lines = tuple(read_lines(text))
    explicit = [_says_furniture(line) for line in lines]
    weights = [0.0 if known else weight for known, weight in zip(explicit, _weights(lines), strict=True)]
    path = _best_path(weights)
    parts = (GAP if known and part == BODY else part for known, part in zip(explicit, path, strict=True))
    return Page(text=text, lines=lines, parts=tuple(parts))


def is_breadcrumb(line: Line) -> bool:
    """Say whether a line is a path of links: Home » News » Title."""
    return bool(_BREADCRUMB.match(line.text)) and any(mark in line.text for mark in ("»", " > ", "›"))


def is_keywords(line: Line) -> bool:
    """Say whether a line is names or links strung together by separators, as in alternative texts and menus."""
    count = len(_SEPARATORS.findall(line.text))
    return not line.ended and count >= 2 and line.words <= 4 * (count + 1)


def _says_furniture(line: Line) -> bool:
    """Say whether a line is furniture by its own words, wherever it stands; the lines around it go by themselves."""
    return (
        line.stamp
        or is_bar(line.text)
        or (line.words <= 8 and byline_author(without_dates(line.text)) is not None)
        or (line.words <= 60 and is_notice(line.text))
        or (not line.ended and is_related_link(line.text))
    )


def _weights(lines: tuple[Line, ...]) -> list[float]:
    weights = [_weight(line) for line in lines]
    counts = Counter(line.key for line in lines if line.words >= 3)
    seen: set[str] = set()
    for i, line in enumerate(lines):
        if counts[line.key] > 1 and (line.key in seen or weights[i] < 1):
            weights[i] = min(weights[i], -3.0)  # said twice: of a paragraph, the first stays
        seen.add(line.key)
        # A link's text and its picture's: "VIDEO Headline", then "Headline".
        for other in range(i + 1, min(i + 4, len(lines))):
            if lines[other].words >= 4 and line.key != lines[other].key and line.key.endswith(lines[other].key):
                weights[i] = weights[other] = -3.0
    _lower_lists(lines, weights)
    _lower_teasers(lines, weights)
    _lower_comments(lines, weights)
    return weights


def _weight(line: Line) -> float:
    """Weigh one line by itself."""
    if opens_related(line.text):
        return -4.0
    if line.domain or is_breadcrumb(line) or is_keywords(line):
        return -3.0
    if line.ended:
        exclaimed = not re.search(r"\.[\"'”“»«)\]]*$", line.text[: line.prose_end - line.start])
        if exclaimed and line.words <= 20 and not _SENTENCE_INSIDE.search(line.text):
            return -0.3  # a headline may be a question, a cry or a quotation
        return 1.0 + min(line.words, 80) / 20 if line.words >= 8 else 0.2
    if line.text.endswith(";"):
        return 0.1  # a point of a list
    if line.text.endswith(":"):
        return 0.0 if line.words >= 4 else -0.5
    if line.words >= 40:
        return 0.8
    if line.words >= 25 and _SENTENCE_INSIDE.search(line.text):
        return 0.0
    return -1.2 if line.words <= 3 else -1.0


def _lower_lists(lines: tuple[Line, ...], weights: list[float]) -> None:
    """Keep the points of a list that a sentence of the article announces."""
    announced = False
    for i, line in enumerate(lines):
        if line.bullet and -1.2 <= weights[i] < 0:
            weights[i] = 0.1 if announced else -0.4
        else:
            announced = line.text.endswith(":") and weights[i] >= 0


def _lower_teasers(lines: tuple[Line, ...], weights: list[float]) -> None:
    """Take short paragraphs for teasers where, after links were announced, they alternate with headlines."""
    for opener, line in enumerate(lines):
        if not opens_related(line.text):
            continue
        teasers: list[int] = []
        at = opener + 1
        while at + 1 < len(lines) and weights[at] < 0:
            while at + 1 < len(lines) and weights[at] < 0:
                at += 1
            if weights[at] > 0 and lines[at].words <= 40:
                teasers.append(at)
                at += 1
        if len(teasers) >= 2:  # one paragraph after one headline may be the article, going on after a block
            for teaser in teasers:
                weights[teaser] = -0.5


def _lower_comments(lines: tuple[Line, ...], weights: list[float]) -> None:
    """After the heading of the comments nothing belongs to the article, once there was one."""
    article = 0.0
    for i, line in enumerate(lines):
        if article >= _SOME_ARTICLE and is_comments(line.text):
            weights[i:] = [min(weight, -1.0) for weight in weights[i:]]
            return
        article += max(weights[i], 0)


def _best_path(weights: list[float]) -> list[int]:
    """Return the parts of the best path: the weights of the lines in the body, less what the changes cost."""
    best = {HEAD: 0.0, BODY: 0.0}
    steps: list[dict[int, int]] = []
    for i, weight in enumerate(weights):
        reached: dict[int, tuple[float, int]] = {}
        for (before, after), cost in _CHANGES.items():
            if before not in best or (i == 0 and before != after):
                continue
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
