"""What one article less costs in a large index, and what an unchanged folder costs to check.

    python -m benchmarks.removing [--articles 100000] [--files 1000] [--quick]

A real index of made-up articles, one a file, three passages each, with the rows that `rag index` would have stored:
only the vectors are made up too, as encoding is measured elsewhere. Removed are articles by name, one at a time, in a
running program; and a file from the folder, by the command that a user runs, started anew. The unchanged folder is
checked by that command as well, beside what `rag info` takes, which opens an index and does nothing else.

`processor` is the processor time, which other load on the machine hardly changes; `passed` is what passed on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/removing.py` works too

from benchmarks.duplicates import make_rows
from benchmarks.machine import RESULTS, write_result
from rag import Index, Settings
from rag.components import manifest_for
from rag.encoding import load_encoder
from rag.indexing.folder import list_files
from rag.readers.source_file import file_digest
from rag.store import DocumentRows, LocalStore
from rag.store.tables.rows import FileRecord

_ROOT = Path(__file__).resolve().parents[1]
_BATCH = 64  # documents in a transaction, as `rag index` has it
_MOST = 1_000_000_000
_Time = tuple[float, float]  # seconds of processor time, and on the clock


def fill(folder: Path, place: Path, count: int) -> None:
    """Write articles into a folder, and an index of them as if that folder had been indexed."""
    settings = replace(Settings.load({}), index=place)
    encoder = load_encoder()
    manifest = manifest_for(encoder, settings)
    with LocalStore.create(place, manifest) as store, store.writing():
        for first in range(0, count, _BATCH):
            named = [
                _of_file(rows) for rows in make_rows(first, min(_BATCH, count - first), dimension=manifest.dimension)
            ]
            for rows in named:
                path = folder / rows.document.id
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(rows.document.text, "utf-8")
            store.upsert(named)
        records = []
        for file in list_files(folder):
            digest = file_digest(file.path, _MOST)
            records.append(FileRecord(path=file.id, size=file.size, mtime_ns=file.mtime_ns, sha256=digest))
        store.record_files(records)
        store.optimise()


def _of_file(rows: DocumentRows) -> DocumentRows:
    number = int(rows.document.id[1:])
    name = f"{number // 1000:03}/{rows.document.id}.txt"
    return replace(rows, document=replace(rows.document, id=name, language="en"), origin=name)


def remove_some(place: Path, names: Sequence[str]) -> dict[str, object]:
    """Remove articles one at a time in this process; each must be gone from the next search."""
    times: list[_Time] = []
    after: list[_Time] = []
    counts: list[int] = []
    with Index.open(place) as index:
        before = index.document_count()
        for name in names:
            times.append(_seconds(lambda name=name: index.remove([name])))  # type: ignore[misc]
            after.append(_seconds(lambda: index.retrieve("w11 w12 w13", 1)))
            counts.append(index.document_count())
    if counts != list(range(before - 1, before - 1 - len(names), -1)):
        raise SystemExit(f"of {before} articles {counts} were left")
    return {"remove_seconds": _spread(times), "next_question_seconds": _spread(after)}


def run_command(*arguments: str) -> tuple[_Time, dict[str, object]]:
    """Run `rag` in a process of its own; return what it took, imports included, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", *arguments, "--json"],
        cwd=_ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    passed, after = time.perf_counter() - began, os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    printed: dict[str, object] = json.loads(done.stdout)
    return (processor, passed), printed


def check_folder(folder: Path, place: Path, *, rounds: int) -> dict[str, object]:
    """Check the unchanged folder by command, take a file away and check it again, in turn with `rag info`."""
    files = [file.path for file in list_files(folder)]
    info: list[_Time] = []
    unchanged: list[_Time] = []
    one_less: list[_Time] = []
    for number in range(rounds):
        info.append(run_command("info", "--index", str(place))[0])
        took, report = run_command("index", str(folder), "--index", str(place))
        unchanged.append(took)
        _expect(report, "unchanged", len(files) - number)
        files[number * len(files) // rounds].unlink()
        took, report = run_command("index", str(folder), "--index", str(place))
        one_less.append(took)
        _expect(report, "removed", 1)
    return {
        "files": len(files),
        "info_seconds": _spread(info),
        "unchanged_seconds": _spread(unchanged),
        "one_file_removed_seconds": _spread(one_less),
    }


def _expect(report: dict[str, object], name: str, count: int) -> None:
    found = report[name]
    if not isinstance(found, list) or len(found) != count or report["changed"] or report["failed"]:
        raise SystemExit(f"{count} {name} expected: {json.dumps(report)[:300]}")


def _seconds(call: Callable[[], object]) -> _Time:
    began, processor = time.perf_counter(), time.process_time()
    call()
    return time.process_time() - processor, time.perf_counter() - began


def _spread(values: Sequence[_Time]) -> dict[str, float]:
    processor, passed = (sorted(column) for column in zip(*values, strict=True))
    return {
        "processor": round(statistics.median(processor), 4),
        "processor_most": round(processor[-1], 4),
        "passed": round(statistics.median(passed), 4),
        "passed_most": round(passed[-1], 4),
    }


def main() -> None:
    """Fill two indexes, measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000, help="in the large index")
    parser.add_argument("--files", type=int, default=1000, help="in the folder of an ordinary size")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a short trial; its figures mean nothing")
    parser.add_argument("--out", type=Path, default=RESULTS)
    flags = parser.parse_args()
    sizes = [50, 200] if flags.quick else [flags.files, flags.articles]
    result: dict[str, object] = {"rounds": flags.rounds}
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            corpus, place = Path(folder) / "corpus", Path(folder) / "index"
            fill(corpus, place, count)
            found: dict[str, object] = {"folder": check_folder(corpus, place, rounds=flags.rounds)}
            left = [file.id for file in list_files(corpus)]
            found |= remove_some(place, left[:: max(1, len(left) // 20)][:20])
            result[str(count)] = found
            print(count, json.dumps(found, indent=1), flush=True)
    print(write_result("removing", result, folder=flags.out))


if __name__ == "__main__":
    main()
