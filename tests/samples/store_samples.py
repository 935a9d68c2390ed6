"""Small documents for tests of the store, and the same searches done the plain way: by counting and by numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.records import Document, Filters
from rag.store import DocumentRows, LocalStore, Manifest, PassageRow
from rag.store.search.segments import Segment
from rag.store.view import SCORE_DECIMALS

DIMENSION = 8
MANIFEST = Manifest(model="model-a", fingerprint="f" * 16, dimension=DIMENSION)


def lemma_of(word: str) -> str:
    """Cut one ending vowel: enough for surface and lemma to differ now and then."""
    return word[:-1] if len(word) > 2 and word[-1] in "aei" else word


def vector_of(text: str) -> NDArray[np.float32]:
    """Return a unit vector that depends on the text alone."""
    seed = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return vector


def make_rows(
    document_id: str,
    passages: Sequence[str],
    *,
    language: str | None = "ro",
    outlet: str | None = None,
    published: date | None = None,
    origin: str | None = None,
) -> DocumentRows:
    """Make a document whose passages are the given texts, one to a line; words are what spaces divide."""
    rows, start = [], 0
    for text in passages:
        words = text.split()
        rows.append(
            PassageRow(
                start=start,
                end=start + len(text),
                embedding=vector_of(text),
                surface=" ".join(words),
                lemma=" ".join(map(lemma_of, words)),
                tokens=np.array([sum(map(ord, word)) % 100 for word in words], np.int32),
                sentence_starts=np.array([0, len(words) // 2] if words else [], np.int32),
                sentence_norms=np.array([1.0, 0.5] if words else [], np.float32),
            )
        )
        start += len(text) + 1
    document = Document(
        id=document_id,
        text="\n".join(passages),
        language=language,
        outlet=outlet,
        published=published,
        title=document_id,
    )
    return DocumentRows(document=document, passages=rows, origin=origin)


NAMES = [f"d{number}" for number in range(9)]


def version(name: str, step: int) -> DocumentRows:
    """Return one state of a document: its passages all say which."""
    return make_rows(name, [f"ana are {step} mere", f"om {step}", f"pere {step} {name}"][: 1 + step % 3])


def plain_bm25(
    passages: Sequence[PassageRow], groups: Iterable[Mapping[str, float]], k1: float = 1.2, b: float = 0.75
) -> list[float]:
    """Score passages by the formula in `rag.store.search.bm25`, term by term, in double precision."""
    bags = [
        [{surface, lemma} for surface, lemma in zip(row.surface.split(), row.lemma.split(), strict=True)]
        for row in passages
    ]
    mean = sum(map(len, bags)) / max(1, len(bags)) or 1.0
    scores = [0.0] * len(bags)
    for group in groups:
        for number, bag in enumerate(bags):
            best = 0.0
            for term, weight in group.items():
                df = sum(any(term in position for position in other) for other in bags)
                tf = sum(term in position for position in bag)
                idf = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
                best = max(best, weight * idf * tf / (tf + k1 * (1 - b + b * len(bag) / mean)))
            scores[number] += best
    return scores


def meets(rows: DocumentRows, filters: Filters | None) -> bool:
    """Say whether a document meets the filters, read from their description."""
    if not filters:
        return True
    document = rows.document
    if filters.languages and document.language not in filters.languages:
        return False
    if filters.outlets and document.outlet not in filters.outlets:
        return False
    if filters.documents and document.id not in filters.documents:
        return False
    if filters.published_from or filters.published_to:
        if document.published is None:
            return False
        day = date.fromordinal(document.published.toordinal())
        return (filters.published_from or day) <= day <= (filters.published_to or day)
    return True


def check_against(store: LocalStore, documents: Mapping[str, DocumentRows], filters: Filters | None = None) -> None:
    """Compare every answer of the store with the plain way over the same documents."""
    expected = [(rows, row) for rows in documents.values() for row in rows.passages]
    query = vector_of("query")
    groups = [{"ana": 1.0, "an": 0.5}, {"mere": 1.0}, {"are": 0.7, "ar": 0.9}, {"ana": 1.0, "an": 0.5}]
    with store.view() as view:
        assert view.count() == len(expected)
        assert view.document_count() == len(documents)

        def named(ids: NDArray[np.int64]) -> list[tuple[str, int]]:
            found = view.passages_with_documents(ids)
            for passage, document in found:
                assert document.text[passage.start : passage.end] == passage.text
            return [(passage.document_id, passage.start) for passage, _ in found]

        wanted = {
            (rows.document.id, row.start): float(row.embedding @ query)
            for rows, row in expected
            if meets(rows, filters)
        }
        for k in (3, len(expected) + 5):
            ids, scores = view.search_vectors(query, k, filters)
            assert list(scores) == sorted(scores, reverse=True)
            assert len(ids) == min(k, len(wanted))
            found = dict(zip(named(ids), scores.tolist(), strict=True))
            best = sorted(wanted.values(), reverse=True)[:k]
            np.testing.assert_allclose(scores, best, atol=1e-6)
            assert all(abs(wanted[key] - score) < 1e-6 for key, score in found.items())

        plain = plain_bm25([row for _, row in expected], groups)
        wanted = {
            (rows.document.id, row.start): score
            for (rows, row), score in zip(expected, plain, strict=True)
            if meets(rows, filters) and score > 0
        }
        ids, scores = view.search_terms(groups, len(expected) + 5, filters)
        assert list(scores) == sorted(scores, reverse=True)
        found = dict(zip(named(ids), scores.tolist(), strict=True))
        assert found == {key: found.get(key) for key in wanted}
        assert all(abs(wanted[key] - score) < 1e-5 for key, score in found.items())
        first, _ = view.search_terms(groups, 2, filters)
        places, rounded = view.places(ids), [-round(float(score), SCORE_DECIMALS) for score in scores]
        order = sorted(range(len(ids)), key=lambda at: (rounded[at], places[at]))
        assert set(named(first)) == set(named(ids[order[:2]]))  # of equal ones those whose documents come first

        everything = view.search_vectors(query, len(expected) + 1)[0]
        by_place = {(rows.document.id, row.start): row for rows, row in expected}
        tokens = view.tokens(everything)
        for number, place in enumerate(named(everything)):
            row = by_place[place]
            assert tokens.ids[tokens.bounds[number] : tokens.bounds[number + 1]].tolist() == row.tokens.tolist()
            stretch = slice(tokens.sentence_bounds[number], tokens.sentence_bounds[number + 1])
            assert tokens.sentences[stretch].tolist() == row.sentence_starts.tolist()
            assert tokens.sentence_norms[stretch].tolist() == row.sentence_norms.tolist()
        frequencies = [
            sum(
                any(term in pair for pair in zip(row.surface.split(), row.lemma.split(), strict=True))
                for _, row in expected
            )
            for term in ("ana", "an", "none")
        ]
        assert view.document_frequency(["ana", "an", "none"]).tolist() == frequencies


WORDS = ["ana", "are", "mere", "ar", "an", "pere", "om"]
DAYS = [None, date(2026, 1, 8), date(2026, 1, 14), datetime(2026, 1, 14, 23, 59), date(2025, 12, 21)]

texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), max_size=4)


def sample(document_id: str, passages: list[str], variant: int) -> DocumentRows:
    language = ("ro", "sl", None, "hr", "ro")[variant]
    return make_rows(document_id, passages, language=language, outlet=f"o{variant % 3}", published=DAYS[variant])


def filled(folder: Path, manifest: Manifest = MANIFEST) -> dict[str, DocumentRows]:
    documents = {f"d{n}": sample(f"d{n}", ["ana are mere", f"om {n}"], n % 5) for n in range(40)}
    with LocalStore.create(folder, manifest) as store:
        store.upsert(list(documents.values()))
        store.optimise()
    return documents


def differences(one: Segment, other: Segment) -> list[str]:
    """Return the names of the columns in which two segments without removed rows differ."""
    columns = (
        "ids",
        "documents",
        "published",
        "token_offsets",
        "tokens",
        "sentence_offsets",
        "sentence_starts",
        "sentence_norms",
    )
    names = [name for name in columns if not np.array_equal(getattr(one, name), getattr(other, name))]
    postings = ("terms", "offsets", "rows", "counts", "lengths")
    names += [
        f"postings {name}"
        for name in postings
        if not np.array_equal(getattr(one.postings, name), getattr(other.postings, name))
    ]
    if not np.array_equal(one.vectors.array, other.vectors.array):
        names.append("vectors")
    for labels in ("language", "outlet"):
        values = [
            np.array(getattr(part, f"{labels}_names"), object)[getattr(part, f"{labels}s")] for part in (one, other)
        ]
        if not np.array_equal(*values):
            names.append(f"{labels}s")
    return names
