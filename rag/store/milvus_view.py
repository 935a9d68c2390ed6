"""A view whose candidates come from a Milvus server; all that is shown and scored comes from the database.

Passages that the server names and the database does not have are left out: what is shown is always whole. The server
has no views, so that a question asked during a write may miss a passage that the write removes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.errors import QueryError
from rag.records import Filters, ListPage, ListQuery
from rag.store.counts import Counted, Counts
from rag.store.milvus import MOST_ROWS, MilvusCollections, filter_expression, term_dimension
from rag.store.search.context_part import ContextCosines, context_cosines, read_parts
from rag.store.search.passage_scores import Weights, counted_groups, inverse_frequency, score_passages
from rag.store.search.segments import StoredPassage, build_segment, ordinal
from rag.store.search.state import TokenRows
from rag.store.search.text_search import find_documents
from rag.store.search.vectors import check_queries
from rag.store.tables.catalogue import Commit, last_commit
from rag.store.tables.context_rows import select_context_of
from rag.store.tables.document_list import list_page
from rag.store.tables.documents import document_numbers
from rag.store.tables.manifest import Manifest
from rag.store.tables.passages import select_passages
from rag.store.tables.rows import Floats, Longs, Mask
from rag.store.view import Ids, View
from rag.text.terms import surface_terms

_SPARE = 32  # passages fetched beside those asked for, to see which are equal to the last one
_MORE = 2  # times as many are asked for while the list is not certain
_LEXICAL = 8
"""Passages asked for in place of one, as a sum over alternatives orders them otherwise than the best of them: of 60
questions 2 gave .94 of the exact list, 4 .994, 8 all of it for a question's own words."""

_NOISE = 1e-4
"""Share by which a server's float32 sum may fall short of the sum of the same numbers in another order."""

_LISTED = 4096  # passages looked through for each word of a search of the list of documents

_STEP = 1e-5  # scores nearer to each other than this are equal: see `rag.store.view.SCORE_DECIMALS`


@dataclass(slots=True)
class SearchCounts:
    """How often the server was asked.

    Attributes:
        lists: lists of candidates that were wanted.
        requests: searches that it took; more than `lists` where a list was not certain at first.
        uncertain: lists that were given although a passage might be missing, as the server returns no more rows.
    """

    lists: int = 0
    requests: int = 0
    uncertain: int = 0


Search = Callable[[int], tuple[Longs, Floats]]


class MilvusView(View):
    """Searches on a server and fetches from the database, at one commit of the latter. For one thread."""

    def __init__(
        self,
        database: sqlite3.Connection,
        manifest: Manifest,
        collections: MilvusCollections,
        open_counts: Callable[[], Counts],
        prepare: Callable[[], float],
        searched: SearchCounts,
    ) -> None:
        """Make a view of a reader of the database.

        Args:
            database: reads at the commit of the view.
            manifest: what the index was built with.
            collections: on the server.
            open_counts: opens the counts at the same commit.
            prepare: brings the server to that commit; returns the mean length by which its terms were weighted.
            searched: counts what is asked.
        """
        self._database = database
        self._manifest = manifest
        self._collections = collections
        self._open_counts = open_counts
        self._prepare = prepare
        self._searched = searched
        self._copies = None
        self._known: dict[str, int] = {}
        self._rows: dict[int, StoredPassage] = {}

    def close(self) -> None:
        """Let go of the counts."""
        if "_counts" in self.__dict__:
            self._counts.close()

    @cached_property
    def _counts(self) -> Counts:
        return self._open_counts()

    @cached_property
    def _counted(self) -> Counted:
        return self._counts.read()

    @cached_property
    def _mean(self) -> float:
        return self._prepare()

    @property
    def manifest(self) -> Manifest:
        """What the index was built with."""
        return self._manifest

    @property
    def commit(self) -> Commit:
        """The newest write that this view shows."""
        return last_commit(self._database)

    @property
    def content(self) -> int:
        """The number of the newest write that passages came or went with."""
        return self._counted.content

    def count(self) -> int:
        """Return the number of passages."""
        return self._counted.live

    def counted(self) -> int:
        """Return the number of passages in statistics."""
        return self._counted.totals.passages

    def refined_count(self) -> int:
        """Return how many passages have contextual vectors."""
        return self._counted.refined

    def search_vectors(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the nearest passages; see `View.search_vectors`."""
        query = np.asarray(query)
        check_queries(query[None], self._manifest.dimension)
        expression = self._expression(filters)

        def products(passages: Sequence[StoredPassage]) -> Floats:
            vectors = np.stack([passage.embedding for passage in passages])
            return np.asarray(np.einsum("ij,j->i", vectors, query), np.float32)

        return self._nearest(lambda limit: self._collections.search_vectors(query, limit, expression), products, k)

    def search_context(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return the same by contextual vectors, of the refined passages; see `View.search_context`."""
        query = np.asarray(query)
        check_queries(query[None], self._manifest.contextual_dimension)
        expression = self._expression(filters)

        def products(passages: Sequence[StoredPassage]) -> Floats:
            return self.context_cosines(query, [passage.id for passage in passages]).passage

        return self._nearest(lambda limit: self._collections.search_context(query, limit, expression), products, k)

    def search_terms(
        self, groups: Iterable[Mapping[str, float]], k: int, filters: Filters | None = None
    ) -> tuple[Longs, Floats]:
        """Return the ids and BM25 scores of passages that hold terms of the question; see `View.search_terms`."""
        counted = counted_groups(groups)
        query = self._sparse(counted)
        expression = self._expression(filters)
        # The weights of terms were made for the mean length of then. Where it has grown since, scores have, too, by no
        # more than the same factor.
        grown = max(1.0, self._mean_now / self._mean) * (1 + _NOISE) if query else 1.0

        def search(limit: int) -> tuple[Longs, Floats]:
            if not query:
                return np.zeros(0, np.int64), np.zeros(0, np.float32)
            return self._collections.search_terms(query, limit, expression)

        def scores(passages: Sequence[StoredPassage]) -> Floats:
            return self._score(passages, counted)

        return self._best(search, scores, k, first=_LEXICAL * k, bound=lambda last: last * grown, least=0.0)

    def _nearest(
        self, search: Search, products: Callable[[Sequence[StoredPassage]], Floats], k: int
    ) -> tuple[Longs, Floats]:
        self._mean  # noqa: B018  # brings the server to this commit
        return self._best(search, products, k, first=k + _SPARE, bound=lambda last: last + _STEP)

    def _best(
        self,
        search: Search,
        score: Callable[[Sequence[StoredPassage]], Floats],
        k: int,
        *,
        first: int,
        bound: Callable[[float], float],
        least: float = -np.inf,
    ) -> tuple[Longs, Floats]:
        """Return the best `k` by their exact scores, of those above `least`.

        Args:
            search: asks the server for so many rows with the highest upper bounds.
            score: returns exact scores.
            k: how many at most.
            first: rows to ask for at first.
            bound: returns what an exact score can be at most, for the server's score of the last row.
            least: scores up to this one do not count.
        """
        if k < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        self._searched.lists += 1
        limit = min(first, MOST_ROWS)
        while True:
            self._searched.requests += 1
            found, sums = search(limit)
            passages = self._held(found)
            ids = np.array([passage.id for passage in passages], np.int64)
            scores = score(passages) if passages else np.zeros(0, np.float32)
            kept = np.flatnonzero(scores > least)
            order = kept[np.lexsort((ids[kept], -scores[kept]))]
            ids, scores = ids[order], scores[order]
            if len(found) < limit or (len(ids) >= k and scores[k - 1] - _STEP > bound(float(sums[-1]))):
                break
            if limit == MOST_ROWS:
                self._searched.uncertain += 1
                break
            limit = min(_MORE * limit, MOST_ROWS)
        return self._first(ids, scores, k)

    def _sparse(self, groups: Weights) -> dict[int, float]:
        """Return the sparse vector of a question: weight times inverse document frequency, as of now."""
        terms = list(dict.fromkeys(term for key in groups for term, _ in key))
        known = dict(zip(terms, self.document_frequency(terms).tolist(), strict=True))
        query: dict[int, float] = {}
        for key, times in groups.items():
            for term, weight in key:
                value = times * weight * inverse_frequency(self._counted.totals, known[term])
                if value > 0:
                    query[term_dimension(term)] = query.get(term_dimension(term), 0.0) + value
        return query

    @property
    def _mean_now(self) -> float:
        totals = self._counted.totals
        return totals.words / totals.passages if totals.words else 1.0

    def _score(self, passages: Sequence[StoredPassage], groups: Weights) -> Floats:
        terms = list(dict.fromkeys(term for key in groups for term, _ in key))
        known = dict(zip(terms, self.document_frequency(terms).tolist(), strict=True))
        return score_passages(passages, self._counted.totals, groups, known)

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many of the passages that count each term is, ``(n,)``."""
        unknown = [term for term in dict.fromkeys(terms) if term not in self._known]
        if unknown:
            self._known.update(zip(unknown, self._counts.frequencies(unknown), strict=True))
        return np.array([self._known[term] for term in terms], np.int64)

    def score_terms(self, groups: Iterable[Mapping[str, float]], passage_ids: Ids) -> Floats:
        """Return the BM25 scores of given passages, ``(n,)``."""
        passages = self._passages_of(passage_ids)
        return self._score(passages, counted_groups(groups)) if passages else np.zeros(0, np.float32)

    def token_counts(self, vocabulary: int) -> Longs:
        """Return how often each token of a table of that size is in passages that count, ``(vocabulary,)``."""
        return self._counts.token_counts(vocabulary)

    def tokens(self, passage_ids: Ids) -> TokenRows:
        """Return the late-interaction tokens of passages."""
        passages = self._passages_of(passage_ids)

        return TokenRows(
            ids=np.concatenate([np.zeros(0, np.int32), *(passage.tokens for passage in passages)]),
            bounds=np.cumsum([0, *(len(passage.tokens) for passage in passages)], dtype=np.int64),
            sentences=np.concatenate([np.zeros(0, np.int32), *(passage.sentence_starts for passage in passages)]),
            sentence_bounds=np.cumsum([0, *(len(passage.sentence_starts) for passage in passages)], dtype=np.int64),
            sentence_norms=np.concatenate([np.zeros(0, np.float32), *(passage.sentence_norms for passage in passages)]),
        )

    def embeddings(self, passage_ids: Ids) -> Floats:
        """Return the vectors of passages, ``(n, dim)`` float32."""
        passages = self._passages_of(passage_ids)
        return np.array([passage.embedding for passage in passages], np.float32).reshape(-1, self._manifest.dimension)

    def context_cosines(self, query: Floats, passage_ids: Ids) -> ContextCosines:
        """Return the cosines of a question's contextual vector with passages and their sentences."""
        ids = np.asarray(passage_ids, np.int64).reshape(-1)
        width = self._manifest.contextual_dimension
        rows = select_context_of(self._database, ids.tolist(), width)
        return context_cosines(read_parts(iter(rows), width), query, ids)

    def languages_of(self, passage_ids: Ids) -> list[str | None]:
        """Return the languages of the passages' documents."""
        return [passage.language for passage in self._passages_of(passage_ids)]

    def document_numbers(self, passage_ids: Ids) -> Longs:
        """Return a number for each passage's document, ``(n,)``: equal numbers, same document."""
        return np.array([passage.document for passage in self._passages_of(passage_ids)], np.int64)

    def browse(self, query: ListQuery) -> ListPage:
        """Return one page of the list of documents; words are looked for in a bounded number of passages."""
        held: dict[int, StoredPassage] = {}
        cut = False
        for term in dict.fromkeys(surface_terms(query.find)):
            self._mean  # noqa: B018  # brings the server to this commit
            ids, _ = self._collections.search_terms({term_dimension(term): 1.0}, _LISTED, "")
            held.update((passage.id, passage) for passage in self._held(ids))
            cut |= len(ids) == _LISTED
        segment = build_segment([held[id_] for id_ in sorted(held)], self._manifest.dimension)
        found = find_documents(self._database, [segment], query.find)
        page = list_page(self._database, query, found.documents if found is not None else None)
        return replace(page, cut=cut or (found is not None and found.cut))

    def language_names(self) -> frozenset[str]:
        """Return the languages of the passages."""
        return frozenset(self.languages())

    def outlet_names(self) -> frozenset[str]:
        """Return the outlets of the documents."""
        return frozenset(outlet for outlet in self.facets().outlets if outlet)

    def _passages_of(self, passage_ids: Ids) -> list[StoredPassage]:
        """Return passages in the order asked for.

        Raises:
            QueryError: one is not there.
        """
        ids = np.asarray(passage_ids, np.int64).reshape(-1).tolist()
        self._fetch(ids)
        for id_ in ids:
            if id_ not in self._rows:
                raise QueryError("passage_unknown", id=id_)
        return [self._rows[id_] for id_ in ids]

    def _held(self, ids: Longs) -> list[StoredPassage]:
        """Return those of some passages that this view has."""
        self._fetch(ids.tolist())
        return [self._rows[id_] for id_ in ids.tolist() if id_ in self._rows]

    def _fetch(self, ids: Sequence[int]) -> None:
        missing = sorted({id_ for id_ in ids if id_ not in self._rows})
        if missing:
            self._rows.update(select_passages(self._database, missing, self._manifest.dimension))

    def _expression(self, filters: Filters | None) -> str:
        documents = None
        if filters and filters.documents:
            documents = list(document_numbers(self._database, filters.documents).values())
        return filter_expression(filters, documents)

    def _matching(self, ids: Longs, filters: Filters) -> Mask:
        """Return which passages match the filters, ``(n,)``."""
        numbers = set(document_numbers(self._database, filters.documents).values()) if filters.documents else None
        return np.array([_meets(passage, filters, numbers) for passage in self._passages_of(ids)], np.bool_)


def _meets(passage: StoredPassage, filters: Filters, documents: set[int] | None) -> bool:
    if filters.languages and passage.language not in filters.languages:
        return False
    if filters.outlets and passage.outlet not in filters.outlets:
        return False
    if documents is not None and passage.document not in documents:
        return False
    if filters.published_from is not None and passage.published < ordinal(filters.published_from):
        return False
    return filters.published_to is None or 0 < passage.published <= ordinal(filters.published_to)
