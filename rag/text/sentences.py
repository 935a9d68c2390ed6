"""Sentence boundaries with exact offsets.

No library was used, because none handles Slovene and Romanian news: sentencex 1.0 has no Slovene, splits "21. 12. 2025"
in three and "8. januarja" in two, and splits after "npr.", "dl." and "alin."; pysbd 0.3 has neither language; neural
splitters need a model. The rules use what newspapers have in common: a full stop before a word in lower case is no
boundary, so only a full stop before a capital letter or a digit has to be decided.
"""

from __future__ import annotations

import re
from functools import cache

from rag.records import Span
from rag.text.dates.months import month_names
from rag.text.lexicon import lexicon, lexicons
from rag.text.normalisation import fold
from rag.text.wrapping import wrap_width

_CLOSERS = "\"'”“’‘»«›‹)\\]"
# A run of marks is tried once, from its beginning, and given back in no part: otherwise a long run without a space
# after it takes time by the square of its length.
_TERMINATOR = re.compile(rf"(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?:\[\d++\])*+(?=\s|$)")
# French sets closing guillemets apart: « Oui. » In Slovene and German the same mark after a space opens: »Ne.«
_SPACED_CLOSER = re.compile(r"[ \u00a0\u202f]»(?=\s|$)")
_NEXT_WORD = re.compile(r"[\s\"'„“”‚‘’«»‹›(\[–—\-•*¿¡]*(\w+)")
_LAST_TOKEN = re.compile(r"[^\s\"'„“”‚‘’«»‹›(\[/–—]{1,40}$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_SPACED_LETTER = re.compile(r"\b\w\.[ \u00a0]\w$")
# Abbreviations in every language, and those of them that are words, too, and count only before a number.
_COMMON = "dr prof mr mrs ms st sv vs nr vol cf p pp tel ing mag gen col lt sgt rev hon jr sr i.e e.g"
_COMMON_WORDS = ("no", "ca", "fig")
_NEWLINES = re.compile(r"[\n\r\u2028\u2029\x85]\s*")


def split_sentences(text: str, language: str | None = None) -> list[Span]:
    """Return the sentences as spans in order, disjoint, without surrounding whitespace, covering all other text.

    A line break ends a sentence (headings, paragraphs), unless the next line goes on in lower case: then the text
    is hard-wrapped. Closing quotes and brackets stay with their sentence. `language` chooses the abbreviations.

    Example:
        >>> text = "Dl. Popescu a sosit la 21. 12. 2025. „Plecăm.” A tăcut."
        >>> [text[start:end] for start, end in split_sentences(text, "ro")]
        ['Dl. Popescu a sosit la 21. 12. 2025.', '„Plecăm.”', 'A tăcut.']
    """
    sentences: list[Span] = []
    for start, end in _blocks(text):
        begin = start
        for cut in _cuts(text, start, end, language):
            sentences.append((begin, cut))
            begin = cut
            while begin < end and text[begin].isspace():
                begin += 1
        if begin < end:
            sentences.append((begin, end))
    return sentences


def _blocks(text: str) -> list[Span]:
    """Return the blocks of text between those line breaks that are boundaries, stripped.

    In hard-wrapped text a break after a full line is no boundary; elsewhere one before a word in lower case is none.
    """
    blocks: list[Span] = []
    start = last = len(text) - len(text.lstrip())  # of the block, and of its last line
    width = wrap_width(text)
    for newline in _NEWLINES.finditer(text, start):
        stop = newline.start()
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        following = text[newline.end() : newline.end() + 1]
        single = newline.group().strip(" \t\u00a0") in ("\n", "\r\n", "\r") and stop > start
        unfinished = following.islower() and text[stop - 1 : stop] not in ".!?…:;"
        if single and (unfinished or (width is not None and stop - last >= width)):
            last = newline.end()
            continue
        if stop > start:
            blocks.append((start, stop))
        start = last = newline.end()
    end = len(text.rstrip())
    if end > start:
        blocks.append((start, end))
    return blocks


def _cuts(text: str, start: int, end: int, language: str | None) -> list[int]:
    """Return the offsets inside a block after which a new sentence starts."""
    cuts: list[int] = []
    position = start
    opened = -1  # where the last « is, as far as was looked
    looked = start
    while (match := _TERMINATOR.search(text, position, end)) is not None:
        position = cut = match.end()
        if spaced := _SPACED_CLOSER.match(text, cut, end):
            opened = max(opened, text.rfind("«", looked, cut))
            looked = cut
            if opened >= (cuts[-1] if cuts else start):
                position = cut = spaced.end()
        if cut >= end:
            break
        following = _NEXT_WORD.match(text, cut, end)
        if following is None:
            continue  # only marks follow in the block: they belong to this sentence
        word = following.group(1)
        if word[0].islower():
            continue
        # Only a bare full stop is ambiguous: "Nr." may go on, "Nr.”", "Nr..." and "Nr.!" do not.
        if match.group() == "." and not _ends_sentence(
            text, cuts[-1] if cuts else start, match.start(), following.span(1), language
        ):
            continue
        cuts.append(cut)
    return cuts


def _ends_sentence(text: str, start: int, stop: int, following: Span, language: str | None) -> bool:
    """Return whether the full stop at `stop` ends a sentence; the `following` word begins with a capital or a digit."""
    word = text[slice(*following)]
    before = _LAST_TOKEN.search(text, max(start, stop - 40), stop)  # 40: as the expression
    if before is None:
        return True  # a closing quote or bracket stands before it
    token = before.group()
    number = token.isdigit()
    if word[0].isdigit():
        if number and len(token) <= 2:
            return False  # 21. 12. 2025
    elif number and len(token) <= 2:
        if fold(word) in month_names(language):
            return False  # 8. Januar
        ordinal = _before_ordinals(language)
        if ordinal is not None and ordinal.search(text, max(start, stop - 24), stop):
            return False
        return before.start() > start  # "1. Introduction": the number of a list
    lowered = token.lower()
    before_words, before_numbers = _abbreviations(language)
    if lowered in before_words or (word[0].isdigit() and lowered in before_numbers):
        return False
    if _INITIALS.fullmatch(token):
        if len(token) == 1:
            spaced = text[following[1] : following[1] + 1] == "." and len(word) == 1  # z. B.
            return not (token.isupper() or spaced or _SPACED_LETTER.search(text, max(start, stop - 4), stop))
        return word.lower() in _starters(language) if token.isupper() else not word[0].isdigit()
    return True


@cache
def _abbreviations(language: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the abbreviations that end no sentence, whatever follows; and those that end none before a number."""
    words = lexicon(language).sentences
    before_numbers = words.before_numbers.union(_COMMON_WORDS)
    return words.abbreviations.union(_COMMON.split()) - before_numbers, before_numbers


@cache
def _starters(language: str | None) -> frozenset[str]:
    """Return the words that, with a capital, start a sentence after a dotted acronym ("U.S.").

    Any other word after it is likelier a part of its name ("U.S. Army").
    """
    own = lexicon(language).sentences.starters
    return own or frozenset[str]().union(*(words.sentences.starters for words in lexicons()))


@cache
def _before_ordinals(language: str | None) -> re.Pattern[str] | None:
    """Return what stands before an ordinal, in a language that capitalises nouns ("im 21. Jahrhundert")."""
    words = lexicon(language).sentences.before_ordinals
    return re.compile(rf"\b(?:{'|'.join(words)})\s+\d{{1,2}}$", re.IGNORECASE) if words else None
