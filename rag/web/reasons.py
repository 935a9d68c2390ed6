"""Why a file was not read, in the reader's language. The library's own sentence, with its figures, stays beside it."""

from __future__ import annotations

import re

from rag.web.strings import Words

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
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)

KINDS = tuple(kind for kind, _ in _KINDS)
"""The families that reasons fall into."""


def kind_of(reason: str) -> str | None:
    """Return the family of a reason, or None for one that is not told apart.

    >>> kind_of("'a.txt' is empty (0 bytes). Remove it, or fetch it again")
    'empty'
    """
    said = re.sub(r"^'(?:[^'\\]|\\.)*'", "", reason)  # a file's name says nothing of the reason
    return next((kind for kind, pattern in _COMPILED if pattern.search(said)), None)


def explain(reason: str, say: Words) -> str:
    """Return the family of a reason in the reader's language; nothing where the reason itself says it, or none fits."""
    kind = kind_of(reason)
    if kind is None or say.language == "en":
        return ""
    return say.strings[f"reason_{kind}"]
