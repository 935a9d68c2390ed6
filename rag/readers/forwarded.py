"""Messages that are forwarded inside the text of another, with a head of their own above their words.

Mail programs write the head as some lines "label: value" in the language of whoever forwards, with the subject and the
date among them, mostly under a line such as "-----Original Message-----".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from rag.readers.content import moment, one_line
from rag.text.lexicon import lexicons
from rag.text.normalisation import fold

_FIELD = re.compile(r"[ \t]*\*?([^\W\d_][^\n:*]{0,24}?)[ \t\u00a0]?(?::\*|\*?:)[ \t\u00a0]*(\S[^\n]{0,500})")
_LEAST_FIELDS = 3
_MOST_FIELDS = 10
_MOST_FORWARDED = 1_000
_LONGEST_MARK = 100  # characters of the line over a head
_RULES = frozenset("-_–—=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A message inside the text of another: what its head states, and its words."""

    given: dict[str, Any]
    text: str


def divide_forwarded(text: str) -> tuple[str, list[Forwarded]]:
    r"""Return the words of a message before those that it forwards, and each of these.

    Example:
        >>> head = "Od: Ana <a@b.si>\nPoslano: 5. jan. 2026 10:00\nZadeva: Most\n"
        >>> own, inner = divide_forwarded(f"FYI\n\n{head}\nOdprli so ga.")
        >>> own, inner[0].given["title"], inner[0].text
        ('FYI', 'Most', 'Odprli so ga.')
    """
    lines = text.split("\n")
    heads = list(_heads(lines))[:_MOST_FORWARDED]
    if not heads:
        return text, []
    found = []
    for number, (_, stop, given) in enumerate(heads):
        end = heads[number + 1][0] if number + 1 < len(heads) else len(lines)
        found.append(Forwarded(given=given, text="\n".join(lines[stop:end]).strip("\n")))
    return "\n".join(lines[: heads[0][0]]).rstrip(), found


def _heads(lines: list[str]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield where each head begins, with the mark over it, and ends, and what it states."""
    at = 0
    while at < len(lines):
        stop, given = _head(lines, at)
        if given:
            start = at
            while start and not lines[start - 1].strip():
                start -= 1
            marked = start > 0 and _is_mark(lines[start - 1].strip())
            yield (start - 1 if marked else at), stop, given
            at = stop
        else:
            at += 1


def _is_mark(line: str) -> bool:
    """Return whether a line stands over a head: "---- Forwarded message ----", "Begin forwarded message:"."""
    ruled = len(line) >= len("---") and _RULES.issuperset(line[:3])
    return len(line) <= _LONGEST_MARK and (ruled or (line.endswith(":") and not set(line) & set(".!?")))


def _head(lines: list[str], at: int) -> tuple[int, dict[str, Any]]:
    """Return where the head that begins at a line ends and what it states; that is nothing where there is none."""
    stop = at
    values: list[tuple[str, str]] = []
    while stop < len(lines) and len(values) < _MOST_FIELDS and (match := _FIELD.fullmatch(lines[stop].rstrip())):
        values.append((fold(match[1]).strip(), match[2].strip()))
        stop += 1
    titles = [value for label, value in values if label in _subjects()]
    if len(values) < _LEAST_FIELDS or len(titles) != 1:
        return at, {}
    sent = next((found for _, value in values if value != titles[0] and (found := moment(value))), None)
    sender = values[0][1]
    if sent is None or moment(sender) or sender == titles[0]:
        return at, {}
    author = re.split(r"[<\[(]", sender)[0].strip(" \"'")  # "Ana Novak <ana@medij.si>", "Ana Novak [mailto:...]"
    author = "" if "@" in author else author
    return stop, {"title": one_line(titles[0], 500), "author": one_line(author), "published": sent}


@cache
def _subjects() -> frozenset[str]:
    return frozenset(label for words in lexicons() for label in words.publishing.subject)
