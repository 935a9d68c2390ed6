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
_DIGITS = re.compile(r"\d{9,19}(?:\.\d{1,9})?|\d\.\d{1,17}[eE]\+?(?:9|1[0-9])")
_WRAPPED = re.compile(r"/?Date\((\d{9,16})(?:[+-]\d{4})?\)/?")
_PDF = re.compile(r"D:(\d{14})(?:Z|([+-]\d\d)'?(\d\d)?'?)?.*")
_ISO = re.compile(
    r"((?:19|20)\d\d-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d{1,9})?\s?"
    r"(?:(Z|UTC|GMT)(?! ?[+-]\d)|([+-]\d\d):?(\d\d)?)"
)
_SCRIPT = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})\b")
_NAMED = re.compile(r"(0?[1-9]|[12]\d|3[01])[ -]([A-Za-z]{3})[ -]((?:19|20)?\d\d)(.*)")
_NUMERIC = re.compile(r"(0?[1-9]|1[0-2])[/-](1[3-9]|2\d|3[01])[/-]((?:19|20)\d\d)\b(.*)")
_SPACED = re.compile(r"((?:19|20)\d\d) (0[1-9]|1[0-2]) (0[1-9]|[12]\d|3[01])(?=\b)")
_YEARS = re.compile(r"(\d{1,2}\.\s?\d{1,2}\.\s?)(\d\d)( \d{1,2}[:.]\d\d(?:[:.]\d\d)?)")
_CHINESE = re.compile(r"((?:19|20)\d\d)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?")
_MAILED = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} (?:(?:19|20)\d\d|\d\d) \d\d:\d\d"
    r"|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d (?:\d{4}|[A-Z]{3,4} \d{4})"
)
_LEAST = 86_400 * 366  # seconds: an epoch of 0, and some days after it, is a date that nobody set
_NO_DAY = "1970-01-01"  # what programs write that knew no date
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
    text = " ".join(str(value).split())[:80]
    if match := _COMPACT.fullmatch(text):
        return _compact(match)
    if match := _DIGITS.fullmatch(text) or _WRAPPED.fullmatch(text):
        return _epoch(float(match[match.lastindex or 0]))
    text = _rewritten(text)
    if _MAILED.match(text):  # as mail and feeds write it (RFC 5322, 850), and C's asctime
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    found = find_moments(text, language)
    told = found[0].value if found else None
    return None if told is not None and str(told)[:10] == _NO_DAY else told


def _rewritten(text: str) -> str:
    """Return a date in a form that is read, where programs write it in another."""
    if match := _ISO.match(text):  # with a zone behind a blank, without minutes, or by name
        day, clock, name, hours, minutes = match.groups()
        zone = "Z" if name else f"{hours}:{minutes or '00'}"
        return f"{day}T{clock}{zone}"
    if match := _SCRIPT.match(text):  # JavaScript's
        month, number, year, clock, zone = match.groups()
        return f"{number} {month} {year} {clock} {zone}"
    if match := _PDF.fullmatch(text):
        digits, hours, minutes = match.groups()
        zone = f"{hours}:{minutes or '00'}" if hours else ""
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}{zone}"
    if match := _NUMERIC.match(text):  # one reading whatever the language
        month, number, year, rest = match.groups()
        return f"{year}-{int(month):02}-{number}{rest}"
    if match := _NAMED.fullmatch(text):  # "27-JAN-26" of databases
        number, name, year, rest = match.groups()
        return f"{number} {name.title()} {year if len(year) == 4 else f'20{year}'}{rest}"
    if match := _CHINESE.match(text):
        year, month, number = match.groups()
        return f"{year}-{int(month):02}-{int(number):02}{text[match.end() :]}"
    if match := _SPACED.match(text):
        return "-".join(match.groups()) + text[match.end() :]
    return _YEARS.sub(r"\g<1>20\2\3", text)


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
    """Return the moment of seconds, milli-, micro- or nanoseconds since 1970."""
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if _LEAST <= number / unit < _MOST:
            return datetime.fromtimestamp(int(number / unit), UTC)
    return None
