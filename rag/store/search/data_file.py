"""A file that is written once, from front to back, and known by its size and checksum from then on."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

_ALIGNMENT = 64  # bytes; a cache line

Place = tuple[str, int, int]
"""The type of an array, its length, and where it begins in a file."""


class DataFile:
    """A new file. When the block ends without an error it is closed and on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.crc32 = 0
        self._file = path.open("wb")

    def __enter__(self) -> DataFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._file.flush()
                os.fsync(self._file.fileno())

    @property
    def facts(self) -> dict[str, int]:
        """By what it is known."""
        return {"size": self.size, "crc32": self.crc32}

    def write(self, content: bytes | NDArray[np.generic]) -> None:
        """Write bytes, or those of a contiguous array; raises OSError."""
        if not len(content):
            return
        data = memoryview(content if isinstance(content, bytes) else content.data).cast("B")
        self._file.write(data)
        self.size += len(data)
        self.crc32 = zlib.crc32(data, self.crc32)

    def write_array(self, dtype: np.dtype[np.generic], chunks: Iterable[NDArray[np.generic]]) -> Place:
        """Write an array that comes in pieces, at the start of a cache line, and return its place."""
        self.write(b"\0" * (-self.size % _ALIGNMENT))
        start, length = self.size, 0
        for chunk in chunks:
            self.write(np.ascontiguousarray(chunk, dtype))
            length += len(chunk)
        return dtype.str, length, start
