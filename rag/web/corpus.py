"""The list of the corpus, to HTML: one page of it, searched and filtered, and charts whose bars are filters."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rag import MOST_COUNTED, Counts, Failure, Index, ListPage, ListQuery
from rag.web.i18n import Words, fill, words
from rag.web.url_state import Place, View

ROWS = 100
"""Articles on one page of the list: more make a browser slow and nobody reads them."""

BARS = 12
"""Bars in one chart: those with most articles, or the latest months. The rest can be chosen in the filters."""

FAILURES = 100
"""Files that could not be read, of which the page gives the reasons; the rest is counted."""

Values = Sequence[tuple[str | None, int]]

SORTS = ("title", "outlet", "language", "date", "length")
"""What the list can be sorted by; with ``-`` before it, downwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the page offers besides reading: changes to the corpus, fetching pages for it, and the files themselves.

    `original` gives the file of what an article came from, None where it is not at hand.
    """

    changes: bool = False
    fetching: bool = False
    original: Callable[[str | None], Path | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a chart, and the filter that it sets, or takes back where it is set."""

    name: str
    articles: int
    share: float
    chosen: bool
    url: str
    narrow: str  # the same for the script: the part of the view that changes, as JSON


def show_corpus(index: Index, view: View, language: str, allowed: Allowed) -> str:
    """Return the list of a view."""
    failures = index.failures()
    whole = {
        failure.source
        for failure in failures[:FAILURES]
        if allowed.changes and "://" not in failure.source and not index.documents_of([failure.source])
    }
    page = index.browse(list_query(view))
    return render_corpus(page, index.counts(), failures, view=view, language=language, allowed=allowed, unread=whole)


def list_query(view: View) -> ListQuery:
    """Return which articles a view lists."""
    return ListQuery(
        find=view.find,
        languages=view.languages,
        outlets=view.outlets,
        published_from=view.published_from,
        published_to=view.published_to,
        lacking=view.lacking,
        sort=view.sort,
        after=view.after,
        before=view.until,
        limit=ROWS,
    )


def render_corpus(
    page: ListPage,
    counts: Counts,
    failures: Sequence[Failure],
    *,
    view: View,
    language: str,
    allowed: Allowed = Allowed(),
    unread: Collection[str] = (),
) -> str:
    """Return the list of articles with its charts and what could not be read, and the means to change it.

    `unread` names the files of which nothing could be read: only these can be removed as files.
    """
    say = words(language)
    columns = (say("corpus_title"), say("outlets"), say("languages"), say("dates"), say("corpus_length"))
    outlets = any(counts.outlets)  # where none is known, nothing is said about outlets
    narrowed = bool(view.find or view.filters or view.lacking)
    found = page.found if narrowed else counts.documents
    return fill(
        "corpus.html",
        language,
        page=page,
        total=counts.documents,
        found=say("corpus_over", n=say.integer(MOST_COUNTED))
        if narrowed and found > MOST_COUNTED
        else say.count("articles", found),
        narrowed=narrowed,
        failures=failures[:FAILURES],
        more_failures=max(0, len(failures) - FAILURES),
        charts=_charts(counts, view, say) if counts.documents else [],
        columns=[pair for pair in zip(SORTS, columns, strict=True) if outlets or pair[0] != "outlet"],
        outlets=outlets,
        allowed=allowed,
        unread=unread,
        view=view,
        url=view.address(),
        place_of=lambda row: Place.whole(row.id),
        url_of=lambda row: view.address(Place.whole(row.id)),
    )


_LACKING = {"languages": "language", "outlets": "outlet", "months": "published"}


def _charts(counts: Counts, view: View, say: Words) -> list[tuple[str, str, list[Bar]]]:
    """Return each chart: its key, its heading and its bars."""
    months = list(counts.months.items())  # ascending, the undated last
    undated = [pair for pair in months if pair[0] is None]
    latest = [pair for pair in months if pair[0] is not None][-BARS:]
    charts: list[tuple[str, str, Values, Callable[[str], str]]] = [
        ("languages", say("languages"), _ranked(counts.languages), say.language_name),
        ("outlets", say("outlets"), _ranked(counts.outlets), str),
        ("months", say("corpus_months"), [*latest, *undated], say.month),
    ]
    return [
        (
            key,
            heading,
            [_bar(view, key, value, n, name(value) if value else say("corpus_unknown"), values) for value, n in values],
        )
        for key, heading, values, name in charts
        if key != "outlets" or any(counts.outlets)
    ]


def _bar(view: View, chart: str, value: str | None, n: int, name: str, values: Values) -> Bar:
    """Return a bar, which chooses its value alone, or takes the choice back where it is made."""
    changes: dict[str, Any] = {"lacking": "" if value else _LACKING[chart]}
    if chart == "months":
        changes |= dict(zip(("published_from", "published_to"), _days(value), strict=True))
    else:
        changes[chart] = (value,) if value else ()
    chosen = all(getattr(view, key) == wanted for key, wanted in changes.items())
    if chosen:
        changes = {key: getattr(View(), key) for key in changes}
    return Bar(
        name=name,
        articles=n,
        share=round(n / max(count for _, count in values), 3),
        chosen=chosen,
        url=replace(view, **changes, after="", until="").address(),
        narrow=json.dumps(changes, default=str),
    )


def _days(month: str | None) -> tuple[date | None, date | None]:
    """Return the first and the last day of a month written ``2026-01``."""
    if not month:
        return None, None
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _ranked(values: Mapping[str | None, int]) -> Values:
    ranked = sorted(values.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or ""))
    return [pair for pair in ranked if pair[0]][:BARS] + [pair for pair in ranked if not pair[0]]
