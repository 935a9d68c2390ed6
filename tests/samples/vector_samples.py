"""Files of vectors, written by the store and, to compare, by faiss from an index in memory."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.store.search.data_file import DataFile
from rag.store.search.vector_files import blocks_of, write_vectors
from rag.store.search.vectors import FLAT, TRAINING_ROWS


def write_rows(path: Path, rows: NDArray[np.float32], kind: str = FLAT, block: int = 130) -> DataFile:
    """Write rows as the store does, so many at a time."""
    with DataFile(path) as file:
        write_vectors(file, lambda: blocks_of(rows, block), len(rows), rows.shape[1], kind)
    return file


def write_with_faiss(path: Path, rows: NDArray[np.float32], kind: str = FLAT, training: int = TRAINING_ROWS) -> None:
    """Write the same with faiss alone."""
    width = rows.shape[1]
    flat = faiss.IndexFlatIP(width)
    index: faiss.Index = flat
    flat.add(rows)
    if kind != FLAT:
        short = faiss.IndexPQFastScan(width, width // 2, 4, faiss.METRIC_INNER_PRODUCT)
        short.train(np.ascontiguousarray(rows[:: max(1, len(rows) // training)]))
        short.add(rows)
        index = faiss.IndexRefine(short, flat)
    elif len(rows) and np.linalg.norm(rows, axis=1).max() < 1.0009:
        halves = faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        halves.train(rows[:1])
        halves.add(rows)
        index = faiss.IndexRefine(halves, flat)
    faiss.write_index(index, str(path))
