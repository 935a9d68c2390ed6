"""Which words there are, how common each is, and which of them are forms of one word.

All forms of a word share one row of the table: `meci`, `meciul`, `meciurilor`. A language with rich inflection then
needs a third of the rows, a form that training never saw has the meaning of those it saw, and a dictionary entry
teaches every form. Lemmas are simplemma's, the ones that the lexical search indexes; Romanian participles are forms of
their verbs.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rag.text.lemmas import name_stem, participle_verb

_WORD = re.compile(r"[^\W\d_]+")
_CEDILLA = str.maketrans("şţ", "șț")
_DICTIONARIES = {"hr": "hbs", "bs": "hbs", "sr": "hbs"}
_FREQUENCIES = {"hr": "sh", "bs": "sh", "sr": "sh"}
# Below this part of a form's occurrences its commonest lemma does not speak for it: the form stands for itself.
_CLEAR = 0.6
# Particles and abbreviations, on which dictionaries err.
_SHORTEST = 3
# Words of a language that are taken from its frequency list; the rest are rarer than one in three million.
_LONGEST_LIST = 60_000

Fold = Callable[[str], str]
Counts = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Folded words: how common each is, and the folded lemma whose row it shares (often itself).

    Every lemma is a word of `lemma` too and its own lemma.
    """

    mass: dict[str, float]
    lemma: dict[str, str]


def count_forms(texts: Iterable[tuple[str, float, str]]) -> dict[str, Counter[str]]:
    """Count lower-case words by language, diacritics kept, as the dictionaries spell them.

    Args:
        texts: `(language, weight, text)`.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for language, weight, text in texts:
        counter = counts[language]
        for word in _WORD.findall(_spelt(text, language)):
            counter[word] += weight  # type: ignore[assignment]  # a weighted count
    return dict(counts)


def group_words(counts: Counts, *, shares: Mapping[str, float], fold: Fold) -> Words:
    """Fold the words of all languages, sum how common they are, and find the lemma of each.

    A word's part in a language is the mean of its part in `counts` and in wordfreq's list of that language, where it
    has one; languages are summed with `shares`. A form that means several words, in one language or in several,
    stands for itself unless one of them has most of its occurrences. A name in no dictionary (Trumpa) joins the
    commoner one without the ending (Trump).
    """
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    unknown: dict[str, str] = {}
    for language in counts:
        look_up = _dictionary(language)
        for word, share in parts_of_language(counts[language], language):
            folded = fold(word)
            if not _WORD.fullmatch(folded):
                continue
            entry = look_up(word) or look_up(word.capitalize()) if len(word) >= _SHORTEST else word
            lemma = fold(entry or word)
            key = lemma if _WORD.fullmatch(lemma) else folded
            if entry is None:
                unknown[folded] = language
            votes[folded][key] += shares.get(language, 0.1) * share  # type: ignore[assignment]
    mass = {word: float(found.total()) for word, found in votes.items()}
    lemma_of = {}
    for word, found in votes.items():
        (best, most), *_ = found.most_common(1)
        lemma_of[word] = best if most >= _CLEAR * mass[word] else word
    for word, language in unknown.items():
        stem = name_stem(word, language)
        if lemma_of[word] == word and mass.get(stem, 0.0) > mass[word]:
            lemma_of[word] = lemma_of[stem]
    for lemma in dict.fromkeys(lemma_of.values()):  # not a set: its order changes from run to run
        lemma_of[lemma] = lemma
        mass.setdefault(lemma, 0.0)
    return Words(mass=mass, lemma=lemma_of)


def dictionary_forms(languages: Iterable[str], fold: Fold) -> Iterator[tuple[str, str]]:
    """Yield `(folded form, folded lemma)` of every dictionary entry, language by language."""
    for language in languages:
        look_up = _dictionary(language)
        for form in _entries(language):
            lemma = look_up(form) or form
            pair = fold(form.lower()), fold(lemma.lower())
            if pair[0] != pair[1] and all(map(_WORD.fullmatch, pair)):
                yield pair


def _spelt(text: str, language: str) -> str:
    lower = unicodedata.normalize("NFC", text.lower())
    return lower.translate(_CEDILLA) if language == "ro" else lower


def parts_of_language(counted: Mapping[str, float], language: str) -> Iterator[tuple[str, float]]:
    """Yield each word of a language with its part of all its words."""
    # A word seen once tells nothing: it is more often a typing error than a name.
    kept = {word: count for word, count in counted.items() if count > 1}
    total = sum(kept.values()) or 1.0
    listed = _listed(language)
    weight = 0.5 if listed else 1.0
    for word, count in kept.items():
        yield word, weight * count / total
    for word, share in listed.items():
        yield from ((part, weight * share) for part in _WORD.findall(_spelt(word, language)))


def _listed(language: str) -> Mapping[str, float]:
    from wordfreq import available_languages, get_frequency_dict, top_n_list

    code = _FREQUENCIES.get(language, language)
    if code not in available_languages("best"):  # it would answer with a language it takes for near
        return {}
    frequency = get_frequency_dict(code, "best")
    return {word: frequency[word] for word in top_n_list(code, _LONGEST_LIST, wordlist="best")}


def _entries(language: str) -> Mapping[str, str]:
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY, SUPPORTED_LANGUAGES

    code = _DICTIONARIES.get(language, language)
    if code not in SUPPORTED_LANGUAGES:
        return {}
    return DEFAULT_DICTIONARY_FACTORY.get_dictionary(code)


def _dictionary(language: str) -> Callable[[str], str | None]:
    entries = _entries(language)

    def look_up(word: str) -> str | None:
        lemma = entries.get(word)
        if lemma is None:
            return None
        return (participle_verb(lemma, entries.get) if language == "ro" else None) or lemma.lower()

    return look_up
