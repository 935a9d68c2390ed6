"""When an article was published and last changed, as the lines around its headline say it.

"Stand: ..." (as of) is all that some pages say of their date; beside another it is a later state. A time without a day
after a word for updating is of the day of publication, where it is not before its hour.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time

from rag.article.author import byline_date, says_published, says_updated
from rag.article.lines import Line
from rag.records import Span
from rag.text.dates.moments import Moment, day, find_moments, is_past

_STATE = re.compile(r"\bstand\s*:?\s*$", re.IGNORECASE)
_CLOCK = r"(?P<word>[^\W\d_][^\d(|]{2,30}?)\s(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)"
_LATER = re.compile(rf"^[\s(|,·•–-]*{_CLOCK}(?:\)(?:\s*[|,·•–-].*)?)?$")
_ALONE = re.compile(rf"^{_CLOCK}(?:\s?(?:uhr|h))?\.?$", re.IGNORECASE)


def find_published(
    head: tuple[Line, ...], first: tuple[Line, ...], title: Span | None, cuts: Mapping[int, int], language: str | None
) -> Moment | None:
    """Return the date that the lines of the head give, or one glued to the article's first line.

    Args:
        head: the lines in which bylines stand.
        first: the article's first line, or nothing.
        title: where the headline stands.
        cuts: where a date in front of a line ends, by the line's start.
        language: of the page.
    """
    found: list[Moment] = []
    states: list[Moment] = []
    for line in (*head, *first):
        if cuts[line.start] > line.start:
            found += find_moments(line.text[: cuts[line.start] - line.start], language)
        elif line in head and not (title and line.start <= title[0] < line.end):
            moment = byline_date(line.text, language)
            state = moment is not None and _STATE.search(line.text[: moment.start])
            (states if state else found).extend([moment] if moment else [])
    found = [moment for moment in (*found, *states) if is_past(moment.value)]
    # A bare day and the same day with its hour say the same thing: the fuller one is told.
    timed = [m for m in found if isinstance(m.value, datetime) and found[0].value in (m.value, m.value.date())]
    return next(iter(timed or found), None)


def find_modified(
    head: tuple[Line, ...], others: Sequence[Line], language: str | None, published: Moment | None
) -> Moment | None:
    """Return the moment that a word for updating introduces; none that lies before the publication.

    Args:
        head: the lines in which bylines stand.
        others: all the furniture, in which only a time alone behind such a word counts.
        language: of the page.
        published: the publication.
    """
    for line in head:
        end = 0
        for moment in find_moments(line.text, language):
            before, end = line.text[end : moment.start], moment.end
            sound = is_past(moment.value) and (published is None or day(published.value) <= day(moment.value))
            updated = says_updated(before) and not says_published(before)
            # "15 novembre 2026 (modifica alle 22:10)": the same day.
            later = _LATER.match(line.text[moment.end :])
            if later and is_past(moment.value) and says_updated(later.group("word")):
                return _same_day(moment, later)
            # "Stand: ..." is all that some pages say of their date; beside a publication it is a later state.
            state = _STATE.search(before) and published is not None and published.value != moment.value
            if sound and (updated or state):
                return moment
    if published is None or not isinstance(published.value, datetime):
        return None
    clocks = (match for line in others if (match := _ALONE.match(line.text)))
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
