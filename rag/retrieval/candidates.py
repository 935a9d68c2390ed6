"""Candidates of the searches, and what of the store the combination needs to know of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.features import lexical_ceiling
from rag.retrieval.late import Candidates
from rag.retrieval.question import Group
from rag.store.view import View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]


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
    return view.score_terms(groups, ids) / np.float32(lexical_ceiling(groups, frequencies, view.count()))
