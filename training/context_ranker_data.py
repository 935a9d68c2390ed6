"""Questions with known passages for fitting how the contextual vectors count: encyclopedia, FAQ, news and law.

None is from an evaluation set. Those of `training.ranker_data` are joined by questions that people wrote about French
and Norwegian articles, and by frequently asked questions in several languages, whose answers share few words with them.
The same questions stand in many languages in one source, so that they are asked in one for the answers in another.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.ranker_data import Task, ranker_tasks

_PAIRS = (("en", "ro"), ("en", "sl"), ("de", "sl"), ("ro", "en"))  # question and answer, of the parallel questions
_WITHIN = ("ro", "sl", "hr")
_LONGEST = 2000  # characters of a passage; longer ones are answers to everything


def context_tasks(data: Path, *, questions: int, pool: int, seed: int = 11) -> list[Task]:
    """Read all tasks, each with at most `questions` questions over at most `pool` passages."""
    random = np.random.default_rng(seed)
    tasks = [_sampled(task, questions, pool, random) for task in _own(data)]
    news = ranker_tasks(data, questions=questions, pool=pool // 2, seed=seed)
    return tasks + [task for task in news if task.name.startswith(("law_", "opus_newstest_en_de", "opus_newstest_cs"))]


def _own(data: Path) -> Iterator[tuple[str, str, str, list[tuple[str, str]]]]:
    """Yield name, language of questions and of passages, and the pairs of questions and passages."""
    for language in ("de", "en"):
        yield f"covid_faq_{language}", language, language, _pairs(data, "covid_faq", language)
    scratch = {language: _pairs(data, "faq_scratch", language) for language in {*_WITHIN, "en", "de"}}
    for language in _WITHIN:
        yield f"faq_scratch_{language}", language, language, scratch[language]
    for asked, answered in _PAIRS:
        if len(scratch[asked]) == len(scratch[answered]):
            pairs = [(q, a) for (q, _), (_, a) in zip(scratch[asked], scratch[answered], strict=True)]
            yield f"faq_scratch_{asked}_{answered}", asked, answered, pairs
    for name, language in (("squad_train_part_en", "en"), ("piaf_fr", "fr"), ("norquad_no", "nb")):
        yield name, language, language, _spans(data, name)


def _pairs(data: Path, name: str, language: str) -> list[tuple[str, str]]:
    with gzip.open(data / "qa" / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(question, answer[:_LONGEST]) for code, question, answer in rows if code == language]


def _spans(data: Path, name: str) -> list[tuple[str, str]]:
    found = []
    with gzip.open(data / "reading" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row["answers"]:
                found.append((row["question"], row["context"][:_LONGEST]))
    return found


def _sampled(
    given: tuple[str, str, str, list[tuple[str, str]]], questions: int, pool: int, random: np.random.Generator
) -> Task:
    name, asked, answered, pairs = given
    texts = list(dict.fromkeys(passage for _, passage in pairs))
    first = int(
        random.integers(max(1, len(texts) - pool + 1))
    )  # neighbours are of one subject, and so hard to tell apart
    kept = {text: number for number, text in enumerate(texts[first : first + pool])}
    there = [(question, kept[passage]) for question, passage in pairs if passage in kept]
    chosen = random.permutation(len(there))[:questions].tolist()
    return Task(
        name=name,
        question_language=asked,
        passage_language=answered,
        questions=tuple(there[n][0] for n in chosen),
        documents=tuple((text,) for text in kept),
        answers=tuple((there[n][1], 0) for n in chosen),
    )
