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
import gzip
import json
import pickle
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, write_result
from benchmarks.texts import make_articles, make_questions
from rag import Document, Index, Settings
from rag.components import manifest_for
from rag.encoding import load_encoder
from rag.encoding.table import bundled_table
from rag.indexing.passage_rows import prepare_documents
from rag.store import DocumentRows, LocalStore
from rag.store.tables.database import NAME

LANGUAGES = ("en", "ro", "sl", "de", "fr", "es", "it", "pt")
_SOURCES = ("coop_md", "opus_newstest", "tatoeba_test", "msdocs_dynamics", "sts_train")
_WORDS, _PARAGRAPHS = 80, 4  # of a paragraph, of an article: passages of 77 words
_OUTLETS = 40
_BATCH = 64  # documents in a transaction, as `rag index` has it
_QUESTIONS = 100
_LARGE = 1_000_000
_MB = 1 << 20


def read_sentences(data: Path) -> dict[str, list[str]]:
    """Return the distinct sentences of each language, from files of ``lang1, lang2, text1, text2``."""
    found: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
    for source in _SOURCES:
        with gzip.open(data / "train" / f"{source}.tsv.gz", "rt", encoding="utf-8") as file:
            for line in file:
                one, other, first, second = line.rstrip("\n").split("\t")
                for language, text in ((one, first), (other, second)):
                    if language in found and 5 <= text.count(" ") < _WORDS:
                        found[language][text] = None
    return {language: list(texts) for language, texts in found.items()}


def make_sentences() -> dict[str, list[str]]:
    """Return sentences of made-up words, the same ones as each language."""
    made = [f"{sentence}." for article in make_articles(2000) for sentence in article.text.rstrip(".").split(". ")]
    return dict.fromkeys(LANGUAGES, made)


def draw_articles(first: int, count: int, sentences: dict[str, list[str]]) -> list[Document]:
    """Return articles of sentences drawn at random; equal numbers, equal articles."""
    articles = []
    for number in range(first, first + count):
        draw = random.Random(number)
        language = LANGUAGES[number % len(LANGUAGES)]
        paragraphs = []
        for _ in range(draw.randint(_PARAGRAPHS - 1, _PARAGRAPHS + 2)):
            words: list[str] = []
            while len(words) < _WORDS - 10:
                words += draw.choice(sentences[language]).split()
            paragraphs.append(" ".join(words))
        articles.append(
            Document(
                id=f"a{number:07}",
                text="\n\n".join(paragraphs),
                title=" ".join(paragraphs[0].split()[:8]),
                language=language,
                outlet=f"Outlet {draw.randrange(_OUTLETS)}",
                published=date(2020, 1, 1) + timedelta(days=draw.randrange(2000)),
            )
        )
    return articles


def prepare(data: Path | None, folder: Path, passages: int) -> None:
    """Write rows of at least so many passages into a folder, batch by batch; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = read_sentences(data) if data else make_sentences()
    encoder, table = load_encoder(), bundled_table()
    there, batch = 0, 0
    while there < passages:
        path = folder / f"{batch:06}.rows"
        if path.exists():
            there += sum(len(rows.passages) for rows in read_batch(path))
        else:
            made = draw_articles(batch * _BATCH, _BATCH, sentences)
            rows = prepare_documents(made, encoder=encoder, table=table, chunk_tokens=160, overlap=0)
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(pickle.dumps(rows))
            unfinished.replace(path)
            there += sum(len(each.passages) for each in rows)
        batch += 1


def read_batch(path: Path) -> list[DocumentRows]:
    """Return the rows that `prepare` wrote to a file."""
    rows: list[DocumentRows] = pickle.loads(path.read_bytes())
    return rows


def batches(folder: Path, passages: int, skip: int = 0) -> Iterator[list[DocumentRows]]:
    """Yield batches of at least so many passages, after those of the first `skip`."""
    seen = 0
    for path in sorted(folder.glob("*.rows")):
        if seen >= skip + passages:
            return
        rows = read_batch(path)
        seen += sum(len(each.passages) for each in rows)
        if seen > skip:
            yield rows


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
        "articles": _BATCH * len(times),
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
        for number, question in enumerate(questions[count:]):
            document = first[number % len(first)].document
            index.add([replace(document, id=f"new{number:03}")] if number % 2 == 0 else [document])
            with _timed(changed):
                index.answer(question, k=5)
            with _timed(seen):
                index.answer(questions[number % count], k=5)
        facets: list[float] = []
        for _ in range(5):
            with _timed(facets):
                index.facets()
    return {
        "open CPU s": round(opened, 3),
        "answer CPU ms": _summary(answered),
        "first question after a change, CPU ms": _summary(changed),
        "an ordinary question after it, CPU ms": _summary(seen),
        "first question after a change over an ordinary one": round(
            statistics.median(changed) / statistics.median(seen), 2
        ),
        "facets CPU ms": _summary(facets),
        "dense pool: exact first 64 kept": kept,
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


def measure(rows: Path, place: Path, passages: int) -> dict[str, object]:
    """Return all figures of one size, each step in a process of its own."""
    values: dict[str, object] = {}
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
    if options.step:
        print(json.dumps(STEPS[options.step](options.rows, options.place, options.passages[0])))
        return
    sizes = [2000] if options.quick else [*options.passages, *([_LARGE] if options.large else [])]
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        rows = options.rows or Path(scratch, "rows")
        prepare(options.data, rows, max(sizes) + max(sizes) // 10)
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="index-", dir=scratch) as place:
                found[str(size)] = measure(rows, Path(place, "index"), size)
    print(json.dumps(found, indent=1))
    if not options.quick:
        print(write_result("scale", {"text": "real" if options.data else "made up", **found}, folder=options.out))


if __name__ == "__main__":
    main()
