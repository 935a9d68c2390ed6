"""Fit the combination of features and the calibration of its best hit, and write ``ranker.json`` beside the table.

    python -m training.ranker --data DATA --model rag/encoding/bundled

The questions are from the part of the data that the table has not seen (`held_out.py`), so that the features are what
they are for a user's questions.

Two fits on questions apart from each other, each for two cases (passage in the question's language, or not):

1. the order: a logistic model on differences of features between the passage that answers and others found for the same
   question (the pairwise form of Herbrich, Graepel, Obermayer, "Large margin rank boundaries for ordinal
   regression", 2000), its strength chosen by leaving out one task at a time;
2. the confidence: a logistic model of whether the best hit answers, on questions whose passage was left in or taken
   out of the pool in turn.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from rag.encoding.table import BUNDLED, TokenTable
from rag.retrieval.features import FEATURES
from training.ranker_data import Task, ranker_tasks
from training.ranker_features import Pool

Floats = NDArray[np.float32]
logger = logging.getLogger(__name__)

_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)
THRESHOLD = 0.25
"""The probability from which a passage in the question's language is shown as an answer: with it,
`benchmarks/abstention.py` answers 26 of 27 questions that the articles answer, and none of 30 that they do not. The
threshold for passages in other languages is where as many of the held-out questions without an answer pass."""

_OF_THE_SUBJECT = ("vector", "sentence_vector", "context")
_ONE_SENTENCE = "late_sentence"

_WORTH = {"law_ro": 0.25, "law_sl": 0.25}
"""What a task counts beside the others: titles of laws are less like questions than questions are."""

_SMALL_POOLS = 6  # draws of each task: with one, the confidence of a case depended on chance

_NEGATIVES = 30  # passages beside the answer: those that any of the signals puts highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question over a pool: the features ``(candidates, features)`` of what was found, and the answer's row."""

    task: str
    same: bool
    features: Floats
    answer: int


def collect(table: TokenTable, tasks: Sequence[Task]) -> Iterator[Asked]:
    """Compute the features of every question's best candidates."""
    for task in tasks:
        pool = Pool(table, task.documents, task.passage_language)
        firsts = np.concatenate([[0], np.cumsum([len(document) for document in task.documents])])
        for question, (document, passage) in zip(task.questions, task.answers, strict=True):
            rows = pool.features(question)
            own = np.arange(firsts[document], firsts[document + 1])
            # Where only the document is known, the passage whose best sentence says most of the question stands for it.
            answer = int(own[passage if passage >= 0 else np.argmax(rows[own, FEATURES.index("late_sentence")])])
            others = np.setdiff1d(np.arange(len(rows)), [answer] if passage >= 0 else own)
            found: set[int] = set()
            for column in range(rows.shape[1]):
                found.update(others[np.argsort(-rows[others, column], kind="stable")[: _NEGATIVES // 3]].tolist())
            yield Asked(
                task=task.name,
                same=task.question_language == task.passage_language,
                features=rows[[answer, *sorted(found)]],
                answer=0,
            )
        logger.info("features of %s", task.name)


def fit_order(asked: Sequence[Asked], *, strength: float) -> Floats:
    """Return coefficients ``(features,)``, none negative, that put answers before the rest.

    Every task weighs the same but for `_WORTH`.

    `strength` is the inverse of the penalty on coefficients of features in units of their own spread.
    """
    differences, weights = [], []
    sizes = Counter(item.task for item in asked)
    for item in asked:
        others = np.delete(item.features, item.answer, axis=0)
        differences.append(item.features[item.answer] - others)
        worth = _WORTH.get(item.task, 1.0)
        weights.append(np.full(len(others), worth / (len(others) * sizes[item.task])))
    rows, weight = np.concatenate(differences), np.concatenate(weights)
    weight *= len(asked) / weight.sum()
    spread = np.sqrt(weight @ rows**2 / weight.sum())
    kept = list(range(rows.shape[1]))
    out = np.zeros(rows.shape[1], dtype=np.float32)
    while kept:  # a signal that only helps by being subtracted is noise about these tasks: leave it out
        scaled = rows[:, kept] / spread[kept]
        model = LogisticRegression(fit_intercept=False, C=strength, max_iter=500)
        both = np.concatenate([scaled, -scaled])
        model.fit(both, np.repeat([1, 0], len(rows)), sample_weight=np.concatenate([weight, weight]))
        worst = int(np.argmin(model.coef_[0]))
        if model.coef_[0][worst] >= 0:
            out[kept] = model.coef_[0] / spread[kept]
            break
        kept.pop(worst)
    return out


def choose_strength(asked: Sequence[Asked]) -> float:
    """Return the strength whose order is best on tasks left out of the fit, one at a time."""
    tasks = sorted({item.task for item in asked})

    def left_out(strength: float) -> float:
        values = []
        for task in tasks:
            order = fit_order([item for item in asked if item.task != task], strength=strength)
            values.append(measure([item for item in asked if item.task == task], order)[task])
        return float(np.average(values, weights=[_WORTH.get(task, 1.0) for task in tasks]))

    results = {strength: left_out(strength) for strength in _STRENGTHS}
    logger.info("left-out MRR by strength: %s", {key: round(value, 4) for key, value in results.items()})
    return max(results, key=lambda strength: results[strength])


def fit_scale(asked: Sequence[Asked], order: Floats) -> tuple[float, float]:
    """Return slope and intercept that turn order scores into log-odds of answering, so that the two cases compare."""
    scores = np.concatenate([item.features @ order for item in asked])
    right = np.concatenate([np.arange(len(item.features)) == item.answer for item in asked])
    model = LogisticRegression(C=100.0).fit(scores[:, None], right)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def answers_log_odds(asked: Sequence[Asked], coefficients: Floats, intercept: float) -> float:
    """Return the mean log-odds of the passages that answer, each task weighed by its worth."""
    tasks: dict[str, list[float]] = {}
    for item in asked:
        tasks.setdefault(item.task, []).append(float(item.features[item.answer] @ coefficients) + intercept)
    means = [float(np.mean(values)) for values in tasks.values()]
    return float(np.average(means, weights=[_WORTH.get(task, 1.0) for task in tasks]))


def measure(asked: Sequence[Asked], coefficients: Floats) -> dict[str, float]:
    """Return the reciprocal rank of the answer among its candidates, averaged over each task."""
    sums: dict[str, list[float]] = {}
    for item in asked:
        scores = item.features @ coefficients
        rank = 1 + int((scores > scores[item.answer]).sum())
        sums.setdefault(item.task, []).append(1.0 / rank)
    return {task: float(np.mean(values)) for task, values in sums.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What a confidence that was fitted on other questions makes of some.

    Attributes:
        probability: That the best hit answers.
        right: Whether it does.
        answerable: Whether the pool has an answer at all.
        worth: What the question counts.
    """

    probability: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    worth: NDArray[np.float64]

    def passing(self, threshold: float) -> float:
        """Return the share of the questions without an answer that pass a threshold."""
        lost = ~self.answerable
        return float(np.average(self.probability[lost] >= threshold, weights=self.worth[lost]))

    def threshold(self, passing: float) -> float:
        """Return the lowest threshold, in hundredths, at which no more of the questions without an answer pass."""
        return next(hundredths / 100 for hundredths in range(1, 102) if self.passing(hundredths / 100) <= passing)


def fit_confidence(asked: Sequence[Asked], order: Floats) -> tuple[Floats, float, HeldOut]:
    """Fit the probability that the best hit answers; return coefficients, intercept, and how it does on held-out ones.

    Every second question loses its answer, as if the corpus did not have it.
    """
    rows, right = [], []
    worth = np.array([_WORTH.get(item.task, 1.0) for item in asked])
    for number, item in enumerate(asked):
        features = np.delete(item.features, item.answer, axis=0) if number % 2 else item.features
        best = int(np.argmax(features @ order))
        rows.append(features[best])
        right.append(number % 2 == 0 and best == item.answer)
    x, y = np.array(rows), np.array(right)
    fold = np.arange(len(y)) // 2 % 2
    odds = np.zeros(len(y))
    for part in (0, 1):
        coefficients, intercept = _fit_probability(x[fold != part], y[fold != part], worth[fold != part])
        odds[fold == part] = x[fold == part] @ coefficients + intercept
    held = HeldOut(probability=1.0 / (1.0 + np.exp(-odds)), right=y, answerable=np.arange(len(y)) % 2 == 0, worth=worth)
    return *_fit_probability(x, y, worth), held


def _fit_probability(rows: Floats, right: NDArray[np.bool_], worth: NDArray[np.float64]) -> tuple[Floats, float]:
    """Fit a logistic model without negative coefficients: to find more never makes an answer less likely.

    Left out is what helps to choose among passages but does not make one an answer: that its article's other passages
    are about the subject (`context`), and that its mean vector is (`vector`, `sentence_vector`). So is what one
    sentence alone says (`late_sentence`): the news tasks ask with words of one sentence, as users do not.
    """
    left_out = (*_OF_THE_SUBJECT, _ONE_SENTENCE)
    kept = [column for column in range(rows.shape[1]) if FEATURES[column] not in left_out]
    while True:
        model = LogisticRegression(C=10.0, max_iter=1000).fit(rows[:, kept], right, sample_weight=worth)
        worst = int(np.argmin(model.coef_[0]))
        if model.coef_[0][worst] >= 0:
            break
        kept.pop(worst)
    out = np.zeros(rows.shape[1], dtype=np.float32)
    out[kept] = model.coef_[0]
    return out, float(model.intercept_[0])


def fit(large: Sequence[Asked], small: Sequence[Asked]) -> dict[str, object]:
    """Fit everything on questions over large pools and over small ones; return what ``ranker.json`` holds.

    The order is fitted on every second question over the large pools. The rest, and those over small pools, serve for
    the scale. The confidence is fitted on the small pools: they lack an answer more often than they hide it, as a
    corpus does that is not about the question.

    The tasks of the two cases are not equally hard, and their log-odds alone would put a translation before the same
    words in the question's language in two of three cases. So the answers of both get the same log-odds on average.
    """
    out: dict[str, object] = {"features": list(FEATURES)}
    fitted: dict[str, tuple[Floats, float]] = {}
    answered: dict[str, float] = {}
    confidence: dict[str, object] = {}
    threshold, passing = THRESHOLD, 0.0
    for name, same in (("same", True), ("cross", False)):
        mine = [item for item in large if item.same is same]
        order = fit_order(mine[::2], strength=choose_strength(mine[::2]))
        few = [item for item in small if item.same is same]
        apart = mine[1::2] + few
        for task, value in measure(mine[1::2], order).items():
            logger.info("%-28s MRR %.3f", task, value)
        slope, offset = fit_scale(apart, order)
        coefficients, intercept, held = fit_confidence(few, order)
        if same:
            passing = held.passing(threshold)
        else:
            threshold = held.threshold(passing)
        shown = held.probability >= threshold
        logger.info(
            "%s: of %d best hits over the threshold of %.2f, %.2f answer; %.3f of the questions without an answer pass",
            *(name, shown.sum(), threshold, held.right[shown].mean(), held.passing(threshold)),
        )
        fitted[name] = slope * order, offset
        answered[name] = answers_log_odds(apart, *fitted[name])
        confidence[name] = {"coefficients": coefficients.tolist(), "intercept": intercept, "threshold": threshold}
        logger.info("%s: %s", name, dict(zip(FEATURES, order.round(2).tolist(), strict=True)))
    for name, (coefficients, offset) in fitted.items():
        balanced = offset + max(answered.values()) - answered[name]
        out[name] = {"coefficients": coefficients.tolist(), "intercept": balanced}
    logger.info("mean log-odds of answers, before they are made equal: %s", answered)
    return {**out, "confidence": confidence}


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=BUNDLED, help="folder of the table; ranker.json is written there")
    flags = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    table = TokenTable(flags.model)
    large = list(collect(table, ranker_tasks(flags.data, questions=400, pool=500)))
    draws = (ranker_tasks(flags.data, questions=40, pool=30, seed=seed) for seed in range(_SMALL_POOLS))
    small = [asked for tasks in draws for asked in collect(table, tasks)]
    path = flags.model / "ranker.json"
    before = json.loads(path.read_text("utf-8")) if path.exists() else {}  # what `training.context_ranker` fitted stays
    path.write_text(json.dumps({**before, **fit(large, small)}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
