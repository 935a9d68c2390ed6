"""Dates and times as newspapers write them. Only a full date with day, month and year counts; nothing is guessed.

Written here because general parsers take stray words for dates ("de mai" for 26 May, "1 minut de" for yesterday).
Numbers whose order is ambiguous (3/4/2026) are no date in English, or where the language is not known; elsewhere the
day comes first, and the moment says that the language settled it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from rag.text.dates.months import month_number

# Zones that newspapers name. Those that mean several (IST, EST, CST) are left out: then the hour has no zone.
_ZONES = {
    "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3,
    "msk": 3, "edt": -4, "cdt": -5, "mdt": -6, "pdt": -7, "awst": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_NAMED = r"(?:\s?\(?(?P<{p}zone>" + "|".join(_ZONES) + r")\b\)?)?"
_TIME = (
    r"(?P<{p}hour>[01]?\d|2[0-3])(?:[:.h]|\s?h\s?)(?P<{p}minute>[0-5]\d)(?::(?P<{p}second>[0-5]\d))?(?![\d%])"
    r"(?:\s?(?P<{p}half>[ap]\.?m\b\.?))?(?:\s?(?:uhr|h|uri)\b)?" + _NAMED
)
_FULL_HOUR = (  # "9 Uhr", "9h", "9 p.m.", after a date; "3 h de lecture" is no hour of the day
    r"(?P<whole>[01]?\d|2[0-3])(?:\.?\s?(?:uhr|uri|sati)\b|\s?(?:h|heures)\b(?!\s*\w)|\s?(?P<whole_half>[ap]\.?m\b\.?))"
    + _NAMED.format(p="whole_")
)
_JOIN = (
    r"(?:\s*[,|•·–—/@-]\s*|\s+)(?:(?:la|ora|orele|ob|at|um|à|a\s+las|alle|ore|u|kl|kell|o|às|om|klo|в|у)\.?\s+)?"
    r"(?:(?:ora|orele|ore|h)\s+)?"
)
_OF = r"(?:,\s*|\s+)(?:(?:on|del|di|du|le|vom|am|din|pe|dne|del\s+d[íi]a)\s+)?"  # between an hour and the date after it
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
    rf"(?<![\w./-])(?:{_TIME.format(p='before_')}{_OF}(?:\w{{3,12}},?\s)?)?(?:{_DATE})\.?"
    rf"(?:{_JOIN}(?:{_TIME.format(p='after_')}|{_FULL_HOUR})|{_NAMED.format(p='late_')})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<!\d)(?:[01]?\d|2[0-3])[:.h][0-5]\d(?::[0-5]\d)?(?!\d)(?:\s*(?:[ap]\.?m\.?|uhr|h|cet|cest|eet|gmt|utc)\b)?",
    re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1800, 2199


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
    if not any(map(str.isdigit, text)):
        return moments
    for match in _MOMENT.finditer(text):
        value = _value(match, language)
        if value is not None:
            moments.append(
                Moment(start=match.start(), end=match.end(), value=value, by_language=_is_ambiguous(match.groupdict()))
            )
    return moments


def day(value: date | datetime) -> date:
    """Return the day of a moment."""
    return value.date() if isinstance(value, datetime) else value


def is_past(value: date | datetime) -> bool:
    """Say whether a moment can be a publication's: not more than a year after this machine's today.

    A year, because a clock may be wrong, and the date that a page states must not be lost for it.
    """
    return day(value) <= date.today() + timedelta(days=366)


def without_dates(text: str) -> str:
    """Return a text without its dates and times, to see what else it holds."""
    for moment in reversed(find_moments(text, "und")):  # whatever the order of its numbers is
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
        if language in ("en", None) and _is_ambiguous(found):
            return None  # the third of April or the fourth of March
        if language == "en" and found["separator"] == "/" and month > 12:
            month, day = int(day), str(month)  # 3/25/2026 has one reading
    else:
        year, month, day = found["y_year"], int(found["y_month"]), found["y_day"]
    try:
        value = date(int(year), month, int(day))
    except ValueError:
        return None
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return None
    return _with_time(value, found)


def _is_ambiguous(found: Mapping[str, str | None]) -> bool:
    """Say whether a date in numbers could be read with the month first; points are never."""
    day, month = found["n_day"], found["n_month"]
    return bool(
        day and month and found["separator"] != "." and max(int(day), int(month)) <= 12 and int(day) != int(month)
    )


def _with_time(value: date, found: Mapping[str, str | None]) -> date | datetime:
    if found["whole"]:
        return _moment(value, found["whole"], "0", "0", found["whole_half"], found["whole_zone"])
    prefix = next((p for p in ("iso_", "after_", "before_") if found.get(f"{p}hour")), None)
    if prefix is None:
        return value
    hour, minute, second = (found[prefix + part] or "0" for part in ("hour", "minute", "second"))
    zone = found.get(f"{prefix}zone") or found["zone"] or found["late_zone"]  # "5:52 AM, Jul 18, 2024 CDT"
    return _moment(value, hour, minute, second, found.get(f"{prefix}half"), zone)


def _moment(value: date, hours: str, minute: str, second: str, half: str | None, zone: str | None) -> date | datetime:
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            return value
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    try:
        return datetime(value.year, value.month, value.day, hour, int(minute), int(second), tzinfo=_zone(zone))
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
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)
