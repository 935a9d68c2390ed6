"""Fit how the reader, the ranker and missing names join to the probability that a passage answers.

    python -m training.answer_weights --data DIR [--limit N]

Asks questions of XQuAD over all of its paragraphs, in Romanian and English and across, and reads the first eight
passages of each. The passage that a question was written for answers, the others do not: most of them are of the same
article, and nobody made them up. They hardly differ in names from the right one, so that XQuAD cannot say what it means
that a passage speaks of another town: the weights of names and numbers are set, and the others fitted beside them.
Beside them the first question of each paragraph is asked where its answering sentence is left out of the paragraph:
what is left is about the question and does not answer it, as a ranker cannot know. Every second group of five
paragraphs is kept back and measured. The threshold of a case is the one below which a tenth of the answerable questions
falls. Prints the section ``answer`` of ``ranker.json`` and what it gives.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.answers import Asked, xquad
from rag import Document, Index, Query, Settings
from rag.answering.asked_names import AskedNames
from rag.answering.reader import MOST, log_odds, to_read
from rag.components import Parts
from rag.store import LocalStore
from rag.text.sentences import split_sentences

CASES = {"same": (("ro", "ro"), ("en", "en")), "cross": (("en", "ro"), ("ro", "en"))}
FEATURES = ("reader", "rank", "names", "claim", "numbers")
SET = {"same": (-3.0, -6.0, -1.5), "cross": (-1.5, -6.0, -0.5)}
"""Log-odds taken from a passage whose article lacks a name of the question, that has no word for what is asked whether
it is so, and that lacks its numbers. Judgements, looked at on the questions about another town and on those of yes or
no of `benchmarks/answers.py`: odds of one in twenty for a town, less across languages, where it may have a name that we
do not know, and one in four hundred for what nothing is said of.
"""

_ABSTAINED = 0.1  # share of the answerable questions that may be left without an answer
_BLOCK = 5  # paragraphs of XQuAD in a row are of one article
_PRIOR = 1.0  # C of the regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A question with the evidence of each passage read, float64 `(n, 5)`, and which passage answers it."""

    evidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    held: NDArray[np.bool_]  # whether the best sentence of the passage holds the answer
    kept_back: bool
    answerable: bool


def read_all(documents: Sequence[Document], questions: Sequence[Asked]) -> list[Read]:
    """Ask every question of an index of the documents, and read what it finds."""
    with tempfile.TemporaryDirectory(prefix="answer-weights-") as folder:
        with Index.create(Path(folder) / "index") as index:
            index.add(documents)
            index.refine()
        settings = Settings(index=Path(folder) / "index")
        with LocalStore.open(settings.index) as store:
            parts = Parts(store, settings)
            return [_read(parts, asked) for asked in questions]


def left_out(documents: Sequence[Document], questions: Sequence[Asked]) -> tuple[list[Document], list[Asked]]:
    """Return the documents without the sentences that answer the first question of each, and these questions.

    A question whose answer stands elsewhere in its paragraph, too, is passed over.
    """
    first = {asked.document: asked for asked in reversed(questions)}
    less, unanswered = [], []
    for document in documents:
        asked, text = first[document.id], document.text
        cut = [(a, b) for a, b in split_sentences(text, document.language) if a < asked.end and asked.start < b]
        rest = text[: cut[0][0]] + text[cut[-1][1] :]
        if rest.strip() and text[asked.start : asked.end].casefold() not in rest.casefold():
            unanswered.append(replace(asked, kind="unanswerable"))
            document = Document(id=document.id, text=rest, language=document.language)
        less.append(document)
    return less, unanswered


def _read(parts: Parts, asked: Asked) -> Read:
    found = parts.retriever.search(Query(question=asked.question, k=MOST))
    model = parts.reading_model
    assert model is not None and asked.document is not None
    names = AskedNames(found.question)
    passages = [to_read(hit, found.question) for hit in found.hits]
    readings = model.read(found.question.text, passages)
    rows, held = [], []
    for hit, passage, reading in zip(found.hits, passages, readings, strict=True):
        missing = names.missing(hit)
        rows.append(
            [
                log_odds(reading.probability), log_odds(hit.score), missing.names, missing.claim, missing.numbers
            ]
        )  # fmt: skip
        best = max(range(len(reading.sentences)), key=lambda place: reading.sentences[place].probability)
        start, end = (hit.passage.start + edge for edge in passage.sentences[best])
        held.append(hit.document.id == asked.document and start <= asked.start and asked.end <= end)
    answerable = asked.kind == "answerable"
    right = [answerable and hit.document.id == asked.document for hit in found.hits]
    kept_back = int(asked.document[1:]) // _BLOCK % 2 == 1
    return Read(
        evidence=np.array(rows, np.float64).reshape(-1, len(FEATURES)),
        right=np.array(right, bool), held=np.array(held, bool), kept_back=kept_back, answerable=answerable,
    )  # fmt: skip


def fit(reads: Sequence[Read], *given: float) -> dict[str, float]:
    """Return weights, intercept and threshold of one case, with the weights given of what is missing."""
    from scipy.optimize import minimize

    rows = np.concatenate([read.evidence for read in reads])
    right = np.concatenate([read.right for read in reads])

    def loss(weights: NDArray[np.float64]) -> float:
        odds = rows @ weights[:-1] + weights[-1]
        return float(np.logaddexp(0, np.where(right, -odds, odds)).sum() + weights[:-1] @ weights[:-1] / (2 * _PRIOR))

    bounds = [(0, None)] * 2 + [(weight, weight) for weight in given] + [(None, None)]
    weights = minimize(loss, np.zeros(len(FEATURES) + 1), bounds=bounds).x
    sure = sorted(float(probabilities(read, weights).max(initial=0.0)) for read in reads if read.answerable)
    threshold = sure[int(_ABSTAINED * len(sure))]
    keys = (*FEATURES, "intercept", "threshold")
    return {name: round(float(value), 3) for name, value in zip(keys, (*weights, threshold), strict=True)}


def probabilities(read: Read, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each passage."""
    return np.asarray(1 / (1 + np.exp(-(read.evidence @ weights[:-1] + weights[-1]))))


def measure(reads: Sequence[Read], fitted: dict[str, float]) -> dict[str, float]:
    """Return the shares answered, held by the first quote, and answered without the passage or its sentence."""
    weights = np.array([fitted[name] for name in (*FEATURES, "intercept")])
    counts: dict[str, list[bool]] = {
        name: []
        for name in ("answered", "first quote holds the answer", "answered without its passage", "without its sentence")
    }
    for read in reads:
        chances = probabilities(read, weights)
        best = int(chances.argmax())
        answered = bool(chances[best] >= fitted["threshold"])
        if not read.answerable:
            counts["without its sentence"].append(answered)
            continue
        counts["answered"].append(answered)
        counts["first quote holds the answer"].append(answered and bool(read.held[best]))
        counts["answered without its passage"].append(
            bool(chances[~read.right].max(initial=0.0) >= fitted["threshold"])
        )
    return {name: round(float(np.mean(own)), 3) for name, own in counts.items()} | {"questions": len(reads)}


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=400, help="questions a pair of languages")
    flags = parser.parse_args()
    fitted = {}
    for case, pairs in CASES.items():
        reads: dict[str, list[Read]] = {}
        for asked_in, written_in in pairs:
            documents, questions = xquad(flags.data, asked_in, written_in)
            chosen = questions[:: max(1, len(questions) // flags.limit)][: flags.limit]
            reads[f"{asked_in}>{written_in}"] = read_all(documents, chosen) + read_all(*left_out(documents, questions))
        fitted[case] = fit([read for own in reads.values() for read in own if not read.kept_back], *SET[case])
        for pair, own in reads.items():
            print(case, pair, json.dumps(measure([read for read in own if read.kept_back], fitted[case])), flush=True)
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main()
