"""What the ceiling of retrieval is measured with."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.limits import boosted, ceiling, take_in

ANSWERS = np.random.default_rng(4).integers(0, 12, 200)


def _rows() -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    """Return noise in three signals; in the second an answer stands out, in the third it lies near one half."""
    rows = np.random.default_rng(5).random((200, 12, 3)).astype(np.float32)
    rows[np.arange(200), ANSWERS, 1] += 0.3
    rows[np.arange(200), ANSWERS, 2] = 0.5
    return rows


def test_the_best_signal_is_taken_in_first() -> None:
    rows = _rows()
    (first, alone), (_, both) = take_in(rows, ANSWERS, ("noise", "stands out", "half"), most=2)
    assert first == "stands out"
    assert both >= alone - 0.01
    assert ceiling(rows[:, :, 1:2], ANSWERS) == pytest.approx(alone)


def test_boosted_trees_use_what_no_weight_can() -> None:
    rows = _rows()
    linear = ceiling(rows, ANSWERS)
    assert boosted(rows, ANSWERS, np.array([0.0, 1.0, 0.0], np.float32)) > linear + 0.1


def test_boosted_trees_count_on_questions_that_they_have_not_seen() -> None:
    noise = np.random.default_rng(6).random((200, 12, 3)).astype(np.float32)
    assert boosted(noise, ANSWERS, np.ones(3, np.float32)) < 0.55  # by chance .38
