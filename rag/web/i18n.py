"""The words of the page in each interface language; dates, numbers and plurals follow CLDR through Babel."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_decimal_symbol
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined

STRONG_MATCH = 0.6
"""The probability from which an answer is called a strong match. On the half of XQuAD on which this was chosen, with as
many questions whose answering sentence was left out, four of five such answers are right; across languages three of
four.
"""

_Day = date  # inside `Words` the word names its method

LANGUAGES = ("en", "ro", "sl")
"""Interface languages; the first is the one used where nothing better is known."""


class Words:
    """Every string of the page in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale(language)
        self._point = get_decimal_symbol(self._locale)
        catalogue = json.loads((files("rag.web") / "locales" / f"{language}.json").read_text(encoding="utf-8"))
        self._plurals: dict[str, dict[str, str]] = catalogue.pop("plural")
        self.strings: dict[str, str] = catalogue

    def __call__(self, key: str, **values: object) -> str:
        """Return a string with its values put in. A missing key is a KeyError: no string is ever left untranslated."""
        return self.strings[key].format(**values)

    def count(self, key: str, n: int) -> str:
        """Return a counted noun in the right plural form: ``count("sources", 2)`` is "2 vira" in Slovene."""
        forms = self._plurals[key]
        return forms.get(self._locale.plural_form(n), forms["other"]).format(n=format_decimal(n, locale=self._locale))

    def date(self, published: date | datetime | None) -> str:
        """Return a date, and the time where the article states one, in the reader's form."""
        if published is None:
            return self("undated")
        if isinstance(published, datetime):
            pattern = "d MMM y, HH:mm" if self.language != "sl" else "d. MMM y, HH:mm"
            return format_datetime(published, pattern, locale=self._locale)
        return format_date(published, "d MMM y" if self.language != "sl" else "d. MMM y", locale=self._locale)

    def number(self, value: float) -> str:
        """Return a number with two decimals: 0.83, or 0,83 in Romanian and Slovene."""
        return f"{value:.2f}".replace(".", self._point)  # Babel's own way is thirty times slower, for every word marked

    def integer(self, value: int) -> str:
        """Return a whole number, its thousands set apart as the reader expects."""
        return format_decimal(value, locale=self._locale)

    def seconds(self, value: int) -> str:
        """Return a time to wait in words: "20 de secunde"."""
        return str(format_unit(value, "duration-second", locale=self._locale))

    def month(self, month: str) -> str:
        """Return a month written ``2026-01`` in words: "ian. 2026"."""
        return format_date(date.fromisoformat(f"{month}-01"), "LLL y", locale=self._locale)

    def period(self, first: _Day, last: _Day) -> str:
        """Return the days from first to last in the shortest words: "ianuarie 2026", "2026", "22. jan. 2026"."""
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
        if (
            first.day == 1
            and (last + timedelta(days=1)).day == 1
            and (first.year, first.month) == (last.year, last.month)
        ):
            return format_date(first, "LLLL y", locale=self._locale)
        return self.date(first) if first == last else f"{self.date(first)} – {self.date(last)}"

    def language_name(self, code: str | None) -> str:
        """Return a language's name ("romunščina" for ``ro``); the code itself where CLDR has none."""
        if not code:
            return "?"
        try:
            name = Locale.parse(code.replace("-", "_")).get_display_name(self._locale)
        except (UnknownLocaleError, ValueError):
            return code
        return name or code

    def match(self, probability: float) -> str:
        """Return how well an answer fits its question, in words that cannot be read as "yes, very likely"."""
        return self("match_strong" if probability >= STRONG_MATCH else "match_possible")


@cache
def words(language: str) -> Words:
    """Return the strings of an interface language, of English where there are none for it."""
    return Words(language if language in LANGUAGES else LANGUAGES[0])


def preferred_language(accept: str | None) -> str:
    """Choose an interface language from an ``Accept-Language`` header.

    >>> preferred_language("de-AT,de;q=0.9,sl;q=0.8,en;q=0.7")
    'sl'
    """
    weighted: list[tuple[float, str]] = []
    for part in (accept or "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighted.append((float(quality or 1), tag.strip().lower().split("-")[0]))
        except ValueError:
            continue
    known = [(-weight, place, tag) for place, (weight, tag) in enumerate(weighted) if tag in LANGUAGES and weight > 0]
    return min(known)[2] if known else LANGUAGES[0]


@cache
def environment() -> Environment:
    """Return the template environment of the page: everything escaped, a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, language: str, **values: object) -> str:
    """Return a template of the page with its values, in an interface language."""
    return environment().get_template(template).render(say=words(language), **values)
