"""Trials of the training: wrong passages are wrong, a teacher is followed, and gradients are those of the losses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from training_samples import data, store, vocabulary

from training import recipe
from training.__main__ import FINISHED
from training.corpus import read_parallel, read_questions
from training.mining import MinedSampler, mine
from training.objectives import Losses, Side, contrast, interaction_scores, side, weighed_gradients
from training.sampling import Batch, Mix
from training.table import Floats
from training.teaching import Lessons, taught_gradients, texts_by_number
from training.tokens import TokenStore
from training.trials import Trials, main, main_axes
from training.vocabulary import Vocabulary

__all__ = ["data", "store", "vocabulary"]

WORDS = 40


def _store(pairs: list[tuple[list[int], list[int]]]) -> TokenStore:
    """Return a store of one source of questions; equal texts have one number."""
    texts: dict[tuple[int, ...], int] = {}
    numbers = [tuple(texts.setdefault(tuple(text), len(texts)) for text in pair) for pair in pairs]
    zeros = np.zeros(len(pairs), np.int32)
    return TokenStore(
        tokens=np.concatenate([np.array(text, np.int32) for text in texts]),
        starts=np.cumsum([0, *map(len, texts)]).astype(np.int64),
        left=np.array([left for left, _ in numbers], np.int32),
        right=np.array([right for _, right in numbers], np.int32),
        source=zeros,
        left_language=zeros,
        right_language=zeros,
        sources=("asked",),
        languages=("en",),
    )


def _table(seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((WORDS, 8)).astype(np.float32)


def _starts(*lengths: int) -> NDArray[np.int32]:
    return np.cumsum([0, *lengths]).astype(np.int32)


def _batch() -> Batch:
    return Batch(
        query_tokens=np.array([1, 2, 3, 4, 5, 2], np.int32),
        query_starts=_starts(2, 2, 2),
        passage_tokens=np.array([1, 6, 7, 3, 8, 5, 9, 2, 10], np.int32),
        passage_starts=_starts(3, 2, 4),
    )


PAIRS = [([number], [number, number + 10, number + 20]) for number in range(1, 9)]


def test_what_is_mined_is_near_and_never_an_answer() -> None:
    twice = [*PAIRS, ([1], [1, 12, 22])]  # the first question has another answer, and a near one
    store = _store(twice)
    found = mine(store, _table(), questions={"asked"}, depth=3)
    assert sorted(found) == list(range(9))
    for pair, wrong in found.items():
        right = {int(store.right[row]) for row in range(9) if store.left[row] == store.left[pair]}
        assert len(wrong) >= 2
        assert not right & set(wrong.tolist())


def test_mined_passages_stand_behind_those_of_the_batch() -> None:
    store = _store(PAIRS)
    mix = Mix(weights={"asked": 1.0}, questions=frozenset({"asked"}), words=frozenset(), question_share=1.0, run=4)
    wrong = mine(store, _table(), questions={"asked"}, depth=3)
    batch = MinedSampler(store, mix, seed=1, wrong=wrong, negatives=3).draw(4)
    assert len(batch.query_starts) - 1 == 4
    assert len(batch.passage_starts) - 1 == 7
    for number in range(4):  # the pairs are as they were
        query = batch.query_tokens[batch.query_starts[number] : batch.query_starts[number + 1]]
        passage = batch.passage_tokens[batch.passage_starts[number] : batch.passage_starts[number + 1]]
        assert query[0] == passage[0]


def test_columns_beyond_the_rows_are_only_wrong_answers() -> None:
    square = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    wider = torch.cat([square, torch.tensor([[0.0], [0.7]])], dim=1)
    rows = torch.nn.functional.cross_entropy(5 * wider, torch.arange(2))
    columns = torch.nn.functional.cross_entropy(5 * square.T, torch.arange(2))
    assert float(contrast(wider, scale=5.0)) == pytest.approx(float(rows + columns) / 2)
    assert float(contrast(wider, scale=5.0)) > float(contrast(square, scale=5.0))


def _late(table: Floats, batch: Batch) -> NDArray[np.float32]:
    queries, passages = _sides(batch)
    vectors = torch.from_numpy(table[queries.rows]), torch.from_numpy(table[passages.rows])
    return interaction_scores(*vectors, queries, passages).numpy()


def _sides(batch: Batch) -> tuple[Side, Side]:
    return side(batch.query_tokens, batch.query_starts), side(batch.passage_tokens, batch.passage_starts)


def test_a_table_that_is_taught_comes_to_order_as_the_teacher_does() -> None:
    table, batch = _table(), _batch()
    target = np.array([[0.1, 0.9, 0.2], [0.9, 0.1, 0.2], [0.2, 0.1, 0.9]], np.float32)
    for _ in range(200):
        rows, gradient = taught_gradients(table, batch, target, scale=20.0)
        table[rows] -= 0.05 * gradient
    assert _late(table, batch).argmax(1).tolist() == target.argmax(1).tolist()


def test_lessons_are_drawn_with_the_cosines_of_their_texts() -> None:
    count = 100
    ids = [np.array([number], np.int32) for number in range(count)]
    vectors = np.eye(count, dtype=np.float32)
    lessons = Lessons(queries=(ids,), passages=(ids,), asking=(vectors,), answering=(vectors,))
    batch, target = lessons.draw(64, np.random.default_rng(0))
    assert target.shape == (64, 64)
    assert np.array_equal(target, batch.query_tokens[:, None] == batch.passage_tokens[None])


def test_the_teacher_reads_the_texts_that_the_numbers_stand_for(
    data: Path, store: TokenStore, vocabulary: Vocabulary
) -> None:
    for source, pairs in (("coop_md", read_parallel(data)), ("headings_coop_md", read_questions(data))):
        texts = texts_by_number(store, source, pairs)
        assert len(texts) > 30
        for number, text in texts.items():
            row = store.tokens[store.starts[number] : store.starts[number + 1]]
            assert np.array_equal(vocabulary.encode([text])[0], row)


def test_a_store_of_other_data_is_refused(data: Path, store: TokenStore) -> None:
    pairs = [pair for pair in read_parallel(data) if pair.right_language == "ro"]
    with pytest.raises(ValueError, match=r"coop_md has \d+ texts, the store \d+; encode the data again"):
        texts_by_number(store, "coop_md", pairs)


def test_the_gradient_of_a_weight_is_the_slope_of_the_loss() -> None:
    table, batch = _table(), _batch()
    logs = np.random.default_rng(1).standard_normal((WORDS, 1)).astype(np.float32)
    losses = Losses(mean_weight=0.0, interaction_weight=1.0, interaction_scale=5.0)
    rows, gradient, of_logs = weighed_gradients(table, logs, batch, losses)
    assert gradient.shape == (len(rows), 8)

    def loss(changed: Floats) -> float:
        queries, passages = _sides(batch)
        vectors = torch.from_numpy(table[queries.rows]), torch.from_numpy(table[passages.rows])
        weights = torch.from_numpy(changed[queries.rows, 0]).exp()
        return float(contrast(interaction_scores(*vectors, queries, passages, weights), scale=5.0))

    for row in (1, 3, 5):
        up, down = logs.copy(), logs.copy()
        up[row] += 0.05
        down[row] -= 0.05
        slope = (loss(up) - loss(down)) / 0.1
        assert of_logs[np.searchsorted(rows, row), 0] == pytest.approx(slope, abs=0.01)


def test_main_axes_keep_what_varies() -> None:
    table = _table()
    wide = np.concatenate([table, np.zeros_like(table)], axis=1)
    assert np.allclose(main_axes(wide, 8) @ main_axes(wide, 8).T, table @ table.T, atol=1e-3)


def test_an_unknown_trial_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", "x", "--work", "y", "sideways"])
    assert "no trial sideways; there are going on, mined" in capsys.readouterr().err


def test_taught_needs_a_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    from training import trials

    trial = object.__new__(trials.Trials)
    trial.teacher = None
    monkeypatch.setattr(trials.Trials, "table", lambda self: _table())
    with pytest.raises(SystemExit, match="needs a teacher: --teacher FOLDER"):
        trial.run("taught")


class _Recorded(Trials):
    """Trials that return what was trained instead of measuring it, which takes the evaluation data."""

    def measure(self, table: Floats, weights: Floats | None = None) -> dict[str, dict[str, float]]:
        self.trained = table, weights
        return {}


@pytest.mark.parametrize(
    ("name", "width", "weighed"),
    [("going on", 16, False), ("mined", 16, False), ("weighed", 16, True), ("8 dimensions", 8, False)],
)
def test_a_trial_goes_on_from_the_finished_table(
    name: str, width: int, weighed: bool, data: Path, store: TokenStore, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    table = np.random.default_rng(0).standard_normal((vocabulary.size, 16)).astype(np.float32)
    vocabulary.save(tmp_path)
    store.save(tmp_path / "store")
    np.save(tmp_path / f"{recipe.MEANING.name}.npy", table)
    np.save(tmp_path / FINISHED, table)
    trials = _Recorded(data, tmp_path, None, steps=3)
    trials.run(name)
    trained, weights = trials.trained
    assert trained.shape == (vocabulary.size, width)
    assert not np.array_equal(trained, main_axes(table, width) if width < 16 else table)
    assert (weights is not None) == weighed
    if weights is not None:
        assert not np.allclose(weights, np.linalg.norm(table, axis=1))
    assert np.array_equal(np.load(tmp_path / FINISHED), table)
