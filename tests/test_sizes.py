"""Training elsewhere than on the processor, batches drawn ahead, and trials of other sizes of the table."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training_samples import PAIRED, data, sentences_in, store, vocabulary

from training import recipe, sizes
from training.drawing_ahead import draw_ahead
from training.evaluation import FLORES_LANGUAGES, TATOEBA_LANGUAGES
from training.kernels import best_matches, scatter_matches
from training.learners import AcceleratedLearner, RowLearner
from training.objectives import AcceleratedMatches, Losses, occurrences, padded_positions, pooled, side, touch
from training.sampling import Batch, Mix
from training.stages import Machine, Stage
from training.table import Floats
from training.tokens import TokenStore
from training.vocabulary import Vocabulary

__all__ = ["data", "store", "vocabulary"]


def _table(rows: int = 40, dimension: int = 8) -> Floats:
    return np.random.default_rng(3).standard_normal((rows, dimension)).astype(np.float32)


def _batch() -> Batch:
    return Batch(
        query_tokens=np.array([1, 2, 3, 4, 5, 2], np.int32),
        query_starts=np.array([0, 2, 4, 6], np.int32),
        passage_tokens=np.array([1, 6, 7, 3, 8, 5, 9, 2, 10], np.int32),
        passage_starts=np.array([0, 3, 5, 9], np.int32),
    )


def _mix() -> Mix:
    return Mix(weights={"coop_md": 1.0}, questions=frozenset(), words=frozenset(), run=4)


def test_positions_are_padded_with_the_first_of_their_text() -> None:
    padded = padded_positions(np.array([4, 5, 6, 7, 8], np.int32), np.array([0, 2, 5], np.int32))
    assert padded.tolist() == [[4, 5, 4], [6, 7, 8]]


def test_matches_on_an_accelerator_are_those_of_the_kernels() -> None:
    random = np.random.default_rng(0)
    similarity = random.standard_normal((30, 12)).astype(np.float32)
    positions = random.integers(0, 30, 40).astype(np.int32)
    starts = np.array([0, 7, 8, 30, 40], np.int32)
    slopes = random.standard_normal((4, 12)).astype(np.float32)
    best, where = best_matches(similarity, positions, starts)
    learning = torch.from_numpy(similarity).requires_grad_()
    found = AcceleratedMatches.apply(learning, positions, starts)  # type: ignore[no-untyped-call]
    found.backward(torch.from_numpy(slopes))
    assert np.array_equal(found.detach().numpy(), best)
    assert learning.grad is not None
    assert learning.grad.numpy() == pytest.approx(scatter_matches(slopes, where, 30), abs=1e-6)


def test_sums_by_occurrence_are_those_of_the_sparse_product() -> None:
    texts = side(np.array([3, 9, 3, 4], np.int32), np.array([0, 3, 4], np.int32))
    vectors = torch.from_numpy(_table(3))
    assert occurrences(texts).tolist() == [[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    dense = torch.nn.functional.normalize(occurrences(texts) @ vectors, dim=1)
    assert torch.allclose(pooled(vectors, texts), dense, atol=1e-6)


def test_a_table_on_a_device_learns_what_one_in_memory_learns() -> None:
    losses = Losses(mean_weight=0.4, interaction_weight=1.0)
    table = _table()
    here, there = RowLearner(table.copy()), AcceleratedLearner(table, "cpu")
    for _ in range(5):
        assert here.learn(_batch(), losses, rate=0.01) == pytest.approx(there.learn(_batch(), losses, rate=0.01))
    assert here.finished() == pytest.approx(there.finished(), abs=1e-5)
    moved = np.abs(there.finished() - table).max(1) > 0
    assert np.flatnonzero(moved).tolist() == list(range(1, 11))  # the rows of the batch alone


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no accelerator")
def test_an_accelerator_learns_what_the_processor_learns() -> None:
    losses = Losses(mean_weight=0.4, interaction_weight=1.0, prefixes=(4, 8))
    here, there = RowLearner(_table()), AcceleratedLearner(_table(), "cuda")
    for _ in range(5):
        assert here.learn(_batch(), losses, rate=0.01) == pytest.approx(
            there.learn(_batch(), losses, rate=0.01), abs=0.02
        )
    assert here.finished() == pytest.approx(there.finished(), abs=0.02)


def test_the_first_dimensions_learn_as_tables_of_their_own() -> None:
    table, whole = _table(), Losses(mean_weight=0.4, interaction_weight=1.0)
    nested = touch(table, _batch())
    loss, mean, late = replace(whole, prefixes=(3, 8)).of(nested)
    expected = np.zeros((10, 8), np.float32)
    parts = []
    for dimension in (3, 8):
        alone = touch(np.ascontiguousarray(table[:, :dimension]), _batch())
        own, *rest = whole.of(alone)
        parts.append([float(own.detach()), *rest])
        expected[:, :dimension] += alone.gradient(own) / 2
    assert [float(loss.detach()), mean, late] == pytest.approx(np.mean(parts, axis=0), abs=1e-5)
    assert nested.gradient(loss) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches_are_as_many_as_asked_and_the_same_again(store: TokenStore, workers: int) -> None:
    first, again = (list(draw_ahead(store, _mix(), size=4, steps=7, seed=5, workers=workers)) for _ in range(2))
    assert len(first) == 7
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.query_tokens, other.query_tokens)
    assert len({batch.query_tokens.tobytes() for batch in first}) > 1  # the processes do not draw alike


def test_batches_that_nobody_takes_hold_nothing_up(store: TokenStore) -> None:
    batches = draw_ahead(store, _mix(), size=4, steps=10_000, seed=5, workers=2)
    next(iter(batches))
    batches.close()


def test_a_process_that_fails_is_not_waited_for(store: TokenStore) -> None:
    nothing = Mix(weights={}, questions=frozenset(), words=frozenset())
    with pytest.raises(RuntimeError, match="ended early; see what it said above"):
        next(draw_ahead(store, nothing, size=4, steps=3, seed=5, workers=1))


def _evaluation(data: Path) -> None:
    """Write small sets of the kinds that tables are measured on."""
    (data / "eval" / "flores-dev").mkdir(parents=True, exist_ok=True)
    (data / "eval" / "tatoeba").mkdir(exist_ok=True)
    text = {language: sentences_in(language) for language in PAIRED}
    for language in ("en", *FLORES_LANGUAGES):
        lines = text.get(language, text["en"])
        with gzip.open(data / "eval" / "flores-dev" / f"{language}.txt.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    for code in TATOEBA_LANGUAGES:
        for side_ in (code, "eng"):
            path = data / "eval" / "tatoeba" / f"tatoeba.{code}-eng.{side_}"
            path.write_text("\n".join(text["en"]) + "\n", encoding="utf-8")
    for language in ("ro", "en"):
        paragraphs = [{"context": line, "qas": [{"question": line}]} for line in text[language]]
        content = json.dumps({"data": [{"paragraphs": paragraphs}]})
        (data / "eval" / f"xquad.{language}.json").write_text(content, encoding="utf-8")


def test_trials_of_sizes_are_trained_measured_and_found_again(
    data: Path, vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _evaluation(data)
    small = Stage(name="x", steps=20, pairs=8, rate=0.01, mix=_mix())
    monkeypatch.setattr(recipe, "MEANING", replace(small, name="first"))
    monkeypatch.setattr(recipe, "STAGES", (replace(small, losses=Losses(interaction_weight=1.0), name="last"),))
    monkeypatch.setattr(sizes, "ProcessPoolExecutor", _Here)
    trials = {
        "nested": sizes.Size(rows=1900, dimension=16, prefixes=(8, 16)),
        "twice": sizes.Size(rows=2000, dimension=8, runs=2, share=0.5),
    }
    for size in trials.values():
        size.vocabulary(tmp_path).mkdir()
        vocabulary.save(size.vocabulary(tmp_path))
    place = sizes.Place(data=data, work=tmp_path, machine=Machine(), threads=1)
    rows = sizes.run_trials(trials, place, together=1)
    assert [(row["trial"], row["runs"], row["dimensions"]) for row in rows] == [
        ("nested", 1, 8),
        ("nested", 1, 16),
        ("twice", 1, 8),
        ("twice", 2, 8),
    ]
    ends = [np.load(tmp_path / "twice" / f"run-{number}" / "last.npy") for number in (1, 2)]
    assert not np.array_equal(*ends)
    mean = np.load(tmp_path / "twice" / "mean-2.npy")
    assert mean == pytest.approx((ends[0] + ends[1]) / 2, abs=2e-3)
    assert np.load(tmp_path / "nested" / "first.npy").shape[1] == 16
    before = (tmp_path / "twice" / "run-1" / "last.npy").stat().st_mtime_ns
    assert sizes.run_trials(trials, place, together=1) == rows
    assert (tmp_path / "twice" / "run-1" / "last.npy").stat().st_mtime_ns == before


def test_an_unknown_size_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        sizes.main(["--data", "x", "--work", "y", "7 x 7"])
    assert "no trial 7 x 7; there are 60,000 x 256" in capsys.readouterr().err


class _Here:
    """Runs in this process, where the small stages are known."""

    def __init__(self, *arguments: object, **named: object) -> None: ...

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *error: object) -> None: ...

    map = staticmethod(map)
