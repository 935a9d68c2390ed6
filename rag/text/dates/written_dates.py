"""A date as it is written: "22 January 2026", "januarja", "între 20 și 25 ianuarie", "yesterday".

A month's name or a number alone is easily something else ("may", "mai mult", "in 20 cities"), so what is not clearly a
date is none: an ambiguous name needs a day, a year, or a word before it that only a month follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.dates.months import is_foreign, month_names, month_of
from rag.text.dates.period_words import (
    AMBIGUOUS,
    BEFORE_DAY,
    BEFORE_MONTH,
    BEFORE_YEAR,
    BETWEEN,
    CONJUNCTIONS,
    JOINERS,
    LONGEST_RELATIVE,
    LOWER_ONLY,
    OPENERS,
    RELATIVE,
)
from rag.text.normalisation import fold

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_ORDINALS = frozenset(("st", "nd", "rd", "th", "er"))
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_INSIDE_WORDS = frozenset("'’-‑")
_ENGLISH = month_names("en")
_RELATIVE_FIRST = frozenset(words[0] for words in RELATIVE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark, with its place in the text."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def number(self) -> int:
        """Return its value, or -1 for what is no number of at most four digits."""
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 4 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Days as they are written, from token `begin` to before token `stop`; what is not written is 0.

    `relative` is a unit and how far back; `until` is the other end of a range.
    """

    begin: int
    stop: int
    year: int = 0
    month: int = 0
    day: int = 0
    last_day: int = 0
    relative: tuple[str, int] | None = None
    until: Written | None = None


def read_tokens(text: str) -> list[Token]:
    """Return the words, numbers and marks of a text, without the apostrophes and hyphens inside words."""
    found = [Token(match[0], fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    return [
        token
        for place, token in enumerate(found)
        if not (
            token.text in _INSIDE_WORDS
            and 0 < place < len(found) - 1
            and found[place - 1].end == token.start
            and token.end == found[place + 1].start
            and found[place - 1].text.isalpha()
            and found[place + 1].text.isalpha()
        )
    ]


def read_date(tokens: list[Token], at: int, language: str | None) -> Written | None:
    """Return the date that begins at a token, if one does."""
    if tokens[at].number >= 0:
        return _numeric(tokens, at, language) or _day_and_month(tokens, at, language) or _year(tokens, at)
    return _relative(tokens, at, language) or _month_and_day(tokens, at) or _month(tokens, at, language)


def _numeric(tokens: list[Token], at: int, language: str | None) -> Written | None:
    if at + 4 >= len(tokens) or tokens[at + 1].text not in "./-" or tokens[at + 3].text != tokens[at + 1].text:
        return None
    one, two, three = tokens[at].number, tokens[at + 2].number, tokens[at + 4].number
    if _is_year(tokens[at]):
        return Written(begin=at, stop=at + 5, year=one, month=two, day=three)
    slashed = tokens[at + 1].text == "/" and language in ("en", None)
    if not _is_year(tokens[at + 4]) or (slashed and one <= 12 and one != two):
        return None  # 3/4/2026: the third of April or the fourth of March
    return Written(begin=at, stop=at + 5, year=three, month=two, day=one)


def _day_and_month(tokens: list[Token], at: int, language: str | None) -> Written | None:
    """Read "22. januarja 2026", "the 3rd of May 2026", "20-25 ianuarie", "între 20 și 25 ianuarie"."""
    day, after = _day(tokens, at)
    last_day = 0
    joined = after < len(tokens) and (
        tokens[after].folded in JOINERS or (tokens[after].folded in CONJUNCTIONS and is_opened(tokens, at))
    )
    if joined:
        ahead = after + 1
        while ahead < len(tokens) and tokens[ahead].folded in JOINERS:  # "până la"
            ahead += 1
        last_day, after = _day(tokens, ahead)
    while after < len(tokens) and tokens[after].folded in BETWEEN:
        after += 1
    known = _name(tokens, after, language) if day and (last_day or not joined) else None
    if known is None:
        return None
    year, stop = _year_after(tokens, after + 1)
    unclear = not known[1] or tokens[after].folded in AMBIGUOUS
    if unclear and not (year or last_day or _before(tokens, at, BEFORE_DAY)):
        return None
    return Written(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)


def _month_and_day(tokens: list[Token], at: int) -> Written | None:
    """Read "January 22, 2026" and "on May 3": English alone puts the month first."""
    known = month_of(tokens[at].text, "en")
    day, after = _day(tokens, at + 1)
    if known is None or not day or not tokens[at].text[0].isupper() or tokens[at].folded not in _ENGLISH:
        return None
    ordinal = tokens[after - 1].folded in _ORDINALS
    year, stop = _year_after(tokens, after)
    ends = stop >= len(tokens) or not tokens[stop].text[0].isalnum()
    if not (year or ordinal or _before(tokens, at, BEFORE_DAY) or (ends and known[1])):
        return None
    return Written(begin=at, stop=stop, year=year, month=known[0], day=day)


def _month(tokens: list[Token], at: int, language: str | None) -> Written | None:
    known = _name(tokens, at, language)
    if known is None:
        return None
    year, stop = _year_after(tokens, at + 1)
    if not year and not (known[1] and _is_month_alone(tokens, at, language)):
        return None
    return Written(begin=at, stop=stop, year=year, month=known[0])


def _is_month_alone(tokens: list[Token], at: int, language: str | None) -> bool:
    token = tokens[at]
    if is_foreign(token.text, language):
        return False
    if token.folded not in AMBIGUOUS:
        return True
    if token.folded in LOWER_ONLY:
        return token.text.islower() and language in ("sl", "hr", "sr")
    if token.folded == "marca":
        return language == "sl"
    if token.folded in ("may", "march") and not token.text[0].isupper():
        return False
    if token.folded == "mai" and language in ("ro", None) and at + 1 < len(tokens) and tokens[at + 1].text.isalpha():
        return _before(tokens, at, frozenset(("luna", "lunii")))  # "în mai multe": in more
    return _before(tokens, at, BEFORE_MONTH)


def _year(tokens: list[Token], at: int) -> Written | None:
    if _is_year(tokens[at]) and _before(tokens, at, BEFORE_YEAR):
        return Written(begin=at, stop=at + 1, year=tokens[at].number)
    return None


def _relative(tokens: list[Token], at: int, language: str | None) -> Written | None:
    if tokens[at].folded not in _RELATIVE_FIRST:
        return None
    for length in range(min(LONGEST_RELATIVE, len(tokens) - at), 0, -1):
        known = RELATIVE.get(tuple(token.folded for token in tokens[at : at + length]))
        if known is not None and known[2] in (None, language):
            return Written(begin=at, stop=at + length, relative=known[:2])
    return None


def _name(tokens: list[Token], at: int, language: str | None) -> tuple[int, bool] | None:
    return month_of(tokens[at].text, language) if at < len(tokens) and tokens[at].text.isalpha() else None


def _day(tokens: list[Token], at: int) -> tuple[int, int]:
    """Return a day of a month and the place after it, with its full stop or ordinal ending; 0 where there is none."""
    if at >= len(tokens) or not 1 <= tokens[at].number <= 31 or len(tokens[at].text) > 2:
        return 0, at
    after = at + 1
    if after < len(tokens) and (tokens[after].text in ".ºª" or tokens[after].folded in _ORDINALS):
        after += 1
    return tokens[at].number, after


def _year_after(tokens: list[Token], at: int) -> tuple[int, int]:
    """Return the year at a place, or behind "," "." "de" "of" "leta" there, and the place after it; 0 for none."""
    ahead = at
    while ahead < len(tokens) and (tokens[ahead].text in ".," or tokens[ahead].folded in BETWEEN):
        ahead += 1
    if ahead < len(tokens) and _is_year(tokens[ahead]):
        return tokens[ahead].number, ahead + 1
    return 0, at


def _is_year(token: Token) -> bool:
    return len(token.text) == 4 and _FIRST_YEAR <= token.number <= _LAST_YEAR


def _before(tokens: list[Token], at: int, words: frozenset[str]) -> bool:
    return at > 0 and tokens[at - 1].folded in words


def is_opened(tokens: list[Token], at: int) -> bool:
    """Say whether a word such as "between" stands before a token: "and" is then what joins two ends of a range."""
    return any(token.folded in OPENERS for token in tokens[max(0, at - 2) : at])
