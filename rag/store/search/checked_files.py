"""Files that were checked once and are read from then on, watched for being written to in place."""

from __future__ import annotations

import os
import weakref
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

_BLOCK = 1 << 20

Facts = Mapping[str, int]


class CheckedFiles:
    """Files whose sizes and checksums were right when they were opened; held open, so that each is known by itself.

    What is mapped into memory changes with its file: after a write in place, `changed` names it. A file that another
    process has replaced or removed is not changed: who has it open keeps it as it was.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Facts], known: CheckedFiles | None = None) -> None:
        """Open files and compare their sizes and checksums.

        Args:
            folder: where they are.
            facts: of each name its ``size`` and ``crc32``.
            known: files that were checked before; those that are unchanged since are not read again.

        Raises:
            ValueError: one does not match, or is written to meanwhile.
            OSError: one cannot be read.
        """
        before: dict[str, _CheckedFile] = known._files if known is not None else {}
        self._files: dict[str, _CheckedFile] = {
            name: held
            if (held := before.get(name)) is not None and held.facts == own and not held.changed()
            else _CheckedFile(folder / name, own)
            for name, own in facts.items()
        }
        self.check(folder)

    def facts(self, name: str) -> dict[str, int]:
        """Return the size and the checksum of a file."""
        return dict(self._files[name].facts)

    def shares(self, other: CheckedFiles, name: str) -> bool:
        """Return whether a file of the other is the one that is checked here under its name."""
        return name in self._files and self._files[name] is other._files.get(name)

    def changed(self) -> str | None:
        """Return the name of a file that was written to since it was checked, None if there is none."""
        return next((name for name, file in self._files.items() if file.changed()), None)

    def check(self, folder: Path) -> None:
        """Check that the names still are those of the open files, and these unchanged.

        Raises:
            ValueError: they are not.
        """
        for name, file in self._files.items():
            if file.changed() or not file.is_at(folder / name):
                raise ValueError(f"{name} was changed while it was read")


class _CheckedFile:
    """One of them; it closes when nobody holds it any more."""

    def __init__(self, path: Path, facts: Facts) -> None:
        self.facts = dict(facts)
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._seen = _state(self._file)
        if self._seen[0] != facts["size"] or checksum(self._file) != facts["crc32"]:
            raise ValueError(f"{path.name} does not match its size or checksum")

    def changed(self) -> bool:
        size, written, touched, links = self._seen
        now = _state(self._file)
        # Removing a file changes its time of status too; nobody can write to it by name after that.
        return now[:2] != (size, written) or (now[2] != touched and now[3] == links)

    def is_at(self, path: Path) -> bool:
        return os.path.samestat(path.stat(), os.fstat(self._file))


def checksum(file: int) -> int:
    """Return the CRC-32 of an open file's bytes."""
    value = 0
    for block in _blocks(file):
        value = zlib.crc32(block, value)
    return value


def _blocks(file: int) -> Iterator[bytes]:
    os.lseek(file, 0, os.SEEK_SET)
    while block := os.read(file, _BLOCK):
        yield block


def _state(file: int) -> tuple[int, int, int, int]:
    status = os.fstat(file)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_nlink
