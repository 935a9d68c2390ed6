"""How long is a folder checked in which nothing has changed? ``python -m benchmarks.checking [--files N]``.

The floor is `os.walk` with a `stat` of each file, in the same process, in turn. Writes ``checking-<commit>.json``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/checking.py` works too

from benchmarks.machine import RESULTS, write_result
from benchmarks.texts import make_articles
from rag.index import Index

_ROUNDS = 9


def main() -> None:
    """Build a folder and its index, then check it over and over."""
    parser = argparse.ArgumentParser(description="How long is an unchanged folder checked?")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "corpus"
        for article in make_articles(flags.files):
            path = folder / article.id[:4] / f"{article.id}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(article.text, "utf-8")
        with Index.create(Path(place) / "index") as index:
            index.sync(folder)
            pairs = [(_seconds(lambda: _walk(folder)), _seconds(lambda: index.sync(folder))) for _ in range(_ROUNDS)]
    values: dict[str, object] = {
        "files": flags.files,
        "walk_and_stat_seconds": statistics.median(floor for floor, _ in pairs),
        "sync_seconds": statistics.median(ours for _, ours in pairs),
        "ratio": statistics.median(ours / floor for floor, ours in pairs),
    }
    print(values, write_result("checking", values, folder=flags.out))


def _walk(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            (Path(root) / name).stat()


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
