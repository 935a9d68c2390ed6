"""The report of an evaluation: every way of searching a dataset beside the others, as a table and as JSON."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import DatasetError, RagError
from rag.evaluation.datasets import Dataset, read_dataset
from rag.evaluation.measures import LEVEL, RESAMPLES, SEED, Estimate, estimate, measure, measure_names
from rag.evaluation.runs import Run, run_search
from rag.records import Document, Hit, Mode

if TYPE_CHECKING:
    from rag.index import Index

MODES: tuple[Mode, ...] = ("dense", "lexical", "hybrid")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one run reached: an estimate for every measure by name, and its milliseconds a question where timed."""

    name: str
    estimates: Mapping[str, Estimate]
    milliseconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Runs over one dataset, measured on the same `questions` questions at a depth of `k`."""

    dataset: str
    documents: int
    questions: int
    k: int
    rows: tuple[Row, ...]


def evaluate(
    dataset_folder: Path | str,
    *,
    modes: Sequence[Mode] = MODES,
    model: str | None = None,
    k: int = 10,
    limit: int | None = None,
    index: Index | None = None,
) -> Report:
    """Measure retrieval on a folder in BEIR form, one run for each mode.

    ``hybrid`` is the whole pipeline, rerank included; ``dense`` and ``lexical`` are each search alone. Near-duplicates
    are not collapsed: every document is judged for itself. An index is built with `model` in a temporary folder and
    removed afterwards, unless one is given that holds the dataset's documents already. With `limit` only the first so
    many questions are asked.

    Raises:
        DatasetError: The dataset is malformed, or `index` lacks one of its relevant documents.
    """
    dataset = read_dataset(dataset_folder)
    if index is not None:
        _check_holds(index, dataset)
        return _evaluate_index(index, dataset, modes=modes, k=k, limit=limit)
    from rag.index import Index

    with (
        tempfile.TemporaryDirectory(prefix="rag-eval-") as folder,
        Index.create(Path(folder) / "index", model=model) as temporary,
    ):
        temporary.add(searchable_documents(dataset))
        return _evaluate_index(temporary, dataset, modes=modes, k=k, limit=limit)


def searchable_documents(dataset: Dataset) -> list[Document]:
    """Return the documents to index. A row that has only a title is found by it; a row with neither is left out."""
    rows = [row if row.text.strip() else replace(row, text=row.title, title="") for row in dataset.corpus]
    kept = [row for row in rows if row.text.strip()]
    if len(kept) < len(rows):
        _log.warning("%s: %d documents have neither text nor title", dataset.name, len(rows) - len(kept))
    return kept


def build_report(runs: Sequence[Run], dataset: Dataset, *, k: int = 10, limit: int | None = None) -> Report:
    """Measure runs that answered the same questions of one dataset."""
    qrels = {query_id: dataset.qrels[query_id] for query_id in dataset.judged(limit)}
    rows = []
    for run in runs:
        estimates = {name: estimate(values) for name, values in measure(run, qrels, k=k).items()}
        milliseconds = None if run.seconds is None else 1000 * run.seconds / len(qrels)
        rows.append(Row(name=run.name, estimates=estimates, milliseconds=milliseconds))
    return Report(dataset=dataset.name, documents=len(dataset.corpus), questions=len(qrels), k=k, rows=tuple(rows))


def format_report(report: Report) -> str:
    """Return the report as a table for people, with 95 % intervals and a line on how they were made."""
    names = measure_names(report.k)
    table = [["", *names, "ms/question"]]
    for row in report.rows:
        milliseconds = "-" if row.milliseconds is None else f"{row.milliseconds:.1f}"
        table.append([row.name, *(str(row.estimates[name]) for name in names), milliseconds])
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    ]
    head = f"{report.dataset}: {report.questions} questions over {report.documents} documents"
    foot = f"[low, high]: {LEVEL:.0%} interval, percentile bootstrap over questions, {RESAMPLES} resamples, seed {SEED}"
    return "\n".join([head, "", *lines, "", foot])


def report_as_dict(report: Report) -> dict[str, object]:
    """Return the report as plain values for ``json.dumps``, with the bootstrap's settings."""
    return {
        "dataset": report.dataset,
        "documents": report.documents,
        "questions": report.questions,
        "k": report.k,
        "interval": {"method": "percentile bootstrap", "level": LEVEL, "resamples": RESAMPLES, "seed": SEED},
        "runs": [
            {
                "name": row.name,
                "milliseconds_per_question": row.milliseconds,
                "measures": {
                    name: {"mean": value.mean, "low": value.low, "high": value.high}
                    for name, value in row.estimates.items()
                },
            }
            for row in report.rows
        ],
    }


def _evaluate_index(index: Index, dataset: Dataset, *, modes: Sequence[Mode], k: int, limit: int | None) -> Report:
    runs = []
    for mode in modes:

        def search(question: str, wanted: int, mode: Mode = mode) -> list[Hit]:
            return index.retrieve(question, k=wanted, mode=mode, rerank=mode == "hybrid", collapse=False)

        runs.append(run_search(search, dataset, name=mode, k=k, limit=limit))
    return build_report(runs, dataset, k=k, limit=limit)


def _check_holds(index: Index, dataset: Dataset) -> None:
    for query_id in dataset.judged():
        for document_id, grade in dataset.qrels[query_id].items():
            if grade <= 0:
                continue
            try:
                index.document(document_id)
            except RagError:
                raise DatasetError("dataset_document_missing", id=document_id, dataset=dataset.name) from None
