"""Exact search over vectors whose numbers are bytes, a quarter of the memory of 32-bit floats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rag.store.search.vectors import byte_index, check_queries, index_codes, read_byte_index, search_index
from rag.store.tables.context_rows import from_bytes, reach
from rag.store.tables.rows import Bytes, Floats, Longs, Mask


class ByteVectors:
    """A searchable, immutable matrix of vectors; an inner product is exact for what the bytes stand for."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, codes: Bytes) -> ByteVectors:
        """Make them of bytes ``(n, dim)``, as `rag.store.tables.context_rows.to_bytes` makes them."""
        return cls(byte_index(np.ascontiguousarray(codes), reach(codes.shape[1])))

    @classmethod
    def read(cls, path: Path, dimension: int) -> ByteVectors:
        """Map a file that `vector_files.write_byte_vectors` wrote.

        Raises:
            ValueError: it is not one.
        """
        return cls(read_byte_index(path, dimension, reach(dimension)))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def codes(self) -> Bytes:
        """All bytes, ``(n, dim)``, without a copy; read-only."""
        codes: Bytes = index_codes(self._index)
        return codes

    def search(self, query: Floats, k: int, allowed: Mask | None = None) -> tuple[Longs, Floats]:
        """Return the rows with the largest inner products and these, best first, ties by row.

        Args:
            query: ``(dim,)`` float32.
            k: how many rows; fewer come back when fewer are there.
            allowed: ``(n,)`` the rows that may be returned; None allows all. Applied inside the search.

        Raises:
            EncoderError: the query has another type or width, or holds a number that is not finite.
        """
        check_queries(query[None], int(self._index.d))
        available = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, available)
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows, scores = search_index(self._index, query[None], k, allowed if available < len(self) else None)
        order = np.lexsort((rows[0], -scores[0]))
        return rows[0][order], scores[0][order]


def byte_products(codes: Bytes, query: Floats) -> Floats:
    """Return the inner products ``(n,)`` of a query ``(dim,)`` with the vectors that bytes ``(n, dim)`` stand for."""
    products: Floats = from_bytes(codes) @ query
    return products
