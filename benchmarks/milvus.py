"""Does a Milvus server bring the same candidates? ``python -m benchmarks.milvus --data DIR [--articles N]``.

An index of XQuAD's paragraphs (Romanian and English) among articles of law, news and help texts is filled into
milvus-lite behind gRPC, which is started for it. Every question's lists of candidates are compared with those of this
machine, place by place; for words the table says how many rows the server has to return before a list is certain, and
what part of the exact list it would have at fewer. The rest are sizes and times of what has no counterpart here: the
rows that are sent, the counts that are kept, prepared files.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests" / "samples")]

from milvus_server import MilvusServer  # noqa: E402

from benchmarks.candidates import fill  # noqa: E402
from benchmarks.machine import RESULTS, write_result  # noqa: E402
from benchmarks.prepare import XQUAD_LANGUAGES, xquad_dataset  # noqa: E402
from benchmarks.texts import make_articles  # noqa: E402
from rag import Index  # noqa: E402
from rag.retrieval.question import Question  # noqa: E402
from rag.settings import Settings  # noqa: E402
from rag.store.milvus_following import MilvusFollowing  # noqa: E402
from rag.store.milvus_view import MilvusView  # noqa: E402
from rag.store.search.passage_scores import counted_groups  # noqa: E402
from rag.store.view import View  # noqa: E402

_MULTIPLES = (1, 2, 4, 8, 16)
_K = 64


def main() -> None:
    """Index, fill, ask both stores, compare, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder above eval/, mono/ and qa/")
    parser.add_argument("--articles", type=int, default=2_500, help="beside XQuAD's paragraphs (2500: 8,000 passages)")
    parser.add_argument("--questions", type=int, default=60, help="of each language (60)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    flags = parser.parse_args()
    datasets = {language: xquad_dataset(flags.data, language, language) for language in XQUAD_LANGUAGES}
    questions = [text for dataset in datasets.values() for text in dataset.judged(flags.questions).values()]
    with tempfile.TemporaryDirectory(prefix="milvus-") as scratch:
        folder = Path(scratch)
        with Index.create(folder / "index") as index:
            fill(index, datasets, make_articles(flags.articles, data=flags.data))
        server = MilvusServer(folder / "data")
        try:
            values = compare(folder, server, questions)
        finally:
            server.kill()
    print(write_result("milvus", values, folder=flags.out))


def compare(folder: Path, server: MilvusServer, questions: list[str]) -> dict[str, object]:
    """Fill the server and compare every list of candidates."""
    settings = Settings(index=folder / "index", store=server.address)
    with Index.open(folder / "index") as here, Index.open(settings=settings) as there:
        began, spent = time.perf_counter(), time.process_time()
        there._store.optimise()
        took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - spent}
        newest = there._store._newest
        assert isinstance(newest, MilvusFollowing)
        newest._collections._timeout = 120.0  # milvus-lite makes its index when it is first asked
        with here._store.view() as ours, there._store.view() as theirs:
            assert isinstance(theirs, MilvusView)
            passages = ours.count()
            equal = {"vectors": 0, "words": 0, "translated": 0}
            certain = dict.fromkeys(_MULTIPLES, 0)
            recall: dict[int, list[float]] = {multiple: [] for multiple in _MULTIPLES}
            times: dict[str, list[float]] = {"here": [], "there": []}
            for text in questions:
                question = here._parts.retriever._read(ours, text)
                lists = [_timed(times[name], view, question) for name, view in (("here", ours), ("there", theirs))]
                for kind, mine, other in zip(equal, *lists, strict=True):
                    equal[kind] += mine.tolist() == other.tolist()
                for multiple, (part, sure) in _at_multiples(theirs, question, lists[0][1]).items():
                    recall[multiple].append(part)
                    certain[multiple] += sure
        searched = newest.searched
    return {
        "passages": passages,
        "questions": len(questions),
        "k": _K,
        "equal lists": equal,
        "recall of words by rows asked for, in k": {str(m): round(float(np.mean(r)), 4) for m, r in recall.items()},
        "certain lists of words by rows asked for, in k": {str(m): number for m, number in certain.items()},
        "requests for a list": round(searched.requests / searched.lists, 3),
        "uncertain": searched.uncertain,
        "filling, passages a second": round(passages / took["seconds"], 1),
        "filling, CPU ms a passage here": round(1000 * took["cpu"] / passages, 3),
        "lists of a question here, ms (p50)": round(float(np.median(times["here"])), 1),
        "lists of a question there, ms (p50)": round(float(np.median(times["there"])), 1),
        "bytes a passage": {
            "server": _bytes(folder / "data") // passages,
            "database": (folder / "index" / "catalogue.db").stat().st_size // passages,
            "counts": (folder / "index" / "counts.db").stat().st_size // passages,
        },
    }


def _timed(times: list[float], view: View, question: Question) -> list[Any]:
    began = time.perf_counter()
    lists = [
        view.search_vectors(question.vector, _K)[0],
        view.search_terms(question.words, _K)[0],
        view.search_terms(question.translated, _K)[0],
    ]
    times.append(1000 * (time.perf_counter() - began))
    return lists


def _at_multiples(view: MilvusView, question: Question, exact: Any) -> Mapping[int, tuple[float, bool]]:
    """Return, for rows asked for in multiples of `k`, the part of the exact list found, and whether it is certain."""
    groups = counted_groups(question.words)
    query, found = view._sparse(groups), {}
    for multiple in _MULTIPLES:
        ids, sums = view._collections.search_terms(query, multiple * _K, "")
        scores = np.sort(view._score(view._held(ids), groups))[::-1]
        whole = len(ids) < multiple * _K
        sure = whole or (len(scores) >= _K and bool(scores[_K - 1] > sums[-1]))
        found[multiple] = len(set(exact.tolist()) & set(ids.tolist())) / max(1, len(exact)), sure
    return found


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
