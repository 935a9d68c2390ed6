"""Who wrote an article and when: the bylines and dates of ordinary pages, each with the near miss that stays as it was."""

import pytest

from rag.article.masks import find_boilerplate
from rag.article.metadata import find_metadata

LEAD = "Premierul a anunțat marți seara că își dă demisia din funcție, după opt luni de discuții cu partenerii săi."
TITLE = "Premierul demisionează după opt luni"


def _published_and_modified(head: str, language: str, tail: str = "") -> tuple[str | None, str | None]:
    found = find_metadata(f"{TITLE}\n{head}\n\n{LEAD}\n\n{tail}", language)
    return tuple(value.isoformat() if value else None for value in (found.published, found.modified))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("head", "language", "published", "modified"),
    [
        # As of one hour, beside another: the later state. Alone it is all that the page says of its date.
        (
            "Stand: 28.05.2024 16:45 Uhr\nBeitrag vom 28.05.2024, 12:14 Uhr", "de",
            "2024-05-28T12:14:00", "2024-05-28T16:45:00",
        ),
        ("Stand: 28.05.2024 16:45 Uhr", "de", "2024-05-28T16:45:00", None),
        ("Piše Tea Marušić, 19.5.2025. @ 11:08", "hr", "2025-05-19T11:08:00", None),
        ("15 febbraio 2026 (modifica alle 23:11) - CASTELFORTE", "it", "2026-02-15", "2026-02-15T23:11:00"),
        ("15 febbraio 2026 (replica alle 23:11) - CASTELFORTE", "it", "2026-02-15", None),
        ("March 2, 2026 — 5.00am AEDT", "en", "2026-03-02T05:00:00+11:00", None),
        ("Posted 5:52 AM, Jul 18, 2024 CDT", "en", "2024-07-18T05:52:00-05:00", None),
        ("Posted 5:52 AM, Jul 18, 2024 CST", "en", "2024-07-18T05:52:00", None),  # Chicago or Shanghai
    ],
)  # fmt: skip
def test_when(head: str, language: str, published: str, modified: str | None) -> None:
    assert _published_and_modified(head, language) == (published, modified)


@pytest.mark.parametrize(
    ("tail", "modified"),
    [
        ("Ultimo aggiornamento alle 12:38", "2025-11-27T12:38:00"),
        ("Zadnja izmjena 13:40", "2025-11-27T13:40:00"),
        ("Ultimo aggiornamento alle 08:38", None),  # before the publication: of another day
        ("Prossimo treno alle 12:38", None),
    ],
)
def test_an_hour_of_updating_alone_is_of_the_day_of_publication(tail: str, modified: str | None) -> None:
    assert _published_and_modified("27 novembre 2025 09:14", "it", tail) == ("2025-11-27T09:14:00", modified)
    assert _published_and_modified("27 novembre 2025", "it", tail) == ("2025-11-27", None)  # it may be of another day


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ("Nikhil Ferrant, Industrials Correspondent\n5 noiembrie 2025", "Nikhil Ferrant"),
        ("By: Kelsey Arrambide\n5 noiembrie 2025", "Kelsey Arrambide"),
        ("Objavljeno: 18. 3. 2024. | Autor: Krešimir Habek | Pregleda: 1.204", "Krešimir Habek"),
        ("18. 3. 2024. 14:05\nUpdated: 18. 3. 2024. 17:22\nDobrava - MMM, Nives Jerman", "Nives Jerman"),
        ("18. 3. 2024. 14:05\nDobrava - potres, Ljubljana", None),
        ("Un interviu de Teodor Bănică · 9 noiembrie 2024", "Teodor Bănică"),
        ("Una entrevista de Ana Pop\n9 noiembrie 2024", "Ana Pop"),
        ("Un interviu de neuitat · 9 noiembrie 2024", None),
    ],
)
def test_who(head: str, author: str | None) -> None:
    assert find_metadata(f"{TITLE}\n{head}\n\n{LEAD}", "ro").author == author


def test_a_standfirst_may_tell_of_a_day_and_is_not_the_headline_again() -> None:
    told = "Un agricultor a condus șapte ore, luni 31 martie 2025, ca să se împace cu fratele lui din celălalt sat."
    page = f"Tractorul unui agricultor oprește traficul o zi întreagă\n{told}\nGazeta\nAna Pop\n3 aprilie 2025\nMenu\nGazeta\n\n{LEAD}"
    masked = [page[start:end] for start, end in find_boilerplate(page, "ro")]
    assert not any("șapte ore" in part for part in masked)
    again = f"Tractorul unui agricultor oprește traficul o zi întreagă; poliția ancheta\nTractorul unui agricultor oprește traficul o zi întreagă\n3 aprilie 2025\n\n{LEAD}"
    assert len(find_boilerplate(again, "ro")) == 1
