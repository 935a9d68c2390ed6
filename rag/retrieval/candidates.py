"""Candidates of the searches, and what of the store the combination needs to know of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rag.records import Filters
from rag.retrieval.features import lexical_ceiling
from rag.retrieval.late_interaction import Candidates
from rag.retrieval.question import Group, Question
from rag.store.view import View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


def find_candidates(view: View, question: Question, wanted: int, filters: Filters, languages: Collection[str]) -> Longs:
    """Return the distinct ids of the passages that the searches find, in ascending order.

    The words of a question find what is in its language, so that translated ones are looked for in the others only:
    over all, passages that repeat the question's own words would leave no place for translations
    (`benchmarks/candidates.py`). For a question of no known language they are looked for everywhere; passages of no
    known language are found by vectors and by the words as they are.

    Args:
        view: of the store.
        question: as it was read.
        wanted: passages that the translated words may bring; each kind of vectors, and words, bring two thirds as many.
        filters: conditions on the passages' articles.
        languages: those of the corpus.
    """
    fewer = -(-2 * wanted // 3)
    found = [
        view.search_vectors(question.vector, fewer, filters)[0],
        view.search_terms(question.words, fewer, filters)[0],
    ]
    if question.reads_context and view.refined_count():
        found.append(view.search_context(question.context_vector, fewer, filters)[0])
    searched = _for_translations(question.language, filters, languages)
    if searched is not None:
        found.append(view.search_terms(question.translated, wanted, searched)[0])
    return union_of(*found)


def _for_translations(language: str | None, filters: Filters, languages: Collection[str]) -> Filters | None:
    """Return `filters` without the passages in `language`; None where nothing is left to be searched."""
    if language is None:
        return filters
    others = frozenset(filters.languages or languages) - {language}
    return replace(filters, languages=others) if others else None


def union_of(*ids: Longs) -> Longs:
    """Return the distinct ids in ascending order."""
    # Not np.unique: it imports numpy.ma, 60 ms of the first question.
    together = np.sort(np.concatenate(ids))
    return together[np.concatenate([[True], together[1:] != together[:-1]])] if len(together) else together


def candidate_tokens(view: View, ids: Longs) -> Candidates:
    """Return the tokens of n passages ``(n,)`` as late interaction takes them."""
    rows = view.tokens(ids)
    counts = np.diff(rows.sentence_bounds)
    return Candidates(
        ids=rows.ids,
        bounds=rows.bounds,
        sentences=rows.sentences.astype(np.int64) + np.repeat(rows.bounds[:-1], counts),
        sentence_bounds=rows.sentence_bounds,
        sentence_norms=rows.sentence_norms,
        documents=view.document_numbers(ids).astype(np.int64),
    )


def share_of_ceiling(view: View, groups: Sequence[Group], ids: Longs) -> Floats:
    """Return ``(n,)`` BM25 of each passage over the highest that any passage could have."""
    terms = list({term for group in groups for term in group})
    frequencies = dict(zip(terms, view.document_frequency(terms).tolist(), strict=True))
    return view.score_terms(groups, ids) / np.float32(lexical_ceiling(groups, frequencies, view.counted()))
