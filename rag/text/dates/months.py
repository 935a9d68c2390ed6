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
    folded = fold(name)
    return _own(language).get(folded) or _any().get(folded)


def month_of(name: str, language: str | None) -> tuple[int, bool] | None:
    """Return a month's number and whether the name is a whole one, for names of a language; None for other words.

    Without a language, or where it has no such name, whole names of any language count, abbreviations do not.

    Example:
        >>> month_of("jan", "en"), month_of("januarja", "en"), month_of("ago", "en"), month_of("ago", "it")
        ((1, False), (1, True), None, (8, False))
    """
    folded = fold(name)
    if (number := _own(language).get(folded)) is not None:
        return number, folded not in _short(language)
    number = _any_whole().get(folded)
    return (number, True) if number is not None else None


def is_foreign(name: str, language: str | None) -> bool:
    """Return whether a name is none of the language's own, where those are known.

    Alone, with neither day nor year, such a name is more often another word: Czech "únor" is Romanian "unor" (of some).
    """
    own = _own(language)
    return bool(own) and fold(name) not in own


def month_names(language: str | None = None) -> frozenset[str]:
    """Return the names of months, folded: of a language, or of all where it is not known.

    Example:
        >>> "januarja" in month_names("sl"), "marzo" in month_names("sl")
        (True, False)
    """
    return _names(language)


@cache
def _own(language: str | None) -> Mapping[str, int]:
    return _numbers((lexicon(language),), short=True, own=True)


@cache
def _short(language: str | None) -> frozenset[str]:
    return frozenset[str]().union(*(names.short - names.whole for names in lexicon(language).months))


@cache
def _any() -> Mapping[str, int]:
    """Return the names of all languages; of one that stands for several months, the whole name goes first."""
    layers = (_numbers(lexicons()), _numbers(lexicons(), short=True), _numbers(lexicons(), own=True))
    found: dict[str, int] = {}
    for layer in layers:
        found = {**layer, **found}
    return {name: number for name, number in found.items() if number}


@cache
def _any_whole() -> Mapping[str, int]:
    """Return the whole names of all languages that mean one month, and nothing else, in each."""
    return {name: number for name, number in _numbers(lexicons()).items() if number}


@cache
def _names(language: str | None) -> frozenset[str]:
    own = _own(language)
    return frozenset(own) if own else frozenset[str]().union(*(_own(words.code) for words in lexicons()))


def _numbers(languages: Iterable[Lexicon], *, short: bool = False, own: bool = False) -> dict[str, int]:
    """Return the numbers of whole names and, if asked, of others; 0 for a name of several months."""
    numbers: dict[str, int] = {}
    for words in languages:
        for number, names in enumerate(words.months, 1):
            for name in names.whole | (names.short if short else _NONE) | (names.own if own else _NONE):
                numbers[name] = number if numbers.get(name, number) == number else 0
    return numbers
