"""Filters as people write them: the index's names are found, and what it does not know is said with the nearest names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag import Document, Filters, Index, QueryError
from rag.schema import Selection

_ARTICLES = (
    ("ro.txt", "ro", "Gazeta de Nord", "Primarul din Cluj a anunțat că podul va fi deschis în luna mai."),
    ("sl.txt", "sl", "Kozjanske novice", "Župan Celja je napovedal, da bo most odprt v mesecu maju."),
    ("fr.txt", "fr", "Le Courrier", "Le maire de Lyon a annoncé que le pont ouvrira au mois de mai."),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("filters") / "index") as made:
        made.add(
            Document(id=id_, text=text, language=language, outlet=outlet, published=date(2026, 1, 28))
            for id_, language, outlet, text in _ARTICLES
        )
        yield made


def found(index: Index, **filters: object) -> list[str]:
    hits = index.retrieve("Kdaj bo odprt most?", filters=Filters(**filters))  # type: ignore[arg-type]
    return sorted(hit.document.id for hit in hits)


@pytest.mark.parametrize(
    ("written", "right"),
    [("FR", ["fr.txt"]), ("fr-FR", ["fr.txt"]), ("fra", ["fr.txt"]), ("French", ["fr.txt"]), ("română", ["ro.txt"]),
     ("fr,sl", ["fr.txt", "sl.txt"]), ("ro; fr", ["fr.txt", "ro.txt"])],
)  # fmt: skip
def test_a_language_is_known_however_it_is_written(index: Index, written: str, right: list[str]) -> None:
    assert found(index, languages={written}) == right


def test_an_outlet_is_found_in_another_case_and_without_marks(index: Index) -> None:
    assert found(index, outlets={"gazeta de NORD"}) == ["ro.txt"]
    assert found(index, outlets={"Le Courrier", "kozjanske  novice"}) == ["fr.txt", "sl.txt"]


def test_what_the_index_does_not_know_is_an_error_with_the_nearest_names(index: Index) -> None:
    for filters, words in (
        ({"languages": {"de"}}, "'de'; the index has 'fr', 'ro', 'sl'"),
        ({"languages": {"Klingon"}}, "'Klingon'"),
        ({"outlets": {"Gazeta de Nor"}}, "'Gazeta de Nor'; nearest: 'Gazeta de Nord'"),
        ({"outlets": {"Qqq"}}, "the index has: 'Gazeta de Nord', 'Kozjanske novice', 'Le Courrier'"),
        ({"documents": {"r.txt"}}, "'r.txt'; nearest: "),
    ):
        with pytest.raises(QueryError) as raised:
            found(index, **filters)
        assert words in str(raised.value)
        assert "\n" not in str(raised.value)


def test_null_is_taken_for_what_has_a_default() -> None:
    nothing = {"k": None, "languages": None, "outlets": None, "published_from": None, "collapse": None}
    assert Selection.model_validate({"q": "Kdaj?", **nothing}) == Selection.model_validate({"q": "Kdaj?"})


def test_over_http_articles_can_be_named_and_a_filter_that_is_none_is_an_error() -> None:
    asked = Selection.model_validate({"q": "Kdaj?", "documents": ["ro.txt"], "outlets": [""]}).query().filters
    assert (asked.documents, asked.outlets) == (frozenset({"ro.txt"}), frozenset())
    with pytest.raises(ValidationError, match="language\n  Extra inputs are not permitted"):
        Selection.model_validate({"q": "Kdaj?", "language": "fr"})


def test_an_empty_index_has_no_names_to_compare_with(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as empty:
        assert found(empty, languages={"de"}, outlets={"Qqq"}, documents={"r.txt"}) == []
