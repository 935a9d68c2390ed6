"""The corpus as a list: found by words, sorted, cut into pages, and counted by language, outlet and month."""

# ruff: noqa: D102 (what each field is stands in `rag.Document`)
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

ROWS = 100
"""Articles on one page of the list: more make a browser slow and nobody reads them."""

BARS = 12
"""Bars in one chart; what comes after is counted together."""


class Listed(Protocol):
    """What the list needs to know of an article."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def outlet(self) -> str | None: ...
    @property
    def author(self) -> str | None: ...
    @property
    def published(self) -> date | datetime | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def characters(self) -> int: ...
    @property
    def passages(self) -> int: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One page of the list. The counts are of the whole corpus, `found` is how many articles the words match."""

    rows: tuple[Listed, ...]
    found: int
    start: int
    total: int
    languages: tuple[tuple[str | None, int], ...]
    outlets: tuple[tuple[str | None, int], ...]
    months: tuple[tuple[str | None, int], ...]


_KEYS: Mapping[str, Callable[[Listed], tuple[bool, str | int]]] = {
    "title": lambda item: (False, (item.title or item.id).casefold()),
    "outlet": lambda item: (item.outlet is None, (item.outlet or "").casefold()),
    "language": lambda item: (item.language is None, item.language or ""),
    "date": lambda item: (item.published is None, item.published.isoformat() if item.published else ""),
    "length": lambda item: (False, item.characters),
}

SORTS = tuple(_KEYS)
"""What the list can be sorted by; with ``-`` before it, downwards."""


def list_corpus(articles: Sequence[Listed], *, find: str = "", sort: str = "title", start: int = 0) -> Corpus:
    """Select one page of a corpus.

    Args:
        articles: all of them.
        find: words that must all stand in title, name, outlet or author; case does not matter.
        sort: one of `SORTS`, with ``-`` before it downwards; what is unknown comes last either way.
        start: how many to leave out before the first one shown.
    """
    wanted = find.casefold().split()
    found = [item for item in articles if all(word in _words(item) for word in wanted)]
    key = _KEYS.get(sort.removeprefix("-"), _KEYS["title"])
    found.sort(key=lambda item: item.id)
    found.sort(key=lambda item: key(item)[1], reverse=sort.startswith("-"))
    found.sort(key=lambda item: key(item)[0])
    start = start if 0 <= start < len(found) else 0
    return Corpus(
        rows=tuple(found[start : start + ROWS]),
        found=len(found),
        start=start,
        total=len(articles),
        languages=_counted(item.language for item in articles),
        outlets=_counted(item.outlet for item in articles),
        months=_latest(item.published.strftime("%Y-%m") if item.published else None for item in articles),
    )


def _words(item: Listed) -> str:
    return " ".join((item.title, item.id, item.outlet or "", item.author or "")).casefold()


def _counted(values: Iterable[str | None]) -> tuple[tuple[str | None, int], ...]:
    ranked = sorted(Counter(values).items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or ""))
    return tuple(ranked[:BARS])


def _latest(values: Iterable[str | None]) -> tuple[tuple[str | None, int], ...]:
    counts = Counter(values)
    unknown = counts.pop(None, 0)
    months: list[tuple[str | None, int]] = [(month, n) for month, n in sorted(counts.items())][-BARS:]
    return tuple([*months, (None, unknown)] if unknown else months)
