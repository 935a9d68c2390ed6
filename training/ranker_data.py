"""Questions with known passages for fitting the ranker: never the evaluation sets, nor anything made from them.

There are few real questions outside English, so titles of laws stand in for questions to their articles, and spans of
a news sentence for questions to the translated sentences around it.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Questions in one language over passages in one language; `answers[i]` is the passage of question `i`."""

    name: str
    question_language: str
    passage_language: str
    questions: tuple[str, ...]
    passages: tuple[str, ...]
    answers: tuple[int, ...]


HELD_OUT = ("squad_train_qg_en", "norquad_nb", "covidqa_en", "law_ro", "law_sl", "opus_newstest")
"""Sources that the table behind the features must not have been trained on: a table that has seen a question with its
passage makes its own signals look better than they are, and BM25 useless."""

_NEWS = ("de", "es", "fr", "ru", "cs")


def ranker_tasks(data: Path, *, questions: int = 250, pool: int = 1200, seed: int = 7) -> list[Task]:
    """Read all tasks, each with at most `questions` questions over at most `pool` passages."""
    random = np.random.default_rng(seed)
    tasks = [_squad(data), _plain(data, "covidqa_en", "en"), _plain(data, "norquad_nb", "nb")]
    tasks += [_plain(data, f"law_{language}", language) for language in ("ro", "sl")]
    for other in _NEWS:
        tasks += _spans(data, "opus_newstest", other, random)
    return [_sample(task, questions, pool, random) for task in tasks if len(task.questions) >= 30]


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def _task(name: str, asked: str, answered: str, pairs: list[tuple[str, str]]) -> Task:
    places: dict[str, int] = {}
    answers = [places.setdefault(passage, len(places)) for _, passage in pairs]
    return Task(
        name=name, question_language=asked, passage_language=answered,
        questions=tuple(question for question, _ in pairs), passages=tuple(places), answers=tuple(answers),
    )  # fmt: skip


def _plain(data: Path, name: str, language: str) -> Task:
    pairs = [(row[1], _shortened(row[2])) for row in _rows(data / "qa" / f"{name}.tsv.gz")]
    seen: set[str] = set()
    unique = [pair for pair in pairs if not (pair[0] in seen or seen.add(pair[0]))]  # type: ignore[func-returns-value]
    return _task(name, language, language, unique)


def _squad(data: Path) -> Task:
    """Join each five consecutive answer sentences, which come from the same article, into a passage."""
    rows = list(_rows(data / "qa" / "squad_train_qg_en.tsv.gz"))
    sentences = list(dict.fromkeys(row[2] for row in rows))
    home = {sentence: number // 5 for number, sentence in enumerate(sentences)}
    passages = [" ".join(sentences[first : first + 5]) for first in range(0, len(sentences), 5)]
    return _task("squad_train", "en", "en", [(row[1], passages[home[row[2]]]) for row in rows])


def _spans(data: Path, source: str, other: str, random: np.random.Generator) -> list[Task]:
    """Ask with a part of a sentence in one language for its surroundings in the other, both ways."""
    rows = [
        (row[2], row[3])
        for row in _rows(data / "train" / f"{source}.tsv.gz")
        if row[0] == "en" and row[1] == other and len(row[2]) > 60
    ][:6000]
    tasks = []
    for asked, answered, side in (("en", other, 0), (other, "en", 1)):
        pairs = []
        for first in range(0, len(rows) - 4, 4):
            group = rows[first : first + 4]
            passage = " ".join(row[1 - side] for row in group)
            words = group[int(random.integers(4))][side].split()
            kept = [word for word in words if random.random() < 0.6] or words
            pairs.append((" ".join(kept[:14]), passage))
        tasks.append(_task(f"{source}_{asked}_{answered}", asked, answered, pairs))
    return tasks


def _sample(task: Task, questions: int, pool: int, random: np.random.Generator) -> Task:
    chosen = np.sort(random.choice(len(task.questions), min(questions, len(task.questions)), replace=False))
    needed = sorted({task.answers[i] for i in chosen})
    rest = np.setdiff1d(np.arange(len(task.passages)), needed)
    filler = random.choice(rest, min(len(rest), max(0, pool - len(needed))), replace=False).tolist()
    kept = sorted([*needed, *filler])
    place = {old: new for new, old in enumerate(kept)}
    return Task(
        name=task.name, question_language=task.question_language, passage_language=task.passage_language,
        questions=tuple(task.questions[i] for i in chosen), passages=tuple(task.passages[i] for i in kept),
        answers=tuple(place[task.answers[i]] for i in chosen),
    )  # fmt: skip


def _shortened(passage: str, words: int = 150) -> str:
    return " ".join(passage.split()[:words])
