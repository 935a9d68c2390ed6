"""Dates and times as newspapers write them. Only a full date with day, month and year counts; nothing is guessed.

Written here because general parsers take stray words for dates ("de mai" for 26 May, "1 minut de" for yesterday).
Numbers whose order is ambiguous (3/4/2026) are no date in English, or where the language is not known; elsewhere the
day comes first, and the moment says that the language settled it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

from rag.records import Span
from rag.text.dates.date_words import date_words, weekday_names
from rag.text.dates.written_dates import DateReader, Written
from rag.text.normalisation import fold

# Zones that newspapers name. Those that mean several (IST, EST, CST) are left out: then the hour has no zone.
_ZONES = {
    "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3,
    "msk": 3, "edt": -4, "cdt": -5, "mdt": -6, "pdt": -7, "awst": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(?:1[89]|2[01])\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"\W*(?P<day>\d{1,2})(?P<mark>[./])\s?(?P<month>\d{1,2})(?P=mark)\s?(?P<year>\d\d)\W*")
_ISO_TIME = re.compile(
    r"[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d| (?:UTC|GMT) ?[+-]\d{1,2}(?::?\d\d)?)?(?!\d)"
)
_WEEKDAY = re.compile(r"[\s,.(]{1,3}([^\W\d_][\w'’-]{1,20})[.,)]{0,2}")
_GAP_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 48  # characters from the year to the other end of a date, and from an hour to the date after it
_CENTURY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date found in a text, or a date and time where the time stands beside it.

    `by_language` says that the order of day and month was settled by the language alone ("3/4/2026" in French).
    """

    start: int
    end: int
    value: date | datetime
    by_language: bool = False


def find_moments(text: str, language: str | None = None) -> list[Moment]:
    """Return the full dates of a short text in order, each with the time that stands beside it.

    Example:
        >>> found = find_moments("Publicat la 21:59 08 Ian 2026, Delo 21. 12. 2025 ob 14.05")
        >>> [moment.value.isoformat() for moment in found]
        ['2026-01-08T21:59:00', '2025-12-21T14:05:00']
    """
    moments: list[Moment] = []
    stop = 0
    for year in _YEAR.finditer(text):
        if year.start() < stop:
            continue
        around = (max(stop, year.start() - _LONGEST), year.end() + _LONGEST)
        reader = DateReader(text, language, span=around, abbreviations=True)
        for at, token in enumerate(reader.tokens):
            if token.start < stop or not _may_begin(text, token.start):
                continue
            written = reader.read_full(at)
            value = _date(written.year, written.month, written.day) if written else None
            if written is not None and value is not None:
                span = (token.start, reader.tokens[written.stop - 1].end)
                moments.append(_with_time(text, value, span, stop, written))
                stop = moments[-1].end
    return moments or _short_year(text, language)


def day(value: date | datetime) -> date:
    """Return the day of a moment."""
    return value.date() if isinstance(value, datetime) else value


def is_past(value: date | datetime) -> bool:
    """Return whether a moment can be a publication's: not more than a year after this machine's today.

    A year, because a clock may be wrong, and the date that a page states must not be lost for it.
    """
    return day(value) <= date.today() + timedelta(days=366)


def without_dates(text: str) -> str:
    """Return a text without its dates and times, to see what else it holds."""
    for moment in reversed(find_moments(text, "und")):  # whatever the order of its numbers is
        text = text[: moment.start] + text[moment.end :]
    return _clock().sub("", text)


def _may_begin(text: str, start: int) -> bool:
    """Return whether a date may begin here: not inside a longer number or name ("v3.1.2.2026")."""
    before = text[start - 1 : start]
    return not (before and (before in "./-_" or before.isalnum()))


def _short_year(text: str, language: str | None) -> list[Moment]:
    """Return the date of a line that is nothing but a date with two digits for its year ("15.1.26")."""
    match = _SHORT_YEAR.fullmatch(text) if language not in ("en", None) else None
    if match is None:
        return []
    one, two, year = (int(match[part]) for part in ("day", "month", "year"))
    value = _date(_CENTURY + year, two, one)
    unclear = match["mark"] == "/" and max(one, two) <= 12 and one != two
    found = [] if value is None else [value]
    return [Moment(start=match.start("day"), end=match.end("year"), value=day, by_language=unclear) for day in found]


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _with_time(text: str, value: date, span: Span, before: int, written: Written) -> Moment:
    """Return the moment of a date with the time after it or, where there is none, `before` which no time begins."""
    start, end = span
    if (iso := _ISO_TIME.match(text, end)) and text[start:end].count("-") == 2:
        moment = _moment(value, iso[1], iso[2], iso[3], None, iso[4])
        return Moment(start=start, end=iso.end(), value=moment)
    end += text[end : end + 1] == "."
    beside = end
    if (weekday := _WEEKDAY.match(text, end)) and fold(weekday[1]) in weekday_names():
        beside = weekday.end()
    if found := _after().match(text, beside):
        part = found.groupdict()
        hour, half, zone = (part[key] or part[f"at_{key}"] or part[f"bare_{key}"] for key in ("hour", "half", "zone"))
        moment = _moment(value, hour, part["minute"], part["second"], half, zone)
        return Moment(start=start, end=found.end(), value=moment, by_language=written.by_language)
    late = _late_zone().match(text, end)
    begin = max(start - _LONGEST, before)
    earlier = _before().search(text, begin, start)
    if earlier is None or not _is_gap(earlier["gap"]):
        return Moment(start=start, end=late.end() if late else end, value=value, by_language=written.by_language)
    zone = earlier["zone"] or (late["zone"] if late else None)
    moment = _moment(value, earlier["hour"], earlier["minute"], earlier["second"], earlier["half"], zone)
    end = late.end() if late else end
    return Moment(start=earlier.start(), end=end, value=moment, by_language=written.by_language)


def _is_gap(gap: str) -> bool:
    """Return whether an hour belongs to the date behind these words: "on", a weekday, and one other word at most."""
    known = date_words(None).before_day | weekday_names()
    others = [word for word in _GAP_WORD.findall(gap) if fold(word) not in known]
    return not others or (len(others) == 1 and 3 <= len(others[0]) <= 12)


_SEPARATOR = r"(?:\s?[,|•·–—/@-]\s{0,3}|\s{1,3})"
_HOUR = r"[01]?\d|2[0-3]"
_HALF = r"[ap]\.?m\b\.?"
_ZONE = r"(?:\s?\(?(?P<{}zone>(?:GMT|UTC)\s?[+-]\d{{1,2}}(?::?[0-5]\d)?|" + "|".join(_ZONES) + r")\b\)?)?"


def _time_pattern() -> str:
    return (
        rf"(?P<hour>{_HOUR})(?:[:.h]|\s?[hч]\s?)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d%])"
        rf"(?:\s?(?P<half>{_HALF}))?(?:\s?(?:{_any('hours')})\b\.?)?{_ZONE.format('')}"
    )


@cache
def _after() -> re.Pattern[str]:
    """Return the expression for a time after a date: "ob 14.05", ", 9:30 p.m.", "um 9 Uhr", "9h"."""
    clock = rf"(?:{_any('clock')})(?:\.\s?|\s{{1,3}})"
    whole = rf"\.?\s?(?:{_any('hours')})\b"
    return re.compile(
        rf"{_SEPARATOR}(?:(?:{clock}){{0,2}}{_time_pattern()}"
        rf"|(?:{clock}){{1,2}}(?P<at_hour>{_HOUR})(?:{whole}|\s?(?P<at_half>{_HALF})){_ZONE.format('at_')}"
        # "3 h de lecture" is no hour of the day
        rf"|(?P<bare_hour>{_HOUR})(?:{whole}(?!\s?\w)|\s?(?P<bare_half>{_HALF})){_ZONE.format('bare_')})",
        re.IGNORECASE,
    )


@cache
def _before() -> re.Pattern[str]:
    """Return the expression for a time before a date: "21:59, joi, ", "20:15 del "."""
    gap = r"(?P<gap>(?:\s?[,|•·–—/-]\s{0,3}|\s{1,3})(?:[^\W\d_]+[,.]?\s{1,3}){0,3})"
    return re.compile(rf"(?<![\w./-]){_time_pattern()}{gap}$", re.IGNORECASE)


@cache
def _late_zone() -> re.Pattern[str]:
    return re.compile(_ZONE.format(""), re.IGNORECASE)


@cache
def _clock() -> re.Pattern[str]:
    zones = "|".join(_ZONES)
    return re.compile(
        rf"(?<!\d)(?:{_HOUR})[:.h][0-5]\d(?::[0-5]\d)?(?!\d)(?:\s{{0,3}}(?:[ap]\.?m\.?|{_any('hours')}|{zones})\b)?",
        re.IGNORECASE,
    )


def _any(key: str) -> str:
    """Return an alternative of the words of all languages, the longest first."""
    phrases = sorted(getattr(date_words(None), key), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase.rstrip(".")).replace(r"\ ", r"\s{1,3}") for phrase in phrases)


def _moment(
    value: date, hours: str, minute: str | None, second: str | None, half: str | None, zone: str | None
) -> date:
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            return value
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    try:
        return datetime(
            value.year, value.month, value.day, hour, int(minute or 0), int(second or 0), tzinfo=_zone(zone)
        )
    except ValueError:
        return value


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    if text.lower() in _ZONES:
        hours = _ZONES[text.lower()]
        return timezone(timedelta(hours=hours)) if hours else UTC
    sign, hours, minutes = re.findall(r"([+-])(\d{1,2}):?(\d\d)?$", text)[0]
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset else UTC
