"""Keep an index equal to a folder: sync again whenever its files have changed and come to rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import CorpusError, IndexLocked, SettingsError
from rag.records import SyncReport
from rag.settings import install_command

_WAKE = 500  # milliseconds between looks at whether a sync that failed can be tried again
_REST = 300  # milliseconds without another change, after which the files are taken to be whole
_LONGEST = 5_000  # milliseconds after which a folder that never rests is synced all the same

_log = logging.getLogger(__name__)


def watch_folder(folder: Path, sync: Callable[[], SyncReport], *, index: Path) -> Iterator[SyncReport]:
    """Sync now and after every change; yield the first report and each that tells something new. Ctrl-C ends it.

    While another process writes, or the folder is away for a moment, a warning is logged once and the sync is tried
    again.

    Args:
        folder: the articles.
        sync: what to do.
        index: changes below it do not count, for the folder may hold the index.

    Raises:
        SettingsError: the library that watches is not installed.
        CorpusError, IndexLocked: the first sync failed.
    """
    last: SyncReport | None = None
    due, told = True, ""
    for changed in _changes(folder, index.resolve()):
        due = due or changed
        if not due:
            continue
        try:
            report = sync()
        except (CorpusError, IndexLocked) as error:
            if last is None:
                raise
            if str(error) != told:
                _log.warning("%s", error)
            told = str(error)
            continue
        due, told = False, ""
        if last is None or report.failed != last.failed or _told(report):
            yield report
        last = report


def _told(report: SyncReport) -> bool:
    return bool(report.added or report.changed or report.removed or report.moved)


def _changes(folder: Path, index: Path) -> Iterator[bool]:
    """Yield, at least every half second, whether files below the folder have changed since."""
    try:
        from watchfiles import watch
    except ImportError:
        raise SettingsError("watching_unavailable", command=install_command("watch")) from None
    if not folder.is_dir():
        yield True  # the sync says what is wrong with it
        return
    for changes in watch(
        folder,
        watch_filter=lambda _, path: not Path(path).is_relative_to(index),
        debounce=_LONGEST,
        step=_REST,
        rust_timeout=_WAKE,
        yield_on_timeout=True,  # also at once: watching has begun before the first sync, which then misses nothing
        ignore_permission_denied=True,
    ):
        yield bool(changes)
