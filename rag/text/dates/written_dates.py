"""A date as it is written: "22 January 2026", "2026. január 22.", "januarja", "între 20 și 25 ianuarie", "yesterday".

A month's name or a number alone is easily something else ("may", "mai mult", "in 20 cities"), so what is not clearly a
date is none: an ambiguous name needs a day, a year, or a word before it that only a month follows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from rag.records import Span
from rag.text.dates.date_words import JOINERS, date_words, relative_words
from rag.text.dates.months import every_name, month_names, names_in_texts
from rag.text.lexicon import Words, lexicon
from rag.text.normalisation import fold

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_FIRST_YEAR, _LAST_YEAR = 1400, 2199  # of a date with a month
_FIRST_YEAR_ALONE, _LAST_YEAR_ALONE = 1900, 2099
_HYPHENS = frozenset("'’-‑")
_BEFORE_ENDINGS = _HYPHENS | {":"}  # "22-án", "1:a"
_ORDINAL_LETTERS = 3  # after a number, at most: "3rd", "1er", "1η", "22-án", "22-го"
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_MONTH_FIRST = "en"  # whose dates with the month first are found in other languages' pages, too


class Token(NamedTuple):
    """A word, a number or a mark, with its place in the text."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def number(self) -> int:
        """Its value, or -1 for what is no number of at most four digits."""
        return int(self.text) if len(self.text) <= 4 and self.text.isdecimal() else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Days as they are written, from token `begin` to before token `stop`; what is not written is 0.

    `relative` is a unit and how far back; `until` is the other end of a range. `by_language` tells that the language
    alone settles which number is the day and which the month.
    """

    begin: int
    stop: int
    year: int = 0
    month: int = 0
    day: int = 0
    last_day: int = 0
    relative: tuple[str, int] | None = None
    until: Written | None = None
    by_language: bool = False


def read_tokens(text: str, start: int, end: int) -> list[Token]:
    """Return the words, numbers and marks of a part of a text, without the apostrophes and hyphens inside words."""
    found = [Token(word := match[0], fold(word), *match.span()) for match in _TOKEN.finditer(text, start, end)]
    if _HYPHENS.isdisjoint(token.text for token in found):
        return found
    return [
        token
        for place, token in enumerate(found)
        if not (
            token.text in _HYPHENS
            and 0 < place < len(found) - 1
            and found[place - 1].end == token.start
            and token.end == found[place + 1].start
            and found[place - 1].text.isalpha()
            and found[place + 1].text.isalpha()
        )
    ]


@cache
def _abbreviated(language: str | None) -> Mapping[str, tuple[int, bool]]:
    """Return what `names_in_texts` does, where the abbreviations of all languages count as much as whole names."""
    return {name: (number, True) for name, number in every_name(language).items()}


class DateReader:
    """Reads the dates of a text, token by token, with the words of its language.

    Args:
        text: a line, a question or a passage.
        span: the part of it that is read.
        language: of the text; without it the words of all languages count.
        abbreviations: whether abbreviated months of other languages count, which they may where a year is beside them.
    """

    def __init__(
        self, text: str, language: str | None, *, span: Span | None = None, abbreviations: bool = False
    ) -> None:
        self.tokens = read_tokens(text, *(span or (0, len(text))))
        self._language = language
        self._known = bool(lexicon(language).name)
        self._words = date_words(language)
        self._relative_words = relative_words(language)
        self._own = month_names(language)
        self._names = (_abbreviated(language) if abbreviations else None) or names_in_texts(language)

    def read(self, at: int) -> Written | None:
        """Return the date that begins at a token, if one does."""
        token = self.tokens[at]
        if token.text.isdecimal():
            return self._numeric(at) or self._year_first(at) or self._day_and_month(at) or self._year(at)
        if token.folded in self._names:
            return self._month_and_day(at) or self._month(at) or self._relative(at)
        return self._relative(at)

    def read_full(self, at: int) -> Written | None:
        """Return the date with a day, a month and a year that begins at a token, if one does."""
        token = self.tokens[at]
        if token.text.isdecimal():
            found = self._numeric(at) or self._year_first(at) or self._day_and_month(at)
        else:
            found = self._month_and_day(at) if token.folded in self._names else None
        return found if found and found.year and found.month and found.day and not found.last_day else None

    def joins(self, before: Written, after: Written) -> bool:
        """Return whether two dates are the ends of a range."""
        between = [token.folded for token in self.tokens[before.stop : after.begin]]
        opened = self._is_opened(before.begin)
        words = self._words
        more = words.before_day | words.before_month | words.before_year  # "până în 2004", "bis zum"
        return bool(between) and all(
            self._is_joiner(word, opened) or (place > 0 and word in more) for place, word in enumerate(between)
        )

    def _numeric(self, at: int) -> Written | None:
        """Read "21. 12. 2025", "2025-12-21", "13/4/2026"."""
        tokens = self.tokens[at : at + 5]
        if len(tokens) < 5 or tokens[1].text not in "./-" or tokens[3].text != tokens[1].text:
            return None
        if any(right.start - left.end > 1 for left, right in pairwise(tokens)):
            return None
        mark = tokens[1].text
        one, two, three = tokens[0].number, tokens[2].number, tokens[4].number
        if min(one, two, three) < 0:
            return None
        if _is_year(tokens[0]):
            return Written(begin=at, stop=at + 5, year=one, month=two, day=three) if len(tokens[4].text) <= 2 else None
        if not _is_year(tokens[4]) or max(len(tokens[0].text), len(tokens[2].text)) > 2:
            return None
        unclear = mark != "." and max(one, two) <= 12 and one != two
        if self._language in ("en", None) and unclear:
            return None  # 3/4/2026: the third of April or the fourth of March
        if self._language == "en" and mark == "/" and two > 12:
            one, two = two, one  # 3/25/2026 has one reading
        stop = self._year_end(at + 5)
        return Written(begin=at, stop=stop, year=three, month=two, day=one, by_language=unclear)

    def _year_first(self, at: int) -> Written | None:
        """Read "2026. január 22.", "2026 m. sausio 22 d.", "2026. gada 22. janvāris", "2026. január"."""
        if not _is_year(self.tokens[at]) or not (self._words.year_first and at + 1 < len(self.tokens)):
            return None
        after = at + 1
        while self._text(after) in (".", ",") or self._folded(after) in self._words.year_marks:
            after += 1
        marked = after > at + 1
        year, known = self.tokens[at].number, self._name(after) or (self._roman(after) if marked else None)
        if known is None:
            found = self._day_and_month(after) if marked and self._number(after) > 0 else None
            if found is None or found.year:
                return None
            return Written(
                begin=at, stop=found.stop, year=year, month=found.month, day=found.day, last_day=found.last_day
            )
        day, last_day, stop = self._days(self._after_name(after))
        if day:
            return Written(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)
        if known[1] and (marked or self._known) and self._folded(after) not in self._words.unclear:
            return Written(begin=at, stop=after + 1, year=year, month=known[0])
        return None

    def _day_and_month(self, at: int) -> Written | None:
        """Read "22. januarja 2026", "the 3rd of May 2026", "20-25 ianuarie", "între 20 și 25 ianuarie"."""
        day, last_day, after = self._days(at)
        if not day:
            return None
        if self._text(after) in ("-", "/") and self._name(after + 1):  # 22-Jan-2026
            after += 1
        known = self._roman(after)  # 15. I. 2026
        if known is None:
            while self._folded(after) in self._words.between:
                after += 1
            known = self._name(after)
        if known is None:
            return None
        year, stop = self._year_after(after + 1)
        unclear = not known[1] or self._folded(after) in self._words.unclear
        if unclear and not (year or last_day or self._before(at, self._words.before_day)):
            return None
        return Written(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)

    def _month_and_day(self, at: int) -> Written | None:
        """Read "January 22, 2026", "on May 3", "január 22-én", "sausio 22 d."."""
        known, name = self._name(at), self.tokens[at]
        day, last_day, after = self._days(self._after_name(at))
        if known is None or not day:
            return None
        year, stop = self._year_after(after)
        if year and (self._text(after) == "," or self._text(after - 1) == "."):  # "tammikuun 15. 2026"
            return Written(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)
        own = bool(self._words.month_first) and name.folded in self._own
        if not own and not (name.text[0].isupper() and name.folded in month_names(_MONTH_FIRST)):
            return None
        marked = self.tokens[after - 1].text.isalpha() or (
            self._text(after - 1) == "." and bool(self._words.year_first)
        )
        ends = not self._text(stop)[:1].isalnum()
        if not (year or marked or self._before(at, self._words.before_day) or (ends and known[1])):
            return None
        return Written(begin=at, stop=stop, year=year, month=known[0], day=day, last_day=last_day)

    def _month(self, at: int) -> Written | None:
        known = self._name(at)
        if known is None:
            return None
        year, stop = self._year_after(at + 1)
        if not year and not (known[1] and self._is_month_alone(at)):
            return None
        return Written(begin=at, stop=stop, year=year, month=known[0])

    def _is_month_alone(self, at: int) -> bool:
        name, words = self.tokens[at], self._words
        if self._known and name.folded not in self._own:
            return False  # "únor" is February in Czech, "unor" is "of some" in Romanian
        if name.folded in words.unclear:
            capital = bool(words.capitals) and name.text[0].isupper()
            goes_on = self._text(at + 1).isalpha() and not capital  # "în mai multe": in more
            return self._before(at, words.month_words if goes_on else words.before_month)
        beside = self._before(at, words.before_month) or self._folded(at + 1) in words.after_month
        if name.folded in words.ambiguous:
            return beside
        if name.folded in words.persons:
            return name.text.islower() and (beside or self._known)
        return True

    def _year(self, at: int) -> Written | None:
        year = self.tokens[at]
        if len(year.text) != 4 or not _FIRST_YEAR_ALONE <= year.number <= _LAST_YEAR_ALONE:
            return None
        if self._year_end(at + 1) == at + 1 and (
            self._is_decade(at + 1) or not self._before(at, self._words.before_year)
        ):
            return None
        return Written(begin=at, stop=at + 1, year=year.number)

    def _is_decade(self, at: int) -> bool:
        """Return whether letters are attached to the year before a place: "1970s", "1970-ih"."""
        ending = at + (self._text(at) in _HYPHENS and self._is_attached(at))
        return self._is_attached(ending) and self._text(ending).isalpha()

    def _relative(self, at: int) -> Written | None:
        words = self._relative_words
        longest = min(words.longest.get(self.tokens[at].folded, 0), len(self.tokens) - at)
        for length in range(longest, 0, -1):
            known = words.expressions.get(tuple(token.folded for token in self.tokens[at : at + length]))
            if known is not None and (length > 1 or self._is_word(at)):
                return Written(begin=at, stop=at + length, relative=known)
        return None

    def _days(self, at: int) -> tuple[int, int, int]:
        """Return a day, the last day of a range or 0, and the place after them; 0 where there is no day."""
        day, after = self._day(at)
        if not day or not self._is_joiner(self._folded(after), self._is_opened(at)):
            return day, 0, after
        ahead = after + 1
        while self._folded(ahead) in self._words.range_to or self._text(ahead) in JOINERS:  # "până la"
            ahead += 1
        last, stop = self._day(ahead)
        hour = self._is_attached(stop) and (self._text(stop) == ":" or self._number(stop) >= 0)  # "15. - 14:30"
        return (day, last, stop) if last and not hour else (day, 0, after)

    def _day(self, at: int) -> tuple[int, int]:
        """Return a day of a month and the place after it, with its full stop or ending; 0 where there is none."""
        number = self._number(at)
        if not 1 <= number <= 31 or len(self._text(at)) > 2:
            return 0, at
        after = at + 1
        joined = self._text(after) in _BEFORE_ENDINGS and self._is_attached(after)
        ending = after + joined
        if self._is_attached(ending) and self._text(ending).isalpha() and self._name(ending) is None:
            known = len(self._text(ending)) <= _ORDINAL_LETTERS or self._folded(ending) in self._words.day_marks
            return (number, ending + 1) if known else (0, at)
        if self._text(after) in (".", "º", "ª"):
            after += 1
        elif self._folded(after) in self._words.day_marks and self._text(after).islower():
            after += 1 + (self._text(after + 1) == "." and self._is_attached(after + 1))
        return number, after

    def _year_after(self, at: int) -> tuple[int, int]:
        """Return the year at a place, or behind "," "." "de" "of" "leta" there, and the place after it; 0 for none."""
        ahead = at
        while self._text(ahead) in (".", ",", "-", "/") or self._folded(ahead) in self._words.between:
            ahead += 1
        if ahead < len(self.tokens) and _is_year(self.tokens[ahead]):
            return self.tokens[ahead].number, self._year_end(ahead + 1)
        return 0, at

    def _year_end(self, at: int) -> int:
        """Return the place behind what belongs to the year before a place: "г.", ". godine", "-ban"."""
        after = at
        hyphen = self._text(after) in _HYPHENS and self._is_attached(after)
        if hyphen or (self._text(after) == "." and self._is_attached(after)):
            after += 1
        word = self._folded(after)
        if word not in self._words.after_year:
            return at
        point = self._text(after + 1) == "." and self._is_attached(after + 1) and len(word) < _ORDINAL_LETTERS
        return after + 1 + point if hyphen or point or len(word) >= _ORDINAL_LETTERS else at

    def _after_name(self, at: int) -> int:
        """Return the place behind a month's name and the full stop of an abbreviation."""
        return at + 1 + (self._text(at + 1) == ".")

    def _name(self, at: int) -> tuple[int, bool] | None:
        return self._names.get(self.tokens[at].folded) if at < len(self.tokens) else None

    def _roman(self, at: int) -> tuple[int, bool] | None:
        """Return the month that a Roman numeral gives at a place."""
        folded = self._folded(at)
        return (_ROMAN.index(folded), False) if folded in _ROMAN and self._text(at).isupper() else None

    def _text(self, at: int) -> str:
        return self.tokens[at].text if at < len(self.tokens) else ""

    def _folded(self, at: int) -> str:
        return self.tokens[at].folded if at < len(self.tokens) else ""

    def _number(self, at: int) -> int:
        return self.tokens[at].number if at < len(self.tokens) else -1

    def _is_word(self, at: int) -> bool:
        """Return whether a token is no name of two letters: "Ma" is one, "ma" is "today" in Hungarian."""
        return len(self._text(at)) > 2 or self._text(at).islower()

    def _is_attached(self, at: int) -> bool:
        return 0 < at < len(self.tokens) and self.tokens[at].start == self.tokens[at - 1].end

    def _before(self, at: int, words: Words) -> bool:
        return at > 0 and self.tokens[at - 1].folded in words

    def _is_opened(self, at: int) -> bool:
        """Return whether a word such as "between" is before a token: then "and" joins the two ends of a range."""
        return any(token.folded in self._words.range_from for token in self.tokens[max(0, at - 2) : at])

    def _is_joiner(self, word: str, opened: bool) -> bool:
        return word in JOINERS or word in self._words.range_to or (opened and word in self._words.range_and)


def _is_year(token: Token) -> bool:
    return len(token.text) == 4 and _FIRST_YEAR <= token.number <= _LAST_YEAR
