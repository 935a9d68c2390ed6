"""The store on one machine: SQLite for the truth, mapped arrays and faiss for speed, one writer, many readers."""

# Longer than other modules, as every call of the store is described here; what they share stands in modules of its own.
from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

from rag.errors import QueryError
from rag.records import Correction, Counts, Document, DocumentInfo, Filters, ListPage, ListQuery, Passage, Version
from rag.store.locking import Turns
from rag.store.rebuild import create_index, discard_unfinished
from rag.store.search.snapshot import bytes_on_disk
from rag.store.tables.catalogue import Catalogue, Commit, last_commit, read_manifest
from rag.store.tables.context_rows import Waiting, count_context, put_context, waiting
from rag.store.tables.corrections import as_read, drop_corrections, put_corrections, rename_corrections
from rag.store.tables.corrections import now as this_moment
from rag.store.tables.documents import document_numbers, documents_of, origins_of, put_files, select_documents
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.passages import (
    newest_passage,
    put_documents,
    remove_documents,
    remove_files,
    select_rows,
    store_again,
)
from rag.store.tables.rows import (
    Cited,
    ContextRow,
    DocumentRows,
    Facets,
    FileRecord,
    Floats,
    Longs,
    PassageRow,
)
from rag.store.tables.versions import KEPT, count_versions, find_text, forget_versions, list_versions, now, rename
from rag.store.verification import find_problems
from rag.store.view import Following, Ids, Newest, View

PURGED_AT_ONCE = 20_000
"""Passages up to which a removal overwrites everything at once: a second or two, in a corpus of 3,000 articles."""


class LocalStore:
    """An index folder, open. Reading is safe from many threads; writing is for one process, and one call at a time.

    Reading methods each look at the newest state. Steps that belong together (search, then fetch what was found) go
    through one `view`, which does not change under them. `versions_kept` is how many earlier texts of a document stay.
    """

    def __init__(self, path: Path | str, follow: Callable[[Path, Catalogue], Following] = Newest) -> None:
        """Open an index that exists, with what finds its candidates; see `open`."""
        self.path = Path(path)
        self.versions_kept = KEPT
        self._counted: tuple[tuple[int, int], Counts] | None = None
        self._catalogue = Catalogue(self.path)
        self._turns = Turns(self.path, self._catalogue)
        try:
            self._newest = follow(self.path, self._catalogue)
        except BaseException:
            self._catalogue.close()
            raise

    @classmethod
    def create(cls, path: Path | str, manifest: Manifest, *, replace: bool = False) -> LocalStore:
        """Make an empty index and open it.

        Args:
            path: its folder, made if needed.
            manifest: what it is built with.
            replace: empty an index that is there; until this succeeds, that one stays as it is.

        Raises:
            IndexUnusable: there is an index, and it is not to be replaced; or the folder cannot be written to.
            IndexLocked: another process is writing.
        """
        create_index(Path(path), manifest, replace=replace)
        return cls(path)

    @classmethod
    def open(cls, path: Path | str, *, write: bool = False) -> LocalStore:
        """Open an index that exists.

        Args:
            path: its folder.
            write: keep other writers out until it is closed; without it, each write does so for as long as it takes.

        Raises:
            IndexNotFound, IndexDamaged, IndexMismatch: there is none, it is broken, or a newer program made it.
            IndexLocked: `write`, and another process is writing.
        """
        store = cls(path)
        if write:
            try:
                with store.writing():
                    store._turns.kept = True
            except BaseException:
                store.close()
                raise
        return store

    def close(self) -> None:
        """Let go of everything, after writing a snapshot if one is due and this store keeps the write lock."""
        try:
            if self._turns.kept and not self._catalogue.closed:
                self.optimise_if_due()
        finally:
            self._newest.close()
            self._catalogue.close()
            self._turns.release()

    def __enter__(self) -> LocalStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    def writing(self) -> AbstractContextManager[None]:
        """Keep other writers out for the length of a block; every write does so by itself.

        Raises:
            IndexLocked: another process is writing. A thread of this process waits for its turn instead.
        """
        return self._turns.turn()

    def upsert(
        self,
        documents: Sequence[DocumentRows],
        *,
        files: Iterable[FileRecord] = (),
        remove: Iterable[str] = (),
        moved: Mapping[str, str] | None = None,
    ) -> None:
        """Store documents in place of earlier ones with the same ids, in one transaction.

        Args:
            documents: what to store.
            files: records of the files they came from, stored with them.
            remove: ids of documents to remove in the same step, for example those that a file no longer holds.
            moved: old and new ids of documents that stand elsewhere now; their earlier texts go with them.

        Raises:
            EncoderError: an embedding does not fit the index. Nothing is stored then.
            ValueError: a passage does not fit its text. Nothing is stored then.
        """
        with self._transaction() as (database, generation):
            # A document of no file takes the place of one: the file is no longer what the index holds of it.
            remove_files(database, sorted(origins_of(database, (d.document.id for d in documents if d.origin is None))))
            rename(database, moved or {})
            rename_corrections(database, moved or {})
            remove_documents(database, generation, remove)
            put_documents(database, generation, documents, self.manifest.dimension, keep=self.versions_kept)
            put_files(database, files)

    def put_context(self, rows: Sequence[ContextRow]) -> int:
        """Store contextual vectors of passages that are still there, in one transaction; return how many those are."""
        with self._transaction() as (database, generation):
            return put_context(database, generation, rows)

    def delete(self, document_ids: Iterable[str]) -> list[str]:
        """Remove documents, in one transaction; return the ids of those that were there.

        The records of the files they came from go with them: a file that is still in its folder is read again by the
        next sync, and its documents come back.
        """
        wanted = list(document_ids)
        with self._transaction() as (database, generation):
            remove_files(database, sorted(origins_of(database, wanted)))
            return remove_documents(database, generation, wanted)

    def correct(self, document_id: str, values: Mapping[str, str | date | datetime | None] | None) -> None:
        """Correct metadata of a document by hand, in one transaction; None takes all its corrections back.

        Raises:
            QueryError: there is no such document.
        """
        with self._transaction() as (database, generation):
            numbers = document_numbers(database, [document_id])
            if not numbers:
                raise QueryError("document_gone", id=document_id)
            ((_, present),) = select_documents(database, numbers.values())
            read = as_read(database, present)
            if values is None:
                drop_corrections(database, [document_id])
            else:
                put_corrections(database, read, values, this_moment())
            store_again(database, generation, [read], self.manifest)

    def forget_versions(self, document_ids: Iterable[str]) -> int:
        """Remove the earlier texts of documents, which stay as they are; return how many there were."""
        with self._transaction() as (database, _):
            return forget_versions(database, document_ids, now())

    def record_files(self, files: Iterable[FileRecord]) -> None:
        """Store file records without documents: failures, or files whose time changed and content did not."""
        with self._transaction() as (database, _):
            put_files(database, files)

    def forget_files(self, paths: Iterable[str]) -> list[str]:
        """Remove file records and the documents that came from those files; return the ids of the documents."""
        paths = list(paths)
        if not paths:
            return []
        with self._transaction() as (database, generation):
            remove_files(database, paths)
            return remove_documents(database, generation, documents_of(database, paths))

    def optimise(self) -> None:
        """Write the present state as the snapshot that the next opening maps, as one segment, and serve from it.

        Raises:
            IndexUnusable: it cannot be written, for example because the disk is full; the index is whole all the same.
        """
        with self.writing():
            self._newest.save(whole=True)

    def optimise_if_due(self) -> bool:
        """Add what has changed to the snapshot if that is much, and say whether. Call it after a batch of writes.

        Raises:
            IndexUnusable: it cannot be written.
        """
        due = self._newest.due
        if due:
            with self.writing():
                self._newest.save()
        return due

    def purge(self) -> None:
        """Overwrite what removed documents left in the files: vectors, terms and tokens in the snapshot.

        A document's text and passages are overwritten when it is removed; the snapshot still holds what is searched
        then, because writing it anew takes time by the size of the index. Where another process reads an older state
        for longer than a write may wait, its write-ahead log goes with the next write after that.
        """
        with self.writing():
            discard_unfinished(self.path)  # a rebuild that was killed has the removed articles, too
            self._newest.purge()
            self._catalogue.shorten_log()

    def purge_if_quick(self) -> bool:
        """Purge an index of at most `PURGED_AT_ONCE` passages, and say whether. Call it after a removal."""
        quick = self.count() <= PURGED_AT_ONCE
        if quick:
            self.purge()
        return quick

    @contextmanager
    def _transaction(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        with self.writing(), self._catalogue.writing() as (database, generation):
            check(read_manifest(database, str(self.path)), self.manifest, str(self.path))
            yield database, generation

    # Reading

    def view(self) -> AbstractContextManager[View]:
        """Hold the newest state, other processes' writes included, unchanged for as long as the block lasts.

        Raises:
            IndexMismatch: the index has been rebuilt for another model since it was opened.
        """
        return self._newest.view()

    def refresh(self) -> bool:
        """Catch up with what was written since, and say whether there was anything. Searching does so by itself."""
        before = self._newest.commit
        with self.view() as view:
            return view.commit != before

    @property
    def manifest(self) -> Manifest:
        """What the index was built with."""
        return self._newest.manifest

    @property
    def generation(self) -> int:
        """The number of the newest write."""
        with self._catalogue.reading() as database:
            return last_commit(database).generation

    @property
    def commit(self) -> Commit:
        """The newest write; equal commits mean equal content."""
        with self._catalogue.reading() as database:
            return last_commit(database)

    def count(self) -> int:
        """Return the number of passages."""
        with self.view() as view:
            return view.count()

    def refined_count(self) -> int:
        """Return how many passages have contextual vectors."""
        with self._catalogue.reading() as database:
            return count_context(database)

    def newest_passage(self) -> int:
        """Return the highest id that a passage ever had, 0 before there was one."""
        with self._catalogue.reading() as database:
            return newest_passage(database)

    def waiting(self, limit: int, before: int | None = None) -> list[Waiting]:
        """Return the newest passages that have no contextual vectors, newest first; see `context_rows.waiting`."""
        with self._catalogue.reading() as database:
            return waiting(database, limit, before)

    def document_count(self) -> int:
        """Return the number of documents."""
        with self.view() as view:
            return view.document_count()

    def search_vectors(self, query: Floats, k: int, filters: Filters | None = None) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the nearest passages; see `View.search_vectors`."""
        with self.view() as view:
            return view.search_vectors(query, k, filters)

    def search_terms(
        self, groups: Iterable[Mapping[str, float]], k: int, filters: Filters | None = None
    ) -> tuple[Longs, Floats]:
        """Return the ids and BM25 scores of passages that hold terms of the question; see `View.search_terms`."""
        with self.view() as view:
            return view.search_terms(groups, k, filters)

    def passages(self, passage_ids: Ids) -> list[Passage]:
        """Return passages with their texts, in the order asked for."""
        with self.view() as view:
            return view.passages(passage_ids)

    def document(self, document_id: str) -> Document:
        """Return a document, or raise QueryError."""
        with self.view() as view:
            return view.document(document_id)

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are there."""
        with self.view() as view:
            return view.documents(document_ids)

    def documents_as_read(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are there, without what was corrected by hand."""
        with self._catalogue.reading() as database:
            numbers = document_numbers(database, document_ids)
            found = [document for _, document in select_documents(database, numbers.values())]
            return {document.id: as_read(database, document) for document in found}

    def cited(self, document_id: str, sha256: str) -> Cited:
        """Return what is known of one text of a document; the first 16 digits of its sha256 are enough."""
        with self._catalogue.reading() as database:
            return find_text(database, document_id, sha256)

    def versions(self, document_id: str) -> list[Version]:
        """Return the earlier texts of a document, the latest first."""
        with self._catalogue.reading() as database:
            return list_versions(database, document_id)

    def version_count(self) -> int:
        """Return the number of earlier texts."""
        with self._catalogue.reading() as database:
            return count_versions(database)

    def stored_rows(self, document_ids: Iterable[str]) -> dict[str, list[PassageRow]]:
        """Return the passages of documents as they were stored, so that a moved document is not encoded again."""
        with self._catalogue.reading() as database:
            return select_rows(database, document_ids, self.manifest.contextual_dimension)

    def documents_of(self, paths: Iterable[str]) -> list[str]:
        """Return the ids of the documents that came from these files."""
        with self.view() as view:
            return view.documents_of(paths)

    def list_documents(self, offset: int = 0, limit: int | None = None) -> list[DocumentInfo]:
        """Return the documents without their texts, by id: all, or at most `limit` after the first `offset`."""
        with self.view() as view:
            return view.list_documents(offset, limit)

    def newest_documents(self, limit: int, filters: Filters) -> list[Document]:
        """Return the documents that match, the latest first."""
        with self.view() as view:
            return view.newest_documents(limit, filters)

    def browse(self, query: ListQuery) -> ListPage:
        """Return one page of the list of documents; see `View.browse`."""
        with self.view() as view:
            return view.browse(query)

    def counts(self) -> Counts:
        """Count documents by language, outlet and month; counted again only when documents have changed."""
        with self.view() as view:
            key = (view.content, view.count())
            counted = self._counted
            if counted is None or counted[0] != key:
                self._counted = counted = (key, view.counts())
            return counted[1]

    def infos(self, document_ids: Iterable[str]) -> list[DocumentInfo]:
        """Return those of the documents that are there, without their texts."""
        with self.view() as view:
            return view.infos(document_ids)

    def corrections(self, document_id: str) -> list[Correction]:
        """Return what was corrected by hand of a document."""
        with self.view() as view:
            return view.corrections(document_id)

    def clusters(self) -> list[list[str]]:
        """Return the ids of documents that are the same text, a list for each text that stands in several."""
        with self.view() as view:
            return view.clusters()

    def facets(self) -> Facets:
        """Count documents by language and outlet, and find the first and last day."""
        with self.view() as view:
            return view.facets()

    def files(self) -> dict[str, FileRecord]:
        """Return all file records by path."""
        with self.view() as view:
            return view.files()

    def failures(self) -> list[FileRecord]:
        """Return the records of files that could not be read."""
        with self.view() as view:
            return view.failures()

    def origins(self) -> dict[str, list[str]]:
        """Return, for each file that documents came from, their ids."""
        with self.view() as view:
            return view.origins()

    def verify(self) -> list[str]:
        """Check everything against everything, and return what is wrong, one line for each; empty means sound."""
        with self._catalogue.reading() as database:
            return find_problems(self.path, database)

    def size_on_disk(self) -> int:
        """Return the bytes of all files of the index."""
        return bytes_on_disk(self.path)
