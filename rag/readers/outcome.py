"""What came of reading a file: its documents, or the reason why there are none."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ReadError
from rag.readers import load, reader_of
from rag.readers.decoding import encodings_used
from rag.readers.formats import kind_of
from rag.readers.source_file import SourceFile, printable
from rag.records import Document, Failure

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of reading a file: its parts, or why there are none; `digest` is that of the bytes that were read.

    `kind` is what the file is, and `encoding` names those in which its bytes were read, where they are text.
    """

    parts: tuple[Document | Failure, ...] = ()
    failure: Failure | None = None
    digest: str | None = None
    kind: str | None = None
    encoding: str | None = None


def read_file(path: Path, document_id: str, max_bytes: int, columns: Mapping[str, str] | None = None) -> Outcome:
    """Read one file in this process.

    Raises:
        MemoryError: there is not enough for it.
    """
    digest = kind = None
    try:
        content = load(path, document_id=document_id, max_bytes=max_bytes, columns=columns)
        digest = hashlib.sha256(content.data).hexdigest()
        kind = kind_of(content)
        with encodings_used() as used:
            parts = tuple(reader_of(kind)(content))
        return Outcome(parts=parts, digest=digest, kind=kind, encoding=", ".join(used) or None)
    except ReadError as error:
        return Outcome(failure=Failure.from_error(document_id, error), digest=digest, kind=kind)
    except MemoryError:
        raise
    except Exception as error:  # a reader's own mistake must not cost the rest of the folder either
        _log.debug("reading %s", path, exc_info=True)
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        name = printable(document_id)
        return Outcome(failure=Failure.of(document_id, "reader_failed", name=name, detail=told), digest=digest)


def too_much_memory(file: SourceFile, limit: int) -> Outcome:
    """Return the outcome for a file that needs more memory than a reader's process may have."""
    return Outcome(failure=Failure.of(file.id, "file_over_memory", name=printable(file.id), limit=limit))


def too_much_output(document_id: str, limit: int) -> Outcome:
    """Return the outcome for a file of whose bytes a reader makes more than its process may hand on."""
    return Outcome(failure=Failure.of(document_id, "file_over_output", name=printable(document_id), limit=limit))


def read_here(file: SourceFile, max_bytes: int, columns: Mapping[str, str] | None = None) -> Outcome:
    """Read one file in this process, whatever it takes."""
    try:
        return read_file(file.path, file.id, max_bytes, columns)
    except MemoryError:
        return Outcome(failure=Failure.of(file.id, "memory_exhausted", name=printable(file.id)))
