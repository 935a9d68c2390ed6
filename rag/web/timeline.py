"""Where the hits stand in time: one mark a hit, placed by its date of publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rag import Hit
from rag.web.address import Place
from rag.web.strings import Words

ROWS = 4  # marks of one day stack this high, then overlap: a fifth still opens from its source card


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One hit on the line: `left` in percent of its length, `row` counted upward from the line."""

    left: float
    row: int
    label: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The dated hits in order of date, the ends of the line in words, and how many hits state no date.

    `last` is empty when all of them are of one day.
    """

    marks: tuple[Mark, ...] = ()
    first: str = ""
    last: str = ""
    undated: int = 0

    @property
    def rows(self) -> int:
        """Return how many marks stand above one another at most."""
        return 1 + max((mark.row for mark in self.marks), default=0)


def timeline(hits: Sequence[Hit], say: Words) -> Timeline:
    """Place hits on a line from the earliest to the latest date; hits of one day stack."""
    dated = sorted(
        ((day, hit) for hit in hits if (day := _day(hit.document.published)) is not None),
        key=lambda pair: (pair[0], pair[1].rank),
    )
    if not dated:
        return Timeline(undated=len(hits))
    first, last = dated[0][0], dated[-1][0]
    length = (last - first).days
    rows: dict[date, int] = {}
    marks: list[Mark] = []
    for day, hit in dated:
        row = rows.get(day, 0)
        rows[day] = row + 1
        outlet = hit.document.outlet
        name = hit.document.title or hit.document.id
        label = " · ".join(part for part in (say.date(day), outlet, name) if part)
        left = 100 * (day - first).days / length if length else 50.0
        marks.append(Mark(left=round(left, 2), row=min(row, ROWS - 1), label=label, place=Place.of(hit.citation)))
    return Timeline(
        marks=tuple(marks),
        first=say.date(first),
        last=say.date(last) if length else "",
        undated=len(hits) - len(dated),
    )


def _day(published: date | datetime | None) -> date | None:
    return published.date() if isinstance(published, datetime) else published
