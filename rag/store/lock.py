"""One writer at a time, across processes: a file lock that ends with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from rag.errors import IndexLocked, IndexUnusable


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
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise IndexUnusable(
                f"index at {place!r} cannot be written to ({error.strerror}). Check its permissions"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise IndexLocked(
                f"index at {place!r} is being written by process {holder}; this is process {os.getpid()}."
                " Wait for it to finish, or stop it"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; more than once is allowed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
