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
    detail: str = Field(default="", description="the same in words")
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
            raise QueryError(f"there is no article {document_id!r}. It may have been removed already")
        self._check_same(document_id, by_id[document_id].sha256, sha256)
        if len(by_id) == 1:
            raise CorpusError("the last article cannot be removed: a corpus has at least one. Add another first")
        origin = by_id[document_id].origin
        if origin is not None and "://" in origin:
            raise CorpusError(f"{origin!r} came from a list. Take it off the list, then run: rag index --urls FILE")
        if sum(info.origin == origin for info in by_id.values()) > 1 and origin is not None:
            raise CorpusError(f"{origin!r} holds other articles too. Change that file, then read the folder again")

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
        settings = replace(Settings.load(), model=str(about["model"]))
        return Index.rebuild(self.folder, str(about["index"]), settings=settings)

    def _check_same(self, document_id: str, present: str, seen: str) -> None:
        if present != seen:
            raise CorpusError(f"{document_id!r} has changed since it was listed; nothing was removed. Look at it again")

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
            raise CorpusError(
                f"the file of {missing[0]!r} is no longer in {str(self.folder)!r}; nothing was removed. "
                "Put it back, or remove the article with Remove, beside it"
            )
        if missing:
            raise CorpusError(
                f"the files of {len(missing)} articles are no longer in {str(self.folder)!r}, for example "
                f"{missing[0]!r}; nothing was removed. Put them back, remove each with Remove, or, to drop them all, "
                "run: rag index FOLDER"
            )

    def _keep(self, strangers: Sequence[str]) -> None:
        if strangers:
            raise CorpusError(
                f"{len(strangers)} articles came from another folder than {str(self.folder)!r}, for example "
                f"{strangers[0]!r}; nothing was changed. To drop them, run: rag index FOLDER"
            )

    def _begin(self, work: Callable[[], SyncReport]) -> Change:
        if not self._turn.acquire(blocking=False):
            raise Busy("the corpus is being changed already. Wait until that is done")
        self._state = Change(busy=True, number=self._state.number + 1)
        self._thread = threading.Thread(target=self._run, args=(work, self._state.number), name="changes")
        self._thread.start()
        return self._state

    def _run(self, work: Callable[[], SyncReport], number: int) -> None:
        try:
            self._state = _done(work(), number)
            self._changed()
        except IndexLocked as error:
            self._state = Change(number=number, problem="locked", detail=str(error))
        except (RagError, OSError) as error:
            self._state = Change(number=number, problem="failed", detail=" ".join(str(error).split()))
        except Exception:
            if self._stopping:  # what it works with is gone
                log.warning("a change to the corpus was broken off; what was finished is kept, the next one goes on")
            else:
                log.exception("a change to the corpus failed")
            self._state = Change(number=number, problem="failed", detail="an error in the program; its log says more")
        finally:
            self._turn.release()


def _done(report: SyncReport, number: int) -> Change:
    return Change(
        number=number,
        added=list(report.added),
        changed=list(report.changed),
        removed=list(report.removed),
        failed=[FailureOut.of(failure) for failure in report.failed],
    )
