"""The folder of articles: which files it holds, and whether one has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import CorpusError, ReadError

_ABOUT_THE_CORPUS = ("readme", "license", "licence")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of the corpus. `id` is its path relative to the folder, with ``/`` on every system."""

    path: Path
    id: str
    size: int  # bytes
    mtime_ns: int


def list_files(folder: Path) -> list[SourceFile]:
    """Return every file below a folder, in order of id.

    Left out: hidden files and folders (a leading dot), and files about the corpus rather than of it: README,
    LICENSE and LICENCE with any ending. Symbolic links are followed; a folder reached twice is listed once, so
    loops end. What cannot be listed or is no file (a folder without permission, a broken link, a pipe, a device) is
    returned like a file: reading it gives the error, so that it is reported with the others.

    Raises:
        CorpusError: the folder is missing, is a file, or cannot be listed.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CorpusError(f"no folder at {printable(folder)}. Give the one that holds the articles: rag index FOLDER")
    if not folder.is_dir():
        raise CorpusError(f"{printable(folder)} is a file, not a folder. Give the one that holds it: rag index FOLDER")
    try:
        os.scandir(folder).close()
    except OSError as error:
        why = f"cannot be listed: {error.strerror}. Check its permissions"
        raise CorpusError(f"folder {printable(folder)} {why}") from None
    return sorted(_walk(folder, folder, set()), key=lambda file: file.id)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        ReadError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ReadError(f"{printable(path)} cannot be read: {error.strerror}. Check its permissions") from None


def printable(path: Path | str) -> str:
    """Return a path in quotes for a message of one line: control characters and what is not Unicode are escaped."""
    name = os.fspath(path)
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name) + "'"


def _walk(folder: Path, root: Path, visited: set[tuple[int, int]]) -> Iterator[SourceFile]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield _source_file(folder, root)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        if path.is_dir():
            yield from _walk(path, root, visited)
        elif entry.name.lower().split(".")[0] not in _ABOUT_THE_CORPUS:
            yield _source_file(path, root)


def _source_file(path: Path, root: Path) -> SourceFile:
    name = path.relative_to(root).as_posix()
    # A name that is not valid UTF-8 reaches Python with lone surrogates, which no database takes.
    identifier = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        status = path.stat()
    except OSError:  # a broken link, or gone since
        return SourceFile(path=path, id=identifier, size=0, mtime_ns=0)
    return SourceFile(path=path, id=identifier, size=status.st_size, mtime_ns=status.st_mtime_ns)
