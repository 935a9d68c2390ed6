"""Questions that an article invites: who said this, what does this person say, who is it, what is its headline about.

Nothing is generated: names and words are taken as they stand, where the text itself says who speaks, and set into a
sentence that needs no case endings in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag import Document

Kind = Literal["who_said", "says", "who_is", "together", "about"]

_SPEAKING = (
    "said says told added announced warned stated "
    "a_spus a_declarat a_afirmat a_precizat a_adăugat a_anunțat a_anunţat a_transmis a_explicat spune declară "
    "a_subliniat je_dejal je_dejala je_povedal je_povedala je_sporočil je_sporočila je_pojasnil je_pojasnila "
    "je_poudaril je_poudarila je_zapisal je_zapisala je_dodal je_dodala je_ocenil je_ocenila pravi "
    "je_rekao je_rekla je_izjavio je_izjavila kazao_je kazala_je sagte erklärte betonte "
    "a_déclaré a_dit a_affirmé a_indiqué ha_detto ha_dichiarato dijo afirmó declaró señaló"
)
_VERB = r"\b(?:" + "|".join(verb.replace("_", r"\s+(?:še\s+|tudi\s+)?") for verb in _SPEAKING.split()) + r")\b"
# Latin, Greek and Cyrillic; `re` has no class of its own for capitals
_CAPITAL, _SMALL = ("".join(c for c in map(chr, range(0x41, 0x530)) if test(c)) for test in (str.isupper, str.islower))
_WORD = rf"[{_CAPITAL}][{_SMALL}]+(?:['’-][{_CAPITAL}][{_SMALL}]+)?(?![^\W\d_])"
_NAME = rf"{_WORD}(?:[ \u00a0]{_WORD}){{1,2}}"
_SPEAKER = re.compile(rf"{_VERB}[ \u00a0](?P<after>{_NAME})|\b(?P<before>{_NAME})[ \u00a0](?={_VERB})")
_SOMEBODY = re.compile(rf"{_VERB}[ \u00a0](?P<after>{_WORD})|\b(?P<before>{_WORD})[ \u00a0](?={_VERB})")
_ROLE = re.compile(rf"\b(?P<name>{_NAME}),[ \u00a0][{_SMALL}]{{5,}}[ \u00a0]")
_PAIR = re.compile(rf"\b(?P<name>{_NAME})\b")
_QUOTED = re.compile(r"[„“«»\"](?P<words>[^„“”«»\"\n]{18,300})[”“»«\"]")
_CLAUSE = re.compile(r"[^.,;:!?()–—]{18,72}(?=[.,;:!?()–—]|$)")
_REACH = 110  # characters around quoted words in which somebody must be named as their speaker
_BEFORE = 50  # characters before a name in which its sentence must go on
_SAID = range(3, 13)  # words
_TITLE = range(4, 15)  # words of a headline that can be asked about
_AND = " / "
_CEDILLAS = str.maketrans("şţŞŢ", "șțȘȚ")
_OF_MANY = re.compile(r"(?:lor|ului)\b")  # Romanian genitives: "Statelor Unite"
_DECLINING = frozenset(("sl", "hr", "bs", "sr", "mk", "bg", "cs", "sk", "pl", "uk", "ru", "lt", "lv", "hu", "fi", "et"))
"""Languages in which a name inside a sentence may carry a case ending; who speaks there stands in the nominative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question an article invites: its kind, and the name or the words that it is about."""

    kind: Kind
    words: str
    document_id: str
    language: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the words that an answer has to have: one name, two, or the whole of what was said."""
        return tuple(self.words.split(_AND))

    @property
    def subject(self) -> str:
        """Return what it is about, the same for both spellings of Romanian (Uşakov, Ușakov)."""
        return self.words.translate(_CEDILLAS)

    @property
    def verbatim(self) -> bool:
        """Tell whether it repeats the article's words, and so belongs in the article's language."""
        return self.kind in ("who_said", "about")


def suggest(document: Document) -> Iterator[Suggestion]:
    """Find the questions a document invites, at most one of each kind and the most telling kinds first."""
    text = "\n".join(document.text[slice(*span)] for span in document.passage_spans)
    found: list[tuple[Kind, str | None]] = [
        ("who_said", _words_said(text)),
        ("says", _speaker(text)),
        ("who_is", _person(text)),
        ("together", _pair(document, text)),
        ("about", _headline(document.title)),
    ]
    for kind, words in found:
        if words:
            yield Suggestion(kind=kind, words=words, document_id=document.id, language=document.language)


def _words_said(text: str) -> str | None:
    for match in _QUOTED.finditer(text):
        clause = _CLAUSE.match(" ".join(match["words"].split()))
        around = text[match.end() : match.end() + _REACH].split("\n")[0]
        if clause and _SOMEBODY.search(around) and len(clause.group().split()) in _SAID:
            return clause.group().strip()
    return None


def _speaker(text: str) -> str | None:
    return next((name for name in _names(_SPEAKER, text) if _is_name(name, text)), None)


def _person(text: str) -> str | None:
    return next((name for name in _names(_ROLE, text) if _is_name(name, text)), None)


def _pair(document: Document, text: str) -> str | None:
    """Return two people named in one sentence: "A and B", to be split again where they are asked about."""
    if document.language in _DECLINING:
        return None
    for sentence in re.split(r"(?<=[.!?])\s|\n", text):
        names = dict.fromkeys(
            name for name in _names(_PAIR, sentence) if _is_name(name, text) and not _OF_MANY.search(name)
        )
        if len(names) >= 2:
            return _AND.join([*names][:2])
    return None


def _names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield " ".join(next((group for group in match.groups() if group), "").split())


def _is_name(name: str, text: str) -> bool:
    """Tell whether it stands with its capitals inside a sentence, too; "Președintele Zelenski" only begins one."""
    places = (match.start() for match in re.finditer(rf"\b{re.escape(name)}\b", text))
    before = (text[max(0, at - _BEFORE) : at].rstrip(" ,")[-1:] for at in places)
    return any(character.islower() for character in before)


def _headline(title: str) -> str | None:
    headline = re.split(r"(?<=[.!?…])\s|\s[|–—-]\s|\s\(", title.strip(), maxsplit=1)[0].strip(" .")
    return headline if len(headline.split()) in _TITLE and "?" not in headline else None
