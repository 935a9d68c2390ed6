"""Changes to the corpus, one at a time, while others ask: what is under way, and what came of the last one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from rag import CorpusError, Index, IndexLocked, QueryError, RagError, Settings, SyncReport
from rag.schema import FailureOut
from rag.server.corpus_folder import place_of

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

    def state(self) -> Change:
        """Return what is under way and what came of the last change."""
        return self._state

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

    def remove(self, document_id: str, sha256: str) -> Change:
        """Begin to remove an article and the file it came from.

        Args:
            document_id: which.
            sha256: of its text, as whoever removes it has seen it.

        Raises:
            Busy: a change is under way.
            QueryError: there is no such article.
            CorpusError: it has another text by now, its file holds other articles too, or it is the last one.

        Where files of other articles are missing the folder is not read again, as that would drop those unasked.
        """
        by_id = {info.id: info for info in self._index.documents()}
        if document_id not in by_id:
            raise QueryError("article_unknown", id=document_id)
        self._check_same(document_id, by_id[document_id].sha256, sha256)
        if len(by_id) == 1:
            raise CorpusError("article_last")
        origin = by_id[document_id].origin
        if origin is not None and "://" in origin:
            raise CorpusError("article_from_list", address=origin)
        if sum(info.origin == origin for info in by_id.values()) > 1 and origin is not None:
            raise CorpusError("file_shared", name=origin)

        def work() -> SyncReport:
            self._check_same(document_id, self._index.document(document_id).sha256, sha256)
            missing = self._missing(besides=document_id)
            report = self._index.remove([document_id])  # first: where it is refused, nothing has happened yet
            if origin is not None:
                place_of(self.folder, origin).unlink(missing_ok=True)
            if not missing:
                self._index.sync(self.folder)  # forgets the file
            return report

        return self._begin(work)

    def stop(self, seconds: float) -> None:
        """Wait for the change under way; one that takes longer breaks off, and the next sync goes on from there."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join(seconds)

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

    def _check_same(self, document_id: str, present: str, seen: str) -> None:
        if present != seen:
            raise CorpusError("article_changed", id=document_id)

    def _missing(self, besides: str = "") -> list[str]:
        """Return the articles whose files are no longer in the folder.

        Raises:
            CorpusError: not one file is there.
        """
        infos = self._index.documents()
        of_files = [i for i in infos if i.origin is not None and "://" not in i.origin and i.id != besides]
        missing = [i.id for i in of_files if not (self.folder / str(i.origin)).exists()]
        if len(missing) == len(of_files):  # not one file is here: rather the wrong folder than each deleted
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
