"""The names of the months, as they stand in the dates of European newspapers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from rag.text.lexicon import Lexicon, lexicon, lexicons
from rag.text.normalisation import fold

_NONE = frozenset[str]()


def month_number(name: str, language: str | None = None) -> int | None:
    """Return 1 to 12 for the name of a month in any case, with or without diacritics, or None.

    A name that `language` does not have is read as one of another language. One that means different months in
    different languages ("listopada": October in Croatian, November in Polish) is then no month.

    Example:
        >>> month_number("Ian"), month_number("Mar"), month_number("listopada", "pl"), month_number("listopada")
        (1, 3, 11, None)
    """
    return every_name(language).get(fold(name))


def month_of(name: str, language: str | None) -> tuple[int, bool] | None:
    """Return a month's number and whether the name is a whole one, for names of a language; None for other words.

    Without a language, or where it has no such name, whole names of any language count, abbreviations do not.

    Example:
        >>> month_of("jan", "en"), month_of("januarja", "en"), month_of("ago", "en"), month_of("ago", "it")
        ((1, False), (1, True), None, (8, False))
    """
    return names_in_texts(language).get(fold(name))


def month_names(language: str | None = None) -> frozenset[str]:
    """Return the names of months, folded: of a language, or of all where it is not known.

    Example:
        >>> "januarja" in month_names("sl"), "marzo" in month_names("sl")
        (True, False)
    """
    return _names(language)


@cache
def names_in_texts(language: str | None) -> Mapping[str, tuple[int, bool]]:
    """Return, for each folded name, what `month_of` says of it."""
    foreign = {name: (number, True) for name, number in _numbers(lexicons()).items() if number}
    own = lexicon(language)
    short = _NONE.union(*(names.short - names.whole for names in own.months))
    return foreign | {name: (number, name not in short) for name, number in _own(own).items()}


@cache
def every_name(language: str | None) -> Mapping[str, int]:
    """Return, for each folded name, what `month_number` says of it."""
    found: dict[str, int] = {}
    for layer in (_numbers(lexicons(), own=True), _numbers(lexicons(), short=True), _numbers(lexicons())):
        found |= layer  # a name that stands for several months: as a whole name before it is an abbreviation
    return {name: number for name, number in found.items() if number} | _own(lexicon(language))


@cache
def _names(language: str | None) -> frozenset[str]:
    return frozenset(_own(lexicon(language))) or _NONE.union(*(_own(words) for words in lexicons()))


def _own(words: Lexicon) -> dict[str, int]:
    return _numbers((words,), short=True, own=True)


def _numbers(languages: Iterable[Lexicon], *, short: bool = False, own: bool = False) -> dict[str, int]:
    """Return the numbers of whole names and, if asked, of others; 0 for a name of several months."""
    numbers: dict[str, int] = {}
    for words in languages:
        for number, names in enumerate(words.months, 1):
            for name in names.whole | (names.short if short else _NONE) | (names.own if own else _NONE):
                numbers[name] = number if numbers.get(name, number) == number else 0
    return numbers
