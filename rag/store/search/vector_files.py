"""Writing the files that `vectors.py` maps, a stretch of rows at a time: as faiss writes them, byte for byte.

faiss writes an index that it holds in memory. The rows are most of such a file and stand at its end, so that only
what is before them has to be made, and the rows can follow from wherever they are.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from rag.store.search.data_file import DataFile
from rag.store.search.vectors import (
    FAST,
    TRAINING_ROWS,
    byte_index,
    is_unit,
    new_halves,
    new_short,
    one_thread,
)
from rag.store.tables.rows import Bytes, Floats

_COUNT_AT = 8  # the place of the number of rows in what faiss writes of any index: after four letters and the width


def write_vectors(file: DataFile, blocks: Callable[[], Iterable[Floats]], rows: int, width: int, kind: str) -> None:
    """Write the file that `read_vectors` maps.

    Args:
        file: the file.
        blocks: yields the rows, ``(m, width)`` float32 at a time, each time it is called.
        rows: how many there are.
        width: numbers in each.
        kind: of the index, as for `build_vectors`.

    Raises:
        OSError: the file cannot be written.
    """
    import faiss

    base: Any = None
    if kind == FAST:
        base = new_short(width)
        with one_thread():
            base.train(_every(blocks(), max(1, rows // TRAINING_ROWS)))
    elif rows and all(is_unit(block) for block in blocks()):
        base = new_halves(width)
        base.train(np.zeros((1, width), np.float32))
    flat = _bytes(faiss.IndexFlatIP(width))
    if base is None:
        file.write(_with_rows(flat, rows, width))
    else:
        empty = faiss.IndexRefine(base, faiss.IndexFlatIP(width))  # which takes two indexes of as many rows
        whole = _bytes(empty)
        start, end = whole.index(_bytes(base)), len(whole) - len(flat) - len(_factor(empty))
        file.write(_counted(whole[:start], rows))
        for block in blocks():
            with one_thread():
                base.add(np.ascontiguousarray(block))
        _write_index(file, base)
        file.write(_with_rows(whole[end : end + len(flat)], rows, width))
    for block in blocks():
        file.write(np.ascontiguousarray(block, np.float32))
    if base is not None:
        file.write(_factor(empty))


def write_byte_vectors(file: DataFile, blocks: Iterable[Bytes], rows: int, width: int, reach: float) -> None:
    """Write the file that `read_byte_index` maps, of bytes ``(m, width)`` at a time; raises OSError."""
    empty = _bytes(byte_index(np.zeros((0, width), np.uint8), reach))
    file.write(_counted(empty[:-8], rows) + struct.pack("<Q", rows * width))
    for block in blocks:
        file.write(np.ascontiguousarray(block, np.uint8))


def _every(blocks: Iterable[Floats], step: int) -> Floats:
    """Return each `step`-th row, from the first on."""
    taken, first = [], 0
    for block in blocks:
        taken.append(block[-first % step :: step].copy())
        first += len(block)
    rows: Floats = np.ascontiguousarray(np.concatenate(taken))
    return rows


def _bytes(index: Any) -> bytes:
    import faiss

    content: bytes = faiss.serialize_index(index).tobytes()
    return content


def _factor(index: Any) -> bytes:
    return struct.pack("<f", index.k_factor)


def _counted(header: bytes, rows: int) -> bytes:
    return header[:_COUNT_AT] + struct.pack("<q", rows) + header[_COUNT_AT + 8 :]


def _with_rows(flat: bytes, rows: int, width: int) -> bytes:
    """Return what is before the rows of a flat index: its header, and how many numbers follow."""
    return _counted(flat[:-8], rows) + struct.pack("<Q", rows * width)


def _write_index(file: DataFile, index: Any) -> None:
    import faiss

    failed: list[OSError] = []

    def write(content: bytes) -> None:
        try:
            file.write(content)
        except OSError as error:  # which faiss would turn into something else
            failed.append(error)

    try:
        faiss.write_index(index, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]  # the stubs lack it
    except RuntimeError as error:
        raise OSError(errno.EIO, "faiss could not write the file", str(file.path)) from error
    if failed:
        raise failed[0]


def blocks_of(array: Floats, size: int = 16_384) -> Iterator[Floats]:
    """Yield the rows of an array, `size` at a time."""
    for first in range(0, len(array), size):
        yield array[first : first + size]
