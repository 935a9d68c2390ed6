"""Segments that are made of all rows, where there are many, without holding them in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag.store.search.segment_files import read_segment, write_segment
from rag.store.search.segments import Segment
from rag.store.search.snapshot import FOLDER
from rag.store.search.vectors import FAST, FLAT, FLAT_LIMIT

ROWS_IN_MEMORY = 50_000
"""Rows that are held before they are written to a file: 150 MB."""


def spilled(folder: Path, segments: Iterable[Segment]) -> list[Segment]:
    """Return segments whose ids follow one another, as one in files that have no name any more if there are many rows.

    They lie in the folder of the snapshot, if this process may write there and there is room; else in memory. What a
    killed process leaves is removed by the next that writes a snapshot.
    """
    held: list[Segment] = []
    files: list[Segment] = []
    usable = True
    for segment in segments:
        held.append(segment)
        if usable and sum(map(len, held)) >= ROWS_IN_MEMORY:
            joined = _in_file(folder / FOLDER, held, FLAT)
            usable = joined is not None
            if joined is not None:
                files.append(joined)
                held = []
    if not files:
        return held
    kind = FLAT if sum(map(len, [*files, *held])) <= FLAT_LIMIT else FAST
    whole = _in_file(folder / FOLDER, [*files, *held], kind) if usable else None
    return [whole] if whole is not None else [*files, *held]


def _in_file(place: Path, segments: Sequence[Segment], kind: str) -> Segment | None:
    stem = f"{os.getpid()}-{os.urandom(4).hex()}-unnamed"
    try:
        place.mkdir(exist_ok=True)
        piece, _ = write_segment(place, stem, segments, kind)
        return read_segment(place, piece, segments[0].vectors.array.shape[1])
    except OSError:
        return None
    finally:
        for path in place.glob(f"*{stem}*"):
            path.unlink(missing_ok=True)
