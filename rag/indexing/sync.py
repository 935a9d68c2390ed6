"""Make an index equal to a folder: new and changed files are read, vanished ones removed, the rest left alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import CorpusError, ReadError
from rag.indexing.corpus import SourceFile, file_digest, list_files, printable
from rag.indexing.readers import read_documents
from rag.records import Document, Failure, SyncReport
from rag.store.local import LocalStore
from rag.store.rows import DocumentRows, FileRecord

# Documents in one transaction: enough for the encoder to work in full batches, few enough to lose little on Ctrl-C.
_BATCH = 64

Prepare = Callable[[Sequence[Document], Sequence[str | None]], list[DocumentRows]]


def sync_folder(
    store: LocalStore, folder: Path, prepare: Prepare, *, max_bytes: int, progress: bool = False
) -> SyncReport:
    """Bring a store to the state of a folder; hold it for writing meanwhile.

    A file whose size and modification time are as last seen is not opened; one that was touched but has the same
    content is not read again. A file that can no longer be read keeps what was indexed from it, and is reported.
    Stopped at any moment, the next sync goes on where this one ended.

    Args:
        store: where to write.
        folder: the articles.
        prepare: makes rows of documents and of the files they came from.
        max_bytes: a larger file is reported, not read.
        progress: whether to draw a bar on stderr, if that is a terminal.

    Raises:
        CorpusError: there is no such folder, or it is empty while the index is not (a wrong folder must not empty it).
    """
    began = time.monotonic()
    files = list_files(folder)
    known = store.files()
    if not files:
        held = f"the index holds {len(known)} files and was not changed" if known else "nothing was indexed"
        raise CorpusError(f"folder {printable(folder)} holds no articles; {held}. Give the folder that holds them")
    origins = store.origins()
    run = _Run(store=store, prepare=prepare, max_bytes=max_bytes, known=known, origins=origins)
    gone = [path for path in {**origins, **known} if path not in {file.id for file in files}]
    run.removed.extend(store.forget_files(gone))
    run.read(run.pending(files), progress=progress)
    store.optimise_if_due()
    return SyncReport(
        added=tuple(run.added),
        changed=tuple(run.changed),
        removed=tuple(run.removed),
        unchanged=tuple(run.unchanged),
        failed=tuple(run.failed),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    record: FileRecord
    documents: list[Document]


@dataclass(slots=True, kw_only=True)
class _Run:
    """One sync under way: what it knew before, and what it has done."""

    store: LocalStore
    prepare: Prepare
    max_bytes: int
    known: dict[str, FileRecord]
    origins: dict[str, list[str]]
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def pending(self, files: Sequence[SourceFile]) -> list[tuple[SourceFile, str]]:
        """Return the files to read, with their digests; account for all others."""
        changed: list[tuple[SourceFile, str]] = []
        touched: list[FileRecord] = []
        for file in files:
            before = self.known.get(file.id)
            if before is not None and (before.size, before.mtime_ns) == (file.size, file.mtime_ns):
                self._keep(before)
                continue
            try:
                # A file over the limit is refused before it is read: its size stands for its content.
                digest = file_digest(file.path) if file.size <= self.max_bytes else f"{file.size} bytes"
            except ReadError as error:
                self._fail(file, "", str(error))
                continue
            if before is not None and before.sha256 == digest:
                touched.append(_record(file, digest, before.failure))
                self._keep(before)
            else:
                changed.append((file, digest))
        if touched:
            self.store.record_files(touched)
        return changed

    def read(self, pending: Sequence[tuple[SourceFile, str]], *, progress: bool) -> None:
        """Read, prepare and store files, a batch of documents at a time."""
        from tqdm import tqdm

        show = progress and sys.stderr.isatty()
        batch: list[_Read] = []
        for file, digest in tqdm(pending, desc="indexing", unit="file", disable=not show, file=sys.stderr):
            try:
                documents = list(read_documents(file.path, document_id=file.id, max_bytes=self.max_bytes))
            except ReadError as error:
                self._fail(file, digest, str(error))
                continue
            batch.append(_Read(record=_record(file, digest, None), documents=documents))
            if sum(len(item.documents) for item in batch) >= _BATCH:
                self._write(batch)
                batch = []
        if batch:
            self._write(batch)

    def _write(self, batch: Sequence[_Read]) -> None:
        documents = [document for item in batch for document in item.documents]
        before = {document for item in batch for document in self.origins.get(item.record.path, ())}
        vanished = sorted(before - {document.id for document in documents})
        rows = self.prepare(documents, [item.record.path for item in batch for _ in item.documents])
        self.store.upsert(rows, files=[item.record for item in batch], remove=vanished)
        self.removed.extend(vanished)
        for document in documents:
            (self.changed if document.id in before else self.added).append(document.id)

    def _keep(self, record: FileRecord) -> None:
        if record.failure is None:
            self.unchanged.extend(self.origins.get(record.path, ()))
        else:
            self.failed.append(Failure(source=record.path, reason=record.failure))

    def _fail(self, file: SourceFile, digest: str, reason: str) -> None:
        self.failed.append(Failure(source=file.id, reason=reason))
        self.store.record_files([_record(file, digest, reason)])


def _record(file: SourceFile, digest: str, failure: str | None) -> FileRecord:
    return FileRecord(path=file.id, size=file.size, mtime_ns=file.mtime_ns, sha256=digest, failure=failure)
