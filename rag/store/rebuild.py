"""A new index made beside the one that is served, which it replaces in one step when it is complete."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound, IndexUnusable
from rag.records import text_digest
from rag.store.locking import locked_folder
from rag.store.search.snapshot import CURRENT, FOLDER, remove_snapshot
from rag.store.tables.catalogue import Catalogue, last_commit
from rag.store.tables.corrections import carry_corrections, rename_corrections
from rag.store.tables.database import NAME, check_name, connect, translated
from rag.store.tables.documents import document_numbers, pack, select_documents, unpack
from rag.store.tables.manifest import Manifest
from rag.store.tables.passages import store_again
from rag.store.tables.versions import KEPT, drop_versions, forget_text, insert_version, now


def create_index(folder: Path, manifest: Manifest, *, replace: bool = False) -> None:
    """Make an empty index; see `LocalStore.create`."""
    check_name(folder)
    with locked_folder(folder):
        try:
            catalogue = Catalogue(folder)
        except (IndexNotFound, IndexDamaged, IndexMismatch) as error:
            if not (replace or isinstance(error, IndexNotFound)):
                raise
            for suffix in ("", "-wal", "-shm"):
                (folder / f"{NAME}{suffix}").unlink(missing_ok=True)
            Catalogue.create(folder, manifest).close()
        else:
            with closing(catalogue):
                if not replace:
                    raise IndexUnusable("index_exists", place=str(folder))
                catalogue.start_writing()
                catalogue.replace_manifest(manifest)
        remove_snapshot(folder)


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
                _carry(folder, fresh, versions, manifest)
            (_copy_over if usable else _move_over)(folder, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def discard_unfinished(folder: Path) -> None:
    """Remove what a rebuild that was killed has left; whoever calls holds the write lock of the folder."""
    shutil.rmtree(folder / FRESH, ignore_errors=True)


def _continue_numbers(folder: Path, fresh: Path) -> bool:
    """Let the new index go on with the old one's numbers and corrections; say whether there is an old one.

    A damaged one, or one of another format, counts as none: nobody can be reading it.
    """
    try:
        with (
            closing(Catalogue(folder)) as old,
            old.reading() as source,
            closing(connect(fresh, write=True)) as target,
            translated(fresh),
        ):
            generation = last_commit(source).generation
            used = source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
            target.execute("BEGIN IMMEDIATE")
            target.execute("UPDATE commits SET generation = ?", (generation + 1,))
            target.execute("DELETE FROM sqlite_sequence")
            target.executemany("INSERT INTO sqlite_sequence VALUES (?, ?)", used)
            carry_corrections(source, target)
            target.execute("COMMIT")
    except (IndexNotFound, IndexDamaged, IndexMismatch):
        return False
    return True


def _carry(folder: Path, fresh: Path, keep: int, manifest: Manifest) -> None:
    try:
        with (
            closing(Catalogue(folder)) as old,
            old.reading() as source,
            closing(Catalogue(fresh)) as new,
        ):
            new.start_writing()
            with new.writing() as (target, generation):
                moved = carry_versions(source, target, keep=keep)
                numbers = document_numbers(target, rename_corrections(target, moved))
                documents = [document for _, document in select_documents(target, numbers.values())]
                store_again(target, generation, documents, manifest)
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


def carry_versions(old: sqlite3.Connection, fresh: sqlite3.Connection, *, keep: int) -> dict[str, str]:
    """Give a new index the earlier texts of the old one, as if it had come to its state by changes.

    Returns the old and new ids of documents that moved.

    A document whose text differs has changed, one that is not there has been removed; unless the same text stands
    under an id that is new: then it has moved.
    """
    at = now()
    before, after = _digests(old), _digests(fresh)
    moved = _moves(before, after)
    since = _copy_rows(old, fresh, moved)
    names = [(text_digest(former), pack(id_)) for former, id_ in moved.items()]
    fresh.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?)", names)
    for id_, (number, digest) in before.items():
        target = moved.get(id_, id_)
        if target not in after:
            forget_text(fresh, id_, [digest], at)
        elif after[target][1] != digest:
            ((_, document),) = select_documents(old, [number])
            insert_version(fresh, document, since[number], at)
        else:
            fresh.execute("UPDATE documents SET stored = ? WHERE number = ?", (since[number], after[target][0]))
    for id_, (_, digest) in after.items():
        fresh.execute("DELETE FROM versions WHERE id = ? AND sha256 = ?", (pack(id_), digest))
        drop_versions(fresh, id_, at, keep)
    there = fresh.execute("SELECT id, sha256 FROM documents UNION SELECT id, sha256 FROM versions").fetchall()
    fresh.executemany(
        "DELETE FROM gone WHERE name = ? AND sha256 = ?",
        ((text_digest(unpack(id_) or ""), digest) for id_, digest in there),
    )
    return moved


def _digests(database: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    rows = database.execute("SELECT id, number, sha256 FROM documents ORDER BY id")
    return {unpack(id_) or "": (int(number), str(digest)) for id_, number, digest in rows}


def _moves(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> dict[str, str]:
    """Return old and new ids of texts that stand under another id now."""
    new: dict[str, list[str]] = {}
    for id_, (_, digest) in after.items():
        if id_ not in before:
            new.setdefault(digest, []).append(id_)
    left = [(id_, digest) for id_, (_, digest) in before.items() if id_ not in after]
    return {id_: new[digest].pop(0) for id_, digest in left if new.get(digest)}


def _copy_rows(old: sqlite3.Connection, fresh: sqlite3.Connection, moved: dict[str, str]) -> dict[int, str]:
    """Copy what is kept beside the documents, under their present ids; return when their texts came in."""

    def renamed(packed: str | bytes) -> str | bytes | None:
        id_ = unpack(packed) or ""
        return pack(moved.get(id_, id_))

    fresh.executemany("INSERT INTO gone VALUES (?, ?, ?)", old.execute("SELECT name, sha256, at FROM gone"))
    names = [(name, renamed(id_)) for name, id_ in old.execute("SELECT name, id FROM moved")]
    fresh.executemany("INSERT OR IGNORE INTO moved VALUES (?, ?)", names)
    rows = old.execute("SELECT id, sha256, stored, replaced, characters, document FROM versions ORDER BY number")
    fresh.executemany(
        "INSERT INTO versions (id, sha256, stored, replaced, characters, document) VALUES (?, ?, ?, ?, ?, ?)",
        ((renamed(id_), *others) for id_, *others in rows),
    )
    return {int(number): str(at) for number, at in old.execute("SELECT number, stored FROM documents")}
