"""Where the hits stand in time: one mark a hit, placed by its date of publication, a lane for each outlet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rag import Hit
from rag.web.i18n import Words
from rag.web.url_state import Place

ROWS = 4  # marks of one day stack this high, then overlap: a fifth still opens from its source card


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One hit on the line: `left` in percent of its length, `row` counted upward from the line."""

    left: float
    row: int
    label: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The hits of one outlet, in order of date; `outlet` is empty where there is only this lane."""

    outlet: str
    marks: tuple[Mark, ...]

    @property
    def rows(self) -> int:
        """Return how many marks stand above one another at most."""
        return 1 + max((mark.row for mark in self.marks), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The dated hits, a lane for each outlet, the ends of the line in words, and how many hits state no date.

    `last` is empty when all of them are of one day.
    """

    lanes: tuple[Lane, ...] = ()
    first: str = ""
    last: str = ""
    undated: int = 0


def timeline(hits: Sequence[Hit], say: Words) -> Timeline:
    """Place hits on a line from the earliest to the latest date; hits of one day and outlet stack.

    Outlets come by their first hit in time. Where none or only one is known, one lane holds everything.
    """
    dated = sorted(
        ((day, hit) for hit in hits if (day := _day(hit.document.published)) is not None),
        key=lambda pair: (pair[0], pair[1].rank),
    )
    if not dated:
        return Timeline(undated=len(hits))
    first, last = dated[0][0], dated[-1][0]
    length = (last - first).days
    apart = len({hit.document.outlet for _, hit in dated}) > 1
    rows: dict[tuple[str, date], int] = {}
    lanes: dict[str, list[Mark]] = {}
    for day, hit in dated:
        outlet = hit.document.outlet
        lane = (outlet or say("outlet_unknown")) if apart else ""
        row = rows.get((lane, day), 0)
        rows[lane, day] = row + 1
        name = hit.document.title or hit.document.id
        label = " · ".join(part for part in (say.date(day), outlet, name) if part)
        left = 100 * (day - first).days / length if length else 50.0
        mark = Mark(left=round(left, 2), row=min(row, ROWS - 1), label=label, place=Place.of(hit.citation))
        lanes.setdefault(lane, []).append(mark)
    return Timeline(
        lanes=tuple(Lane(outlet=outlet, marks=tuple(marks)) for outlet, marks in lanes.items()),
        first=say.date(first),
        last=say.date(last) if length else "",
        undated=len(hits) - len(dated),
    )


def _day(published: date | datetime | None) -> date | None:
    return published.date() if isinstance(published, datetime) else published
