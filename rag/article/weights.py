"""How much each line of a page looks like its article: above zero a paragraph, below zero furniture.

A line by itself says little: "Grenoble 38 °C" is a row of a table or a widget. So its neighbours count: the blank lines
that part a page into blocks, a line that announces a list, rows of one shape, questions and answers that alternate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from rag.article.article_tables import raise_tables
from rag.article.author import is_name, says_updated
from rag.article.blocks import is_spaced, page_blocks, raise_single, raise_verse
from rag.article.boilerplate import (
    TEASER,
    is_breadcrumb,
    is_keywords,
    known_furniture,
)
from rag.article.lines import HEADING, ITEM, LABEL, PARAGRAPH, Line
from rag.article.notices import is_notice
from rag.article.phrases import is_comments, opens_related, opens_summary
from rag.article.publishing import kinds_of
from rag.text.normalisation import fold

_SOME_ARTICLE = 3.0  # weight of one or two paragraphs: a heading of comments before them is a counter in the head
_BEGUN = 2.0  # weight of one paragraph: lists, tables and sub-headings come after it
_CUT = 25  # words of a line without an end that is longer than a headline
_LIST = 10  # lines of a list at most where only its end is marked by a blank line
_LINKS = 200  # lines looked at for the teasers of one announcement at most

_SENTENCE_INSIDE = re.compile(r"[.!?][”\"»“]?\s+[„“\"«»]?[^\W\d_a-zà-ÿ]")
_LINKS_ALONE = re.compile(r"^\W*(?:\[[^\[\]]*\]\([^()\s]*\)[\W_]*)+$")  # Markdown
_COMMENT = re.compile(r"\b(?:comment|coment|komment|koment)\w*")
_QUESTION = re.compile(r"\?[\"'”“»«)\]]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """For each line its weight, whether it is furniture by its own words or its block's, and whether it opens a block.

    `spaced` says whether blank lines part the paragraphs of the page and keep the lines of its lists together.
    """

    values: tuple[float, ...]
    known: tuple[bool, ...]
    spaced: bool


def weigh_lines(lines: tuple[Line, ...]) -> Weights:
    """Weigh the lines of a page. The weight of known furniture is 0: it says nothing of the lines around it."""
    spaced = is_spaced(lines)
    known = known_furniture(lines, spaced=spaced)
    values = [_weight(line) for line in lines]
    _lower_repeated(lines, values)
    _raise_cut(lines, values, known)
    _raise_lists(lines, values, known, spaced)
    raise_tables(lines, values, known, _begun(values), spaced=spaced)
    if spaced:
        _raise_headed(lines, values, known)
        raise_single(lines, values, known, _begun(values))
    raise_verse(lines, values, known, _begun(values))
    _raise_entries(lines, values, known)
    _raise_dialogue(lines, values, known)
    _lower_teasers(lines, values, known, spaced)
    _raise_headings(lines, values, known, spaced)
    _lower_comments(lines, values)
    values = [0.0 if sure else value for value, sure in zip(values, known, strict=True)]
    return Weights(values=tuple(values), known=tuple(known), spaced=spaced)


def _weight(line: Line) -> float:
    """Weigh one line by itself."""
    if opens_related(line.text):
        return -4.0
    if line.domain or is_breadcrumb(line) or is_keywords(line) or _LINKS_ALONE.match(line.text):
        return -3.0
    if line.ended:
        exclaimed = not re.search(r"\.[\"'”“»«)\]]*$", line.text[: line.prose_end - line.start])
        if exclaimed and line.words <= 20 and not _SENTENCE_INSIDE.search(line.text):
            return -0.3  # a headline may be a question, a cry or a quotation
        if line.words < 8:
            return 0.2
        return 1.0 + min(line.words, 80) / 20
    if line.text.endswith(";"):
        return 0.1  # a point of a list
    if line.text.endswith(":"):
        return 0.0 if line.words >= 4 else -0.5
    if line.text.endswith(",") and line.words <= 5:
        return 0.0  # a salutation
    if line.words >= 40:
        return 0.8
    if line.words >= 25 and _SENTENCE_INSIDE.search(line.text):
        return 0.0
    return -1.2 if line.words <= 3 else -1.0


def _lower_repeated(lines: tuple[Line, ...], values: list[float]) -> None:
    """Take what is said twice for links; of a paragraph, the first stays."""
    counts = Counter(line.key for line in lines if line.words >= 3)
    seen: set[str] = set()
    for i, line in enumerate(lines):
        if counts[line.key] > 1 and (line.key in seen or values[i] < 1):
            values[i] = min(values[i], -3.0)
        seen.add(line.key)
        # A link's text and its picture's: "VIDEO Headline", then "Headline".
        for other in range(i + 1, min(i + 4, len(lines))):
            same = line.key != lines[other].key and line.key.endswith(lines[other].key)
            if same and lines[other].words >= 4 and line.words <= 2 * lines[other].words and values[i] < 1:
                values[i] = values[other] = -3.0


def _begun(values: list[float]) -> list[bool]:
    """Say of each line whether some article stands before it."""
    begun: list[bool] = []
    article = 0.0
    for value in values:
        begun.append(article >= _BEGUN)
        article += value if value >= 1 else 0.0
    return begun


def _raise_cut(lines: tuple[Line, ...], values: list[float], known: list[bool]) -> None:
    """Keep a paragraph that breaks off before the offer to pay for the rest of it."""
    for i, line in enumerate(lines[:-1]):
        long = line.words >= _CUT or (line.words >= HEADING and _SENTENCE_INSIDE.search(line.text))
        if long and not (line.ended or known[i]) and is_notice(lines[i + 1].text):
            values[i] = max(values[i], 1.0)


def _raise_lists(lines: tuple[Line, ...], values: list[float], known: list[bool], spaced: bool) -> None:
    """Keep the points of a list that a sentence or a heading of the article announces."""
    begun = _begun(values)
    gaps = [i for i, line in enumerate(lines) if line.gap]
    announced = False
    marks: set[str] = set()  # the bullets of the article's lists so far
    end = 0  # of the list: the next blank line, or where only some lines are parted, none
    for i, line in enumerate(lines):
        unpunctuated = -1.2 <= values[i] < 0
        if announced and line.bullet and not line.text[0].isalnum():
            marks.add(line.text[0])
        if known[i] or opens_related(line.text):
            announced = False
        elif opens_summary(line.text) and (begun[i] or _says_much(lines, i + 1)):
            announced, end, values[i] = True, _list_end(lines, gaps, i, spaced), max(values[i], ITEM)
        elif line.text.endswith(":") and values[i] >= 0:
            announced, end = begun[i] or line.words >= 8 or _says_much(lines, i + 1), _list_end(lines, gaps, i, spaced)
        elif unpunctuated and line.bullet:
            values[i] = ITEM if announced or (begun[i] and line.text[0] in marks) else -0.4
        elif unpunctuated and announced and i < end:
            values[i] = ITEM
        else:
            announced = announced and values[i] < 1


def _says_much(lines: tuple[Line, ...], i: int) -> bool:
    """Say whether a line is too long for a menu, so that a list may stand before the first paragraph."""
    return i < len(lines) and lines[i].words >= 5


def _list_end(lines: tuple[Line, ...], gaps: list[int], opener: int, spaced: bool) -> int:
    """Return where a list ends that has no bullets: at the blank line after its points, or at once."""
    following = bisect_left(gaps, opener + 2)
    if following < len(gaps):
        end = gaps[following]
        return end if spaced or end - opener <= _LIST else opener
    return len(lines) if spaced else opener


def _raise_headed(lines: tuple[Line, ...], values: list[float], known: list[bool]) -> None:
    """Keep a list that stands in a block of its own under a heading in one: links keep their heading with them."""
    begun = _begun(values)
    for heading, points, after in zip(blocks := page_blocks(lines), blocks[1:], blocks[2:], strict=False):
        top, whole = lines[heading.start], range(heading.start, points.stop)
        alone = len(heading) == 1 and not top.ended and top.words <= HEADING and not opens_related(top.text)
        listed = 2 <= len(points) <= _LIST and all(-1.2 <= values[i] < 1 and not known[i] for i in whole)
        if begun[heading.start] and alone and listed and values[after.start] >= 1:
            for i in whole:
                values[i] = max(values[i], ITEM)


def _raise_entries(lines: tuple[Line, ...], values: list[float], known: list[bool]) -> None:
    """Keep the entries of a live blog: a paragraph under a time, with its author or its heading between them."""
    entries: list[tuple[int, int]] = []
    since: int | None = None  # lines under a time, without a blank line
    for i, line in enumerate(lines):
        since = i if line.stamp else None if line.gap else since
        if since is not None and i > since and line.ended and line.words >= 8 and not known[i] and values[i] > 0:
            if i - since <= 3:
                entries.append((since, i))
            since = None
    if len(entries) >= 3:
        for stamp, entry in entries:
            values[entry] += 1.0
            for i in range(stamp + 1, entry):
                if not known[i] and -1.2 <= values[i] < 0:
                    values[i] = ITEM


def _raise_dialogue(lines: tuple[Line, ...], values: list[float], known: list[bool]) -> None:
    """Keep the questions and answers of an interview, however short they are."""
    begun = _begun(values)
    asked = [
        i
        for i, line in enumerate(lines[:-1])
        if begun[i] and not known[i] and not known[i + 1] and _QUESTION.search(line.text) and _answers(lines[i + 1])
    ]
    if len(asked) >= 2:
        for i in asked:
            values[i], values[i + 1] = max(values[i], 0.4), max(values[i + 1], 0.6)
    speakers = [
        match.group("label") or match.group("letter") if (match := LABEL.match(line.text)) else "" for line in lines
    ]
    turns = {name: times for name, times in Counter(speakers).items() if name and times >= 2}
    if len(turns) >= 2 and sum(turns.values()) >= 4:
        for i, name in enumerate(speakers):
            if name in turns and begun[i] and not known[i] and (lines[i].ended or values[i] >= 0):
                values[i] = max(values[i], 0.8)


def _answers(line: Line) -> bool:
    return line.ended and not _QUESTION.search(line.text)


def _lower_teasers(lines: tuple[Line, ...], values: list[float], known: list[bool], spaced: bool) -> None:
    """Take short paragraphs for teasers where, after links were announced, they alternate with headlines."""
    for opener, line in enumerate(lines):
        if not opens_related(line.text) or (spaced and known[opener]):
            continue
        teasers: list[int] = []
        at = opener + 1
        end = min(len(lines), at + _LINKS)
        while at + 1 < end and values[at] < 0:
            while at + 1 < end and values[at] < 0:
                at += 1
            headed = lines[at - 1].words >= 4  # shorter ones are sub-headings
            if values[at] > 0 and headed and not known[at] and lines[at].words <= TEASER:
                teasers.append(at)
                at += 1
        # One paragraph after one headline may be the article, going on after a block; so may be what two
        # paragraphs in a row end.
        if len(teasers) >= 2 and not (at < len(lines) and values[at] > 0 and not known[at]):
            for teaser in teasers:
                values[teaser] = -0.5


def _raise_headings(lines: tuple[Line, ...], values: list[float], known: list[bool], spaced: bool) -> None:
    """Keep a sub-heading at the edge of furniture: a short line that opens a block, with a paragraph under it."""
    begun = _begun(values)
    beside = {i + 1 for i, line in enumerate(lines) if known[i] and is_name(line.text)}  # the author of an entry
    lone = False  # in links that stand in blocks of their own, under a heading
    for i, line in enumerate(lines[:-1]):
        lone = (lone and values[i] < 1) or (opens_related(line.text) and not known[i])
        dated = i > 0 and lines[i - 1].stamp and says_updated(lines[i - 1].text)  # a place stands there
        told = lone and not (spaced or known[i]) and values[i] == -1 and values[i + 1] >= 1 and _is_told(lines, i)
        short = not line.ended or bool(_QUESTION.search(line.text))
        opens = (spaced and line.gap) or (i > 0 and known[i - 1] and (spaced or lines[i - 1].stamp or i in beside))
        if told or (
            begun[i] and short and opens and not (dated or known[i] or lone or known[i + 1]) and -1.2 <= values[i] < 0
            and line.words <= HEADING and (values[i + 1] >= 1 or values[i + 1] == ITEM) and line.prose_end == line.end
        ):  # fmt: skip
            values[i] = ITEM


def _is_told(lines: tuple[Line, ...], i: int) -> bool:
    """Say whether the next two paragraphs tell what a line says: a sub-heading rather than the last of the links."""
    stems = {word[:5] for word in lines[i].key.split() if len(word) >= 5}
    following = {word[:5] for line in lines[i + 1 : i + 3] for word in line.key.split()}
    return len(stems) >= 2 and stems <= following


def _on_commenting(line: Line) -> bool:
    """Say whether a line tells visitors of their comments: "Your comment will appear under your name"."""
    own = not line.ended and line.words <= HEADING and "visitor" in kinds_of(line.text)
    return own and _COMMENT.search(fold(line.text)) is not None


def _lower_comments(lines: tuple[Line, ...], values: list[float]) -> None:
    """After the heading of the comments nothing belongs to the article, once there was one."""
    article = 0.0
    for i, line in enumerate(lines):
        if article >= _SOME_ARTICLE and (is_comments(line.text) or _on_commenting(line)):
            after = lines[i + 1 : i + 2]
            if not (after and after[0].ended and after[0].words >= PARAGRAPH and not is_notice(after[0].text)):
                values[i:] = [min(value, -1.0) for value in values[i:]]
                return
        article += max(values[i], 0)
