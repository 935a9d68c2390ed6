"""The rows of a matrix within a file, read as they are asked for, so that they are never all resident."""

from __future__ import annotations

import errno
import os
import weakref
from pathlib import Path

import numpy as np

from rag.store.rows import Floats, Longs


class RowFile:
    """`rows` rows of `width` float32 each, which end `after` bytes before the end of a file. Safe from many threads."""

    def __init__(self, path: Path, *, rows: int, width: int, after: int) -> None:
        """Open the file, which closes when nobody holds this any more.

        Raises:
            ValueError: it is too short.
        """
        self._width = width
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._start = os.fstat(self._file).st_size - after - 4 * width * rows
        if self._start < 0:
            raise ValueError(f"{path.name} is too short for {rows} rows of {width} numbers")

    def read(self, rows: Longs) -> Floats:
        """Return some of the rows, `(n, width)`; not on Windows, where no file is read at a place.

        Raises:
            OSError: the file has been cut since it was opened.
        """
        copied = np.empty((len(rows), self._width), np.float32)
        size, buffers = 4 * self._width, copied.view(np.uint8)
        for buffer, row in zip(buffers, rows.tolist(), strict=True):
            if os.preadv(self._file, [buffer.data], self._start + row * size) != size:
                raise OSError(errno.EIO, "the file of vectors has become shorter")
        return copied
