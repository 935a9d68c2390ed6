"""What training leaves: neighbours, stored rows, a folder that loads, and how it is judged."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from training_samples import PAIRED, data, row_of, store, unit_rows, vocabulary

from training.alignment import with_crossed_questions
from training.evaluation import encode, evaluate_translation, evaluate_xquad, mean_vectors, ndcg
from training.export import export_model, neighbours, stored_rows
from training.tokens import TokenStore
from training.vocabulary import Vocabulary

__all__ = ["data", "store", "vocabulary"]


def test_sections_are_found_across_languages(store: TokenStore, vocabulary: Vocabulary) -> None:
    size = vocabulary.size
    table = np.zeros((size, 12), np.float32)
    for language in PAIRED:
        for place, word in enumerate(PAIRED[language]):
            table[row_of(vocabulary, word), place] = 1.0
    crossed = with_crossed_questions(
        store, table, sources=["headings_coop_md"], per_passage=1, favourites=["ro"], seed=1
    )
    added = slice(len(store.left), None)
    assert (crossed.left_language[added] != crossed.right_language[added]).all()
    assert len(crossed.left) - len(store.left) == 60

    def places(text: int) -> list[int]:
        return [int(table[i].argmax()) for i in crossed.tokens[crossed.starts[text] : crossed.starts[text + 1]]]

    for left, right in zip(crossed.left[added], crossed.right[added], strict=True):
        assert places(int(right))[:3] == places(int(left))


def test_ndcg_by_hand() -> None:
    scores = np.array([[3, 2, 1], [1, 3, 2], [1, 2, 3]], np.float32)
    assert ndcg(scores, np.array([0, 2, 0])) == pytest.approx((1 + 1 / math.log2(3) + 1 / math.log2(4)) / 3)


def test_mean_vectors_of_known_rows(vocabulary: Vocabulary) -> None:
    tokens, starts = encode(vocabulary, ["soare soare", "!!!"])
    assert starts.tolist() == [0, 2, 3] and tokens[2] == 0
    table = np.zeros((vocabulary.size, 2), np.float32)
    table[tokens[0]] = (0, 5)
    assert mean_vectors(table, tokens, starts).tolist() == [[0, 1], [0, 0]]


def test_neighbours_are_words_above_the_floor() -> None:
    tokens = ["[UNK]", "pace", "peace", "mir", "##ace", "2026", "rare"]
    table = np.array([[0, 0], [1, 0], [0.9, 0.1], [0, 1], [1, 0], [1, 0], [1, 0]], np.float32)
    ids, similarity = neighbours(table, tokens, np.array([0, 50, 50, 50, 50, 50, 1]), floor=0.5)
    assert ids[1].tolist() == [2] + [-1] * 11
    assert similarity[1, 0] == pytest.approx(0.9 / math.hypot(0.9, 0.1), abs=1e-3) and similarity[1, 1] == 0
    assert (ids[[0, 3, 4, 5, 6]] == -1).all()


def test_a_language_keeps_its_places_among_neighbours() -> None:
    tokens = ["[UNK]", "war", *(f"near{c}" for c in "abcdefghijklm"), "razboi"]
    angles = np.array([0, 0, *np.linspace(0.01, 0.2, 13), 0.5])
    table = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    frequency = np.full(16, 50)
    romanian = np.zeros(16, bool)
    romanian[15] = True
    assert 15 not in neighbours(table, tokens, frequency)[0][1]
    ids, similarity = neighbours(table, tokens, frequency, groups=[romanian])
    assert ids[1].tolist() == [*range(2, 13), 15]
    assert similarity[1, 11] == pytest.approx(math.cos(0.5), abs=1e-3)


def test_stored_rows_keep_every_cosine_and_ratio() -> None:
    table = np.random.default_rng(0).standard_normal((20, 16)).astype(np.float32) * 0.01
    rows = stored_rows(table).astype(np.float32)
    assert not rows[0].any() and np.median(np.linalg.norm(rows[1:], axis=1)) == pytest.approx(1, abs=1e-3)
    assert unit_rows(rows[1:]) @ unit_rows(rows[1:]).T == pytest.approx(
        unit_rows(table[1:]) @ unit_rows(table[1:]).T, abs=2e-3
    )


def test_exported_folder_loads(vocabulary: Vocabulary, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    size = vocabulary.size
    table = np.random.default_rng(0).standard_normal((size, 16)).astype(np.float32)
    export_model(
        tmp_path,
        table=table,
        vocabulary=vocabulary,
        frequency=np.ones(size, np.int64),
        languages=["ro"],
        card="# card\n",
    )
    model = SentenceTransformer(str(tmp_path), device="cpu").float()
    vector = model.encode(["soare apă"])[0]
    ids = np.concatenate(vocabulary.encode(["soare", "apă"]))
    expected = table[ids].sum(0) / np.linalg.norm(table[ids].sum(0))
    assert vector == pytest.approx(expected, abs=2e-3)
    assert not model.encode([""]).any()


def test_evaluation_reads_the_sets(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "eval" / "flores-dev").mkdir(parents=True)
    (tmp_path / "eval" / "tatoeba").mkdir()
    for language in ("ro", "en"):
        word = PAIRED[language]
        paragraphs = ", ".join(
            f'{{"context": "{word[i]}. {word[i + 1]}.", "qas": [{{"question": "{word[i]}?"}}]}}' for i in (0, 4, 8)
        )
        (tmp_path / "eval" / f"xquad.{language}.json").write_text(
            f'{{"data": [{{"paragraphs": [{paragraphs}]}}]}}', encoding="utf-8"
        )
    size = vocabulary.size
    table = np.random.default_rng(0).standard_normal((size, 64)).astype(np.float32)
    for romanian, english in zip(PAIRED["ro"], PAIRED["en"], strict=True):
        ids = [row_of(vocabulary, w) for w in (romanian, english)]
        table[ids[1]] = table[ids[0]]
    results = evaluate_xquad(table, vocabulary, tmp_path)
    assert {use: row["ro>en"] for use, row in results.items()} == {
        "mean": 1.0, "sentence": 1.0, "maxsim": 1.0, "sentence+2maxsim": 1.0
    }  # fmt: skip
    with pytest.raises(FileNotFoundError):
        evaluate_translation(table, vocabulary, tmp_path)
