"""The days that a text mentions, from the dates that are written in it."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from rag.records import Period
from rag.text.dates.written_dates import DateReader, Written

_LEAP = 2000  # the year of a date without one, where nothing tells it


def find_periods(
    text: str, *, today: date | None = None, language: str | None = None, past: bool = True
) -> list[Period]:
    """Return the periods in a text, in order.

    Args:
        text: a question, or a passage.
        today: the day on which it was asked or published. Without it "yesterday" is no period.
        language: of the text; without it whole names of months in all languages count, abbreviations do not.
        past: a date without a year is the last one up to `today`; otherwise the one nearest to it.

    Example:
        >>> found = find_periods("Kaj se je zgodilo januarja?", today=date(2026, 11, 24), language="sl")
        >>> [(period.first.isoformat(), period.last.isoformat(), period.year_stated) for period in found]
        [('2026-01-01', '2026-01-31', False)]
    """
    reader = DateReader(text, language)
    tokens = reader.tokens
    found: list[Written] = []
    at = 0
    while at < len(tokens):
        when = reader.read(at)
        if when is not None:
            found.append(when)
        at = at + 1 if when is None else when.stop
    periods = []
    for when in _joined(reader, found):
        days = _days(when, today, past=past)
        if days is not None:
            stated = when.relative is not None or bool(when.year or (when.until and when.until.year))
            begin, stop = tokens[when.begin].start, tokens[when.stop - 1].end
            periods.append(Period(start=begin, end=stop, first=days[0], last=days[1], year_stated=stated))
    return periods


def _joined(reader: DateReader, found: list[Written]) -> list[Written]:
    """Make one of two dates that are the ends of a range."""
    result: list[Written] = []
    for when in found:
        before = result[-1] if result else None
        single = before is not None and before.until is None and not (before.relative or when.relative)
        if before is not None and single and reader.joins(before, when):
            result[-1] = replace(before, stop=when.stop, until=when)
            continue
        result.append(when)
    return result


def _days(when: Written, today: date | None, *, past: bool) -> tuple[date, date] | None:
    """Return the first and the last day; None for a date that no calendar has, or that only `today` could tell."""
    end = when.until
    try:
        if when.relative is not None:
            return _relative_days(*when.relative, today) if today is not None else None
        if end is None:
            year = when.year or _likely_year(when, today, past=past)
            return _edge(when, year, last=False), _edge(when, year, last=True)
        year = end.year or _likely_year(end, today, past=past)
        begins = when.year or (year - 1 if (when.month, when.day) > (end.month, end.day) and end.month else year)
        first, last = _edge(when, begins, last=False), _edge(end, year, last=True)
    except (ValueError, OverflowError):  # the latter: the day before the first that there is
        return None
    return (first, last) if first <= last else None


def _edge(when: Written, year: int, *, last: bool) -> date:
    if not when.month:
        return date(year, 12, 31) if last else date(year, 1, 1)
    if not when.day:
        return date(year, when.month, monthrange(year, when.month)[1] if last else 1)
    return date(year, when.month, (last and when.last_day) or when.day)


def _likely_year(when: Written, today: date | None, *, past: bool) -> int:
    if today is None:
        return _LEAP
    if past:
        return today.year if (when.month, when.day or 1) <= (today.month, today.day) else today.year - 1
    away = when.month - today.month
    return today.year + (away < -6) - (away > 6)


def _relative_days(unit: str, back: int, today: date) -> tuple[date, date]:
    if unit == "day":
        day = today - timedelta(days=back)
        return day, day
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if unit == "year":
        return date(today.year - back, 1, 1), date(today.year - back, 12, 31)
    months = today.year * 12 + today.month - 1 - back
    year, month = months // 12, months % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])
