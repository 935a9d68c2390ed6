"""Many people at once: ``python -m benchmarks.load [--data DIR] [--quick]``.

A real server (``rag serve`` in a process of its own) over 20,000 passages is asked over HTTP: by one person, by fifty
at once, and by fifty at once while the corpus changes, by another program and through the page. Half of the people ask
the interface for programs, half ask as the page does. Every answer is compared with those that the same server gives
when nobody else asks and nothing changes: it must be, to the letter, that of one of the states the corpus goes through.
Times mean little from machine to machine; the ratio to the single person's does. Writes ``load-<commit>.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/load.py` works too

from benchmarks.asking import WAYS, Reply, ask_alone, ask_together
from benchmarks.changing import Changing
from benchmarks.machine import RESULTS, write_result
from benchmarks.speed import percentiles
from benchmarks.texts import make_articles, make_questions
from rag.index import Index
from rag.records import Document

_ROOT = Path(__file__).resolve().parents[1]
_SPARE = 13  # articles that come and go
_ROWS = 100  # articles in one file
_READY = 5.0  # seconds after which the server has prepared its examples, and rests
_LONGEST = 600.0  # seconds; the changes stop then, and so do those who ask


def write_corpus(folder: Path, articles: Sequence[Document]) -> None:
    """Write articles as files of many rows."""
    folder.mkdir(parents=True)
    for first in range(0, len(articles), _ROWS):
        rows = [{"id": one.id, "title": one.title, "text": one.text} for one in articles[first : first + _ROWS]]
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{first:06}.jsonl").write_text(text, encoding="utf-8")


@contextmanager
def serving(index: Path, folder: Path, *, reader: bool = False) -> Iterator[tuple[int, int]]:
    """Serve an index from a process of its own; yield its port and its process id, and stop it with SIGTERM."""
    command = [
        sys.executable,
        "-m",
        "rag.cli",
        "serve",
        "--index",
        str(index),
        "--corpus",
        str(folder),
        "--port",
        "0",
        *([] if reader else ["--no-reader"]),
    ]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                    break
            else:
                sys.exit(f"the server did not start: {' '.join(said)}")
            # what it says later is passed on, so that it never waits for a reader
            threading.Thread(target=lambda: sys.stderr.writelines(process.stderr or ()), daemon=True).start()
            yield int(found[1]), process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def right_answers(port: int, questions: Sequence[str], changing: Changing) -> dict[tuple[str, str], set[str]]:
    """Return what is said to each question asked each way, in every state of the corpus, when nobody else asks."""
    right: dict[tuple[str, str], set[str]] = {}
    for _ in changing.steps():
        for way in WAYS:
            for reply in ask_alone(port, questions, way):
                right.setdefault((reply.question, way), set()).add(reply.said)
    return right


def summarise(replies: Sequence[Reply], right: dict[tuple[str, str], set[str]], seconds: float) -> dict[str, object]:
    """Return times, and how many answers were errors or were not among the right ones, for each way."""
    figures: dict[str, object] = {"answers_per_second": len(replies) / seconds}
    for way in WAYS:
        mine = [reply for reply in replies if reply.way == way]
        figures[way] = {
            **percentiles([reply.seconds for reply in mine]),
            "errors": dict(Counter(str(reply.status) for reply in mine if reply.status != 200)),
            "wrong": sum(reply.status == 200 and reply.said not in right[reply.question, way] for reply in mine),
        }
    return figures


def measure(
    port: int, process: int, questions: Sequence[str], changing: Changing, *, people: int, each: int
) -> dict[str, object]:
    """Ask alone, together, and together while the corpus changes; all of it ends by itself."""
    memory = {"at_rest": _memory(process)}
    _ = ask_alone(port, questions[:1], "page")
    memory["after_one_question"] = _memory(process)
    right = right_answers(port, questions, changing)
    figures: dict[str, object] = {
        "questions": len(questions),
        "people": people,
        "states_told_apart_by": sum(len(said) > 1 for said in right.values()) / len(right),
    }
    started = time.perf_counter()
    alone = [reply for way in WAYS for reply in ask_alone(port, questions, way)]
    figures["alone"] = summarise(alone, right, time.perf_counter() - started)
    memory["alone"] = _memory(process)
    started = time.perf_counter()
    together = ask_together(port, questions, people=people, each=each, apart=True)
    figures["together"] = summarise(together, right, time.perf_counter() - started)
    started = time.perf_counter()
    together = ask_together(port, questions[:each], people=people, each=each, apart=False)
    figures["together_the_same"] = summarise(together, right, time.perf_counter() - started)
    memory["together"] = _memory(process)
    changes, done = Counter[str](), threading.Event()
    changing_beside = threading.Thread(target=_change, args=(changing, changes, done))
    started = time.perf_counter()
    changing_beside.start()
    together = ask_together(port, questions, people=people, each=each, apart=True, until=done)
    changing_beside.join(_LONGEST)
    figures["together_while_changing"] = summarise(together, right, time.perf_counter() - started)
    figures["changes"] = dict(changes)
    memory["together_while_changing"] = _memory(process)
    figures["server_memory_mb"] = memory
    return figures


def ratios(figures: dict[str, object]) -> dict[str, object]:
    """Return how many times longer than a single person each of many waits."""
    found: dict[str, object] = {}
    for name in ("together", "together_the_same", "together_while_changing"):
        for way in WAYS:
            many, one = figures[name][way], figures["alone"][way]  # type: ignore[index]
            found[f"{name}_{way}"] = {part: many[f"{part}_ms"] / one[f"{part}_ms"] for part in ("p50", "p95")}
    return found


def _change(changing: Changing, changes: Counter[str], done: threading.Event) -> None:
    """Go once round the states, and say so when it is over, however it ends."""
    try:
        changes.update(changing.steps())
    finally:
        done.set()


def _memory(process: int) -> float:
    """Return how many MB a process has held at the most so far."""
    fields = Path(f"/proc/{process}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+)", fields)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def main(arguments: list[str] | None = None) -> None:
    """Build the index, serve it, ask, print, and write the result."""
    parser = argparse.ArgumentParser(description="Measure a served index with many people asking at once.")
    parser.add_argument("--data", type=Path, help="folder with mono/ and qa/; without it the text is made up")
    parser.add_argument("--quick", action="store_true", help="500 passages, 12 people: a trial, not a result")
    parser.add_argument("--reader", action="store_true", help="with vectors in context, and the reader")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    options = parser.parse_args(arguments)
    passages, people, each = (500, 12, 2) if options.quick else (options.passages, 50, 3 if options.reader else 8)
    articles = make_articles(passages * 35 // 100 + _SPARE, data=options.data)
    spare, articles = articles[:_SPARE], articles[_SPARE:]
    count = people * each - 6
    questions = [*make_questions(articles, count), *make_questions(spare, 6)]
    with tempfile.TemporaryDirectory(prefix="load-") as place:
        folder, path = Path(place) / "corpus", Path(place) / "index"
        write_corpus(folder, articles)
        with Index.create(path, model=None if options.reader else "table") as index:
            index.sync(folder)
            index.refine()
            size = index.info()
        with serving(path, folder, reader=options.reader) as (port, process):
            changing = Changing(port, path, folder, spare)
            time.sleep(_READY)
            figures = measure(port, process, questions, changing, people=people, each=each)
    content = {
        "quick": options.quick,
        "reader": options.reader,
        "text": "given" if options.data else "made up",
        "passages": size["passages"],
        "documents": size["documents"],
        **figures,
        "ratio_to_a_single_person": ratios(figures),
    }
    print(json.dumps(content, indent=1))
    print(write_result("load", content, folder=options.out))


if __name__ == "__main__":
    main()
