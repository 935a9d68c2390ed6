"""Measure a table: retrieval on XQuAD by each of its uses, and translation retrieval on FLORES and Tatoeba."""

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.kernels import best_matches
from training.table import Floats
from training.tokens import Ints, TokenStore, starts_of
from training.vocabulary import Vocabulary

_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=\S)")
FLORES_LANGUAGES = ("ro", "sl", "de", "es", "fr", "it", "hr", "el", "ru", "tr")
TATOEBA_LANGUAGES = ("ron", "slv", "deu", "spa", "fra", "ita", "hrv")


def encode(vocabulary: Vocabulary, texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return all rows one after another and where each text begins; a text of no known token gets row 0."""
    rows = [found if len(found) else np.zeros(1, np.int32) for found in vocabulary.encode(texts)]
    starts = np.concatenate([[0], np.cumsum([len(found) for found in rows])])
    return np.concatenate(rows), starts.astype(np.int32)


def mean_vectors(table: Floats, tokens: Ints, starts: Ints) -> Floats:
    """Return unit-length mean vectors, `(texts, dimension)`."""
    sums = np.add.reduceat(table[tokens], starts[:-1], axis=0)
    unit: Floats = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return unit


def text_vectors(store: TokenStore, table: Floats, texts: Iterable[int]) -> Floats:
    """Return unit-length mean vectors of texts of a store, by their numbers; none of them is empty."""
    rows = [store.text(number) for number in texts]
    return mean_vectors(table, np.concatenate(rows), starts_of(rows))


def interaction(
    table: Floats, queries: tuple[Ints, Ints], passages: tuple[Ints, Ints], weights: Floats | None = None
) -> Floats:
    """Return MaxSim by the length of the query tokens' vectors, or by `weights` `(rows,)`, `(queries, passages)`."""
    length = np.linalg.norm(table, axis=1)
    unit = table / np.maximum(length, 1e-9)[:, None]
    columns, column_of = np.unique(queries[0], return_inverse=True)
    rows, row_of = np.unique(passages[0], return_inverse=True)
    best, _ = best_matches(unit[rows] @ unit[columns].T, row_of.astype(np.int32), passages[1])
    counting = (length if weights is None else weights)[queries[0]]
    totals = np.add.reduceat(counting, queries[1][:-1])
    weighed = counting[:, None] * best.T[column_of]
    return (np.add.reduceat(weighed, queries[1][:-1], axis=0) / np.maximum(totals, 1e-9)[:, None]).astype(np.float32)


def read_xquad(path: Path) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
    """Return paragraphs, questions, and the paragraph number of each question."""
    paragraphs: list[str] = []
    questions: list[str] = []
    answers: list[int] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                questions.append(question["question"])
                answers.append(len(paragraphs))
            paragraphs.append(paragraph["context"])
    return paragraphs, questions, np.asarray(answers)


def ndcg(scores: Floats, answers: npt.NDArray[np.int64]) -> float:
    """Return nDCG@10 where each query has one right passage: mean of 1 / log2(1 + rank), 0 beyond rank 10.

    Passages with the same score as the right one stand before it.
    """
    right = scores[np.arange(len(answers)), answers]
    rank = (scores >= right[:, None]).sum(1)
    return float(np.where(rank <= 10, 1 / np.log2(1 + rank), 0.0).mean())


def evaluate_xquad(
    table: Floats, vocabulary: Vocabulary, data: Path, weights: Floats | None = None
) -> dict[str, dict[str, float]]:
    """Return nDCG@10 for each use of the table and each direction `question language>paragraph language`."""
    sets = {language: read_xquad(data / "eval" / f"xquad.{language}.json") for language in ("ro", "en")}
    results: dict[str, dict[str, float]] = {}
    questions = {language: encode(vocabulary, s[1]) for language, s in sets.items()}
    for right, (paragraphs, _, answers) in sets.items():
        sentences = [_SENTENCE.split(paragraph) for paragraph in paragraphs]
        counts = np.cumsum([0, *map(len, sentences)])
        passages = encode(vocabulary, paragraphs)
        pieces = mean_vectors(table, *encode(vocabulary, [s for group in sentences for s in group]))
        whole = mean_vectors(table, *passages)
        for left, asked in questions.items():
            vectors = mean_vectors(table, *asked)
            sentence = np.maximum.reduceat(vectors @ pieces.T, counts[:-1], axis=1)
            late = interaction(table, asked, passages, weights)
            both = _z(sentence) + 2 * _z(late)
            uses = {"mean": vectors @ whole.T, "sentence": sentence, "maxsim": late, "sentence+2maxsim": both}
            for use, scores in uses.items():
                results.setdefault(use, {})[f"{left}>{right}"] = ndcg(scores, answers)
    return results


def evaluate_translation(table: Floats, vocabulary: Vocabulary, data: Path) -> dict[str, dict[str, float]]:
    """Return the part of sentences whose nearest in the other language is their translation, both ways averaged."""
    results: dict[str, dict[str, float]] = {}
    flores = {}
    for language in ("en", *FLORES_LANGUAGES):
        with gzip.open(data / "eval" / "flores-dev" / f"{language}.txt.gz", "rt", encoding="utf-8") as lines:
            flores[language] = encode(vocabulary, [line.strip() for line in lines])
    for language in FLORES_LANGUAGES:
        results.setdefault("flores mean", {})[language] = _matched(table, flores[language], flores["en"])
    results["flores mean"]["ro-sl"] = _matched(table, flores["ro"], flores["sl"])
    for code in TATOEBA_LANGUAGES:
        base = data / "eval" / "tatoeba" / f"tatoeba.{code}-eng"
        sides = [base.with_name(f"{base.name}.{s}").read_text(encoding="utf-8").splitlines() for s in (code, "eng")]
        results.setdefault("tatoeba mean", {})[code] = _matched(table, *(encode(vocabulary, s) for s in sides))
    return results


def _matched(table: Floats, left: tuple[Ints, Ints], right: tuple[Ints, Ints]) -> float:
    scores = mean_vectors(table, *left) @ mean_vectors(table, *right).T
    same = np.arange(len(scores))
    return float(((scores.argmax(1) == same).mean() + (scores.argmax(0) == same).mean()) / 2)


def _z(scores: Floats) -> Floats:
    standard: Floats = (scores - scores.mean(1, keepdims=True)) / (scores.std(1, keepdims=True) + 1e-9)
    return standard


def summary(results: dict[str, dict[str, float]]) -> str:
    """Return the results as a few aligned lines for the log."""
    return "\n".join(f"{use:18}" + " ".join(f"{k} {v:.3f}" for k, v in row.items()) for use, row in results.items())
