"""Make an index equal to a list of addresses; what a folder gave it stays, as a folder leaves the addresses alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import ReadError
from rag.fetching.addresses import read_list
from rag.fetching.archive import forget_pages, keep_page, kept_files, kept_page
from rag.fetching.fetcher import Fetcher
from rag.indexing.sync import Prepare, sync_files
from rag.records import Failure, SyncReport
from rag.settings import ReadLimits
from rag.store.local import LocalStore
from rag.store.tables.rows import FileRecord


def fetch_list(
    path: Path, folder: Path, fetcher: Fetcher, *, progress: bool = False
) -> tuple[list[str], list[Failure]]:
    """Fetch the pages of a list that are new or have changed, and keep them in a folder.

    Returns:
        The addresses of the list, and the failures. A page that cannot be fetched now stays as it was fetched last.

    Raises:
        CorpusError: the list cannot be read, or holds no address.
    """
    from tqdm import tqdm

    addresses = read_list(path)
    failures: list[Failure] = []
    done = 0
    show = progress and sys.stderr.isatty()
    try:
        for address in tqdm(addresses, desc="fetching", unit="page", disable=not show, file=sys.stderr):
            try:
                response = fetcher.fetch(address, kept_page(folder, address))
                if response is not None:
                    keep_page(folder, address, response)
            except ReadError as error:
                failures.append(Failure.from_error(address, error))
            done += 1
    except KeyboardInterrupt as stop:
        stop.add_note(f"{done} of {len(addresses)} addresses were asked, and what came is kept")
        raise
    return addresses, failures


def sync_pages(
    store: LocalStore,
    folder: Path,
    prepare: Prepare,
    limits: ReadLimits,
    *,
    addresses: list[str] | None = None,
    failures: Sequence[Failure] = (),
) -> SyncReport:
    """Bring a store to the kept pages of some addresses, or to all that are kept; no network is used.

    Pages of other addresses are removed, also from the folder.
    """
    began = time.monotonic()
    files = kept_files(folder, addresses)
    report = sync_files(store, files, prepare, limits, of_addresses=True)
    if addresses is not None:
        forget_pages(folder, [id_ for id_ in report.removed if id_ not in set(addresses)])
    present = {file.id for file in files}
    store.record_files(
        [
            FileRecord(path=failure.source, size=0, mtime_ns=0, sha256="", failure=failure)
            for failure in failures
            if failure.source not in present  # of a page that is kept, the next run may well get a newer one
        ]
    )
    return replace(report, failed=(*failures, *report.failed), seconds=time.monotonic() - began)
