"""Turns at writing: of threads, which wait for each other, and of processes, which are refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.store.catalogue import Catalogue
from rag.store.lock import LOCK, WriteLock


class Turns:
    """Who may write to an open store. A turn holds the folder's lock file and the connection that writes."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = threading.RLock()
        self._lock: WriteLock | None = None
        self.kept = False  # whether the turn at hand lasts beyond its block, until `release`

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep other writers out for the length of a block; see `LocalStore.writing`."""
        with self._turn:
            outermost = self._lock is None
            if outermost:
                self._lock = WriteLock(self._folder / LOCK)
            try:
                if outermost:
                    self._catalogue.start_writing()
                yield
            finally:
                if outermost and not self.kept:
                    self.release()

    def release(self) -> None:
        """End the turn at hand, one that was kept too; without one, nothing happens."""
        self.kept = False
        self._catalogue.stop_writing()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
