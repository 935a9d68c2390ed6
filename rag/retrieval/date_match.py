"""Dates in the question: what speaks of the days asked about, or was published on them, has a small advantage.

Small, and never a condition: an article of February may speak of January, and only filters leave anything out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rag.records import Document, Passage, Period
from rag.retrieval.ordering import best_first
from rag.store.view import View
from rag.text.dates.periods import find_periods

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]

MENTIONED = 1.0
"""Log-odds for a passage that names a day asked about. A judgement: it turns the order of two passages that are nearly
as good, odds of 2.7 to 1, and of no others."""

PUBLISHED = 0.3
"""Log-odds for an article of such a day: less, as an article is often written about earlier days."""

_LOOKED_AT = 30  # the best candidates; their texts are read, which takes a few milliseconds
_MONTH = timedelta(days=31)
_REPORTED = timedelta(days=3)  # after which news are no longer of a day


def advantages(view: View, ids: Longs, odds: Floats, periods: Sequence[Period]) -> Floats:
    """Return the log-odds ``(n,)`` to add to those of the passages `ids`; zeros where the question has no date."""
    gained = np.zeros(len(ids), dtype=np.float32)
    if periods:
        best = best_first(view, ids, odds)[0][:_LOOKED_AT]
        for place, (passage, document) in zip(best.tolist(), view.passages_with_documents(ids[best]), strict=True):
            gained[place] = MENTIONED * _mentions(passage, document, periods) + PUBLISHED * _is_of(document, periods)
    return gained


def _mentions(passage: Passage, document: Document, periods: Sequence[Period]) -> bool:
    """Tell whether a passage names one of the periods; years, asked about or named, tell no passages apart.

    With years, two of XQuAD's questions lost and none gained.
    """
    asked_days = [asked for asked in periods if asked.last - asked.first <= _MONTH]
    if not asked_days:
        return False
    written = day_of(document.published)
    found = find_periods(passage.text, today=written, language=document.language, past=False)
    if written is not None:  # then the year is known, stated or not
        found = [replace(named, year_stated=True) for named in found]
    return any(asked.meets(named) and named.last - named.first <= _MONTH for asked in asked_days for named in found)


def _is_of(document: Document, periods: Sequence[Period]) -> bool:
    day = day_of(document.published)
    return day is not None and any(asked.meets(Period(start=0, end=0, first=day, last=day)) for asked in periods)


def is_of_other_days(passage: Passage, document: Document, periods: Sequence[Period]) -> bool:
    """Return whether a passage and its article have dates, and none of them is one that the question asks about.

    A question without dates, or a passage of unknown ones, tells nothing. An article of the days just after is of them
    too: it reports what happened.
    """
    if not periods:
        return False
    day = day_of(document.published)
    found = find_periods(f"{document.title}\n{passage.text}", today=day, language=document.language, past=False)
    if day is not None:
        found = [replace(named, year_stated=True) for named in found]
        found.append(Period(start=0, end=0, first=day - _REPORTED, last=day))
    return bool(found) and not any(asked.meets(named) for asked in periods for named in found)


def day_of(published: date | datetime | None) -> date | None:
    """Return the day of a date that may have an hour."""
    return published.date() if isinstance(published, datetime) else published
