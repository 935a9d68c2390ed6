"""Which line of a page is its article's headline."""

from __future__ import annotations

import re

from rag.article.byline import byline_author, is_dateline, is_name, is_role
from rag.article.labelled_page import TITLE, Page
from rag.article.lines import PARAGRAPH, key_of
from rag.records import Span

SITE = re.compile(r"\s[|•·–—-]\s|\s?[｜|]\s?")
"""What stands between a headline and the outlet's name in a window's title."""

_LABELLED = re.compile(
    r"^(?:title|titlu|titlul|naslov|titel|überschrift|titre|titolo|título|titular|headline)\s*:\s*(?=\S)", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^#{1,6}\s+(?=\S)")
_LEAST = 0.2  # probability of a headline at least; chosen on real pages
_SENTENCE = 12  # words from which a line of the article that closes like a sentence is no headline
_CLOSED = 0.5  # probability that a headline needs which is a sentence with a full stop within the article
_STANDFIRSTS = 2  # paragraphs that may stand above the headline
_LONGEST = 45  # words; the longest headlines of Romanian portals have some 30
_FIRST = 0.9  # part of the best line's probability from which an earlier one is preferred
_INSIDE = 0.5  # the same for one below the first line
_LIKELY = 0.4  # the same for one that is part of a longer line
_ALONE = 0.7  # probability that a headline needs where no line is an article's
_SHORTEST = 8  # characters of such a part
_MOST = 0.6  # share of the longer line that it is
_CRUMB = re.compile(r"\s[»>›/]\s|[：:]")
_STEP = re.compile(r"\s[»›>]\s+(?=\S)")


def find_title(page: Page, cuts: dict[int, int]) -> Span | None:
    """Return where the headline stands, without what precedes it on its line.

    Args:
        page: the lines and their labels.
        cuts: where a date in front of a line ends, by the line's start.
    """
    head = {line.start for line in page.head}
    for line in page.lines:
        if line.start in head and (mark := _LABELLED.match(line.text)):
            return line.start + mark.end(), line.end
    found: list[tuple[float, int]] = []
    prose = 0  # of the article, so far
    for index, line in enumerate(page.lines):
        if page.kept[index] and line.ended and line.words >= PARAGRAPH:
            prose += 1
        if prose > _STANDFIRSTS:
            break
        if page.kept[index] and line.ended and line.words >= _SENTENCE:
            continue
        if line.ended and line.text[:1].islower():  # the text has begun
            break
        if _in_sentence(page, index):
            continue
        chance = page.chance(index, TITLE)
        if page.kept[index] and line.text.endswith(".") and chance < _CLOSED:
            continue
        words = len(line.key.split())
        plain = len(line.text) > 6 and words <= _LONGEST and not (line.stamp or line.domain or line.image)
        if chance >= _LEAST and plain and line.prose_end == line.end:
            found.append((chance, index))
    if not found:
        return None
    best = max(chance for chance, _ in found)
    if best < _ALONE and not page.kept.any():
        return None
    # The first line of a scrape may be the window's title, which is not the headline word for word.
    inside = [(chance, index) for chance, index in found if index and chance >= _INSIDE * best] or found
    best = max(chance for chance, _ in inside)
    index = next(index for chance, index in inside if chance >= _FIRST * best)
    key = page.lines[index].key
    if SITE.search(page.lines[index].plain) or _CRUMB.search(page.lines[index].plain):
        parts = (other for chance, other in found if chance >= _LIKELY * best and _is_part(page.lines[other].key, key))
        index = next(parts, index)
    line = page.lines[index]
    if steps := list(_STEP.finditer(line.text)):  # of a breadcrumb the last one
        key = key_of(line.text[steps[-1].end() :])
        same = (other for other in page.lines if key and other.key == key)
        other = next(same, None)
        return (other.start, other.end) if other else (line.start + steps[-1].end(), line.end)
    mark = _MARKDOWN.match(line.text)
    start = line.start + mark.end() if mark else max(line.start, cuts.get(line.start, line.start))
    return (start, line.end) if start < line.end else None


def _in_sentence(page: Page, index: int) -> bool:
    """Return whether a line of the article divides a sentence, as a quotation does that is set larger than the text."""
    if not (0 < index < len(page.lines) - 1 and page.kept[index - 1] and page.kept[index + 1]):
        return False
    before, after = page.lines[index - 1], page.lines[index + 1]
    return before.text[-1:] == "," and after.text[:1].islower()


def lone_headline(page: Page) -> Span | None:
    """Return the first line of a text where it alone, and the date's lines, stand above the article."""
    head = [line for line in page.head if not (line.stamp or is_dateline(line.text))]
    if len(head) != 1 or len(head) == len(page.lines) or head[0] is not page.lines[0]:
        return None
    line = head[0]
    words = len(line.key.split())
    told = line.ended or line.bullet or line.domain or line.image or line.prose_end < line.end or len(line.text) <= 6
    if told or not 2 <= words <= _SENTENCE or is_name(line.text) or is_role(line.text) or byline_author(line.text):
        return None
    return None if SITE.search(line.plain) else (line.start, line.end)


def _is_part(key: str, whole: str) -> bool:
    """Return whether the words of a line are the beginning or the end of another's."""
    long = len(key) >= max(_SHORTEST, _MOST * len(whole)) and len(key) < len(whole)
    return long and (whole.startswith(key) or whole.endswith(key))
