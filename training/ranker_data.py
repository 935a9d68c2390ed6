"""Questions with known passages for fitting the ranker: never the evaluation sets, nor anything made from them.

All come from the part of the data that the table has not seen (`held_out.py`). There are few real questions outside
English, so titles of laws stand in for questions to their articles, and spans of a news sentence for questions to the
translated sentences around it. Documents have several passages, as articles do.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from rag.text.sentences import split_sentences
from training.held_out import NEWS, NEWS_LANGUAGES, NEWS_ROWS, QUESTION_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Questions in one language over documents in one language.

    `documents` are runs of passages. `answers[i]` are `(document, passage)` of question `i`; a passage of -1 says that
    any of the document's may hold the answer.
    """

    name: str
    question_language: str
    passage_language: str
    questions: tuple[str, ...]
    documents: tuple[tuple[str, ...], ...]
    answers: tuple[tuple[int, int], ...]


T = TypeVar("T")
_WORDS = 110  # of a passage, as `rag.indexing.chunking` aims for
_SENTENCES = 5  # of a passage made of sentences that answer questions
_ROWS = 4  # sentences of news in a passage


def ranker_tasks(data: Path, *, questions: int = 250, pool: int = 1200, seed: int = 7) -> list[Task]:
    """Read all tasks, each with at most `questions` questions over at most `pool` documents."""
    random = np.random.default_rng(seed)
    tasks = [_squad(data), _plain(data, "covidqa_en", "en"), _plain(data, "norquad_nb", "nb")]
    tasks += [_plain(data, f"law_{language}", language) for language in ("ro", "sl")]
    for other in NEWS_LANGUAGES:
        tasks += _spans(data, other, random)
    return [_sample(task, questions, pool, random) for task in tasks if len(task.questions) >= 30]


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n").split("\t")


def _questions(data: Path, name: str) -> list[list[str]]:
    return list(_rows(data / "qa" / f"{name}.tsv.gz"))[: QUESTION_ROWS[name]]


def _plain(data: Path, name: str, language: str) -> Task:
    places: dict[str, int] = {}
    asked: dict[str, int] = {}
    for _, question, text in _questions(data, name):
        asked.setdefault(question, places.setdefault(text, len(places)))
    return Task(
        name=name, question_language=language, passage_language=language, questions=tuple(asked),
        documents=tuple(_passages(text, language) for text in places),
        answers=tuple((place, -1) for place in asked.values()),
    )  # fmt: skip


def _passages(text: str, language: str) -> tuple[str, ...]:
    """Cut a text between sentences into passages of about `_WORDS` words; up to twice as many stay together."""
    if len(text.split()) <= 2 * _WORDS:
        return (text,)
    found: list[list[str]] = [[]]
    for start, end in split_sentences(text, language):
        if sum(len(sentence.split()) for sentence in found[-1]) >= _WORDS:
            found.append([])
        found[-1].append(text[start:end])
    return tuple(" ".join(sentences) for sentences in found if sentences)


def squad_rows(data: Path) -> list[tuple[str, str]]:
    """Return questions of SQuAD, each with the sentence that answers it; sentences of one article stand together."""
    return [(question, sentence) for _, question, sentence in _questions(data, "squad_train_qg_en")]


def _squad(data: Path) -> Task:
    """Join consecutive answer sentences, which come from one article, into passages, and two of these to a document."""
    rows = squad_rows(data)
    sentences = list(dict.fromkeys(answer for _, answer in rows))
    place = {sentence: number // _SENTENCES for number, sentence in enumerate(sentences)}
    return Task(
        name="squad_train", question_language="en", passage_language="en",
        questions=tuple(question for question, _ in rows),
        documents=_paired([" ".join(part) for part in _runs(sentences, _SENTENCES)]),
        answers=tuple((place[answer] // 2, place[answer] % 2) for _, answer in rows),
    )  # fmt: skip


def _spans(data: Path, other: str, random: np.random.Generator) -> list[Task]:
    """Ask with some words of a sentence in one language for its surroundings in the other, both ways.

    The words are shuffled: a question puts them in an order of its own.
    """
    rows = [row[2:4] for row in _rows(data / "train" / f"{NEWS}.tsv.gz") if row[0] == "en" and row[1] == other]
    groups = [group for group in _runs(rows[:NEWS_ROWS], _ROWS) if len(group) == _ROWS]
    tasks = []
    for asked, answered, side in (("en", other, 0), (other, "en", 1)):
        questions, answers = [], []
        for number, group in enumerate(groups):
            words = group[int(random.integers(_ROWS))][side].split()
            if len(words) < 6:
                continue
            kept = [word for word in words if random.random() < 0.6] or words
            questions.append(" ".join(random.permutation(kept[:14])))
            answers.append((number // 2, number % 2))
        documents = _paired([" ".join(row[1 - side] for row in group) for group in groups])
        tasks.append(
            Task(
                name=f"{NEWS}_{asked}_{answered}",
                question_language=asked,
                passage_language=answered,
                questions=tuple(questions),
                documents=documents,
                answers=tuple(answers),
            )
        )
    return tasks


def _runs(values: Sequence[T], size: int) -> list[Sequence[T]]:
    return [values[first : first + size] for first in range(0, len(values), size)]


def _paired(passages: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(pair) for pair in _runs(passages, 2))


def _sample(task: Task, questions: int, pool: int, random: np.random.Generator) -> Task:
    chosen = np.sort(random.choice(len(task.questions), min(questions, len(task.questions)), replace=False))
    needed = sorted({task.answers[i][0] for i in chosen})
    rest = np.setdiff1d(np.arange(len(task.documents)), needed)
    filler = random.choice(rest, min(len(rest), max(0, pool - len(needed))), replace=False).tolist()
    kept = sorted([*needed, *filler])
    place = {old: new for new, old in enumerate(kept)}
    return Task(
        name=task.name, question_language=task.question_language, passage_language=task.passage_language,
        questions=tuple(task.questions[i] for i in chosen), documents=tuple(task.documents[i] for i in kept),
        answers=tuple((place[task.answers[i][0]], task.answers[i][1]) for i in chosen),
    )  # fmt: skip
