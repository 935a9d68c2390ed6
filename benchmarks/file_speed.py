"""How many articles a second are read from each format, beside the library that reads it, alone.

Alone, trafilatura gives a page's text and pypdf that of each page of a PDF. Here, the same files go the whole way to a
document: bytes, kind, text, language, metadata, masks. The ratios are of processor time, on which other load counts
little; what other processes bring is a ratio of the time that passes. So is what they bring to the whole of
`rag index`, in which files are read while those before them are encoded and stored.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/file_speed.py` works too

from benchmarks.format_files import write_formats
from benchmarks.machine import RESULTS, write_result
from benchmarks.texts import make_articles
from rag.index import Index
from rag.indexing.folder import list_files
from rag.readers.files import read_files
from rag.readers.source_file import SourceFile
from rag.records import Document
from rag.settings import ReadLimits, Settings


def main() -> None:
    """Write articles in every format, read them in turns, and compare."""
    parser = argparse.ArgumentParser(description="How many articles a second are read?")
    parser.add_argument("--articles", type=int, default=300, help="of each format")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=1000, help="web pages in the folder that is indexed whole")
    parser.add_argument("--quick", action="store_true", help="a short trial; its figures mean nothing")
    parser.add_argument("--out", type=Path, default=RESULTS)
    flags = parser.parse_args()
    count, rounds, pages = (30, 2, 150) if flags.quick else (flags.articles, flags.rounds, flags.files)
    workers = max(2, Settings.load({}).workers)
    with tempfile.TemporaryDirectory() as place:
        folders = write_formats(make_articles(count), Path(place))
        formats = {name: measure(folder, count, rounds=rounds, workers=workers) for name, folder in folders.items()}
    with tempfile.TemporaryDirectory() as place:
        folder = write_formats(make_articles(pages), Path(place), only="html")["html"]
        whole = measure_indexing(folder, pages, rounds=rounds, workers=workers)
    values = {"articles": count, "rounds": rounds, "workers": workers, "formats": formats, "indexing": whole}
    print(json.dumps(values, indent=1), write_result("file_speed", values, folder=flags.out))


def measure(folder: Path, count: int, *, rounds: int, workers: int) -> dict[str, float]:
    """Return articles a second, and the ratios to the library alone and to reading in this process."""
    files = list_files(folder)
    alone = {".html": _trafilatura, ".pdf": _pypdf}.get(files[0].path.suffix)
    _read(files, 0)  # libraries are imported, models loaded
    ours, theirs, here, there = [], [], [], []
    for _ in range(rounds):
        cpu, wall = _seconds(lambda: _read(files, 0, count))
        ours.append(cpu)
        here.append(wall)
        there.append(_seconds(lambda: _read(files, workers, count))[1])
        if alone is not None:
            theirs.append(_seconds(lambda: [alone(file.path) for file in files])[0])
    values = {
        "articles_a_second_of_processor_time": round(count / statistics.median(ours), 1),
        "speed_with_workers_over_one_process": _ratio(here, there),
    }
    if theirs:
        values["library_alone_a_second_of_processor_time"] = round(count / statistics.median(theirs), 1)
        values["speed_over_library_alone"] = _ratio(theirs, ours)
    return values


def measure_indexing(folder: Path, count: int, *, rounds: int, workers: int) -> dict[str, float]:
    """Index a folder anew in this process alone and with others that read, in turns; return what the others bring.

    `reading_share` is the part that reading alone has of the processor time of the whole in one process: with the
    reading done elsewhere, no more than ``1 / (1 - reading_share)`` can be gained by overlapping it.
    """
    files = list_files(folder)
    here: list[tuple[float, float]] = []
    there: list[tuple[float, float]] = []
    reading: list[float] = []
    for number in range(rounds):
        for times, processes in ((here, 0), (there, workers)) if number % 2 else ((there, workers), (here, 0)):
            times.append(_indexed(folder, count, processes))
        reading.append(_seconds(lambda: _read(files, 0, count))[0])
    return {
        "files": count,
        "speed_with_workers_over_one_process": _ratio([wall for _, wall in here], [wall for _, wall in there]),
        "seconds_in_one_process": round(statistics.median(wall for _, wall in here), 2),
        "seconds_with_workers": round(statistics.median(wall for _, wall in there), 2),
        "reading_share": round(statistics.median(r / cpu for r, (cpu, _) in zip(reading, here, strict=True)), 2),
    }


def _indexed(folder: Path, count: int, workers: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        settings = replace(Settings.load({}), index=Path(place), workers=workers)
        with Index.create(settings=settings) as index:
            _ = index.encoder  # loaded, for both
            added: list[str] = []
            times = _seconds(lambda: added.extend(index.sync(folder).added))
    if len(added) != count:
        raise SystemExit(f"{len(added)} of {count} articles were indexed from {folder}")
    return times


def _read(files: Sequence[SourceFile], workers: int, expected: int | None = None) -> None:
    outcomes = read_files(files, ReadLimits(max_seconds=600, workers=workers))
    found = sum(isinstance(part, Document) for _, outcome in outcomes for part in outcome.parts)
    if expected is not None and found != expected:
        raise SystemExit(f"{found} of {expected} articles were read from {files[0].path.parent}")


def _trafilatura(path: Path) -> object:
    import trafilatura

    return trafilatura.extract(path.read_text("utf-8"), include_comments=False)


def _pypdf(path: Path) -> object:
    import pypdf

    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages]


def _seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Return the processor time of this process and the time that passed."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - cpu, time.perf_counter() - wall


def _ratio(slow: Sequence[float], quick: Sequence[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(slow, quick, strict=True)), 2)


if __name__ == "__main__":
    main()
