"""Questions that an article invites: who said this, what does this person say, who is it.

Nothing is generated: names and words are taken as they stand, where the text itself says who speaks, and set into a
sentence that needs no case endings in any language. Who speaks is a person: a name alone may be of a film or a house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rag import Document

Kind = Literal["who_said", "says", "who_is"]

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
_QUOTED = re.compile(r"[„“«»\"](?P<words>[^„“”«»\"\n]{18,300})[”“»«\"]")
_CLAUSE = re.compile(r"[^.,;:!?()–—]{18,72}(?=[.,;:!?()–—]|$)")
_REACH = 110  # characters around quoted words in which somebody must be named as their speaker
_BEFORE = 50  # characters before a name in which its sentence must go on
_SAID = range(3, 13)  # words
_MOST = 3  # of a kind in one article
CEDILLAS = str.maketrans("şţŞŢ", "șțȘȚ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A question an article invites: its kind, and the name or the words that it is about."""

    kind: Kind
    words: str
    document_id: str
    language: str | None

    @property
    def subject(self) -> str:
        """Return what it is about, the same for both spellings of Romanian (Uşakov, Ușakov)."""
        return self.words.translate(CEDILLAS)

    @property
    def verbatim(self) -> bool:
        """Tell whether it repeats the article's words, and so belongs in the article's language."""
        return self.kind == "who_said"


def suggest(document: Document) -> Iterator[Suggestion]:
    """Find the questions a document invites, at most `_MOST` of each kind, with different kinds next to each other."""
    text = "\n".join(document.text[slice(*span)] for span in document.passage_spans)
    found: list[tuple[Kind, Iterator[str]]] = [
        ("who_said", _words_said(text)),
        ("says", _speakers(text)),
        ("who_is", _people(text)),
    ]
    kinds = [(kind, list(islice(words, _MOST))) for kind, words in found]
    for n in range(_MOST):
        for kind, words in kinds:
            if n < len(words):
                yield Suggestion(kind=kind, words=words[n], document_id=document.id, language=document.language)


def _words_said(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        clause = _CLAUSE.match(" ".join(match["words"].split()))
        around = text[match.end() : match.end() + _REACH].split("\n")[0]
        if clause and _SOMEBODY.search(around) and len(clause.group().split()) in _SAID:
            yield clause.group().strip()


def _speakers(text: str) -> Iterator[str]:
    return (name for name in dict.fromkeys(_names(_SPEAKER, text)) if _is_name(name, text))


def _people(text: str) -> Iterator[str]:
    speaking = set(_names(_SPEAKER, text))
    return (name for name in dict.fromkeys(_names(_ROLE, text)) if name in speaking and _is_name(name, text))


def introduces(text: str, name: str) -> bool:
    """Return whether a text says beside a name who that is: "Ana Pop, mayor of Koper", "the mayor, Ana Pop"."""
    last = re.escape(name.translate(CEDILLAS).split()[-1])
    return bool(re.search(rf"\b{last},\s+[{_SMALL}]|[{_SMALL}],\s+(?:{_WORD}\s+)*{last}\b", text.translate(CEDILLAS)))


def names_a_speaker(text: str, name: str) -> bool:
    """Return whether a text says that somebody speaks, whose name may be shorter there."""
    text, name = text.translate(CEDILLAS), name.translate(CEDILLAS)
    return any(speaker in name.split() for speaker in _names(_SOMEBODY, text)) or name in _names(_SPEAKER, text)


def _names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield " ".join(next((group for group in match.groups() if group), "").split())


def _is_name(name: str, text: str) -> bool:
    """Tell whether it stands as a whole name inside a sentence.

    "Președintele Zelenski" only begins one, and "Darsa Andrej Ribič" are two names that met: one of three words stands
    in the text twice, and no other name stands right before it.
    """
    places = [match.start() for match in re.finditer(rf"\b{re.escape(name)}\b", text)]
    before = [text[max(0, at - _BEFORE) : at].rstrip(" ,") for at in places]
    joined = any(re.search(rf"\b{_WORD}$", words) and not words.endswith(",") for words in before)
    often = len(name.split()) == 2 or len(places) > 1
    return often and not joined and any(words[-1:].islower() for words in before)
