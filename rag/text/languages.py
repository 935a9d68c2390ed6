"""Which language a text is written in, with lingua's n-gram models.

Lingua's low-accuracy mode keeps trigrams only. Lingua itself looks at nothing but trigrams in texts of 120 characters
or more, so on articles the mode loses nothing, and it needs 40 MB for the 31 languages here instead of hundreds. A
question is compared only with the languages it may be in, about 1.5 MB each.

A question is short, and trigrams of its names mislead: the mode errs on one Romanian question in fourteen. Its little
words do not mislead, so they count besides: the file of each language has its 400 commonest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rag.text.lexicon import codes, lexicon
from rag.text.normalisation import fold

if TYPE_CHECKING:
    from lingua import LanguageDetector

LANGUAGES = codes()
"""ISO 639-1 codes of the languages that have a file of words. Those that lingua knows are recognised."""

_SAMPLE_CHARACTERS = 600  # some 90 words: more costs time in proportion and changes nothing
_LARGE_SAMPLE = 2_000  # for the words in which neighbours differ
_NEIGHBOURS = {"hr": "sr", "bs": "sr"}  # what lingua takes Serbian in Latin letters for
_MINIMUM_LETTERS = 12  # below it ("OK", a name, a number) every language is as good as another
_MINIMUM_CONFIDENCE = 0.5  # more likely than all other languages together
_MINIMUM_QUESTION_LETTERS = 6
_TRIGRAMS = 0.5  # trigrams of one word depend on each other, so their log-odds count half
_RARE = 1e-6  # chance of a word that is not among a language's commonest
_WORD = re.compile(r"[^\W\d_]+")


def identify_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of an article, or None when too short or unsure.

    Example:
        >>> identify_language("Srečanje je bilo v Ljubljani, kjer so se pogovarjali o miru.")
        'sl'
    """
    whole, text = text[:_LARGE_SAMPLE].lower(), text[:_SAMPLE_CHARACTERS]
    if sum(map(str.isalpha, text)) < _MINIMUM_LETTERS:
        return None
    chances = _trigram_chances(text, _recognised())
    best = max(chances, key=lambda language: chances[language], default=None)
    if best is None or chances[best] < _MINIMUM_CONFIDENCE:
        return None
    other = _NEIGHBOURS.get(best)
    return other if other and _own_words(whole, other) > _own_words(whole, best) else best


def _own_words(text: str, language: str) -> int:
    return len(_beside_neighbours(language).findall(text))


@cache
def _beside_neighbours(language: str) -> re.Pattern[str]:
    words = (
        re.escape(word[:-1]) if word.endswith("*") else rf"{re.escape(word)}\b"
        for word in lexicon(language).recognition.beside_neighbours
    )
    return re.compile(rf"\b(?:{'|'.join(words)})")


def identify_question_language(text: str, among: Collection[str]) -> str | None:
    """Return which of the languages `among` a question is in, or None when too short or unsure.

    Cheap enough for the serving process when `among` holds what matters there (the corpus' languages and those of
    the expected questions). Codes that lingua does not know are ignored; with one language left, that one is returned.

    Example:
        >>> identify_question_language("garantii de securitate", {"ro", "sl", "en"})
        'ro'
    """
    text, languages = text[:_SAMPLE_CHARACTERS], frozenset(among) & LANGUAGES
    if len(languages) < 2:
        return next(iter(languages), None)
    if sum(map(str.isalpha, text)) < _MINIMUM_QUESTION_LETTERS:
        return None
    languages &= _recognised()
    if len(languages) < 2:
        return next(iter(languages), None)
    words = [fold(word) for word in _WORD.findall(text)]
    odds = {
        language: _TRIGRAMS * math.log(max(chance, 1e-12))
        + sum(math.log(_common_words(language).get(word, _RARE)) for word in words)
        for language, chance in _trigram_chances(text, languages).items()
    }
    best = max(odds, key=lambda language: odds[language], default=None)
    total = sum(math.exp(value - odds[best]) for value in odds.values()) if best else 0.0
    return best if best and 1.0 / total >= _MINIMUM_CONFIDENCE else None


def _trigram_chances(text: str, languages: frozenset[str]) -> dict[str, float]:
    """Return what lingua gives each language, in its order; the values sum to 1 unless it can say nothing."""
    if text.isupper():  # capitals are read as acronyms by some models; the words are the same
        text = text.lower()
    values = _detector(languages).compute_language_confidence_values(text)
    return {value.language.iso_code_639_1.name.lower(): value.value for value in values}


@cache
def _recognised() -> frozenset[str]:
    """Return the languages that have a file here and a model in lingua."""
    from lingua import Language

    return LANGUAGES & {language.iso_code_639_1.name.lower() for language in Language.all()}


@cache
def _common_words(language: str) -> Mapping[str, float]:
    """Return a language's commonest words with their chances, by Zipf's law from their ranks."""
    return {word: 0.1 / (rank + 3) for rank, word in enumerate(lexicon(language).recognition.common)}


@lru_cache(maxsize=4)
def _detector(languages: frozenset[str]) -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder  # only when a text is to be identified

    known = [IsoCode639_1.from_str(code) for code in sorted(languages)]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*known).with_low_accuracy_mode().build()
