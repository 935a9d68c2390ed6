"""Changes to the corpus, one at a time, while others ask: what is under way, and what came of the last one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from rag import CorpusError, Document, DocumentInfo, Index, IndexLocked, QueryError, RagError, Settings, SyncReport
from rag.schema import FailureOut
from rag.server.corpus_folder import incoming, keep, place_of
from rag.server.corpus_trash import Removed, Trash, Values

log = logging.getLogger(__name__)

Problem = Literal["", "busy", "locked", "failed"]


class Change(BaseModel):
    """The state of changes to the corpus."""

    busy: bool = Field(default=False, description="true: one is under way, and another would be refused")
    number: int = Field(default=0, description="how many were begun since the service started")
    problem: Problem = Field(default="", description="why the last one failed; locked: another program was writing")
    code: str = Field(default="", description="the same as the stable name of an error")
    facts: dict[str, str | int | float] = Field(default={}, description="names, sizes and limits that belong to it")
    detail: str = Field(default="", description="the same in words, in the language that is preferred")
    added: list[str] = Field(default=[], description="articles added by the last one")
    changed: list[str] = Field(default=[], description="articles it replaced")
    removed: list[str] = Field(default=[], description="articles it removed")
    failed: list[FailureOut] = Field(default=[], description="files that could not be read")
    restorable: int = Field(default=0, description="how many articles or files `restore` would put back")


class Busy(RagError):
    """A change is under way already."""


class Changes:
    """The one place that writes to the index from the page. Calls return at once; `state` tells how it goes on."""

    def __init__(self, index: Index, folder: Path, *, changed: Callable[[], None] = lambda: None) -> None:
        self.folder = folder
        self._changed = changed  # is called when a change is done
        self._index = index
        self._turn = threading.Lock()
        self._state = Change()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._trash = Trash(folder)

    def state(self) -> Change:
        """Return what is under way and what came of the last change."""
        held = self._trash.held
        return self._state.model_copy(update={"restorable": len(held.ids) if held is not None else 0})

    def sync(self) -> Change:
        """Begin to make the index equal to the folder.

        Raises:
            Busy: a change is under way.
        """
        return self._begin(self._synced)

    def rebuild(self) -> Change:
        """Begin to make the index anew from the folder, with the model it was made with; the old one answers meanwhile.

        Raises:
            Busy: a change is under way.
        """
        return self._begin(self._rebuilt)

    def remove(self, articles: Mapping[str, str], files: Sequence[str] = ()) -> Change:
        """Begin to remove articles with the files they came from, and files that could not be read.

        Args:
            articles: ids, each with the sha256 of its text as whoever removes it has seen it.
            files: of the corpus folder; each is among the failures.

        Raises:
            Busy: a change is under way.
            QueryError: there is no such article or failure.
            CorpusError: an article has another text by now, its file holds other articles too, or none would be left.

        Where files of other articles are missing the folder is not read again, as that would drop those unasked.
        """
        failed = {failure.source for failure in self._index.failures()} if files else set()
        for name in files:
            if name not in failed:
                raise QueryError("file_not_failed", name=name)
        origins = self._origins(articles)
        gone = set(articles)
        if len(gone) >= self._index.document_count() and gone:
            raise CorpusError("article_last")
        for origin in (*origins, *files):
            if "://" in origin:
                raise CorpusError("article_from_list", address=origin)
            if not gone.issuperset(self._index.documents_of([origin])):
                raise CorpusError("file_shared", name=origin)
            place_of(self.folder, origin)

        def work() -> SyncReport:
            infos = self._infos(articles)
            missing = self._missing(besides=gone)
            removed = Removed(
                ids=sorted(gone) or list(files),
                files=[*origins, *files],
                documents=[self._as_read(info.id) for info in infos if info.origin is None],
                corrections={id_: {c.name: c.value for c in self._index.corrections(id_)} for id_ in gone},
            )
            report = self._index.remove(gone)  # first: where it is refused, nothing has happened yet
            self._trash.take(removed)
            if not missing:
                self._index.sync(self.folder)  # forgets the files
            return report

        return self._begin(work)

    def restore(self) -> Change:
        """Begin to put back what was removed last.

        Raises:
            Busy: a change is under way.
            QueryError: there is nothing to put back any more.
        """
        if self._trash.held is None:
            raise QueryError("nothing_removed")

        def work() -> SyncReport:
            self._keep_missing()
            removed = self._trash.put_back()
            if removed is None:
                raise QueryError("nothing_removed")
            if removed.documents:
                self._index.add(removed.documents)
            report = self._index.sync(self.folder)
            for info in self._index.infos(removed.corrections):
                if values := removed.corrections[info.id]:
                    self._index.correct(info.id, **values)  # type: ignore[arg-type]
            return replace(report, added=tuple(sorted({*report.added, *(one.id for one in removed.documents)})))

        return self._begin(work)

    def correct(self, document_id: str, values: Values | None) -> Change:
        """Begin to correct metadata of an article by hand; None takes all its corrections back.

        Raises:
            Busy: a change is under way.
            QueryError: there is no such article.
        """
        if not self._index.infos([document_id]):
            raise QueryError("article_unknown", id=document_id)

        def work() -> SyncReport:
            if values is None:
                self._index.discard_corrections(document_id)
            else:
                self._index.correct(document_id, **values)  # type: ignore[arg-type]
            return SyncReport(changed=(document_id,))

        return self._begin(work)

    def add_address(self, address: str) -> Change:
        """Begin to fetch a page from the network and to add it; it is kept as a web archive in the folder.

        Raises:
            Busy: a change is under way.
        """

        def work() -> SyncReport:
            name, archive = self._index.fetch_page(address)
            with incoming(self.folder) as (arrived, file):
                file.write(archive)
                file.flush()
                keep(arrived, self.folder, name, replace=True)
            report = self._synced()
            for failure in report.failed:
                if failure.source == name:  # said as a failure of the page; the file is among those that were not read
                    raise (failure.parts[0] if failure.parts else failure).error()
            return report

        return self._begin(work)

    def stop(self, seconds: float) -> None:
        """Wait for the change under way; one that takes longer breaks off, and the next sync goes on from there."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join(seconds)
        self._trash.empty()

    def _synced(self) -> SyncReport:
        self._keep_missing()
        return self._index.sync(self.folder)

    def _rebuilt(self) -> SyncReport:
        self._keep_missing()
        infos = self._index.documents()  # what a program or a list has added is of no folder, and could not come back
        self._keep([i.id for i in infos if i.origin is None or not (self.folder / i.origin).exists()])
        about = self._index.info()
        settings = replace(Settings.load(), model=str(about["model"]), store=self._index.store)
        return Index.rebuild(self.folder, str(about["index"]), settings=settings)

    def _infos(self, articles: Mapping[str, str]) -> list[DocumentInfo]:
        """Return the articles, whose texts must be those that were seen."""
        infos = {info.id: info for info in self._index.infos(articles)}
        for id_, sha256 in articles.items():
            if id_ not in infos:
                raise QueryError("article_unknown", id=id_)
            if infos[id_].sha256 != sha256:
                raise CorpusError("article_changed", id=id_)
        return list(infos.values())

    def _as_read(self, document_id: str) -> Document:
        """Return an article as it was before it was corrected by hand."""
        read: dict[str, Any] = {one.name: one.read for one in self._index.corrections(document_id)}
        document = self._index.document(document_id)
        origins = {name: origin for name, origin in document.evidence.items() if name not in read}
        return replace(document, **read, evidence=origins)

    def _origins(self, articles: Mapping[str, str]) -> list[str]:
        """Return the files that articles came from."""
        return sorted({info.origin for info in self._infos(articles) if info.origin is not None})

    def _missing(self, besides: Set[str] = frozenset()) -> list[str]:
        """Return the articles whose files are no longer in the folder.

        Raises:
            CorpusError: not one file is there.
        """
        of_files = {path: set(ids) - besides for path, ids in self._index.origins().items() if "://" not in path}
        gone = [path for path, ids in of_files.items() if ids and not (self.folder / path).exists()]
        missing = sorted(id_ for path in gone for id_ in of_files[path])
        if len(gone) == sum(bool(ids) for ids in of_files.values()):  # rather the wrong folder than each deleted
            self._keep(missing)
        return missing

    def _keep_missing(self) -> None:
        missing = self._missing()
        if len(missing) == 1:
            raise CorpusError("article_file_missing", id=missing[0], folder=str(self.folder))
        if missing:
            raise CorpusError("article_files_missing", count=len(missing), id=missing[0], folder=str(self.folder))

    def _keep(self, strangers: Sequence[str]) -> None:
        if strangers:
            raise CorpusError("articles_foreign", count=len(strangers), id=strangers[0], folder=str(self.folder))

    def _begin(self, work: Callable[[], SyncReport]) -> Change:
        if not self._turn.acquire(blocking=False):
            raise Busy("corpus_busy")
        self._state = Change(busy=True, number=self._state.number + 1)
        self._thread = threading.Thread(target=self._run, args=(work, self._state.number), name="changes")
        self._thread.start()
        return self._state

    def _run(self, work: Callable[[], SyncReport], number: int) -> None:
        try:
            self._state = _done(work(), number)
            self._changed()
        except IndexLocked as error:
            self._state = _failed(number, "locked", error)
        except RagError as error:
            self._state = _failed(number, "failed", error)
        except OSError as error:
            self._state = _failed(number, "failed", CorpusError("corpus_folder_failed", detail=str(error)))
        except Exception:
            if self._stopping:  # what it works with is gone
                log.warning("a change to the corpus was broken off; what was finished is kept, the next one goes on")
            else:
                log.exception("a change to the corpus failed")
            self._state = _failed(number, "failed", RagError("program_failed"))
        finally:
            self._turn.release()


def _failed(number: int, problem: Problem, error: RagError) -> Change:
    return Change(number=number, problem=problem, code=error.code, facts=dict(error.facts), detail=error.message())


def _done(report: SyncReport, number: int) -> Change:
    return Change(
        number=number,
        added=list(report.added),
        changed=list(report.changed),
        removed=list(report.removed),
        failed=[FailureOut.of(failure) for failure in report.failed],
    )
