"""Measures of a run, question by question, and how far their means can be trusted.

The measures come from `ir_measures` over trec_eval: nDCG (Järvelin and Kekäläinen 2002, linear gain, log2 discount),
recall, and the reciprocal rank of the first relevant document. Intervals are percentile bootstraps over questions
(Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13; for retrieval: Sakai, SIGIR 2006).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.evaluation.runs import Run

Values = Mapping[str, npt.NDArray[np.float64]]
"""Measure name -> one value for each question, ``(questions,)``, in the order of the qrels."""

RESAMPLES = 2000  # the interval's ends then move by less than .001 from seed to seed at 1,000 questions
SEED = 20260122
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over questions with the ends of its bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def measure_names(k: int = 10) -> tuple[str, ...]:
    """Return what is measured at a depth of `k`, in the order in which it is shown.

    Example:
        >>> measure_names(10)
        ('nDCG@10', 'R@1', 'R@5', 'MRR@10')
    """
    return (f"nDCG@{k}", *(f"R@{depth}" for depth in (1, 5) if depth < k), f"MRR@{k}")


def measure(run: Run, qrels: Mapping[str, Mapping[str, int]], *, k: int = 10) -> dict[str, npt.NDArray[np.float64]]:
    """Measure a run against judgements, one value a question; a question without results counts 0.

    The order of the run counts, not its scores: trec_eval would round them to 32 bits and break ties by document name.
    """
    import ir_measures

    # Only the first k are handed over, so that a plain RR is RR@k (trec_eval knows no cutoff for it).
    measures = {name: ir_measures.parse_measure("RR" if name.startswith("MRR") else name) for name in measure_names(k)}
    row = {query_id: position for position, query_id in enumerate(qrels)}
    judged, ranked = [], []
    for query_id, position in row.items():
        # Questions and documents go by number: trec_eval's names are C strings.
        document = {name: str(i) for i, name in enumerate(qrels[query_id])}
        # trec_eval reads a negative grade as "not judged"; here both are simply not relevant.
        judged += [
            ir_measures.Qrel(str(position), document[name], max(grade, 0)) for name, grade in qrels[query_id].items()
        ]
        ranked += [
            ir_measures.ScoredDoc(str(position), document.get(name, f"unjudged {rank}"), float(k - rank))
            for rank, (name, _) in enumerate(run.rankings.get(query_id, ())[:k])
        ]
    values = {name: np.zeros(len(row)) for name in measures}
    shown = {str(parsed): name for name, parsed in measures.items()}
    for value in ir_measures.iter_calc(list(measures.values()), judged, ranked):
        values[shown[str(value.measure)]][int(value.query_id)] = value.value
    return values


def estimate(values: npt.NDArray[np.float64]) -> Estimate:
    """Return the mean of one value a question, ``(questions,)``, with its interval.

    Runs over the same questions share their resamples, so that their intervals differ by the runs and not by luck.
    """
    means = _resampled_means(values)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(mean=float(values.mean()), low=float(low), high=float(high))


def difference(values: npt.NDArray[np.float64], baseline: npt.NDArray[np.float64]) -> Estimate:
    """Return the mean gain over a baseline on the same questions; it is real where the interval leaves 0 out.

    Paired, because two ways of searching fail on the same hard questions: overlapping intervals of two means
    say little about their difference.
    """
    return estimate(values - baseline)


def _resampled_means(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    generator = np.random.default_rng(SEED)
    size = len(values)
    # One resample at a time: all of them at once would take gigabytes at 100,000 questions.
    return np.array([values[generator.integers(0, size, size)].mean() for _ in range(RESAMPLES)])
