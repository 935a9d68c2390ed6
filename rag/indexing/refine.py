"""Contextual vectors for passages that are stored already: newest first, in batches, stopped and resumed at will."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence

from rag.encoding.contextual import ContextualEncoder, Text, context_line
from rag.errors import IndexLocked, RagError
from rag.records import Refinement
from rag.store.local import LocalStore
from rag.store.locking import REFINING_LOCK, WriteLock
from rag.store.tables.context_rows import Waiting, to_bytes
from rag.store.tables.rows import ContextRow
from rag.text.sentences import split_sentences

_BATCH = 96
"""Passages in one transaction: a second or two of work, which is all that a killed process loses."""

_AGAIN_SECONDS = 30.0  # until another process's refining, or writing, is looked at again
_NICENESS = 10  # of a background thread: who asks comes first

_log = logging.getLogger(__name__)


def refine(
    store: LocalStore,
    encoder: ContextualEncoder,
    *,
    progress: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Refinement:
    """Encode the passages that have no contextual vectors yet, and return how far the index is.

    Each batch is stored in a transaction of its own, so that questions are answered meanwhile with what there is. A
    KeyboardInterrupt carries a note that says how far it came.

    Args:
        store: where to read and write.
        encoder: of the model that the index was made for.
        progress: whether to draw a bar with rate and time left on stderr, if that is a terminal.
        stopped: is asked before every batch; True ends the work.

    Raises:
        IndexLocked: another process is refining, or writing for longer than this one waits.
    """
    from tqdm import tqdm

    lock = WriteLock(store.path / REFINING_LOCK)
    try:
        before, newest = None, store.newest_passage()
        total = store.count() - store.refined_count()
        show = progress and sys.stderr.isatty()
        with tqdm(total=total, desc="refining", unit="passage", disable=not show, file=sys.stderr) as bar:
            try:
                while not stopped():
                    if store.newest_passage() != newest:  # what came in meanwhile goes first
                        before, newest = None, store.newest_passage()
                    batch = store.waiting(_BATCH, before)
                    if not batch:
                        break
                    bar.update(store.put_context(encode_waiting(encoder, batch)))
                    before = batch[-1].passage
                    store.optimise_if_due()
            except KeyboardInterrupt as stop:
                stop.add_note(f"{bar.n} of {total} passages are refined and kept")
                raise
    finally:
        lock.release()
    return Refinement(passages=store.count(), refined=store.refined_count())


def encode_waiting(encoder: ContextualEncoder, batch: Sequence[Waiting]) -> list[ContextRow]:
    """Return the vectors of passages and of their sentences."""
    texts = []
    for item in batch:
        document = item.document
        text = document.text[item.start : item.end]
        texts.append(
            Text(
                text=text,
                sentences=tuple(split_sentences(text, document.language)),
                context=context_line(document.title, document.published, before=text),
            )
        )
    return [
        ContextRow(
            passage=item.passage, vector=to_bytes(encoded.vector[None])[0], sentences=to_bytes(encoded.sentences)
        )
        for item, encoded in zip(batch, encoder.read(texts), strict=True)
    ]


class BackgroundRefining:
    """Refines in a thread of low priority whenever there is something to refine, from `start` until `stop`.

    Args:
        store: where to read and write.
        load: returns the encoder; None where the index has none, and nothing is done then.
    """

    def __init__(self, store: LocalStore, load: Callable[[], ContextualEncoder | None]) -> None:
        self._store = store
        self._load = load
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refining", daemon=True)
        self._wanted.set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look for passages to refine: call it after a change to the corpus."""
        self._wanted.set()

    def stop(self, seconds: float) -> None:
        """End after the batch at hand, and wait for that at most so long."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):  # of this thread alone, and of those that the model starts from it
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            self._wanted.wait()
            if self._stopping.is_set():
                return
            self._wanted.clear()
            try:
                if self._store.count() > self._store.refined_count() and (encoder := self._load()) is not None:
                    refine(self._store, encoder, stopped=self._stopping.is_set)
            except IndexLocked:  # whoever is writing or refining may leave passages to refine
                self._stopping.wait(_AGAIN_SECONDS)
                self._wanted.set()
            except RagError as error:
                _log.warning("passages are not refined: %s", error)
            except Exception:
                if self._stopping.is_set():  # the store is closed
                    return
                _log.exception("passages are not refined")
