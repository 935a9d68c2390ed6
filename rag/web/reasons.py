"""Why a file was not read or a change not made, in the reader's language: what it is, and the figures of it.

The library says it in English, in some hundred sentences. They fall into families, each with a text of its own; page,
row, size and limit, and the command that mends it, are taken over from the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.web.i18n import Words

_KINDS = (  # the first that fits: what is said of a whole family of reasons
    ("empty", r"is empty \(0 bytes\)|the page is empty"),
    ("scanned", r"\bscanned\b|Tesseract|no text is recognised"),
    (
        "no_text",
        r"holds no text|nothing but whitespace|has no text\b|without text|holds no article text|no column for the text",
    ),
    ("robots", r"\brobots\.txt\b"),
    ("private", r"not a public address|holds a user name or password"),
    ("address", r"no web address|cannot be found \(no such name\)|redirected|\bthe server answers\b"),
    ("unreachable", r"cannot be reached|takes too long"),
    ("locked", r"\bis (?:an )?encrypted\b"),
    ("slow", r"takes more than [\d.,]+ s\b"),
    ("crashed", r"took the reader's process down|its reader failed"),
    (
        "large",
        r"unpacks to|has more than|holds more than|more than (?:the (?:limit of )?)?[\d.,]+|memory to be read"
        r"|archives already|thousands of attributes",
    ),
    (
        "damaged",
        r"\bdamaged\b|cut short|cannot be taken apart|does not begin like one|is no table after|is no JSON"
        r"|is a gzip file",
    ),
    ("key", r"repeats the key"),
    ("package", r"\bRun: pip install\b"),
    ("changing", r"changes while it is read|does not exist"),
    ("unusual", r"is no regular file"),
    ("kind", r"is binary|, not text|not an article|no reader for|content coding|; (?:save|unpack) it"),
    ("access", r"cannot be read|cannot be listed"),
)
_CHANGES = (  # of changes and uploads; looked at first, as their sentences are whole ones
    ("foreign", r"articles came from another folder than"),
    ("missing", r"^the file of .* is no longer in"),
    ("missing_many", r"^the files of .* are no longer in"),
    ("last", r"the last article cannot be removed"),
    ("listed", r"came from a list\b"),
    ("shared", r"holds other articles too"),
    ("folder", r"holds no articles|no folder at|is a file, not a folder"),
    ("name", r"cannot be the name of an article's file|leads out of the corpus folder"),
    ("unwritable", r"cannot be written to|cannot be stored"),
    ("gone", r"there is no article\b"),
    ("altered", r"has changed since it was listed"),
    ("program", r"an error in the program"),
    ("index", r"^index at '"),
    ("heavy", r"the request is larger than"),
    ("cut", r"did not arrive whole|did not end within"),
    ("many", r"^too many \w+; come back"),
)
_N = r"(\d+(?:[,.]\d+)*)"
_FACTS = (  # figures of a sentence that a reader can use
    ("bytes", rf"(?:has|unpacks to) {_N} bytes"),
    ("pages", rf"has {_N} pages|\({_N} scanned pages?\)"),
    ("members", rf"holds {_N} members"),
    ("limit", r"(?:more than|larger than|limit of) (?:the (?:limit of )?)?(\d+(?:[,.]\d+)*(?: s\b)?)(?! for a step)"),
    ("page", rf"\bpage \(?{_N}"),
    ("row", rf"\brow {_N}"),
    ("line", rf"\bline {_N}"),
    ("byte", rf"\bat (?:byte|offset) {_N}"),
    ("member", r"\bmember '((?:[^'\\]|\\.)*)'"),
    ("article", r"^the (?:file of|files of .{1,12} articles are no longer in .*, for example) '((?:[^'\\]|\\.)*)'"),
    ("columns", r"\(columns: ([^)]+)\)"),
    ("status", rf"the server answers {_N}"),
)
_COMMAND = re.compile(r"\b[Rr]un: (.+?)(?= and index again$|$)")
_NAME = re.compile(r"^'(?:[^'\\]|\\.)*'")
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in (*_CHANGES, *_KINDS))
_FIGURES = tuple((fact, re.compile(pattern)) for fact, pattern in _FACTS)

KINDS = tuple(kind for kind, _ in _KINDS)
"""The families that reasons for unread files fall into."""

CHANGE_KINDS = tuple(kind for kind, _ in _CHANGES)
"""The families of reasons for changes and uploads that failed."""

FACTS = tuple(fact for fact, _ in _FACTS)
"""The figures that are taken over."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as a reader is told it; `original` is the library's sentence where no family fits, in English."""

    text: str
    original: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.original}".strip()


def kind_of(reason: str) -> str | None:
    """Return the family of a reason, or None for one that is not told apart.

    >>> kind_of("'a.txt' is empty (0 bytes). Remove it, or fetch it again")
    'empty'
    """
    said = _NAME.sub("", reason)  # a file's name says nothing of the reason
    return next((kind for kind, pattern in _COMPILED if pattern.search(said)), None)


def explain(reason: str, say: Words) -> Told:
    """Return a reason in the reader's language; in English it is the library's own sentence."""
    if say.language == "en" or not reason:
        return Told(reason)
    kind = kind_of(reason)
    if kind is None:
        return Told(say("reason_other"), reason)
    said = _NAME.sub("", reason)
    figures = [
        f"{say.strings[f'fact_{fact}']}: {_figure(fact, next(filter(None, found.groups())), say)}"
        for fact, pattern in _FIGURES
        if (found := pattern.search(said))
    ]
    command = _COMMAND.search(said)
    parts = [say.strings[f"reason_{kind}"]]
    if figures:
        parts.append(f"({', '.join(figures)})")
    if command:
        parts.append(say("fact_run", command=command[1]))
    return Told(" ".join(parts))


def _figure(fact: str, value: str, say: Words) -> str:
    number, _, unit = value.partition(" ")
    if fact in ("member", "article", "columns") or not number.replace(",", "").isdigit():
        return value
    return f"{say.integer(int(number.replace(',', '')))} {unit}".strip()
