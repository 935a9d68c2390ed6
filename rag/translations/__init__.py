"""The sentences of errors and failures: `en.json`, `ro.json` and `sl.json` map each code to one sentence.

An error carries a code and facts; its sentence is made when it is shown, in the language of whoever reads it. A
sentence names its facts in braces: ``{name}`` as it is, ``{size:,}`` with its thousands separated as the language does,
``{pages:page|pages}`` the form that a number takes (in the order of CLDR: one, two, few, many, other, as far as the
language has them), ``{kind:picture=a picture|sound=a sound}`` the words for a value.

A file is read when the first sentence of its language is needed. This package imports nothing of ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

Fact = str | int | float
"""A value that a sentence is made with; all of them go through JSON unchanged."""

LANGUAGES = ("en", "ro", "sl")
"""The languages that there are sentences in; the first is used where no other is asked for."""

_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_SEPARATORS = {"en": {}, "ro": {",": ".", ".": ","}, "sl": {",": ".", ".": ","}}  # of thousands and of decimals


def render(code: str, facts: Mapping[str, Fact], language: str = LANGUAGES[0]) -> str:
    """Return the sentence of a code, on one line; the code itself where there is no sentence for it.

    It never fails: a record that another version of the program stored may have other codes and facts.

    >>> render("file_empty", {"name": "a.txt"})
    "'a.txt' is empty (0 bytes). Remove it, or fetch it again"
    """
    language = language if language in LANGUAGES else LANGUAGES[0]
    sentence = catalogue(language).get(code)
    text = escaped(" ".join(code.split())) if sentence is None else _Formatter(language).vformat(sentence, (), facts)
    return " ".join(text.split())


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by code."""
    path = Path(__file__).parent / f"{language}.json"
    sentences: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return sentences


def clean(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return facts whose texts are printable and on one line."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in facts.items()}


def escaped(text: str) -> str:
    """Return a text with its control characters, line breaks and what is not Unicode escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


@cache
def plural_categories(language: str) -> tuple[str, ...]:
    """Return the plural categories of a language in CLDR's order."""
    from babel import Locale

    tags = {*Locale(language).plural_form.tags, "other"}
    return tuple(category for category in _CATEGORIES if category in tags)


class _Formatter(Formatter):
    """Puts facts into a sentence of one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if "=" in format_spec:
            words = dict(option.split("=", 1) for option in format_spec.split("|"))
            return words.get(str(value), escaped(str(value)))
        number = isinstance(value, int | float)
        if "|" in format_spec:
            return self._form(value if number else 0, format_spec.split("|"))
        if not format_spec or not number:
            return escaped(str(value))
        return "".join(_SEPARATORS[self._language].get(c, c) for c in format(value, format_spec))

    def _form(self, number: float, forms: Sequence[str]) -> str:
        from babel import Locale

        category = Locale(self._language).plural_form(abs(number))
        return dict(zip(plural_categories(self._language), forms, strict=False)).get(category, forms[-1])
