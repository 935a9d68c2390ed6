"""What changes an index: a folder, a list of addresses, single documents; each holds the store for writing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from rag.errors import CorpusError, IndexDamaged, IndexUnusable, ReadError, SettingsError
from rag.indexing.correction import Corrected, checked
from rag.indexing.sync import Prepare, sync_folder
from rag.readers.source_file import is_address, printable
from rag.records import Document, Failure, SyncReport
from rag.settings import Settings, install_command
from rag.store.local import LocalStore

if TYPE_CHECKING:
    from rag.fetching.plan import FetchPlan  # with it comes what fetches
    from rag.indexing.prepared_files import PreparedFiles


class SyncOptions(TypedDict, total=False):
    """What can be said of a sync besides its folder; see `rag.indexing.sync.sync_folder`."""

    include: Sequence[str]
    exclude: Sequence[str]
    dry_run: bool
    progress: bool
    prepared: Path | None  # where files are prepared first, and then loaded from; see `rag.indexing.prepared_files`
    ray: str | None  # the address of the Ray cluster that prepares them, "local" for one of this machine
    refined: bool  # whether they are given their contextual vectors, too


class Writer:
    """Writes to one store.

    Args:
        store: where to write.
        settings: what files may cost, and where fetched pages lie.
        prepare: makes rows of documents.
    """

    def __init__(self, store: LocalStore, settings: Settings, prepare: Prepare) -> None:
        self._store = store
        self._settings = settings
        self._prepare = prepare

    def sync(self, folder: Path, **options: Unpack[SyncOptions]) -> SyncReport:
        """Make the store equal to a folder; see `rag.index.Index.sync`."""
        dry_run = bool(options.get("dry_run"))
        prepare, read = self._prepare, None
        if (place := options.get("prepared")) is not None and not dry_run:
            files = self._prepared_files(place, options.get("ray"), refined=options.get("refined", True))
            prepare, read = files.prepare, files.read
        with nullcontext() if dry_run else self._store.writing():
            report = sync_folder(
                self._store,
                folder,
                prepare,
                self._settings.read_limits,
                include=options.get("include", ()),
                exclude=options.get("exclude", ()),
                dry_run=dry_run,
                progress=options.get("progress", False),
                read=read,
            )
            if report.removed and not dry_run:
                self._store.purge_if_quick()
        return report

    def _prepared_files(self, place: Path, ray: str | None, *, refined: bool) -> PreparedFiles:
        from rag.indexing.prepared_files import PreparedFiles, Recipe, Run, prepare_here

        run: Run = prepare_here
        if ray is not None:
            from rag.indexing.ray_cluster import prepare_on_ray, require_ray

            require_ray()
            run = partial(prepare_on_ray, ray)
        settings = self._settings
        recipe = Recipe(
            manifest=self._store.manifest,
            limits=settings.read_limits,
            refine=refined,
            device=settings.device,
            batch_size=settings.batch_size,
        )
        return PreparedFiles(recipe, place, run)

    def sync_urls(self, path: Path, *, allow_private: bool, pause: float, progress: bool) -> SyncReport:
        """Fetch a list of addresses and make the store equal to it; see `rag.index.Index.sync_urls`."""
        _require_fetching()
        from rag.fetching.archive import FOLDER
        from rag.fetching.fetcher import Fetcher
        from rag.indexing.urls import fetch_list

        most = self._settings.max_file_bytes
        with Fetcher(max_bytes=most, allow_private=allow_private, pause=pause) as fetcher:
            addresses, failures = fetch_list(path, self._settings.index / FOLDER, fetcher, progress=progress)
        return self.sync_pages(self._settings.index, addresses, failures)

    def fetch_page(self, address: str) -> tuple[str, bytes]:
        """Fetch one page; see `rag.index.Index.fetch_page`."""
        _require_fetching()
        from rag.fetching.archive import page_archive
        from rag.fetching.fetcher import Fetcher

        with Fetcher(max_bytes=self._settings.max_file_bytes) as fetcher:
            response = fetcher.fetch(address)
        if response is None:
            raise ReadError("page_empty", name=printable(address[:200]))
        name = "-".join(re.findall(r"[a-z0-9]+", address.casefold())[1:9])[:80] or "page"
        digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{name}-{digest[:8]}.warc.gz", page_archive(address, response)

    def page_image(self, path: Path, page: int, words: str) -> bytes:
        """Draw a page of a PDF; see `rag.index.Index.page_image`."""
        from rag.readers.page_image import render_page

        return render_page(path, page, words, self._settings.read_limits.max_seconds)

    def plan_urls(self, path: Path, *, allow_private: bool) -> FetchPlan:
        """Say what `sync_urls` would do; see `rag.index.Index.plan_urls`."""
        _require_fetching()
        from rag.fetching.archive import FOLDER
        from rag.fetching.plan import plan_list

        indexed = [path for path in self._store.files() if is_address(path)]
        return plan_list(path, self._settings.index / FOLDER, indexed, allow_private=allow_private)

    def sync_pages(
        self, place: Path, addresses: list[str] | None = None, failures: Sequence[Failure] = ()
    ) -> SyncReport:
        """Make the store equal to the pages that lie in an index folder, without fetching anything.

        Args:
            place: the index folder.
            addresses: those on the list; None keeps all that lie there.
            failures: pages that could not be fetched.
        """
        from rag.fetching.archive import FOLDER
        from rag.indexing.urls import sync_pages

        with self._store.writing():
            return sync_pages(
                self._store,
                place / FOLDER,
                self._prepare,
                self._settings.read_limits,
                addresses=addresses,
                failures=failures,
            )

    def add(self, documents: Iterable[Document]) -> SyncReport:
        """Add documents or replace them; see `rag.index.Index.add`."""
        from rag.article.document import complete

        given: dict[str, Document] = {}
        for document in documents:
            if document.id in given:
                raise CorpusError("id_repeated", id=document.id)
            given[document.id] = complete(document)
        with self._store.writing():
            present = self._present(given)
            fresh = [document for id_, document in given.items() if present.get(id_) != document]
            self._store.upsert(self._prepare(fresh, [None] * len(fresh)))
            self._store.optimise_if_due()
        return SyncReport(
            added=tuple(document.id for document in fresh if document.id not in present),
            changed=tuple(document.id for document in fresh if document.id in present),
            unchanged=tuple(id_ for id_, document in given.items() if present.get(id_) == document),
        )

    def _present(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return those of the documents that are there and can be read: one that is damaged is replaced."""
        try:
            return self._store.documents_as_read(ids)
        except IndexDamaged:
            found: dict[str, Document] = {}
            for id_ in ids:
                with suppress(IndexDamaged):
                    found |= self._store.documents_as_read([id_])
            return found

    def remove(self, document_ids: Iterable[str]) -> SyncReport:
        """Remove documents; see `rag.index.Index.remove`."""
        wanted = [document_ids] if isinstance(document_ids, str) else list(dict.fromkeys(document_ids))
        with self._store.writing():
            removed = self._store.delete(wanted)
            if not (removed and self._store.purge_if_quick()):
                self._store.optimise_if_due()
        missing = [Failure.of(id_, "document_gone", id=id_) for id_ in wanted if id_ not in removed]
        return SyncReport(removed=tuple(removed), failed=tuple(missing))

    def correct(self, document_id: str, values: Corrected) -> None:
        """Correct metadata of a document; see `rag.index.Index.correct`."""
        with self._store.writing():
            self._store.correct(document_id, checked(values))
            self._store.optimise_if_due()

    def discard_corrections(self, document_id: str) -> None:
        """Take back what was corrected; see `rag.index.Index.discard_corrections`."""
        with self._store.writing():
            self._store.correct(document_id, None)

    def purge(self) -> None:
        """Overwrite what removed documents left, and remove pages that are on no list; see `rag.index.Index.purge`."""
        from rag.fetching.archive import FOLDER, forget_others

        with self._store.writing():
            self._store.purge()
            forget_others(self._settings.index / FOLDER, filter(is_address, self._store.files()))

    def forget_versions(self, document_ids: Iterable[str]) -> int:
        """Remove the earlier texts of documents; see `rag.index.Index.forget_versions`."""
        with self._store.writing():
            forgotten = self._store.forget_versions(document_ids)
            if forgotten:
                self._store.purge_if_quick()
        return forgotten


def _require_fetching() -> None:
    """Check that the packages of the extra `fetch` are installed.

    Raises:
        SettingsError: one is not.
    """
    missing = [package for package in ("httpcore", "protego", "warcio") if find_spec(package) is None]
    if missing:
        raise SettingsError("fetching_unavailable", packages=", ".join(missing), command=install_command("fetch"))


def listed_addresses(index: Path) -> list[str] | None:
    """Return the web addresses that an index was made of: those of a list that was fetched to its end.

    None where there is no index that can be read: then nothing is known of its addresses.
    """
    try:
        with LocalStore.open(index) as store:
            return [path for path in store.files() if is_address(path)]
    except IndexUnusable:
        return None
