"""The serving state as files that are mapped into memory: derived from the database, and always replaceable by it.

`snapshot/` holds `current.json`, a file of arrays, a faiss file of vectors and, once passages are refined, one of
contextual vectors. Data files are written under new names, made durable, and become current in one step, by renaming
`current.json` over the old one; files in use by another process are never written to.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexUnusable
from rag.store.search.bm25 import Postings
from rag.store.search.byte_vectors import ByteVectors
from rag.store.search.checked_files import CheckedFiles, checksum
from rag.store.search.context_part import ContextPart
from rag.store.search.segments import Segment
from rag.store.search.vectors import read_vectors
from rag.store.tables.catalogue import Commit
from rag.store.tables.database import NAME
from rag.store.tables.manifest import Manifest
from rag.store.tables.rows import Bytes, Longs

FOLDER = "snapshot"
CURRENT = "current.json"
LAYOUT = 2
_ALIGNMENT = 64  # bytes; a cache line

_log = logging.getLogger(__name__)
_Array = NDArray[np.generic]
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


class SnapshotError(Exception):
    """The snapshot cannot be used; never leaves the store, which goes back to the database."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What a snapshot holds, mapped: of which commit, and the files that it is mapped from."""

    segment: Segment
    context: ContextPart | None
    commit: Commit
    files: CheckedFiles


def write_snapshot(
    folder: Path, segment: Segment, context: ContextPart | None, commit: Commit, manifest: Manifest
) -> None:
    """Make a segment without removed rows the current snapshot of a commit, with the contextual vectors if there are.

    Raises:
        IndexUnusable: the folder cannot be written to, or the disk is full; the earlier snapshot is still current.
    """
    if segment.alive is not None or (context is not None and context.alive is not None):
        raise ValueError("a snapshot holds live rows only; merge the segment first")
    try:
        _write(folder / FOLDER, segment, context, commit, manifest)
    except OSError as error:
        raise IndexUnusable("snapshot_unwritable", place=str(folder), detail=str(error.strerror)) from error


def remove_snapshot(folder: Path) -> None:
    """Remove the snapshot of an index that has been emptied; whoever has it mapped keeps it until done."""
    for path in (folder / FOLDER).glob("*"):
        path.unlink(missing_ok=True)


def read_snapshot(folder: Path, manifest: Manifest) -> Snapshot:
    """Map the current snapshot after checking it: sizes, checksums, rows, width and model.

    Raises:
        SnapshotError: there is none, or it must not be used, with the reason.
    """
    attempts = 3
    while True:
        attempts -= 1
        try:
            return _read(folder / FOLDER, manifest)
        except FileNotFoundError as error:
            if not (folder / FOLDER / CURRENT).exists():
                raise SnapshotError("there is none") from error
            if not attempts:  # otherwise a writer has just replaced it: look again
                raise SnapshotError(str(error)) from error
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise SnapshotError(f"{type(error).__name__}: {error}") from error


def read_commit(folder: Path) -> Commit | None:
    """Return the commit of the current snapshot, None if there is no readable one."""
    try:
        content = _read_current(folder / FOLDER)
        return Commit(generation=int(str(content["generation"])), token=str(content["token"]))
    except (OSError, ValueError, KeyError, TypeError, SnapshotError):
        return None


def _write(place: Path, segment: Segment, context: ContextPart | None, commit: Commit, manifest: Manifest) -> None:
    place.mkdir(exist_ok=True)
    stem = f"{commit.generation}-{os.urandom(4).hex()}"  # never a name that was used: it may still be mapped
    vectors, arrays = place / f"vectors-{stem}.faiss", place / f"arrays-{stem}.bin"
    fresh = place / f"{CURRENT}.{stem}"
    written = [vectors, arrays]
    if context is not None:
        written.append(place / f"context-{stem}.faiss")
    try:
        segment.vectors.write(vectors)
        if context is not None:
            context.vectors.write(written[-1])
        directory = _write_arrays(arrays, _arrays(segment) | _context_arrays(context))
        files = {}
        for path in written:
            _make_durable(path)
            files[path.name] = {"size": path.stat().st_size, "crc32": _checksum(path)}
        content = {
            "layout": LAYOUT,
            "generation": commit.generation,
            "token": commit.token,
            "rows": len(segment),
            "dimension": manifest.dimension,
            "model": manifest.model,
            "fingerprint": manifest.fingerprint,
            "kind": segment.vectors.kind,
            "vectors": vectors.name,
            "arrays": arrays.name,
            "context": written[-1].name if context is not None else None,
            "contextual": manifest.contextual,
            "directory": directory,
            "languages": segment.language_names,
            "outlets": segment.outlet_names,
            "files": files,
        }
        text = json.dumps(content)
        fresh.write_text(json.dumps({"crc32": zlib.crc32(text.encode()), "content": text}))
        _make_durable(fresh)
        fresh.replace(place / CURRENT)  # the commit: before it the old snapshot is current, after it the new one
    except OSError:
        for path in (*written, fresh):  # on a full disk each further try would take more of it
            path.unlink(missing_ok=True)
        raise
    _make_durable(place)
    for path in place.iterdir():
        if path.name not in (CURRENT, *(path.name for path in written)):
            path.unlink(missing_ok=True)


def bytes_on_disk(folder: Path) -> int:
    """Return the bytes of all files of an index, its database and its snapshot."""
    total = 0
    for file in [*folder.glob(f"{NAME}*"), *(folder / FOLDER).glob("*")]:
        with suppress(FileNotFoundError):  # a writer may be replacing its snapshot
            total += file.stat().st_size
    return total


def _read_current(place: Path) -> Mapping[str, object]:
    outer = json.loads((place / CURRENT).read_text())
    text = outer["content"]
    if zlib.crc32(text.encode()) != outer["crc32"]:
        raise SnapshotError(f"{CURRENT} does not match its checksum")
    return cast(Mapping[str, object], json.loads(text))


def _read(place: Path, manifest: Manifest) -> Snapshot:
    content = _read_current(place)
    expected = {
        "layout": LAYOUT,
        "dimension": manifest.dimension,
        "model": manifest.model,
        "fingerprint": manifest.fingerprint,
    }
    for name, value in expected.items():
        if content[name] != value:
            raise SnapshotError(f"{name} is {content[name]!r}, the database says {value!r}")
    files = CheckedFiles(place, cast(dict[str, dict[str, int]], content["files"]))
    arrays = _map_arrays(place / str(content["arrays"]), cast(dict[str, tuple[str, int, int]], content["directory"]))
    vectors = read_vectors(place / str(content["vectors"]))
    rows = cast(int, content["rows"])
    if not rows == len(vectors) == len(arrays["ids"]) or vectors.array.shape[1] != manifest.dimension:
        raise SnapshotError(f"{rows} rows of {manifest.dimension} expected, found {vectors.array.shape}")
    segment = Segment(
        **{name: arrays[name] for name in _COLUMNS},  # type: ignore[arg-type]  # dtypes were written by us and checksummed
        postings=Postings(**{name: arrays[f"postings.{name}"] for name in _POSTINGS}),  # type: ignore[arg-type]
        vectors=vectors,
        language_names=tuple(cast(list[str | None], content["languages"])),
        outlet_names=tuple(cast(list[str | None], content["outlets"])),
    )
    commit = Commit(generation=cast(int, content["generation"]), token=str(content["token"]))
    context = _context(place, content, arrays, manifest)
    files.check(place)  # what was mapped since, by name, is what was checked
    return Snapshot(segment=segment, context=context, commit=commit, files=files)


def _context_arrays(context: ContextPart | None) -> dict[str, _Array]:
    if context is None:
        return {}
    return {
        "context.ids": context.ids,
        "context.offsets": context.offsets,
        "context.sentences": context.sentences.reshape(-1),
    }


def _context(
    place: Path, content: Mapping[str, object], arrays: Mapping[str, _Array], manifest: Manifest
) -> ContextPart | None:
    if content["contextual"] != manifest.contextual:
        raise SnapshotError("it is of another contextual model")
    if content["context"] is None:
        return None
    width = manifest.contextual_dimension
    ids, offsets, sentences = (arrays[f"context.{name}"] for name in ("ids", "offsets", "sentences"))
    vectors = ByteVectors.read(place / str(content["context"]), width)
    if not len(ids) == len(vectors) == len(offsets) - 1 or len(sentences) != int(cast(int, offsets[-1])) * width:
        raise SnapshotError(f"{len(ids)} rows of contextual vectors expected, found {len(vectors)}")
    return ContextPart(
        ids=cast(Longs, ids),
        vectors=vectors,
        offsets=cast(Longs, offsets),
        sentences=cast(Bytes, sentences).reshape(-1, width),
    )


def _arrays(segment: Segment) -> dict[str, _Array]:
    columns: dict[str, _Array] = {name: getattr(segment, name) for name in _COLUMNS}
    return columns | {f"postings.{name}": getattr(segment.postings, name) for name in _POSTINGS}


def _write_arrays(path: Path, arrays: Mapping[str, _Array]) -> dict[str, tuple[str, int, int]]:
    """Write flat arrays one after another and return, for each, its type, length and place in the file."""
    directory = {}
    with path.open("wb") as file:
        for name, array in arrays.items():
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            directory[name] = (array.dtype.str, len(array), file.tell())
            file.write(np.ascontiguousarray(array).data if len(array) else b"")
    return directory


def _map_arrays(path: Path, directory: Mapping[str, tuple[str, int, int]]) -> dict[str, _Array]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        mapped: mmap.mmap | bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    return {
        name: np.frombuffer(mapped, dtype, length, offset) if length else np.zeros(0, dtype)
        for name, (dtype, length, offset) in directory.items()
    }


def _checksum(path: Path) -> int:
    with path.open("rb", buffering=0) as file:
        return checksum(file.fileno())


def _make_durable(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
