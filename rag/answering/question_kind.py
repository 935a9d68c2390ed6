"""Whether a question asks for a time, a number or a place, and whether a sentence has one that the question lacks.

"When did they meet?" is answered by the sentence with the day, not by the one that repeats the question's words.
Questions that ask for people or reasons show it less clearly in the sentence, and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal

from rag.text.dates.months import month_of
from rag.text.dates.periods import find_periods
from rag.text.normalisation import fold

Kind = Literal["time", "number", "place"]

# Folded; the first word of a question, or the second ("since when"), or anywhere with the noun that says what is asked.
_TIMES = {
    "en": "when", "ro": "cand", "sl": "kdaj", "hr": "kada|kad", "sr": "kada|kad|када|кад", "de": "wann", "fr": "quand",
    "it": "quando", "es": "cuando", "pt": "quando", "pl": "kiedy", "cs": "kdy", "sk": "kedy", "nl": "wanneer",
    "ru": "когда", "uk": "коли", "bg": "кога", "hu": "mikor", "el": "ποτε", "sv": "nar", "da": "hvornar", "nb": "nar",
}  # fmt: skip
_TIMES_ANYWHERE = {
    "en": r"(?:what|which) (?:year|date|day|month|century|decade|time)",
    "ro": r"(?:ce|care) (?:an|data|zi|luna|secol|deceniu|ora)",
    "sl": r"kater\w* (?:leto|leta|letu|dan|dne|dnevu|mesec\w*|stoletj\w*|datum\w*)|kolikih",
    "hr": r"koj\w* (?:godin\w*|dan\w*|datum\w*|mjesec\w*|stoljec\w*)",
    "de": r"welche\w* (?:jahr\w*|datum|tag\w*|monat\w*|jahrhundert\w*)",
    "fr": r"quel\w* (?:annee|date|jour|mois|siecle)",
    "it": r"(?:che|quale) (?:anno|data|giorno|mese|secolo)",
    "es": r"(?:que|cual) (?:ano|fecha|dia|mes|siglo)",
    "pt": r"(?:que|qual) (?:ano|data|dia|mes|seculo)",
}
_NUMBERS = {
    "en": r"how (?:many|much|old|long|far|tall|high|big|large|often|deep)|(?:what|which) (?:percent\w*|number|share)",
    "ro": r"cat[aei]?|(?:ce|care) (?:procent\w*|varsta|numar|suma)",
    "sl": r"koliko|kolik[aieo]|koliksn\w*",
    "hr": r"koliko|kolik[aieo]",
    "sr": r"koliko|kolik[aieo]|колико",
    "de": r"wie ?viele?|wie (?:alt|lange?|weit|hoch|gross|oft|tief)|wieviele?",
    "fr": r"combien|quel (?:age|pourcentage|nombre)",
    "it": r"quant[oaie]|(?:che|quale) (?:eta|percentuale|numero)",
    "es": r"cuant[oa]s?|(?:que|cual) (?:edad|porcentaje|numero)",
    "pt": r"quant[oa]s?|(?:que|qual) (?:idade|percentagem|numero)",
    "pl": "ile|ilu", "cs": "kolik", "sk": "kolko", "nl": "hoeveel", "ru": "сколько", "uk": "скільки", "bg": "колко",
    "hu": "hany|mennyi", "el": "ποσ[αεοη]ι?ς?", "sv": "hur (?:manga|mycket)", "da": "hvor (?:mange|meget)",
    "nb": "hvor (?:mange|mye)",
}  # fmt: skip
_WHERE = {
    "en": "where", "ro": "unde", "sl": "kje|kam", "hr": "gdje|kamo", "sr": "gde|gdje|где", "de": "wo|wohin", "fr": "ou",
    "it": "dove", "es": "donde|adonde", "pt": "onde", "pl": "gdzie", "cs": "kde", "sk": "kde", "nl": "waar",
}  # fmt: skip
_WHERE_ANYWHERE = {
    "en": r"(?:what|which) (?:city|town|country|place|state|village|region)",
    "ro": r"(?:ce|care) (?:oras|tara|loc|localitate|stat|sat|regiune)",
    "sl": r"kater\w* (?:mest[aou]|drzav\w*|kraj\w*|pokrajin\w*)",
    "hr": r"koj\w* (?:grad\w*|zemlj\w*|drzav\w*|mjest\w*)",
    "de": r"welche\w* (?:stadt|land|ort|dorf|region)",
    "fr": r"quel\w* (?:ville|pays|lieu|village|region)",
    "it": r"(?:che|quale) (?:citta|paese|luogo|regione)",
    "es": r"(?:que|cual) (?:ciudad|pais|lugar|region)",
    "pt": r"(?:que|qual) (?:cidade|pais|lugar|regiao)",
}
# Before a name, in a sentence: what stands after these is a place or goes to one.
_PLACE_PREPOSITIONS = {
    "en": "in|at|near|to|from", "ro": "la|în|din|lângă|spre", "sl": "v|na|iz|pri", "hr": "u|na|iz|kod",
    "sr": "u|na|iz|kod", "de": "in|nach|aus|bei", "fr": "à|en|au|aux|vers", "it": "a|in|da|nel|nella",
    "es": "en|a|desde", "pt": "em|no|na",
    "pl": "w|we|z|do", "cs": "v|ve|na|z|do", "sk": "v|vo|na|z|do", "nl": "in|te|naar|uit",
}  # fmt: skip
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


@cache
def _patterns(language: str) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """Return what each kind of question looks like in a language, in the order in which they are tried."""
    tried: tuple[tuple[Kind, str, Mapping[str, str]], ...] = (
        ("time", r"^(?:\w+ )?", _TIMES),
        ("time", r"\b", _TIMES_ANYWHERE),
        ("number", r"^(?:\w+ ){0,2}", _NUMBERS),
        ("place", r"^(?:\w+ )?", _WHERE),
        ("place", r"\b", _WHERE_ANYWHERE),
    )
    return tuple(
        (kind, re.compile(rf"{before}(?:{words[language]})\b")) for kind, before, words in tried if language in words
    )


def holds_kind(kind: Kind | None, sentence: str, *, question: str, written: date | None, language: str | None) -> bool:
    """Say whether a sentence has a time, a number or the name of a place that the question does not have itself.

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
    prepositions = _PLACE_PREPOSITIONS.get(language or "")
    if prepositions is None:
        return False
    found = re.findall(rf"\b(?:{prepositions})\s+([^\W\d_][\w’'-]+)", sentence, re.IGNORECASE)
    return any(name[0].isupper() and fold(name) not in asked and month_of(name, language) is None for name in found)
