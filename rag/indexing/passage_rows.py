"""From documents to rows: passages, their vectors, their terms and their tokens, ready for one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.encoding.encoder import Encoder
from rag.encoding.table import TokenTable
from rag.indexing.chunking import WHOLE, chunk_document
from rag.records import Document, Passage
from rag.store.tables.rows import DocumentRows, PassageRow
from rag.text.sentences import split_sentences
from rag.text.terms import document_terms


def prepare_documents(
    documents: Sequence[Document],
    *,
    encoder: Encoder,
    table: TokenTable,
    chunk_tokens: int,
    overlap: int,
    origins: Sequence[str | None] = (),
    progress: bool = False,
) -> list[DocumentRows]:
    """Chunk, encode and index-term documents, all passages in one encoder batch.

    `origins` names the file each document came from; documents given by hand have none.
    """
    limit = encoder.identity.max_tokens or WHOLE * chunk_tokens  # 0: the model has no limit of its own
    passages = [
        chunk_document(
            document,
            count_tokens=encoder.count_tokens,
            max_tokens=limit,
            target_tokens=chunk_tokens,
            overlap_sentences=overlap,
        )
        for document in documents
    ]
    flat = [(document, passage) for document, own in zip(documents, passages, strict=True) for passage in own]
    vectors = encoder.encode_passages(
        [passage.text for _, passage in flat], titles=[document.title for document, _ in flat], progress=progress
    )
    rows = iter(_passage_rows(flat, vectors, table))
    return [
        DocumentRows(document=document, passages=[next(rows) for _ in own], origin=origin)
        for document, own, origin in zip(documents, passages, origins or [None] * len(documents), strict=True)
    ]


def _passage_rows(
    flat: Sequence[tuple[Document, Passage]],
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    table: TokenTable,
) -> list[PassageRow]:
    sentences = [
        [passage.text[start:end] for start, end in split_sentences(passage.text, document.language)]
        for document, passage in flat
    ]
    tokens = table.tokenize([sentence for own in sentences for sentence in own])
    norms = np.linalg.norm(table.means(tokens.ids, tokens.bounds), axis=1).astype(np.float32)
    out: list[PassageRow] = []
    first = 0
    for (document, passage), vector, own in zip(flat, vectors, sentences, strict=True):
        bounds = tokens.bounds[first : first + len(own) + 1]
        filled = np.flatnonzero(np.diff(bounds)) if len(own) else np.empty(0, dtype=np.int64)
        surface, lemma = document_terms(passage.text, document.language)
        out.append(
            PassageRow(
                start=passage.start,
                end=passage.end,
                embedding=vector,
                surface=" ".join(surface),
                lemma=" ".join(lemma),
                tokens=tokens.ids[bounds[0] : bounds[-1]],
                sentence_starts=(bounds[:-1][filled] - bounds[0]).astype(np.int32),
                sentence_norms=norms[first : first + len(own)][filled],
            )
        )
        first += len(own)
    return out
