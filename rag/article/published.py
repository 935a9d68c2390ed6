"""When an article was published and last changed, as the lines that the labeller takes for its date say it.

"Stand: ..." (as of) is all that some pages say of their date; beside another it is a later state. A time without a day
after a word for updating is of the day of publication, where it is not before its hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time

from rag.article.byline import byline_date, is_dateline, says_published, says_updated
from rag.article.labelled_page import DATE, Page
from rag.article.lines import PARAGRAPH, Line
from rag.records import Span
from rag.text.dates.moments import Moment, day, find_moments, is_past

_STATE = re.compile(r"\bstand\s*:?\s*$", re.IGNORECASE)
_CLOCK = r"(?P<word>[^\W\d_][^\d(|]{2,30}?)\s(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)"
_LATER = re.compile(rf"^[\s(|,·•–-]*{_CLOCK}(?:\)(?:\s*[|,·•–-].*)?)?$")
_ALONE = re.compile(rf"^{_CLOCK}(?:\s?(?:uhr|h))?\.?$", re.IGNORECASE)
_LEAST = 0.45  # score of a date at least; chosen on real pages
_NEAR = 0.3  # what a line adds beside the headline
_LONGEST = 300  # characters of a line that gives the date
_SENTENCE = 6  # words from which a line that closes like one is a sentence
_WORD = 0.3  # what a word for publishing before the date adds
_APART = 0.15  # what a line adds that says hardly more than its date
_GLUED = re.compile(r"(?<=[^\W\d_])[-–](?=\d)")  # "Madrid-29/05/2025"
_GLUED_WORD = re.compile(r"(?<=[^\W\d_]{4})(?=\d{1,2}\.\s[^\W\d_]{3})")  # "Publiziert17. Dezember 2024"
_SHORT_YEAR = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d\d)(?![\d.])")
_JAPANESE = re.compile(r"(\d{4})年\s?(\d{1,2})月\s?(\d{1,2})日")
_BEGINNING = 1.5  # score of a date glued to the article's first line


def find_published(
    page: Page, title: Span | None, cuts: Mapping[int, int], language: str | None, *, least: float | None = None
) -> Moment | None:
    """Return the date of the line most probably giving it, or one glued to the article's first line.

    Args:
        page: the lines and their labels.
        title: where the headline stands.
        cuts: where a date in front of a line ends, by the line's start.
        language: of the page.
        least: the score that a date needs, where it is to be surer than usual.
    """
    least = least or _LEAST
    found: list[tuple[float, Moment]] = []
    for index, line in enumerate(page.lines):
        chance = page.chance(index, DATE)
        cut = cuts.get(line.start, line.start) - line.start
        if cut:
            found += [(_BEGINNING, moment) for moment in find_moments(line.text[:cut], language)[:1]]
        elif chance >= _LEAST - _WORD - _APART - _NEAR and len(line.text) <= _LONGEST and _has_digit(line.plain):
            headline = title is not None and line.start <= title[0] < line.end
            if headline or (page.kept[index] and chance < 0.5) or (line.ended and line.words > PARAGRAPH):
                continue
            chance += _NEAR * page.nearness(index, title)
            found += _scored(_written_out(line.plain), chance, language, sentence=_is_sentence(line))
    found = [(score, moment) for score, moment in found if score >= least and is_past(moment.value)]
    if not found:
        return None
    best = max(found, key=lambda pair: pair[0])[1]
    # A bare day and the same day with its hour say the same thing: the fuller one is told.
    same = (m for _, m in found if isinstance(m.value, datetime) and best.value in (m.value, m.value.date()))
    return next(same, best)


def _is_sentence(line: Line) -> bool:
    return line.ended and line.words >= _SENTENCE and not line.stamp and not is_dateline(line.text)


def _written_out(text: str) -> str:
    """Return a byline with its dates in forms that are read: "Madrid-29/05/2025", "25.04.24", "2025年1月14日"."""
    text = _SHORT_YEAR.sub(r"\1.\2.20\3", _JAPANESE.sub(r"\1/\2/\3 ", text))
    return _GLUED_WORD.sub(" ", _GLUED.sub(" - ", text))


def _scored(text: str, chance: float, language: str | None, *, sentence: bool) -> list[tuple[float, Moment]]:
    """Return the dates of a line with scores: none of an update, and of a sentence only what it says was published."""
    scored: list[tuple[float, Moment]] = []
    apart = byline_date(text, language)
    end = 0
    for moment in find_moments(text, language):
        before, end = text[end : moment.start], moment.end
        score = chance + _WORD * says_published(before) + _APART * (apart is not None and apart.start == moment.start)
        if (sentence or says_updated(before)) and not says_published(before):
            continue
        if _STATE.search(before):
            score -= 0.1
        scored.append((score, moment))
    return scored


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def find_modified(page: Page, language: str | None, published: Moment | None) -> Moment | None:
    """Return the moment that a word for updating introduces; none that lies before the publication."""
    lines = [line for line in page.boilerplate if len(line.text) <= _LONGEST and _has_digit(line.plain)]
    for line in lines:
        end = 0
        for moment in find_moments(line.plain, language):
            before, end = line.plain[end : moment.start], moment.end
            sound = is_past(moment.value) and (published is None or day(published.value) <= day(moment.value))
            updated = says_updated(before) and not says_published(before)
            # "15 novembre 2026 (modifica alle 22:10)": the same day.
            later = _LATER.match(line.plain[moment.end :])
            if later and is_past(moment.value) and says_updated(later.group("word")):
                return _same_day(moment, later)
            # "Stand: ..." is all that some pages say of their date; beside a publication it is a later state.
            state = _STATE.search(before) and published is not None and published.value != moment.value
            if sound and (updated or state):
                return moment
    if published is None or not isinstance(published.value, datetime):
        return None
    clocks = (match for line in lines if (match := _ALONE.match(line.plain)))
    alone = (_same_day(published, match) for match in clocks if says_updated(match.group("word")))
    return next((moment for moment in alone if _is_later(moment, published)), None)


def _same_day(moment: Moment, clock: re.Match[str]) -> Moment:
    """Return another hour of the same day."""
    hour, minute = int(clock.group("hour")), int(clock.group("minute"))
    same = datetime.combine(day(moment.value), time(hour, minute), getattr(moment.value, "tzinfo", None))
    return Moment(start=moment.start, end=moment.end + clock.end(), value=same)


def _is_later(moment: Moment, published: Moment) -> bool:
    value, before = moment.value, published.value
    return isinstance(value, datetime) and isinstance(before, datetime) and value.time() >= before.time()
