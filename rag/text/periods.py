"""The days that a text speaks of: "22 January 2026", "januarja", "între 20 și 25 ianuarie", "yesterday".

A month's name or a number alone is easily something else ("may", "mai mult", "in 20 cities"), so what is not clearly a
date is none: an ambiguous name needs a day, a year, or a word before it that only a month follows.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.records import Period
from rag.text.months import month_names, month_of
from rag.text.normalisation import fold
from rag.text.period_words import (
    AMBIGUOUS,
    BEFORE_DAY,
    BEFORE_MONTH,
    BEFORE_YEAR,
    BETWEEN,
    CONJUNCTIONS,
    JOINERS,
    LONGEST_RELATIVE,
    LOWER_ONLY,
    OPENERS,
    RELATIVE,
)

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_ORDINALS = frozenset(("st", "nd", "rd", "th", "er"))
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_INSIDE_WORDS = frozenset("'’-‑")
_ENGLISH = month_names("en")
_LEAP = 2000  # stands for a year that nobody states and nothing tells


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    folded: str
    start: int
    end: int

    @property
    def number(self) -> int:
        """Return its value, or -1 for what is no number of at most four digits."""
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 4 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    """Days as they are written, from token `begin` to before token `stop`; what is not written is 0."""

    begin: int
    stop: int
    year: int = 0
    month: int = 0
    day: int = 0
    last_day: int = 0
    relative: tuple[str, int] | None = None
    until: _When | None = None


def find_periods(
    text: str, *, today: date | None = None, language: str | None = None, past: bool = True
) -> list[Period]:
    """Return the periods in a text, in order.

    Args:
        text: a question, or a passage.
        today: the day it was asked, or published. Without it "yesterday" means nothing.
        language: of the text; without it only whole names of months count.
        past: a date without a year is the last one up to `today`; otherwise the one nearest to it.

    Example:
        >>> found = find_periods("Kaj se je zgodilo januarja?", today=date(2026, 11, 24), language="sl")
        >>> [(period.first.isoformat(), period.last.isoformat(), period.year_stated) for period in found]
        [('2026-01-01', '2026-01-31', False)]
    """
    tokens = _tokens(text)
    found: list[_When] = []
    at = 0
    while at < len(tokens):
        when = _read(tokens, at, language)
        if when is not None:
            found.append(when)
        at = at + 1 if when is None else when.stop
    periods = []
    for when in _joined(tokens, found):
        days = _days(when, today, past=past)
        if days is not None:
            stated = when.relative is not None or bool(when.year or (when.until and when.until.year))
            begin, stop = tokens[when.begin].start, tokens[when.stop - 1].end
            periods.append(Period(start=begin, end=stop, first=days[0], last=days[1], year_stated=stated))
    return periods


def _tokens(text: str) -> list[_Token]:
    found = [_Token(match[0], fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    return [
        token
        for place, token in enumerate(found)
        if not (
            token.text in _INSIDE_WORDS
            and 0 < place < len(found) - 1
            and found[place - 1].end == token.start
            and token.end == found[place + 1].start
            and found[place - 1].text.isalpha()
            and found[place + 1].text.isalpha()
        )
    ]


def _read(tokens: list[_Token], at: int, language: str | None) -> _When | None:
    """Return the date that begins at a token, if one does."""
    if tokens[at].number >= 0:
        return _numeric(tokens, at, language) or _day_and_month(tokens, at, language) or _year(tokens, at)
    return _relative(tokens, at, language) or _month_and_day(tokens, at) or _month(tokens, at, language)


def _numeric(tokens: list[_Token], at: int, language: str | None) -> _When | None:
    if at + 4 >= len(tokens) or tokens[at + 1].text not in "./-" or tokens[at + 3].text != tokens[at + 1].text:
        return None
    one, two, three = tokens[at].number, tokens[at + 2].number, tokens[at + 4].number
    if _is_year(tokens[at]):
        return _When(begin=at, stop=at + 5, year=one, month=two, day=three)
    slashed = tokens[at + 1].text == "/" and language in ("en", None)
    if not _is_year(tokens[at + 4]) or (slashed and one <= 12 and one != two):
        return None  # 3/4/2026: the third of April or the fourth of March
    return _When(begin=at, stop=at + 5, year=three, month=two, day=one)


def _day_and_month(tokens: list[_Token], at: int, language: str | None) -> _When | None:
    """Read "22. januarja 2026", "the 3rd of May 2026", "20-25 ianuarie", "între 20 și 25 ianuarie"."""
    day, after = _day(tokens, at)
    last_day = 0
    joined = after < len(tokens) and (
        tokens[after].folded in JOINERS or (tokens[after].folded in CONJUNCTIONS and _opened(tokens, at))
    )
    if joined:
        ahead = after + 1
        while ahead < len(tokens) and tokens[ahead].folded in JOINERS:  # "până la"
            ahead += 1
        last_day, after = _day(tokens, ahead)
    while after < len(tokens) and tokens[after].folded in BETWEEN:
        after += 1
    known = _name(tokens, after, language) if day and (last_day or not joined) else None
    if known is None:
        return None
    year, stop = _year_after(tokens, after + 1)
    unclear = not known[1] or tokens[after].folded in AMBIGUOUS
    if unclear and not (year or last_day or _before(tokens, at, BEFORE_DAY)):
        return None
    return _When(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)


def _month_and_day(tokens: list[_Token], at: int) -> _When | None:
    """Read "January 22, 2026" and "on May 3": English alone puts the month first."""
    known = month_of(tokens[at].text, "en")
    day, after = _day(tokens, at + 1)
    if known is None or not day or not tokens[at].text[0].isupper() or tokens[at].folded not in _ENGLISH:
        return None
    ordinal = tokens[after - 1].folded in _ORDINALS
    year, stop = _year_after(tokens, after)
    ends = stop >= len(tokens) or not tokens[stop].text[0].isalnum()
    if not (year or ordinal or _before(tokens, at, BEFORE_DAY) or (ends and known[1])):
        return None
    return _When(begin=at, stop=stop, year=year, month=known[0], day=day)


def _month(tokens: list[_Token], at: int, language: str | None) -> _When | None:
    known = _name(tokens, at, language)
    if known is None:
        return None
    year, stop = _year_after(tokens, at + 1)
    if not year and not (known[1] and _is_month_alone(tokens, at, language)):
        return None
    return _When(begin=at, stop=stop, year=year, month=known[0])


def _is_month_alone(tokens: list[_Token], at: int, language: str | None) -> bool:
    token = tokens[at]
    if token.folded not in AMBIGUOUS:
        return True
    if token.folded in LOWER_ONLY:
        return token.text.islower() and language in ("sl", "hr", "sr")
    if token.folded == "marca":
        return language == "sl"
    if token.folded in ("may", "march") and not token.text[0].isupper():
        return False
    if token.folded == "mai" and language in ("ro", None) and at + 1 < len(tokens) and tokens[at + 1].text.isalpha():
        return _before(tokens, at, frozenset(("luna", "lunii")))  # "în mai multe": in more
    return _before(tokens, at, BEFORE_MONTH)


def _year(tokens: list[_Token], at: int) -> _When | None:
    if _is_year(tokens[at]) and _before(tokens, at, BEFORE_YEAR):
        return _When(begin=at, stop=at + 1, year=tokens[at].number)
    return None


def _relative(tokens: list[_Token], at: int, language: str | None) -> _When | None:
    for length in range(min(LONGEST_RELATIVE, len(tokens) - at), 0, -1):
        known = RELATIVE.get(tuple(token.folded for token in tokens[at : at + length]))
        if known is not None and known[2] in (None, language):
            return _When(begin=at, stop=at + length, relative=known[:2])
    return None


def _name(tokens: list[_Token], at: int, language: str | None) -> tuple[int, bool] | None:
    return month_of(tokens[at].text, language) if at < len(tokens) and tokens[at].text.isalpha() else None


def _day(tokens: list[_Token], at: int) -> tuple[int, int]:
    """Return a day of a month and the place after it, with its full stop or ordinal ending; 0 where there is none."""
    if at >= len(tokens) or not 1 <= tokens[at].number <= 31 or len(tokens[at].text) > 2:
        return 0, at
    after = at + 1
    if after < len(tokens) and (tokens[after].text in ".ºª" or tokens[after].folded in _ORDINALS):
        after += 1
    return tokens[at].number, after


def _year_after(tokens: list[_Token], at: int) -> tuple[int, int]:
    """Return the year at a place, or behind "," "." "de" "of" "leta" there, and the place after it; 0 for none."""
    ahead = at
    while ahead < len(tokens) and (tokens[ahead].text in ".," or tokens[ahead].folded in BETWEEN):
        ahead += 1
    if ahead < len(tokens) and _is_year(tokens[ahead]):
        return tokens[ahead].number, ahead + 1
    return 0, at


def _is_year(token: _Token) -> bool:
    return len(token.text) == 4 and _FIRST_YEAR <= token.number <= _LAST_YEAR


def _before(tokens: list[_Token], at: int, words: frozenset[str]) -> bool:
    return at > 0 and tokens[at - 1].folded in words


def _opened(tokens: list[_Token], at: int) -> bool:
    return any(token.folded in OPENERS for token in tokens[max(0, at - 2) : at])


def _joined(tokens: list[_Token], found: list[_When]) -> list[_When]:
    """Make one of two dates that are the ends of a range."""
    result: list[_When] = []
    for when in found:
        before = result[-1] if result else None
        if before is not None and before.until is None and not (before.relative or when.relative):
            between = [token.folded for token in tokens[before.stop : when.begin]]
            opened = _opened(tokens, before.begin)
            if between and all(word in JOINERS or (opened and word in CONJUNCTIONS) for word in between):
                result[-1] = replace(before, stop=when.stop, until=when)
                continue
        result.append(when)
    return result


def _days(when: _When, today: date | None, *, past: bool) -> tuple[date, date] | None:
    """Return the first and the last day; None for a date that no calendar has, or that only `today` could tell."""
    if when.relative is not None:
        return _relative_days(*when.relative, today) if today is not None else None
    end = when.until
    try:
        if end is None:
            year = when.year or _likely_year(when, today, past=past)
            return _edge(when, year, last=False), _edge(when, year, last=True)
        year = end.year or _likely_year(end, today, past=past)
        begins = when.year or (year - 1 if (when.month, when.day) > (end.month, end.day) and end.month else year)
        first, last = _edge(when, begins, last=False), _edge(end, year, last=True)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _edge(when: _When, year: int, *, last: bool) -> date:
    if not when.month:
        return date(year, 12, 31) if last else date(year, 1, 1)
    if not when.day:
        return date(year, when.month, monthrange(year, when.month)[1] if last else 1)
    return date(year, when.month, (last and when.last_day) or when.day)


def _likely_year(when: _When, today: date | None, *, past: bool) -> int:
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
