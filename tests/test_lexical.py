from __future__ import annotations

import math
from collections.abc import Sequence
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import lemma_of, make_rows, plain_bm25

from rag.store.search.bm25 import (
    Part,
    Postings,
    Totals,
    build_postings,
    document_frequencies,
    search_postings,
    term_hash,
    top_rows,
)
from rag.store.search.postings_merge import merge_postings
from rag.store.tables.rows import Mask


def parts_of(postings: Sequence[tuple[Postings, Mask | None]]) -> tuple[list[Part], Totals]:
    alive = [np.ones(len(p.lengths), np.bool_) if mask is None else mask for p, mask in postings]
    totals = Totals(
        passages=sum(int(mask.sum()) for mask in alive),
        words=sum(int(p.lengths[mask].sum()) for (p, _), mask in zip(postings, alive, strict=True)),
    )
    parts = [
        Part(postings=p, saturation=totals.saturation(p.lengths), alive=mask, counted=mask) for p, mask in postings
    ]
    return parts, totals


def postings_of(texts: Sequence[str]) -> Postings:
    return build_postings([(text, " ".join(map(lemma_of, text.split()))) for text in texts])


def test_hand_computed() -> None:
    parts, totals = parts_of([(postings_of(["ana are mere", "ana", "un om"]), None)])
    [(rows, scores)] = search_postings(parts, totals, [{"ana": 1.0}, {"mere": 2.0}], 10, [None])
    # Six words in three passages: the mean is 2. "ana" stands in two of three, "mere" in one.
    ana, mere = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    long, short = 1.2 * (0.25 + 0.75 * 3 / 2), 1.2 * (0.25 + 0.75 * 1 / 2)
    assert rows.tolist() == [0, 1]
    np.testing.assert_allclose(scores, [(ana + 2 * mere) / (1 + long), ana / (1 + short)], rtol=1e-6)


def test_equals_bm25s() -> None:
    import bm25s

    draw = np.random.default_rng(5)
    texts = [" ".join(f"w{n}" for n in draw.zipf(1.4, draw.integers(1, 60)) if n < 500) or "w1" for _ in range(300)]
    oracle = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    oracle.index([text.split() for text in texts], show_progress=False)
    parts, totals = parts_of([(build_postings([(text, text) for text in texts]), None)])
    for question in (["w1", "w2", "w3"], ["w7", "w100"], ["w1", "w1", "w9"], ["w33"]):
        [(rows, scores)] = search_postings(parts, totals, [{word: 1.0} for word in question], len(texts), [None])
        expected = oracle.get_scores(question)
        found = np.zeros(len(texts))
        found[rows] = scores
        np.testing.assert_allclose(found, expected, atol=2e-5)
        assert rows.tolist() == np.lexsort((np.arange(len(texts)), -found))[: len(rows)].tolist()


def test_best_alternative_counts_once() -> None:
    parts, totals = parts_of(
        [(build_postings([("pace", "pace"), ("peace", "peace"), ("pace peace", "pace peace")]), None)]
    )
    [(rows, scores)] = search_postings(parts, totals, [{"pace": 1.0, "peace": 0.5}], 10, [None])
    both = dict(zip(rows.tolist(), scores.tolist(), strict=True))
    assert both[0] == pytest.approx(2 * both[1])
    [(_, alone)] = search_postings(parts, totals, [{"pace": 1.0}], 10, [None])
    assert both[2] == alone.tolist()[1]


def test_surface_and_lemma_of_one_position_count_once() -> None:
    postings = build_postings([("casa casei", "casa casa")])
    counts = dict(zip(postings.terms.tolist(), postings.counts.tolist(), strict=True))
    assert counts == {term_hash("casa"): 2, term_hash("casei"): 1}
    assert postings.lengths.tolist() == [2]


def test_weights_that_ask_for_nothing() -> None:
    parts, totals = parts_of([(postings_of(["ana are"]), None)])
    nothing: list[list[dict[str, float]]] = [[], [{}], [{"ana": 0.0}], [{"ana": -1.0}], [{"lipsa": 1.0}]]
    for groups in nothing:
        [(rows, _)] = search_postings(parts, totals, groups, 10, [None])
        assert rows.tolist() == []


def test_ties_go_to_the_earlier_row() -> None:
    parts, totals = parts_of([(postings_of(["ana"] * 9), None)])
    [(rows, _)] = search_postings(parts, totals, [{"ana": 1.0}], 4, [None])
    assert rows.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("k", [0, -3])
def test_none_asked_for(k: int) -> None:
    parts, totals = parts_of([(postings_of(["ana"]), None)])
    assert search_postings(parts, totals, [{"ana": 1.0}], k, [None])[0][0].tolist() == []


def test_empty_index() -> None:
    parts, totals = parts_of([(build_postings([]), None)])
    assert search_postings(parts, totals, [{"ana": 1.0}], 5, [None])[0][0].tolist() == []
    assert document_frequencies(parts, ["ana"]) == [0]
    assert search_postings([], Totals(passages=0, words=0), [{"ana": 1.0}], 5, []) == []


def test_passage_without_words() -> None:
    parts, totals = parts_of([(build_postings([("", ""), ("ana", "ana")]), None)])
    [(rows, _)] = search_postings(parts, totals, [{"ana": 1.0}, {"": 1.0}], 5, [None])
    assert rows.tolist() == [1]


def test_many_repeats_are_counted() -> None:
    postings = build_postings([(" ".join(["ana"] * 700), " ".join(["ana"] * 700))])
    assert postings.counts.tolist() == [700]


def test_hash_is_the_same_everywhere() -> None:
    assert term_hash("ana") == 0x3C1A5A3815011925
    assert term_hash("ana") != term_hash("an")
    assert term_hash("\ud800") != term_hash("\ud801")


words = st.lists(st.sampled_from(["ana", "are", "mere", "ar", "an", "pere", "om"]), max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(words, min_size=1, max_size=30), cut=st.integers(0, 30), dead=st.sets(st.integers(0, 29)))
def test_pieces_equal_the_whole(texts: list[str], cut: int, dead: set[int]) -> None:
    """Two pieces with removed rows, their merged form and a fresh index score alike, and as counting says."""
    alive = np.array([number not in dead for number in range(len(texts))], np.bool_)
    first, second = postings_of(texts[:cut]), postings_of(texts[cut:])
    pieces = [(first, alive[:cut]), (second, alive[cut:])]
    left = [text for text, lives in zip(texts, alive, strict=True) if lives]
    fresh = postings_of(left)
    for stretch in (1, 5, 1 << 20):  # postings that are moved at a time
        with mock.patch("rag.store.search.postings_merge._STRETCH", stretch):
            merged = merge_postings(pieces)
        for name in ("terms", "offsets", "rows", "counts", "lengths"):
            assert np.array_equal(getattr(fresh, name), getattr(merged, name)), name
            assert getattr(fresh, name).dtype == getattr(merged, name).dtype, name

    groups = [{"ana": 1.0, "an": 0.5}, {"mere": 1.0}, {"are": 0.7, "ar": 0.9}, {"mere": 1.0}]
    parts, totals = parts_of(pieces)
    whole, same = parts_of([(fresh, None)])
    assert totals == same
    assert document_frequencies(parts, ["ana", "an", "om"]) == document_frequencies(whole, ["ana", "an", "om"])
    renumbered = np.cumsum(alive) - 1
    found = search_postings(parts, totals, groups, len(texts), [None, None])
    scattered = {
        int(renumbered[row + first_row]): score
        for (rows, scores), first_row in zip(found, (0, cut), strict=True)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
    }
    [(rows, scores)] = search_postings(whole, same, groups, len(texts), [None])
    assert scattered == dict(zip(rows.tolist(), scores.tolist(), strict=True))
    plain = plain_bm25(make_rows("d", left).passages, groups) if left else []
    assert rows.tolist() == [n for n, _ in sorted(scattered.items(), key=lambda item: (-item[1], item[0]))]
    np.testing.assert_allclose([scattered.get(n, 0.0) for n in range(len(left))], plain, atol=1e-5)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=900), st.integers(1, 14))
def test_the_best_rows_are_those_of_a_full_sort(numbers: list[int], k: int) -> None:
    scores = (np.array(numbers) / 4).astype(np.float32)
    part = Part(
        postings=build_postings([("ana", "ana")] * len(scores)),
        saturation=Totals(passages=len(scores), words=len(scores)).saturation(np.ones(len(scores), np.int32)),
        alive=None,
        counted=None,
    )
    rows, found = top_rows(part, scores, None, k)
    expected = [row for row in np.lexsort((np.arange(len(scores)), -scores)).tolist() if scores[row] > 0][:k]
    assert rows.tolist() == expected
    assert found.tolist() == scores[expected].tolist()
