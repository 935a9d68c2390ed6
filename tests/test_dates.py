"""Dates as pages write them, and what only looks like one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.article.byline import prefix_end
from rag.text.dates.moments import find_moments, without_dates
from rag.text.dates.months import month_number


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("28 ian. 2026, 18:20", "ro", datetime(2026, 1, 28, 18, 20)),
        ("Publicat la 21:59 08 Ian 2026", "ro", datetime(2026, 1, 8, 21, 59)),
        ("21. 12. 2025 ob 14.05", "sl", datetime(2025, 12, 21, 14, 5)),
        ("3. februarja 2026 ob 7:58", "sl", datetime(2026, 2, 3, 7, 58)),
        ("January 5, 2026, 9:30 p.m.", "en", datetime(2026, 1, 5, 21, 30)),
        ("12 January 2026 at 12:05 am", "en", datetime(2026, 1, 12, 0, 5)),
        ("8. Januar 2026 um 14:05 Uhr", "de", datetime(2026, 1, 8, 14, 5)),
        ("1er février 2026 à 18h20", "fr", datetime(2026, 2, 1, 18, 20)),
        ("14 gennaio 2026 alle 10.30", "it", datetime(2026, 1, 14, 10, 30)),
        ("5 de marzo de 2026 a las 9:15", "es", datetime(2026, 3, 5, 9, 15)),
        ("12. siječnja 2026. u 14:05", "hr", datetime(2026, 1, 12, 14, 5)),
        ("18 de maio de 2026 às 19:07", "pt", datetime(2026, 5, 18, 19, 7)),
        ("2026-01-14T10:00:00Z", None, datetime(2026, 1, 14, 10, tzinfo=UTC)),
        ("2026-01-14T10:00+01:00", None, datetime(2026, 1, 14, 10, tzinfo=timezone(timedelta(hours=1)))),
        ("2026-01-14", None, date(2026, 1, 14)),
        ("25/12/2025 10:00", "en", datetime(2025, 12, 25, 10)),
        ("03/04/2026", "fr", date(2026, 4, 3)),
        ("14.01.2026", "de", date(2026, 1, 14)),
        ("5. listopada 2026", "hr", date(2026, 10, 5)),
        ("3. März 2026, 9 Uhr", "de", datetime(2026, 3, 3, 9)),
        ("3 mars 2026 à 9h05", "fr", datetime(2026, 3, 3, 9, 5)),
        ("3 mars 2026 à 9h", "fr", datetime(2026, 3, 3, 9)),
        ("3. 3. 2026 ob 9. uri", "sl", datetime(2026, 3, 3, 9)),
        ("9. 4. 2026 / 10.22", "sl", datetime(2026, 4, 9, 10, 22)),
        ("3. ožujka 2026. u 9 sati", "hr", datetime(2026, 3, 3, 9)),
        ("20:15 del 22 ottobre 2026", "it", datetime(2026, 10, 22, 20, 15)),
        ("24 MAY 2026 - 05:20 CEST", "es", datetime(2026, 5, 24, 5, 20, tzinfo=timezone(timedelta(hours=2)))),
        ("12.11.2026, 22:47 Uhr (MEZ)", "de", datetime(2026, 11, 12, 22, 47, tzinfo=timezone(timedelta(hours=1)))),
        ("18:50 BST, 2 August 2026", "en", datetime(2026, 8, 2, 18, 50, tzinfo=timezone(timedelta(hours=1)))),
        ("11 Mar 2026 06.00 GMT", "en", datetime(2026, 3, 11, 6, tzinfo=UTC)),
        ("3/25/2026", "en", date(2026, 3, 25)),
        ("5 listopada 2026", "pl", date(2026, 11, 5)),
    ],
)
def test_dates_as_newspapers_write_them(line: str, language: str | None, expected: date) -> None:
    (moment,) = find_moments(line, language)
    assert moment.value == expected
    assert isinstance(moment.value, datetime) == isinstance(expected, datetime)
    assert line[moment.end :].strip() in ("", "Uhr")


@pytest.mark.parametrize(
    "line",
    [
        "pred dvema urama",
        "acum 2 ore",
        "1 minut de citit",
        "luni, 12 ianuarie",
        "decembrie 2025",
        "31. 2. 2025",
        "12 mai 0000",
        "03-04-2026",
        "29 February 2025",
        "03/04/2026",  # in English the third of April or the fourth of March
        "18:30",
        "2025-13-40",
        "la 1.2.3.4",
        "",
    ],
)
def test_what_is_no_date(line: str) -> None:
    assert find_moments(line, "en") == []


def test_an_hour_that_is_none_leaves_the_day_alone() -> None:
    for line in ("3 mars 2026 3 h de lecture", "3 mars 2026, 25:10", "3 mars 2026, 20% de remise"):
        assert [moment.value for moment in find_moments(line, "fr")] == [date(2026, 3, 3)]


_PIECES = st.sampled_from(
    ["28 ian. 2026, 18:20", "21. 12. 2025 ob 14.05", "mardi 3 mars 2026 à 9h05", "3/4/2026", "2026-01-14T10:00Z", "18:30",
     "pred dvema urama", "31. 2. 2025", "12 mai 0000", "May 5, 2026", "Publicat la", "|", " ", "9 Uhr", "12", "de mai"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=8).map(" ".join), st.sampled_from(["fr", "en", None]))
def test_a_date_stands_where_it_was_found(text: str, language: str | None) -> None:
    end = 0
    for moment in find_moments(text, language):
        assert end <= moment.start < moment.end <= len(text)
        end = moment.end
        said = text[moment.start : moment.end]
        assert str(moment.value.year) in said
        assert str(moment.value.day) in said
        # Read alone, the words give the same moment: nothing around them was needed.
        assert [m.value for m in find_moments(said, language)] == [moment.value]


def test_without_dates() -> None:
    assert without_dates("Ana Pop | 28 ian. 2026, 18:20").strip(" |") == "Ana Pop"
    assert without_dates("18:30").strip() == ""


@pytest.mark.parametrize(
    ("name", "number"),
    [("ian", 1), ("Februarja", 2), ("märz", 3), ("MARZ", 3), ("août", 8), ("aout", 8), ("rujna", 9), ("dicembre", 12)],
)
def test_months(name: str, number: int) -> None:
    assert month_number(name) == number


def test_months_that_mean_different_things() -> None:
    assert (month_number("listopada", "hr"), month_number("listopada", "pl"), month_number("de")) == (10, 11, None)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("date 2026-01-08 Noi negocieri la Paris", "Noi negocieri la Paris"),
        ("2026-04-09 Old cinema to reopen", "Old cinema to reopen"),
        ("14.01.2026 | Premierul demisionează azi", "Premierul demisionează azi"),
        ("12 ianuarie 2026 a fost o zi de luni", "12 ianuarie 2026 a fost o zi de luni"),
        ("Pe 2026-01-08 a nins mult", "Pe 2026-01-08 a nins mult"),
    ],
)
def test_dates_glued_to_a_line(line: str, rest: str) -> None:
    assert line[prefix_end(line, "ro") :] == rest
