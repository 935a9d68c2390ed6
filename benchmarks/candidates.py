"""Do the searches bring the answering passage at all? ``python -m benchmarks.candidates --data DIR [--quick]``.

XQuAD's paragraphs, Romanian and English, lie among some 20,000 passages of other texts. For each question: which search
has the passage that answers among its first, whether the searches together have it, and what a further search would
add, over one vector for each sentence (exact, no index). What no search brings, no later stage can put first.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/candidates.py` works too

from benchmarks.machine import RESULTS, write_result
from benchmarks.prepare import XQUAD_LANGUAGES, xquad_dataset
from benchmarks.texts import make_articles
from rag import Document, Filters, Index
from rag.encoding.encoder import unit
from rag.encoding.table import TokenTable, bundled_table
from rag.evaluation import Dataset
from rag.retrieval.candidates import candidate_tokens, find_candidates, union_of
from rag.retrieval.late_interaction import Candidates
from rag.settings import Settings
from rag.store.view import View

_DEPTH = Settings.load({}).candidates
_ARTICLES = 6_700  # with XQuAD some 20,000 passages
_BLOCK = 2_000  # passages whose sentences are made into vectors together

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]
USED = "all together"
EVERYWHERE = "translated words over all languages instead"
SENTENCES = "sentence vectors"


class Sentences:
    """The mean vectors of all sentences of an index, searched exactly."""

    def __init__(self, table: TokenTable, view: View, passages: Longs) -> None:
        self.passages = passages
        vectors, owners = [], []
        for first in range(0, len(passages), _BLOCK):
            rows = candidate_tokens(view, passages[first : first + _BLOCK])
            vectors.append(sentence_vectors(table, rows))
            owners.append(first + np.repeat(np.arange(len(rows.bounds) - 1), np.diff(rows.sentence_bounds)))
        self.vectors, self.owners = np.concatenate(vectors), np.concatenate(owners)

    def search(self, vector: Floats, k: int) -> Longs:
        """Return the `k` passages with the best sentences, best first."""
        best = np.full(len(self.passages), -np.inf, dtype=np.float32)
        np.maximum.at(best, self.owners, self.vectors @ vector)
        return self.passages[np.argsort(-best, kind="stable")[:k]]


def sentence_vectors(table: TokenTable, rows: Candidates) -> Floats:
    """Return the unit vectors ``(sentences, dimension)`` of n passages' sentences."""
    return unit(table.means(rows.ids, np.append(rows.sentences, len(rows.ids))))


def find(view: View, index: Index, sentences: Sentences, question: str) -> dict[str, Longs]:
    """Return the passages that each search brings, what they bring together, and what other choices would."""
    retriever = index._parts.retriever  # the steps inside retrieval have no public face
    read = retriever._read(view, question)
    vector, words = view.search_vectors(read.vector, _DEPTH)[0], view.search_terms(read.words, _DEPTH)[0]
    return {
        "vector": vector,
        "words": words,
        USED: find_candidates(view, read, _DEPTH, Filters(), view.languages()),
        EVERYWHERE: union_of(vector, words, view.search_terms(read.translated, _DEPTH)[0]),
        SENTENCES: sentences.search(read.vector, _DEPTH),
    }


def summarise(found: Sequence[tuple[Mapping[str, Longs], set[int]]]) -> dict[str, dict[str, float]]:
    """Return of each search the part of the questions whose passage it brings, and how many passages it brings.

    Args:
        found: for each question, what the searches bring, and the passages that answer.
    """
    values = {}
    for name in (*found[0][0], f"{USED}, and {SENTENCES}"):
        parts = [part for part in (USED, SENTENCES) if part in name] if ", and " in name else [name]
        sets = [({i for part in parts for i in rows[part].tolist()}, right) for rows, right in found]
        values[name] = {
            "found": round(sum(bool(ids & right) for ids, right in sets) / len(sets), 4),
            "passages": round(sum(len(ids) for ids, _ in sets) / len(sets), 1),
        }
    return values


def fill(index: Index, datasets: Mapping[str, Dataset], articles: list[Document]) -> None:
    """Put the paragraphs of all languages and the articles into the index."""
    for language, dataset in datasets.items():
        index.add([Document(id=f"{language}-{row.id}", text=row.text) for row in dataset.corpus])
    for first in range(0, len(articles), 200):
        index.add(articles[first : first + 200])


def main() -> None:
    """Index, ask, count, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder above eval/, mono/ and qa/")
    parser.add_argument("--quick", action="store_true", help="60 questions over 500 articles: a trial, not a result")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    flags = parser.parse_args()
    datasets = {language: xquad_dataset(flags.data, language, language) for language in XQUAD_LANGUAGES}
    articles = make_articles(500 if flags.quick else _ARTICLES, data=flags.data)
    directions: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="candidates-") as folder, Index.create(Path(folder) / "index") as index:
        fill(index, datasets, articles)
        with index._store.view() as view:
            passages = np.sort(
                view.search_vectors(np.ones(bundled_table().units.shape[1], np.float32), view.count())[0]
            )
            sentences = Sentences(bundled_table(), view, passages)
            of_document: dict[str, set[int]] = {}
            for passage, document in zip(passages.tolist(), view.passage_documents(passages), strict=True):
                of_document.setdefault(document, set()).add(passage)
            for asked, dataset in datasets.items():
                for answered in datasets:
                    found = []
                    for query_id, question in dataset.judged(60 if flags.quick else None).items():
                        wanted = f"{answered}-{next(iter(dataset.qrels[query_id]))}"
                        found.append((find(view, index, sentences, question), of_document[wanted]))
                    directions[f"{asked}>{answered}"] = summarise(found)
                    print(f"{asked}>{answered}", json.dumps(directions[f"{asked}>{answered}"]), flush=True)
            values = {"passages": view.count(), "sentences": len(sentences.owners), "depth": _DEPTH}
    print(write_result("candidates", {"quick": flags.quick, **values, "directions": directions}, folder=flags.out))


if __name__ == "__main__":
    main()
