"""Is a passage preferred for its language? ``python -m benchmarks.balance --data DIR``.

XQuAD's paragraphs in Romanian and in English lie in one index, so that each question has its answer there twice, in its
own language and in the other. Counted are the first hits: the answer in the question's language, its translation, or
another paragraph. Between the first two, log-odds should be equal on average.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.machine import write_result
from benchmarks.prepare import XQUAD_LANGUAGES, xquad_dataset
from rag import Document, Index

_HITS = 20


def main() -> int:
    """Ask, count, print, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder above eval/")
    parser.add_argument("--every", type=int, default=1, help="ask only every so many questions")
    flags = parser.parse_args()
    datasets = {language: xquad_dataset(flags.data, language, language) for language in XQUAD_LANGUAGES}
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="balance-") as folder, Index.create(Path(folder) / "index") as index:
        for language, dataset in datasets.items():
            index.add([Document(id=f"{language}-{d.id}", text=d.text, language=language) for d in dataset.corpus])
        for language, dataset in datasets.items():
            (other,) = set(XQUAD_LANGUAGES) - {language}
            counts = dict.fromkeys(("own language first", "translation first", "another paragraph first"), 0)
            gaps = []
            for query_id, question in list(dataset.judged(None).items())[:: flags.every]:
                wanted = next(iter(dataset.qrels[query_id]))
                odds: dict[str, float] = {}
                for hit in index.retrieve(question, _HITS, collapse=False):
                    odds.setdefault(hit.document.id, math.log(hit.score / (1 - hit.score)))
                first = next(iter(odds))
                kinds = {f"{language}-{wanted}": "own language first", f"{other}-{wanted}": "translation first"}
                counts[kinds.get(first, "another paragraph first")] += 1
                if all(name in odds for name in kinds):
                    gaps.append(odds[f"{language}-{wanted}"] - odds[f"{other}-{wanted}"])
            rows[language] = {**counts, "median log-odds of own language over translation": round(median(gaps), 3)}
            print(language, rows[language], flush=True)
    print(write_result("balance", {"rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
