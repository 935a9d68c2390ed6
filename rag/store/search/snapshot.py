"""The serving state as files that are mapped into memory: derived from the database, and always replaceable by it.

`snapshot/` holds `current.json` and the files that it names: two for each segment of passages, and two for each part of
contextual vectors once passages are refined; besides these, one that says which of their rows are gone. They are
written once, under names never used before, and made durable; they become current in one step, by renaming
`current.json` over the old one. Segments that have not changed stay as they are, so that a change writes little.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from rag.errors import IndexUnusable
from rag.store.search.checked_files import CheckedFiles
from rag.store.search.context_part import ContextPart
from rag.store.search.data_file import DataFile, Place
from rag.store.search.segment_files import (
    Piece,
    map_arrays,
    read_context,
    read_segment,
    write_context,
    write_segment,
)
from rag.store.search.segments import Segment
from rag.store.tables.catalogue import Commit
from rag.store.tables.database import NAME
from rag.store.tables.manifest import Manifest
from rag.store.tables.rows import Bytes, Mask

FOLDER = "snapshot"
CURRENT = "current.json"
LAYOUT = 3

T = TypeVar("T", Segment, ContextPart)
Facts = dict[str, dict[str, int]]


class SnapshotError(Exception):
    """The snapshot cannot be used; never leaves the store, which goes back to the database."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What a snapshot holds, mapped: of which commit, and the files that it is mapped from.

    `pieces` and `context_pieces` say of each segment and each part in which files it is.
    """

    segments: tuple[Segment, ...]
    context: tuple[ContextPart, ...]
    pieces: tuple[Piece, ...]
    context_pieces: tuple[Piece, ...]
    commit: Commit
    files: CheckedFiles

    @property
    def gone(self) -> int:
        """How many of its rows are not alive."""
        return sum(len(segment) - segment.live for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Segments that a snapshot is to hold as one; of `kept`, which is one segment, the files stay as they are."""

    segments: tuple[Segment, ...]
    kind: str
    kept: Piece | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContextGroup:
    """Parts that a snapshot is to hold as one; of `kept`, which is one part, the files stay as they are."""

    parts: tuple[ContextPart, ...]
    kept: Piece | None = None


def write_snapshot(
    folder: Path,
    groups: Sequence[Group],
    context: Sequence[ContextGroup],
    commit: Commit,
    manifest: Manifest,
    known: CheckedFiles | None = None,
) -> None:
    """Make segments the current snapshot of a commit, with the contextual vectors if there are.

    Args:
        folder: of the index.
        groups: what is to be one segment each, in order of passages.
        context: what is to be one part of contextual vectors each.
        commit: what they show.
        manifest: of the index.
        known: the files of those that are kept.

    Raises:
        IndexUnusable: the folder cannot be written to, or the disk is full; the earlier snapshot is still current.
    """
    try:
        _write(folder / FOLDER, groups, context, commit, manifest, known)
    except OSError as error:
        raise IndexUnusable("snapshot_unwritable", place=str(folder), detail=str(error.strerror)) from error


def remove_snapshot(folder: Path) -> None:
    """Remove the snapshot of an index that has been emptied; whoever has it mapped keeps it until done."""
    for path in (folder / FOLDER).glob("*"):
        path.unlink(missing_ok=True)


def read_snapshot(folder: Path, manifest: Manifest, known: Snapshot | None = None) -> Snapshot:
    """Map the current snapshot after checking it: sizes, checksums, rows, width and model.

    Args:
        folder: of the index.
        manifest: of the index.
        known: an earlier snapshot; what the current one shares with it is neither checked nor mapped again.

    Raises:
        SnapshotError: there is none, or it must not be used, with the reason.
    """
    attempts = 3
    while True:
        attempts -= 1
        try:
            return _read(folder / FOLDER, manifest, known)
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


def _write(
    place: Path,
    groups: Sequence[Group],
    context: Sequence[ContextGroup],
    commit: Commit,
    manifest: Manifest,
    known: CheckedFiles | None,
) -> None:
    place.mkdir(exist_ok=True)
    stem = f"{commit.generation}-{os.urandom(4).hex()}"  # never a name that was used: it may still be mapped
    fresh = place / f"{CURRENT}.{stem}"
    files: Facts = {}
    masks: dict[str, Mask] = {}
    pieces, context_pieces = [], []
    try:
        for number, group in enumerate(groups):
            if group.kept is None:
                piece, facts = write_segment(place, f"{stem}-{number}", group.segments, group.kind)
            else:
                piece, facts = group.kept, _facts(known, group.kept)
                _note_gone(masks, f"segment {number}", group.segments[0].alive)
            pieces.append(piece)
            files.update(facts)
        for number, part in enumerate(context):
            if part.kept is None:
                width = manifest.contextual_dimension
                piece, facts = write_context(place, f"{stem}-{number}", part.parts, width)
            else:
                piece, facts = part.kept, _facts(known, part.kept)
                _note_gone(masks, f"context {number}", part.parts[0].alive)
            context_pieces.append(piece)
            files.update(facts)
        gone = None
        if masks:
            with DataFile(place / f"gone-{stem}.bin") as file:
                bits = np.dtype(np.uint8)
                directory = {name: file.write_array(bits, [np.packbits(mask)]) for name, mask in masks.items()}
            gone = {"file": file.path.name, "directory": directory}
            files[file.path.name] = file.facts
        content = {
            "layout": LAYOUT,
            "generation": commit.generation,
            "token": commit.token,
            "rows": sum(piece.rows for piece in pieces),
            "dimension": manifest.dimension,
            "model": manifest.model,
            "fingerprint": manifest.fingerprint,
            "contextual": manifest.contextual,
            "segments": [asdict(piece) for piece in pieces],
            "context": [asdict(piece) for piece in context_pieces],
            "gone": gone,
            "files": files,
        }
        text = json.dumps(content)
        with DataFile(fresh) as file:
            file.write(json.dumps({"crc32": zlib.crc32(text.encode()), "content": text}).encode())
        fresh.replace(place / CURRENT)  # the commit: before it the old snapshot is current, after it the new one
    except OSError:
        for path in place.glob(f"*{stem}*"):  # on a full disk each further try would take more of it
            path.unlink(missing_ok=True)
        raise
    _make_durable(place)
    for path in place.iterdir():
        if path.name != CURRENT and path.name not in files:
            path.unlink(missing_ok=True)


def _note_gone(masks: dict[str, Mask], name: str, alive: Mask | None) -> None:
    if alive is not None:
        masks[name] = alive


def _facts(known: CheckedFiles | None, piece: Piece) -> Facts:
    if known is None:
        raise ValueError("what is kept must be known")
    return {name: known.facts(name) for name in piece.files}


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


def _read(place: Path, manifest: Manifest, known: Snapshot | None) -> Snapshot:
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
    if content["contextual"] != manifest.contextual:
        raise SnapshotError("it is of another contextual model")
    files = CheckedFiles(place, cast(Facts, content["files"]), known.files if known is not None else None)
    pieces = [Piece.from_json(values) for values in cast(list[dict[str, object]], content["segments"])]
    context_pieces = [Piece.from_json(values) for values in cast(list[dict[str, object]], content["context"])]
    if sum(piece.rows for piece in pieces) != content["rows"]:
        raise SnapshotError(f"{content['rows']} rows expected, found {sum(piece.rows for piece in pieces)}")
    mapped: dict[str, Segment] = {}
    context: dict[str, ContextPart] = {}
    if known is not None:
        mapped = _shared(known.pieces, known.segments, known.files, files)
        context = _shared(known.context_pieces, known.context, known.files, files)
    alive = _alive(place, content["gone"])
    snapshot = Snapshot(
        segments=tuple(
            _living(
                mapped.get(piece.arrays) or read_segment(place, piece, manifest.dimension),
                _mask(alive, f"segment {number}", piece.rows),
            )
            for number, piece in enumerate(pieces)
        ),
        context=tuple(
            _living(
                context.get(piece.arrays) or read_context(place, piece, manifest.contextual_dimension),
                _mask(alive, f"context {number}", piece.rows),
            )
            for number, piece in enumerate(context_pieces)
        ),
        pieces=tuple(pieces),
        context_pieces=tuple(context_pieces),
        commit=Commit(generation=cast(int, content["generation"]), token=str(content["token"])),
        files=files,
    )
    files.check(place)  # what was mapped since, by name, is what was checked
    return snapshot


def _shared(pieces: Sequence[Piece], mapped: Sequence[T], before: CheckedFiles, now: CheckedFiles) -> dict[str, T]:
    """Return what is mapped already by its file of arrays, of those pieces whose files have not been checked anew."""
    return {
        piece.arrays: segment
        for piece, segment in zip(pieces, mapped, strict=True)
        if all(now.shares(before, name) for name in piece.files)
    }


def _living(segment: T, alive: Mask | None) -> T:
    if segment.alive is alive is None:
        return segment
    return replace(segment, alive=alive)


def _alive(place: Path, gone: object) -> dict[str, Mask]:
    if gone is None:
        return {}
    named = cast(dict[str, object], gone)
    bits = map_arrays(place / str(named["file"]), cast(dict[str, Place], named["directory"]))
    return {name: np.unpackbits(cast(Bytes, own)).astype(np.bool_) for name, own in bits.items()}


def _mask(alive: Mapping[str, Mask], name: str, rows: int) -> Mask | None:
    if name not in alive:
        return None
    mask = alive[name][:rows]
    if len(mask) != rows:
        raise SnapshotError(f"{rows} rows expected, {len(mask)} are said to be alive or gone")
    return mask


def _make_durable(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
