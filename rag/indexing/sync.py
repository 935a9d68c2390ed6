"""Make an index equal to a folder: new and changed files are read, vanished ones removed, the rest left alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.errors import CorpusError, ReadError
from rag.indexing.folder import list_files, select_files
from rag.indexing.moves import match_documents, match_moves
from rag.readers.extras import can_now_be_read
from rag.readers.files import read_files
from rag.readers.outcome import Outcome
from rag.readers.source_file import SourceFile, file_digest, is_address, printable
from rag.records import Document, Failure, SyncReport
from rag.settings import ReadLimits
from rag.store.local import LocalStore
from rag.store.tables.rows import DocumentRows, FileRecord

# Documents in one transaction: enough for the encoder to work in full batches, few enough to lose little on Ctrl-C.
_BATCH = 64
_PARTS = 3  # failures of a file's rows or members that are kept

Prepare = Callable[[Sequence[Document], Sequence[str | None]], list[DocumentRows]]
Read = Callable[[Sequence[tuple[SourceFile, str]]], Generator[tuple[SourceFile, Outcome], None, None]]
"""Yields files, given with their digests, in order with what came of reading them."""


def sync_folder(
    store: LocalStore,
    folder: Path,
    prepare: Prepare,
    limits: ReadLimits,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    dry_run: bool = False,
    progress: bool = False,
    read: Read | None = None,
) -> SyncReport:
    """Bring a store to the state of a folder; hold it for writing meanwhile, unless it is a dry run.

    A file whose size and modification time are as last seen is not opened; one that was touched but has the same
    content is not read again. A file that can no longer be read keeps what was indexed from it, and is reported. One
    that went to another path is read, and its passages are taken over as they are. Stopped at any moment, the next
    sync goes on where this one ended; a KeyboardInterrupt carries a note that says how far it came.

    Args:
        store: where to write.
        folder: the articles.
        prepare: makes rows of documents and of the files they came from.
        limits: what reading files may cost.
        include: patterns as in .gitignore; with any, only files that match one count as being in the folder.
        exclude: files that match one of these do not count.
        dry_run: read and report, write nothing.
        progress: whether to draw a bar with rate and time left on stderr, if that is a terminal.
        read: what reads files, and is given those that are new or changed; by default processes of this machine.

    Raises:
        CorpusError: there is no such folder, or it is empty while the index is not (a wrong folder must not empty it),
            or no file is selected, or a pattern cannot be understood.
    """
    files = list_files(folder)
    if not files:
        known = _known(store, of_addresses=False)
        if known:
            raise CorpusError("folder_empty_index_kept", folder=printable(folder), count=len(known))
        raise CorpusError("folder_empty", folder=printable(folder))
    return sync_files(
        store,
        select_files(files, include, exclude),
        prepare,
        limits,
        of_addresses=False,
        dry_run=dry_run,
        progress=progress,
        read=read,
    )


def sync_files(
    store: LocalStore,
    files: Sequence[SourceFile],
    prepare: Prepare,
    limits: ReadLimits,
    *,
    of_addresses: bool,
    dry_run: bool = False,
    progress: bool = False,
    read: Read | None = None,
) -> SyncReport:
    """Bring what a store has of a folder, or else of web addresses, to the state of files; see `sync_folder`."""
    began = time.monotonic()
    known = _known(store, of_addresses=of_addresses)
    run = _Run(
        store=store,
        prepare=prepare,
        limits=limits,
        dry_run=dry_run,
        known=known,
        origins={path: ids for path, ids in store.origins().items() if is_address(path) == of_addresses},
    )
    pending = run.pending(files)
    present = {file.id for file in files}
    run.leave([path for path in {**run.origins, **known} if path not in present], pending)
    try:
        run.read(pending, read or run.read_here, progress=progress)
    except KeyboardInterrupt as stop:
        stop.add_note(f"{run.finished} of {len(pending)} new or changed files are indexed and kept")
        raise
    if not dry_run:
        store.forget_files(list(run.moves.values()))
        store.optimise_if_due()
    return SyncReport(
        added=tuple(run.added),
        changed=tuple(run.changed),
        removed=tuple(run.removed),
        unchanged=tuple(run.unchanged),
        failed=tuple(run.failed),
        moved=tuple(run.moved),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    record: FileRecord
    documents: list[Document]
    unread: tuple[str, ...] = ()  # ids of rows and members that gave no document; what was indexed from them stays


@dataclass(slots=True, kw_only=True)
class _Run:
    """One sync under way: what it knew before, and what it has done."""

    store: LocalStore
    prepare: Prepare
    limits: ReadLimits
    dry_run: bool
    known: dict[str, FileRecord]
    origins: dict[str, list[str]]
    moves: dict[str, str] = field(default_factory=dict)  # from a file's new path to its old one
    finished: int = 0  # files
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def pending(self, files: Sequence[SourceFile]) -> list[tuple[SourceFile, str]]:
        """Return the files to read, with their digests; account for all others."""
        changed: list[tuple[SourceFile, str]] = []
        touched: list[FileRecord] = []
        for file in files:
            before = self.known.get(file.id)
            if before is not None and (before.size, before.mtime_ns) == (file.size, file.mtime_ns):
                if can_now_be_read(before.failure, self.limits.columns):
                    changed.append((file, before.sha256))
                else:
                    self._keep(before)
                continue
            try:
                # A file over the limit is refused before it is read: its size stands for its content.
                most = self.limits.max_bytes
                digest = file_digest(file.path, most, file.id) if file.size <= most else f"{file.size} bytes"
            except ReadError as error:
                self._fail(file, "", Failure.from_error(file.id, error))
                continue
            if (
                before is not None
                and before.sha256 == digest
                and not can_now_be_read(before.failure, self.limits.columns)
            ):
                touched.append(_record(file, digest, before.failure))
                self._keep(before)
            else:
                changed.append((file, digest))
        if touched and not self.dry_run:
            self.store.record_files(touched)
        return changed

    def leave(self, gone: Sequence[str], pending: Sequence[tuple[SourceFile, str]]) -> None:
        """Remove what came from files that are gone, but keep what has only moved: the content is at a new path."""
        fresh = [(file.id, digest) for file, digest in pending if file.id not in self.known]
        self.moves = match_moves(gone, fresh, self.known, self.origins)
        forgotten = sorted(set(gone) - set(self.moves.values()))
        self.removed.extend(id_ for path in forgotten for id_ in self.origins.get(path, ()))
        if not self.dry_run:
            self.store.forget_files(forgotten)

    def read_here(self, pending: Sequence[tuple[SourceFile, str]]) -> Generator[tuple[SourceFile, Outcome], None, None]:
        """Read files in processes of this machine."""
        return read_files([file for file, _ in pending], self.limits)

    def read(self, pending: Sequence[tuple[SourceFile, str]], read: Read, *, progress: bool) -> None:
        """Read, prepare and store files, a batch of documents at a time."""
        from tqdm import tqdm

        show = progress and sys.stderr.isatty()
        digests = {file.id: digest for file, digest in pending}
        reading = read(pending)
        bar = tqdm(total=len(pending), desc="indexing", unit="file", disable=not show, file=sys.stderr)
        batch: list[_Read] = []
        with closing(reading), bar:
            for file, outcome in reading:
                bar.update()
                # That of what was read: the file may have changed since it was looked at, and changed back later.
                digest = outcome.digest or digests[file.id]
                if outcome.failure is not None:
                    self._fail(file, digest, outcome.failure)
                    self.finished += 1
                    continue
                documents = [part for part in outcome.parts if isinstance(part, Document)]
                unread = [part for part in outcome.parts if isinstance(part, Failure)]
                failure = _of_parts(file.id, unread) if unread else None
                if failure is not None:
                    self.failed.append(failure)
                record = _record(file, digest, failure)
                batch.append(_Read(record=record, documents=documents, unread=tuple(part.source for part in unread)))
                if sum(len(item.documents) for item in batch) >= _BATCH:
                    self._write(batch)
                    batch = []
            if batch:
                self._write(batch)

    def _write(self, batch: Sequence[_Read]) -> None:
        documents = [(document, item.record.path) for item in batch for document in item.documents]
        before = {id_ for item in batch for id_ in self.origins.get(item.record.path, ())}
        leaving = {id_ for item in batch for id_ in self._former(item.record.path)}
        unread = {id_ for item in batch for id_ in item.unread}
        vanished = sorted(
            id_
            for id_ in (before | leaving) - {document.id for document, _ in documents}
            if not any(id_[:end] in unread for end in (*_ends(id_), len(id_)))
        )
        names = {d.id: self.moves[path] + d.id.removeprefix(path) for d, path in documents if path in self.moves}
        stored = self.store.documents_as_read(names.values()) if names else {}
        pairs = match_documents([document for document, _ in documents if document.id in names], names, stored)
        if not self.dry_run:
            fresh = [(document, path) for document, path in documents if document.id not in pairs]
            kept = self.store.stored_rows(pairs.values())
            rows = self.prepare([document for document, _ in fresh], [path for _, path in fresh])
            rows += [
                DocumentRows(document=document, passages=kept[pairs[document.id]], origin=path)
                for document, path in documents
                if document.id in pairs
            ]
            moved = {old: new for new, old in names.items()}
            self.store.upsert(rows, files=[item.record for item in batch], remove=vanished, moved=moved)
        self.moved.extend((old, new) for new, old in pairs.items())
        self.removed.extend(id_ for id_ in vanished if id_ not in set(pairs.values()))
        for document, _ in documents:
            if document.id not in pairs:
                (self.changed if document.id in before else self.added).append(document.id)
        self.finished += len(batch)

    def _former(self, path: str) -> list[str]:
        return self.origins.get(self.moves.get(path, ""), [])

    def _keep(self, record: FileRecord) -> None:
        self.unchanged.extend(self.origins.get(record.path, ()))
        if record.failure is not None:
            self.failed.append(record.failure)

    def _fail(self, file: SourceFile, digest: str, failure: Failure) -> None:
        self.failed.append(failure)
        if not self.dry_run:
            self.store.record_files([_record(file, digest, failure)])


def _known(store: LocalStore, *, of_addresses: bool) -> dict[str, FileRecord]:
    return {path: record for path, record in store.files().items() if is_address(path) == of_addresses}


def _ends(document_id: str) -> list[int]:
    """Return where the ids of the archives around a document end."""
    return [at for at, character in enumerate(document_id) if character == "#"]


def _of_parts(path: str, unread: Sequence[Failure]) -> Failure:
    """Return one failure for the rows or members of a file that cannot be read, with the first few of theirs."""
    first, more = tuple(unread[:_PARTS]), len(unread) - _PARTS
    if more > 0:
        return replace(Failure.of(path, "parts_unread_more", count=len(unread), more=more), parts=first)
    return replace(Failure.of(path, "parts_unread", count=len(unread)), parts=first)


def _record(file: SourceFile, digest: str, failure: Failure | None) -> FileRecord:
    return FileRecord(path=file.id, size=file.size, mtime_ns=file.mtime_ns, sha256=digest, failure=failure)
