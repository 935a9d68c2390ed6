"""The timeline of an answer: where each hit stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from page_samples import CONDITION, INVITED, answer, hit

from rag.web.i18n import words
from rag.web.result import render_sources
from rag.web.timeline import timeline
from rag.web.url_state import View


def test_the_timeline_places_hits_by_date_and_counts_those_without() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 11), date(2026, 1, 5), None]
    hits = [hit(replace(INVITED, published=day), CONDITION, rank) for rank, day in enumerate(days, 1)]
    line = timeline(hits, words("en"))
    (lane,) = line.lanes
    assert [(mark.left, mark.row) for mark in lane.marks] == [(0.0, 0), (40.0, 0), (100.0, 0), (100.0, 1)]
    assert (line.first, line.last, line.undated, lane.rows, lane.outlet) == ("1 Jan 2026", "11 Jan 2026", 1, 2, "")
    assert timeline(hits[4:], words("en")).undated == 1


def test_each_outlet_has_a_lane_of_its_own() -> None:
    days = [(1, "Delo"), (11, "Mediafax"), (11, "Delo"), (6, None)]
    hits = [
        hit(replace(INVITED, published=date(2026, 1, day), outlet=outlet), CONDITION, rank)
        for rank, (day, outlet) in enumerate(days, 1)
    ]
    line = timeline(hits, words("sl"))
    assert [(lane.outlet, [mark.left for mark in lane.marks]) for lane in line.lanes] == [
        ("Delo", [0.0, 100.0]), ("medij ni naveden", [50.0]), ("Mediafax", [100.0]),
    ]  # fmt: skip
    assert line.lanes[0].marks[0].label == "1. jan. 2026 · Delo · Rușii îl invită pe Zelenski la Moscova"
    html = render_sources(answer("?", *hits), view=View(question="?"), language="sl")
    assert 'id="lane-3">Mediafax</p>' in html and 'aria-labelledby="lane-3"' in html
    assert len(re.findall(r"data-cite=[^>]+data-aside aria-label", html)) == 4
