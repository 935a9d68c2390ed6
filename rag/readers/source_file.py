"""One file of the corpus: its id, its size, its bytes as one state, and its name for a message."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rag.errors import ReadError
from rag.translations import escaped

_BLOCK = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of the corpus. `id` is its path relative to the folder, with ``/`` on every system."""

    path: Path
    id: str
    size: int  # bytes
    mtime_ns: int


def is_address(path: str) -> bool:
    """Say whether what a document came from is a web address; no path within a folder has two slashes in a row."""
    return path.startswith(("http://", "https://"))


def file_digest(path: Path, most: int, name: str = "") -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal; of one that grows, of little more than the first `most`.

    `name` is what an error calls the file, its path if it is empty.

    Raises:
        ReadError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with opened(path, name) as stream:
        while most >= 0 and (block := stream.read(_BLOCK)):
            digest.update(block)
            most -= len(block)
    return digest.hexdigest()


@contextmanager
def opened(path: Path, name: str = "") -> Iterator[IO[bytes]]:
    """Open a file to read its bytes; what is no regular file is neither opened nor waited for.

    `name` is what an error calls the file, its path if it is empty.

    Raises:
        ReadError: it is gone, is no regular file, or cannot be read.
    """
    name = name or printable(path)
    try:
        _check_regular(path.stat().st_mode, name)  # before it is opened: that alone may set a device in motion
        # A pipe that has taken the file's place since is not waited for.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            _check_regular(os.fstat(stream.fileno()).st_mode, name)
            yield stream
    except FileNotFoundError:
        if path.is_symlink():
            raise ReadError("file_link_broken", name=name) from None
        raise ReadError("file_gone", name=name) from None
    except OSError as error:
        raise ReadError("file_unreadable", name=name, detail=str(error.strerror)) from None


def _check_regular(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise ReadError("subfolder_unlisted", name=name)
    if not stat.S_ISREG(mode):  # a pipe would be waited for, for ever; a device may never end
        raise ReadError("file_not_regular", name=name)


def printable(path: Path | str) -> str:
    """Return a path as the name of a message: control characters and what is not Unicode are escaped."""
    return escaped(os.fspath(path))
