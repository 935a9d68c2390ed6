"""A dataset of letters, and rankings of them."""

from __future__ import annotations

from rag.evaluation import (
    Dataset,
)
from rag.records import Document


def small_dataset() -> Dataset:
    return Dataset(
        name="letters",
        corpus=tuple(Document(id=name, text=name, title=name.upper()) for name in "abcx"),
        queries={"q1": "first?", "q2": "second?", "q3": "nobody knows?"},
        qrels={"q1": {"a": 2, "b": 1}, "q2": {"c": 1, "x": 0}},
    )


def ranked(*names: str, score: float = 1.0) -> tuple[tuple[str, float], ...]:
    return tuple((name, score) for name in names)
