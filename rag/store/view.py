"""One unchanging view of the index: what a question reads from its first search to the text it shows."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexUnusable, QueryError, RagError
from rag.records import Citation, Correction, Counts, Document, DocumentInfo, Filters, ListPage, ListQuery, Passage
from rag.store.duplicates.clusters import count_clusters, list_clusters
from rag.store.duplicates.copies import Copies, Copy
from rag.store.search.bm25 import document_frequencies, score_postings, top_rows
from rag.store.search.context_part import ContextCosines, context_cosines
from rag.store.search.snapshot import FOLDER, write_snapshot
from rag.store.search.state import State, TokenRows, advance, group_tiers, group_whole, load_state
from rag.store.search.text_search import find_documents
from rag.store.search.vectors import search_parts
from rag.store.tables.catalogue import Catalogue, Commit, last_commit
from rag.store.tables.corrections import list_corrections
from rag.store.tables.damage import damaged
from rag.store.tables.document_counts import count_facets, count_languages
from rag.store.tables.document_list import count_documents, document_infos, list_documents, list_page
from rag.store.tables.documents import (
    digests,
    document_ids,
    document_numbers,
    documents_of,
    list_files,
    list_ids,
    list_origins,
    newest_documents,
    select_documents,
)
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.passages import select_citations, select_spans
from rag.store.tables.rows import Facets, FileRecord, Floats, Longs, Mask
from rag.store.unknown_names import MOST_NAMES, hint, nearest_names, shown_names

_log = logging.getLogger(__name__)

T = TypeVar("T")
Ids = Sequence[int] | Longs

SCORE_DECIMALS = 5
"""Scores are compared to so many places: float32 sums of the same numbers in another order differ in the seventh."""

_SPARE, _MORE, _MOST_TIED = 32, 4, 20_000
"""Passages that a search fetches beside those asked for, to see which are equal to the last one; how many times more it
fetches while there is no end of these, and how many at most."""


class View:
    """Searches and fetches at one commit, whatever is written meanwhile. For one thread; made by `LocalStore.view`."""

    def __init__(self, state: State, database: sqlite3.Connection) -> None:
        self.state = state
        self._database = database
        self._masks: dict[Filters | None, list[Mask | None]] = {}
        self._copies: Copies | None = None
        self._frequencies: dict[str, int] = {}
        self._scored: dict[tuple[tuple[tuple[str, float], ...], ...], list[Floats]] = {}

    @property
    def manifest(self) -> Manifest:
        """What the index was built with."""
        return self.state.manifest

    @property
    def commit(self) -> Commit:
        """The newest write that this view shows."""
        return self.state.commit

    @property
    def generation(self) -> int:
        """The number of the newest write that this view shows."""
        return self.commit.generation

    @property
    def content(self) -> int:
        """The number of the newest write, of those that this view shows, that passages came or went with."""
        return self.state.content

    def count(self) -> int:
        """Return the number of passages."""
        return self.state.live

    def counted(self) -> int:
        """Return the number of passages in statistics: those of a document that repeats another are not."""
        return self.state.totals.passages

    def document_count(self) -> int:
        """Return the number of documents."""
        return int(self._database.execute("SELECT count(*) FROM documents").fetchone()[0])

    def search_vectors(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the nearest passages, best first.

        Args:
            query: `(dim,)` float32.
            k: how many; fewer come back when fewer match, none for k below 1.
            filters: conditions on the documents.

        Raises:
            EncoderError: the query has another type or width than the index.
        """
        query = np.asarray(query)
        masks = self._allowed(filters)
        parts = [(segment.vectors, allowed) for segment, allowed in zip(self.state.segments, masks, strict=True)]

        def search(wanted: int) -> tuple[Longs, Floats]:
            found = search_parts(parts, query, wanted)
            ids = [segment.ids[rows] for segment, (rows, _) in zip(self.state.segments, found, strict=True)]
            return _best(ids, [scores for _, scores in found], wanted)

        return self._settled(search, k)

    def search_context(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the nearest passages by their contextual vectors; of the refined ones.

        Args:
            query: `(dim,)` float32, of the contextual model.
            k: how many at most.
            filters: conditions on the documents.
        """
        parts = []
        for part in self.state.context:
            allowed = part.alive
            if filters:
                matching = self._matching(part.ids if allowed is None else part.ids[allowed], filters)
                allowed = matching if allowed is None else _spread(matching, allowed)
            parts.append((part, allowed))

        def search(wanted: int) -> tuple[Longs, Floats]:
            ids, scores = [], []
            for part, allowed in parts:
                rows, found = part.vectors.search(query, wanted, allowed)
                ids.append(part.ids[rows])
                scores.append(found)
            return _best(ids, scores, wanted)

        return self._settled(search, k)

    def context_cosines(self, query: Floats, passage_ids: Ids) -> ContextCosines:
        """Return the cosines of a question's contextual vector `(dim,)` with passages and their sentences."""
        return context_cosines(self.state.context, query, _longs(passage_ids))

    def refined_count(self) -> int:
        """Return how many passages have contextual vectors."""
        return self.state.refined

    def search_terms(
        self, groups: Iterable[Mapping[str, float]], k: int, filters: Filters | None = None
    ) -> tuple[Longs, Floats]:
        """Return the ids and BM25 scores of the passages that hold terms of the question, best first.

        Args:
            groups: for each word of the question its alternatives with their weights; the best one counts.
            k: how many at most.
            filters: conditions on the documents. They do not change the scores.
        """
        state = self.state
        scores = self._scores(groups)
        masks = self._allowed(filters)

        def search(wanted: int) -> tuple[Longs, Floats]:
            found = [top_rows(*each, wanted) for each in zip(state.parts, scores, masks, strict=True)]
            ids = [segment.ids[rows] for segment, (rows, _) in zip(state.segments, found, strict=True)]
            return _best(ids, [scores for _, scores in found], wanted)

        return self._settled(search, k)

    def _settled(self, search: Callable[[int], tuple[Longs, Floats]], k: int) -> tuple[Longs, Floats]:
        """Return the best `k` of a search, of equal ones those whose document and place come first.

        Which of equal passages a search leaves out would else depend on their rows, and so on what was stored when.
        """
        if k < 1:
            return search(0)
        wanted = k + _SPARE
        ids, scores = search(wanted)
        while len(ids) == wanted <= _MOST_TIED and _rounded(scores[-1:]) == _rounded(scores[k - 1 : k]):
            wanted *= _MORE
            ids, scores = search(wanted)
        return self._first(ids, scores, k)

    def _first(self, ids: Longs, scores: Floats, k: int) -> tuple[Longs, Floats]:
        """Return the first `k` of passages in order of their scores; of those equal to the last one, by place."""
        if len(ids) <= k:
            return ids, scores
        rounded = _rounded(scores)
        tied = np.flatnonzero(rounded == rounded[k - 1])
        if tied[-1] >= k:
            places = self.places(ids[tied])
            chosen = tied[sorted(range(len(tied)), key=places.__getitem__)]
            order = np.concatenate([np.arange(tied[0]), chosen])[:k]
            return ids[order], scores[order]
        return ids[:k], scores[:k]

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return in how many of the passages that count each term stands, `(n,)`."""
        unknown = [term for term in terms if term not in self._frequencies]
        if unknown:
            self._frequencies.update(zip(unknown, document_frequencies(self.state.parts, unknown), strict=True))
        return np.array([self._frequencies[term] for term in terms], np.int64)

    def score_terms(self, groups: Iterable[Mapping[str, float]], passage_ids: Ids) -> Floats:
        """Return the BM25 scores of given passages, `(n,)`; 0 where no term of the question stands."""
        ids = _longs(passage_ids)
        scores = dict(zip(map(id, self.state.segments), self._scores(groups), strict=True))
        result = np.zeros(len(ids), np.float32)
        for segment, positions, rows in self.state.locate(ids):
            result[positions] = scores[id(segment)][rows]
        return result

    def token_counts(self, vocabulary: int) -> Longs:
        """Return how often each token of a table of that size stands in passages that count, `(vocabulary,)`."""
        return self.state.token_counts(vocabulary)

    def tokens(self, passage_ids: Ids) -> TokenRows:
        """Return the late-interaction tokens of passages.

        Raises:
            QueryError: a passage is not there; so do all methods that take passage ids.
        """
        return self.state.tokens(_longs(passage_ids))

    def token_lists(self, passage_ids: Ids) -> list[NDArray[np.int32]]:
        """Return the tokens of each passage."""
        rows = self.tokens(passage_ids)
        return [rows.ids[start:stop] for start, stop in pairwise(rows.bounds.tolist())]

    def embeddings(self, passage_ids: Ids) -> Floats:
        """Return the vectors of passages, `(n, dim)` float32."""
        return self.state.embeddings(_longs(passage_ids))

    def languages(self) -> list[str]:
        """Return the languages of the documents, most frequent first."""
        return [language for language in count_languages(self._database) if language is not None]

    def language_names(self) -> frozenset[str]:
        """Return the languages of the passages, from memory."""
        return frozenset(name for segment in self.state.segments for name in segment.language_names if name)

    def outlet_names(self) -> frozenset[str]:
        """Return the outlets of the passages, from memory."""
        return frozenset(name for segment in self.state.segments for name in segment.outlet_names if name)

    def languages_of(self, passage_ids: Ids) -> list[str | None]:
        """Return the languages of the passages' documents."""
        return self.state.languages(_longs(passage_ids))

    def document_numbers(self, passage_ids: Ids) -> Longs:
        """Return a number for each passage's document, `(n,)`: equal numbers, same document."""
        return self.state.documents(_longs(passage_ids))

    def passage_documents(self, passage_ids: Ids) -> list[str]:
        """Return the ids of the passages' documents."""
        numbers = self.document_numbers(passage_ids).tolist()
        found = document_ids(self._database, numbers)
        return [_there(found, number) for number in numbers]

    def places(self, passage_ids: Ids) -> list[tuple[str, int]]:
        """Return of each passage its document's id and its start there: a name that does not depend on its row."""
        ids = _longs(passage_ids).tolist()
        spans = select_spans(self._database, ids)
        names = document_ids(self._database, sorted({number for number, _, _ in spans.values()}))
        return [(_there(names, _there(spans, id_)[0]), spans[id_][1]) for id_ in ids]

    def copies(self, passage: int, known: Iterable[int] = (), filters: Filters | None = None) -> list[Copy]:
        """Return the documents that carry a passage and match, its own first; see `rag.store.duplicates.copies`."""
        found = self._copy_finder().of(passage, known)
        if not filters or len(found) == 1:
            return found
        allowed = self._matching(np.array([copy.passage for copy in found], np.int64), filters)
        return [copy for copy, matches in zip(found, allowed.tolist(), strict=True) if matches]

    def read_ahead(self, passage_ids: Ids) -> None:
        """Read at once what `copies` will be asked of these passages."""
        self._copy_finder().read_ahead(_longs(passage_ids).tolist())

    def _copy_finder(self) -> Copies:
        if self._copies is None:
            self._copies = Copies(self._database, self.document_numbers)
        return self._copies

    def passages(self, passage_ids: Ids) -> list[Passage]:
        """Return passages with their texts, in the order asked for."""
        return [passage for passage, _ in self.passages_with_documents(passage_ids)]

    def passages_with_documents(self, passage_ids: Ids) -> list[tuple[Passage, Document]]:
        """Return passages, each with its whole document, in the order asked for."""
        ids = _longs(passage_ids).tolist()
        spans = select_spans(self._database, ids)
        for id_ in ids:
            if id_ not in spans:
                raise QueryError("passage_unknown", id=id_)
        documents = dict(select_documents(self._database, {number for number, _, _ in spans.values()}))
        result = []
        for id_ in ids:
            number, start, end = spans[id_]
            document = _there(documents, number)
            if not 0 <= start < end <= len(document.text):
                raise damaged("passage", ValueError(f"its text has {len(document.text)} characters"), id_)
            text = document.text[start:end]
            result.append((Passage(id=id_, document_id=document.id, start=start, end=end, text=text), document))
        return result

    def citations(self, passage_ids: Ids) -> list[tuple[Citation, str | None]]:
        """Return passages as citations, each with its document's language, without reading any text."""
        ids = _longs(passage_ids).tolist()
        found = select_citations(self._database, ids)
        return [_there(found, id_) for id_ in ids]

    def document(self, document_id: str) -> Document:
        """Return a document.

        Raises:
            QueryError: it is not there.
        """
        found = self.documents([document_id])
        if not found:
            raise self.unknown_document(document_id)
        return found[document_id]

    def unknown_document(self, document_id: str) -> QueryError:
        """Return the error for a document that is not there, with the nearest ids."""
        ids = list_ids(self._database, MOST_NAMES)
        near = nearest_names(document_id, ids)
        names = shown_names(near, ids)
        return QueryError("document_unknown", document=repr(document_id), hint=hint(near), names=names)

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are there."""
        numbers = document_numbers(self._database, document_ids)
        found = dict(select_documents(self._database, numbers.values()))
        return {id_: _there(found, number) for id_, number in numbers.items()}

    def present(self, document_ids: Iterable[str]) -> dict[str, str]:
        """Return the sha256 of those of the documents that are there."""
        return digests(self._database, document_ids)

    def list_documents(self, offset: int = 0, limit: int | None = None) -> list[DocumentInfo]:
        """Return the documents without their texts, by id: all, or at most `limit` after the first `offset`."""
        return list_documents(self._database, offset, limit)

    def newest_documents(self, limit: int, filters: Filters) -> list[Document]:
        """Return the documents that match, the latest first."""
        ids = newest_documents(self._database, limit, filters)
        found = self.documents(ids)
        return [found[id_] for id_ in ids]

    def browse(self, query: ListQuery) -> ListPage:
        """Return one page of the list of documents; see `rag.store.tables.document_list`."""
        found = find_documents(self._database, self.state.segments, query.find)
        page = list_page(self._database, query, found.documents if found is not None else None)
        return replace(page, cut=found is not None and found.cut)

    def counts(self) -> Counts:
        """Count documents by language, outlet and month."""
        return count_documents(self._database)

    def infos(self, document_ids: Iterable[str]) -> list[DocumentInfo]:
        """Return those of the documents that are there, without their texts."""
        return document_infos(self._database, list(document_numbers(self._database, document_ids).values()))

    def corrections(self, document_id: str) -> list[Correction]:
        """Return what was corrected by hand of a document."""
        return list_corrections(self._database, document_id)

    def clusters(self) -> list[list[str]]:
        """Return the ids of documents that are the same text, a list for each text that stands in several."""
        return list_clusters(self._database)

    def facets(self) -> Facets:
        """Count documents by language and outlet, and find the first and last day."""
        return replace(count_facets(self._database), copied=count_clusters(self._database))

    def files(self) -> dict[str, FileRecord]:
        """Return all file records by path."""
        return {file.path: file for file in list_files(self._database)}

    def failures(self) -> list[FileRecord]:
        """Return the records of files that could not be read, by path."""
        return [file for file in list_files(self._database) if file.failure is not None]

    def documents_of(self, paths: Iterable[str]) -> list[str]:
        """Return the ids of the documents that came from these files, ascending."""
        return documents_of(self._database, paths)

    def origins(self) -> dict[str, list[str]]:
        """Return, for each file that documents came from, their ids."""
        return list_origins(self._database)

    def _matching(self, ids: Longs, filters: Filters) -> Mask:
        """Say which passages match the filters, `(n,)`."""
        masks = {id(segment): mask for segment, mask in zip(self.state.segments, self._allowed(filters), strict=True)}
        matching = np.ones(len(ids), np.bool_)
        for segment, positions, rows in self.state.locate(ids):
            mask = masks[id(segment)]
            if mask is not None:
                matching[positions] = mask[rows]
        return matching

    def _scores(self, groups: Iterable[Mapping[str, float]]) -> list[Floats]:
        """Score every passage once for each question: candidates are found by these scores, and then judged by them."""
        groups = list(groups)
        key = tuple(tuple(sorted(group.items())) for group in groups)
        if key not in self._scored:
            self._scored[key] = score_postings(self.state.parts, self.state.totals, groups, self._frequencies)
        return self._scored[key]

    def _allowed(self, filters: Filters | None) -> list[Mask | None]:
        if filters not in self._masks:
            documents: Longs | None = None
            if filters and filters.documents:
                documents = np.array(sorted(document_numbers(self._database, filters.documents).values()), np.int64)
            self._masks[filters] = [segment.allowed(filters, documents) for segment in self.state.segments]
        return self._masks[filters]


def _there(found: Mapping[int, T], number: int) -> T:
    """Return what has a number that another row of the same database names."""
    if number not in found:
        raise damaged("row", ValueError("another row names it, and it is not there"), number)
    return found[number]


def _rounded(scores: Floats) -> Floats:
    return np.asarray(np.round(scores, SCORE_DECIMALS), np.float32)


def _best(ids: Sequence[Longs], scores: Sequence[Floats], k: int) -> tuple[Longs, Floats]:
    if not ids:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    all_ids, all_scores = np.concatenate(ids), np.concatenate(scores)
    order = np.lexsort((all_ids, -all_scores))[: max(0, k)]
    return all_ids[order], all_scores[order]


def _spread(matching: Mask, alive: Mask) -> Mask:
    """Return which of all rows match, given which of the live ones do."""
    mask = alive.copy()
    mask[alive] = matching
    return mask


def _longs(ids: Ids) -> Longs:
    return np.asarray(ids, np.int64).reshape(-1)


class Following(Protocol):
    """What finds candidates for a store, from commit to commit: in mapped arrays here (`Newest`), or on a server."""

    manifest: Manifest

    @property
    def commit(self) -> Commit:
        """What the last view showed."""
        ...

    @property
    def due(self) -> bool:
        """Whether so much was written that `save` is worth its time."""
        ...

    def view(self) -> AbstractContextManager[View]:
        """Hold the newest state unchanged; see `LocalStore.view`."""
        ...

    def save(self, *, whole: bool = False) -> None:
        """Write what is derived from the newest state to where the next opening finds it; `whole`, all of it anew."""
        ...

    def purge(self) -> None:
        """Do the same, so that nothing of what was removed is left in this folder."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Newest:
    """Follows the database from commit to commit, whoever writes. Safe from many threads."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Load the state, which maps the snapshot or reads the rows."""
        self._folder = folder
        self._catalogue = catalogue
        self._turn = threading.Lock()  # one thread moves on, the others wait for what it finds
        with catalogue.reading() as database:
            self._state = load_state(folder, database)
        self.manifest: Manifest = self._state.manifest  # what the index was built with when it was opened

    @property
    def commit(self) -> Commit:
        """What the last view showed."""
        return self._state.commit

    @contextmanager
    def view(self) -> Iterator[View]:
        """Hold the newest state unchanged; see `LocalStore.view`."""
        for attempt in range(3):
            with self._catalogue.reading() as database:
                state = self._caught_up(database, last_try=attempt == 2)
                if state is None:
                    continue  # another thread has seen a newer commit since: look again
                check(state.manifest, self.manifest, str(self._folder))
                try:
                    yield View(state, database)
                except RagError:
                    raise
                except Exception as error:
                    self._check_unchanged(state, error)
                    raise
                self._check_unchanged(state)  # what was computed meanwhile is of no use otherwise
                return

    @property
    def due(self) -> bool:
        """Whether a new snapshot is worth writing."""
        with self.view() as view:
            return view.state.outgrown

    def purge(self) -> None:
        """Write the segments anew that hold what was removed; raises as `save` does."""
        self._save(purge=True)

    def close(self) -> None:
        """Do nothing: what is mapped goes with the last view of it."""

    def save(self, *, whole: bool = False) -> None:
        """Write the newest state as the snapshot, and serve from it; for whoever has the turn at writing.

        Args:
            whole: write all of it as one segment; else what the present snapshot has stays as it is, for the most part.

        Raises:
            IndexUnusable: it cannot be written.
        """
        self._save(whole=whole)

    def _save(self, *, whole: bool = False, purge: bool = False) -> None:
        with self.view() as view:
            state = view.state
        known = state.snapshot.files if state.snapshot else None
        if known is not None and not whole:
            try:
                known.check(self._folder / FOLDER)
            except (OSError, ValueError):  # another process has written one since, or somebody has removed it
                whole = True
        groups, context = group_whole(state) if whole else group_tiers(state, purge=purge)
        write_snapshot(self._folder, groups, context, state.commit, state.manifest, known)
        self._catalogue.forget(state.commit)
        with self._turn, self._catalogue.reading() as database:
            fresh = load_state(self._folder, database, state)
            # What passages say is what it was, so that what is derived from it need not be made anew.
            self._state = replace(fresh, content=state.content) if fresh.commit == state.commit else fresh

    def _check_unchanged(self, state: State, cause: Exception | None = None) -> None:
        """Refuse what was read from a snapshot that was written to meanwhile."""
        if (changed := state.changed) is not None:
            raise IndexUnusable("snapshot_changed", place=str(self._folder), file=changed) from cause

    def _caught_up(self, database: sqlite3.Connection, *, last_try: bool) -> State | None:
        """Return the state at the reader's commit, None if this store has already moved past it."""
        now = last_commit(database)
        state = self._state
        if state.commit == now and state.changed is None:
            return state
        with self._turn:
            state = self._state
            if (changed := state.changed) is not None:
                _log.info("index at %r: %s was changed; it is checked again", str(self._folder), changed)
                state = load_state(self._folder, database, state)
            elif now.generation > state.commit.generation:
                state = advance(state, self._folder, database)
            elif state.commit != now:
                if not last_try:
                    return None
                state = load_state(self._folder, database)  # the database was put back to an earlier copy
            self._state = state
        return state
