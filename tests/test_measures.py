"""Measures and their intervals, against textbook and theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from evaluation_samples import ranked

from rag.evaluation import (
    Run,
)
from rag.evaluation.measures import difference, estimate, measure, measure_names


def test_measures_are_those_of_the_textbook() -> None:
    qrels = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1, "x": -1}, "q3": {"a": 1}}
    run = Run(name="r", rankings={"q1": ranked("b", "x", "a"), "q2": ranked("x", "c")})  # q3: nothing found
    values = measure(run, qrels)
    gain = 1 / math.log2(2) + 2 / math.log2(4)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert values["nDCG@10"] == pytest.approx([gain / ideal, (1 / math.log2(3)) / 1, 0.0])
    assert values["R@1"].tolist() == [0.5, 0.0, 0.0]
    assert values["R@5"].tolist() == [1.0, 1.0, 0.0]
    assert values["MRR@10"].tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("names", [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]])
def test_equal_scores_keep_the_order_of_the_run(names: list[str]) -> None:
    run = Run(name="r", rankings={"q": ranked(*names, score=0.5)})
    expected = 1 / (1 + names.index("a"))
    assert measure(run, {"q": {"a": 1}})["MRR@10"].tolist() == [expected]


def test_a_relevant_document_below_the_depth_does_not_count() -> None:
    run = Run(name="r", rankings={"q": ranked(*"0123456789", "a")})
    assert {name: values.tolist() for name, values in measure(run, {"q": {"a": 1}}).items()} == {
        "nDCG@10": [0.0],
        "R@1": [0.0],
        "R@5": [0.0],
        "MRR@10": [0.0],
    }


def test_the_depth_names_the_measures() -> None:
    assert measure_names(10) == ("nDCG@10", "R@1", "R@5", "MRR@10")
    assert measure_names(3) == ("nDCG@3", "R@1", "MRR@3")
    assert measure_names(1) == ("nDCG@1", "MRR@1")
    run = Run(name="r", rankings={"q": ranked("x", "a")})
    assert measure(run, {"q": {"a": 1}}, k=1)["MRR@1"].tolist() == [0.0]


def test_the_interval_is_as_wide_as_theory_says_and_the_same_every_time() -> None:
    values = np.tile([0.0, 1.0], 200)
    spread = 1.96 * math.sqrt(0.25 / 400)  # the normal interval of a proportion of one half
    found = estimate(values)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - spread, abs=0.005)
    assert found.high == pytest.approx(0.5 + spread, abs=0.005)
    assert estimate(values) == found
    constant = estimate(np.full(7, 0.25))
    assert (constant.mean, constant.low, constant.high) == (0.25, 0.25, 0.25)


def test_a_difference_is_paired() -> None:
    hard = np.tile([0.0, 1.0], 200)
    gain = difference(hard + 0.01, hard)
    assert gain.mean == pytest.approx(0.01)
    assert gain.low > 0.009  # the two means alone have intervals ten times wider than their difference
