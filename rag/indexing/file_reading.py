"""What would be read of one file: its kind, its encoding, its documents with their evidence and masks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rag.readers.files import read_files
from rag.readers.source_file import SourceFile
from rag.records import Document, Failure
from rag.settings import ReadLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """What was read of a file: `kind` is what it is, `encoding` names those of its text, None where it is no text."""

    kind: str | None
    encoding: str | None
    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]


def explain_file(path: Path, limits: ReadLimits) -> FileReading:
    """Read one file as indexing would, in a process of its own, and store nothing.

    Raises:
        CorpusError: no process can be started.
    """
    size = path.stat().st_size if path.is_file() else 0  # of what is no file, reading says so
    file = SourceFile(path=path, id=path.name, size=size, mtime_ns=0)
    outcome = next(iter(read_files([file], replace(limits, workers=max(1, limits.workers)))))[1]
    return FileReading(
        kind=outcome.kind,
        encoding=outcome.encoding,
        documents=tuple(part for part in outcome.parts if isinstance(part, Document)),
        failures=tuple(
            [outcome.failure] if outcome.failure else [part for part in outcome.parts if isinstance(part, Failure)]
        ),
    )
