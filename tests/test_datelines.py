"""Dates of the languages of Europe: under headlines, in texts and in questions; and headlines that are no authors."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rag.article.document import article
from rag.article.metadata import find_metadata
from rag.text.dates.moments import find_moments, without_dates
from rag.text.dates.periods import find_periods
from rag.text.languages import LANGUAGES

DAY = date(2026, 1, 22)
AFTERNOON = datetime(2026, 1, 22, 14, 30)

LINES: list[tuple[str, str, date]] = [
    ("bg", "22 януари 2026 г.", DAY),
    ("bg", "четвъртък, 22 януари 2026 г., 14:30 ч.", AFTERNOON),
    ("bg", "22.01.2026, 14:30", AFTERNOON),
    ("bg", "22 ян. 2026 г.", DAY),
    ("bs", "22. januar 2026. u 14:30", AFTERNOON),
    ("bs", "22. januara 2026. godine", DAY),
    ("ca", "22 de gener de 2026", DAY),
    ("ca", "22 de gener del 2026 a les 14:30", AFTERNOON),
    ("cs", "22. ledna 2026 v 14:30", AFTERNOON),
    ("cs", "22. leden 2026", DAY),
    ("cs", "čtvrtek 22. ledna 2026, 14:30", AFTERNOON),
    ("da", "22. januar 2026 kl. 14.30", AFTERNOON),
    ("da", "torsdag d. 22. januar 2026", DAY),
    ("de", "Donnerstag, 22. Jänner 2026, 14.30 Uhr", AFTERNOON),
    ("el", "22 Ιανουαρίου 2026", DAY),
    ("el", "Πέμπτη, 22 Ιανουαρίου 2026, ώρα 14:30", AFTERNOON),
    ("el", "22/01/2026, 14:30", AFTERNOON),
    ("en", "22nd January, 2026 at 2:30 pm", AFTERNOON),
    ("en", "Jan. 22, 2026", DAY),
    ("es", "22 de enero de 2026 a las 14:30", AFTERNOON),
    ("et", "22. jaanuar 2026 kell 14.30", AFTERNOON),
    ("et", "22. jaanuaril 2026. a", DAY),
    ("fi", "22. tammikuuta 2026 klo 14.30", AFTERNOON),
    ("fi", "22.1.2026 klo 14.30", AFTERNOON),
    ("fi", "tammikuun 22. 2026", DAY),
    ("fr", "jeudi 22 janvier 2026 à 14 h 30", AFTERNOON),
    ("ga", "22 Eanáir 2026", DAY),
    ("ga", "22 Meán Fómhair 2026", date(2026, 9, 22)),
    ("hr", "22. siječnja 2026. u 14:30 sati", AFTERNOON),
    ("hu", "2026. január 22.", DAY),
    ("hu", "2026. január 22. 14:30", AFTERNOON),
    ("hu", "2026. január 22., csütörtök 14:30", AFTERNOON),
    ("hu", "2026. jan. 22. csütörtök", DAY),
    ("hu", "2026.01.22. 14:30", AFTERNOON),
    ("hu", "2026. 01. 22.", DAY),
    ("hu", "2026. január 22. - 14:30", AFTERNOON),
    ("hu", "2026. I. 22.", DAY),
    ("is", "22. janúar 2026 kl. 14:30", AFTERNOON),
    ("it", "giovedì 22 gennaio 2026 alle ore 14:30", AFTERNOON),
    ("lt", "2026 m. sausio 22 d.", DAY),
    ("lt", "2026 m. sausio 22 d. 14:30", AFTERNOON),
    ("lt", "2026 sausio 22", DAY),
    ("lt", "2026-01-22 14:30", AFTERNOON),
    ("lv", "2026. gada 22. janvāris", DAY),
    ("lv", "2026. gada 22. janvārī plkst. 14.30", AFTERNOON),
    ("lv", "22. janvāris, 2026", DAY),
    ("mk", "22 јануари 2026", DAY),
    ("mk", "22 јануари 2026 г., 14:30", AFTERNOON),
    ("nb", "22. januar 2026 klokken 14.30", AFTERNOON),
    ("nl", "donderdag 22 januari 2026 om 14.30 uur", AFTERNOON),
    ("nl", "22-01-2026 14:30", AFTERNOON),
    ("pl", "22 stycznia 2026 r., godz. 14:30", AFTERNOON),
    ("pl", "22 styczeń 2026, 14:30", AFTERNOON),
    ("pl", "22 I 2026", DAY),
    ("pt", "22 de janeiro de 2026 às 14h30", AFTERNOON),
    ("ro", "joi, 22 ianuarie 2026, ora 14:30", AFTERNOON),
    ("ro", "ianuarie 22, 2026", DAY),
    ("ro", "22.I.2026", DAY),
    ("ro", "22-ian-2026", DAY),
    ("ru", "22 января 2026 г., 14:30", AFTERNOON),
    ("ru", "14:30, 22 января 2026 года", AFTERNOON),
    ("ru", "22 января 2026 в 14:30", AFTERNOON),
    ("sk", "22. januára 2026 o 14:30", AFTERNOON),
    ("sk", "22. január 2026", DAY),
    ("sl", "četrtek, 22. januarja 2026, ob 14.30", AFTERNOON),
    ("sl", "22. I. 2026", DAY),
    ("sl", "22. prosinca 2026", DAY),
    ("sl", "22.1.26", DAY),
    ("sq", "22 janar 2026, ora 14:30", AFTERNOON),
    ("sr", "22. јануар 2026. 14:30", AFTERNOON),
    ("sr", "четвртак, 22. јануара 2026. године", DAY),
    ("sr", "22. januar 2026. u 14:30", AFTERNOON),
    ("sr", "22.01.2026. 14:30", AFTERNOON),
    ("sv", "22 januari 2026 kl 14.30", AFTERNOON),
    ("sv", "torsdagen den 22 januari 2026", DAY),
    ("tr", "22 Ocak 2026 Perşembe 14:30", AFTERNOON),
    ("tr", "22 Ocak 2026, saat 14.30", AFTERNOON),
    ("uk", "22 січня 2026 р. о 14:30", AFTERNOON),
    ("uk", "22 січня 2026, четвер, 14:30", AFTERNOON),
]


def test_the_date_lines_are_of_33_languages() -> None:
    languages = {language for language, _, _ in LINES}
    assert len(languages) == 33 and languages <= LANGUAGES


@pytest.mark.parametrize(("language", "line", "expected"), LINES)
def test_date_lines(language: str, line: str, expected: date) -> None:
    assert [moment.value for moment in find_moments(line, language)] == [expected]


@pytest.mark.parametrize(("language", "line", "expected"), LINES)
def test_date_lines_in_words_are_read_without_a_language(language: str, line: str, expected: date) -> None:
    if "prosinca" not in line and "22.1.26" not in line:  # December in Croatian; and two digits need a language
        assert [moment.value for moment in find_moments(line, None)] == [expected]


QUESTIONS = [
    ("bg", "Какво се случи на 22 януари?", "22 януари"),
    ("cs", "Co se stalo 22. ledna?", "22. ledna"),
    ("da", "Hvad skete den 22. januar?", "22. januar"),
    ("el", "Τι έγινε στις 22 Ιανουαρίου;", "22 Ιανουαρίου"),
    ("et", "Mis juhtus 22. jaanuaril?", "22. jaanuaril"),
    ("fi", "Mitä tapahtui 22. tammikuuta?", "22. tammikuuta"),
    ("hr", "Što se dogodilo 22. siječnja?", "22. siječnja"),
    ("hu", "Mi történt január 22-én?", "január 22-én"),
    ("lt", "Kas nutiko sausio 22 d.?", "sausio 22 d."),
    ("lv", "Kas notika 22. janvārī?", "22. janvārī"),
    ("mk", "Што се случи на 22 јануари?", "22 јануари"),
    ("nb", "Hva skjedde 22. januar?", "22. januar"),
    ("nl", "Wat gebeurde er op 22 januari?", "22 januari"),
    ("pl", "Co się stało 22 stycznia?", "22 stycznia"),
    ("pt", "O que aconteceu em 22 de janeiro?", "22 de janeiro"),
    ("ru", "Что случилось 22 января?", "22 января"),
    ("ru", "Что случилось 22-го января?", "22-го января"),
    ("sk", "Čo sa stalo 22. januára?", "22. januára"),
    ("sq", "Çfarë ndodhi më 22 janar?", "22 janar"),
    ("sr", "Шта се десило 22. јануара?", "22. јануара"),
    ("sr", "Šta se desilo 22. januara?", "22. januara"),
    ("sv", "Vad hände den 22 januari?", "22 januari"),
    ("tr", "22 Ocak'ta ne oldu?", "22 Ocak"),
    ("uk", "Що сталося 22 січня?", "22 січня"),
]


@pytest.mark.parametrize(("language", "question", "words"), QUESTIONS)
def test_questions_for_a_day(language: str, question: str, words: str) -> None:
    found = find_periods(question, today=date(2026, 11, 24), language=language)
    assert [(question[one.start : one.end], one.first, one.last) for one in found] == [(words, DAY, DAY)]


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("hu", "2026 januárjában", "2026-01-01", "2026-01-31"),
        ("hu", "január 20–25. között", "2026-01-20", "2026-01-25"),
        ("lt", "2026 m. sausį", "2026-01-01", "2026-01-31"),
        ("lv", "2026. gada janvārī", "2026-01-01", "2026-01-31"),
        ("pl", "w styczniu", "2026-01-01", "2026-01-31"),
        ("cs", "v lednu", "2026-01-01", "2026-01-31"),
        ("ru", "в январе", "2026-01-01", "2026-01-31"),
        ("ru", "с 20 по 25 января", "2026-01-20", "2026-01-25"),
        ("uk", "від 20 до 25 січня", "2026-01-20", "2026-01-25"),
        ("el", "τον Ιανουάριο", "2026-01-01", "2026-01-31"),
        ("fi", "tammikuussa", "2026-01-01", "2026-01-31"),
        ("tr", "ocak ayında", "2026-01-01", "2026-01-31"),
        ("sl", "med januarjem in marcem", "2026-01-01", "2026-03-31"),
        ("ru", "в 2025 году", "2025-01-01", "2025-12-31"),
        ("uk", "у 2025 році", "2025-01-01", "2025-12-31"),
        ("hu", "2025-ben", "2025-01-01", "2025-12-31"),
        ("tr", "2025 yılında", "2025-01-01", "2025-12-31"),
        ("fi", "vuonna 2025", "2025-01-01", "2025-12-31"),
        ("pl", "wczoraj", "2026-11-23", "2026-11-23"),
        ("ru", "на прошлой неделе", "2026-11-16", "2026-11-22"),
        ("hu", "tavaly", "2025-01-01", "2025-12-31"),
        ("el", "χθες", "2026-11-23", "2026-11-23"),
        ("sv", "i går", "2026-11-23", "2026-11-23"),
    ],
)
def test_months_years_and_relative_days(language: str, text: str, first: str, last: str) -> None:
    found = find_periods(text, today=date(2026, 11, 24), language=language)
    assert [(one.first.isoformat(), one.last.isoformat()) for one in found] == [(first, last)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ro", "în urma unor discuții"),  # "únor" is February in Czech
        ("ro", "Marco Rubio a plecat din Rio de Janeiro"),
        ("pl", "oni mają rację"),
        ("hu", "Hsieh és Ma vitája"),
        ("sv", "en resa till Mars"),
        ("es", "esta mañana no, la mañana siguiente"),
        ("en", "in the 1970s"),
        ("hr", "od 1970-ih"),
        ("tr", "Kasım Süleymani geldi"),
        (None, "o marcă japoneză"),
    ],
)
def test_words_that_only_look_like_dates(language: str | None, text: str) -> None:
    found = find_periods(text, today=date(2026, 11, 24), language=language)
    assert [text[one.start : one.end] for one in found if one.first != date(2026, 11, 24)] == []


TEXTS = {
    "bg": "Общинският съвет одобри два милиона евро за ремонт на улиците в центъра. Работата започва през април.",
    "hu": "A képviselő-testület kétmillió eurót szavazott meg a belváros utcáira. A munka tavasszal kezdődik.",
    "lt": "Miesto taryba patvirtino du milijonus eurų miesto centro gatvių remontui. Darbai prasidės pavasarį.",
    "lv": "Pilsētas dome apstiprināja divus miljonus eiro pilsētas centra ielu remontam. Darbi sāksies pavasarī.",
    "ru": "Городской совет одобрил два миллиона евро на ремонт улиц в центре города. Работы начнутся в апреле.",
    "tr": "Belediye meclisi merkezdeki caddelerin onarımı için iki milyon avro onayladı. Çalışmalar ilkbaharda başlayacak.",
    "fi": "Kaupunginvaltuusto hyväksyi kaksi miljoonaa euroa keskustan katujen korjaamiseen. Työt alkavat keväällä.",
    "ro": "Consiliul local a aprobat un buget de două milioane de lei pentru repararea străzilor din centru.",
}
HEADLINES = [
    ("bg", "Ремонт на улици", "22 януари 2026 г., 14:30"),
    ("hu", "Utcák felújítása", "2026. január 22., csütörtök 14:30"),
    ("lt", "Gatvių remontas centre", "2026 m. sausio 22 d. 14:30"),
    ("lv", "Ielu remonts centrā", "2026. gada 22. janvāris, 14:30"),
    ("ru", "Ремонт улиц", "22 января 2026 г., 14:30"),
    ("ro", "Protest la Brad", "Viena, 22 ianuarie 2026, ora 14:30"),
    ("ro", "Premieră la Operetă", "Brad, 22 ianuarie 2026, ora 14:30"),
    ("bg", "Ремонт на улици", "четвъртък, 22 януари 2026 г., 14:30 ч."),
    ("tr", "Caddeler onarılıyor", "Ankara, 22 Ocak 2026 14:30"),
    ("fi", "Katuja korjataan", "Helsinki 22. tammikuuta 2026 klo 14.30"),
    ("lt", "Gatvių remontas centre", "Vilnius, 2026 m. sausio 22 d. 14:30"),
    ("ro", "Protest la Cluj", "București, 22 ian 2026, 14:30"),
    ("ro", "Protest la Cluj", "Joi, 22 Ianuarie 2026, 14:30"),
    ("ro", "Furtună în Bucovina", "Suceava, 22 ianuarie 2026, ora 14:30"),
]


@pytest.mark.parametrize(("language", "headline", "line"), HEADLINES)
def test_a_headline_over_its_date_line(language: str, headline: str, line: str) -> None:
    found = find_metadata(f"{headline}\n\n{line}\n\n{TEXTS[language]}", language)
    assert (found.title, found.published, found.author) == (headline, AFTERNOON, None)


def test_a_place_and_a_date_are_masked_and_a_lone_line_above_is_the_headline() -> None:
    for language, headline, line in HEADLINES:
        found = article(f"{headline}\n{line}\n\n{TEXTS[language]}", document_id="a")
        masked = " ".join(found.text[slice(*span)] for span in found.masked)
        assert (line in masked, found.title, TEXTS[language][:40] in masked) == (True, headline, False), line
    plain = article(f"Horoscop 22 ianuarie 2026\n\n{TEXTS['ro']}", document_id="a")
    assert plain.title == "Horoscop 22 ianuarie 2026"


def test_nothing_but_marks_is_left_of_a_date_line() -> None:
    for _, line, _ in LINES:
        rest = without_dates(line).strip(" .,")
        if "22.1.26" not in line:
            assert not any(map(str.isdigit, rest)), (line, rest)


def test_zones_and_seconds_stay_what_they_were() -> None:
    (moment,) = find_moments("2026. január 22. 14:30:15 UTC", "hu")
    assert moment.value == datetime(2026, 1, 22, 14, 30, 15, tzinfo=UTC)
