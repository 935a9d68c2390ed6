"""Web pages of public collections with what should be read of them, and how well a reading of one does.

A collection is a folder with ``<page>.html.gz`` and ``gold.jsonl.gz``: the article's text (``body``), or pieces that
must and must not be in it (``with``, ``without``), and for some its title, authors and date. The pages belong to their
publishers and are no part of this project.

A page's part of the development data follows from its site, so that no site is in two parts: ``train`` and
``validation`` are for choosing, ``test`` is for measuring what was chosen.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

COLLECTIONS = ("aeb", "fundus", "snippets")
PARTS = ("train", "validation", "test")
SHINGLE = 4
"""Words of the runs in which two texts are compared, as in the extraction benchmark of Scrapinghub."""

_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")
_COMMON_HOSTS = frozenset(("www", "m", "co", "com", "org", "net", "blog", "blogspot", "wordpress", "news"))


@dataclass(frozen=True, slots=False, kw_only=True)
class RealPage:
    """A page and what is known of it; `gold` has the keys of its collection."""

    name: str
    collection: str
    path: Path
    gold: Mapping[str, Any]

    @cached_property
    def markup(self) -> str:
        """The page's markup."""
        return gzip.decompress(self.path.read_bytes()).decode("utf-8", "replace")

    @property
    def address(self) -> str | None:
        """Where the page was fetched, where that is known."""
        return self.gold.get("url")

    @property
    def body(self) -> str | None:
        """The article's text, where the collection has it whole."""
        return self.gold.get("body")

    @property
    def site(self) -> str:
        """The outlet's name or the host without its common parts."""
        if self.address is None:
            return self.name.split("_")[0].partition("-")[2].lower() or self.name
        host = (urlsplit(self.address).hostname or self.name).lower()
        names = [part for part in host.split(".")[:-1] if part not in _COMMON_HOSTS]
        return names[-1] if names else host

    @property
    def part(self) -> str:
        """``train``, ``validation`` or ``test``: about half, a fifth and a third of the sites."""
        drawn = int.from_bytes(hashlib.sha256(self.site.encode()).digest()[:4], "big") % 100
        return "train" if drawn < 47 else "validation" if drawn < 67 else "test"


def read_collection(folder: Path) -> list[RealPage]:
    """Return the pages of a collection's folder, in order of their names."""
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    pages = (
        RealPage(name=row["page"], collection=folder.name, path=folder / f"{row['page']}.html.gz", gold=row)
        for row in rows
    )
    return sorted(pages, key=lambda page: page.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Precision and recall over several pages."""

    precision: float
    recall: float
    pages: int

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the runs of `SHINGLE` words of a text with their counts; a shorter text is one run.

    Example:
        >>> sorted(shingles("One, two three four five"))
        [('one', 'two', 'three', 'four'), ('two', 'three', 'four', 'five')]
    """
    words = [word.lower() for word in _WORD.findall(text)]
    if 0 < len(words) < SHINGLE:
        return Counter([tuple(words)])
    return Counter(zip(*(words[start:] for start in range(SHINGLE)), strict=False))


def overlap(found: str, gold: str) -> tuple[float, float]:
    """Return precision and recall of a text's shingles; 0 and 0 where nothing was found.

    Example:
        >>> overlap("one two three four five", "two three four five six seven")
        (0.5, 0.3333333333333333)
    """
    ours, theirs = shingles(found), shingles(gold)
    common = (ours & theirs).total()
    return (common / ours.total() if ours else 0.0, common / theirs.total() if theirs else 1.0)


def mean_overlap(pairs: Iterable[tuple[str, str]]) -> Overlap:
    """Return precision and recall, each averaged over pages, of pairs of a text found and the gold one."""
    rows = [overlap(found, gold) for found, gold in pairs]
    count = max(len(rows), 1)
    return Overlap(
        precision=sum(precision for precision, _ in rows) / count,
        recall=sum(recall for _, recall in rows) / count,
        pages=len(rows),
    )


def snippet_overlap(pairs: Sequence[tuple[str, Mapping[str, Any]]]) -> Overlap:
    """Return precision and recall over pieces of text that must and must not be in what was found.

    Example:
        >>> snippet_overlap([("one two", {"with": ["one", "three"], "without": ["two", "four"]})]).precision
        0.5
    """
    right = wrong = missed = 0
    for found, gold in pairs:
        text = _flat(found)
        there = sum(_flat(piece) in text for piece in gold["with"])
        right += there
        missed += len(gold["with"]) - there
        wrong += sum(_flat(piece) in text for piece in gold["without"])
    return Overlap(
        precision=right / (right + wrong) if right else 0.0,
        recall=right / (right + missed) if right else 0.0,
        pages=len(pairs),
    )


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
