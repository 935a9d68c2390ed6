"""A run: what one way of searching returned, document by document, for every question of a dataset."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.evaluation.datasets import Dataset
from rag.records import Hit

Search = Callable[[str, int], Sequence[Hit]]
"""A question and the number of hits wanted -> hits, best first."""

Ranking = tuple[tuple[str, float], ...]
"""(document id, score) pairs, best first; every document once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """For every question id its ranked documents. `seconds` is the wall time of all questions, None where not timed."""

    name: str
    rankings: Mapping[str, Ranking]
    seconds: float | None = None


def run_search(search: Search, dataset: Dataset, *, name: str, k: int = 10, limit: int | None = None) -> Run:
    """Ask every judged question of a dataset (the first `limit` of them) and keep the best `k` documents of each."""
    started = time.perf_counter()
    rankings = {query_id: rank_documents(search, question, k=k) for query_id, question in dataset.judged(limit).items()}
    return Run(name=name, rankings=rankings, seconds=time.perf_counter() - started)


def rank_documents(search: Search, question: str, *, k: int) -> Ranking:
    """Return the best `k` documents for a question: a document stands where its best passage stands.

    Passages of one document crowd each other out, so more hits are asked for until there are `k` documents or
    no more hits: twice as many each time, beginning with `k` itself, which is what a user would be shown.
    """
    wanted = k
    while True:
        hits = search(question, wanted)
        best: dict[str, float] = {}
        for hit in hits:
            best.setdefault(hit.document.id, hit.score)
        if len(best) >= k or len(hits) < wanted:
            return tuple(best.items())[:k]
        wanted *= 2
