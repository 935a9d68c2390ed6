"""The store alone, without an encoder: filling, opening, memory, searching beside faiss and bm25s, and single changes.

    python -m benchmarks.store [--passages 20000] [--quick] [--keep DIR]

The text is synthetic: words drawn with Zipf's law, 80 to a passage, ten passages to a document; unit vectors of 256
numbers.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.machine import write_result
from rag.records import Document, Filters
from rag.store import DocumentRows, LocalStore, Manifest, PassageRow

DIMENSION = 256
WORDS = 80  # in a passage
TOKENS = 110
PASSAGES = 10  # in a document
VOCABULARY = 60_000
MANIFEST = Manifest(model="synthetic", fingerprint="0", dimension=DIMENSION)

Floats = npt.NDArray[np.float32]

_SERVE = """
import sys, time, json, pathlib
def resident():
    fields = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
    return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon", "RssFile")}
import sqlite3, numpy, faiss
bare = resident()
from rag.store import LocalStore
imported = resident()
start = time.perf_counter()
store = LocalStore.open(sys.argv[1])
seconds = time.perf_counter() - start
opened = resident()
questions = json.loads(pathlib.Path(sys.argv[2]).read_text())
vectors = numpy.load(sys.argv[3])
for words, vector in zip(questions, vectors):
    with store.view() as view:
        ids = view.search_vectors(vector, 200)[0]
        found = view.search_terms([{word: 1.0} for word in words], 200)[0]
        both = numpy.unique(numpy.concatenate([ids, found]))
        view.tokens(both)
        view.embeddings(both)
        view.passages_with_documents(both[:10])
print(json.dumps({"open_seconds": seconds, "bare": bare, "imported": imported, "opened": opened, "served": resident()}))
"""


def make_documents(count: int, *, seed: int = 7, prefix: str = "d") -> list[DocumentRows]:
    """Make documents of synthetic text; the same ones for the same seed."""
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    names = [f"w{number}" for number in range(VOCABULARY)]
    weights = [1 / (rank + 3) for rank in range(VOCABULARY)]
    documents = []
    for number in range(count):
        pieces = [" ".join(draw.choices(names, weights, k=WORDS)) for _ in range(PASSAGES)]
        vectors = numbers.normal(size=(PASSAGES, DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows, start = [], 0
        for piece, vector in zip(pieces, vectors, strict=True):
            lemma = " ".join(word if draw.random() < 0.6 else f"{word[:3]}x" for word in piece.split())
            rows.append(
                PassageRow(
                    start=start,
                    end=start + len(piece),
                    embedding=vector,
                    surface=piece,
                    lemma=lemma,
                    tokens=numbers.integers(0, 65_000, TOKENS).astype(np.int32),
                    sentence_starts=np.array([0, 25, 50, 80], np.int32),
                    sentence_norms=np.ones(4, np.float32),
                )
            )
            start += len(piece) + 1
        document = Document(
            id=f"{prefix}{number}",
            text="\n".join(pieces),
            language=draw.choice(["ro", "sl", "en"]),
            outlet=f"o{number % 40}",
        )
        documents.append(DocumentRows(document=document, passages=rows, origin=f"{prefix}{number}.txt"))
    return documents


def fill(folder: Path, documents: Sequence[DocumentRows]) -> dict[str, float]:
    """Build an index and say how long storing and how long the snapshot took."""
    start = time.perf_counter()
    with LocalStore.create(folder, MANIFEST) as store, store.writing():
        for first in range(0, len(documents), 64):
            store.upsert(documents[first : first + 64])
        stored = time.perf_counter()
        store.optimise()
        finished = time.perf_counter()
        return {"store_seconds": stored - start, "snapshot_seconds": finished - stored, "bytes": store.size_on_disk()}


def serve(folder: Path, questions: Sequence[Sequence[str]], vectors: Floats) -> dict[str, object]:
    """Open the index in a fresh process, ask everything once, and return seconds and resident megabytes."""
    asked, embedded = folder / "questions.json", folder / "questions.npy"
    asked.write_text(json.dumps(questions))
    np.save(embedded, vectors)
    done = subprocess.run(
        [sys.executable, "-c", _SERVE, str(folder), str(asked), str(embedded)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def compare(
    folder: Path, documents: Sequence[DocumentRows], questions: Sequence[Sequence[str]], vectors: Floats, rounds: int
) -> dict[str, object]:
    """Return CPU milliseconds for each question, ours and the floor's, in rounds that take turns."""
    import bm25s
    import faiss

    faiss.omp_set_num_threads(1)
    passages = [row for rows in documents for row in rows.passages]
    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(np.stack([row.embedding for row in passages]))
    floor = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    floor.index([row.surface.split() for row in passages], show_progress=False)

    with LocalStore.open(folder) as store, store.view() as view:  # a view remembers scores: searches get new ones
        some = view.search_vectors(vectors[0], 300)[0]

        def lexical_floor(n: int) -> object:
            return floor.retrieve([list(questions[n])], k=200, show_progress=False, n_threads=1)

        def both(n: int) -> object:
            with store.view() as fresh:
                return fresh.search_vectors(vectors[n], 200), fresh.search_terms([{w: 1.0} for w in questions[n]], 200)

        three = Filters(languages=frozenset({"ro"}))
        measured: dict[str, Callable[[int], object]] = {
            "floor, both": lambda n: (flat.search(vectors[n : n + 1], 200), lexical_floor(n)),
            "ours, both": both,
            "faiss flat": lambda n: flat.search(vectors[n : n + 1], 200),
            "our vectors": lambda n: store.search_vectors(vectors[n], 200),
            "our vectors, one language": lambda n: store.search_vectors(vectors[n], 200, three),
            "bm25s": lexical_floor,
            "our terms": lambda n: store.search_terms([{word: 1.0} for word in questions[n]], 200),
            "our terms, 3 alternatives": lambda n: store.search_terms(
                [{word: 1.0, f"{word[:3]}x": 0.9, f"w{n}": 0.5} for word in questions[n]], 200
            ),
            "our terms, one language": lambda n: store.search_terms([{w: 1.0} for w in questions[n]], 200, three),
            "tokens of 300": lambda n: view.tokens(some),
            "ten passages": lambda n: view.passages_with_documents(some[:10]),
            "new view": lambda n: store.refresh(),
        }
        times: dict[str, list[float]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, call in measured.items():
                for number in range(len(questions)):
                    start = time.process_time()
                    call(number)
                    times[name].append(1000 * (time.process_time() - start))
    result: dict[str, object] = {name: _summary(values) for name, values in times.items()}
    ours, base = statistics.median(times["ours, both"]), statistics.median(times["floor, both"])
    result["ratio to the floor"] = round(ours / base, 3)
    return result


def change(folder: Path, extra: Sequence[DocumentRows]) -> dict[str, object]:
    """Return milliseconds for adding one document, seeing it, removing it and seeing that."""
    times: dict[str, list[float]] = {"add": [], "see it": [], "remove": [], "see that": []}
    with LocalStore.open(folder) as store:
        store.count()
        for rows in extra:
            steps: dict[str, Callable[[], object]] = {
                "add": lambda rows=rows: store.upsert([rows]),  # type: ignore[misc]
                "see it": store.refresh,
                "remove": lambda rows=rows: store.delete([rows.document.id]),  # type: ignore[misc]
                "see that": store.refresh,
            }
            for name, step in steps.items():
                start = time.perf_counter()
                step()
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: _summary(values) for name, values in times.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="2,000 passages, few rounds, no result file")
    parser.add_argument("--keep", type=Path, help="leave the index in this folder")
    options = parser.parse_args(arguments)
    passages, rounds = (2000, 2) if options.quick else (options.passages, 5)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="store-benchmark-"))
    try:
        documents = make_documents(passages // PASSAGES)
        draw = random.Random(1)
        questions = [draw.choice(draw.choice(documents).passages).surface.split()[:10] for _ in range(40)]
        vectors = np.random.default_rng(1).normal(size=(len(questions), DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        values: dict[str, object] = {"passages": passages, "filling": fill(folder, documents)}
        values["serving"] = serve(folder, questions, vectors)
        values["cpu_ms"] = compare(folder, documents, questions, vectors, rounds)
        values["wall_ms"] = change(folder, make_documents(20, seed=8, prefix="extra"))
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(values, indent=1))
    if not options.quick:
        print(write_result("store", values), file=sys.stderr)


def _summary(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 3), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3)}


if __name__ == "__main__":
    main()
