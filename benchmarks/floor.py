"""The floor to compare with: the plainest hybrid search from good libraries, faiss flat beside bm25s with PyStemmer.

It answers with row numbers only: no articles, no citations, no filters, no updates, no near-duplicates.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_STEMMER = "romanian"  # Snowball has no Slovene; one stemmer for all is what a plain set-up does


class Floor:
    """Both indexes of one folder, loaded; `candidates` of each kind are joined."""

    def __init__(self, folder: Path, *, candidates: int = 100) -> None:
        import bm25s
        import faiss
        import Stemmer

        self._bm25s = bm25s
        self._candidates = candidates
        self._stemmer = Stemmer.Stemmer(_STEMMER)
        self._vectors = faiss.read_index(str(folder / "vectors.faiss"))
        self._terms = bm25s.BM25.load(str(folder / "terms"))

    def search(self, question: str, vector: npt.NDArray[np.float32], k: int = 10) -> list[tuple[int, float]]:
        """Return the best `k` rows of both searches, joined by the mean of cosine and BM25 / (best BM25)."""
        similarities, rows = self._vectors.search(vector[None], self._candidates)
        words = self._bm25s.tokenize(
            [question], stopwords=[], stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        scores = dict(zip(rows[0].tolist(), (similarities[0] / 2).tolist(), strict=True))
        if words[0]:
            found, weights = self._terms.retrieve(words, k=self._candidates, show_progress=False)
            best = max(float(weights[0].max()), 1e-9)
            for row, weight in zip(found[0].tolist(), weights[0].tolist(), strict=True):
                scores[row] = scores.get(row, 0.0) + weight / best / 2
        return sorted(scores.items(), key=lambda item: -item[1])[:k]


def build_floor(folder: Path, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> float:
    """Build both indexes from passages ``(n,)`` and their vectors ``(n, dim)``; return the seconds it took."""
    import bm25s
    import faiss
    import Stemmer

    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    faiss.write_index(flat, str(folder / "vectors.faiss"))
    tokens = bm25s.tokenize(list(texts), stopwords=[], stemmer=Stemmer.Stemmer(_STEMMER), show_progress=False)
    terms = bm25s.BM25()
    terms.index(tokens, show_progress=False)
    terms.save(str(folder / "terms"))
    return time.perf_counter() - started
