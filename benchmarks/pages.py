"""Pages with marked bodies and known metadata, and how a detector does on them, character by character.

A ``.page`` file begins with what its page says (``# title: ...``); every line that follows has a mark and a space
before it: ``B`` the article, ``F`` furniture, ``C`` what may count as either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rag.article.masks import find_boilerplate
from rag.records import Document, Span

PAGES = Path(__file__).parents[1] / "tests" / "pages"
SETS = {
    "tuning": PAGES,
    "held out": PAGES / "heldout",
    "second held out": PAGES / "heldout2",
    "third held out": PAGES / "heldout3",
    "fourth held out": PAGES / "heldout4",
    "fifth held out": PAGES / "heldout5",
    "sixth held out": PAGES / "heldout6",
    "seventh held out": PAGES / "heldout7",
    "eighth held out": PAGES / "heldout8",
}
FIELDS = ("title", "author", "published", "modified", "outlet", "language", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPage:
    """A page of our own writing: its lines with their marks, and what it says of itself (None: it does not say)."""

    name: str
    language: str
    text: str
    lines: tuple[tuple[str, Span], ...]
    expected: dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Characters, whitespace aside: of the body kept, of furniture kept, of the body lost."""

    kept: int = 0
    wrong: int = 0
    lost: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(kept=self.kept + other.kept, wrong=self.wrong + other.wrong, lost=self.lost + other.lost)

    @property
    def precision(self) -> float:
        """Return the share of what was kept that is body; 0 where nothing was."""
        return self.kept / (self.kept + self.wrong) if self.kept else 0.0

    @property
    def recall(self) -> float:
        """Return the share of the body that was kept; 0 where nothing was."""
        return self.kept / (self.kept + self.lost) if self.kept else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.kept / (2 * self.kept + self.wrong + self.lost) if self.kept else 0.0


def read_marked(path: Path) -> MarkedPage:
    """Read a ``.page`` file. Its language is that of its name (``ro_tram.page``) unless it states another."""
    expected: dict[str, str | None] = dict.fromkeys(FIELDS) | {"language": path.stem[:2]}
    lines: list[tuple[str, Span]] = []
    text = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# "):
            key, _, value = line[2:].partition(": ")
            expected[key.rstrip(":")] = value or None
        else:
            if line:
                lines.append((line[0], (len(text), len(text) + len(line) - 2)))
            text += line[2:] + "\n"
    return MarkedPage(name=path.stem, language=path.stem[:2], text=text, lines=tuple(lines), expected=expected)


def read_pages(folder: Path) -> list[MarkedPage]:
    """Return the pages of a folder in order of their names."""
    return [read_marked(path) for path in sorted(folder.glob("*.page"))]


def masked_characters(text: str, spans: Iterable[Span]) -> list[bool]:
    """Say for each character whether a span holds it."""
    flags = [False] * len(text)
    for start, end in spans:
        flags[start:end] = [True] * (end - start)
    return flags


def count_characters(page: MarkedPage) -> Counts:
    """Run the detector on a page and count."""
    masked = masked_characters(page.text, find_boilerplate(page.text, page.language))
    kept = wrong = lost = 0
    for mark, (start, end) in page.lines:
        shown = sum(not masked[i] and not page.text[i].isspace() for i in range(start, end))
        hidden = sum(masked[i] and not page.text[i].isspace() for i in range(start, end))
        kept += shown * (mark == "B")
        lost += hidden * (mark == "B")
        wrong += shown * (mark == "F")
    return Counts(kept=kept, wrong=wrong, lost=lost)


def judge(page: MarkedPage, document: Document) -> dict[str, str]:
    """Say for each field how what was found compares with what the page says.

    ``right``; ``wrong`` (another value, or one where the page says none); ``absent`` (the page says it, nothing was
    found); ``less`` (true, but without the hour or the zone that the page gives); ``none`` (neither has a value).
    """
    return {name: _verdict(page.expected[name], _found(document, name)) for name in FIELDS}


def _found(document: Document, name: str) -> str | None:
    value = getattr(document, name, None)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return str(value) if value else None


def _verdict(expected: str | None, found: str | None) -> str:
    if expected is None and found is None:
        return "none"
    if expected is None:
        return "wrong"
    if found is None:
        return "absent"
    if found.casefold() == expected.casefold():
        return "right"
    return "less" if expected[:4].isdigit() and len(found) >= 10 and expected.startswith(found) else "wrong"
