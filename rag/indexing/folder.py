"""The folder of articles: which files it holds, and whether one has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import CorpusError
from rag.readers.leftovers import is_leftover, page_folders
from rag.readers.source_file import SourceFile, printable

if TYPE_CHECKING:
    from pathspec import PathSpec

_ABOUT_THE_CORPUS = ("readme", "license", "licence")


def list_files(folder: Path) -> list[SourceFile]:
    """Return every file below a folder, in order of id.

    Left out: hidden files and folders (a leading dot), files about the corpus rather than of it (README, LICENSE and
    LICENCE with any ending), what programs leave beside documents (lock files of Office, thumbnails), and the folder
    of scripts, pictures and frames that a browser saves beside a page. Symbolic links are followed; a folder reached
    twice is listed once, so loops end. What cannot be listed or is no file (a folder without permission, a broken
    link, a pipe, a device) is returned like a file: reading it gives the error, so that it is reported with the others.

    Raises:
        CorpusError: the folder is missing, is a file, or cannot be listed.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CorpusError("folder_missing", folder=printable(folder))
    if not folder.is_dir():
        raise CorpusError("folder_is_file", folder=printable(folder))
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise CorpusError("folder_unlisted", folder=printable(folder), detail=str(error.strerror)) from None
    return sorted(_walk(folder, folder, set()), key=lambda file: file.id)


def select_files(
    files: Sequence[SourceFile], include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[SourceFile]:
    """Return the files that match one of the patterns of `include`, if there are any, and none of `exclude`.

    Patterns are those of .gitignore, matched against ids: ``*.txt`` in any folder, ``2026/`` for a folder,
    ``/notes.md`` for a file at the top.

    Raises:
        CorpusError: a pattern cannot be understood, or no file is left.
    """
    if not include and not exclude:
        return list(files)
    wanted, unwanted = _patterns(include, "--include"), _patterns(exclude, "--exclude")
    chosen = [f for f in files if (not include or wanted.match_file(f.id)) and not unwanted.match_file(f.id)]
    if files and not chosen:
        patterns = " ".join([*(f"--include {p}" for p in include), *(f"--exclude {p}" for p in exclude)])
        raise CorpusError("no_file_selected", count=len(files), patterns=patterns)
    return chosen


def _patterns(patterns: Sequence[str], flag: str) -> PathSpec[Any]:
    from pathspec import PathSpec

    try:
        return PathSpec.from_lines("gitignore", patterns)
    except ValueError as error:
        raise CorpusError("pattern_invalid", flag=flag, detail=str(error)) from None


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
    beside = page_folders(entry.name for entry in entries)
    for entry in entries:
        if is_leftover(entry.name):
            continue
        path = folder / entry.name
        if _is_folder(entry):
            if entry.name not in beside:
                yield from _walk(path, root, visited)
        elif entry.name.lower().split(".")[0] not in _ABOUT_THE_CORPUS:
            yield _source_file(path, root, entry)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _source_file(path: Path, root: Path, entry: os.DirEntry[str] | None = None) -> SourceFile:
    name = path.relative_to(root).as_posix()
    # A name that is not valid UTF-8 reaches Python with lone surrogates, which no database takes.
    identifier = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    try:
        status = entry.stat() if entry is not None else path.stat()
    except OSError:  # a broken link, or gone since
        return SourceFile(path=path, id=identifier, size=0, mtime_ns=0)
    return SourceFile(path=path, id=identifier, size=status.st_size, mtime_ns=status.st_mtime_ns)
