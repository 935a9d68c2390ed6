"""Late interaction, by hand: every number below is arithmetic on the table of `tests/samples/tiny.py`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.encoding.table import TokenTable, bundled_table
from rag.retrieval.idf import TokenRarity, token_rarity
from rag.retrieval.late_interaction import MAX_QUESTION_TOKENS, Candidates, late_scores, question_tokens


def candidates(table: TokenTable, passages: list[list[str]], documents: list[int] | None = None) -> Candidates:
    """Make candidates of passages given as lists of sentences, each a document of its own unless told otherwise."""
    tokens = table.tokenize([sentence for own in passages for sentence in own])
    filled = np.diff(tokens.bounds) > 0
    firsts = np.concatenate([[0], np.cumsum([len(own) for own in passages])]).astype(np.int64)
    norms = np.linalg.norm(table.means(tokens.ids, tokens.bounds), axis=1).astype(np.float32)
    return Candidates(
        ids=tokens.ids,
        bounds=tokens.bounds[firsts],
        sentences=tokens.bounds[:-1][filled],
        sentence_bounds=np.concatenate([[0], np.cumsum(filled)])[firsts].astype(np.int64),
        sentence_norms=norms[filled],
        documents=np.array(documents or range(len(passages)), dtype=np.int64),
    )


def test_each_question_token_finds_its_best_token(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "peace moscow")  # weights 2 and 2: a half each
    found = late_scores(
        tiny_table, question, candidates(tiny_table, [["pace moscow"], ["war"], ["the train"], ["the"]])
    )
    # pace is peace (1), moscow is moscow (1); war: .6 of peace, .8 of moscow; the: 1, train: 1; the alone: 1 and 0.
    assert found.passage.tolist() == pytest.approx([1.0, (0.6 + 0.8) / 2, 1.0, 0.5])
    # .6 is near enough for a translation
    assert found.cover.tolist() == pytest.approx([1.0, 1.0, 1.0, 0.5])


def test_words_far_apart_count_less_than_in_one_sentence(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "peace moscow")
    found = late_scores(tiny_table, question, candidates(tiny_table, [["peace", "moscow"], ["peace moscow", "war"]]))
    assert found.sentence.tolist() == pytest.approx([0.5, 1.0])
    assert found.passage.tolist() == pytest.approx([1.0, 1.0])


def test_the_sentence_vector_is_a_cosine_of_means(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "war")
    found = late_scores(tiny_table, question, candidates(tiny_table, [["peace train"]]))
    mean = np.array([2.0, 1.0]) / 2
    assert found.sentence_vector[0] == pytest.approx(float(mean @ [0.6, 0.8] / np.linalg.norm(mean)), abs=1e-6)


def test_a_rare_token_outweighs_a_common_one(tiny_table: TokenTable) -> None:
    counts = np.zeros(7, np.int64)
    counts[1] = 100  # peace is everywhere
    rarity = token_rarity(tiny_table, counts, 100)
    question = question_tokens(tiny_table, "peace moscow", rarity)
    assert question.rarity[1] > 3 * question.rarity[0]
    found = late_scores(tiny_table, question, candidates(tiny_table, [["peace"], ["moscow"]]))
    assert found.rare[1] > found.rare[0]
    assert found.passage.tolist() == pytest.approx([0.5, 0.5])


def test_rarity_kept_up_with_counts_is_that_of_counts_alone() -> None:
    table = bundled_table()
    draw = np.random.default_rng(4)
    counts = draw.integers(0, 3000, len(table.units)).astype(np.int64)
    rarities = TokenRarity(table)
    for passages in (2000, 2003, 1990, 2003):
        assert np.array_equal(rarities.of(counts, passages), token_rarity(table, counts, passages))
        counts = counts.copy()
        counts[draw.integers(0, len(counts), 200)] += draw.integers(-5, 6, 200)
        counts = np.maximum(counts, 0)


def test_rarity_alone_leaves_the_weights_out(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "the moscow")
    the, moscow = tiny_table.tokenize(["the moscow"]).ids.tolist()
    heavy = tiny_table.weights[moscow] / (tiny_table.weights[the] + tiny_table.weights[moscow])
    found = late_scores(tiny_table, question, candidates(tiny_table, [["moscow"]]))
    assert found.rare[0] == pytest.approx(heavy, abs=1e-6) and heavy != 0.5
    assert found.plain_rare[0] == pytest.approx(0.5, abs=1e-6)


def test_a_passage_of_the_same_document_supplies_what_a_passage_leaves_unsaid(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "peace moscow")
    passages = [["peace"], ["moscow"], ["peace"]]
    found = late_scores(tiny_table, question, candidates(tiny_table, passages, documents=[7, 7, 3]))
    assert found.rare.tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert found.context.tolist() == pytest.approx([1.0, 1.0, 0.5])


def test_neighbouring_words_count_as_a_pair_with_at_most_one_between(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "peace moscow")
    pool = candidates(tiny_table, [["peace moscow"], ["peace war moscow"], ["peace war war moscow"], ["moscow peace"]])
    # With two between, the best pair is peace with war, whose cosine with moscow is .8.
    assert late_scores(tiny_table, question, pool).pairs.tolist() == pytest.approx([1.0, 1.0, 0.8, 0.0])
    # A pair does not reach from one passage into the next.
    apart = candidates(tiny_table, [["peace"], ["moscow"]])
    assert late_scores(tiny_table, question, apart).pairs.tolist() == [0.0, 0.0]


def test_empty_passages_and_empty_questions_score_zero(tiny_table: TokenTable) -> None:
    pool = candidates(tiny_table, [["unheard"], ["peace"], []])
    found = late_scores(tiny_table, question_tokens(tiny_table, "peace"), pool)
    assert found.passage.tolist() == pytest.approx([0.0, 1.0, 0.0])
    nothing = late_scores(tiny_table, question_tokens(tiny_table, "unheard"), pool)
    assert nothing.passage.tolist() == [0.0, 0.0, 0.0]
    assert nothing.sentence_vector.tolist() == [0.0, 0.0, 0.0]


def test_a_long_question_keeps_its_heaviest_tokens() -> None:
    table = bundled_table()
    words = " ".join(table.tokens_of(range(2000, 6000)))
    question = question_tokens(table, words)
    assert len(question.ids) == MAX_QUESTION_TOKENS
    assert question.weights.sum() == pytest.approx(1.0, abs=1e-4)


WORDS = ["peace", "pace", "war", "train", "the", "moscow", "unheard"]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    st.lists(st.lists(st.lists(st.sampled_from(WORDS), max_size=4), max_size=3), min_size=1, max_size=5),
)
def test_equals_a_plain_loop(asked: list[str], passages: list[list[list[str]]]) -> None:
    table = _TABLE[0]
    question = question_tokens(table, " ".join(asked))
    found = late_scores(table, question, candidates(table, [[" ".join(s) for s in own] for own in passages]))
    for number, own in enumerate(passages):
        tokens = [word for sentence in own for word in sentence if word != "unheard"]
        expected = sum(
            weight * max((max(0.0, _cosine(table, id_, word)) for word in tokens), default=0.0)
            for id_, weight in zip(question.ids.tolist(), question.weights.tolist(), strict=True)
        )
        assert found.passage[number] == pytest.approx(expected, abs=1e-5)


def _cosine(table: TokenTable, token: int, word: str) -> float:
    other: NDArray[np.float32] = table.units[table.tokenize([word]).ids[0]]
    return float(table.units[token] @ other)


_TABLE: list[TokenTable] = []


@pytest.fixture(autouse=True)
def _share_table(tiny_table: TokenTable) -> None:
    _TABLE[:] = [tiny_table]
