"""The threshold between answering and abstaining, on questions about the five articles.

    python -m benchmarks.abstention

27 questions that the articles answer (``tests/data/seeds-beir``) and 30 that they do not
(``tests/data/unanswerable.txt``). None of them was used to fit anything. For each threshold, were it the one for every
language, and for those that ship: how many of the former are answered, with the right article first, and how many of
the latter.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.machine import write_result
from rag import Index
from rag.evaluation.datasets import read_dataset

ROOT = Path(__file__).parent.parent
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)


def main() -> int:
    """Measure, print the table, and write it."""
    dataset = read_dataset(ROOT / "tests" / "data" / "seeds-beir")
    unanswerable = (ROOT / "tests" / "data" / "unanswerable.txt").read_text("utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder, Index.create(Path(folder) / "index") as index:
        index.sync(ROOT / "seeds")
        answerable = []
        for name, text in dataset.queries.items():
            relevant = {id_ for id_, grade in dataset.qrels.get(name, {}).items() if grade > 0}
            if relevant:
                answer = index.answer(text)
                right = answer.hits[0].document.id in relevant
                answerable.append((answer.confidence or 0.0, right, not answer.abstained))
        others = [(answer.confidence or 0.0, not answer.abstained) for answer in map(index.answer, unanswerable)]
    rows = [
        _row(
            threshold,
            [(sure >= threshold, right) for sure, right, _ in answerable],
            [sure >= threshold for sure, _ in others],
        )
        for threshold in THRESHOLDS
    ]
    rows.append(_row("as shipped", [(shown, right) for _, right, shown in answerable], [shown for _, shown in others]))
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    print(write_result("abstention", {"rows": rows}))
    return 0


def _row(threshold: float | str, answerable: list[tuple[bool, bool]], others: list[bool]) -> dict[str, object]:
    """Count those answered, of pairs (answered, right article first) and of the questions without an answer."""
    return {
        "threshold": threshold,
        "answered": sum(answered for answered, _ in answerable),
        "answered with the right article first": sum(answered and right for answered, right in answerable),
        "of": len(answerable),
        "answered though nothing in the corpus answers": sum(others),
        "of those": len(others),
    }


if __name__ == "__main__":
    sys.exit(main())
