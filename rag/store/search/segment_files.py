"""Segments and parts of contextual vectors as files: joined while they are written, a stretch at a time, and mapped.

Each is two files, of vectors and of arrays, that are never written to again; what is removed later is noted elsewhere.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.store.search.bm25 import Postings
from rag.store.search.byte_vectors import ByteVectors
from rag.store.search.context_part import ContextPart
from rag.store.search.data_file import DataFile, Place
from rag.store.search.postings_merge import PostingsMerge
from rag.store.search.segments import Labels, Segment, gather
from rag.store.search.vector_files import write_byte_vectors, write_vectors
from rag.store.search.vectors import read_vectors
from rag.store.tables.context_rows import reach
from rag.store.tables.rows import Bytes, Floats, Longs

_ROWS = 8192
"""Rows that are copied at a time: eight megabytes of vectors."""

_COPIED = 1 << 22  # bytes that are copied at a time

Array = NDArray[np.generic]
Directory = dict[str, Place]

_POSTINGS = ("terms", "offsets", "rows", "counts", "lengths")
_COLUMNS = (
    "ids",
    "documents",
    "languages",
    "outlets",
    "published",
    "token_offsets",
    "tokens",
    "sentence_offsets",
    "sentence_starts",
    "sentence_norms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is noted of a segment, or of a part of contextual vectors, to map its files again.

    `labels` are the names of languages and of outlets, where it is a segment.
    """

    rows: int
    vectors: str
    arrays: str
    directory: Directory
    labels: tuple[Labels, Labels] | None = None

    @property
    def files(self) -> tuple[str, str]:
        """The names of its files."""
        return self.vectors, self.arrays

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Piece:
        """Read what `dataclasses.asdict` has put into JSON.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        directory, labels = values["directory"], values["labels"]
        if not isinstance(directory, dict) or not isinstance(values["rows"], int):
            raise TypeError("a piece without its rows or its directory")
        return cls(
            rows=values["rows"],
            vectors=str(values["vectors"]),
            arrays=str(values["arrays"]),
            directory={name: (str(dtype), int(size), int(at)) for name, (dtype, size, at) in directory.items()},
            labels=(tuple(labels[0]), tuple(labels[1])) if isinstance(labels, list) else None,
        )


def write_segment(
    place: Path, stem: str, segments: Sequence[Segment], kind: str
) -> tuple[Piece, dict[str, dict[str, int]]]:
    """Write the live rows of segments whose ids follow one another as one.

    Args:
        place: the folder.
        stem: part of the files' names, not used before.
        segments: at least one.
        kind: of the vectors.

    Returns:
        what maps it again, and size and checksum of each file by name.

    Raises:
        OSError: it cannot be written.
    """
    rows = sum(segment.live for segment in segments)
    width = segments[0].vectors.array.shape[1]
    with DataFile(place / f"vectors-{stem}.faiss") as vectors:
        write_vectors(vectors, lambda: _vector_blocks(segments), rows, width, kind)
    languages, language_codes = _codes([(part.language_names, part.languages) for part in segments])
    outlets, outlet_codes = _codes([(part.outlet_names, part.outlets) for part in segments])
    codes = {"languages": language_codes, "outlets": outlet_codes}
    directory: Directory = {}
    with DataFile(place / f"arrays-{stem}.bin") as arrays:
        for name in _COLUMNS:
            column: Array = getattr(segments[0], name)
            directory[name] = arrays.write_array(column.dtype, _column(segments, name, codes.get(name)))
        _write_postings(arrays, directory, segments, place)
    piece = Piece(
        rows=rows,
        vectors=vectors.path.name,
        arrays=arrays.path.name,
        directory=directory,
        labels=(languages, outlets),
    )
    return piece, {file.path.name: file.facts for file in (vectors, arrays)}


def read_segment(place: Path, piece: Piece, width: int) -> Segment:
    """Map a segment.

    Raises:
        ValueError: it does not have the rows, or the width, that are noted.
    """
    arrays = map_arrays(place / piece.arrays, piece.directory)
    vectors = read_vectors(place / piece.vectors)
    if not piece.rows == len(vectors) == len(arrays["ids"]) or vectors.array.shape[1] != width:
        raise ValueError(f"{piece.rows} rows of {width} expected, found {vectors.array.shape}")
    languages, outlets = piece.labels or ((), ())
    return Segment(
        **{name: arrays[name] for name in _COLUMNS},  # type: ignore[arg-type]  # dtypes were written by us and checksummed
        postings=Postings(**{name: arrays[f"postings.{name}"] for name in _POSTINGS}),  # type: ignore[arg-type]
        vectors=vectors,
        language_names=languages,
        outlet_names=outlets,
    )


def write_context(
    place: Path, stem: str, parts: Sequence[ContextPart], width: int
) -> tuple[Piece, dict[str, dict[str, int]]]:
    """Write the live rows of parts of contextual vectors as one, in order of their passages; as `write_segment`."""
    keep = [np.arange(len(part)) if part.alive is None else np.flatnonzero(part.alive) for part in parts]
    ids = np.concatenate([part.ids[rows] for part, rows in zip(parts, keep, strict=True)])
    order = np.argsort(ids, kind="stable")
    owners = np.repeat(np.arange(len(parts), dtype=np.int32), [len(rows) for rows in keep])[order]
    rows = np.concatenate(keep)[order]
    stretches = [(owners[first : first + _ROWS], rows[first : first + _ROWS]) for first in range(0, len(order), _ROWS)]
    sizes = np.zeros(len(order), np.int64)
    for number, part in enumerate(parts):
        own = owners == number
        sizes[own] = np.diff(part.offsets)[rows[own]]
    offsets = np.zeros(len(order) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])

    def codes() -> Iterator[Bytes]:
        for of, at in stretches:
            block = np.empty((len(at), width), np.uint8)
            for number in np.flatnonzero(np.bincount(of)).tolist():
                block[of == number] = parts[number].vectors.codes[at[of == number]]
            yield block

    def sentences() -> Iterator[Bytes]:
        for of, at in stretches:
            own = [
                parts[number].sentences[parts[number].offsets[row] : parts[number].offsets[row + 1]]
                for number, row in zip(of.tolist(), at.tolist(), strict=True)
            ]
            yield np.concatenate(own).reshape(-1)

    directory: Directory = {}
    with DataFile(place / f"context-{stem}.faiss") as vectors:
        write_byte_vectors(vectors, codes(), len(order), width, reach(width))
    with DataFile(place / f"sentences-{stem}.bin") as arrays:
        directory["ids"] = arrays.write_array(ids.dtype, [ids[order]])
        directory["offsets"] = arrays.write_array(offsets.dtype, [offsets])
        directory["sentences"] = arrays.write_array(np.dtype(np.uint8), sentences())
    piece = Piece(rows=len(order), vectors=vectors.path.name, arrays=arrays.path.name, directory=directory)
    return piece, {file.path.name: file.facts for file in (vectors, arrays)}


def read_context(place: Path, piece: Piece, width: int) -> ContextPart:
    """Map a part of contextual vectors.

    Raises:
        ValueError: it does not have the rows, or the width, that are noted.
    """
    arrays = map_arrays(place / piece.arrays, piece.directory)
    ids, offsets, sentences = (arrays[name] for name in ("ids", "offsets", "sentences"))
    vectors = ByteVectors.read(place / piece.vectors, width)
    if not piece.rows == len(ids) == len(vectors) == len(offsets) - 1 or len(sentences) != int(offsets[-1]) * width:
        raise ValueError(f"{piece.rows} rows of contextual vectors expected, found {len(vectors)}")
    return ContextPart(
        ids=ids,  # type: ignore[arg-type]  # as above
        vectors=vectors,
        offsets=offsets,  # type: ignore[arg-type]
        sentences=sentences.reshape(-1, width),  # type: ignore[arg-type]
    )


def map_arrays(path: Path, directory: Mapping[str, Place]) -> dict[str, Array]:
    """Map the arrays of a file; raises ValueError where they do not lie in it."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        mapped: mmap.mmap | bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    return {
        name: np.frombuffer(mapped, dtype, length, offset) if length else np.zeros(0, dtype)
        for name, (dtype, length, offset) in directory.items()
    }


def live_rows(segments: Sequence[Segment]) -> Iterator[tuple[int, Segment, NDArray[np.intp]]]:
    """Yield the live rows of segments, some at a time, each with the number of the segment and the segment."""
    for number, segment in enumerate(segments):
        for first in range(0, len(segment), _ROWS):
            last = min(first + _ROWS, len(segment))
            rows = np.arange(first, last)
            if segment.alive is not None:
                rows = rows[segment.alive[first:last]]
            if len(rows):
                yield number, segment, rows


def _vector_blocks(segments: Sequence[Segment]) -> Iterator[Floats]:
    for _, segment, rows in live_rows(segments):
        yield segment.vectors.array[rows]


def _column(segments: Sequence[Segment], name: str, codes: list[Array] | None) -> Iterator[Array]:
    """Yield a column of the live rows, some at a time; `codes` are the new numbers of labels, for each segment."""
    if name in ("token_offsets", "sentence_offsets"):
        yield from _offsets(segments, name)
        return
    flat = {"tokens": "token_offsets", "sentence_starts": "sentence_offsets", "sentence_norms": "sentence_offsets"}
    for number, segment, rows in live_rows(segments):
        values: Array = getattr(segment, name)
        if name in flat:
            offsets: Longs = getattr(segment, flat[name])
            whole = len(rows) == rows[-1] - rows[0] + 1
            yield values[offsets[rows[0]] : offsets[rows[-1] + 1]] if whole else gather(offsets, rows, values)
        elif codes is not None:
            yield codes[number][values[rows]]
        else:
            yield values[rows]


def _offsets(segments: Sequence[Segment], name: str) -> Iterator[Longs]:
    end = np.zeros(1, np.int64)
    yield end
    for _, segment, rows in live_rows(segments):
        offsets: Longs = getattr(segment, name)
        ends = end[-1] + np.cumsum(offsets[rows + 1] - offsets[rows])
        yield ends
        end = ends


def _codes(columns: Sequence[tuple[Labels, Array]]) -> tuple[Labels, list[Array]]:
    """Return the labels of all segments, and for each segment the number of each of its labels among them."""
    names: dict[str | None, int] = {}
    codes: list[Array] = [
        np.array([names.setdefault(label, len(names)) for label in labels], np.int32) for labels, _ in columns
    ]
    return tuple(names), codes


def _write_postings(file: DataFile, directory: Directory, segments: Sequence[Segment], place: Path) -> None:
    merge = PostingsMerge([(segment.postings, segment.alive) for segment in segments])
    directory["postings.terms"] = file.write_array(merge.terms.dtype, [merge.terms])
    directory["postings.offsets"] = file.write_array(merge.offsets.dtype, [merge.offsets])
    with tempfile.TemporaryFile(dir=place) as aside:  # rows and counts come together, and are kept apart

        def rows() -> Iterator[Array]:
            for held, counts in merge.chunks():
                aside.write(counts.data)
                yield held

        def counts() -> Iterator[Array]:
            aside.seek(0)
            while content := aside.read(_COPIED):
                yield np.frombuffer(content, merge.dtype)

        directory["postings.rows"] = file.write_array(np.dtype(np.int32), rows())
        directory["postings.counts"] = file.write_array(merge.dtype, counts())
    directory["postings.lengths"] = file.write_array(merge.lengths.dtype, [merge.lengths])
