"""What was removed last, kept for a while outside the corpus so that it can be put back."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from rag import CorpusError, Document
from rag.server.corpus_folder import place_of

KEPT_SECONDS = 600.0
"""How long a removal can be undone; after that the files are deleted."""

PREFIX = ".removed-"
"""Of the folders in which removed files wait; a name with a dot before it is no part of the corpus."""

Values = Mapping[str, str | date | datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What one removal took away: files, articles of no file, and what was corrected by hand."""

    ids: Sequence[str] = ()
    files: Sequence[str] = ()
    documents: Sequence[Document] = ()
    corrections: Mapping[str, Values] = field(default_factory=dict)


class Trash:
    """Holds the last removal, until another one comes, it is put back, or its time is over."""

    def __init__(self, folder: Path, seconds: float = KEPT_SECONDS) -> None:
        self._folder, self._seconds = folder, seconds
        self._lock = threading.Lock()
        self._place: Path | None = None
        self._timer: threading.Timer | None = None
        self.held: Removed | None = None
        self._empty_left()

    def take(self, removed: Removed) -> None:
        """Move the files of a removal out of the corpus, in place of those of the one before.

        Raises:
            CorpusError: the folder cannot be written to.
        """
        self.empty()
        self._empty_left()
        with self._lock:
            try:
                self._place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._folder))
                for name in removed.files:
                    source, target = place_of(self._folder, name), self._place / name
                    if source.exists() or source.is_symlink():
                        target.parent.mkdir(parents=True, exist_ok=True)
                        source.rename(target)
            except OSError as error:
                raise CorpusError("corpus_folder_unwritable", detail=str(error.strerror)) from error
            self.held = removed
            self._timer = threading.Timer(self._seconds, self.empty)
            self._timer.daemon = True
            self._timer.start()

    def put_back(self) -> Removed | None:
        """Move the files back to where they were, and return what was removed; None where there is nothing.

        Raises:
            CorpusError: another file has the name of one of them by now; nothing is moved then.
        """
        with self._lock:
            held, place = self.held, self._place
            if held is None or place is None:
                return None
            there = [name for name in held.files if (place / name).exists() or (place / name).is_symlink()]
            for name in there:
                if place_of(self._folder, name).exists():
                    raise CorpusError("file_name_taken", name=name)
            for name in there:
                target = place_of(self._folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                (place / name).rename(target)
        self.empty()
        return held

    def _empty_left(self) -> None:
        """Delete what servers that were killed have left: it could be put back no longer."""
        for place in self._folder.glob(f"{PREFIX}*"):
            with suppress(OSError):
                if time.time() - place.stat().st_mtime >= self._seconds:
                    shutil.rmtree(place, ignore_errors=True)

    def empty(self) -> None:
        """Delete what is held."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._place is not None:
                shutil.rmtree(self._place, ignore_errors=True)
            self._place = self._timer = self.held = None
