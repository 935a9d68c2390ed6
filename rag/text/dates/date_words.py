"""The words around dates, of a language or, where it has no file of its own, of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from rag.text.lexicon import RELATIVE, Dates, lexicon, lexicons

JOINERS = frozenset("-–—")
"""Marks between the two ends of a range."""

_UNITS: Mapping[str, tuple[str, int]] = {
    "today": ("day", 0),
    "yesterday": ("day", 1),
    "day_before_yesterday": ("day", 2),
    "tomorrow": ("day", -1),
    "this_week": ("week", 0),
    "last_week": ("week", 1),
    "this_month": ("month", 0),
    "last_month": ("month", 1),
    "this_year": ("year", 0),
    "last_year": ("year", 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Expressions such as "last week", by their words: the unit, and how many of it back.

    `longest` is the number of words of the longest expression that begins with a word.
    """

    expressions: Mapping[tuple[str, ...], tuple[str, int]]
    longest: Mapping[str, int]


@cache
def date_words(language: str | None) -> Dates:
    """Return the words around dates in a language; without a file of that language, those of all languages."""
    own = lexicon(language)
    if own.name:
        return own.dates
    every = [words.dates for words in lexicons()]
    joined = {
        field.name: frozenset[str]().union(*(getattr(words, field.name) for words in every)) for field in fields(Dates)
    }
    return Dates(**joined)


@cache
def relative_words(language: str | None) -> Relative:
    """Return the expressions of all languages, without those that mean something else in `language`.

    Example:
        >>> relative_words("fr").expressions[("hier",)], ("hier",) in relative_words("de").expressions
        (('day', 1), False)
    """
    found: dict[tuple[str, ...], tuple[str, int]] = {}
    for words in lexicons():
        foreign = frozenset[str]() if words.code == language else words.relative["elsewhere"]
        for key in RELATIVE:
            for phrase in words.relative[key] - foreign:
                expression = tuple(phrase.replace("-", " ").replace("'", " ").split())
                if words.code == language or expression not in found:
                    found[expression] = _UNITS[key]
    longest: dict[str, int] = {}
    for expression in found:
        longest[expression[0]] = max(len(expression), longest.get(expression[0], 0))
    return Relative(expressions=found, longest=longest)


@cache
def weekday_names() -> frozenset[str]:
    """Return the names and abbreviations of the weekdays in all languages, folded."""
    names = [names for words in lexicons() for names in words.weekdays]
    return frozenset[str]().union(*(name.whole | name.short for name in names))
