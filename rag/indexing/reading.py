"""Files are read ahead of what is done with them, in processes of their own; what comes out comes in the files' order.

A file that takes its process down, fills its memory or takes too long costs that file and no other. A small folder of
plain text is read in this process: starting another takes longer than reading it.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rag.errors import ReadError
from rag.indexing.corpus import SourceFile, printable
from rag.indexing.readers import load, read_content
from rag.records import Document, Failure

# A reader's process takes as long to start, with its libraries, as about so much takes to read.
_FILES_A_PROCESS = 100
_BYTES_A_PROCESS = 2_000_000
_BYTES_HERE = 500_000  # the worst of plain text, short lines without end, takes seconds at that size, minutes at 20 MB
# Read by code of ours and the standard library's alone, which has no crash to isolate.
_PLAIN = frozenset({".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".jsonl", ".ndjson"})
_AHEAD = 192  # files: three batches of what is stored at once, so that no process waits while one is

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of reading a file: its parts, or why there are none; `digest` is that of the bytes that were read."""

    parts: tuple[Document | Failure, ...] = ()
    failure: str | None = None
    digest: str | None = None


def read_files(
    files: Sequence[SourceFile], *, max_bytes: int, max_seconds: int, workers: int
) -> Generator[tuple[SourceFile, Outcome], None, None]:
    """Yield every file with what came of reading it, in order. Close the iterator to stop early.

    Args:
        files: what to read.
        max_bytes: a larger file is reported, not read; a reader's process has a hundred times that as memory.
        max_seconds: for one file; not kept where `workers` is 0.
        workers: how many processes read at most; 0 reads in this one.
    """
    size = sum(file.size for file in files if file.size <= max_bytes)
    plain = all(file.path.suffix.lower() in _PLAIN for file in files)
    if workers == 0 or (plain and len(files) < _FILES_A_PROCESS and size < _BYTES_HERE):
        for file in files:
            yield file, read_here(file, max_bytes)
        return
    from rag.indexing.workers import Workers

    most = min(workers, 1 + max(len(files) // _FILES_A_PROCESS, size // _BYTES_A_PROCESS))
    with closing(Workers(most, max_bytes=max_bytes, max_seconds=max_seconds)) as pool:
        upcoming = iter(files)
        ahead: deque[tuple[SourceFile, Future[Outcome]]] = deque()
        while True:
            # What large files hold is held twice at most: their texts come back whole.
            while len(ahead) < _AHEAD and (not ahead or sum(f.size for f, _ in ahead) < 2 * max_bytes):
                following = list(islice(upcoming, 1))
                if not following:
                    break
                ahead.append((following[0], pool.read(following[0])))
            if not ahead:
                return
            file, future = ahead.popleft()
            while not future.done():
                wait([future], timeout=1)  # not for ever: on Windows, Ctrl-C is heard between waits
            yield file, future.result()


def read_file(path: Path, document_id: str, max_bytes: int) -> Outcome:
    """Read one file in this process.

    Raises:
        MemoryError: there is not enough for it.
    """
    digest = None
    try:
        content = load(path, document_id=document_id, max_bytes=max_bytes)
        digest = hashlib.sha256(content.data).hexdigest()
        return Outcome(parts=tuple(read_content(content)), digest=digest)
    except ReadError as error:
        return Outcome(failure=str(error), digest=digest)
    except MemoryError:
        raise
    except Exception as error:  # a reader's own mistake must not cost the rest of the folder either
        _log.debug("reading %s", path, exc_info=True)
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        why = f"cannot be read: its reader failed ({told}). Leave it out, or convert it to text"
        return Outcome(failure=f"{printable(path)} {why}", digest=digest)


def too_much_memory(path: Path, limit: int | None) -> Outcome:
    """Return the outcome for a file that needs more memory than there is, or than a reader's process may have."""
    most = f"more than {limit:,} bytes of" if limit else "too much"
    return Outcome(failure=f"{printable(path)} needs {most} memory to be read. Split it, or leave it out")


def read_here(file: SourceFile, max_bytes: int) -> Outcome:
    """Read one file in this process, whatever it takes."""
    try:
        return read_file(file.path, file.id, max_bytes)
    except MemoryError:
        return too_much_memory(file.path, None)
