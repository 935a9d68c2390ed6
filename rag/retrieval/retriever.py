"""From a question to ranked hits: candidates, combination, collapse, and where each hit came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import Encoder
from rag.encoding.table import TokenTable
from rag.errors import QueryError
from rag.records import Citation, Document, Filters, Hit, Passage
from rag.retrieval.calibration import Calibration
from rag.retrieval.candidates import candidate_tokens, find_candidates, share_of_ceiling
from rag.retrieval.corroboration import Carrier, count_agreement, find_carriers, find_repeated
from rag.retrieval.date_match import advantages
from rag.retrieval.explaining import Explainer, Matches
from rag.retrieval.features import FEATURES, feature_rows
from rag.retrieval.fusion import Ranking, fuse_means
from rag.retrieval.idf import token_rarity
from rag.retrieval.late_interaction import QuestionTokens, question_tokens
from rag.retrieval.near_duplicates import group_same
from rag.retrieval.question import Question, read_question
from rag.retrieval.ranker import Ranker
from rag.retrieval.reranking import Reranker, reread
from rag.store.local import LocalStore
from rag.store.view import View

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Mode = Literal["hybrid", "dense", "lexical"]

_LEMMA_LANGUAGES = 6
"""Languages of the corpus in which a question's words are looked up; in the rest, words match as written. Each costs 2
to 15 MB, and past 8 simplemma reads its dictionaries anew for every word."""

_COMMON = ("en", "ro", "sl", "de", "fr", "it", "es", "hr")
"""Languages that a question may be in besides those of the corpus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hits, with the question and its tokens as they were understood, and for each hit the articles that carry it.

    `leading` is the confidence of the best candidate in the question's language (True) and in another (False), by the
    combination's own order; a case without candidates is not there.
    """

    question: Question
    tokens: QuestionTokens
    hits: list[Hit]
    carriers: list[list[Carrier]]
    leading: Mapping[bool, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """Candidates, best first; after the learned combination with the features ``(n, features)`` and probabilities."""

    ids: Longs
    scores: Floats
    features: Floats | None = None
    confidence: Floats | None = None
    leading: Mapping[bool, float] = field(default_factory=dict)  # see `Found`
    timely: Floats | None = None  # log-odds for the dates of the question, where it has any
    tokens: Callable[[int], Ints] | None = None  # those of the passage at a place


class Retriever:
    """Answers `retrieve` over one store with one encoder; safe to share between threads."""

    def __init__(
        self,
        store: LocalStore,
        encoder: Encoder,
        table: TokenTable,
        ranker: Ranker,
        calibration: Calibration,
        *,
        candidates: int,
        reranker: Callable[[], Reranker] | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._table = table
        self._ranker = ranker
        self._calibration = calibration
        self._candidates = candidates
        self._reranker = reranker
        self._today = today
        self._rarity: tuple[int, Floats] | None = None
        self._languages: tuple[int, list[str]] | None = None

    def retrieve(
        self,
        text: str,
        k: int,
        *,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        rerank: bool = True,
        collapse: bool = True,
    ) -> list[Hit]:
        """Find the passages that answer; see `rag.index.Index.retrieve`."""
        _check(k, filters, mode)
        with self._store.view() as view:
            question = self._read(view, text)
            scored = self._rank(view, question, k, filters, mode, rerank=rerank)
            return self._hits(view, question, scored, k, filters, collapse=collapse)[0]

    def rank(
        self, text: str, k: int, *, filters: Filters | None = None, mode: Mode = "hybrid", rerank: bool = True
    ) -> Ranking:
        """Return ids and scores alone, without passages, articles and citations, and without collapse."""
        _check(k, filters, mode)
        with self._store.view() as view:
            scored = self._rank(view, self._read(view, text), k, filters, mode, rerank=rerank)
        return scored.ids[:k], scored.scores[:k]

    def _rank(
        self, view: View, question: Question, k: int, filters: Filters | None, mode: Mode, *, rerank: bool
    ) -> _Scored:
        wanted = max(self._candidates, 4 * k)
        if mode == "hybrid" and rerank:
            return self._combine(view, question, self._tokens(view, question), wanted, filters)
        return _plain(_simple(view, question, wanted, filters, mode))

    def search(self, text: str, k: int, *, filters: Filters | None = None, collapse: bool = True) -> Found:
        """Do what `retrieve` does by default, and return also what was understood of the question."""
        _check(k, filters, "hybrid")
        with self._store.view() as view:
            question = self._read(view, text)
            tokens = self._tokens(view, question)
            scored = self._combine(view, question, tokens, max(self._candidates, 4 * k), filters)
            hits, carriers = self._hits(view, question, scored, k, filters, collapse=collapse)
        return Found(question=question, tokens=tokens, hits=hits, carriers=carriers, leading=scored.leading)

    def _read(self, view: View, text: str) -> Question:
        languages = self._languages_of(view)[:_LEMMA_LANGUAGES]
        return read_question(
            text,
            encoder=self._encoder,
            table=self._table,
            languages=languages,
            possible={*languages, *_COMMON},
            today=self._today(),
        )

    def _languages_of(self, view: View) -> list[str]:
        """Return the languages of the corpus, most frequent first."""
        generation, kept = view.generation, self._languages
        if kept is None or kept[0] != generation:
            kept = self._languages = generation, view.languages()
        return kept[1]

    def _tokens(self, view: View, question: Question) -> QuestionTokens:
        return question_tokens(self._table, question.text, self._token_rarity(view))

    def _combine(
        self, view: View, question: Question, tokens: QuestionTokens, wanted: int, filters: Filters | None
    ) -> _Scored:
        ids = find_candidates(view, question, wanted, filters, self._languages_of(view))
        if not len(ids):
            return _plain((ids, np.zeros(0, dtype=np.float32)))
        rows = candidate_tokens(view, ids)
        features = feature_rows(
            self._table,
            tokens,
            rows,
            vector=view.embeddings(ids) @ question.vector,
            lexical=share_of_ceiling(view, question.words, ids),
            translated=share_of_ceiling(view, question.translated, ids),
        )
        same = np.array([question.shares(language) for language in view.languages_of(ids)])
        odds = self._ranker.log_odds(features, same)
        timely = advantages(view, ids, odds, question.periods)
        odds = odds + timely
        order = np.lexsort((ids, -odds))
        scores = _sigmoid(odds[order])
        sure = self._calibration.probability(features, same)
        cases, firsts = np.unique(same[order], return_index=True)
        leading = dict(zip(cases.tolist(), sure[order[firsts]].tolist(), strict=True))
        if self._reranker is not None:
            order, scores = reread(self._reranker(), view, question.text, ids, order, scores)
        return _Scored(
            ids=ids[order],
            scores=scores,
            features=features[order],
            confidence=sure[order],
            leading=leading,
            timely=timely[order] if question.periods else None,
            tokens=lambda place: rows.ids[rows.bounds[order[place]] : rows.bounds[order[place] + 1]],
        )

    def _token_rarity(self, view: View) -> Floats:
        generation = view.generation
        kept = self._rarity
        if kept is None or kept[0] != generation:
            counts = view.token_counts(len(self._table.units))
            kept = self._rarity = generation, token_rarity(self._table, counts, view.count())
        return kept[1]

    def _hits(
        self, view: View, question: Question, found: _Scored, k: int, filters: Filters | None, *, collapse: bool
    ) -> tuple[list[Hit], list[list[Carrier]]]:
        """Return the hits, and for each of them the articles that carry it, its own first."""
        # Four times as many as asked for: enough for wire copy in a handful of outlets to fold into its first hit.
        ids = found.ids[: 4 * k if collapse else k]
        groups = [[place] for place in range(len(ids))]
        view.read_ahead(ids)
        if collapse:
            tokens = [found.tokens(place) for place in range(len(ids))] if found.tokens else view.token_lists(ids)
            groups = group_same(tokens, limit=k, repeated=lambda place: find_repeated(view, ids, place))
        best = [group[0] for group in groups]
        sources = view.passages_with_documents(ids[best])
        carriers = find_carriers(view, [ids[group] for group in groups], filters)
        # holds nothing of the store: hits are explained as well when the index has been closed
        explainer = Explainer(self._table, question.text, self._token_rarity(view))
        hits: list[Hit] = []
        for rank, (place, group, (passage, document)) in enumerate(zip(best, groups, sources, strict=True), start=1):
            folded = [citation for citation, _ in view.citations(ids[group[1:]])]
            known = {document.id, *(citation.document_id for citation in folded)}
            others = [carrier.citation for carrier in carriers[rank - 1] if carrier.citation.document_id not in known]
            hits.append(
                Hit(
                    passage=passage,
                    document=document,
                    score=float(found.scores[place]),
                    rank=rank,
                    citation=cite(document, passage),
                    why=_why(found, place),
                    matches=Matches(explainer, passage),
                    confidence=None if found.confidence is None else float(found.confidence[place]),
                    duplicates=(*folded, *others),
                    agreement=count_agreement(carriers[rank - 1]),
                )
            )
        return hits, carriers


def cite(document: Document, passage: Passage) -> Citation:
    """Make the citation of a passage."""
    return Citation(
        document_id=document.id,
        sha256=document.sha256,
        start=passage.start,
        end=passage.end,
        title=document.title,
        outlet=document.outlet,
        published=document.published,
        source=document.source,
        page=document.page_at(passage.start),
    )


def _simple(view: View, question: Question, wanted: int, filters: Filters | None, mode: Mode) -> Ranking:
    """Rank with vectors, with terms, or with the plain mean of both."""
    if mode == "dense":
        return view.search_vectors(question.vector, wanted, filters)
    lexical = view.search_terms(question.words, wanted, filters)
    if mode == "lexical":
        return lexical
    return fuse_means(view.search_vectors(question.vector, wanted, filters), lexical)


def _plain(ranking: Ranking) -> _Scored:
    return _Scored(ids=ranking[0], scores=ranking[1])


def _why(found: _Scored, place: int) -> Mapping[str, float]:
    if found.features is None:
        return {}
    why = dict(zip(FEATURES, map(float, found.features[place]), strict=True))
    return why if found.timely is None else {**why, "dates": float(found.timely[place])}


def _sigmoid(odds: Floats) -> Floats:
    return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)


def _check(k: int, filters: Filters | None, mode: str) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise QueryError(f"k is {k!r}; ask for 1 passage or more")
    if mode not in ("hybrid", "dense", "lexical"):
        raise QueryError(f"mode is {mode!r}; there are hybrid, dense and lexical")
    if filters is not None and filters.published_from and filters.published_to:
        first, last = filters.published_from, filters.published_to
        if date.toordinal(first) > date.toordinal(last):
            raise QueryError(f"the date range is empty: from {first} to {last}; swap the two dates")
