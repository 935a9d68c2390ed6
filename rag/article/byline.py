"""Who wrote it and when it was published, as the line under a headline says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise

from rag.text.dates.date_words import weekday_names
from rag.text.dates.moments import Moment, find_moments, without_dates
from rag.text.lexicon import lexicons
from rag.text.normalisation import fold

_CLOCK_WORDS = frozenset(
    ("uhr", "ora", "orele", "ore", "ob", "at", "um", "kl", "u", "a", "las", "alle", "h", "cet", "gmt", "utc", "et")
)
# Small words between such a phrase and the date ("Veröffentlicht am"), and days that are said without a date.
_SMALL = frozenset(
    ("am", "so", "le", "il", "el", "den", "on", "la", "azi", "astazi", "danes", "today", "heute", "aujourd", "hui")
) | frozenset(("oggi", "hoy", "ieri", "vceraj", "yesterday", "gestern", "hier", "ayer", "jucer", "stand"))
_ARTICLES = frozenset(("la", "le"))  # only behind a particle part of a name: "de la"
_NETWORKS = frozenset(("facebook", "twitter", "instagram", "whatsapp", "linkedin", "telegram", "youtube", "email"))
_NO_NAMES = _NETWORKS | {"news", "images", "copyright"}  # words of no person's name
_OUTLETS = frozenset(("gazette", "times", "tribune", "zeitung", "novice", "novosti"))  # at the end of a name
_INITIALS = re.compile(r"^(?:[^\W\d_a-zà-ÿ]\.\s?){2,3}$")
_LINKED = re.compile(
    r"\[(?P<name>[^\[\]]{3,60})\]\([^()\s]*/(?:authors?|autor\w*|avtor\w*|auteurs?|autori|people|by)/[^()\s]*\)"
)
_MARKS = ",|•·–—-:/(>›»→"  # what parts a date from the rest of its line
_CLOCK_WORD = re.compile(r"^\s*(?:uhr|h|cet|cest|eet|gmt|utc)\b\.?", re.IGNORECASE)
_SEPARATORS = re.compile(
    r"\s*[,|•·–—/(]\s*|\s+-\s+|\s{3,}|\s+(?:și|in|and|und|et|e|y|i|en|og|och|és|ja|a|и)\s+", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_OPENING = re.compile(r"[\s•|–—-]*")
_LABEL_END = re.compile(r"\s{0,20}:?\s{0,20}")
_DATELINE = 80  # characters
_PLACE = 3  # words of a place's name
_YEAR = re.compile(r"(?:19|20)\d\d")
_PHRASE = 4  # words of a phrase before the author's name at most


def says_published(text: str) -> bool:
    """Return whether a text ends (before a date) in a word for publishing."""
    return _ends_in(text, _phrases("published"))


def says_updated(text: str) -> bool:
    """Return whether a text begins or ends in a word for updating."""
    bare = fold(text).strip(" :,|•·–—-(")
    return _ends_in(text, _phrases("updated")) or bare.startswith(_beginnings("updated"))


def says_more(text: str) -> bool:
    """Return whether what is left of a line without its dates holds more than the words that stand beside a date."""
    return any(word not in _beside_dates() for word in re.findall(r"[^\W_]+", fold(text)))


def is_name(text: str) -> bool:
    """Return whether a text has the shape of a person's name: two to four capitalised words, particles aside.

    Example:
        >>> is_name("Olga Borșcevschi"), is_name("Live TV"), is_name("Știri externe"), is_name("Ursula von der Leyen")
        (True, False, False, True)
        >>> is_name("Getty Images"), is_name("Copyright Ana Pop")
        (False, False)
    """
    words = text.split()
    if not 2 <= len(words) <= 5:
        return False
    particles = _phrases("particles")
    if fold(words[0]) == "the" or fold(words[-1]) in _OUTLETS or any(fold(word) in _NO_NAMES for word in words):
        return False
    if any(word in _ARTICLES and fold(before) not in particles - _ARTICLES for before, word in pairwise(words)):
        return False  # "Protest la Cluj"
    if fold(words[0]) in particles and words[1][:1].islower():  # "De la București", and not "Ben Andrews"
        return False
    proper = [word for word in words if not (word[:1].islower() and fold(word) in particles)]
    return 2 <= len(proper) <= 4 and all(_is_proper(word) for word in proper) and words[0] in proper


def byline_author(line: str) -> str | None:
    """Return the name after "by", "de", "Avtor:" and the like, or None.

    Example:
        >>> byline_author("Avtorica: Maja Novak, STA"), byline_author("De la București la Cluj")
        ('Maja Novak', None)
    """
    for rest, labelled in _after_phrases(line):
        told = rest.strip(" ,;|•·–—-")
        if labelled and ":" in line and _INITIALS.match(told):  # "Avtor: J. Ž."
            return told
        name = _SEPARATORS.split(told.strip("."))[0].strip()
        if is_name(name):
            return name
    return None


def _after_phrases(line: str) -> Iterator[tuple[str, bool]]:
    """Yield what follows a phrase for the author at the beginning of a line, the longest phrase first."""
    opening = _OPENING.match(line)
    start = opening.end() if opening else 0
    words: list[tuple[str, int]] = []
    at = start
    while len(words) < _PHRASE and (match := _WORD.match(line, at)):
        words.append((fold(match.group()), match.end()))
        at = match.end() + (line[match.end() : match.end() + 1] == " ")
    labels, before = _phrases("author_labels"), _phrases("by")
    for count in range(len(words), 0, -1):
        phrase = " ".join(word for word, _ in words[:count])
        pieces, _, by = phrase.rpartition(" ")
        is_label = phrase in labels
        if is_label or (by in before and (not pieces or pieces in _phrases("pieces"))):
            gap = _LABEL_END.match(line, words[count - 1][1])
            if gap and gap.group():
                yield line[gap.end() :], is_label


def is_role(line: str) -> bool:
    """Return whether a short line tells what its author does: "Rural affairs correspondent"."""
    words = fold(line).split()
    return len(words) <= 6 and any(word.startswith(_beginnings("roles")) for word in words)


def linked_author(line: str) -> str | None:
    """Return the name that a line in Markdown links to the page of an author, or None."""
    match = _LINKED.search(line)
    return match.group("name").strip() if match and is_name(match.group("name").strip()) else None


def byline_date(line: str, language: str | None) -> Moment | None:
    """Return the publication date that a line of the head gives: set apart by marks, not said within a phrase."""
    published = None
    end = 0
    for moment in find_moments(line, language):
        before, after = line[end : moment.start].rstrip(), _CLOCK_WORD.sub("", line[moment.end :]).lstrip()
        end = moment.end
        if says_updated(before):
            continue
        if says_published(before):
            return moment
        apart = (
            (
                not says_more(before)
                or before[-1] in _MARKS
                or is_name(before)
                # "Novo mesto 29. 11. 2026 20.55": a place, where a headline would hardly give the hour
                or (isinstance(moment.value, datetime) and all(word[:1].isupper() for word in before.split()[:4]))
            )
            and (not after or after[0] in _MARKS + ")." or says_updated(after) or not says_more(after))
        )
        others = len(re.findall(r"\w+", without_dates(line)))
        if published is None and apart and others <= 8:
            published = moment
    return published


def prefix_end(line: str, language: str | None) -> int:
    """Return where a date in front of a line's own text ends ("date 2026-01-08 Headline ..."), or 0.

    Only a date that a word for publishing introduces, or one in numbers alone, is no part of the sentence that
    follows.
    """
    moments = find_moments(line, language)
    if not moments:
        return 0
    moment = moments[0]
    before = line[: moment.start]
    numeric = not re.search(r"[^\W\d_]{3,}", line[moment.start : moment.end])
    labelled = says_published(before) and len(before.split()) <= 3
    after = re.match(r"[\s|•·:–—-]+(?=\S)", line[moment.end :])
    if after is None or not (labelled or (numeric and not before.strip(" [("))):
        return 0
    if says_updated(line[moment.end :]) or not re.search(r"\w\W+\w", line[moment.end :]):
        return 0
    return moment.end + after.end()


def is_dateline(line: str) -> bool:
    """Return whether a line is a place and a date, and nothing else.

    Example:
        >>> is_dateline("București, 15 ian 2026"), is_dateline("Ce faci pe 15 ianuarie 2026")
        (True, False)
    """
    if len(line) > _DATELINE or not _YEAR.search(line):
        return False
    moments = find_moments(line, "und")
    if len(moments) != 1:
        return False
    place, after = line[: moments[0].start].strip(" ,–—-:"), line[moments[0].end :]
    words = place.split()
    named = 0 < len(words) <= _PLACE and all(
        word[:1].isupper() or fold(word) in _phrases("particles") for word in words
    )
    return named and not any(map(str.isdigit, place)) and not says_more(after)


def _is_proper(word: str) -> bool:
    bare = word.strip(".'’-")
    letters = re.sub(r"[-'’.]", "", bare)
    if not letters.isalpha() or not letters[0].isupper() or fold(bare) in _days():
        return False
    return not letters.isupper() or len(letters) > 3 or (len(letters) == 1 and word.endswith("."))


def _ends_in(text: str, words: frozenset[str]) -> bool:
    bare = " ".join(fold(text).split()).strip(" :,|•·–—-(")
    while bare.rpartition(" ")[2] in _days() and bare not in words:
        bare = bare.rpartition(" ")[0].strip(" :,|•·–—-(")
    return any(bare == word or bare.endswith((" " + word, "|" + word)) for word in words)


@cache
def _phrases(key: str) -> frozenset[str]:
    """Return the phrases of all languages for one thing."""
    return frozenset().union(*(getattr(words.publishing, key) for words in lexicons()))


@cache
def _beginnings(key: str) -> tuple[str, ...]:
    return tuple(_phrases(key))


@cache
def _days() -> frozenset[str]:
    """Return the names of the days of the week, and the small words that stand before a date."""
    return frozenset(part for name in weekday_names() for part in re.findall(r"[^\W_]+", name)) | _SMALL


@cache
def _beside_dates() -> frozenset[str]:
    phrases = _phrases("published") | _phrases("updated")
    return _days() | {word for phrase in phrases for word in phrase.split()} | _CLOCK_WORDS
