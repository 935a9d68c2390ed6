"""Is the confidence honest? ``python -m benchmarks.calibration --data DIR [--quick]``.

Half of XQuAD's paragraphs, every second one, are left out of the index: the questions about them have no answer there,
while their neighbours from the same article still tempt. A question is right when the top passage is the one that
answers; a question without an answer is always wrong. Each direction has an index of its own; `mixed` has the
paragraphs of all languages in one, as a corpus from many countries does. XQuAD is used for no training
and no threshold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/calibration.py` works too

from benchmarks.confidence import (
    Floats,
    area_under,
    brier_score,
    calibration_error,
    reliability,
    risk_coverage,
    separation,
)
from benchmarks.drawing import Line, line_chart, write_svg
from benchmarks.machine import RESULTS, commit, write_result
from benchmarks.prepare import XQUAD_LANGUAGES, xquad_dataset
from rag.errors import RagError
from rag.evaluation import Dataset
from rag.index import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What happened to every question ``(n,)`` of one direction; 1 is yes, 0 is no."""

    name: str
    confidence: Floats
    right: Floats
    answerable: Floats
    answered: Floats


def hold_out(dataset: Dataset) -> Dataset:
    """Leave every second document out; all questions stay, those about missing documents without an answer."""
    corpus = dataset.corpus[::2]
    kept = {row.id for row in corpus}
    qrels = {
        query_id: {name: grade for name, grade in grades.items() if name in kept}
        for query_id, grades in dataset.qrels.items()
    }
    return replace(dataset, corpus=corpus, qrels=qrels)


def together(datasets: Sequence[Dataset], *, name: str) -> Dataset:
    """Put corpora that are asked the same questions into one; any of the passages that answered may."""
    qrels: dict[str, dict[str, int]] = {}
    for dataset in datasets:
        for query_id, grades in dataset.qrels.items():
            found = {f"{dataset.name}/{row}": grade for row, grade in grades.items()}
            qrels.setdefault(query_id, {}).update(found)
    corpus = [replace(row, id=f"{dataset.name}/{row.id}") for dataset in datasets for row in dataset.corpus]
    return replace(datasets[0], name=name, corpus=tuple(corpus), qrels=qrels)


def ask_all(dataset: Dataset, *, limit: int | None = None) -> Outcomes:
    """Index a dataset in a temporary folder and answer its questions, the first `limit` of them."""
    rows = []
    with (
        tempfile.TemporaryDirectory(prefix="calibration-") as folder,
        Index.create(Path(folder) / "index") as index,
    ):
        index.add(dataset.corpus)
        for query_id, question in list(dataset.queries.items())[:limit]:
            relevant = {name for name, grade in dataset.qrels.get(query_id, {}).items() if grade > 0}
            answer = index.answer(question)
            top = answer.hits[0] if answer.hits else None
            if top is not None and top.confidence is None:
                raise RagError("hits carry no confidence: this index's model is not calibrated. Use the bundled model")
            rows.append(
                (
                    0.0 if top is None else top.confidence,
                    top is not None and top.document.id in relevant,
                    bool(relevant),
                    not answer.abstained,
                )
            )
    columns = np.array(rows, dtype=np.float64).T
    return Outcomes(
        name=dataset.name, confidence=columns[0], right=columns[1], answerable=columns[2], answered=columns[3]
    )


def pool(outcomes: list[Outcomes]) -> Outcomes:
    """Put all directions together."""
    fields = ("confidence", "right", "answerable", "answered")
    return Outcomes(name="all", **{name: np.concatenate([getattr(one, name) for one in outcomes]) for name in fields})


def summarise(outcomes: Outcomes) -> dict[str, object]:
    """Return the figures of one direction as plain values."""
    confidence, right = outcomes.confidence, outcomes.right
    bins = reliability(confidence, right)
    curve = risk_coverage(confidence, right)
    answered, answerable = outcomes.answered == 1, outcomes.answerable == 1
    return {
        "questions": len(confidence),
        "answerable": int(answerable.sum()),
        "calibration_error": calibration_error(bins),
        "brier": brier_score(confidence, right),
        "separation": separation(confidence, right),
        "area_under_risk_coverage": area_under(curve),
        "at_the_threshold": {
            "answered_of_answerable": float(answered[answerable].mean()),
            "answered_of_unanswerable": float(answered[~answerable].mean()),
            "wrong_of_answered": float(1 - right[answered].mean()) if answered.any() else None,
        },
        "bins": [{"confidence": one.confidence, "right": one.right, "count": one.count} for one in bins],
        "risk_coverage": curve[:: max(1, len(curve) // 200)],
    }


def draw(outcomes: list[Outcomes], folder: Path) -> list[Path]:
    """Write the reliability diagram and the risk-coverage curve."""
    reliable = [
        Line(
            name=f"{one.name} ({calibration_error(bins):.3f})",
            points=[(group.confidence, group.right) for group in bins],
            dots=True,
        )
        for one in outcomes
        if (bins := reliability(one.confidence, one.right))
    ]
    risky = [
        Line(name=f"{one.name} ({area_under(curve):.3f})", points=curve)
        for one in outcomes
        if (curve := risk_coverage(one.confidence, one.right))
    ]
    return [
        write_svg(
            folder / f"reliability-{commit()}.svg",
            line_chart(
                reliable,
                title="Reliability, half of the questions unanswerable (calibration error)",
                x="confidence of the top passage",
                y="share of top passages that answer",
                diagonal=True,
            ),
        ),
        write_svg(
            folder / f"risk-coverage-{commit()}.svg",
            line_chart(
                risky,
                title="Risk and coverage, half of the questions unanswerable (area)",
                x="share of questions answered, most confident first",
                y="share wrong among the answered",
            ),
        ),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Ask in four directions, print the figures, write JSON and two pictures."""
    parser = argparse.ArgumentParser(description="Measure how honest the confidence is.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds eval/xquad.*.json")
    parser.add_argument("--quick", action="store_true", help="100 questions in each direction: a trial, not a result")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    options = parser.parse_args(arguments)
    limit = 100 if options.quick else None
    outcomes, mixed = [], []
    for asked in XQUAD_LANGUAGES:
        datasets = [hold_out(xquad_dataset(options.data, asked, found)) for found in XQUAD_LANGUAGES]
        outcomes += [ask_all(dataset, limit=limit) for dataset in datasets]
        mixed.append(ask_all(together(datasets, name=f"xquad-{asked}-mixed"), limit=limit))
    outcomes += [pool(outcomes), *mixed]
    figures = {one.name: summarise(one) for one in outcomes}
    for name, values in figures.items():
        print(
            f"{name}: calibration error {values['calibration_error']:.3f}, Brier {values['brier']:.3f}, "
            f"separation {values['separation']:.3f}, at the threshold {values['at_the_threshold']}"
        )
    paths = [write_result("calibration", {"quick": options.quick, "directions": figures}, folder=options.out)]
    for path in [*paths, *draw(outcomes, options.out)]:
        print(path)


if __name__ == "__main__":
    main()
