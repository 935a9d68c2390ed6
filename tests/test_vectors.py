from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from vector_samples import write_rows

from rag.errors import EncoderError
from rag.store.search.vectors import build_vectors, read_vectors, search_parts


def unit_rows(count: int, dimension: int = 16, seed: int = 3) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)  # type: ignore[no-any-return]


def test_equals_argsort() -> None:
    rows, queries = unit_rows(500), unit_rows(7, seed=4)
    positions, scores = build_vectors(rows).search(queries, 20)
    products = queries @ rows.T
    expected = np.argsort(-products, axis=1)[:, :20]
    assert positions.tolist() == expected.tolist()
    np.testing.assert_allclose(scores, np.take_along_axis(products, expected, axis=1), atol=1e-6)


def test_hand_computed() -> None:
    rows = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    positions, scores = build_vectors(rows).search(np.array([[0, 1]], np.float32), 3)
    assert positions.tolist() == [[1, 2, 0]]
    np.testing.assert_allclose(scores, [[1.0, 0.8, 0.0]], atol=1e-7)


@pytest.mark.parametrize("share", [0.5, 0.01, 0.0])
def test_filter_is_applied_inside(share: float) -> None:
    rows, queries = unit_rows(400), unit_rows(3, seed=5)
    allowed = np.random.default_rng(1).random(400) < share
    positions, _ = build_vectors(rows).search(queries, 30, allowed)
    expected = [[p for p in np.argsort(-(query @ rows.T)).tolist() if allowed[p]][:30] for query in queries]
    assert positions.tolist() == expected


def test_more_than_there_are() -> None:
    rows = unit_rows(5)
    positions, scores = build_vectors(rows).search(rows[:1], 50)
    assert sorted(positions[0].tolist()) == [0, 1, 2, 3, 4]
    assert positions[0, 0] == 0
    assert scores.shape == (1, 5)
    allowed = np.array([False, True, False, True, False])
    assert sorted(build_vectors(rows).search(rows[:1], 50, allowed)[0][0].tolist()) == [1, 3]


@pytest.mark.parametrize("k", [0, -1])
def test_none_asked_for(k: int) -> None:
    assert build_vectors(unit_rows(5)).search(unit_rows(2), k)[0].shape == (2, 0)


def test_empty() -> None:
    vectors = build_vectors(np.zeros((0, 16), np.float32))
    assert len(vectors) == 0
    assert vectors.array.shape == (0, 16)
    assert vectors.search(unit_rows(1), 3)[0].shape == (1, 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (np.ones((1, 15), np.float32), r"float32\(1, 15\)"),
        (np.ones((1, 16), np.float64), r"float64\(1, 16\)"),
        (np.ones(16, np.float32), r"float32\(16,\)"),
    ],
)
def test_wrong_query(query: NDArray[np.float32], found: str) -> None:
    with pytest.raises(EncoderError, match=rf"The query vector is {found}, the index holds float32\(n, 16\)"):
        build_vectors(unit_rows(3)).search(query, 1)


def test_query_not_finite() -> None:
    with pytest.raises(EncoderError, match="not finite"):
        build_vectors(unit_rows(3)).search(np.full((1, 16), np.nan, np.float32), 1)


def test_query_in_other_memory_order() -> None:
    rows = unit_rows(50)
    queries = np.asfortranarray(unit_rows(4, seed=9))
    assert build_vectors(rows).search(queries, 3)[0].tolist() == np.argsort(-(queries @ rows.T))[:, :3].tolist()


def test_file_round_trip(tmp_path: Path) -> None:
    rows = unit_rows(100)
    write_rows(tmp_path / "v.faiss", rows)
    vectors = read_vectors(tmp_path / "v.faiss")
    assert np.array_equal(vectors.array, rows)
    assert vectors.search(rows[42:43], 1)[0].tolist() == [[42]]
    with pytest.raises(ValueError, match="read-only"):
        vectors.array[0, 0] = 1


def crowded_rows(count: int, seed: int) -> NDArray[np.float32]:
    """Return rows in tight bunches: neighbours differ by far less than 16-bit floats can tell, or not at all."""
    generator = np.random.default_rng(seed)
    rows = unit_rows(8, seed=seed)[generator.integers(0, 8, count)]
    rows += generator.choice([0.0, 1e-7, 1e-5, 1e-3], count)[:, None] * generator.standard_normal(rows.shape)
    unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [1.0, 0.5, 0.02])
@pytest.mark.parametrize("k", [1, 10, 200, 999, 5000])
def test_a_mapped_file_finds_exactly_the_best(seed: int, share: float, k: int, tmp_path: Path) -> None:
    rows, queries = crowded_rows(1000, seed), crowded_rows(5, seed + 50)
    allowed = None if share == 1.0 else np.random.default_rng(seed).random(1000) < share
    write_rows(tmp_path / "v.faiss", rows)
    mapped = read_vectors(tmp_path / "v.faiss")
    positions, scores = mapped.search(queries, k, allowed)
    products = queries.astype(np.float64) @ rows.T.astype(np.float64)
    if allowed is not None:
        products[:, ~allowed] = -np.inf
    found = min(k, 1000 if allowed is None else int(allowed.sum()))
    assert positions.shape == scores.shape == (5, found)
    best = -np.sort(-products, axis=1)[:, :found]
    np.testing.assert_allclose(np.take_along_axis(products, positions, axis=1), best, atol=1e-6)
    np.testing.assert_allclose(scores, best, atol=1e-6)
    assert all(len(set(row)) == found for row in positions.tolist())


def test_rows_are_read_from_the_file_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = unit_rows(50)
    write_rows(tmp_path / "v.faiss", rows)
    mapped = read_vectors(tmp_path / "v.faiss")
    some = np.array([49, 0, 7, 7])
    assert np.array_equal(mapped.rows(some), rows[some])
    assert mapped.rows(some[:0]).shape == (0, rows.shape[1])
    write_rows(tmp_path / "again.faiss", mapped.array)
    assert (tmp_path / "again.faiss").read_bytes() == (tmp_path / "v.faiss").read_bytes()
    monkeypatch.delattr("os.preadv")  # as on Windows
    assert np.array_equal(mapped.rows(some), rows[some])


def test_rows_too_long_for_16_bits_are_kept_in_full_only(tmp_path: Path) -> None:
    rows = unit_rows(50) * np.float32(1e6)
    write_rows(tmp_path / "v.faiss", rows)
    positions, _ = read_vectors(tmp_path / "v.faiss").search(rows[:3], 1)
    assert positions.tolist() == [[0], [1], [2]]


def test_file_of_another_kind(tmp_path: Path) -> None:
    import faiss

    faiss.write_index(faiss.IndexFlatL2(16), str(tmp_path / "l2.faiss"))
    with pytest.raises(ValueError, match="not an inner-product flat index"):
        read_vectors(tmp_path / "l2.faiss")
    (tmp_path / "text.faiss").write_text("no index at all")
    with pytest.raises(ValueError, match=r"text\.faiss cannot be read"):
        read_vectors(tmp_path / "text.faiss")


def test_file_with_its_rows_elsewhere(tmp_path: Path) -> None:
    write_rows(tmp_path / "v.faiss", unit_rows(50))
    with (tmp_path / "v.faiss").open("ab") as file:
        file.write(b"more")
    with pytest.raises(ValueError, match=r"v\.faiss holds its vectors in another place than expected"):
        read_vectors(tmp_path / "v.faiss")


def grouped_rows(count: int, seed: int = 3) -> NDArray[np.float32]:
    """Rows in groups, as texts on common subjects are."""
    draw = np.random.default_rng(seed)
    rows = unit_rows(40)[draw.integers(0, 40, count)] + 0.15 * draw.normal(size=(count, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@pytest.mark.parametrize("share", [1.0, 0.6, 0.1])
def test_fast_kind_finds_the_same_best(share: float, tmp_path: Path) -> None:
    rows, queries = grouped_rows(30_000), grouped_rows(20, seed=8)
    allowed = None if share == 1.0 else np.random.default_rng(2).random(30_000) < share
    write_rows(tmp_path / "v.faiss", rows, "fast", 5000)
    exact_positions, exact_scores = build_vectors(rows).search(queries, 50, allowed)
    for vectors in (build_vectors(rows, "fast"), read_vectors(tmp_path / "v.faiss")):
        assert vectors.kind == "fast"
        positions, scores = vectors.search(queries, 50, allowed)
        assert positions[:, :10].tolist() == exact_positions[:, :10].tolist()
        np.testing.assert_allclose(scores[:, :10], exact_scores[:, :10], atol=1e-6)
        same = [len({*one} & {*other}) for one, other in zip(positions.tolist(), exact_positions.tolist(), strict=True)]
        assert sum(same) >= 0.99 * 50 * 20
        assert np.array_equal(vectors.array, rows)


def test_fast_kind_at_its_edges() -> None:
    rows = grouped_rows(2000)
    vectors = build_vectors(rows, "fast")
    assert sorted(vectors.search(rows[:1], 9999)[0][0].tolist()) == list(range(2000))
    assert vectors.search(rows[:1], 0)[0].shape == (1, 0)
    nearly = np.ones(2000, np.bool_)
    nearly[7] = False
    assert 7 not in vectors.search(rows[7:8], 1500, nearly)[0][0]
    with pytest.raises(EncoderError, match=r"float32\(1, 15\)"):
        vectors.search(np.ones((1, 15), np.float32), 3)
    with pytest.raises(EncoderError, match="not finite"):
        vectors.search(np.full((1, 16), np.inf, np.float32), 3)


@pytest.mark.parametrize("dimension", [9, 7])
def test_fast_kind_of_odd_widths(dimension: int) -> None:
    rows = np.ascontiguousarray(grouped_rows(2000)[:, :dimension])
    expected = np.argsort(-(rows[:3] @ rows.T))[:, :3].tolist()
    assert build_vectors(rows, "fast").search(rows[:3], 3)[0].tolist() == expected


def test_unknown_kind() -> None:
    with pytest.raises(ValueError, match="no vector index of kind 'tree'"):
        build_vectors(unit_rows(3), "tree")


@pytest.mark.parametrize("share", [1.0, 0.6, 0.1])
def test_several_of_the_fast_kind_find_what_one_does(share: float) -> None:
    rows, queries = grouped_rows(30_000), grouped_rows(20, seed=8)
    allowed = np.ones(30_000, np.bool_) if share == 1.0 else np.random.default_rng(2).random(30_000) < share
    exact, _ = build_vectors(rows).search(queries, 50, allowed)
    bounds = [0, 14_000, 24_000, 29_000, 30_000]
    kinds = ["fast", "fast", "fast", "flat"]
    vectors = [build_vectors(rows[a:b], kind) for a, b, kind in zip(bounds, bounds[1:], kinds, strict=False)]
    same = 0
    for query, expected in zip(queries, exact.tolist(), strict=True):
        masks = [None if share == 1.0 else allowed[a:b] for a, b in pairwise(bounds)]
        found = search_parts(list(zip(vectors, masks, strict=True)), query, 50)
        pooled = [
            (-s, row + a)
            for (at, scores), a in zip(found, bounds, strict=False)
            for row, s in zip(at, scores, strict=True)
        ]
        best = [int(row) for _, row in sorted(pooled)[:50]]
        assert best[:10] == expected[:10]
        assert all(allowed[row] for row in best)
        same += len({*best} & {*expected})
    assert same >= 0.99 * 50 * 20


def test_several_of_the_fast_kind_with_few_rows_allowed() -> None:
    """Rows that no short form would bring up are found all the same; and none are asked for."""
    rows = grouped_rows(4000)
    vectors = [build_vectors(rows[:2000], "fast"), build_vectors(rows[2000:], "fast")]
    products = rows @ rows[7]
    far = np.argsort(products)[:1200]  # three in ten, and none of the near ones
    allowed = np.zeros(4000, np.bool_)
    allowed[far] = True
    parts = [(vectors[0], allowed[:2000]), (vectors[1], allowed[2000:])]
    found = search_parts(parts, rows[7], 30)
    pooled = sorted([*zip(-found[0][1], found[0][0], strict=True), *zip(-found[1][1], found[1][0] + 2000, strict=True)])
    assert [int(row) for _, row in pooled[:30]] == far[np.argsort(-products[far], kind="stable")][:30].tolist()
    assert [len(rows) for rows, _ in search_parts(parts, rows[7], 0)] == [0, 0]
