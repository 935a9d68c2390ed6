"""What changed between two texts of an article: sentences are aligned first, then the words of those that differ.

Page furniture is left out on both sides: it changes with every visit, and nothing of it is ever cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from rag import Document

Kind = Literal["", "del", "ins"]

_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+[ \t]++|\n++")
_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_MOST_CHARACTERS = 1_000_000  # in both; more is no article, and even cutting it takes a while
# difflib can take the cube of the length. Up to these products of both lengths it stays below a second, whatever the
# words are; what is longer is shown as taken out and put in, whole.
_MOST_SENTENCES = 1_000_000
_MOST_WORDS = 250_000
_MOST_IN_ALL = 1_000_000
_ALIKE = 0.4  # sentences with less in common are two sentences, not one that was edited
_CONTEXT = 1  # paragraphs left open before and after a change
_FOLDED = 2  # paragraphs at least; one alone takes less room than the word that it is there


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand in both texts (``""``), only in the earlier (``del``) or only in the later (``ins``)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs, each a list of runs; `folded` where none of them changed or stands beside one that did."""

    paragraphs: tuple[tuple[Run, ...], ...]
    folded: bool = False


def compare(then: Document, now: Document) -> list[Stretch]:
    """Return both articles in one, without page furniture; empty where nothing else has changed.

    The runs that are not ``ins``, joined, are the earlier text; those that are not ``del`` the later one.
    """
    earlier, later = ("".join(one.text[slice(*span)] for span in one.body_spans) for one in (then, now))
    if earlier == later:
        return []
    return _stretches(_paragraphs(_merged(_runs(earlier, later))))


def _runs(earlier: str, later: str) -> Iterator[Run]:
    if len(earlier) + len(later) > _MOST_CHARACTERS:
        yield from (Run("del", earlier), Run("ins", later))
        return
    left = _MOST_IN_ALL
    for kind, one, other in _diff(_sentences(earlier), _sentences(later), _MOST_SENTENCES):
        if kind == "equal":
            yield Run("", "".join(one))
            continue
        before, after = (_WORD.findall("".join(side)) for side in (one, other))
        cost = len(before) * len(after)
        if not cost or cost > min(left, _MOST_WORDS):
            yield from (Run("del", "".join(one)), Run("ins", "".join(other)))
            continue
        left -= cost
        edits = list(_diff(before, after, _MOST_WORDS))
        same = sum(len("".join(words)) for edit, words, _ in edits if edit == "equal")
        if same < _ALIKE * max(len("".join(one)), len("".join(other))):
            edits = [("replace", before, after)]
        for edit, words, others in edits:
            if edit == "equal":
                yield Run("", "".join(words))
            else:
                yield from (Run("del", "".join(words)), Run("ins", "".join(others)))


def _diff(a: Sequence[str], b: Sequence[str], most: int) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Yield stretches that are equal and stretches that are not; what both begin and end with costs nothing."""
    head = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest = min(len(a), len(b)) - head
    tail = next((n for n in range(rest) if a[-1 - n] != b[-1 - n]), rest)
    middle_a, middle_b = a[head : len(a) - tail], b[head : len(b) - tail]
    yield "equal", a[:head], b[:head]
    if len(middle_a) * len(middle_b) > most:
        yield "replace", middle_a, middle_b
    else:
        for kind, low, high, start, end in SequenceMatcher(None, middle_a, middle_b).get_opcodes():
            yield kind, middle_a[low:high], middle_b[start:end]
    yield "equal", a[len(a) - tail :], b[len(b) - tail :]


def _sentences(text: str) -> list[str]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    cuts = [0, *ends, *([len(text)] if not ends or ends[-1] < len(text) else [])]
    return [text[start:end] for start, end in pairwise(cuts)]


def _merged(runs: Iterator[Run]) -> list[Run]:
    """Join neighbours, and changes with only a sign or a space between them: what was taken out comes first."""
    found: list[Run] = []
    removed = added = held = ""
    for run in runs:
        if run.kind == "del":
            removed, added, held = removed + held + run.text, added + held, ""
        elif run.kind == "ins":
            removed, added, held = removed + held, added + held + run.text, ""
        elif (removed or added) and not re.search(r"\w|\n", held + run.text):
            held += run.text
        elif run.text:
            found += [Run("del", removed), Run("ins", added), Run("", held + run.text)]
            removed = added = held = ""
    found += [Run("del", removed), Run("ins", added), Run("", held)]
    joined: list[Run] = []
    for run in found:
        if joined and run.text and joined[-1].kind == run.kind:
            joined[-1] = Run(run.kind, joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return joined


def _paragraphs(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    paragraphs: list[list[Run]] = [[]]
    for run in runs:
        for part in re.findall(r"[^\n]*\n+|[^\n]+$", run.text):
            paragraphs[-1].append(Run(run.kind, part))
            if part.endswith("\n"):
                paragraphs.append([])
    return [tuple(paragraph) for paragraph in paragraphs if paragraph]


def _stretches(paragraphs: Sequence[tuple[Run, ...]]) -> list[Stretch]:
    changed = [n for n, paragraph in enumerate(paragraphs) if any(run.kind for run in paragraph)]
    shown = {near for n in changed for near in range(n - _CONTEXT, n + _CONTEXT + 1)}
    stretches: list[Stretch] = []
    for n, paragraph in enumerate(paragraphs):
        folded = n not in shown
        if stretches and stretches[-1].folded == folded:
            stretches[-1] = Stretch((*stretches[-1].paragraphs, paragraph), folded)
        else:
            stretches.append(Stretch((paragraph,), folded))
    return [Stretch(one.paragraphs, one.folded and len(one.paragraphs) >= _FOLDED) for one in stretches]
