"""What the searches bring before anything is ranked: translations have a place beside the question's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Document, Filters, Index
from rag.encoding import load_encoder
from rag.encoding.table import bundled_table
from rag.retrieval.candidates import find_candidates
from rag.retrieval.question import read_question
from rag.store.view import View

QUESTION = "Which hospital did the minister of health open in the town?"
REPEATS = [f"The minister of health visited hospital number {n}, which the town did open." for n in range(30)]
ANSWER = "Ministrul sănătății a inaugurat spitalul din oraș, după doi ani de lucrări."


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("candidates") / "index"
    with Index.create(folder) as index:
        index.add([Document(id=f"en{n}", text=text, language="en") for n, text in enumerate(REPEATS)])
        index.add([Document(id="ro", text=ANSWER, language="ro"), Document(id="de", text="Ein Satz.", language="de")])
    return folder


def found(view: View, *, wanted: int, filters: Filters | None = None, question: str = QUESTION) -> set[str]:
    read = read_question(
        question,
        encoder=load_encoder(None),
        table=bundled_table(),
        languages=view.languages(),
        possible={"en", "ro"},
    )
    return set(view.passage_documents(find_candidates(view, read, wanted, filters or Filters(), view.languages())))


def test_passages_that_repeat_the_question_leave_a_place_for_a_translation(mixed: Path) -> None:
    with Index.open(mixed) as index, index._store.view() as view:
        words = view.passage_documents(view.search_terms([{"hospital": 1.0}, {"minister": 1.0}], 30)[0])
        assert "ro" not in words  # thirty others have the very words
        assert "ro" in found(view, wanted=3)
        # vectors and words bring two each, the translated words at most three
        assert len(found(view, wanted=3)) <= 7


def test_filters_hold_for_translations(mixed: Path) -> None:
    with Index.open(mixed) as index, index._store.view() as view:
        assert found(view, wanted=3, filters=Filters(languages={"ro"})) == {"ro"}
        assert "ro" not in found(view, wanted=40, filters=Filters(languages={"en", "de"}))
        assert found(view, wanted=60, filters=Filters(languages={"en"})) == {f"en{n}" for n in range(30)}
        assert found(view, wanted=40, filters=Filters(documents={"ro", "en3"})) == {"ro", "en3"}


def test_a_question_of_no_known_language_is_translated_into_all(mixed: Path) -> None:
    with Index.open(mixed) as index, index._store.view() as view:
        assert "ro" in found(view, wanted=40, question="spitalul")
        assert found(view, wanted=1, question="hospital 17")


def test_a_large_number_brings_everything(mixed: Path) -> None:
    with Index.open(mixed) as index, index._store.view() as view:
        assert len(found(view, wanted=200)) == 32
