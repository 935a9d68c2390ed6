"""Title, author, outlet and date: found where a page says them, and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.article.byline import byline_author, is_name
from rag.article.metadata import find_metadata
from rag.text.dates.moments import find_moments

SEEDS = Path(__file__).parent.parent / "seeds"
LEAD = "Premierul a anunțat marți seara că își dă demisia din funcție după numai opt luni."


@pytest.mark.parametrize(
    ("name", "title", "author", "published"),
    [
        (
            "000_49a346e2707c7533.txt",
            "Steve Witkoff și Jared Kushner intenționează să viziteze Moscova pentru o întâlnire cu Vladimir Putin "
            "(Bloomberg)",
            None,
            date(2026, 1, 14),
        ),
        (
            "001_cca8ae2506ca1769.txt",
            "Noi negocieri SUA-Rusia. Witkoff și Kushner s-au întâlnit cu emisarul lui Putin la Paris. "
            "Axios: Zelenski va merge la Trump",
            None,
            datetime(2026, 1, 8, 21, 59),
        ),
        ("002_aade9f3352086e29.txt", "", None, date(2025, 11, 26)),
        (
            "003_569c59af60f09498.txt",
            "Rușii îl invită pe Zelenski la Moscova pentru o întâlnire cu Putin. Ideea ar fi fost sugerată de Trump",
            "Olga Borșcevschi",
            datetime(2026, 1, 28, 18, 20),
        ),
        ("004_e006c9bc8f8c5fea.txt", "", None, None),
    ],
)
def test_the_five_articles(name: str, title: str, author: str | None, published: date | None) -> None:
    found = find_metadata((SEEDS / name).read_text("utf-8"), "sl" if name.startswith("004") else "ro")
    assert (found.title, found.author, found.published, found.outlet) == (title, author, published, None)
    assert isinstance(found.published, datetime) == isinstance(published, datetime)


def test_the_order_of_numbers_is_settled_by_the_language_and_said() -> None:
    (moment,) = find_moments("3/4/2026", "fr")
    assert (moment.value, moment.by_language) == (date(2026, 4, 3), True)
    assert [m.by_language for m in find_moments("13/4/2026, 3.4.2026", "fr")] == [False, False]
    assert find_moments("3/4/2026", None) == find_moments("3/4/2026", "en") == []
    found = find_metadata(f"Le premier ministre démissionne\nAna Pop - 3/4/2026\n\n{LEAD}", "fr")
    assert (found.published, found.evidence["published"]) == (date(2026, 4, 3), "text_day_first")


def test_dates_of_running_text_and_of_headlines_are_not_the_publication() -> None:
    assert find_metadata(f"{LEAD} Alegerile au loc la 24 mai 2026, la ora 18:00.", "ro").published is None
    assert find_metadata(f"Ce s-a întâmplat pe 9 mai 1945 la Berlin\n\n{LEAD}", "ro").published is None
    assert find_metadata(f"Horoscop 12 ianuarie 2026 pentru toate zodiile\n\n{LEAD}", "ro").published is None


def test_an_update_is_not_the_publication() -> None:
    both = f"Un titlu de știre\nActualizat: 19.01.2026, 12:30 | Publicat: 18.01.2026, 09:05\n\n{LEAD}"
    assert find_metadata(both, "ro").published == datetime(2026, 1, 18, 9, 5)
    assert find_metadata(f"Un titlu de știre\nActualizat: 19.01.2026\n\n{LEAD}", "ro").published is None


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        (
            "Publicat la 21:59 08 Ian 2026 Modificat la 22:15 08 Ian 2026",
            datetime(2026, 1, 8, 21, 59),
            datetime(2026, 1, 8, 22, 15),
        ),
        ("Zadnje dopolnjeno: 11. februar 2026 ob 11:30", None, datetime(2026, 2, 11, 11, 30)),
        (
            "Stand: 12.11.2026, 22:47 Uhr | Veröffentlicht: 12.11.2026, 06:10 Uhr",
            datetime(2026, 11, 12, 6, 10),
            datetime(2026, 11, 12, 22, 47),
        ),
        ("Stand: 27.02.2026", date(2026, 2, 27), None),
        ("Publicat: 18.01.2026 | Actualizat: 17.01.2026", date(2026, 1, 18), None),  # changed before it was there
        ("Publié aujourd'hui à 07h30, mis à jour à 18h12", None, None),
        (
            "15 noiembrie 2026 (modifica alle 22:10)",
            date(2026, 11, 15),
            datetime(2026, 11, 15, 22, 10),
        ),
        (
            "Data actualizării: 02.06.2026 08:15 | Data publicării: 02.06.2026 07:48",
            datetime(2026, 6, 2, 7, 48),
            datetime(2026, 6, 2, 8, 15),
        ),
        ("Zadnji poseg: 8. julij 2026 ob 23:02", None, datetime(2026, 7, 8, 23, 2)),
    ],
)
def test_modified_is_what_a_word_for_updating_introduces(
    line: str, published: date | None, modified: date | None
) -> None:
    found = find_metadata(f"Premierul demisionează după opt luni\n{line}\n\n{LEAD}", "ro")
    assert (found.published, found.modified) == (published, modified)
    assert found.evidence.get("modified") == ("text" if modified else None)


def test_a_date_years_ahead_is_no_publication() -> None:
    ahead = date.today().year + 3
    assert find_metadata(f"Un titlu de știre\n12 mai {ahead}\n\n{LEAD}", "ro").published is None
    assert find_metadata(f"Un titlu de știre\nActualizat: 12 mai {ahead}\n\n{LEAD}", "ro").modified is None


def test_the_address_at_the_top_is_the_article_s_own() -> None:
    address = "https://www.gazeta.example/2026/01/28/premierul-pleaca"
    found = find_metadata(f"{address}\nPremierul pleacă azi\n\n{LEAD}", "ro")
    assert (found.address, found.published) == (address, date(2026, 1, 28))
    assert (found.evidence["source"], found.evidence["published"]) == ("text", "url")
    dated = find_metadata(f"URL: {address}\nPremierul pleacă azi\n29 ianuarie 2026\n\n{LEAD}", "ro")
    assert (dated.address, dated.published, dated.evidence["published"]) == (address, date(2026, 1, 29), "text")
    two = f"{address}\nhttps://www.gazeta.example/altceva\nPremierul pleacă azi\n\n{LEAD}"
    assert find_metadata(two, "ro").address is None
    assert find_metadata(f"Premierul pleacă azi\n\n{LEAD}\n\n{address}", "ro").address is None


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Olga Borșcevschi", "Olga Borșcevschi"),
        ("De Ioana Popescu", "Ioana Popescu"),
        ("Avtorica: Maja Novak, STA", "Maja Novak"),
        ("By Sarah Whitfield and Tom Lee", "Sarah Whitfield"),
        ("Von Katrin von der Heide", "Katrin von der Heide"),
        ("Par Jean-Luc Moreau", "Jean-Luc Moreau"),
        ("Interviu: Ana Pop", "Ana Pop"),
        ("Avtor: J. Ž.", "J. Ž."),
        ("M. R.", "M. R."),
        ("Article rédigé par Hakim Bensalem", "Hakim Bensalem"),
        ("[Kayleigh Morrow](https://marsh.example/authors/kayleigh-morrow/) Senior Reporter", "Kayleigh Morrow"),
        ("Lucía Montero / Agencias", "Lucía Montero"),
        ("Știri externe", None),
        ("Live TV", None),
        ("De la București la Cluj", None),
        ("By popular demand", None),
    ],
)
def test_authors(line: str, author: str | None) -> None:
    page = f"Premierul demisionează după opt luni\n\n{line}\n28 ian. 2026, 18:20\n\n{LEAD}"
    assert find_metadata(page, "ro").author == author


def test_a_name_with_a_role_or_a_note_of_its_own_is_the_author_s() -> None:
    title = "Premierul demisionează după opt luni"
    role = (
        f"28 ian. 2026, 18:20\n{title}\n217 Comments\nCarys Penhallow\nRural affairs correspondent, NBN Wales\n\n{LEAD}"
    )
    assert find_metadata(role, "ro").author == "Carys Penhallow"
    noted = f"{title}\n\nImogen Farrant\n\n{LEAD}\n\nShare\n\nImogen Farrant is a Sentinel columnist"
    assert find_metadata(noted, "ro").author == "Imogen Farrant"


def test_what_a_page_is_called_is_no_author() -> None:
    page = f"Ondes Publiques\nUn titlu de știre\n28 ian. 2026\nOndes Publiques\n\n{LEAD}\n\n© Ondes Publiques"
    found = find_metadata(page, "ro")
    assert (found.outlet, found.author) == ("Ondes Publiques", None)


def test_an_author_may_have_a_role_and_a_place_is_no_author() -> None:
    page = f"Premierul demisionează după opt luni\nAna Pop\nPolitical correspondent\n28 ian. 2026\n\n{LEAD}"
    assert find_metadata(page, "ro").author == "Ana Pop"
    place = "Rokometaši do zmage v gosteh\nŠkofja Loka, 18. 1. 2026\n\nRokometaši so v Škofji Loki premagali domače igralce."
    assert find_metadata(place, "sl").author is None
    person = place.replace("Škofja Loka,", "Matej Kos,")
    assert find_metadata(person, "sl").author == "Matej Kos"


def test_names_and_bylines() -> None:
    assert is_name("J. D. Vance")
    assert is_name("MARIA IONESCU")
    assert not is_name("Luni Marți")
    assert not is_name("Zelenski")
    assert byline_author("Piše: Ivana Horvat") == "Ivana Horvat"
    assert byline_author("Ivana Horvat") is None


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("# Un titlu cu diez", "Un titlu cu diez"),
        ("Titlu: Premierul pleacă", "Premierul pleacă"),
        (
            "Acasă » Politic » Premierul pleacă azi\nPOLITICĂ INTERNĂ ȘI EXTERNĂ\nPremierul pleacă azi",
            "Premierul pleacă azi",
        ),
        ("Politic\n\nDe ce pleacă premierul?", "De ce pleacă premierul?"),
        ("Premierul pleacă azi | Gazeta de Vest", "Premierul pleacă azi"),
        # What the article says again in its own words is its headline.
        (
            "În direct la ora nouă\nLuni, 12 ianuarie 2026\nPremierul își dă demisia din funcție",
            "Premierul își dă demisia din funcție",
        ),
        ("This article is more than 1 month old\n\nPremierul pleacă azi", "Premierul pleacă azi"),
        ("Story speichern\nPremierul pleacă azi\n14.04.2026", "Premierul pleacă azi"),
        ("Listen to this article · 6:18 min\nPremierul pleacă azi\n14.04.2026", "Premierul pleacă azi"),
        ("", ""),
    ],
)
def test_titles(head: str, title: str) -> None:
    found = find_metadata(f"{head}\n\n{LEAD}", "ro")
    assert found.title == title
    assert found.evidence.get("title") == ("text" if title else None)


@pytest.mark.parametrize(
    ("page", "outlet"),
    [
        (f"Premierul pleacă azi | Gazeta de Vest\n\n{LEAD}", "Gazeta de Vest"),
        (f"Premierul pleacă azi\n\n{LEAD}\n\n© 2026 Gazeta de Vest. Toate drepturile rezervate.", "Gazeta de Vest"),
        (f"Publicație: Gazeta\nPremierul pleacă azi\n\n{LEAD}", "Gazeta"),
        (f"Prima pagină » Politic » Premierul pleacă azi\n\n{LEAD} Foto: Profimedia", None),
        (f"Premierul pleacă azi\n\n{LEAD}\n\n© Riproduzione riservata", None),
        (f"Premierul pleacă azi\n\n{LEAD}\n\n© Gazeta de Vest S.R.L. 2026", "Gazeta de Vest"),
        (f"Premierul pleacă azi\n© Foto Agerpres\n\n{LEAD}", None),
        (f"Gazeta\nPremierul pleacă azi\n\n{LEAD}\n\nredactia@gazeta.example", "Gazeta"),
        (f"Sport\nPremierul pleacă azi\n\n{LEAD}\n\nAbonează-te la Sport", None),
        (
            f"Contrapunct.ro\nPremierul pleacă azi\n\n{LEAD}\n\n© 2026 Contrapunct.ro. Toate drepturile",
            "Contrapunct.ro",
        ),
        (f"La Guardia\nPremierul pleacă azi\n\n{LEAD}\n\n© La Guardia Ediciones, SLU", "La Guardia"),
        (f"Premierul pleacă azi\n\n{LEAD}\n\n© 2026 Marsh Regional Media", None),  # a company
        (f"North Firth News\nPremierul pleacă azi\n\n{LEAD}\n\nEmail newsdesk@northfirth.example", "North Firth News"),
        (f"Cultură\nPremierul pleacă azi\n\n{LEAD}\n\nMai multe știri din Cultură", None),  # a section
        (f"Črna kronika\nPremierul pleacă azi\n\n{LEAD}\n\nČrna kronika: še ena novica", None),
        (f"Premierul pleacă azi\n\n{LEAD}\n\nMediafax\nAlt titlu de știre\nDigi24\nÎncă un titlu", None),
    ],
)
def test_outlets_are_named_by_the_page_or_not_at_all(page: str, outlet: str | None) -> None:
    assert find_metadata(page, "ro").outlet == outlet


@settings(deadline=None)
@given(st.text(), st.sampled_from(["ro", "en", None]))
def test_metadata_of_anything(text: str, language: str | None) -> None:
    found = find_metadata(text, language)
    assert found.title == " ".join(found.title.split())
    assert found.title in " ".join(text.split())
    assert found.author is None or found.author in text
    for span in (found.title_span, found.prefix):
        assert span is None or 0 <= span[0] < span[1] <= len(text)


def test_labels_at_the_top_of_a_file() -> None:
    page = f"---\ntitle: Premierul pleacă azi\ndate: 2026-01-08T10:00:00Z\nauthor: Ana Pop\n---\n\n{LEAD}"
    found = find_metadata(page, "ro")
    assert (found.title, found.author) == ("Premierul pleacă azi", "Ana Pop")
    assert found.published == datetime(2026, 1, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize("joint", ["\n", "\n\n"])
def test_a_headline_under_a_long_menu_is_read_where_boilerplate_stands_among_the_first_paragraphs(joint: str) -> None:
    menu = [f"Rubrica {'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}" for n in range(120)]
    body = [f"{LEAD[:-1]}, a {number}-a oară într-un an în care nimeni nu a mai crezut." for number in range(9)]
    page = joint.join([*menu, "Premierul pleacă azi după opt luni", "Ana Pop", body[0], "Share", "18:30", *body[1:]])
    assert find_metadata(page, "ro").title == "Premierul pleacă azi după opt luni"
