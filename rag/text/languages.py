"""Which language a text is written in, with lingua's n-gram models.

Lingua's low-accuracy mode keeps trigrams only. Lingua itself looks at nothing but trigrams in texts of 120 characters
or more, so on articles the mode loses nothing, and it needs 40 MB for the 31 languages here instead of hundreds. A
question is compared only with the languages it may be in, about 1.5 MB each.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

_CODES = "bg bs ca cs da de el en es et fi fr ga hr hu is it lt lv mk nb nl pl pt ro ru sk sl sq sr sv tr uk"
LANGUAGES = frozenset(_CODES.split())
"""ISO 639-1 codes of the languages that are told apart."""

_SAMPLE_CHARACTERS = 600  # some 90 words: more costs time in proportion and changes nothing
_MINIMUM_LETTERS = 12  # below it ("OK", a name, a number) every language is as good as another
_MINIMUM_CONFIDENCE = 0.5  # more likely than all other languages together
_MINIMUM_QUESTION_LETTERS = 6


def identify_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of an article, or None when too short or unsure.

    Example:
        >>> identify_language("Srečanje je bilo v Ljubljani, kjer so se pogovarjali o miru.")
        'sl'
    """
    return _identify(text[:_SAMPLE_CHARACTERS], LANGUAGES, _MINIMUM_LETTERS)


def identify_question_language(text: str, among: Collection[str]) -> str | None:
    """Return which of the languages `among` a question is in, or None when too short or unsure.

    Cheap enough for the serving process when `among` holds what matters there (the corpus' languages and those of
    the expected questions). Codes that lingua does not know are ignored; with one language left, that one is returned.

    Example:
        >>> identify_question_language("garantii de securitate", {"ro", "sl", "en"})
        'ro'
    """
    return _identify(text[:_SAMPLE_CHARACTERS], frozenset(among) & LANGUAGES, _MINIMUM_QUESTION_LETTERS)


def _identify(text: str, languages: frozenset[str], minimum_letters: int) -> str | None:
    if len(languages) < 2:
        return next(iter(languages), None)
    if sum(map(str.isalpha, text)) < minimum_letters:
        return None
    if text.isupper():  # capitals are read as acronyms by some models; the words are the same
        text = text.lower()
    values = _detector(languages).compute_language_confidence_values(text)
    if not values or values[0].value < _MINIMUM_CONFIDENCE:
        return None
    return values[0].language.iso_code_639_1.name.lower()


@lru_cache(maxsize=4)
def _detector(languages: frozenset[str]) -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder  # only when a text is to be identified

    codes = [IsoCode639_1.from_str(code) for code in sorted(languages)]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
