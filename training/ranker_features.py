"""The ranker's features over a pool of passages, made by the very functions that serve questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import unit
from rag.encoding.table import TokenTable
from rag.retrieval.features import feature_rows, lexical_ceiling
from rag.retrieval.idf import token_rarity
from rag.retrieval.late_interaction import Candidates, question_tokens
from rag.retrieval.question import Group, translate
from rag.store.search.bm25 import Part, Totals, build_postings, document_frequencies, search_postings
from rag.text.sentences import split_sentences
from rag.text.terms import document_terms, query_terms

Floats = NDArray[np.float32]


class Pool:
    """A pool of documents in one language, each a run of passages, held in memory."""

    def __init__(self, table: TokenTable, documents: Sequence[Sequence[str]], language: str) -> None:
        self.table, self.language = table, language
        passages = [passage for document in documents for passage in document]
        owners = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
        sentences = [[text[a:b] for a, b in split_sentences(text, language)] for text in passages]
        flat = table.tokenize([sentence for own in sentences for sentence in own])
        norms = np.linalg.norm(table.means(flat.ids, flat.bounds), axis=1).astype(np.float32)
        filled = np.diff(flat.bounds) > 0
        firsts = np.concatenate([[0], np.cumsum([len(own) for own in sentences])])
        self.candidates = Candidates(
            ids=flat.ids,
            bounds=flat.bounds[firsts],
            sentences=flat.bounds[:-1][filled],
            sentence_bounds=np.concatenate([[0], np.cumsum(filled)])[firsts].astype(np.int64),
            sentence_norms=norms[filled],
            documents=owners.astype(np.int64),
        )
        self.vectors = unit(table.means(flat.ids, self.candidates.bounds))
        postings = build_postings(
            [(" ".join(surface), " ".join(lemma)) for surface, lemma in (document_terms(t, language) for t in passages)]
        )
        self.totals = Totals(passages=len(passages), words=int(postings.lengths.sum()))
        saturation = self.totals.saturation(postings.lengths)
        self.parts = [Part(postings=postings, saturation=saturation, alive=None, counted=None)]
        counts = np.bincount(flat.ids, minlength=len(table.units))
        self.rarity = token_rarity(table, counts, len(passages))

    def features(self, question: str, languages: Sequence[str] | None = None) -> Floats:
        """Return the features ``(passages, features)`` of every passage for a question."""
        groups = [dict.fromkeys(word, 1.0) for word in query_terms(question, languages or [self.language])]
        tokens = self.table.tokenize([question])
        vector = unit(self.table.means(tokens.ids, tokens.bounds))[0]
        return feature_rows(
            self.table,
            question_tokens(self.table, question, self.rarity),
            self.candidates,
            vector=self.vectors @ vector,
            lexical=self._bm25(groups),
            translated=self._bm25(translate(groups, self.table)),
        )

    def _bm25(self, groups: Sequence[Group]) -> Floats:
        terms = list({term for group in groups for term in group})
        frequencies = dict(zip(terms, document_frequencies(self.parts, terms), strict=True))
        ceiling = lexical_ceiling(groups, frequencies, self.totals.passages)
        ((rows, scores),) = search_postings(self.parts, self.totals, groups, self.totals.passages, [None])
        out = np.zeros(self.totals.passages, dtype=np.float32)
        out[rows] = scores / ceiling
        return out
