"""The words of each language, from `languages/<code>.toml`: one file a language, read when it is first needed.

To add a language, add its file. The records below are the sections of a file, their fields its keys. A key that is left
out is empty; an unknown one is an error. A value is a string: words between spaces, phrases between commas. It stands
in single quotes (three of them where it holds an apostrophe or takes several lines), which `tomllib` reads fastest.

    lexicon("sl").publishing.published            # the phrases before a date of publication, folded
    lexicon("xx").publishing.published            # empty: no file has this code; the same for None
    {word for words in lexicons() for word in words.publishing.updated}       # of all languages

Words are folded (`rag.text.normalisation.fold`), except those of `sentences` and `terms`, which are in lower case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from rag.text.normalisation import fold

FOLDER = Path(__file__).parent / "languages"
"""Where the files of the languages are."""

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

RELATIVE = (
    "today", "yesterday", "day_before_yesterday", "tomorrow",
    "this_week", "last_week", "this_month", "last_month", "this_year", "last_year",
)  # fmt: skip

Words = frozenset[str]
"""Words, or phrases with single spaces between their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What sentence boundaries depend on."""

    abbreviations: Words
    """After these a full stop ends no sentence; they are given without their last one."""
    starters: Words
    """These begin a sentence where they have a capital after a dotted acronym ("U.S.")."""
    before_numbers: Words
    """Abbreviations that are words, too: they are the former only before a number ("No. 5")."""
    before_ordinals: Words
    """After these a number and its full stop are an ordinal, where nouns have capitals ("im 21. Jahrhundert")."""
    quotes: tuple[str, ...]
    """Pairs of quotation marks, the opening one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What search terms depend on."""

    dictionary: str
    """The code of simplemma's dictionary, where it is another than the language's."""
    restored: Mapping[str, str]
    """For each letter those it may stand for when somebody types without diacritics, itself first."""
    name_endings: tuple[tuple[str, str], ...]
    """Case endings of names: the letter before it, as in a regular expression, or ""; and the ending."""
    cardinals: Mapping[str, str]
    """For each word of a number its digits: in a file the words for two, three and so on, "|" between forms of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a month or a weekday, in a file "whole names | abbreviations | names of this language alone"."""

    whole: Words
    """In every case that texts use."""
    short: Words
    """Abbreviations, without their full stop."""
    own: Words
    """Whole names that mean another month in another language, or are a common word there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """By what a language is recognised. `python -m training.common_words` writes `common`."""

    common: tuple[str, ...]
    """The commonest words, folded, the commonest first."""
    beside_neighbours: tuple[str, ...]
    """Words, or their beginnings before "*", that a language has where its neighbours write others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """What newspapers write around an article."""

    published: Words
    """Phrases before the date of publication."""
    updated: Words
    """Phrases before the date of the last change."""
    by: Words
    """Prepositions before the author's name ("by")."""
    author_labels: Words
    """Phrases that label the author's name ("author", "written by")."""
    pieces: Words
    """Words that may come before `by` ("interview by")."""
    roles: Words
    """Beginnings of the words for what an author does ("editor")."""
    particles: Words
    """Words in small letters inside the names of persons ("von")."""
    subject: Words
    """Labels of the subject in the head of a message that is forwarded inside another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """How dates and times are written. `rag.text.dates.date_words` joins those of all languages."""

    month_first: Words
    """Not empty where a month comes before its day ("January 22", "január 22.")."""
    year_first: Words
    """Not empty where a year comes before its month ("2026. január")."""
    capitals: Words
    """Not empty where names of months have a capital, and the same words without one are others ("may")."""
    between: Words
    """Between the day, the month and the year ("of")."""
    day_marks: Words
    """After a day ("22 d.", "22-го")."""
    year_marks: Words
    """After a year that comes first ("2026 m.")."""
    before_day: Words
    """Before a day ("on")."""
    before_month: Words
    """Before a month without a day ("in")."""
    after_month: Words
    """After a month without a day ("ocak ayında")."""
    month_words: Words
    """"Month", in the forms that come before its name."""
    before_year: Words
    """Before a year without a month ("in")."""
    after_year: Words
    """After a year ("2026 г.")."""
    ambiguous: Words
    """Names of months that are other words, too: alone they need a word of `before_month` or `after_month`."""
    persons: Words
    """Names of months that are names of persons with a capital ("maja", "Maja")."""
    unclear: Words
    """Names of months that need a word before them even beside a day ("cele 2 mai mari": the two greatest)."""
    range_from: Words
    """Before a range whose ends are joined by a word of `range_and` or `range_to` ("between")."""
    range_and: Words
    """Between the ends of a range behind a word of `range_from` ("and")."""
    range_to: Words
    """Between the ends of a range ("to")."""
    clock: Words
    """Between a day and an hour ("at"); not folded."""
    hours: Words
    """After an hour ("Uhr"); not folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The words of questions. A word that ends in "*" stands for all words that begin so."""

    when: Words
    where: Words
    how_many: Words
    """The beginnings of questions for a number ("how many", "how old")."""
    which: Words
    """Before a noun of the next three lists ("which year")."""
    time_nouns: Words
    place_nouns: Words
    number_nouns: Words
    before_places: Words
    """Prepositions before the name of a place; not folded."""
    who: Words
    what: Words
    why: Words
    how: Words
    auxiliaries: Words
    frames: Words
    """Phrases about the text that is asked about ("according to the passage")."""
    polite: Words
    """Phrases to the one who is asked ("please tell me")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What people ask besides questions that a sentence answers."""

    news: Words
    """Phrases that ask what is new, of nothing in particular."""
    follow_up: Words
    """Questions that name nothing and lean on something said before."""
    list: Words
    """How a request for a list of articles begins."""
    summary: Words
    """How a request for a summary begins."""
    comparison: Words
    """How a request to compare begins."""
    leads: Words
    """Conjunctions with which a question goes on from the one before ("and")."""
    pronouns: Words
    """Personal pronouns that are no other word, such as an article, and that no question needs for its grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words of one language; months from January, weekdays from Monday."""

    code: str
    name: str
    sentences: Sentences
    terms: Terms
    months: tuple[Names, ...]
    weekdays: tuple[Names, ...]
    recognition: Recognition
    publishing: Publishing
    dates: Dates
    relative: Mapping[str, Words]
    """For each key of `RELATIVE` its phrases; `elsewhere` has those that mean something else in other languages."""
    questions: Questions
    requests: Requests


def lexicon(code: str | None) -> Lexicon:
    """Return the words of a language by its ISO 639-1 code; an empty lexicon where there is no file.

    Raises:
        ValueError: the file is no TOML, has an unknown key, or a value that is no string.
    """
    return _read(code if code in codes() else None)


def lexicons() -> tuple[Lexicon, ...]:
    """Return the words of every language, in the order of their codes."""
    return tuple(map(_read, sorted(codes())))


@cache
def codes() -> frozenset[str]:
    """Return the codes of the languages that have a file."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


def _words(value: str) -> Words:
    return frozenset(fold(value).split())


def _phrases(value: str) -> Words:
    return frozenset(" ".join(phrase.split()) for phrase in fold(value).split(",")) - {""}


def _stems(value: str) -> Words:
    return frozenset(word.rstrip("*") for word in _words(value))


def _unfolded(value: str) -> Words:
    return frozenset(value.split())


def _unfolded_phrases(value: str) -> Words:
    return frozenset(" ".join(phrase.split()) for phrase in value.split(",")) - {""}


def _keys(section: type) -> list[str]:
    return [key.name for key in fields(section)]


def _in_order(value: str) -> tuple[str, ...]:
    return tuple(value.split())


def _letters(value: str) -> Mapping[str, str]:
    return {letter: letter + others for letter, _, others in (pair.partition(":") for pair in value.split())}


def _endings(value: str) -> tuple[tuple[str, str], ...]:
    return tuple((before, ending) for before, _, ending in (item.rpartition(":") for item in value.split()))


def _numbers(value: str) -> Mapping[str, str]:
    return {fold(form): str(n) for n, forms in enumerate(value.split(), 2) for form in forms.split("|")}


def _names(value: str) -> Names:
    whole, short, own = map(_phrases, [*value.split("|"), "", ""][:3])
    return Names(whole=whole, short=short, own=own)


_SECTIONS: Mapping[str, Mapping[str, Callable[[str], object]]] = {
    "sentences": {
        "abbreviations": _unfolded,
        "before_numbers": _unfolded,
        "starters": _unfolded,
        "before_ordinals": _unfolded,
        "quotes": _in_order,
    },
    "terms": {"dictionary": str, "restored": _letters, "name_endings": _endings, "cardinals": _numbers},
    "months": dict.fromkeys(MONTHS, _names),
    "weekdays": dict.fromkeys(WEEKDAYS, _names),
    "recognition": {"common": _in_order, "beside_neighbours": _in_order},
    "publishing": {
        **dict.fromkeys(("published", "updated", "by", "author_labels", "pieces", "subject"), _phrases),
        "roles": _stems,
        "particles": _words,
    },
    "dates": dict.fromkeys(_keys(Dates), _words) | {"clock": _unfolded_phrases, "hours": _unfolded_phrases},
    "relative": dict.fromkeys((*RELATIVE, "elsewhere"), _phrases),
    "questions": dict.fromkeys(_keys(Questions), _words)
    | dict.fromkeys(("how_many", "when", "where", "who", "what", "why", "how", "frames", "polite"), _phrases)
    | {"before_places": _unfolded},
    "requests": dict.fromkeys(("news", "follow_up", "list", "summary", "comparison"), _phrases)
    | {"leads": _words, "pronouns": _words},
}


@cache
def _read(code: str | None) -> Lexicon:
    return read_lexicon(code)


def read_lexicon(code: str | None) -> Lexicon:
    """Read the file of a language; None reads none, which gives an empty lexicon.

    Raises:
        ValueError: the file is no TOML, has an unknown key, or a value that is no string.
    """
    path = FOLDER / f"{code}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8")) if code is not None else {}
        name = data.pop("name", "")
        sections = {section: _read_section(data.pop(section, {}), section) for section in _SECTIONS}
        if data:
            raise ValueError(f"unknown: {', '.join(f'[{section}]' for section in data)}")
    except ValueError as error:
        raise ValueError(f"{path}: {error}; rag/text/lexicon.py describes the file of a language") from error
    return Lexicon(
        code=code or "und",
        name=name,
        sentences=Sentences(**sections["sentences"]),
        terms=Terms(**sections["terms"]),
        months=tuple(sections["months"].values()),
        weekdays=tuple(sections["weekdays"].values()),
        recognition=Recognition(**sections["recognition"]),
        publishing=Publishing(**sections["publishing"]),
        dates=Dates(**sections["dates"]),
        relative=sections["relative"],
        questions=Questions(**sections["questions"]),
        requests=Requests(**sections["requests"]),
    )


def _read_section(data: object, section: str) -> dict[str, Any]:
    known = _SECTIONS[section]
    if not isinstance(data, dict):
        raise ValueError(f"[{section}] is no section")
    if unknown := data.keys() - known.keys():
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    wrong = [key for key, value in data.items() if not isinstance(value, str)]
    if wrong:
        raise ValueError(f"{wrong[0]} is no string")
    return {key: read(data.get(key, "")) for key, read in known.items()}
