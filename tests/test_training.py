"""Training the bundled model: pairs and batches, gradients, and a model that learns its translations."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from training_samples import PAIRED, data, row_of, sentences_in, store, unit_rows, vocabulary

from training import held_out
from training.corpus import Pair, read_parallel
from training.evaluation import interaction
from training.kernels import best_matches, scatter_matches
from training.objectives import Losses, batch_gradients, contrast, interaction_scores, pooled, side
from training.optimiser import RowAdam
from training.sampling import Batch, Mix, Sampler
from training.stages import Stage, learning_rate, mean_of_runs, run_stage
from training.table import first_vectors
from training.tokens import TokenStore, encode_pairs
from training.vocabulary import Vocabulary, build_vocabulary
from training.words import Words

__all__ = ["data", "store", "vocabulary"]


def _mix(**changes: object) -> Mix:
    settings: dict[str, object] = {
        "weights": {"coop_md": 1.0, "headings_coop_md": 1.0},
        "questions": frozenset({"headings_coop_md"}),
        "words": frozenset(),
        "run": 4,
    }
    return Mix(**(settings | changes))  # type: ignore[arg-type]


def test_rows_that_are_not_pairs_are_left_out(data: Path) -> None:
    pairs = list(read_parallel(data))
    assert len(pairs) == 120
    assert pairs[0] == Pair(
        source="coop_md",
        left_language="en",
        right_language="ro",
        left=sentences_in("en")[0],
        right=sentences_in("ro")[0],
    )


def test_store_keeps_each_text_once_and_survives_saving(
    store: TokenStore, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    assert len(store.left) == 180
    # The English side stands once for both languages.
    assert np.array_equal(store.left[:60], store.left[60:120])
    first = store.tokens[store.starts[store.right[0]] : store.starts[store.right[0] + 1]]
    assert [vocabulary.names[i] for i in first] == [
        w.replace("ă", "a").replace("â", "a") for w in sentences_in("ro")[0].split()
    ]
    store.save(tmp_path / "store")
    again = TokenStore.load(tmp_path / "store")
    assert np.array_equal(again.tokens, store.tokens) and again.sources == store.sources
    with pytest.raises(FileNotFoundError):
        TokenStore.load(tmp_path / "nothing")


def test_same_seed_same_batch(store: TokenStore) -> None:
    one, two = (Sampler(store, _mix(), seed=3).draw(16) for _ in range(2))
    assert np.array_equal(one.query_tokens, two.query_tokens) and np.array_equal(one.passage_tokens, two.passage_tokens)
    assert len(one.query_starts) == len(one.passage_starts) == 17
    other = Sampler(store, _mix(), seed=4).draw(16)
    assert not np.array_equal(one.query_tokens, other.query_tokens)


def test_plain_pairs_are_translations(store: TokenStore) -> None:
    mix = _mix(question_share=0.0, pivot=0.0, crop=0.0, extend=0.0)
    batch = Sampler(store, mix, seed=1).draw(20)
    texts = [tuple(store.tokens[a:b]) for a, b in zip(store.starts, store.starts[1:], strict=False)]
    pairs = {frozenset((texts[a], texts[b])) for a, b in zip(store.left, store.right, strict=True)}
    for i in range(20):
        query = tuple(batch.query_tokens[batch.query_starts[i] : batch.query_starts[i + 1]])
        passage = tuple(batch.passage_tokens[batch.passage_starts[i] : batch.passage_starts[i + 1]])
        assert frozenset((query, passage)) in pairs


def test_pivot_gives_pairs_without_english(store: TokenStore, vocabulary: Vocabulary) -> None:
    batch = Sampler(store, _mix(question_share=0.0, pivot=1.0, crop=0.0, extend=0.0), seed=1).draw(20)
    words = {vocabulary.names[i] for i in (*batch.query_tokens, *batch.passage_tokens)}
    english = set(PAIRED["en"])
    # A pivot that lands on the pair's own language keeps the English side.
    assert words - english and len(words & english) < len(words) / 2


def test_extended_passage_holds_the_answer(store: TokenStore) -> None:
    mix = _mix(question_share=0.0, pivot=0.0, crop=0.0, extend=1.0, longest_passage=12)
    batch = Sampler(store, mix, seed=1).draw(16)
    lengths = np.diff(batch.passage_starts)
    assert lengths.max() <= 12 and lengths.max() > 5
    assert np.diff(batch.query_starts).tolist() == [5] * 16


def test_best_matches_and_their_gradient() -> None:
    similarity = np.array([[0.1, 0.9], [0.5, 0.2], [0.3, 0.4]], np.float32)
    best, where = best_matches(similarity, np.array([0, 1, 2, 0], np.int32), np.array([0, 2, 4], np.int32))
    assert best == pytest.approx(np.array([[0.5, 0.9], [0.3, 0.9]]), abs=1e-6)
    assert where.tolist() == [[1, 0], [2, 0]]
    back = scatter_matches(np.array([[1, 2], [3, 4]], np.float32), where, 3)
    assert back.tolist() == [[0, 6], [1, 0], [3, 0]]


def test_interaction_score_by_hand() -> None:
    # Query tokens: length 3 along x, length 1 along y. Passage: x, and a diagonal.
    queries = side(np.array([0, 1], np.int32), np.array([0, 2], np.int32))
    passages = side(np.array([0, 1], np.int32), np.array([0, 2], np.int32))
    score = interaction_scores(
        torch.tensor([[3.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [1.0, 1.0]]), queries, passages
    )
    assert float(score) == pytest.approx((3 * 1 + 1 * math.sqrt(0.5)) / 4, abs=4e-3)
    table = np.array([[3, 0], [0, 1], [2, 0], [1, 1]], np.float32)
    ids = (
        (np.array([0, 1], np.int32), np.array([0, 2], np.int32)),
        (np.array([2, 3], np.int32), np.array([0, 2], np.int32)),
    )
    assert interaction(table, *ids).item() == pytest.approx((3 + math.sqrt(0.5)) / 4, abs=1e-6)


def test_pooled_is_the_unit_mean_and_its_gradient_is_right() -> None:
    texts = side(np.array([0, 1, 1], np.int32), np.array([0, 2, 3], np.int32))
    vectors = torch.tensor([[3.0, 0.0], [0.0, 4.0]], requires_grad=True)
    out = pooled(vectors, texts)
    assert out.tolist()[0] == pytest.approx([0.6, 0.8]) and out.tolist()[1] == pytest.approx([0.0, 1.0])
    double = vectors.detach().double().requires_grad_()
    reference = torch.nn.functional.normalize(torch.stack([double[0] + double[1], double[1]]), dim=1)
    weights = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    (out * weights).sum().backward()  # type: ignore[no-untyped-call]
    (reference * weights).sum().backward()  # type: ignore[no-untyped-call]
    assert vectors.grad is not None and double.grad is not None
    assert vectors.grad.tolist()[0] == pytest.approx(double.grad.tolist()[0], abs=1e-6)


def test_contrast_of_equal_scores_is_the_logarithm_of_the_batch() -> None:
    assert float(contrast(torch.zeros(4, 4), scale=20)) == pytest.approx(math.log(4))
    assert float(contrast(torch.eye(4), scale=100)) == pytest.approx(0.0, abs=1e-6)


def test_first_adam_step_moves_by_the_rate() -> None:
    adam = RowAdam(table=np.zeros((3, 2), np.float32))
    adam.update(np.array([1]), np.array([[5.0, -0.1]], np.float32), rate=0.01)
    assert adam.table.tolist() == [[0, 0], pytest.approx([-0.01, 0.01], rel=1e-4), [0, 0]]
    # A row first seen later moves as far: its own count of steps.
    adam.update(np.array([2]), np.array([[1.0, 1.0]], np.float32), rate=0.01)
    assert adam.table[2].tolist() == pytest.approx([-0.01, -0.01], rel=1e-4)


def test_rate_rises_then_falls() -> None:
    stage = Stage(name="s", steps=1000, pairs=2, rate=1.0, last_rate=0.0, mix=_mix())
    assert [learning_rate(stage, step) for step in (25, 500, 1000)] == pytest.approx([0.4875, 0.5, 0.0])


def test_training_learns_the_translations(store: TokenStore, vocabulary: Vocabulary, tmp_path: Path) -> None:
    size = vocabulary.size
    table = first_vectors(vocabulary.names, np.ones(size), dimension=32, seed=1)
    stage = Stage(
        name="both",
        steps=60,
        pairs=16,
        rate=0.03,
        losses=Losses(mean_weight=1.0, interaction_weight=1.0),
        mix=_mix(extend=0.2, crop=0.2),
    )
    table = run_stage(stage, table, store, checkpoints=tmp_path, seed=1)
    words = {language: np.array([row_of(vocabulary, w) for w in PAIRED[language]]) for language in PAIRED}
    unit = unit_rows(table)
    right = (unit[words["ro"]] @ unit[words["sl"]].T).argmax(1) == np.arange(12)
    assert right.mean() >= 0.9
    # Finished stages are read back, not run again.
    again = run_stage(stage, np.zeros_like(table), store, checkpoints=tmp_path, seed=1)
    assert np.array_equal(again, table)


def test_gradient_touches_only_the_tokens_of_the_batch() -> None:
    table = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)
    starts = np.array([0, 2, 4], np.int32)
    batch = Batch(
        query_tokens=np.array([3, 9, 4, 3], np.int32),
        query_starts=starts,
        passage_tokens=np.array([9, 7, 20, 4], np.int32),
        passage_starts=starts,
    )
    losses = Losses(mean_weight=1.0, interaction_weight=1.0, scale=5.0, interaction_scale=5.0)
    rows, gradient, mean, late = batch_gradients(table, batch, losses)
    assert rows.tolist() == [3, 4, 7, 9, 20] and gradient.shape == (5, 8)
    assert np.isfinite(gradient).all() and mean > 0 and late > 0


def test_what_the_ranker_asks_with_is_not_trained_on() -> None:
    rows = held_out.QUESTION_ROWS["law_sl"]
    pairs = [
        Pair(source=held_out.NEWS, left_language="en", right_language=other, left=left, right=f"{left} {other}")
        for other in ("de", "hu")
        for left in (f"news {n}" for n in range(held_out.NEWS_ROWS + 5))
    ]
    pairs += [
        Pair(source="law_sl", left_language="sl", right_language="sl", left=f"q {n}", right="a")
        for n in range(rows + 7)
    ]
    fold = dict.fromkeys(("news", "q", "a", "de", "hu"), 1.0)
    store = encode_pairs(
        build_vocabulary(Words(mass=fold, lemma={w: w for w in fold}), size=2000, forms=0), pairs, longest=9
    )
    kept = held_out.without_held_out(store)
    # The same English sentences with another language are kept apart too.
    assert np.bincount(kept.source).tolist() == [5 + 5, 7]
    assert kept.left[-1] == store.left[-1] and len(kept.tokens) == len(store.tokens)


def test_a_question_may_ask_in_the_words_of_its_passage(store: TokenStore) -> None:
    batch = Sampler(store, _mix(same=1.0, question_share=0.0, crop=0.0, extend=0.0), seed=2).draw(8)
    for i in range(8):
        asked = batch.query_tokens[batch.query_starts[i] : batch.query_starts[i + 1]].tolist()
        assert set(asked) <= set(batch.passage_tokens[batch.passage_starts[i] : batch.passage_starts[i + 1]].tolist())


def test_a_run_of_one_stretch_keeps_its_pairs_apart(store: TokenStore) -> None:
    sampler = Sampler(store, _mix(near=1.0), seed=2)
    for _ in range(20):
        places = np.sort(sampler._positions(10, 60, 4))
        assert places[0] >= 10 and places[-1] < 60 and (np.diff(places) == 8).all()
    assert len(set(sampler._positions(0, 20, 4).tolist())) == 4  # too few for a stretch: drawn from all


def test_the_table_is_the_mean_of_runs_with_other_batches(
    store: TokenStore, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    start = first_vectors(vocabulary.names, np.ones(vocabulary.size), dimension=16, seed=1)
    before = start.copy()
    stages = [Stage(name=name, steps=3, pairs=8, rate=0.03, mix=_mix()) for name in ("first", "then")]
    mean = mean_of_runs(stages, start, store, runs=2, checkpoints=tmp_path, seed=1)
    ends = [np.load(tmp_path / f"run-{run}" / "then.npy") for run in (1, 2)]
    assert np.array_equal(start, before)  # each run begins where the first did
    assert not np.array_equal(*ends)
    assert np.allclose(mean, (ends[0] + ends[1]) / 2)
