"""Fit how the contextual vectors join the table's ranker, and write it into ``ranker.json`` beside it.

    python -m training.context_ranker --data DATA --work build/context

The features of each task are kept in `--work`, so that an interrupted run goes on from there. The table's log-odds and
the two cosines join with fixed weights. Fitted for each of the two cases (passage in the question's language, or
not) are the scale on which the sum is the log-odds of answering, so that passages in different languages compare, and
what a passage without vectors gets for them: a line through the cosines of those that have them, over their log-odds.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoding.contextual import ContextualEncoder, Text
from rag.encoding.table import BUNDLED, TokenTable
from rag.retrieval.features import FEATURES
from rag.retrieval.ranker import Ranker, bundled_ranker
from rag.text.sentences import split_sentences
from training.context_ranker_data import context_tasks
from training.ranker import Asked, answers_log_odds, fit_scale, measure
from training.ranker_data import Task
from training.ranker_features import Pool

Floats = NDArray[np.float32]
logger = logging.getLogger(__name__)

_NEGATIVES = 8  # passages beside the answer that each signal puts highest
_WEIGHTS: Floats = np.array([1.0, 30.0, 30.0], dtype=np.float32)
"""Of the table's log-odds, of the cosine of the passage and of that of its best sentence. Left out of the fit one at a
time, twelve tasks had a reciprocal rank of .788 within a language and .867 across with these, and of .786 and .826 with
fitted ones, which follow the tasks that the others are most unlike."""
_TOP = 10  # passages of a question, by the fitted order, through whose cosines the line is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The candidates of each question of a task: rows of the table's features and of the cosines, the answer first."""

    task: str
    same: bool
    features: tuple[Floats, ...]
    cosines: tuple[Floats, ...]


def collect(task: Task, table: TokenTable, encoder: ContextualEncoder) -> Collected:
    """Compute the features of every question's candidates."""
    passages = [passage for document in task.documents for passage in document]
    texts = [Text(text=text, sentences=tuple(split_sentences(text, task.passage_language))) for text in passages]
    encoded = [each for first in range(0, len(texts), 16) for each in encoder.read(texts[first : first + 16])]
    pool = Pool(table, task.documents, task.passage_language)
    firsts = np.concatenate([[0], np.cumsum([len(document) for document in task.documents])])
    questions = encoder.encode_queries(task.questions)
    features, cosines = [], []
    for question, vector, (document, passage) in zip(task.questions, questions, task.answers, strict=True):
        rows = pool.features(question)
        found = np.array([[each.vector @ vector, (each.sentences @ vector).max(initial=-1.0)] for each in encoded])
        own = np.arange(firsts[document], firsts[document + 1])
        answer = int(own[passage if passage >= 0 else np.argmax(found[own, 0])])
        others = np.setdiff1d(np.arange(len(rows)), own)
        kept: set[int] = set()
        for column in np.concatenate([rows, found], axis=1).T:
            kept.update(others[np.argsort(-column[others], kind="stable")[:_NEGATIVES]].tolist())
        chosen = [answer, *sorted(kept)]
        features.append(rows[chosen].astype(np.float32))
        cosines.append(found[chosen].astype(np.float32))
    same = task.question_language == task.passage_language
    return Collected(task=task.name, same=same, features=tuple(features), cosines=tuple(cosines))


def load_or_collect(task: Task, work: Path, table: TokenTable, encoder: ContextualEncoder) -> Collected:
    """Return the features of a task, from an earlier run where there are any."""
    path = work / f"{task.name}.npz"
    if path.exists():
        with np.load(path) as kept:
            sizes = np.cumsum(kept["sizes"])[:-1]
            return Collected(
                task=task.name,
                same=bool(kept["same"]),
                features=tuple(np.split(kept["features"], sizes)),
                cosines=tuple(np.split(kept["cosines"], sizes)),
            )
    made = collect(task, table, encoder)
    work.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        same=made.same,
        features=np.concatenate(made.features),
        cosines=np.concatenate(made.cosines),
        sizes=[len(rows) for rows in made.features],
    )
    logger.info("features of %s", task.name)
    return made


def asked_of(collected: Collected, ranker: Ranker) -> list[Asked]:
    """Return the questions of a task with the table's log-odds and the cosines as their features."""
    found = []
    for rows, cosines in zip(collected.features, collected.cosines, strict=True):
        odds = ranker.log_odds(rows, np.full(len(rows), collected.same))
        both = np.concatenate([odds[:, None], cosines], axis=1).astype(np.float32)
        found.append(Asked(task=collected.task, same=collected.same, features=both, answer=0))
    return found


def plain_fusion(collected: Collected) -> float:
    """Return the reciprocal rank of the answer by the mean of the contextual cosine and BM25 over the best."""
    ranks = []
    for rows, cosines in zip(collected.features, collected.cosines, strict=True):
        words = rows[:, FEATURES.index("lexical")]
        scores = cosines[:, 0] + words / max(float(words.max()), 1e-9)
        ranks.append(1.0 / (1 + int((scores > scores[0]).sum())))
    return float(np.mean(ranks))


def fit_line(asked: Sequence[Asked], weights: Floats) -> tuple[float, float]:
    """Return slope and offset of what the cosines give, over the table's log-odds, for the best candidates."""
    odds, given = [], []
    for item in asked:
        best = np.argsort(-(item.features @ weights), kind="stable")[:_TOP]
        odds.append(item.features[best, 0])
        given.append(item.features[best, 1:] @ weights[1:])
    slope, offset = np.polyfit(np.concatenate(odds), np.concatenate(given), 1)
    return max(0.0, float(slope)), float(offset)


def fit(tasks: Sequence[Collected], ranker: Ranker) -> dict[str, object]:
    """Fit both cases; the answers of both get the same log-odds on average, so that their hits compare."""
    fitted, answered = {}, {}
    for name, same in (("same", True), ("cross", False)):
        report(name, [task for task in tasks if task.same is same], ranker)
        mine = [item for task in tasks if task.same is same for item in asked_of(task, ranker)]
        slope, offset = fit_scale(mine, _WEIGHTS)
        fitted[name] = (slope * _WEIGHTS, offset, mine)
        answered[name] = answers_log_odds(mine, slope * _WEIGHTS, offset)
    out: dict[str, object] = {}
    for name, (weights, offset, mine) in fitted.items():
        out[name] = {
            "table": float(weights[0]),
            "passage": float(weights[1]),
            "sentence": float(weights[2]),
            "intercept": offset + max(answered.values()) - answered[name],
            "expected": fit_line(mine, weights),
        }
    return out


def report(name: str, tasks: Sequence[Collected], ranker: Ranker) -> None:
    """Log the reciprocal rank of the answers of each task by each signal alone, by plain fusion and by the whole."""
    logger.info("%s", name)
    for task in tasks:
        asked = asked_of(task, ranker)
        alone = [measure(asked, np.eye(3, dtype=np.float32)[n])[task.task] for n in range(3)]
        values = [*alone, plain_fusion(task), measure(asked, _WEIGHTS)[task.task]]
        logger.info("%-28s table %.3f passage %.3f sentence %.3f fusion %.3f whole %.3f", task.task, *values)


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where the features of each task are kept")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--pool", type=int, default=120)
    flags = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    table, encoder = TokenTable(BUNDLED), ContextualEncoder()
    tasks = context_tasks(flags.data, questions=flags.questions, pool=flags.pool)
    collected = [load_or_collect(task, flags.work, table, encoder) for task in tasks]
    path = BUNDLED / "ranker.json"
    values = json.loads(path.read_text("utf-8"))
    values["contextual"] = fit(collected, bundled_ranker())
    path.write_text(json.dumps(values, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
