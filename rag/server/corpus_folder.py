"""The corpus folder, as the page may change it: a file arrives whole or not at all, and nothing leaves the folder."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rag import CorpusError

_NAME_BYTES = 200  # file systems take 255, and a temporary name is longer than the name
_DEPTH = 8


class FileThere(CorpusError):
    """A file of this name with other content is in the folder already."""


def place_of(folder: Path, name: str) -> Path:
    """Return where a file of this name stands in the folder.

    Raises:
        CorpusError: the name cannot be used, or leads out of the folder.
    """
    parts = name.split("/")
    usable = len(parts) <= _DEPTH and all(
        part and part == part.strip() and part[0] != "." and part.isprintable() and "\\" not in part
        and len(part.encode("utf-8", "replace")) <= _NAME_BYTES
        for part in parts
    )  # fmt: skip
    if not usable:
        raise CorpusError("file_name_invalid", name=name[:80])
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CorpusError("file_name_outside", name=name)
    return path


@contextmanager
def incoming(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open a hidden file to write into; it is gone after the block, whatever became of it.

    Raises:
        CorpusError: the folder cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".incoming-", dir=folder)
    except OSError as error:
        raise CorpusError("corpus_folder_unwritable", detail=str(error.strerror)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


def keep(arrived: Path, folder: Path, name: str, *, replace: bool) -> bool:
    """Give a file that has arrived whole its name; return False where the same content has that name already.

    Raises:
        FileThere: there is another file of this name, and it is not to be replaced.
        CorpusError: the name cannot be used, or the folder cannot be written to.
    """
    target = place_of(folder, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        arrived.chmod(0o644)
        if replace:
            arrived.replace(target)
            return True
        try:
            os.link(arrived, target)  # unlike a rename it never takes the place of another: of two at once, one wins
        except FileExistsError:
            if filecmp.cmp(arrived, target, shallow=False):
                return False
            raise FileThere("file_name_taken", name=name) from None
    except OSError as error:
        raise CorpusError("file_not_stored", name=name, detail=str(error.strerror)) from error
    return True


def forget_leftovers(folder: Path) -> None:
    """Delete what a server that was killed has left: half an upload, and files that were removed."""
    for path in folder.glob(".incoming-*"):
        path.unlink(missing_ok=True)
    for path in folder.glob(".removed-*"):
        shutil.rmtree(path, ignore_errors=True)
