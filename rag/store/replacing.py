"""A new index made beside the one that is served, which it replaces in one step when it is complete."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound
from rag.store.carrying import carry_versions
from rag.store.catalogue import Catalogue, last_commit
from rag.store.creation import create_index
from rag.store.database import NAME, connect, translated
from rag.store.lock import locked_folder
from rag.store.manifest import Manifest
from rag.store.snapshot import CURRENT, FOLDER
from rag.store.versions import KEPT

log = logging.getLogger(__name__)

FRESH = "rebuilding"
"""The folder, inside that of the index, in which the new one is made."""


@contextmanager
def replacing(folder: Path, manifest: Manifest, *, versions: int = KEPT) -> Iterator[Path]:
    """Hold an empty index in which to build what replaces the one in `folder` when the block ends without an error.

    Earlier texts are taken over, `versions` of each document. Other writers are refused meanwhile; readers go on with
    the old index until the new one is complete. After an error, Ctrl-C or a kill the old one is as it was.

    Raises:
        IndexLocked: another process is writing.
        IndexUnusable: the folder cannot be written to.
    """
    fresh = folder / FRESH
    with locked_folder(folder):
        try:
            shutil.rmtree(fresh, ignore_errors=True)  # left by a rebuild that was killed
            create_index(fresh, manifest)
            usable = _continue_numbers(folder, fresh)
            yield fresh
            if usable:
                _carry(folder, fresh, versions)
            (_copy_over if usable else _move_over)(folder, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _continue_numbers(folder: Path, fresh: Path) -> bool:
    """Let the new index go on with the old one's numbers, so that none is used twice; say whether there is an old one.

    A damaged one, or one of a newer program, counts as none: nobody can be reading it.
    """
    try:
        with closing(Catalogue(folder)) as old, old.reading() as database:
            generation = last_commit(database).generation
            used = database.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    except (IndexNotFound, IndexDamaged, IndexMismatch):
        return False
    with closing(connect(fresh, write=True)) as database, translated(fresh):
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE commits SET generation = ?", (generation + 1,))
        database.execute("DELETE FROM sqlite_sequence")
        database.executemany("INSERT INTO sqlite_sequence VALUES (?, ?)", used)
        database.execute("COMMIT")
    return True


def _carry(folder: Path, fresh: Path, keep: int) -> None:
    try:
        with (
            closing(Catalogue(folder)) as old,
            old.reading() as source,
            closing(connect(fresh, write=True)) as target,
            translated(fresh),
        ):
            target.execute("BEGIN IMMEDIATE")
            carry_versions(source, target, keep=keep)
            target.execute("COMMIT")
    except IndexDamaged as error:  # a rebuild is what mends a damaged index: it goes on without them
        log.warning("earlier texts were not taken over: %s", error)


def _copy_over(folder: Path, fresh: Path) -> None:
    """Put the new content into the old database in one transaction, under the eyes of its readers."""
    with closing(connect(fresh, write=False)) as source, closing(connect(folder, write=True)) as target:
        _move_snapshot(folder, fresh, current=False)
        with translated(folder):
            source.backup(target)
    _move_snapshot(folder, fresh, current=True)


def _move_over(folder: Path, fresh: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        (folder / f"{NAME}{suffix}").unlink(missing_ok=True)
    (fresh / NAME).replace(folder / NAME)  # closed by its only user, so that nothing waits in a write-ahead log
    for current in (False, True):
        _move_snapshot(folder, fresh, current=current)


def _move_snapshot(folder: Path, fresh: Path, *, current: bool) -> None:
    """Move the snapshot's data, under names that were never used, or the one file that makes them current."""
    (folder / FOLDER).mkdir(exist_ok=True)
    moved = []
    for path in (fresh / FOLDER).glob("*"):
        if (path.name == CURRENT) == current:
            moved.append(path.replace(folder / FOLDER / path.name))
    if current and moved:
        kept = (folder / FOLDER / CURRENT).read_text("utf-8")
        for path in (folder / FOLDER).iterdir():
            if path.name != CURRENT and path.name not in kept:
                path.unlink(missing_ok=True)
