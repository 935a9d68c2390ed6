"""The words by which page furniture announces itself: whether a line is one of the known labels, compared folded.

They support the shape rules of `article`, which work without them: an unknown language loses only the single-line
blocks.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.article.boilerplate_labels import BARS, COMMENTS, FORMS, NOW, NUMBERED, OF_READERS, RELATED, SUMMARIES
from rag.text.normalisation import fold

_LONGEST = 200  # characters; a longer line is no label, and looking into it costs time
_INTERESTED = 7  # words
_SECTION = 6  # words of a heading of links that names their section at most
_PREPOSITIONS = frozenset(
    ("in", "on", "from", "of", "at", "din", "de", "del", "della", "dans", "sur", "aus", "zu", "zum", "zur", "iz", "u")
) | frozenset(("z", "s", "v", "o", "da", "di", "su", "en", "sobre"))
_INTEREST = re.compile(
    r"\b(?:interes\w*|zanima\w*|interess\w*|placea|vsec|like|enjoy|gefallen|plaire|piacere|gustar|svidjeti)\b"
)
_YOU = ("ti", "te", "va", "vas", "vam", "you", "sie", "dich", "ihnen", "vous", "le", "vi")

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")  # in Markdown
_COUNT = re.compile(r"^\d[\d.,]*\s+|[\s:]*[(\[]?\d*[)\]]?$")  # of likes, of comments

_READING_TIME = re.compile(
    r"\b\d+\s?(?:min\w*|['’′])(?:\s|\.|$)|\d+\s+minut\w*", re.IGNORECASE
)  # beside a word for reading
_DURATION = re.compile(
    r"^\W*\d{1,3}\s?min(?:\.|ut\w*)?\W*$|\s\(\d{1,3}(?:[:.]\d\d)?\s?min\w*\.?\)$", re.IGNORECASE
)  # of a clip
_READING = re.compile(r"\b(?:citi|lectur|branj|read|les[ed]|lettura|lire|citanj)\w*", re.IGNORECASE)

CREDIT = re.compile(
    r"(?:(?<=[.!?)\]”\"»“,;|/–-])|(?<=\s)|^)[(\[]?\s?"
    r"(?:(?:sursa|vir|source|quelle|fuente|fonte|izvor)\s+)?"
    r"(?:foto|photo|photos|fotografii|fotografija|fotografije|fotografie|fotó|picture|image|images|imagine|slika|bild"
    r"|bilder|cr[ée]dits?|crédit photo|photo credit|foto credit|fotocredit|photo by|picture by|illustration|ilustrație"
    r"|ilustracija|arhiv|posnetek|snimka|imagen|immagine)"
    r"\s?(?:[:©/]|\.\.\.|credit\s?:)\s?[^.!?\n]{1,120}\.?\s*$",
    re.IGNORECASE,
)
"""A picture's credit at the end of a line: "Foto: Profimedia", "(Photo: Reuters)"."""


def opens_related(line: str) -> bool:
    """Say whether a line announces links to other stories, which follow it."""
    if len(line) > _LONGEST:
        return False
    folded = _bare(line)
    return bool(folded) and (folded in _starting(folded, _related()) or _of_section(folded) or _interests(folded))


def _of_section(folded: str) -> bool:
    """Say whether a line announces the links of a part of the site: "Najčitanije u ovoj rubrici", "Latest on rail"."""
    words = folded.split()
    if not 3 <= len(words) <= _SECTION or folded[-1] in ".!?":
        return False
    for phrase in _starting(folded, _related()):
        own = phrase.split()
        named = len(words) > len(own) and words[: len(own)] == own
        if named and not _PREPOSITIONS.isdisjoint(words[1 : len(own) + 1]):
            return True
    return False


def _interests(folded: str) -> bool:
    """Say whether a line says in whatever words that something may interest its visitor."""
    words = folded.split()
    return len(words) <= _INTERESTED and bool(_INTEREST.search(folded)) and any(word in _YOU for word in words)


def is_related_link(line: str) -> bool:
    """Say whether a line is one such phrase and the link itself: after a colon or, two words at least, without."""
    if len(line) > _LONGEST:
        return False
    folded = _bare(line)
    if any(
        folded.startswith((phrase + ":", phrase + " |", phrase + " >"))
        or (" " in phrase and folded.startswith(phrase + " "))
        for phrase in _starting(folded, _related())
    ):
        return True
    label, colon, link = folded.partition(": ")
    words = label.split()  # after the name of a paid part of the outlet, or VIDEO
    return bool(colon and link) and any(
        (rest := " ".join(words[skipped:])) in _starting(rest, _related()) for skipped in (1, 2)
    )


def is_bar(line: str) -> bool:
    """Say whether a line is a button, a label or a bar of them."""
    if len(line) > _LONGEST:
        return False
    if _DURATION.search(line):
        return True
    folded = _bare(line)
    parts = [part for part in re.split(r"\s*[|•·/,]\s*|\s{2,}|\t", folded) if part]
    if parts and all(_COUNT.sub("", part) in _bars() for part in parts):
        return True
    words = folded.split()
    if len(words) <= 6 and _READING_TIME.search(folded) and _READING.search(folded):
        return True
    if 1 < len(words) <= 12 and all(word in _bars() for word in words):
        return True
    return len(words) <= 6 and any(
        folded.startswith((phrase + " ", phrase + ":") if " " in phrase else phrase + ":")
        for phrase in _starting(folded, _bars())
        if len(phrase) > 4
    )


def is_comments(line: str) -> bool:
    """Say whether a line heads the readers' comments: the word alone, with their number or with whose they are."""
    if len(line) > _LONGEST:
        return False
    bare = fold(line)
    words = [word for word in re.findall(r"[^\W\d_]+", bare) if word not in OF_READERS.split()]
    if len(words) != 1:
        return False
    if words == ["reactions"]:
        return len(_bare(line).split()) > 1  # alone it is as well a sub-heading of the article
    numbered = any(map(str.isdigit, bare)) and words[0] in NUMBERED.split()
    return numbered or words[0] in COMMENTS.split()


def is_form(line: str) -> bool:
    """Say whether a line is a field for an address, or the button beside it."""
    bare = _bare(line)
    for now in NOW:
        bare = bare.removesuffix(now)
    return bare in _starting(bare, _forms())


def opens_summary(line: str) -> bool:
    """Say whether a line heads a box of the article's own: key points, a fact box, a table of results."""
    bare = _bare(line)
    return bare in _starting(bare, _summaries())


def every_phrase() -> list[str]:
    """Return the labels known here, as they are written."""
    lists = (RELATED, BARS, FORMS, SUMMARIES)
    return sorted({phrase for text in lists for line in text.strip().splitlines() for phrase in line.split("|")})


@lru_cache(maxsize=1024)  # each line is asked about several times
def _bare(line: str) -> str:
    """Fold a line and strip the marks around it (bullets, arrows, a closing colon)."""
    shown = _LINK.sub(r"\1", line) if "](" in line else line
    return re.sub(r"\s+", " ", fold(shown)).strip(" \t:;.!…»«›‹>→▶►•·*_#–—-|[]()\"'„”“")


def _starting(folded: str, phrases: dict[str, frozenset[str]]) -> frozenset[str]:
    return phrases.get(folded[:4], frozenset())


def _phrases(text: str) -> list[str]:
    return [fold(phrase).strip() for line in text.strip().splitlines() for phrase in line.split("|")]


@lru_cache(maxsize=1)
def _forms() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(FORMS))


@lru_cache(maxsize=1)
def _summaries() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(SUMMARIES))


@lru_cache(maxsize=1)
def _related() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(RELATED))


class _Bars(dict[str, frozenset[str]]):
    """Phrases by their first four letters; ``in`` asks for the whole phrase."""

    def __contains__(self, phrase: object) -> bool:
        return isinstance(phrase, str) and phrase in self.get(phrase[:4], ())


@lru_cache(maxsize=1)
def _bars() -> _Bars:
    return _Bars(_by_start(_phrases(BARS)))


def _by_start(phrases: list[str]) -> dict[str, frozenset[str]]:
    starts: dict[str, set[str]] = {}
    for phrase in phrases:
        starts.setdefault(phrase[:4], set()).add(phrase)
    return {start: frozenset(found) for start, found in starts.items()}
