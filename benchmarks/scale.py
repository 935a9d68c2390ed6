"""What an index costs as it grows: memory, bytes written, storing, opening, changing and asking, by size.

    python -m benchmarks.scale --data DIR [--passages 20000 200000] [--large] [--rows FOLDER]

Articles of real sentences in eight languages (without `--data`: of made-up words), some 77 words to a passage, the
sentences drawn anew for each article. They are cut and encoded beforehand (kept in `--rows`), so that only the store is
measured; it is filled and used as by `rag index`, each step in a process of its own. Times are processor time. Memory
is what the process holds of its own beyond what it held before (`anonymous_mb`), and with the files that it has mapped
(`resident_mb`, which the system takes back when others need it). `--large` adds a million passages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import RESULTS, write_result
from benchmarks.scale_rows import BATCH, batches, prepare
from benchmarks.texts import make_questions
from rag import Filters, Index, Settings
from rag.components import manifest_for
from rag.encoding import load_encoder
from rag.records import ListQuery
from rag.store import DocumentRows, LocalStore
from rag.store.tables.database import NAME

_QUESTIONS = 100
_LARGE = 1_000_000
_MB = 1 << 20


class Peak:
    """The most memory that this process holds in a block, in MB beyond what it held before."""

    def __init__(self) -> None:
        self.anonymous_mb = self.resident_mb = 0.0
        self._done = threading.Event()

    def __enter__(self) -> Peak:
        self._before = _held()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            for name, now, before in zip(("anonymous_mb", "resident_mb"), _held(), self._before, strict=True):
                setattr(self, name, max(getattr(self, name), round(now - before, 1)))

    @property
    def values(self) -> dict[str, float]:
        """Both, by name."""
        return {"anonymous_mb": self.anonymous_mb, "resident_mb": self.resident_mb}


def _held() -> tuple[float, float]:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return int(fields["RssAnon"].split()[0]) / 1024, int(fields["VmRSS"].split()[0]) / 1024


def _written_mb() -> float:
    """Return the megabytes that this process has written to files so far, whether they reached the disk or not."""
    fields = dict(line.split(":") for line in Path("/proc/self/io").read_text("utf-8").splitlines())
    return int(fields["wchar"]) / _MB


def build(rows: Path, place: Path, passages: int) -> dict[str, object]:
    """Fill an index as `rag index` does, and write its snapshot."""
    encoder = load_encoder()
    manifest = manifest_for(encoder, replace(Settings.load({}), index=place))
    times: list[tuple[int, float]] = []
    stored, snapshots = 0, 0
    with LocalStore.create(place, manifest) as store, store.writing(), Peak() as peak:
        before = _written_mb()
        begun = time.process_time()
        for batch in batches(rows, passages):
            start = time.process_time()
            store.upsert(batch)
            times.append((sum(len(each.passages) for each in batch), time.process_time() - start))
            stored += times[-1][0]
            snapshots += store.optimise_if_due()
        store.optimise()
        spent = time.process_time() - begun
        written = _written_mb() - before
    database = (place / NAME).stat().st_size / _MB
    tenth = max(1, len(times) // 10)
    early = next(n for n in range(1, len(times) + 1) if sum(count for count, _ in times[:n]) >= min(stored, 20_000))
    return {
        "passages": stored,
        "articles": BATCH * len(times),
        "peak memory of writing and merging": peak.values,
        "storing a passage, CPU ms: first 20,000": _each(times[:early]),
        "storing a passage, CPU ms: last tenth": _each(times[-tenth:]),
        "whole, CPU ms a passage": round(1000 * spent / stored, 3),
        "snapshots written": snapshots + 1,
        "written MB": round(written),
        "database MB": round(database),
        "bytes written over bytes of the database": round(written / database, 1),
        "disk kB a passage": round(_folder_mb(place) * 1024 / stored, 2),
    }


def _each(times: Sequence[tuple[int, float]]) -> float:
    return round(1000 * sum(seconds for _, seconds in times) / sum(count for count, _ in times), 3)


def _folder_mb(place: Path) -> float:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / _MB


def verify(place: Path) -> dict[str, object]:
    """Check an index as `rag verify` does."""
    with LocalStore.open(place) as store, Peak() as peak:
        start = time.process_time()
        problems = store.verify()
        return {
            "verify peak": peak.values,
            "verify CPU s": round(time.process_time() - start, 1),
            "problems": len(problems),
        }


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    start = time.process_time()
    yield
    times.append(1000 * (time.process_time() - start))


def ask(rows: Path, place: Path, passages: int, count: int = _QUESTIONS, changes: int = 40) -> dict[str, object]:
    """Open an index and ask it; then change it, one article at a time, and ask after each change."""
    settings = replace(Settings.load({}), index=place, reader=False)
    first = next(batches(rows, 1))
    articles = [each.document for batch in batches(rows, passages) for each in batch[:2]]
    questions = make_questions(articles, count + changes)
    start = time.process_time()
    store = LocalStore.open(place)
    opened = time.process_time() - start
    store.close()
    answered: list[float] = []
    changed: list[float] = []
    seen: list[float] = []
    with Index.open(place, settings=settings) as index, Peak() as peak:
        for question in questions[: count // 5]:
            index.answer(question, k=5)
        for question in questions[:count]:
            with _timed(answered):
                index.answer(question, k=5)
        kept = _kept(place, first)
        dense, filtered = _search_dense(place, first)
        for number, question in enumerate(questions[count:]):
            document = first[number % len(first)].document
            index.add([replace(document, id=f"new{number:03}")] if number % 2 == 0 else [document])
            with _timed(changed):
                index.answer(question, k=5)
            with _timed(seen):
                index.answer(questions[number % count], k=5)
        pages: list[float] = []
        for _ in range(10):
            with _timed(pages):
                page = index.browse()
                index.browse(ListQuery(after=page.next))
                index.facets()
    return {
        "open CPU s": round(opened, 3),
        "answer CPU ms": _summary(answered),
        "first question after a change, CPU ms": _summary(changed),
        "an ordinary question after it, CPU ms": _summary(seen),
        "first question after a change over an ordinary one": round(
            statistics.median(changed) / statistics.median(seen), 2
        ),
        "corpus page, CPU ms": _summary(pages),
        "dense pool: exact first 64 kept": kept,
        "dense search, CPU ms": dense,
        "filtered dense search, CPU ms": filtered,
        "peak memory of asking": peak.values,
    }


def _kept(place: Path, first: Sequence[DocumentRows]) -> float:
    """Return how many of the exact first 64 of passages' vectors a dense search finds."""
    vectors = np.stack([row.embedding for each in first for row in each.passages])[:100]
    found = wanted = 0
    with LocalStore.open(place) as store, store.view() as view:
        segments = view.state.segments
        for vector in vectors:
            exact = np.concatenate([segment.vectors.array @ vector for segment in segments])
            alive = np.concatenate(
                [np.ones(len(each), np.bool_) if each.alive is None else each.alive for each in segments]
            )
            best = np.sort(exact[alive])[-64:]  # of equal ones it does not matter which are found
            found += int(np.count_nonzero(view.search_vectors(vector, 64)[1] >= best[0] - 1e-5))
            wanted += len(best)
    return round(found / wanted, 5)


def _search_dense(place: Path, first: Sequence[DocumentRows]) -> tuple[dict[str, float], dict[str, float]]:
    """Return what a dense search takes without filters, and with filters of a language, an outlet or some days."""
    vectors = [row.embedding for each in first for row in each.passages][:40]
    filters = [
        Filters(languages=frozenset({"ro"})),
        Filters(outlets=frozenset({"Outlet 7"})),
        Filters(published_from=date(2021, 1, 1), published_to=date(2023, 1, 1)),
        Filters(languages=frozenset({"sl"}), published_from=date(2024, 1, 1)),
    ]
    plain: list[float] = []
    filtered: list[float] = []
    with LocalStore.open(place) as store:
        for number, vector in enumerate(vectors):
            with store.view() as view:
                with _timed(plain):
                    view.search_vectors(vector, 200)
                with _timed(filtered):
                    view.search_vectors(vector, 200, filters[number % len(filters)])
    return _summary(plain), _summary(filtered)


def tabulate(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, object]]:
    """Return the figures that ought not to grow, by size; those that are over the same at the smallest size say so."""
    smallest = next(iter(found.values()))
    return {
        size: {
            "peak memory of writing and merging, MB": each["peak memory of writing and merging"]["anonymous_mb"],
            "verify peak, MB": each["verify peak"]["anonymous_mb"],
            "bytes written over bytes of the database": each["bytes written over bytes of the database"],
            "storing a passage, last tenth over first 20,000": round(
                each["storing a passage, CPU ms: last tenth"] / each["storing a passage, CPU ms: first 20,000"], 2
            ),
            "bytes written by adding 1 % over the bytes added": each[
                "bytes written by adding 1 % over the bytes added"
            ],
            "first question after a change over an ordinary one": each[
                "first question after a change over an ordinary one"
            ],
            "answer p95 over p50": _ratio(each["answer CPU ms"]["p95"], each["answer CPU ms"]["p50"]),
            "answer p50 over that at the smallest size": _ratio(
                each["answer CPU ms"]["p50"], smallest["answer CPU ms"]["p50"]
            ),
            "corpus page over that at the smallest size": _ratio(
                each["corpus page, CPU ms"]["p50"], smallest["corpus page, CPU ms"]["p50"]
            ),
            "opening with 9 % more over without": _ratio(
                each["opening with 9 % more, CPU ms"], each["opening without, CPU ms"]
            ),
            "disk kB a passage": each["disk kB a passage"],
            "dense pool: exact first 64 kept": each["dense pool: exact first 64 kept"],
            "filtered dense p95 over unfiltered p50": _ratio(
                each["filtered dense search, CPU ms"]["p95"], each["dense search, CPU ms"]["p50"]
            ),
        }
        for size, each in found.items()
    }


def _ratio(one: float, other: float) -> float:
    return round(one / other, 2)


def loosen(rows: Path, place: Path, passages: int) -> dict[str, object]:
    """Add one passage in a hundred, then nine in a hundred without a merge at the end, and open the index again."""
    times: list[float] = []
    for _ in range(3):
        with _timed(times):
            LocalStore.open(place).close()
    with LocalStore.open(place) as store, store.writing():
        before, size, stored = _written_mb(), _folder_mb(place), 0
        for batch in _renamed(batches(rows, passages // 100), "b"):
            store.upsert(batch)
            stored += sum(len(each.passages) for each in batch)
            store.optimise_if_due()
        written = _written_mb() - before
        added = stored * size / passages
    for batch in _renamed(batches(rows, 9 * passages // 100), "c"):
        with LocalStore.open(place) as store:
            store.upsert(batch)
            store.optimise_if_due()
    loose: list[float] = []
    for _ in range(3):
        with _timed(loose):
            LocalStore.open(place).close()
    return {
        "bytes written by adding 1 % over the bytes added": round(written / added, 1),
        "opening with 9 % more, CPU ms": round(statistics.median(loose)),
        "opening without, CPU ms": round(statistics.median(times)),
    }


def _renamed(found: Iterator[list[DocumentRows]], prefix: str) -> Iterator[list[DocumentRows]]:
    for batch in found:
        yield [replace(rows, document=replace(rows.document, id=prefix + rows.document.id)) for rows in batch]


def _summary(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2)}


def measure(rows: Path, place: Path, passages: int) -> dict[str, Any]:
    """Return all figures of one size, each step in a process of its own."""
    values: dict[str, Any] = {}
    for step in STEPS:
        command = [sys.executable, "-m", "benchmarks.scale", "--step", step, "--rows", str(rows)]
        command += ["--place", str(place), "--passages", str(passages)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        print(json.dumps({step: found}, indent=1), file=sys.stderr, flush=True)
        values |= found
    return values


STEPS: dict[str, Callable[[Path, Path, int], dict[str, object]]] = {
    "build": build,
    "verify": lambda rows, place, passages: verify(place),
    "ask": ask,
    "loosen": loosen,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with train/, real sentences")
    parser.add_argument("--passages", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--large", action="store_true", help="a million passages too")
    parser.add_argument("--rows", type=Path, help="keep the prepared rows in this folder, and use those that are there")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--quick", action="store_true", help="2,000 passages, no result file")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:  # one of the processes that `measure` starts
        print(json.dumps(STEPS[options.step](options.rows, options.place, options.passages[0])))
        return
    sizes = [2000] if options.quick else [*options.passages, *([_LARGE] if options.large else [])]
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        rows = options.rows or Path(scratch, "rows")
        prepare(options.data, rows, max(sizes) + max(sizes) // 10)
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="index-", dir=scratch) as place:
                found[str(size)] = measure(rows, Path(place, "index"), size)
    values = {"text": "real" if options.data else "made up", "table": tabulate(found), "figures": found}
    print(json.dumps(values["table"], indent=1))
    if not options.quick:
        print(write_result("scale", values, folder=options.out))


if __name__ == "__main__":
    main()
