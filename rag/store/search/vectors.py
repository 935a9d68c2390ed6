"""Exact search over unit vectors. It imports faiss only when something is searched; so does `vector_files`."""

from __future__ import annotations

import errno
import math
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.store.tables.rows import Floats, Longs, Mask

if TYPE_CHECKING:
    import faiss

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


def check_queries(queries: Floats, dimension: int) -> None:
    """Check queries, `(n, dimension)`.

    Raises:
        EncoderError: they have another type or width than the index, or hold a number that is not finite.
    """
    if queries.dtype != np.float32 or queries.ndim != 2 or queries.shape[1] != dimension:
        found = f"{queries.dtype}{queries.shape}"
        raise EncoderError("query_shape_wrong", found=found, expected=f"float32(n, {dimension})")
    if not np.isfinite(queries).all():
        raise EncoderError("vector_not_finite", part="query")


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


_SHORTLIST = 10  # times as many rows as asked for are compared exactly; 3 lost 0.6 % of the first 200, 5 lost 0.1 %
_SHORTLIST_LEAST = 1000
_FAST_SHARE = 0.25  # with fewer rows allowed than this, comparing just those exactly is as fast
TRAINING_ROWS = 20_000
_UNIT = 1.001  # rows no longer than this are kept in 16-bit floats too
_SPARE = 32  # rows beyond those asked for: with 16-bit floats hardly ever more than a few are in doubt
_AFTER_ROWS = 4  # bytes that faiss writes after the rows of a refined index, its factor k


class FlatVectors:
    """Every vector is compared, so the result is exact."""

    kind = FLAT

    def __init__(self, index: Any) -> None:
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def array(self) -> Floats:
        """All vectors, `(n, dim)` float32, without a copy; may be unaligned in memory."""
        import faiss

        shape = (len(self), int(self._index.d))
        if not shape[0]:
            return np.zeros(shape, dtype=np.float32)
        array: Floats = faiss.rev_swig_ptr(self._index.get_xb(), shape[0] * shape[1]).reshape(shape)
        array.flags.writeable = False
        return array

    def rows(self, rows: Longs) -> Floats:
        """Return a copy of some of the vectors, `(n, dim)`."""
        copied: Floats = self.array[rows]
        return copied

    def search(self, queries: Floats, k: int, allowed: Mask | None = None) -> tuple[Longs, Floats]:
        """Return row numbers and inner products, best first.

        Args:
            queries: `(n, dim)` float32.
            k: how many rows; fewer come back when fewer are there.
            allowed: `(rows,)` the rows that may be returned; None allows all. Applied inside the search.

        Returns:
            positions `(n, min(k, allowed rows))` and scores of the same shape, descending.

        Raises:
            EncoderError: the queries have another type or width than the index, or hold a number that is not finite.
        """
        check_queries(queries, int(self._index.d))
        available = len(self) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, available)
        if k <= 0 or not len(queries):
            return np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0), np.float32)
        with one_thread():
            scores, positions = self._index.search(
                np.ascontiguousarray(queries), k, params=_selecting(allowed if available < len(self) else None)
            )
        return positions, scores

    def products(self, query: Floats, rows: Longs) -> Floats:
        """Return the inner products of one query `(dim,)` with some rows, `(n,)`, without copying them out."""
        import faiss

        result, query = np.empty(len(rows), np.float32), np.ascontiguousarray(query)
        pointers = [faiss.swig_ptr(array) for array in (result, query, rows)]
        with one_thread():
            faiss.fvec_inner_products_by_idx(  # type: ignore[attr-defined]  # the stubs lack it
                pointers[0], pointers[1], self._index.get_xb(), pointers[2], len(query), 1, len(rows)
            )
        return result


class MappedVectors:
    """Every vector is compared, first in 16-bit floats, half the memory to read; the result is exact all the same.

    The rounding of 16-bit floats bounds how far an inner product can be off. Rows that could be among the best within
    that bound are compared again in full; they are read from the file, so that the full vectors are never all resident.
    """

    kind = FLAT

    def __init__(self, index: faiss.IndexRefine, path: Path) -> None:
        import faiss

        self._index = index  # owns the two below
        self._halves = faiss.downcast_index(index.base_index)
        self._exact = FlatVectors(faiss.downcast_index(index.refine_index))
        self._width = int(index.d)
        self._file = RowFile(path, rows=len(self), width=self._width, after=_AFTER_ROWS)
        ends = np.array([0, len(self) - 1])
        if not np.array_equal(self.rows(ends), self.array[ends]):
            raise ValueError(f"{path.name} holds its vectors in another place than expected")

    def __len__(self) -> int:
        return len(self._exact)

    @property
    def array(self) -> Floats:
        """All vectors, `(n, dim)` float32, without a copy; may be unaligned in memory."""
        return self._exact.array

    def rows(self, rows: Longs) -> Floats:
        """Return a copy of some of the vectors, `(n, dim)`, read from the file."""
        if not hasattr(os, "preadv"):  # Windows
            return self._exact.rows(rows)
        return self._file.read(rows)

    def search(self, queries: Floats, k: int, allowed: Mask | None = None) -> tuple[Longs, Floats]:
        """Return row numbers and inner products, best first; as `FlatVectors.search`."""
        available = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if not 0 < k < available:
            return self._exact.search(queries, k, allowed)
        check_queries(queries, self._width)
        selecting = _selecting(allowed if available < len(self) else None)
        positions, scores = np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
        for number, query in enumerate(queries):
            rows = np.sort(self._possible(query, k, available, selecting))
            products = np.einsum("ij,j->i", self.rows(rows), query)
            best = np.argsort(-products, kind="stable")[:k]  # ties go to the earlier row
            positions[number], scores[number] = rows[best], products[best]
        return positions, scores

    def _possible(self, query: Floats, k: int, available: int, selecting: Any) -> Longs:
        """Return every row that may be among the best `k`."""
        length = math.sqrt(float(query @ query))
        off = length * (_UNIT * 2**-11 + math.sqrt(self._width) * 2**-25 + self._width * 2**-23)
        wanted = k + _SPARE
        while True:
            with one_thread():
                found, rows = self._halves.search(query[None], min(wanted, available), params=selecting)
            bar = found[0, k - 1] - 2 * off
            if found[0, -1] < bar or wanted >= available:
                possible: Longs = rows[0, found[0] >= bar]
                return possible
            wanted *= 4


class FastVectors:
    """Every vector is compared in a short form, 4 bits for two numbers, and the most promising ones exactly.

    The short form is the product quantisation of André, Kermarrec and Le Scouarnec, "Cache locality is not enough",
    VLDB 2015, which compares 32 vectors in a few processor instructions.
    """

    kind = FAST

    def __init__(self, index: faiss.IndexRefine) -> None:
        import faiss

        self._index = index  # owns the two below
        self._short = faiss.downcast_index(index.base_index)
        self._exact = FlatVectors(faiss.downcast_index(index.refine_index))

    def __len__(self) -> int:
        return len(self._exact)

    @property
    def array(self) -> Floats:
        """All vectors, `(n, dim)` float32, without a copy; may be unaligned in memory."""
        return self._exact.array

    def rows(self, rows: Longs) -> Floats:
        """Return a copy of some of the vectors, `(n, dim)`."""
        return self._exact.rows(rows)

    def search(self, queries: Floats, k: int, allowed: Mask | None = None) -> tuple[Longs, Floats]:
        """Return row numbers and exact inner products, best first; as `FlatVectors.search`, but a row may be missed."""
        available = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if not 0 < k < available or not self.shortens(allowed):
            return self._exact.search(queries, k, allowed)
        check_queries(queries, self.array.shape[1])
        wanted = max(_SHORTLIST * k, _SHORTLIST_LEAST) * len(self) // available
        with one_thread():
            _, shortlists = self._short.search(np.ascontiguousarray(queries), min(wanted, len(self)))
        positions, scores = np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
        for number, rows in enumerate(shortlists):
            rows = np.sort(rows[rows >= 0])  # in order of memory, and ties then go to the earlier row
            rows = rows if allowed is None else rows[allowed[rows]]
            if len(rows) < k:  # the filter and the question pull in different directions
                found = self._exact.search(queries[number : number + 1], k, allowed)
                positions[number], scores[number] = found[0][0], found[1][0]
                continue
            positions[number], scores[number] = self.best(queries[number], rows, k)
        return positions, scores

    def shortens(self, allowed: Mask | None) -> bool:
        """Return whether comparing short forms first is quicker; where few rows are allowed it is not."""
        return allowed is None or int(np.count_nonzero(allowed)) >= _FAST_SHARE * len(self)

    def shortlist(self, query: Floats, wanted: int, allowed: Mask | None) -> tuple[Longs, Floats]:
        """Return the allowed ones of the `wanted` most promising rows, ascending, and their rough inner products."""
        with one_thread():
            scores, rows = self._short.search(np.ascontiguousarray(query[None]), min(wanted, len(self)))
        found = rows[0] >= 0
        if allowed is not None:
            found &= allowed[rows[0]]
        order = np.argsort(rows[0][found])
        return rows[0][found][order], scores[0][found][order]

    def best(self, query: Floats, rows: Longs, k: int) -> tuple[Longs, Floats]:
        """Return the best `k` of some rows, given ascending, and their exact inner products; ties by row."""
        products = self._exact.products(query, rows)
        best = np.argsort(-products, kind="stable")[:k]
        return rows[best], products[best]


def search_parts(parts: Sequence[tuple[Vectors, Mask | None]], query: Floats, k: int) -> list[tuple[Longs, Floats]]:
    """Return for each of some matrices its rows among the best `k` of all, and their inner products.

    Of several of the fast kind together no more rows are compared exactly than of one, the most promising of all.

    Args:
        parts: the matrices, each with the rows that may be returned; None allows all.
        query: `(dim,)` float32.
        k: how many; of a matrix some may come back that are not among the best of all.

    Raises:
        EncoderError: as for `FlatVectors.search`.
    """
    fast = [
        n
        for n, (vectors, allowed) in enumerate(parts)
        if isinstance(vectors, FastVectors) and vectors.shortens(allowed)
    ]
    found = _search_fast([parts[n] for n in fast], query, k) if len(fast) > 1 and k > 0 else None
    together = dict(zip(fast, found, strict=True)) if found is not None else {}
    results = []
    for number, (vectors, allowed) in enumerate(parts):
        if number not in together:
            rows, scores = vectors.search(query[None], k, allowed)
            together[number] = rows[0], scores[0]
        results.append(together[number])
    return results


def _search_fast(
    parts: Sequence[tuple[Vectors, Mask | None]], query: Floats, k: int
) -> list[tuple[Longs, Floats]] | None:
    """Search several matrices of the fast kind as if they were one; None where too few rows are promising."""
    check_queries(query[None], parts[0][0].array.shape[1])
    total = sum(len(vectors) for vectors, _ in parts)
    available = sum(len(vectors) if allowed is None else int(np.count_nonzero(allowed)) for vectors, allowed in parts)
    compared = max(_SHORTLIST * k, _SHORTLIST_LEAST)
    lists = [
        (vectors, *vectors.shortlist(query, compared * total // max(1, available), allowed))
        for vectors, allowed in parts
        if isinstance(vectors, FastVectors)
    ]
    rough = np.concatenate([scores for _, _, scores in lists])
    if len(rough) < k:
        return None
    bar = np.partition(rough, len(rough) - compared)[len(rough) - compared] if len(rough) > compared else -np.inf
    return [vectors.best(query, rows[scores >= bar], k) for vectors, rows, scores in lists]


def build_vectors(array: Floats, kind: str = FLAT) -> Vectors:
    """Make a searchable copy of `(n, dim)` float32 rows.

    Raises:
        ValueError: there is no such kind.
    """
    import faiss

    rows = np.ascontiguousarray(array, dtype=np.float32)
    flat = faiss.IndexFlatIP(rows.shape[1])
    flat.add(rows)
    if kind == FLAT:
        return FlatVectors(flat)
    if kind != FAST:
        raise ValueError(f"no vector index of kind {kind!r}; there are: {FLAT}, {FAST}")
    short = new_short(rows.shape[1])
    with one_thread():
        short.train(np.ascontiguousarray(rows[:: max(1, len(rows) // TRAINING_ROWS)]))
        short.add(rows)
    return FastVectors(faiss.IndexRefine(short, flat))


def is_unit(rows: Floats) -> bool:
    """Return whether no row ``(n, dim)`` is longer than those that are kept in 16-bit floats too."""
    return not len(rows) or float(np.einsum("ij,ij->i", rows, rows).max()) <= _UNIT**2


def new_halves(width: int) -> Any:
    """Return an empty index of 16-bit floats."""
    import faiss

    return faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def new_short(width: int) -> Any:
    """Return an empty index of 4 bits for two numbers, to be trained."""
    import faiss

    together = next((size for size in (2, 3) if width % size == 0), 1)
    return faiss.IndexPQFastScan(width, width // together, 4, faiss.METRIC_INNER_PRODUCT)


def read_vectors(path: Path) -> Vectors:
    """Map a written file into memory; pages are read as they are touched, and shared between processes.

    Raises:
        ValueError: the file is not one of ours.
    """
    import faiss

    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise ValueError(f"{path.name} cannot be read: {str(error)[-200:]}") from error
    if isinstance(index, faiss.IndexRefine):
        halves = isinstance(faiss.downcast_index(index.base_index), faiss.IndexScalarQuantizer)
        return MappedVectors(index, path) if halves else FastVectors(index)
    if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise ValueError(f"{path.name} holds a {type(index).__name__}, not an inner-product flat index")
    return FlatVectors(index)


def byte_index(codes: NDArray[np.uint8], reach: float) -> Any:
    """Return an index of vectors given as bytes ``(n, dim)``, equal steps from ``-reach`` to `reach`."""
    import faiss

    index = faiss.IndexScalarQuantizer(
        codes.shape[1], faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_INNER_PRODUCT
    )
    index.train(np.zeros((1, codes.shape[1]), np.float32))  # which would take the range from the rows
    faiss.copy_array_to_vector(_byte_range(reach), index.sq.trained)
    index.add_sa_codes(codes)
    return index


def read_byte_index(path: Path, dimension: int, reach: float) -> Any:
    """Map an index that `vector_files.write_byte_vectors` wrote.

    Raises:
        ValueError: the file is not one, or for another width or range.
    """
    import faiss

    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise ValueError(f"{path.name} cannot be read: {str(error)[-200:]}") from error
    if not isinstance(index, faiss.IndexScalarQuantizer) or index.d != dimension:
        raise ValueError(f"{path.name} holds no bytes of {dimension} numbers")
    if not np.array_equal(faiss.vector_to_array(index.sq.trained), _byte_range(reach)):
        raise ValueError(f"{path.name} holds bytes of another range")
    return index


def index_codes(index: Any) -> NDArray[np.uint8]:
    """Return the bytes ``(n, dim)`` of an index that `byte_index` made, without a copy."""
    import faiss

    shape = (int(index.ntotal), int(index.d))
    if not shape[0]:
        return np.zeros(shape, np.uint8)
    codes: NDArray[np.uint8] = faiss.rev_swig_ptr(index.codes.data(), shape[0] * shape[1]).reshape(shape)
    codes.flags.writeable = False
    return codes


def search_index(index: Any, queries: Floats, k: int, allowed: Mask | None) -> tuple[Longs, Floats]:
    """Return rows and inner products, best first, of an index that compares every row."""
    with one_thread():
        scores, rows = index.search(np.ascontiguousarray(queries), k, params=_selecting(allowed))
    return rows, scores


def _byte_range(reach: float) -> Floats:
    return np.array([-reach, 2 * reach], np.float32)


def _selecting(allowed: Mask | None) -> Any:
    """Return what makes faiss search only the allowed rows."""
    if allowed is None:
        return None
    import faiss

    # The stubs that faiss ships describe the C++ constructors, not the Python ones.
    selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenMP out of single searches: waking a second thread cost 16 ms for a search of 2.4 ms (2 busy cores).

    The setting belongs to the calling thread, and the runtime may be shared with the encoder: it is put back.
    """
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
