"""One process that serves one index and measures itself: ``python -m benchmarks.serving KIND FOLDER``.

speed.py starts it and sends ranges of questions on standard input, so that two processes are asked in turn, round by
round, under the same noise. ``ours`` and ``floor`` get the questions' vectors ready-made and find the ids and scores of
ten passages; ``cited`` does what ``ours`` does and fetches passages, articles and citations; ``ranked`` encodes and
reranks, to ids and scores; ``whole`` does both, collapses copies and looks up who carries them. Every command is
answered with one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rag.encoding.encoder import Encoder, EncoderIdentity

Floats = npt.NDArray[np.float32]
Ask = Callable[[str], object]
KINDS = ("ours", "cited", "floor", "ranked", "whole")
_ENCODING = ("ranked", "whole")


class ReadyMadeEncoder:
    """The vectors of known questions, under the identity of the encoder that made them."""

    def __init__(self, encoder: Encoder, vectors: Mapping[str, Floats]) -> None:
        self._encoder = encoder
        self._vectors = vectors

    @property
    def identity(self) -> EncoderIdentity:
        """Say whose vectors these are."""
        return self._encoder.identity

    def count_tokens(self, text: str) -> int:
        """Count as that encoder does."""
        return self._encoder.count_tokens(text)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Look the vectors up, ``(n, dim)``."""
        return np.stack([self._vectors[text] for text in texts])

    def encode_passages(self, texts: Sequence[str], *, titles: Sequence[str] = (), progress: bool = False) -> Floats:
        """Encode as that encoder does."""
        return self._encoder.encode_passages(texts, titles=titles, progress=progress)


def resident_memory() -> dict[str, float]:
    """Return this process's memory in MB: all that is resident, its own part, and the part mapped from files."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    fields = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    names = {"resident": "VmRSS", "own": "RssAnon", "files": "RssFile"}
    return {name: int(fields[field][0]) * 1024 / 1e6 for name, field in names.items()}


def main(kind: str, folder: Path) -> None:
    """Open, say what opening cost, then answer commands until standard input ends."""
    questions: list[str] = json.loads((folder / "questions.json").read_text("utf-8"))
    known: dict[str, Floats] = dict(zip(questions, np.load(folder / "questions.npy"), strict=True))
    ask, opening = _open_floor(folder, known) if kind == "floor" else _open_ours(folder, known, kind)
    _reply(opening)
    for line in sys.stdin:
        first, last = json.loads(line)
        cpu, wall = [], []
        for question in questions[first:last]:
            cpu_started, wall_started = time.process_time(), time.perf_counter()
            ask(question)
            cpu.append(time.process_time() - cpu_started)
            wall.append(time.perf_counter() - wall_started)
        _reply({"cpu": cpu, "wall": wall, "memory": resident_memory()})


def _open_floor(folder: Path, known: Mapping[str, Floats]) -> tuple[Ask, dict[str, object]]:
    import bm25s  # noqa: F401  # libraries are loaded before the clock starts, as for ours
    import faiss  # noqa: F401

    from benchmarks.floor import Floor

    started = time.perf_counter()
    floor = Floor(folder / "floor")
    seconds = time.perf_counter() - started
    opening = {"open_seconds": seconds, "encoder": dict.fromkeys(resident_memory(), 0.0), "memory": resident_memory()}
    return lambda question: floor.search(question, known[question], 10), opening


def _open_ours(folder: Path, known: Mapping[str, Floats], kind: str) -> tuple[Ask, dict[str, object]]:
    import faiss  # noqa: F401

    from rag.encoding import load_encoder
    from rag.index import Index
    from rag.records import Query
    from rag.settings import Settings
    from rag.store.local import LocalStore

    before = resident_memory()
    encoder = load_encoder()
    loaded = resident_memory()
    place = folder / "index"
    started = time.perf_counter()
    store = LocalStore.open(place)
    encodes = kind in _ENCODING
    index = Index(store, Settings.load(index=place), encoder if encodes else ReadyMadeEncoder(encoder, known))
    seconds = time.perf_counter() - started
    opening = {
        "open_seconds": seconds,
        "encoder": {name: loaded[name] - before[name] for name in before},
        "memory": resident_memory(),
    }
    if kind == "whole":
        return lambda question: index.retrieve(question, 10), opening
    if kind == "cited":
        return lambda question: index.retrieve(question, 10, rerank=False, collapse=False), opening
    retriever = index._parts.retriever

    def rank(question: str) -> object:  # the floor: ids and scores, without passages, articles and citations
        query = Query(question=question, k=10, rerank=encodes, collapse=False)
        with store.view() as view:
            return retriever._rank(view, retriever._read(view, question), query)[0]

    return rank, opening


def _reply(values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        sys.exit(f"usage: python -m benchmarks.serving {'|'.join(KINDS)} FOLDER; speed.py makes the folder")
    main(sys.argv[1], Path(sys.argv[2]))
