"""The newest state of an index, which every view of one open store begins with."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.store.catalogue import Catalogue, Commit, last_commit
from rag.store.manifest import Manifest, check
from rag.store.snapshot import write_snapshot
from rag.store.state import State, advance, compacted, load_state
from rag.store.view import View


class Newest:
    """Follows the database from commit to commit, whoever writes. Safe from many threads."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Load the state, which maps the snapshot or reads the rows."""
        self._folder = folder
        self._catalogue = catalogue
        self._turn = threading.Lock()  # one thread moves on, the others wait for what it finds
        with catalogue.reading() as database:
            self._state = load_state(folder, database)
        self.manifest: Manifest = self._state.manifest  # what the index was built with when it was opened

    @property
    def commit(self) -> Commit:
        """What the last view showed."""
        return self._state.commit

    @contextmanager
    def view(self) -> Iterator[View]:
        """Hold the newest state unchanged; see `LocalStore.view`."""
        for attempt in range(3):
            with self._catalogue.reading() as database:
                state = self._caught_up(database, last_try=attempt == 2)
                if state is None:
                    continue  # another thread has seen a newer commit since: look again
                check(state.manifest, self.manifest, str(self._folder))
                yield View(state, database)
                return

    def save(self) -> None:
        """Write the newest state as the snapshot, and serve from it; for whoever has the turn at writing.

        Raises:
            IndexUnusable: it cannot be written.
        """
        with self.view() as view:
            state = compacted(view.state)
        write_snapshot(self._folder, state.segments[0], state.commit, state.manifest)
        self._catalogue.forget(state.commit)
        with self._turn, self._catalogue.reading() as database:
            self._state = load_state(self._folder, database)

    def _caught_up(self, database: sqlite3.Connection, *, last_try: bool) -> State | None:
        """Return the state at the reader's commit, None if this store has already moved past it."""
        now = last_commit(database)
        state = self._state
        if state.commit == now:
            return state
        with self._turn:
            state = self._state
            if now.generation > state.commit.generation:
                state = advance(state, self._folder, database)
            elif state.commit != now:
                if not last_try:
                    return None
                state = load_state(self._folder, database)  # the database was put back to an earlier copy
            self._state = state
        return state
