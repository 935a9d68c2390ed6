"""How fast, how small? ``python -m benchmarks.speed [--data DIR] [--quick] [--large]``.

What has a counterpart is measured beside the floor (faiss flat, bm25s and PyStemmer over the same passages and
vectors): both serve from a process of their own with one thread each, and are asked in turn, round by round, so that a
noisy machine disturbs both alike. Times mean little from machine to machine; ratios do. Writes ``speed-<commit>.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ParamSpec, TypedDict

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/speed.py` works too

from benchmarks.floor import build_floor
from benchmarks.machine import RESULTS, write_result
from benchmarks.texts import make_articles, make_questions
from rag.encoding import load_encoder
from rag.encoding.table import bundled_table
from rag.index import Index
from rag.indexing.passage_rows import prepare_documents
from rag.records import Document
from rag.settings import Settings
from rag.store.local import LocalStore

P = ParamSpec("P")

_ROOT = Path(__file__).resolve().parents[1]
_BATCH = 200  # articles in one transaction
_ROUND = 50  # questions before it is the other's turn
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


class Reply(TypedDict, total=False):
    """One line from serving.py; seconds for each question, memory in MB."""

    open_seconds: float
    encoder: dict[str, float]
    memory: dict[str, float]
    cpu: list[float]
    wall: list[float]


class Serving:
    """A process of serving.py. `opening` is what it said when it was ready."""

    def __init__(self, kind: str, folder: Path, *, one_core: bool = False) -> None:
        command = [sys.executable, "-m", "benchmarks.serving", kind, str(folder)]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, env=os.environ | _ONE_THREAD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if one_core:
            os.sched_setaffinity(self._process.pid, {max(os.sched_getaffinity(0))})
        self.opening = self._hear()

    def ask(self, first: int, last: int) -> Reply:
        """Ask a range of the questions; return CPU and wall seconds of each."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([first, last]) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _hear(self) -> Reply:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("error: benchmarks.serving ended early; its own message stands above")
        values: Reply = json.loads(line)
        return values


def build_index(folder: Path, articles: Iterator[Document], passages: int) -> dict[str, float]:
    """Add articles until the index holds at least `passages` passages."""
    place = folder / "index"
    with Index.create(place) as index:
        wall, cpu, documents = time.perf_counter(), time.process_time(), 0
        while int(index.info()["passages"]) < passages:
            batch = list(itertools.islice(articles, _BATCH))
            index.add(batch)
            documents += len(batch)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        stored = int(index.info()["passages"])
    return {
        "documents": documents,
        "passages": stored,
        "seconds": wall,
        "cpu_seconds": cpu,
        "passages_per_second": stored / wall,
        "documents_per_second": documents / wall,
    }


def write_questions(folder: Path, questions: Sequence[str]) -> None:
    """Write questions with their vectors where serving.py reads them."""
    (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
    np.save(folder / "questions.npy", load_encoder().encode_queries(questions))


def build_the_floor(folder: Path) -> float:
    """Build the floor from the very passages and vectors of the index; return the seconds that its libraries took."""
    with LocalStore.open(folder / "index") as store, store.view() as view:
        ids, _ = view.search_vectors(np.load(folder / "questions.npy")[0], view.count())
        return build_floor(folder / "floor", [row.text for row in view.passages(ids)], view.embeddings(ids))


def compare_serving(folder: Path, questions: int) -> dict[str, object]:
    """Ask all processes the same questions in turn; the first round only warms up."""
    servings = {kind: Serving(kind, folder) for kind in ("ours", "cited", "floor")}
    cpu: dict[str, list[list[float]]] = {kind: [] for kind in servings}
    memory = {}
    for number, first in enumerate(range(0, questions, _ROUND)):
        for kind in sorted(servings, reverse=bool(number % 2)):
            answer = servings[kind].ask(first, min(first + _ROUND, questions))
            memory[kind] = answer["memory"]
            if number:
                cpu[kind].append(answer["cpu"])
    for serving in servings.values():
        serving.close()
    rounds = {
        kind: [
            statistics.median(ours) / statistics.median(floor)
            for ours, floor in zip(cpu[kind], cpu["floor"], strict=True)
        ]
        for kind in ("ours", "cited")
    }
    figures: dict[str, object] = {
        kind: {
            "cpu": percentiles(list(itertools.chain(*cpu[kind]))),
            "open_seconds": serving.opening["open_seconds"],
            "memory": memory[kind],
            "memory_of_the_encoder": serving.opening["encoder"],
            "memory_without_encoder": memory[kind]["resident"] - serving.opening["encoder"]["resident"],
        }
        for kind, serving in servings.items()
    }
    return {
        **figures,
        "cpu_ratio": statistics.median(rounds["ours"]),
        "cpu_ratio_with_articles": statistics.median(rounds["cited"]),
        "cpu_ratio_by_round": rounds["ours"],
    }


def measure_whole(folder: Path, questions: int, kind: str = "whole") -> dict[str, object]:
    """Measure a question from text to hits (``whole``) or to ids and scores (``ranked``), encoder and rerank included.

    On one core.
    """
    serving = Serving(kind, folder, one_core=True)
    serving.ask(0, min(_ROUND, questions))
    answer = serving.ask(0, questions)
    serving.close()
    return {"wall": percentiles(answer["wall"]), "cpu": percentiles(answer["cpu"]), "memory": answer["memory"]}


def measure_one_document(folder: Path, documents: Sequence[Document]) -> dict[str, object]:
    """Add documents one at a time to the finished index, then remove them one at a time."""
    encoder, table = load_encoder(), bundled_table()
    settings = Settings.load()
    prepare, add = [], []
    with Index.open(folder / "index") as index:
        index.add(documents[:1])
        index.remove([documents[0].id])
        for document in documents:
            prepare.append(
                _seconds(
                    prepare_documents,
                    [document],
                    encoder=encoder,
                    table=table,
                    chunk_tokens=settings.chunk_tokens,
                    overlap=settings.chunk_overlap,
                )
            )
            add.append(_seconds(index.add, [document]))
        remove = [_seconds(index.remove, [document.id]) for document in documents]
    return {
        "add": percentiles(add),
        "of_which_reading_and_encoding": percentiles(prepare),
        "remove": percentiles(remove),
    }


def measure_imports(repeats: int = 5) -> dict[str, float]:
    """Import in fresh processes; the median of the seconds from the first line to the end of the import."""
    return {
        name: statistics.median(_import_seconds(name) for _ in range(repeats))
        for name in ("rag", "rag.index", "numpy", "faiss")
    }


def measure_encoder(articles: Sequence[Document], passages: int) -> dict[str, float]:
    """Encode passages of 80 words on all cores of this process."""
    words = list(itertools.chain.from_iterable(article.text.split() for article in articles))
    texts = [" ".join(words[start : start + 80]) for start in range(0, len(words) - 80, 80)]
    texts = list(itertools.islice(itertools.cycle(texts), passages))
    encoder = load_encoder()
    encoder.encode_passages(texts[:64])
    seconds = _seconds(encoder.encode_passages, texts)
    return {"passages": len(texts), "seconds": seconds, "passages_per_second": len(texts) / seconds}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds, and how many were measured."""
    median, high = np.percentile(seconds, [50, 95])
    return {"p50_ms": float(median) * 1000, "p95_ms": float(high) * 1000, "count": len(seconds)}


def folder_size(folder: Path) -> float:
    """Return the MB of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measure(folder: Path, *, data: Path | None, passages: int, questions: int, floor: bool) -> dict[str, object]:
    """Measure everything at one size; the floor can be left out where it would take too long to build."""
    articles = make_articles(max(60, passages // 2), data=data)
    spare, articles = articles[:20], articles[20:]
    figures: dict[str, object] = {"indexing": build_index(folder, iter(articles), passages)}
    write_questions(folder, make_questions(articles[: passages // 10], questions))
    sizes = {"ours": folder_size(folder / "index")}
    if floor:
        figures["floor_build_seconds"] = build_the_floor(folder)
        sizes["floor"] = folder_size(folder / "floor")
        figures["serving"] = compare_serving(folder, questions)
    figures["size_on_disk_mb"] = sizes
    figures["ranked"] = measure_whole(folder, questions, "ranked")
    figures["whole"] = measure_whole(folder, questions)
    figures["one_document"] = measure_one_document(folder, spare)
    return figures


def _seconds(work: Callable[P, object], *arguments: P.args, **options: P.kwargs) -> float:
    started = time.perf_counter()
    work(*arguments, **options)
    return time.perf_counter() - started


def _import_seconds(name: str) -> float:
    code = f"import time; started = time.perf_counter(); import {name}; print(time.perf_counter() - started)"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _show(name: str, values: object, indent: str = "") -> None:
    if isinstance(values, dict):
        print(f"{indent}{name}")
        for inner, value in values.items():
            _show(inner, value, indent + "  ")
    elif isinstance(values, float):
        print(f"{indent}{name}: {values:.4g}")
    elif not isinstance(values, list):
        print(f"{indent}{name}: {values}")


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(description="Measure speed and memory against a floor.")
    parser.add_argument("--data", type=Path, help="folder with mono/ and qa/; without it the text is made up")
    parser.add_argument("--quick", action="store_true", help="1,000 passages: a trial, not a result")
    parser.add_argument("--large", action="store_true", help="also 200,000 passages, without the floor (many minutes)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    options = parser.parse_args(arguments)
    sizes = [1_000 if options.quick else 20_000, *([200_000] if options.large else [])]
    content: dict[str, object] = {"quick": options.quick, "text": "given" if options.data else "made up"}
    content["import_seconds"] = measure_imports()
    content["encoder"] = measure_encoder(make_articles(200, data=options.data), 2_000 if options.quick else 20_000)
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="speed-") as folder:
            content[f"at_{size}"] = measure(
                Path(folder),
                data=options.data,
                passages=size,
                questions=200 if options.quick else 600,
                floor=size <= 20_000,
            )
    for name, values in content.items():
        _show(name, values)
    print(write_result("speed", content, folder=options.out))


if __name__ == "__main__":
    main()
