"""One writer at a time, across processes: a file lock that ends with its holder, however that ends."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import IndexLocked, IndexUnusable
from rag.store.tables.catalogue import Catalogue

LOCK = "lock"  # the file's name, in the folder of the index
REFINING_LOCK = "refining"  # likewise, held by the one process that refines

_REFINING_TIMEOUT_SECONDS = 20.0
"""How long a writer waits for a process that refines, which takes the lock for moments, one after the other."""

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read there, so one is locked that lies past the number of the process

    def _take(file: int) -> None:
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriteLock:
    """Held from creation to `release`. A process killed with the lock leaves it free."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            IndexLocked: someone has it; the message names the process.
            IndexUnusable: the folder cannot be written to.
        """
        place = str(path.parent)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise IndexUnusable("index_unwritable", place=place, detail=str(error.strerror)) from error
        try:
            _take(self._file)
        except OSError as error:
            holder = _read(self._file).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise IndexLocked("index_locked", place=place, holder=holder, own=os.getpid()) from error
        with suppress(OSError):  # the disk is full: it is held all the same, and others cannot read by whom
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Give the lock back; more than once is allowed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Make the folder of an index if need be, and keep other writers out of it for the length of a block.

    Raises:
        IndexLocked: another process is writing.
        IndexUnusable: the folder cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexUnusable("index_uncreatable", place=str(folder), detail=str(error.strerror)) from error
    lock = WriteLock(folder / LOCK)
    try:
        yield
    finally:
        lock.release()


def _read(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, 32)


def _take_turn(folder: Path) -> WriteLock:
    """Take the write lock; wait for it as long as it is a process that refines which takes it again and again.

    Raises:
        IndexLocked: another process is writing.
    """
    end = time.monotonic() + _REFINING_TIMEOUT_SECONDS
    while True:
        try:
            return WriteLock(folder / LOCK)
        except IndexLocked:
            if time.monotonic() > end or not _is_refined_elsewhere(folder):
                raise
        time.sleep(0.02)


def _is_refined_elsewhere(folder: Path) -> bool:
    """Return whether another process refines the index."""
    place = folder / REFINING_LOCK
    try:
        WriteLock(place).release()
    except IndexLocked:
        return place.read_text("ascii", "replace").strip() != str(os.getpid())
    return False


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
                self._lock = _take_turn(self._folder)
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
