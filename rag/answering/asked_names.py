"""Which names, numbers and claims of a question a passage and its article do not have.

A reader is easily misled by a passage that answers the same question about another town, person or number. Names are
compared as they are written in different languages and cases ("Dmitriev", "Dmitrijevim"), and through the near words
of the token table ("Viena", "Dunaj").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from rag.answering.question_kind import asks_yes_or_no
from rag.records import Hit, Span
from rag.retrieval.question import Group, Question
from rag.text.lexicon import lexicon
from rag.text.normalisation import fold
from rag.text.terms import in_dictionary, words

_LONGEST_TEXT = 50_000
"""Characters of an article in which names are looked for."""

_SPELT_ALIKE = 0.8
"""Similarity of two spellings from which they may be of one name, which then counts that much."""

_TITLE_CASE = 0.7
"""Share of the words after the first with a capital from which capitals say nothing."""

_ACRONYM = 4
"""Letters of an acronym at most; these differ between languages (ONU, UN) and are compared within one only."""

_LEAST_CLAIM = 3
"""Letters that a word has at least that may say what a question asks whether it is so."""

_SOUNDS = (
    ("sch", "s"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("ts", "c"), ("tz", "c"), ("ph", "f"),
    ("th", "t"), ("kh", "h"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("w", "v"), ("y", "i"), ("j", "i"), ("c", "k"),
)  # fmt: skip
_REPEATED = re.compile(r"(.)\1+")
_ENDS, _OPENING = tuple(".!?:…"), "„“”\"'«»("
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How much of a question's names and numbers is not there, from 0 (nothing, or it has none) to 1.

    Attributes:
        names: in the whole article and its title; the one that is missing most.
        claim: 1 for a question whether something is so ("Did Ana Pop resign?") where title and passage have none of its
            other words, nor near ones: they do not say it.
        numbers: those that are not dates, in the passage and the title.
    """

    names: float = 0.0
    claim: float = 0.0
    numbers: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    sound: str
    near: Mapping[str, float]  # near words of any language, with weights
    acronym: bool = False


@dataclass(frozen=True, slots=True)
class AskedNames:
    """The names and numbers of one question, and the words of what it asks whether it is so.

    Example:
        >>> _sound("Zelenskyy") == _sound("Zelenskij"), _same("dmitriev", "dmitrievim"), _same("siret", "prut")
        (True, True, False)
    """

    question: Question
    _names: tuple[_Name, ...] = field(init=False, repr=False)
    _claimed: tuple[_Name, ...] = field(init=False, repr=False)
    _numbers: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        text = self.question.text
        dated = [(period.start, period.end) for period in self.question.periods]
        numbers = {_plain(m[0]) for m in _DIGITS.finditer(text) if not _inside(m.span(), dated)}
        groups = {term: group for group in self.question.translated for term, weight in group.items() if weight >= 1}
        spans = words(text)
        object.__setattr__(self, "_numbers", frozenset(numbers))
        object.__setattr__(self, "_names", tuple(self._find_names(text, spans, dated, groups)))
        object.__setattr__(self, "_claimed", tuple(self._find_claims(text, spans, groups)))

    def missing(self, hit: Hit) -> Missing:
        """Return what a hit does not have."""
        same = self.question.shares(hit.document.language)
        near = f"{hit.document.title}\n{hit.passage.text}"
        words_there = _Words(near)
        names = self._missing_names(words_there, same=same)
        if names > 0:
            names = self._missing_names(_Words(f"{near}\n{hit.document.text[:_LONGEST_TEXT]}"), same=same)
        there = {_plain(number) for number in _DIGITS.findall(near)}
        numbers = len(self._numbers - there) / len(self._numbers) if self._numbers else 0.0
        claim = float(self._is_not_said(words_there, same=same))
        return Missing(names=names, claim=claim, numbers=numbers)

    def _missing_names(self, there: _Words, *, same: bool) -> float:
        return max((1 - there.strength(name, same=same) for name in self._names), default=0.0)

    @staticmethod
    def _auxiliaries(language: str | None) -> set[str]:
        return set(map(fold, lexicon(language or "").questions.auxiliaries))

    def _is_not_said(self, there: _Words, *, same: bool) -> bool:
        known = [claim for claim in self._claimed if same or min(claim.near.values(), default=1.0) < 1]
        return bool(known) and not any(map(there.has, known))

    def _find_claims(self, text: str, spans: list[Span], groups: Mapping[str, Group]) -> Iterator[_Name]:
        """Yield the words, without names and auxiliaries, of a question whether something is so."""
        first = fold(text[slice(*spans[0])]) if spans else ""
        known, possible = self.question.language, sorted(self.question.possible)
        # so few words are easily taken for those of another language: its auxiliary tells it better
        spoken = next((one for one in (known, *possible) if first in self._auxiliaries(one)), known)
        if not asks_yes_or_no(text, spoken):
            return
        auxiliaries = self._auxiliaries(spoken)
        for place, (start, end) in enumerate(spans):
            word = text[start:end]
            if end - start >= _LEAST_CLAIM and fold(word) not in auxiliaries and (place == 0 or word.islower()):
                yield _Name(sound=_sound(word), near=groups.get(fold(word), {}))

    def _find_names(
        self, text: str, spans: list[Span], dated: list[Span], groups: Mapping[str, Group]
    ) -> Iterator[_Name]:
        """Yield the words with a capital, without those that have it for another reason."""
        capital = [text[start].isupper() for start, _ in spans]
        titled = len(spans) < 3 or sum(capital[1:]) > _TITLE_CASE * (len(spans) - 1)
        for place, (start, end) in enumerate(spans):
            word = text[start:end]
            begins = place == 0 or _ends_sentence(text[spans[place - 1][1] : start])
            goes_on = place + 1 < len(spans) and capital[place + 1] and text[end : spans[place + 1][0]] == " "
            if end - start < 2 or not word[0].isalpha() or _inside((start, end), dated):
                continue
            if not capital[place] or begins or titled or goes_on or not self._is_name(text, spans, place, capital):
                continue
            acronym = word.isupper() and len(word) <= _ACRONYM
            yield _Name(sound=_sound(word), near=groups.get(fold(word), {}), acronym=acronym)

    def _is_name(self, text: str, spans: list[Span], place: int, capital: list[bool]) -> bool:
        """Return whether a word with a capital is a name: in German every noun has one.

        There it is one that the dictionary does not have, that follows another one, or that follows a preposition of
        places.
        """
        if self.question.language != "de":
            return True
        start, end = spans[place]
        before = text[slice(*spans[place - 1])]
        if (capital[place - 1] and place > 1) or before in lexicon("de").questions.before_places:
            return True
        return not in_dictionary(text[start:end], "de")


class _Words:
    """The words of a text by how they begin."""

    def __init__(self, text: str) -> None:
        self._folded = {fold(text[start:end]) for start, end in words(text)}
        self._sounds: dict[str, set[str]] = {}
        for word in self._folded:
            sound = _sound(word)
            self._sounds.setdefault(sound[:1], set()).add(sound)

    def has(self, claim: _Name) -> bool:
        """Return whether a word is there in any form, or one of its near words."""
        alike = self._sounds.get(claim.sound[:1], ())
        near = any(term in self._folded for term, weight in claim.near.items() if weight < 1)
        return near or any(_same(claim.sound, sound) for sound in alike)

    def strength(self, name: _Name, *, same: bool) -> float:
        """Return how surely a name is among the words, from 0 to 1."""
        if name.acronym and not same:
            return 1.0
        alike = self._sounds.get(name.sound[:1], ())
        if any(_same(name.sound, sound) for sound in alike):
            return 1.0
        best = max((weight for term, weight in name.near.items() if term in self._folded), default=0.0)
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(name.sound)
        for sound in alike:
            if abs(len(sound) - len(name.sound)) <= 3:
                matcher.set_seq1(sound)
                if matcher.quick_ratio() >= _SPELT_ALIKE:
                    ratio = matcher.ratio()
                    best = max(best, ratio if ratio >= _SPELT_ALIKE else 0.0)
        return best


def _sound(word: str) -> str:
    """Return a word as it is about pronounced, so that spellings of a name in different languages are the same."""
    text = fold(word)
    for written, spoken in _SOUNDS:
        text = text.replace(written, spoken)
    return _REPEATED.sub(r"\1", text)


def _same(name: str, other: str) -> bool:
    """Return whether two words are of one name in different cases: they begin alike and end in a few other letters."""
    least = len(name) - (0 if len(name) <= 4 else 1 if len(name) == 5 else 2)
    differing = (at for at, (a, b) in enumerate(zip(name, other, strict=False)) if a != b)
    common = next(differing, min(len(name), len(other)))
    return common >= least and len(other) - common <= 4


def _ends_sentence(between: str) -> bool:
    """Return whether what stands between two words ends a sentence, as far as it can be told from marks."""
    return between.rstrip().rstrip(_OPENING).rstrip().endswith(_ENDS)


def _plain(number: str) -> str:
    return number.replace(",", ".").rstrip(".")


def _inside(span: Span, spans: list[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)
