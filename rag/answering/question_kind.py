"""Whether a question asks for a time, a number or a place, and whether a sentence has one that the question lacks.

"When did they meet?" is answered by the sentence with the day, not by the one that repeats the question's words.
Questions that ask for people or reasons show it less clearly in the sentence, and are left alone.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Literal

from rag.text.dates.months import month_of
from rag.text.dates.periods import find_periods
from rag.text.lexicon import Words, lexicon
from rag.text.normalisation import fold

Kind = Literal["time", "number", "place"]

_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_ANY_DAY = date(2000, 1, 1)  # for a text of no known day: that "yesterday" is a time does not depend on it


def expected_kind(question: str, language: str | None) -> Kind | None:
    """Return what a question asks for: "time", "number", "place", or None for anything else or an unknown language.

    Example:
        >>> expected_kind("De când sunt la Paris?", "ro"), expected_kind("Koliko jih je bilo?", "sl")
        ('time', 'number')
        >>> expected_kind("Ce a spus Putin când a plecat?", "ro") is None
        True
    """
    words = " ".join(_WORDS.findall(fold(question)))
    patterns = _patterns(language or "")
    return next((kind for kind, pattern in patterns if pattern.search(words)), None)


def asks_yes_or_no(question: str, language: str | None) -> bool:
    """Return whether a question asks whether something is so: it has no question word among its first three words.

    Example:
        >>> asks_yes_or_no("A murit Ana Pop?", "ro"), asks_yes_or_no("In which town did she live?", "en")
        (True, False)
    """
    asked = _question_word(language or "")
    words = " ".join(_WORDS.findall(fold(question)))
    return asked is not None and question.rstrip().endswith("?") and asked.match(words) is None


@cache
def _question_word(language: str) -> re.Pattern[str] | None:
    words = lexicon(language).questions
    lists = (words.when, words.where, words.how_many, words.which, words.who, words.what, words.why, words.how)
    asked = [_any(each) for each in lists if each]
    return re.compile(rf"(?:\w{{1,40}} ){{0,2}}(?:{'|'.join(asked)})\b") if asked else None


@cache
def _patterns(language: str) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """Return what each kind of question looks like in a language, in the order in which they are tried.

    A question word is the first word of a question, or the second ("since when"); "which year" is anywhere in it.
    """
    words = lexicon(language).questions
    which = _any(words.which)
    tried: tuple[tuple[Kind, str, str], ...] = (
        ("time", r"^(?:\w+ )?", _any(words.when)),
        ("time", rf"\b{which} ", _any(words.time_nouns)),
        ("number", r"^(?:\w+ ){0,2}", _any(words.how_many)),
        ("number", rf"^(?:\w+ ){{0,2}}{which} ", _any(words.number_nouns)),
        ("place", r"^(?:\w+ )?", _any(words.where)),
        ("place", rf"\b{which} ", _any(words.place_nouns)),
    )
    return tuple((kind, re.compile(rf"{before}{asked}\b")) for kind, before, asked in tried if asked)


def _any(words: Words) -> str:
    """Return an expression for any of some words; empty where there are none."""
    parts = (re.escape(" ".join(_WORDS.findall(word))) + r"\w*" * word.endswith("*") for word in sorted(words))
    return f"(?:{'|'.join(parts)})" if words else ""


def holds_kind(kind: Kind | None, sentence: str, *, question: str, written: date | None, language: str | None) -> bool:
    """Return whether a sentence has a time, a number or the name of a place that the question does not have itself.

    Args:
        kind: what is asked for; nothing is held for None.
        sentence: of an article.
        question: numbers and dates written in it are no answer to it.
        written: when the article was published.
        language: of the sentence.
    """
    if kind is None:
        return False
    if kind == "place":
        return _names_a_place(sentence, fold(question), language)
    asked = set(_DIGITS.findall(question))
    new = [number for number in _DIGITS.findall(sentence) if number not in asked]
    if kind == "number":
        return bool(new)
    if any(len(number) in (3, 4) for number in new):  # a year
        return True
    said = fold(question)
    periods = find_periods(sentence, today=written or _ANY_DAY, language=language, past=False)
    return any(fold(sentence[period.start : period.end]) not in said for period in periods)


def _names_a_place(sentence: str, asked: str, language: str | None) -> bool:
    prepositions = lexicon(language).questions.before_places
    if not prepositions:
        return False
    found = re.findall(rf"\b{_any(prepositions)}\s+([^\W\d_][\w’'-]+)", sentence, re.IGNORECASE)
    return any(name[0].isupper() and fold(name) not in asked and month_of(name, language) is None for name in found)
