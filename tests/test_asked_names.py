"""Which names and numbers of a question are missing from a passage and its article."""

from __future__ import annotations

import pytest

from rag import Document, Hit, Index
from rag.answering.asked_names import AskedNames, Missing

BEDS = Document(
    id="beds",
    title="Spitalul din Siret primește 40 de paturi noi",
    text=(
        "Spitalul din Siret va avea 40 de paturi noi, a anunțat ministrul Alexandru Rafila. "
        "Kirill Dmitriev a fost la Viena în 2026."
    ),
    language="ro",
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    index = Index.create(tmp_path_factory.mktemp("names") / "index", model="table")
    index.add([BEDS])
    return index


def missing(index: Index, question: str) -> Missing:
    found = index._parts.retriever.search(query(question))
    return AskedNames(found.question).missing(_hit(index))


def query(question: str):  # type: ignore[no-untyped-def]
    from rag import Query

    return Query(question=question, k=1)


def _hit(index: Index) -> Hit:
    return index.retrieve("paturi spital Siret", 1)[0]


@pytest.mark.parametrize(
    "question",
    [
        "Câte paturi va avea spitalul din Siret?",
        "Câte paturi va primi spitalul Siretului?",  # another case
        "Kam je šel Dmitrijev?",  # another spelling, in another language
        "Ce a anunțat ministrul?",  # no name at all
    ],
)
def test_names_that_are_there_are_found_in_any_form(index: Index, question: str) -> None:
    assert missing(index, question).names < 0.5


@pytest.mark.parametrize(
    "question",
    ["Câte paturi va avea spitalul din Prut?", "Koliko postelj dobi bolnišnica v Mariboru?", "Who is Angela Merkel?"],
)
def test_names_that_are_not_there_are_missing(index: Index, question: str) -> None:
    assert missing(index, question).names == 1.0


def test_numbers_that_are_no_dates_are_looked_for(index: Index) -> None:
    assert missing(index, "Cine primește 40 de paturi?").numbers == 0.0
    assert missing(index, "Cine primește 55 de paturi?").numbers == 1.0
    assert missing(index, "Cine primește paturi în 2031?").numbers == 0.0  # a date is compared with the article's


@pytest.mark.parametrize("question", ["A murit Ana Pop?", "Did Ana Pop resign?", "Je Ana Pop odstopila?"])
def test_what_is_asked_whether_it_is_so_and_has_no_word_there_is_missing(index: Index, question: str) -> None:
    assert missing(index, question).claim == 1.0
