"""Dates in questions and articles: what they mean on a known day, where they stand, and what is no date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Period
from rag.text.dates.months import month_names, month_of
from rag.text.dates.periods import find_periods

TODAY = date(2026, 11, 24)  # a Tuesday


def read(text: str, language: str | None, today: date | None = TODAY) -> list[tuple[str, str, str, bool]]:
    return [
        (text[found.start : found.end], found.first.isoformat(), found.last.isoformat(), found.year_stated)
        for found in find_periods(text, today=today, language=language)
    ]


@pytest.mark.parametrize(
    ("language", "text", "words", "first", "last"),
    [
        ("ro", "Ce s-a întâmplat între 20 și 25 ianuarie 2026?", "20 și 25 ianuarie 2026", "2026-01-20", "2026-01-25"),
        ("ro", "pe 8 Ian. 2026 la Moscova", "8 Ian. 2026", "2026-01-08", "2026-01-08"),
        ("ro", "în mai 2026", "mai 2026", "2026-05-01", "2026-05-31"),
        ("ro", "din anul 2025", "2025", "2025-01-01", "2025-12-31"),
        ("sl", "Kaj je bilo 22. januarja 2026?", "22. januarja 2026", "2026-01-22", "2026-01-22"),
        ("sl", "dne 21. 12. 2025", "21. 12. 2025", "2025-12-21", "2025-12-21"),
        ("sl", "leta 2025", "2025", "2025-01-01", "2025-12-31"),
        ("en", "on January 22, 2026", "January 22, 2026", "2026-01-22", "2026-01-22"),
        ("en", "the 3rd of May 2026", "3rd of May 2026", "2026-05-03", "2026-05-03"),
        ("en", "between 20 and 25 January 2026", "20 and 25 January 2026", "2026-01-20", "2026-01-25"),
        ("en", "from 20 January to 3 February 2026", "20 January to 3 February 2026", "2026-01-20", "2026-02-03"),
        ("en", "December 2025 – January 2026", "December 2025 – January 2026", "2025-12-01", "2026-01-31"),
        ("en", "2026-01-22", "2026-01-22", "2026-01-22", "2026-01-22"),
        ("en", "on 13/4/2026", "13/4/2026", "2026-04-13", "2026-04-13"),
        ("de", "am 3. März 2026", "3. März 2026", "2026-03-03", "2026-03-03"),
        ("de", "vom 20. bis 25. Januar 2026", "20. bis 25. Januar 2026", "2026-01-20", "2026-01-25"),
        ("fr", "le 1er mars 2026", "1er mars 2026", "2026-03-01", "2026-03-01"),
        ("fr", "du 20 au 25 janvier 2026", "20 au 25 janvier 2026", "2026-01-20", "2026-01-25"),
        ("it", "dal 20 al 25 gennaio 2026", "20 al 25 gennaio 2026", "2026-01-20", "2026-01-25"),
        ("es", "el 3 de mayo de 2026", "3 de mayo de 2026", "2026-05-03", "2026-05-03"),
        ("hr", "5. siječnja 2026.", "5. siječnja 2026", "2026-01-05", "2026-01-05"),
    ],
)
def test_a_date_with_its_year(language: str, text: str, words: str, first: str, last: str) -> None:
    assert read(text, language) == [(words, first, last, True)]
    assert read(text, language, None) == [(words, first, last, True)]  # needs no other day to be understood


@pytest.mark.parametrize(
    ("language", "text", "words", "first", "last"),
    [
        ("sl", "Kaj se je zgodilo januarja?", "januarja", "2026-01-01", "2026-01-31"),
        ("sl", "v decembru", "decembru", "2025-12-01", "2025-12-31"),  # the last one there was
        ("sl", "Maja je prišla maja", "maja", "2026-05-01", "2026-05-31"),
        ("ro", "22 ianuarie", "22 ianuarie", "2026-01-22", "2026-01-22"),
        ("ro", "de la 20 decembrie până la 3 ianuarie", "20 decembrie până la 3 ianuarie", "2025-12-20", "2026-01-03"),
        ("ro", "luna mai", "mai", "2026-05-01", "2026-05-31"),
        ("en", "may I ask what happened in May?", "May", "2026-05-01", "2026-05-31"),
        ("en", "on 25 November", "25 November", "2025-11-25", "2025-11-25"),
        ("en", "on 24 November", "24 November", "2026-11-24", "2026-11-24"),
        ("de", "im Mai", "Mai", "2026-05-01", "2026-05-31"),
        ("fr", "en août", "août", "2026-08-01", "2026-08-31"),
        ("it", "il 5 marzo", "5 marzo", "2026-03-05", "2026-03-05"),
        ("es", "en enero", "enero", "2026-01-01", "2026-01-31"),
        ("hr", "u siječnju", "siječnju", "2026-01-01", "2026-01-31"),
        (None, "22. januarja", "22. januarja", "2026-01-22", "2026-01-22"),
    ],
)
def test_a_date_without_a_year_is_the_last_one(
    language: str | None, text: str, words: str, first: str, last: str
) -> None:
    assert read(text, language) == [(words, first, last, False)]


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("en", "yesterday", "2026-11-23", "2026-11-23"),
        ("en", "the day before yesterday", "2026-11-22", "2026-11-22"),
        ("en", "last week", "2026-11-16", "2026-11-22"),
        ("en", "last month", "2026-10-01", "2026-10-31"),
        ("en", "last year", "2025-01-01", "2025-12-31"),
        ("ro", "ieri", "2026-11-23", "2026-11-23"),
        ("ro", "săptămâna trecută", "2026-11-16", "2026-11-22"),
        ("sl", "včeraj", "2026-11-23", "2026-11-23"),
        ("sl", "prejšnji teden", "2026-11-16", "2026-11-22"),
        ("sl", "letos", "2026-01-01", "2026-12-31"),
        ("de", "letzte Woche", "2026-11-16", "2026-11-22"),
        ("fr", "hier", "2026-11-23", "2026-11-23"),
        ("fr", "aujourd'hui", "2026-11-24", "2026-11-24"),
        ("it", "la settimana scorsa", "2026-11-16", "2026-11-22"),
        ("es", "la semana pasada", "2026-11-16", "2026-11-22"),
        ("hr", "prošli tjedan", "2026-11-16", "2026-11-22"),
    ],
)
def test_relative_words_count_from_today_and_mean_nothing_without_it(
    language: str, text: str, first: str, last: str
) -> None:
    assert [found[1:] for found in read(text, language)] == [(first, last, True)]
    assert read(text, language, None) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ro", "în mai multe orașe"),
        ("ro", "cele 2 mai mari orașe"),
        ("en", "they march and may win"),
        ("en", "5 years ago, 20 cities, 2026 euros"),
        ("en", "on 3/4/2026"),  # the third of April or the fourth of March
        ("en", "31 February 2026"),
        ("it", "5 set, non è mai vero"),
        ("de", "wir sind hier"),
        ("hr", "studeni vjetar, svi ljudi"),
        (None, "3 ago, 5 gen"),
        ("en", ""),
    ],
)
def test_what_is_no_date(language: str | None, text: str) -> None:
    assert read(text, language) == []


def test_an_article_means_the_date_nearest_to_its_own() -> None:
    def year(text: str, published: date) -> int:
        return find_periods(text, today=published, language="ro", past=False)[0].first.year

    assert year("pe 22 decembrie", date(2026, 1, 5)) == 2025
    assert year("pe 3 ianuarie", date(2025, 12, 30)) == 2026
    assert year("pe 22 ianuarie", date(2026, 1, 20)) == 2026  # announced


@pytest.mark.parametrize(
    ("text", "today"),
    [
        ("yesterday", date.min), ("last week", date(1, 1, 3)), ("last month", date.min), ("last year", date.min),
        ("tomorrow", date.max),
    ],
)  # fmt: skip
def test_days_beyond_the_calendar_are_none(text: str, today: date) -> None:
    """Some programs write 0001-01-01 where they know no date."""
    assert find_periods(text, today=today, language="en") == []
    assert len(find_periods("this year", today=today, language="en")) == 1


@given(st.text(alphabet="0123456789.-/ ,'adeijmnrtuyză–", max_size=60), st.sampled_from([None, "ro", "sl", "en", "it"]))
def test_no_text_breaks_it_and_spans_follow_one_another(text: str, language: str | None) -> None:
    at = 0
    for found in find_periods(text, today=TODAY, language=language):
        assert at <= found.start < found.end <= len(text) and found.first <= found.last
        at = found.end


def period(first: str, last: str, *, stated: bool = True) -> Period:
    return Period(start=0, end=1, first=date.fromisoformat(first), last=date.fromisoformat(last), year_stated=stated)


def test_periods_meet_in_any_year_unless_both_state_theirs() -> None:
    january, day = period("2026-01-01", "2026-01-31"), period("2025-01-22", "2025-01-22")
    assert not january.meets(day) and not day.meets(january)
    unsaid = period("2025-01-22", "2025-01-22", stated=False)
    assert january.meets(unsaid) and unsaid.meets(january)
    assert not january.meets(period("2026-02-01", "2026-02-01", stated=False))
    holidays = period("2025-12-20", "2026-01-05", stated=False)
    assert holidays.meets(period("2019-01-02", "2019-01-02")) and not holidays.meets(period("2019-01-06", "2019-01-09"))
    assert period("2025-01-01", "2025-12-31").meets(period("2026-07-01", "2026-07-01", stated=False))


def test_names_of_months_are_whole_or_abbreviated() -> None:
    assert month_of("ianuarie", "ro") == (1, True) and month_of("ian", "ro") == (1, False)
    assert month_of("ian", None) is None and month_of("ianuarie", None) == (1, True)
    assert month_of("listopada", "hr") == (10, True) and month_of("listopada", "pl") == (11, True)
    assert "march" in month_names("en") and "marzo" not in month_names("en") and "marzo" in month_names()
