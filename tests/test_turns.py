"""Who may write: one at a time, from a folder that can be written to, into a store that is open."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from queue import LifoQueue

import pytest
from store_samples import MANIFEST, make_rows

from rag.errors import IndexLocked, IndexUnusable
from rag.store import LocalStore
from rag.store.tables.catalogue import Catalogue


def test_second_writer_is_refused(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store, LocalStore.open(tmp_path) as second, store.writing():
        with pytest.raises(
            IndexLocked, match=f"is being written by process {os.getpid()}; this is process {os.getpid()}"
        ):
            second.upsert([make_rows("a", ["ana"])])
        with pytest.raises(IndexLocked):
            LocalStore.open(tmp_path, write=True)
        with pytest.raises(IndexLocked):
            LocalStore.create(tmp_path, MANIFEST, replace=True)
        store.upsert([make_rows("a", ["ana"])])
        assert second.count() == 1  # reading goes on
    with LocalStore.open(tmp_path, write=True) as third:
        third.delete(["a"])
        assert third.count() == 0


def test_lock_on_a_full_disk(tmp_path: Path) -> None:
    """A limit of no bytes stands for the disk, in a process of its own: the lock holds and is given back."""
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from rag.errors import IndexLocked; from rag.store.locking import WriteLock\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))\n"
        "lock = WriteLock(Path(sys.argv[1]))\n"
        "try: WriteLock(Path(sys.argv[1]))\n"
        "except IndexLocked as error: print(error)\n"
        "lock.release()\n"
        "WriteLock(Path(sys.argv[1])).release()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "lock")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "is being written by process unknown; this is process" in printed


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnusable, match="No index can be made at"):
        LocalStore.create(tmp_path / "file", MANIFEST)


def test_closed_store(tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path, MANIFEST)
    store.close()
    store.close()
    with pytest.raises(IndexUnusable, match="is closed"):
        store.count()
    with pytest.raises(IndexUnusable, match="is closed"):
        store.upsert([make_rows("a", ["ana"])])
    with LocalStore.open(tmp_path, write=True) as again:  # the refused write holds no lock
        assert again.count() == 0


def test_closed_while_a_reader_gives_its_connection_back(tmp_path: Path) -> None:
    """Closing between the reader's look and the return is played by the place that it is returned to."""
    Catalogue.create(tmp_path, MANIFEST).close()
    catalogue = Catalogue(tmp_path)

    class Idle(LifoQueue[sqlite3.Connection]):
        def put_nowait(self, item: sqlite3.Connection) -> None:
            catalogue.close()
            super().put_nowait(item)

    catalogue._close_idle()
    catalogue._idle = Idle()
    with catalogue.reading() as database:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")
