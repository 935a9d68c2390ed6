"""How much each line of a page looks like its article: above zero a paragraph, below zero furniture.

A line by itself says little: "Grenoble 38 °C" is a row of a table or a widget. So its neighbours count: the blank lines
that part a page into blocks, a line that announces a list, rows of one shape, questions and answers that alternate.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rag.indexing.bylines import byline_author, is_name
from rag.indexing.dates import without_dates
from rag.indexing.lines import Line
from rag.indexing.notices import hints_notice, is_notice
from rag.indexing.phrases import is_bar, is_comments, is_form, is_related_link, opens_related, opens_summary

_SOME_ARTICLE = 3.0  # weight of one or two paragraphs: a heading of comments before them is a counter in the head
_BEGUN = 2.0  # weight of one paragraph: lists, tables and sub-headings come after it
_LIST = 10  # lines of a list at most where only its end is marked by a blank line
_PARAGRAPH = 15  # words from which a line that ends like a sentence is a paragraph by itself
_SHORT = 25  # words of a line in a box that asks for an address at most
_TEASER = 40  # words up to which a paragraph may be the summary of another story
_HEADING = 12  # words of a sub-heading at most
_BOX = 8  # lines of a box that asks for an address at most
_ITEM = 0.1  # weight of a point of the article's own list: it neither opens a body nor closes one

_BREADCRUMB = re.compile(r"^[^!?:]{2,40}\s[»>›/]\s.{2,}")
_SEPARATORS = re.compile(r"\s[-–—|•·/]\s|\s?[|•·]\s?")
_SENTENCE_INSIDE = re.compile(r"[.!?][”\"»“]?\s+[„“\"«»]?[^\W\d_a-zà-ÿ]")
_RANK = re.compile(r"^\d{1,3}[.)]?\s+(?=[^\W\d_a-zà-ÿ«»„“\"‘])")
_LABEL = re.compile(r"^(?P<label>[^\W\d_][^:.?!|]{0,40}):\s\S|^(?P<letter>[^\W\d_]{1,9})\.\s+(?=[^\W\d_a-zà-ÿ¿¡(“„«])")
_FIGURE = re.compile(r"\w*\d\w*")
_QUANTITY = re.compile(r"\d[\d.,]*\s?[%€]?\s*[a-zà-ÿ:]")
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
    spaced = _is_spaced(lines)
    known = [_says_furniture(line) for line in lines]
    _know_names(lines, known)
    _know_between(lines, known)
    if spaced:
        _know_blocks(lines, known)
    values = [_weight(line) for line in lines]
    _lower_repeated(lines, values)
    _raise_cut(lines, values, known)
    _raise_lists(lines, values, known, spaced)
    _raise_tables(lines, values, known, spaced)
    _raise_dialogue(lines, values, known)
    _lower_teasers(lines, values, known, spaced)
    _raise_headings(lines, values, known, spaced)
    _lower_comments(lines, values)
    values = [0.0 if sure else value for value, sure in zip(values, known, strict=True)]
    return Weights(values=tuple(values), known=tuple(known), spaced=spaced)


def is_breadcrumb(line: Line) -> bool:
    """Say whether a line is a path of links: Home » News » Title."""
    return bool(_BREADCRUMB.match(line.text)) and any(mark in line.text for mark in ("»", " > ", "›"))


def is_keywords(line: Line) -> bool:
    """Say whether a line is names or links strung together by separators, as in alternative texts and menus."""
    count = len(_SEPARATORS.findall(line.text))
    if not count:
        return len(re.findall(r"\S\s{2,}(?=\S)", line.text)) >= 2 and not line.ended
    return not line.ended and count >= 2 and line.words <= 4 * (count + 1)


def _says_furniture(line: Line) -> bool:
    """Say whether a line is furniture by its own words, wherever it stands; the lines around it go by themselves."""
    return (
        line.stamp
        or is_bar(line.text)
        or is_form(line.text)
        or (line.words <= 8 and byline_author(without_dates(line.text)) is not None)
        or is_notice(line.text)
        or (not line.ended and is_related_link(line.text))
    )


def _know_names(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take a name beside a time for the byline of an entry, in a live blog and under a comment."""
    for i, line in enumerate(lines):
        beside = lines[max(i - 1, 0) : i] + lines[i + 1 : i + 2]
        if not line.ended and any(other.stamp for other in beside) and is_name(line.text):
            known[i] = True


def _know_between(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take the one or two short lines between a notice and the form under it: what one is to subscribe to."""
    asking = [i for i, line in enumerate(lines) if is_form(line.text) or is_notice(line.text)]
    for first, second in pairwise(asking):
        between = range(first + 1, second)
        if len(between) <= 2 and is_form(lines[second].text) and all(lines[i].words <= _SHORT for i in between):
            for i in between:
                known[i] = True


def _know_blocks(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Let what announces itself take its whole block: links under their heading, a box around a form or a notice."""
    for block in _blocks(lines):
        for i in block[:-1]:
            if opens_related(lines[i].text):
                for other in range(i, block.stop):
                    if lines[other].ended and lines[other].words > _TEASER:
                        break
                    known[other] = True
        forms = [i for i in block if is_form(lines[i].text) or is_notice(lines[i].text)]
        prose = [i for i in block if i not in forms and lines[i].ended and lines[i].words >= _PARAGRAPH]
        if forms and len(block) <= _BOX and len(prose) <= 1 and not any(lines[i].words > _TEASER for i in prose):
            asks = any(is_form(lines[i].text) for i in forms)
            if asks or 3 * len(forms) >= len(block):
                for i in block:
                    known[i] = True


def _is_spaced(lines: tuple[Line, ...]) -> bool:
    """Say whether blank lines part the paragraphs, on one side at least, and do not part every line."""
    apart, paragraphs, joined, others = 0, 0, 0, 0
    for i, line in enumerate(lines):
        if line.ended and line.words >= _PARAGRAPH:
            paragraphs += 1
            apart += line.gap or i + 1 == len(lines) or lines[i + 1].gap
        else:
            others += 1
            joined += not line.gap
    return paragraphs >= 2 and apart >= 0.6 * paragraphs and joined >= 0.25 * others


def _blocks(lines: tuple[Line, ...]) -> list[range]:
    starts = [i for i, line in enumerate(lines) if i == 0 or line.gap]
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


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
        if line.words < 8:
            return 0.2
        return -0.6 if hints_notice(line.text) else 1.0 + min(line.words, 80) / 20
    if line.text.endswith(";"):
        return 0.1  # a point of a list
    if line.text.endswith(":"):
        return 0.0 if line.words >= 4 else -0.5
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
            if lines[other].words >= 4 and line.key != lines[other].key and line.key.endswith(lines[other].key):
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
        cut = not line.ended and line.words >= _HEADING and _SENTENCE_INSIDE.search(line.text)
        if cut and not known[i] and is_notice(lines[i + 1].text):
            values[i] = max(values[i], 1.0)


def _raise_lists(lines: tuple[Line, ...], values: list[float], known: list[bool], spaced: bool) -> None:
    """Keep the points of a list that a sentence or a heading of the article announces."""
    begun = _begun(values)
    announced = False
    end = 0  # of the list: the next blank line, or where only some lines are parted, none
    for i, line in enumerate(lines):
        unpunctuated = -1.2 <= values[i] < 0
        if known[i] or opens_related(line.text):
            announced = False
        elif opens_summary(line.text) and (begun[i] or (i + 1 < len(lines) and lines[i + 1].words >= 5)):
            announced, end, values[i] = True, _list_end(lines, i, spaced), max(values[i], _ITEM)
        elif line.text.endswith(":") and values[i] >= 0:
            announced, end = begun[i] or line.words >= 4, _list_end(lines, i, spaced)
        elif unpunctuated and line.bullet:
            values[i] = _ITEM if announced else -0.4
        elif unpunctuated and announced and i < end:
            values[i] = _ITEM
        else:
            announced = announced and values[i] < 1


def _list_end(lines: tuple[Line, ...], opener: int, spaced: bool) -> int:
    """Return where a list ends that has no bullets: at the blank line after its points, or at once."""
    for i in range(opener + 2, len(lines)):
        if lines[i].gap:
            return i if spaced or i - opener <= _LIST else opener
    return len(lines) if spaced else opener


def _raise_tables(lines: tuple[Line, ...], values: list[float], known: list[bool], spaced: bool) -> None:
    """Keep rows of one shape inside the article, two at least, with the heading right above them."""
    begun = _begun(values)
    rows = [begun[i] and not known[i] and _is_row(line) for i, line in enumerate(lines)]
    for i in range(1, len(lines) - 1):  # a row without a figure among others
        rows[i] = rows[i] or (rows[i - 1] and rows[i + 1] and not known[i] and not lines[i].ended)
    start = 0
    while start < len(lines):
        stop = start
        while stop < len(lines) and rows[stop] and not (spaced and stop > start and lines[stop].gap):
            stop += 1
        # Rows right under furniture are its own: a count of pictures, what a subscription costs.
        beneath = start > 0 and known[start - 1] and not (lines[start].gap or lines[start - 1].stamp)
        if stop - start >= 2 and not beneath:
            values[start:stop] = [max(value, 0.3) for value in values[start:stop]]
            above = start - 1
            while above >= max(start - 2, 1) and begun[above] and not known[above] and -1.2 <= values[above] < 0:
                if spaced and lines[above + 1].gap and lines[above].words > _HEADING:
                    break
                values[above] = _ITEM
                above -= 1
        start = max(stop, start + 1)


def _is_row(line: Line) -> bool:
    """Say whether a line has the shape of a table's row: cells, figures in good part, or a quantity in front."""
    if line.stamp or line.words > 30 or is_bar(line.text):
        return False
    if line.text.count("|") >= 2 or "\t" in line.text.strip():
        return True
    rest = without_dates(_RANK.sub("", line.text))
    figures = len(_FIGURE.findall(rest))
    return figures > 0 and (
        figures >= 0.2 * max(line.words, 1) or bool(re.match(r"\d[\d.,]*\s?[%€]?\s*[a-zà-ÿ:]", rest))
    )


def _raise_dialogue(lines: tuple[Line, ...], values: list[float], known: list[bool]) -> None:
    """Keep the questions and answers of an interview, however short they are."""
    begun = _begun(values)
    asked = [
        i
        for i, line in enumerate(lines[:-1])
        if begun[i] and not known[i] and not known[i + 1] and _QUESTION.search(line.text) and _answers(lines[i + 1])
    ]
    if len(asked) >= 3:
        for i in asked:
            values[i], values[i + 1] = max(values[i], 0.4), max(values[i + 1], 0.6)
    speakers = [
        match.group("label") or match.group("letter") if (match := _LABEL.match(line.text)) else "" for line in lines
    ]
    turns = {name: speakers.count(name) for name in set(speakers) if name and speakers.count(name) >= 2}
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
        while at + 1 < len(lines) and values[at] < 0:
            while at + 1 < len(lines) and values[at] < 0:
                at += 1
            if values[at] > 0 and not known[at] and lines[at].words <= _TEASER:
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
        short = not line.ended or bool(_QUESTION.search(line.text))
        opens = (spaced and line.gap) or (i > 0 and known[i - 1] and (spaced or lines[i - 1].stamp or i in beside))
        if (
            begun[i] and short and opens and not (known[i] or lone or known[i + 1]) and -1.2 <= values[i] < 0
            and line.words <= _HEADING and (values[i + 1] >= 1 or values[i + 1] == _ITEM) and line.prose_end == line.end
        ):  # fmt: skip
            values[i] = _ITEM


def _lower_comments(lines: tuple[Line, ...], values: list[float]) -> None:
    """After the heading of the comments nothing belongs to the article, once there was one."""
    article = 0.0
    for i, line in enumerate(lines):
        if article >= _SOME_ARTICLE and is_comments(line.text):
            after = lines[i + 1 : i + 2]
            if not (after and after[0].ended and after[0].words >= _PARAGRAPH and not is_notice(after[0].text)):
                values[i:] = [min(value, -1.0) for value in values[i:]]
                return
        article += max(values[i], 0)
