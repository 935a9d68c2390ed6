"""Fit how sure the reader's logits are: `python -m training.reader_calibration --data DATA --model FOLDER`.

On one half of the development rows (never trained on), a logistic regression turns the two logits into the
probability that the passage answers, once for question and passage in one language and once across; every kind of
unanswerable example weighs the same, and so do answerable and unanswerable ones. The other half measures. Writes
`contextual.json`.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from training.reader_batches import CONTEXT_TOKENS, QUESTION_TOKENS
from training.reader_changes import Example
from training.reader_development import LONGEST_ANSWER
from training.reader_evaluation import ExportedReader
from training.reader_examples import KINDS, ExampleMaker
from training.reader_rows import BLOCK, SENTENCE_FILES, Row, is_held_out, read_rows
from training.reader_words import TARGETS, Dictionary, mixed, read_dictionaries, read_places

Floats = npt.NDArray[np.float64]
CASES = ("same", "across")
READER_TOKENS = 256
PENALTY = 0.002
"""On the squares of the weights, which are never negative: a higher logit may not make an answer less likely."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An example's kind, whether it answers, whether it is of the fitting half, and the two logits."""

    kind: str
    answers: bool
    fitting: bool
    logits: tuple[float, float]


def examples_of(
    rows: Sequence[Row], places: dict[str, list[str]], dictionaries: dict[str, Dictionary], *, most: int
) -> list[tuple[Row, Example]]:
    """Return development examples, each kind about equally often, people's unanswerable ones among them."""
    draw = random.Random(11)
    maker = ExampleMaker(rows, places, dictionaries)
    found: list[tuple[Row, Example]] = []
    human = 0
    for row in draw.sample(list(rows), len(rows)):
        if len(found) >= most:
            break
        if row.file in SENTENCE_FILES and draw.random() < 0.9:
            continue
        if not row.answers:
            human += 1
            if human < most / 6:
                example = maker.changed(row, "plain", draw)
                found.append((row, replace(example, kind="human unanswerable")))
            continue
        kind = draw.choice([*KINDS, "plain", "plain"])
        example = maker.changed(row, kind, draw)
        if example.kind == kind:
            found.append((row, example))
    return found


def across(example: Example, dictionaries: dict[str, Dictionary], draw: random.Random) -> Example:
    """Return an English example with its question in words of another language."""
    return replace(example, question=mixed(example.question, dictionaries[draw.choice(TARGETS)], 0.9, draw))


def judged(reader: ExportedReader, examples: Sequence[tuple[Row, Example]]) -> list[Judged]:
    """Return what the exported reader makes of the examples."""
    readings = reader.read([example for _, example in examples])
    return [
        Judged(example.kind, example.answers, row.place // BLOCK % 2 == 0, (reading.judged, reading.gap))
        for (row, example), reading in zip(examples, readings, strict=True)
    ]


def fitted(many: Sequence[Judged]) -> list[float]:
    """Return the weights of judgement and gap and the bias."""
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    kinds: dict[bool, set[str]] = defaultdict(set)
    for one in many:
        counts[_group(one)] += 1
        kinds[one.answers].add(_group(one)[0])
    weights = [1 / (counts[_group(one)] * len(kinds[one.answers])) for one in many]
    logits, truth = np.array([one.logits for one in many]), np.array([one.answers for one in many], float)
    shares = np.array(weights) / sum(weights)

    def loss(values: Floats) -> float:
        scores = logits @ values[:2] + values[2]
        return float(shares @ (np.logaddexp(0, scores) - truth * scores) + PENALTY * (values[:2] @ values[:2]))

    result = minimize(loss, [0.5, 0.5, 0.0], method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)])
    return [round(float(value), 4) for value in result.x]


def _group(one: Judged) -> tuple[str, bool]:
    return ("answerable" if one.answers else one.kind), one.answers


def probabilities(many: Sequence[Judged], calibration: Sequence[float]) -> Floats:
    """Return the calibrated probability of each example."""
    logits = np.array([one.logits for one in many])
    scores: Floats = logits @ np.array(calibration[:2]) + calibration[2]
    return 1 / (1 + np.exp(-scores))


def report(many: Sequence[Judged], calibration: Sequence[float]) -> dict[str, float]:
    """Return for each kind the share with a probability above one half, and the calibration error."""
    sure = probabilities(many, calibration)
    found = {}
    for answers in (True, False):
        for kind in sorted({one.kind for one in many if one.answers == answers}):
            chosen = [p for p, one in zip(sure, many, strict=True) if one.kind == kind and one.answers == answers]
            name = f"{'answered' if answers else 'answered wrongly'}, {kind}, of {len(chosen)}"
            found[name] = round(float(np.mean(np.array(chosen) > 0.5)), 3)
    truth = np.array([one.answers for one in many], float)
    bins = np.minimum((sure * 10).astype(int), 9)
    error = sum(
        abs(sure[bins == i].mean() - truth[bins == i].mean()) * (bins == i).mean()
        for i in range(10)
        if (bins == i).any()
    )
    positive, negative = sure[truth == 1], sure[truth == 0]
    found["unanswerable answered when 10 % of the answerable are refused"] = round(
        float((negative > np.quantile(positive, 0.1)).mean()), 3
    )
    found["expected calibration error"] = round(float(error), 3)
    return found


def main() -> None:
    """Fit, measure and write."""
    parser = argparse.ArgumentParser(prog="python -m training.reader_calibration", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--most", type=int, default=1500, help="examples of each language case")
    arguments = parser.parse_args()
    rows = [row for row in read_rows(arguments.data / "reading") if is_held_out(row)]
    dictionaries = read_dictionaries(arguments.data / "train")
    same = examples_of(rows, read_places(arguments.data / "train"), dictionaries, most=arguments.most)
    draw = random.Random(12)
    mixed_ones = [(row, across(example, dictionaries, draw)) for row, example in same if row.language == "en"]
    reader = ExportedReader(arguments.model)
    calibration = {}
    for case, examples in zip(CASES, (same, mixed_ones), strict=True):
        many = judged(reader, examples)
        calibration[case] = fitted([one for one in many if one.fitting])
        print(
            json.dumps({"case": case, **report([one for one in many if not one.fitting], calibration[case])}, indent=1)
        )
    document = {
        "format": 1, "source": "intfloat/multilingual-e5-small", "hidden": 384, "positions": 512,
        "query_prompt": "query: ", "passage_prompt": "passage: ",
        "special": {"begin": 0, "pad": 1, "end": 2, "unknown": 3},
        "limits": {
            "question_tokens": QUESTION_TOKENS, "context_tokens": CONTEXT_TOKENS, "reader_tokens": READER_TOKENS,
            "answer_tokens": LONGEST_ANSWER, "encoder_tokens": 512,
        },
        "calibration": calibration,
    }  # fmt: skip
    (arguments.model / "contextual.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
