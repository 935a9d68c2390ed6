"""The kinds of vectors that a segment is searched by: what each of them answers, and what a query must be."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from rag.errors import EncoderError
from rag.store.rows import Floats, Longs, Mask

FLAT, FAST = "flat", "fast"
FLAT_LIMIT = 200_000
"""Up to this many rows a snapshot is searched exactly.

Beyond it exact search of one question costs more than all the rest: 200,000 real passages of 256 numbers took 31 ms on
one core, the fast kind 3.8 ms, with the same first ten and 99.97 % of the first 200.
"""


class Vectors(Protocol):
    """A searchable, immutable matrix of vectors."""

    kind: str

    def __len__(self) -> int: ...

    @property
    def array(self) -> Floats:
        """All vectors, `(n, dim)` float32, read-only."""
        ...

    def rows(self, rows: Longs) -> Floats:
        """Return a copy of some of the vectors, `(n, dim)`."""
        ...

    def search(self, queries: Floats, k: int, allowed: Mask | None = None) -> tuple[Longs, Floats]:
        """Return the rows with the largest inner products."""
        ...

    def write(self, path: Path) -> None:
        """Write the file that `read_vectors` reads."""
        ...


def check_queries(queries: Floats, dimension: int) -> None:
    """Check queries, `(n, dimension)`.

    Raises:
        EncoderError: they have another type or width than the index, or hold a number that is not finite.
    """
    if queries.dtype != np.float32 or queries.ndim != 2 or queries.shape[1] != dimension:
        raise EncoderError(
            f"the query is {queries.dtype}{queries.shape}, the index holds float32(n, {dimension})."
            " Encode with the model of the index"
        )
    if not np.isfinite(queries).all():
        raise EncoderError("the query vector holds numbers that are not finite. Check the model")
