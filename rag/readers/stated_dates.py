"""Dates as files and exports state them: in any usual form, among them epoch seconds and digits without separators."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from rag.text.dates.moments import find_moments

_COMPACT = re.compile(
    r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?([01]\d|2[0-3])([0-5]\d)(?:([0-5]\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?"
)
_DIGITS = re.compile(r"\d{9,16}(?:\.\d{1,9})?")
_MONTH_FIRST = re.compile(r"(0?[1-9]|1[0-2])/(1[3-9]|2\d|3[01])/((?:19|20)\d\d)\b(.*)")
_MAILED = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} (?:19|20)\d\d \d\d:\d\d")
_LEAST = 86_400 * 366  # seconds: an epoch of 0, and some days after it, is a date that nobody set
_MOST = 4_102_444_800  # the year 2100


def stated_moment(value: object, language: str | None = None) -> date | datetime | None:
    """Return the full date that a value states, or None; a bare year or an impossible date is none.

    `language` settles the order of numbers ("03/04/2026"); where it is not known, and there are two readings, there is
    none.

    Example:
        >>> [str(stated_moment(value)) for value in (1769500800, "20260127", "01/27/2026", "0")]
        ['2026-01-27 08:00:00+00:00', '2026-01-27', '2026-01-27', 'None']
    """
    if isinstance(value, datetime | date):
        return value if 1800 <= value.year <= 2199 else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(str(value).split())[:60]
    if match := _COMPACT.fullmatch(text):
        return _compact(match)
    if _DIGITS.fullmatch(text):
        return _epoch(float(text))
    if _MAILED.match(text):  # as mail and feeds write it (RFC 5322)
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    if match := _MONTH_FIRST.match(text):  # one reading whatever the language
        month, number, year, rest = match.groups()
        text = f"{year}-{int(month):02}-{number}{rest}"
    found = find_moments(text, language)
    return found[0].value if found else None


def _compact(match: re.Match[str]) -> date | datetime | None:
    year, month, number, hour, minute, second, zone = match.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(number))
        zone = "+00:00" if zone == "Z" else zone or ""
        return datetime.fromisoformat(f"{year}-{month}-{number}T{hour}:{minute}:{second or '00'}{zone}")
    except ValueError:
        return None


def _epoch(number: float) -> datetime | None:
    """Return the moment of seconds, milliseconds or microseconds since 1970."""
    for unit in (1, 1_000, 1_000_000):
        if _LEAST <= number / unit < _MOST:
            return datetime.fromtimestamp(int(number / unit), UTC)
    return None
