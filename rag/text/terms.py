"""Search terms: the words of a text, each as its folded surface and its folded lemma.

The order matters: NFC, cedilla to comma in Romanian, then the lemma (dictionaries know only correct spelling), and
folding last. Stop words are kept: their inverse document frequency is low.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING

from rag.records import Span
from rag.text.lemmas import name_stem, open_dictionary, participle_verb
from rag.text.lexicon import lexicon
from rag.text.normalisation import fold, normalise

if TYPE_CHECKING:
    from simplemma.strategies.dictionaries.dictionary_factory import DictionaryFactory

# What may stand inside a word beside letters and digits: NFD accents, soft hyphen, zero-width joiners.
_MARKS = "\u0300-\u036f\u00ad\u200c\u200d\u2060"
_REST = rf"[^\W_]*+(?:[{_MARKS}]++[^\W_]*+)*+"
_WORD = re.compile(
    rf"[^\W\d_]{{2}}{_REST}"  # nearly all words, so first
    r"|\d{1,3}(?:[.,]\d{3})+(?![.,]?\d)"  # thousands: 1.000.000, 12,500
    r"|(?<![\d.,])\d+[.,]\d+(?![.,:/]?\d)"  # decimals: 3,5 and times like 14.05, but no dates (21.12.2025)
    r"|(?<!\w)(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?"  # dotted acronyms: S.U.A., d.o.o, U.S.
    rf"|[^\W_]{_REST}"
)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")

_MAXIMUM_SPELLINGS = 128  # of one word; each costs a dictionary look-up
_MAXIMUM_LEMMAS = 3  # alternatives of one query word in one language
_MAXIMUM_CACHED = 200_000  # words of one language, some 30 MB
_LONGEST_WORD = 64  # longer ones are no words of any dictionary
_FEW = 5_000  # words of one language, of some ten articles: looking them up in a mapped trie takes what loading takes


Lookup = Callable[[str], str | None]
"""From a word to its lemma, or to None where the dictionary does not have the word."""


def words(text: str) -> list[Span]:
    """Return the words of a text in order, as spans into the text itself.

    Hyphens and apostrophes part words (s-au, l'Ucraina, Trump's); decimals, thousands and dotted acronyms
    are one word; dates and times with several parts are as many words as parts.

    Example:
        >>> text = "S.U.A. n-au 3,5 mil."
        >>> [text[start:end] for start, end in words(text)]
        ['S.U.A.', 'n', 'au', '3,5', 'mil']
    """
    return [match.span() for match in _WORD.finditer(text)]


def document_terms(text: str, language: str | None) -> tuple[list[str], list[str]]:
    """Return the folded surface and the folded lemma of every word, aligned one to one.

    Without a language, or in one without dictionary, a word's lemma is its surface.

    Example:
        >>> document_terms("Garanțiile de securitate", "ro")
        (['garantiile', 'de', 'securitate'], ['garantie', 'de', 'securitate'])
    """
    pairs = _pairs(language)
    found = [pairs[word] for word in _WORD.findall(text)]
    if len(pairs) > _MAXIMUM_CACHED:
        pairs.clear()
    return [surface for surface, _ in found], [lemma for _, lemma in found]


def surface_terms(text: str) -> list[str]:
    """Return the folded surface of every word, as `document_terms` does, without loading a dictionary.

    Example:
        >>> surface_terms("Garanțiile de securitate")
        ['garantiile', 'de', 'securitate']
    """
    return [_surface(word) for word in _WORD.findall(text)]


def query_terms(text: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Return for each word of a question its alternatives: the folded surface, then the folded lemma in each language.

    Where the dictionary does not know a word as typed, or the whole question has no diacritics, spellings with the
    language's diacritics are tried too, so that a question typed without them finds the same lemmas. Alternatives are
    distinct; words keep their order and repetitions.

    Example:
        >>> query_terms("garantii de securitate", ["ro"])
        [('garantii', 'garantie'), ('de',), ('securitate',)]
    """
    languages = tuple(dict.fromkeys(languages))
    bare = text.isascii()
    return [tuple(dict.fromkeys([_surface(w), *_query_lemmas(w, languages, bare)])) for w in _WORD.findall(text)]


def in_dictionary(word: str, language: str) -> bool:
    """Return whether the dictionary of a language has a word as it is written."""
    return _trie(language)(normalise(word, language)) is not None


def _surface(word: str) -> str:
    """Fold a word; write numbers in one form and acronyms without dots.

    1.000.000 and 1,000,000 become 1000000, 3,5 becomes 3.5.
    """
    if word[0].isdigit() and not word.isdigit():
        if _GROUPED.fullmatch(word):
            return word.replace(".", "").replace(",", "")
        return fold(word.replace(",", "."))
    folded = fold(word)
    return folded.replace(".", "") if "." in folded else folded


def _has_lemma(word: str) -> bool:
    """Return whether to look a word up; dictionaries are wrong on those of two letters (în: indiu)."""
    return 2 < len(word) <= _LONGEST_WORD and word[0].isalpha() and "." not in word


class _Pairs(dict[str, tuple[str, str]]):
    """A cache of the surface and the lemma of each word in one language.

    The first words are looked up in the mapped trie, which a serving process has open: adding one article loads no
    dictionary of Python objects. That dictionary, which is faster, is loaded when more words than `_FEW` are new.
    """

    def __init__(self, language: str | None) -> None:
        self._language = language
        self._lemmatize = _query_lemmatizer(language) if language else None
        self._lookup = _trie(language) if language else _nothing
        self._mapped = language is not None

    def __missing__(self, word: str) -> tuple[str, str]:
        if self._mapped and len(self) >= _FEW:
            self._lemmatize, self._lookup = _lemmatizer(self._language), _dictionary(self._language)
            self._mapped = False
        surface = _surface(word)
        if self._lemmatize is None or not _has_lemma(word):
            pair = (surface, surface)
        else:
            pair = (surface, self._lemma(word, surface))
        self[word] = pair
        return pair

    def _lemma(self, word: str, surface: str) -> str:
        assert self._lemmatize is not None
        word = normalise(word, self._language)
        lemma = _surface(_joined(self._lemmatize(word), self._language, self._lookup))
        if lemma != surface or not word[0].isupper():
            return lemma
        known = self._lookup(word) or self._lookup(word.lower()) or self._lookup(word.capitalize())
        return lemma if known else name_stem(lemma, self._language)


@lru_cache(maxsize=8)
def _pairs(language: str | None) -> _Pairs:
    return _Pairs(language)


@cache
def _trie(language: str) -> Lookup:
    """Return the look-up of a serving process in a language's dictionary; it finds nothing where there is none."""
    dictionary = open_dictionary(lexicon(language).terms.dictionary or language)
    return dictionary.look_up if dictionary is not None else _nothing


def _nothing(word: str) -> str | None:
    return None


def _dictionary(language: str | None) -> Lookup:
    """Return the same look-up in a dictionary of Python objects: faster for the millions of words of a corpus."""
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY, SUPPORTED_LANGUAGES

    code = lexicon(language).terms.dictionary or language
    return DEFAULT_DICTIONARY_FACTORY.get_dictionary(code).get if code in SUPPORTED_LANGUAGES else _nothing


def _joined(lemma: str, language: str | None, lookup: Lookup) -> str:
    """Return the verb that a lemma is a participle of, the lemma itself where it is none."""
    return (participle_verb(lemma, lookup) if language == "ro" else None) or lemma


def _lemmatizer(language: str | None, factory: DictionaryFactory | None = None) -> Callable[[str], str] | None:
    """Return the function from a word to its lemma by dictionary and rules, or None where simplemma knows nothing."""
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    code = lexicon(language).terms.dictionary or language
    if code not in SUPPORTED_LANGUAGES:
        return None
    strategy = DefaultStrategy(dictionary_factory=factory)
    lemmatizer = Lemmatizer(cache_max_size=1, lemmatization_strategy=strategy)  # the caller keeps what it needs
    return lambda word: lemmatizer.lemmatize(word, code)


@cache
def _query_lemmatizer(language: str) -> Callable[[str], str] | None:
    """Return the lemmatizer of a serving process: for words that are in no dictionary, so it imports simplemma."""
    from rag.text.lemmas import TrieFactory

    return _lemmatizer(language, TrieFactory())


@lru_cache(maxsize=20_000)
def _query_lemmas(word: str, languages: tuple[str, ...], bare: bool) -> tuple[str, ...]:
    """Return the folded lemmas a word of a question may have, language by language, likeliest first.

    A word that some dictionaries have as typed is none of the other languages. In a `bare` question, one without any
    diacritics, it may also stand for another word (tarile: tare, or țările: țară). What no dictionary has, even with
    diacritics put on it, is taken for a name.
    """
    if not _has_lemma(word):
        return ()
    typed = {language: _typed_lemmas(word, language) for language in languages}
    known = [language for language in languages if typed[language]]
    lemmas: list[str] = []
    for language in known or languages:
        restored = _restored_lemmas(word, language) if bare or not known else ()
        lemmas += dict.fromkeys([*typed[language], *restored][:_MAXIMUM_LEMMAS])
    return tuple(lemmas) or tuple(lemma for language in languages for lemma in _guessed_lemmas(word, language))


def _typed_lemmas(word: str, language: str) -> tuple[str, ...]:
    """Return the lemma that a language's dictionary has for a word as typed, in either case."""
    lookup = _trie(language)
    word = normalise(word, language)
    for form in dict.fromkeys((word, word.lower(), word.capitalize())):
        if (lemma := lookup(form)) is not None:
            return (_surface(_joined(lemma, language, lookup)),)
    return ()


def _restored_lemmas(word: str, language: str) -> list[str]:
    """Return the lemmas of the words that a word typed without diacritics may stand for."""
    lookup = _trie(language)
    lemmas = (lookup(form) for form in _spellings(word.lower(), language))
    return [_surface(_joined(lemma, language, lookup)) for lemma in lemmas if lemma is not None]


def _guessed_lemmas(word: str, language: str) -> tuple[str, ...]:
    """Return the lemmas that rules make of a word that is in no dictionary: simplemma's, then those for names."""
    lemmatize = _query_lemmatizer(language)
    if lemmatize is None:
        return ()
    lemma = _surface(lemmatize(normalise(word, language)))
    return (lemma, name_stem(lemma, language))


def _spellings(word: str, language: str) -> Iterable[str]:
    """Return the ways to put a language's diacritics on a word that has none, those with fewest first."""
    letters = lexicon(language).terms.restored
    if not letters or not word.isascii():
        return ()
    choices = [letters.get(letter, letter) for letter in word]
    if language == "ro":  # â stands inside a word, î at its ends (rules of 1993); prefixes (neîncetat) aside
        last = len(word) - 1
        choices = [
            options.replace("â", "") if at in (0, last) else "i" if letter == "i" and at > 3 else options
            for at, (letter, options) in enumerate(zip(word, choices, strict=True))
        ]
    count = 1
    for options in choices:
        count *= len(options)
    if count > _MAXIMUM_SPELLINGS:
        return ()
    spellings = ("".join(letters) for letters in product(*choices))
    return sorted((s for s in spellings if s != word), key=lambda s: sum(not c.isascii() for c in s))
