"""From a query to ranked hits: candidates, ranking, folding of near-duplicates, and where each hit came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import Encoder
from rag.encoding.table import TokenTable
from rag.records import Citation, Document, Filters, Hit, Passage, Query
from rag.retrieval.calibration import Calibration
from rag.retrieval.candidates import candidate_tokens, find_candidates, share_of_ceiling
from rag.retrieval.context_evidence import ContextEvidence, bundled_context_ranker, find_evidence
from rag.retrieval.corroboration import Carrier, count_agreement, find_carriers, find_repeated
from rag.retrieval.date_match import advantages
from rag.retrieval.explaining import Explainer, Matches
from rag.retrieval.features import FEATURES, feature_rows
from rag.retrieval.filter_names import resolve_filters
from rag.retrieval.fusion import Ranking, fuse_means
from rag.retrieval.idf import TokenRarity
from rag.retrieval.near_duplicates import group_same
from rag.retrieval.ordering import best_first
from rag.retrieval.question import Question, read_question
from rag.retrieval.ranker import Ranker
from rag.retrieval.reranking import Reranker, reread
from rag.store.local import LocalStore
from rag.store.view import View

Floats = NDArray[np.float32]
Longs = NDArray[np.int64]

_LEMMA_LANGUAGES = 6
"""Languages of the corpus in which a question's words are looked up; in the rest, words match as written. Each costs 2
to 15 MB, and past 8 simplemma reads its dictionaries anew for every word."""

_COMMON = ("en", "ro", "sl", "de", "fr", "it", "es", "hr")
"""Languages that a question may be in besides those of the corpus."""

_WIDER = 4
"""Candidates looked at for one hit: enough for wire copy in a handful of outlets to fold into its first hit. Where they
do not give enough hits, this many times more are looked at, and this many times deeper is searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hits, with the question as it was understood, and for each hit the articles that carry it.

    `leading` is the confidence of the best candidate in the question's language (True) and in another (False), by the
    ranker's order; a case without candidates is not there.
    """

    question: Question
    hits: list[Hit]
    carriers: list[list[Carrier]]
    leading: Mapping[bool, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Candidates ``(n,)``, best first; from the learned ranker with their features ``(n, features)`` and confidence."""

    ids: Longs
    scores: Floats
    features: Floats | None = None
    confidence: Floats | None = None
    leading: Mapping[bool, float] = field(default_factory=dict)  # see `Found`
    timely: Floats | None = None  # log-odds for the dates of the question, where it has any
    evidence: ContextEvidence | None = None  # of contextual vectors, where the index has any

    def followed_by(self, deeper: Ranked) -> Ranked:
        """Return these candidates, and after them those of a deeper search that are not among them.

        Their order does not change, so that the best hits are the same however many are asked for.
        """
        known = set(self.ids.tolist())
        new = [place for place, id_ in enumerate(deeper.ids.tolist()) if id_ not in known]
        return Ranked(
            ids=np.concatenate([self.ids, deeper.ids[new]]),
            scores=np.concatenate([self.scores, np.minimum(deeper.scores[new], self.scores.min(initial=np.inf))]),
            features=_joined(self.features, deeper.features, new),
            confidence=_joined(self.confidence, deeper.confidence, new),
            leading={**deeper.leading, **self.leading},
            timely=_joined(self.timely, deeper.timely, new),
            evidence=self.evidence.joined(deeper.evidence, new) if self.evidence and deeper.evidence else None,
        )

    def why(self, place: int) -> Mapping[str, float]:
        """Return the signals behind the score of a candidate, by name."""
        if self.features is None:
            return {}
        why = dict(zip(FEATURES, map(float, self.features[place]), strict=True))
        if self.evidence is not None:
            why.update(self.evidence.named(place))
        return why if self.timely is None else {**why, "dates": float(self.timely[place])}


class Retriever:
    """Finds passages in one store with one encoder; safe to share between threads."""

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
        contextual: Callable[[], Encoder | None] = lambda: None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._table = table
        self._ranker = ranker
        self._calibration = calibration
        self._candidates = candidates
        self._reranker = reranker
        self._contextual = contextual
        self._today = today
        self._rarities = TokenRarity(table)
        self._rarity: tuple[int, Floats] | None = None
        self._languages: tuple[int, list[str]] | None = None

    def search(self, query: Query) -> Found:
        """Find the passages that answer a query, best first, and return also how its question was understood.

        The first hits are the same for every `k`: the candidates of the ranker do not depend on it, and where they are
        too few, those of deeper searches follow them.

        Raises:
            QueryError: the question is far too long, or a filter names what the index does not know.
        """
        with self._store.view() as view:
            if query.strict:
                query = replace(query, filters=resolve_filters(query.filters, view))
            question = self._read(view, query.question)
            ranked, groups = self._rank(view, question, query)
            hits, carriers = self._hits(view, question, ranked, groups, query.filters)
        return Found(question=question, hits=hits, carriers=carriers, leading=ranked.leading)

    def _read(self, view: View, text: str) -> Question:
        languages = self._languages_of(view)[:_LEMMA_LANGUAGES]
        return read_question(
            text,
            encoder=self._encoder,
            table=self._table,
            languages=languages,
            possible={*languages, *_COMMON},
            rarity=self._token_rarity(view),
            today=self._today(),
            contextual=self._contextual() if view.refined_count() else None,
        )

    def _languages_of(self, view: View) -> list[str]:
        """Return the languages of the corpus, most frequent first."""
        content, kept = view.content, self._languages
        if kept is None or kept[0] != content:
            kept = self._languages = content, view.languages()
        return kept[1]

    def _token_rarity(self, view: View) -> Floats:
        content, kept = view.content, self._rarity
        if kept is None or kept[0] != content:
            counts = view.token_counts(len(self._table.units))
            kept = self._rarity = content, self._rarities.of(counts, view.counted())
        return kept[1]

    def _rank(self, view: View, question: Question, query: Query) -> tuple[Ranked, list[list[int]]]:
        """Return candidates, and for at most `k` hits the places of the candidates that they are made of."""
        depth, looked = self._candidates, _WIDER * query.k
        ranked = self._candidates_at(view, question, query, depth)
        while True:
            ids = ranked.ids[:looked]
            view.read_ahead(ids if query.collapse else ids[: query.k])
            groups = _group(view, ids, query)
            if len(groups) == query.k:
                return ranked, groups
            if looked < len(ranked.ids):
                looked *= _WIDER
                continue
            if len(ranked.ids) < 2 * depth // 3:  # no search found as many as it was asked for: there are no more
                return ranked, groups
            depth *= _WIDER
            before, ranked = len(ranked.ids), ranked.followed_by(self._candidates_at(view, question, query, depth))
            if len(ranked.ids) == before:
                return ranked, groups
            looked = max(looked, len(ranked.ids))

    def _candidates_at(self, view: View, question: Question, query: Query, depth: int) -> Ranked:
        if query.mode == "hybrid" and query.rerank:
            return self._combine(view, question, depth, query.filters)
        ids, scores = _simple(view, question, query, depth)
        order, scores = best_first(view, ids, scores)
        return Ranked(ids=ids[order], scores=scores)

    def _combine(self, view: View, question: Question, depth: int, filters: Filters) -> Ranked:
        """Rank the candidates of all searches by their features."""
        ids = find_candidates(view, question, depth, filters, self._languages_of(view))
        if not len(ids):
            return Ranked(ids=ids, scores=np.zeros(0, dtype=np.float32))
        features = feature_rows(
            self._table,
            question.tokens,
            candidate_tokens(view, ids),
            vector=view.embeddings(ids) @ question.vector,
            lexical=share_of_ceiling(view, question.words, ids),
            translated=share_of_ceiling(view, question.translated, ids),
        )
        same = np.array([question.shares(language) for language in view.languages_of(ids)])
        odds = self._ranker.log_odds(features, same)
        evidence = find_evidence(view, question, ids)
        if evidence is not None:
            odds = bundled_context_ranker().join(odds, same, evidence)
        timely = advantages(view, ids, odds, question.periods)
        order, odds = best_first(view, ids, odds + timely)
        scores = _sigmoid(odds)
        sure = self._calibration.probability(features, same)
        cases, firsts = np.unique(same[order], return_index=True)
        leading = dict(zip(cases.tolist(), sure[order[firsts]].tolist(), strict=True))
        if self._reranker is not None:
            order, scores = reread(self._reranker(), view, question.text, ids, order, scores)
        return Ranked(
            ids=ids[order],
            scores=scores,
            features=features[order],
            confidence=sure[order],
            leading=leading,
            timely=timely[order] if question.periods else None,
            evidence=evidence.ordered(order) if evidence is not None else None,
        )

    def _hits(
        self, view: View, question: Question, ranked: Ranked, groups: list[list[int]], filters: Filters
    ) -> tuple[list[Hit], list[list[Carrier]]]:
        """Return the hits, and for each of them the articles that carry it, its own first."""
        ids = ranked.ids
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
                    score=float(ranked.scores[place]),
                    rank=rank,
                    citation=cite(document, passage),
                    why=ranked.why(place),
                    matches=Matches(explainer, passage),
                    confidence=None if ranked.confidence is None else float(ranked.confidence[place]),
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


def _simple(view: View, question: Question, query: Query, depth: int) -> Ranking:
    """Rank with vectors, with terms, or with the plain mean of both."""
    if query.mode == "dense":
        return view.search_vectors(question.vector, depth, query.filters)
    lexical = view.search_terms(question.words, depth, query.filters)
    if query.mode == "lexical":
        return lexical
    return fuse_means(view.search_vectors(question.vector, depth, query.filters), lexical)


def _group(view: View, ids: Longs, query: Query) -> list[list[int]]:
    """Return the places of the candidates that each of at most `k` hits is made of, its best first."""
    if not query.collapse:
        return [[place] for place in range(min(query.k, len(ids)))]
    return group_same(view.token_lists(ids), limit=query.k, repeated=lambda place: find_repeated(view, ids, place))


def _joined(first: Floats | None, second: Floats | None, places: list[int]) -> Floats | None:
    return None if first is None or second is None else np.concatenate([first, second[places]])


def _sigmoid(odds: Floats) -> Floats:
    return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)
