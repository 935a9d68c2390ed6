"""Dates and times as newspapers write them. Only a full date with day, month and year counts; nothing is guessed.

Written here because general parsers take stray words for dates ("de mai" for 26 May, "1 minut de" for yesterday).
Numbers whose order is ambiguous in English (3/4/2026) are no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from rag.text.months import month_number

_TIME = (
    r"(?P<{p}hour>[01]?\d|2[0-3])(?:[:.h]|\s?h\s?)(?P<{p}minute>[0-5]\d)(?::(?P<{p}second>[0-5]\d))?(?!\d)"
    r"(?:\s?(?P<{p}half>[ap]\.?m\b\.?))?"
)
_JOIN = (
    r"(?:\s*[,|•·–—-]\s*|\s+)(?:(?:la|ora|orele|ob|at|um|à|a\s+las|alle|ore|u|kl|kell|o|às|om|klo|в|у)\.?\s+)?"
    r"(?:(?:ora|ore|h)\s+)?"
)
_DATE = "|".join(
    (
        r"(?P<iso>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
        r"(?:[T ](?P<iso_hour>\d\d):(?P<iso_minute>\d\d)(?::(?P<iso_second>\d\d)(?:\.\d+)?)?"
        r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?(?!\d)",
        r"(?P<day>\d{1,2})\.?(?:\s?(?:er|st|nd|rd|th|º|ª)\b)?\s*(?:(?:de|of)\s+)?"
        r"(?P<month>[^\W\d_]{3,12})\.?,?\s+(?:de\s+|del\s+)?(?P<year>\d{4})(?!\d)",
        r"(?P<us_month>[^\W\d_]{3,9})\.?\s+(?P<us_day>\d{1,2})(?:st|nd|rd|th)?,\s*(?P<us_year>\d{4})(?!\d)",
        r"(?P<n_day>\d{1,2})\s?(?P<separator>[./-])\s?(?P<n_month>\d{1,2})\s?(?P=separator)\s?(?P<n_year>\d{4})(?!\d)",
        r"(?P<y_year>\d{4})\s?[./]\s?(?P<y_month>\d{1,2})\s?[./]\s?(?P<y_day>\d{1,2})(?!\d)",
    )
)
_MOMENT = re.compile(
    rf"(?<![\w./-])(?:{_TIME.format(p='before_')}(?:,\s*|\s+))?(?:{_DATE})\.?(?:{_JOIN}{_TIME.format(p='after_')})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<!\d)(?:[01]?\d|2[0-3])[:.h][0-5]\d(?::[0-5]\d)?(?!\d)(?:\s*(?:[ap]\.?m\.?|uhr|h|cet|cest|eet|gmt|utc)\b)?",
    re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1800, 2199


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date found in a text, or a date and time where the time stands beside it."""

    start: int
    end: int
    value: date | datetime


def find_moments(text: str, language: str | None = None) -> list[Moment]:
    """Return the full dates of a short text in order, each with the time that stands beside it.

    Example:
        >>> found = find_moments("Publicat la 21:59 08 Ian 2026, Delo 21. 12. 2025 ob 14.05")
        >>> [moment.value.isoformat() for moment in found]
        ['2026-01-08T21:59:00', '2025-12-21T14:05:00']
    """
    moments: list[Moment] = []
    if not any(map(str.isdigit, text)):
        return moments
    for match in _MOMENT.finditer(text):
        value = _value(match, language)
        if value is not None:
            moments.append(Moment(start=match.start(), end=match.end(), value=value))
    return moments


def without_dates(text: str) -> str:
    """Return a text without its dates and times, to see what else it holds."""
    for moment in reversed(find_moments(text)):
        text = text[: moment.start] + text[moment.end :]
    return _CLOCK.sub("", text)


def _value(match: re.Match[str], language: str | None) -> date | datetime | None:
    found = match.groupdict()
    if found["iso"]:
        year, month, day = found["iso"], int(found["iso_month"]), found["iso_day"]
    elif found["month"]:
        year, month, day = found["year"], month_number(found["month"], language) or 0, found["day"]
    elif found["us_month"]:
        year, month, day = found["us_year"], month_number(found["us_month"], language) or 0, found["us_day"]
    elif found["n_day"]:
        year, month, day = found["n_year"], int(found["n_month"]), found["n_day"]
        if found["separator"] == "/" and language in ("en", None) and int(day) <= 12 and int(day) != month:
            return None  # the third of April or the fourth of March
    else:
        year, month, day = found["y_year"], int(found["y_month"]), found["y_day"]
    try:
        value = date(int(year), month, int(day))
    except ValueError:
        return None
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return None
    return _with_time(value, found)


def _with_time(value: date, found: dict[str, str | None]) -> date | datetime:
    prefix = next((p for p in ("iso_", "after_", "before_") if found.get(f"{p}hour")), None)
    if prefix is None:
        return value
    hour, minute, second = (int(found[prefix + part] or 0) for part in ("hour", "minute", "second"))
    half = (found.get(f"{prefix}half") or "").lower()[:1]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime(value.year, value.month, value.day, hour, minute, second, tzinfo=_zone(found["zone"]))
    except ValueError:
        return value


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)
