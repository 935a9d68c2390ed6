"""An empty index: made in a folder, or in the place of one that is there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from rag.errors import IndexDamaged, IndexMismatch, IndexNotFound, IndexUnusable
from rag.store.catalogue import Catalogue
from rag.store.database import NAME
from rag.store.lock import locked_folder
from rag.store.manifest import Manifest
from rag.store.snapshot import remove_snapshot


def create_index(folder: Path, manifest: Manifest, *, replace: bool = False) -> None:
    """Make an empty index; see `LocalStore.create`."""
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
                    raise IndexUnusable(
                        f"there already is an index at {str(folder)!r}. Use it, or run: rag index FOLDER --rebuild"
                    )
                catalogue.start_writing()
                catalogue.replace_manifest(manifest)
        remove_snapshot(folder)
