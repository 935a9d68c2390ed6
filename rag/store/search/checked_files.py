"""Files that were checked once and are read from then on, watched for being written to in place."""

from __future__ import annotations

import os
import weakref
import zlib
from collections.abc import Mapping
from pathlib import Path

_BLOCK = 1 << 20


class CheckedFiles:
    """Files whose sizes and checksums were right when they were opened; held open, so that each is known by itself.

    What is mapped into memory changes with its file: after a write in place, `changed` names it. A file that another
    process has replaced or removed is not changed: who has it open keeps it as it was.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Mapping[str, int]]) -> None:
        """Open files and compare their sizes and checksums.

        Args:
            folder: where they are.
            facts: of each name its ``size`` and ``crc32``.

        Raises:
            ValueError: one does not match, or is written to meanwhile.
            OSError: one cannot be read.
        """
        self._files: dict[str, int] = {}
        weakref.finalize(self, _close, self._files)
        for name in facts:
            self._files[name] = os.open(folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._seen = {name: _state(file) for name, file in self._files.items()}
        for name, file in self._files.items():
            if self._seen[name][0] != facts[name]["size"] or checksum(file) != facts[name]["crc32"]:
                raise ValueError(f"{name} does not match its size or checksum")
        self.check(folder)

    def changed(self) -> str | None:
        """Return the name of a file that was written to since it was checked, None if there is none."""
        for name, file in self._files.items():
            size, written, touched, links = self._seen[name]
            now = _state(file)
            # Removing a file changes its time of status too; nobody can write to it by name after that.
            if now[:2] != (size, written) or (now[2] != touched and now[3] == links):
                return name
        return None

    def check(self, folder: Path) -> None:
        """Check that the names still are those of the open files, and these unchanged.

        Raises:
            ValueError: they are not.
        """
        changed = self.changed()
        for name, file in self._files.items():
            if changed == name or not os.path.samestat((folder / name).stat(), os.fstat(file)):
                raise ValueError(f"{name} was changed while it was read")


def checksum(file: int) -> int:
    """Return the CRC-32 of an open file's bytes."""
    value = 0
    os.lseek(file, 0, os.SEEK_SET)
    while block := os.read(file, _BLOCK):
        value = zlib.crc32(block, value)
    return value


def _state(file: int) -> tuple[int, int, int, int]:
    status = os.fstat(file)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_nlink


def _close(files: Mapping[str, int]) -> None:
    for file in files.values():
        os.close(file)
