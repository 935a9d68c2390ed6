"""How good is retrieval, stage by stage? ``python -m benchmarks.quality --data DIR [--quick]``.

XQuAD in its four directions between Romanian and English with every stage on its own, joined, and left out; Tatoeba
both ways. Rows marked * go through `Index.retrieve` like a user's question; the others reorder the same candidates by
some of their features. Writes ``quality-<commit>.json`` and a picture of the table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/quality.py` works too

from benchmarks.drawing import Dot, dot_panels, write_svg
from benchmarks.machine import RESULTS, commit, write_result
from benchmarks.prepare import all_datasets
from rag.evaluation import Dataset, Report, Run, format_report, report_as_dict, run_search
from rag.evaluation.measures import difference, measure
from rag.evaluation.report import build_report, searchable_documents
from rag.evaluation.runs import Ranking as DocumentRanking
from rag.evaluation.runs import Search
from rag.index import Index
from rag.records import Filters, Mode
from rag.retrieval.candidates import union_of
from rag.retrieval.features import FEATURES
from rag.retrieval.fusion import Ranking, fuse_ranks
from rag.retrieval.ranker import bundled_ranker

WHOLE = "whole pipeline *"
FUSED = "mean of vector and BM25 *"

_CANDIDATES = 200  # of each search; a user's question takes fewer, but here each order stands for itself
_DEPTH = 10

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the stages found for one question: both searches, and all candidates' features ``(n, features)``."""

    dense: Ranking
    lexical: Ranking
    ids: npt.NDArray[np.int64]
    features: Floats
    same_language: npt.NDArray[np.bool_]

    def feature(self, name: str) -> Floats:
        """Return one feature of every candidate, ``(n,)``."""
        column: Floats = self.features[:, FEATURES.index(name)]
        return column

    def ordered(self, scores: Floats) -> Ranking:
        """Return the candidates by falling score."""
        order = np.lexsort((self.ids, -scores))
        return self.ids[order], scores[order]


Stage = Callable[[Candidates], Ranking]
Gains = dict[str, dict[str, dict[str, float]]]
"""Dataset -> stage -> the whole pipeline's gain in nDCG@10 over it: mean, low, high."""


def measure_directions(datasets: Sequence[Dataset], *, limit: int | None) -> tuple[list[Report], Gains]:
    """Run every stage over every dataset; also return what the whole pipeline gains over each stage, paired."""
    reports: list[Report] = []
    gains: Gains = {}
    for dataset in datasets:
        runs = _runs(dataset, limit=limit, ablate=dataset.name.startswith("xquad"))
        report = build_report(runs, dataset, k=_DEPTH, limit=limit)
        reports.append(report)
        gains[dataset.name] = _gains(runs, dataset, limit=limit)
        print(format_report(report), end="\n\n", flush=True)
    return reports, gains


def draw(reports: Sequence[Report], *, measure_name: str = "nDCG@10") -> str:
    """Draw one panel for each dataset, a row for each stage."""
    panels = []
    for report in reports:
        estimates = [(row.name, row.estimates[measure_name]) for row in report.rows]
        dots = [Dot(row=name, value=found.mean, low=found.low, high=found.high) for name, found in estimates]
        panels.append((report.dataset, dots))
    lowest = min(dot.low for _, dots in panels for dot in dots)
    return dot_panels(
        panels,
        title=f"{measure_name} by stage, question language first, at commit {commit()}",
        lowest=min(0.8, int(lowest * 10) / 10),
        note="* as a user's question goes; lines are 95 % bootstrap intervals over questions",
    )


def _runs(dataset: Dataset, *, limit: int | None, ablate: bool) -> list[Run]:
    with (
        tempfile.TemporaryDirectory(prefix="quality-") as folder,
        Index.create(Path(folder) / "index") as index,
    ):
        index.add(searchable_documents(dataset))
        switched = {
            "BM25 *": _searching(index, mode="lexical"),
            "vector *": _searching(index, mode="dense"),
            FUSED: _searching(index, rerank=False),
            WHOLE: _searching(index),
        }
        runs = {
            name: run_search(search, dataset, name=name, k=_DEPTH, limit=limit) for name, search in switched.items()
        }
        if ablate:
            runs |= _stage_runs(index, dataset, limit=limit)
    whole = runs.pop(WHOLE)
    return [*runs.values(), whole]


def _searching(index: Index, *, mode: Mode = "hybrid", rerank: bool = True) -> Search:
    return lambda question, k: index.retrieve(question, k, mode=mode, rerank=rerank, collapse=False)


def _stage_runs(index: Index, dataset: Dataset, *, limit: int | None) -> dict[str, Run]:
    stages = _stages()
    rankings: dict[str, dict[str, DocumentRanking]] = {name: {} for name in stages}
    for query_id, question in dataset.judged(limit).items():
        found, documents = _find_candidates(index, question)
        for name, stage in stages.items():
            ids, scores = stage(found)
            best: dict[str, float] = {}
            for passage, score in zip(ids.tolist(), scores.tolist(), strict=True):
                best.setdefault(documents[passage], score)
            rankings[name][query_id] = tuple(best.items())[:_DEPTH]
    return {name: Run(name=name, rankings=ranked) for name, ranked in rankings.items()}


def _find_candidates(index: Index, question: str) -> tuple[Candidates, Mapping[int, str]]:
    # The steps inside retrieval have no public face, and none is wanted for this alone.
    retriever = index._parts.retriever
    with index._store.view() as view:
        read = retriever._read(view, question)
        dense = view.search_vectors(read.vector, _CANDIDATES)
        lexical = view.search_terms(read.words, _CANDIDATES)
        scored = retriever._combine(view, read, _CANDIDATES, Filters())
        languages = view.languages_of(scored.ids)
        every = union_of(scored.ids, dense[0], lexical[0])
        documents = dict(zip(every.tolist(), view.passage_documents(every), strict=True))
    found = Candidates(
        dense=dense,
        lexical=lexical,
        ids=scored.ids,
        features=np.zeros((0, len(FEATURES)), dtype=np.float32) if scored.features is None else scored.features,
        same_language=np.array([read.language in (None, language) for language in languages]),
    )
    return found, documents


def _stages() -> dict[str, Stage]:
    """Return the orders of the candidates that no switch of `Index.retrieve` gives."""
    return {
        "reciprocal rank fusion of both": lambda found: fuse_ranks(found.dense, found.lexical),
        "best sentence's vector": lambda found: found.ordered(found.feature("sentence_vector")),
        "late interaction": lambda found: found.ordered(found.feature("late")),
        "late interaction by rarity": lambda found: found.ordered(found.feature("late_rare")),
        "sentence + 2 x late (z-scores)": lambda found: found.ordered(
            _z(found.feature("sentence_vector")) + 2 * _z(found.feature("late"))
        ),
        "learned, no vectors": _without("vector", "sentence_vector"),
        "learned, no late interaction": _without("late", "late_rare", "late_sentence", "cover"),
        "learned, no BM25": _without("lexical", "translated"),
        "learned, no translated BM25": _without("translated"),
    }


def _without(*names: str) -> Stage:
    """Return the learned combination with some coefficients at 0; they are not fitted anew."""
    kept = np.array([name not in names for name in FEATURES], dtype=np.float32)
    ranker = bundled_ranker()
    less = replace(ranker, same=ranker.same * kept, cross=ranker.cross * kept)
    return lambda found: found.ordered(less.log_odds(found.features, found.same_language))


def _z(values: Floats) -> Floats:
    spread = float(values.std())
    scaled: Floats = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return scaled


def _gains(runs: Sequence[Run], dataset: Dataset, *, limit: int | None) -> dict[str, dict[str, float]]:
    qrels = {query_id: dataset.qrels[query_id] for query_id in dataset.judged(limit)}
    values = {run.name: measure(run, qrels, k=_DEPTH)[f"nDCG@{_DEPTH}"] for run in runs}
    gains = {name: difference(values[WHOLE], other) for name, other in values.items() if name != WHOLE}
    return {name: {"mean": gain.mean, "low": gain.low, "high": gain.high} for name, gain in gains.items()}


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the tables, write JSON and two pictures."""
    parser = argparse.ArgumentParser(description="Measure retrieval stage by stage.")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that holds eval/xquad.*.json and eval/tatoeba/"
    )
    parser.add_argument("--quick", action="store_true", help="60 questions a dataset: a trial, not a result")
    parser.add_argument("--only", default="", help="only datasets whose name begins so, for example xquad-ro")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    options = parser.parse_args(arguments)
    datasets = [dataset for dataset in all_datasets(options.data) if dataset.name.startswith(options.only)]
    if not datasets:
        parser.error(f"no dataset's name begins with {options.only!r}; they are xquad-ro-ro, tatoeba-sl-en and so on")
    reports, gains = measure_directions(datasets, limit=60 if options.quick else None)
    content = {
        "quick": options.quick,
        "reports": [report_as_dict(report) for report in reports],
        "gain_of_the_whole_over": gains,
    }
    paths = [write_result("quality", content, folder=options.out)]
    for family in ("xquad", "tatoeba"):
        if shown := [report for report in reports if report.dataset.startswith(family)]:
            paths.append(write_svg(options.out / f"quality-{family}-{commit()}.svg", draw(shown)))
    for path in paths:
        print(path)


if __name__ == "__main__":
    main()
