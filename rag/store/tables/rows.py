"""What is handed to the store: a document with its passages, each passage with everything that searching it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.records import Document, Failure, Version

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextRow:
    """The vectors of one passage: `vector` ``(dim,)``, and `sentences` ``(m, dim)`` in order, as bytes.

    `passage` is None until the passage is stored.
    """

    vector: Bytes
    sentences: Bytes
    passage: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PassageRow:
    """One passage, ready to store.

    `start` and `end` are offsets into the document's text. `embedding` is `(dim,)` float32 of unit length.
    `surface` and `lemma` hold the folded terms of the passage, joined by single spaces and aligned one to one.
    `tokens` `(n,)` are the ids of the late-interaction table in order; `sentence_starts` `(m,)` are the positions in
    `tokens` at which sentences begin, `sentence_norms` `(m,)` one number for each of them. `context` are the contextual
    vectors where they are known already, as those of a document that has only moved.
    """

    start: int
    end: int
    embedding: Floats
    surface: str
    lemma: str
    tokens: Ints
    sentence_starts: Ints
    sentence_norms: Floats
    context: ContextRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentRows:
    """One document with its passages in order. `origin` is the relative path of the file it came from, if any."""

    document: Document
    passages: Sequence[PassageRow] = ()
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file of the corpus folder as last seen; `failure` says why it could not be read, None when it could."""

    path: str
    size: int
    mtime_ns: int
    sha256: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many documents there are for each language and outlet (None: not known), and the first and last dates.

    `copied` is the number of texts that stand in several documents.
    """

    languages: dict[str | None, int]
    outlets: dict[str | None, int]
    first: date | None
    last: date | None
    copied: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What the index knows of one text of a document, named by its sha256.

    `document` is that text, None where it is not kept; `version` says when it was replaced, None while it is the
    present one; `present` is the document as it is now, if it is there; `gone` says when the text, or where that is not
    known the whole document, was removed.
    """

    document: Document | None = None
    version: Version | None = None
    present: Document | None = None
    gone: datetime | None = None


def check_rows(rows: DocumentRows, dimension: int) -> None:
    """Refuse a document whose passages could not be searched or cited.

    Raises:
        EncoderError: an embedding has the wrong width or type, or holds a number that is not finite.
        ValueError: a span lies outside the text, or terms, tokens and sentences do not fit together.
    """
    document = rows.document
    for row in rows.passages:
        where = f"passage {row.start}-{row.end} of document {document.id!r}"
        if not 0 <= row.start < row.end <= len(document.text):
            raise ValueError(f"{where}: the text has {len(document.text)} characters. Chunk the document again")
        if row.embedding.dtype != np.float32 or row.embedding.shape != (dimension,):
            found = f"{row.embedding.dtype}{row.embedding.shape}"
            raise EncoderError(
                "embedding_shape_wrong",
                id=document.id,
                start=row.start,
                end=row.end,
                found=found,
                expected=f"float32{(dimension,)}",
            )
        if not np.isfinite(row.embedding).all():
            raise EncoderError("embedding_not_finite", id=document.id, start=row.start, end=row.end)
        if row.surface.count(" ") != row.lemma.count(" ") or bool(row.surface) != bool(row.lemma):
            raise ValueError(f"{where}: surface and lemma terms are not aligned one to one")
        if len(row.sentence_starts) != len(row.sentence_norms):
            raise ValueError(
                f"{where}: {len(row.sentence_starts)} sentence starts, {len(row.sentence_norms)} sentence norms"
            )
        starts = row.sentence_starts
        if len(starts) and (starts.min() < 0 or starts.max() > len(row.tokens) or (np.diff(starts) < 0).any()):
            raise ValueError(f"{where}: sentence starts are not ascending positions among {len(row.tokens)} tokens")
