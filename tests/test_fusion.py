"""Fusion, expected values as arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from rag.retrieval.fusion import Ranking, fuse_means, fuse_ranks


def ranking(*pairs: tuple[int, float]) -> Ranking:
    return np.array([i for i, _ in pairs], np.int64), np.array([s for _, s in pairs], np.float32)


def test_means_of_cosine_and_bm25_over_its_best() -> None:
    ids, scores = fuse_means(ranking((7, 0.8), (3, 0.6)), ranking((3, 10.0), (5, 5.0)))
    assert ids.tolist() == [3, 7, 5]
    assert scores.tolist() == pytest.approx([0.6 / 2 + 1 / 2, 0.8 / 2, 0.5 / 2])


def test_a_negative_cosine_counts_as_none() -> None:
    ids, scores = fuse_means(ranking((1, -0.4)), ranking())
    assert (ids.tolist(), scores.tolist()) == ([1], [0.0])


def test_reciprocal_ranks() -> None:
    ids, scores = fuse_ranks(ranking((7, 0.8), (3, 0.6)), ranking((3, 10.0), (5, 5.0)))
    assert ids.tolist() == [3, 7, 5]
    assert scores.tolist() == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])


def test_ties_go_to_the_lower_id_and_nothing_gives_nothing() -> None:
    assert fuse_means(ranking((9, 0.5), (2, 0.5)), ranking())[0].tolist() == [2, 9]
    assert fuse_ranks(ranking(), ranking())[0].tolist() == []
