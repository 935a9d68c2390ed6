"""Whether a sentence that a language model wrote holds: its citations exist, and what it says is in what it cites.

Numbers, dates and names of the sentence must be in the cited passage or in what is known of its article; names and
number words may be there in another language, which the bundled table tells. Then the reader must find support.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.answering.reader import support
from rag.encoding.reading_model import ReadingModel
from rag.encoding.table import TokenTable
from rag.records import Answer, Period, Quote, Sentence
from rag.retrieval.date_match import day_of
from rag.text.dates.date_words import weekday_names
from rag.text.dates.months import month_of
from rag.text.dates.periods import find_periods
from rag.text.languages import LANGUAGES, identify_question_language
from rag.text.lemmas import open_dictionary
from rag.text.lexicon import lexicon
from rag.text.normalisation import fold
from rag.text.terms import surface_terms, words

Floats = NDArray[np.float32]

SUPPORTED = 0.04
"""Least probability that the reader gives a passage which supports a sentence. A judgement, and a weak test: read as
questions, claims of FEVER that their evidence supports have .45 in the middle, those that it contradicts .17."""

_SAME = 0.45
"""Cosine in the table from which two words name the same, in whatever languages: of countries named in Romanian,
Slovene and English 19 of 20 pairs have .64 or more, of names and the words of passages without them one in 100 .38."""

_MARKS = re.compile(r"\s{0,4}\[(\d{1,4})\]")
_NAMES_END = 3  # letters by which two forms of a name differ at most
_NAMES_BEGIN = 4  # letters that they share at least
_LEAST_LETTERS = 25  # of a sentence whose language is looked at


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a sentence may cite: a quote, the passage that it stands in, and what is known of the article."""

    number: int
    quote: str
    passage: str
    title: str = ""
    outlet: str = ""
    published: date | None = None
    language: str | None = None

    @cached_property
    def text(self) -> str:
        """All its words."""
        day = self.published.isoformat() if self.published else ""
        return "\n".join(part for part in (self.title, self.outlet, day, self.passage, self.quote) if part)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The days that it speaks of, and that of its publication."""
        found = find_periods(self.text, today=self.published, language=self.language, past=False)
        if self.published is None:
            return tuple(found)
        found = [replace(one, year_stated=True) for one in found]  # it is known then
        return (*found, Period(start=0, end=0, first=self.published, last=self.published))


def find_sources(answer: Answer) -> tuple[Source, ...]:
    """Return what may be cited of an answer: its quotes, each with the passage that it was found in."""
    return tuple(_source(quote, answer) for quote in answer.quotes)


def _source(quote: Quote, answer: Answer) -> Source:
    cited = quote.citation
    passages = [
        hit.passage.text
        for hit in answer.hits
        if hit.document.id == cited.document_id and hit.passage.start <= cited.start < hit.passage.end
    ]
    return Source(
        number=quote.number,
        quote=quote.text,
        passage=passages[0] if passages else quote.text,
        title=cited.title,
        outlet=cited.outlet or "",
        published=day_of(cited.published),
        language=quote.language,
    )


class SentenceChecker:
    """Checks sentences; safe to share between threads.

    Args:
        table: the token vectors.
        load: returns the reader's model; where there is none, nothing is asked of it.
    """

    def __init__(self, table: TokenTable, load: Callable[[], ReadingModel | None]) -> None:
        self._table = table
        self._load = load

    def check(self, written: str, sources: Sequence[Source], language: str | None) -> Sentence | None:
        """Return a sentence with its fault, if it has one; None where nothing but marks is written.

        Args:
            written: one sentence, with its citation marks: [1][2].
            sources: what may be cited.
            language: of the question, in which the sentence should be.
        """
        numbers = tuple(dict.fromkeys(map(int, _MARKS.findall(written))))
        sentence = Sentence(text=_MARKS.sub("", written).strip(), numbers=numbers)
        if not any(map(str.isalnum, sentence.text)):
            return None
        known = {source.number: source for source in sources}
        unknown = [number for number in numbers if number not in known]
        if not numbers:
            return replace(sentence, fault="uncited")
        if unknown:
            return replace(sentence, fault="unknown_source", missing=f"[{unknown[0]}]")
        if _is_in_another_language(sentence.text, language):
            return replace(sentence, fault="other_language")
        cited = [known[number] for number in numbers]
        return self._compare(sentence, cited, language)

    def _compare(self, sentence: Sentence, cited: Sequence[Source], language: str | None) -> Sentence:
        text = sentence.text
        day = next((source.published for source in cited if source.published), None)
        periods = find_periods(text, today=day, language=language, past=False)
        for period in periods:
            if not any(_is_of(other, period) for source in cited for other in source.periods):
                return replace(sentence, fault="date", missing=text[period.start : period.end])
        rest = list(text)
        for period in periods:
            rest[period.start : period.end] = " " * (period.end - period.start)
        vocabulary = _Vocabulary(self._table, cited)
        undated = "".join(rest)
        spans = words(undated)
        cardinals = lexicon(language).terms.cardinals
        for start, end in spans:
            if not vocabulary.holds_number(undated[start:end], cardinals):
                return replace(sentence, fault="number", missing=undated[start:end])
        for name in _names(undated, language):
            if not vocabulary.holds_name(name):
                return replace(sentence, fault="name", missing=name)
        model = self._load()
        if model is not None:
            passages = [(source.passage, source.title, source.published, source.language) for source in cited]
            if support(model, text, passages, language) < SUPPORTED:
                return replace(sentence, fault="unsupported")
        return sentence


def _is_of(found: Period, said: Period) -> bool:
    """Return whether days that were found lie within the days said; in any year, unless both state theirs."""
    if found.year_stated and said.year_stated:
        return said.first <= found.first and found.last <= said.last
    return found.last - found.first <= said.last - said.first and said.meets(found)


def _is_in_another_language(text: str, language: str | None) -> bool:
    if language is None:
        return False
    letters = [c for c in text if c.isalpha()]
    if len(letters) < _LEAST_LETTERS:
        return False
    return identify_question_language(text, LANGUAGES) != language


def _names(text: str, language: str | None) -> Iterator[str]:
    """Yield the words with a capital letter that are no names of months or days, nor common words with one."""
    own = lexicon(language)
    dictionary = open_dictionary(own.terms.dictionary or language) if language else None
    nouns = bool(own.sentences.before_ordinals)  # then any noun has a capital
    for place, (start, end) in enumerate(words(text)):
        word = text[start:end]
        folded = fold(word)
        if not word[0].isupper() or len(word) < 2 or folded in weekday_names() or month_of(word, language):
            continue
        if place == 0 or nouns:
            if dictionary is None or dictionary.look_up(word.lower()) is not None:
                continue
            if nouns and dictionary.look_up(word) is not None:
                continue
        yield word


class _Vocabulary:
    """The words of what is cited."""

    def __init__(self, table: TokenTable, cited: Sequence[Source]) -> None:
        self._table = table
        text = "\n".join(source.text for source in cited)
        self._terms = set(surface_terms(text))
        self._vectors = _units(table, sorted({text[start:end] for start, end in words(text)}))
        known = [lexicon(source.language).terms.cardinals for source in cited]
        self._values = {numbers[term] for numbers in known for term in self._terms if term in numbers}

    def holds_name(self, name: str) -> bool:
        """Return whether a name is there, in another case or language too."""
        own = "".join(surface_terms(name))
        return any(_is_form(own, term) for term in self._terms) or self._holds(name)

    def holds_number(self, word: str, cardinals: Mapping[str, str]) -> bool:
        """Return whether a number is there, in digits or a word; True for a word that is no number."""
        own = "".join(surface_terms(word))
        value = own if word[0].isdigit() else cardinals.get(own)
        if value is None or value in self._terms or value in self._values:
            return True
        return not word[0].isdigit() and self._holds(word)  # in a language whose numbers are not known

    def _holds(self, word: str) -> bool:
        return bool(len(self._vectors)) and float((self._vectors @ _units(self._table, [word])[0]).max()) >= _SAME


def _is_form(one: str, other: str) -> bool:
    """Return whether two folded words are forms of one name: Putin and Putinom, Pariz and Paris."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    shared = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shared >= max(_NAMES_BEGIN, len(longer) - _NAMES_END)


def _units(table: TokenTable, spelled: Sequence[str]) -> Floats:
    """Return the unit vectors ``(n, dim)`` of words."""
    tokens = table.tokenize(spelled)
    means = table.means(tokens.ids, tokens.bounds)
    units: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return units
