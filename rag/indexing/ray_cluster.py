"""Files prepared on many machines at once, with Ray Data: the same function as on one, and the same files come out."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.errors import CorpusError, SettingsError
from rag.indexing.prepared_files import FILES_AT_ONCE, Pending, Preparer, Recipe, prepared_place
from rag.readers.source_file import SourceFile
from rag.settings import install_command

LOCAL = "local"
"""The address of a cluster that is started for the run, of the processors of this machine."""


def require_ray() -> None:
    """Check that the extra is installed.

    Raises:
        SettingsError: it is not.
    """
    if find_spec("ray") is None:
        raise SettingsError("ray_unavailable", command=install_command("ray"))


def prepare_on_ray(address: str, recipe: Recipe, folder: Path, pending: Sequence[Pending]) -> None:
    """Prepare files on a cluster whose machines all see them, and the folder, under the same paths.

    Ray starts another process in place of one that is killed, and gives it the files again; those that were finished
    are there already.

    Raises:
        CorpusError: the cluster cannot be reached, or a file cannot be prepared on it.
    """
    folder, key = folder.absolute(), recipe.key
    lacking = [pair for pair in pending if not prepared_place(folder, *pair, key).exists()]
    if not lacking:
        return
    import ray
    import ray.data

    mine = not ray.is_initialized()
    try:
        if mine:
            ray.init(
                address=None if address == LOCAL else address,
                include_dashboard=False if address == LOCAL else None,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        processes = max(1, min(int(ray.cluster_resources().get("CPU", 1)), -(-len(lacking) // FILES_AT_ONCE)))
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        dataset = ray.data.from_items([_sent(file, digest) for file, digest in lacking]).map_batches(
            _Worker,
            batch_size=FILES_AT_ONCE,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(size=processes),
            fn_constructor_args=(recipe, str(folder)),
        )
        for _ in dataset.iter_batches(batch_size=None):
            pass
    except (ConnectionError, ray.exceptions.RayError, RuntimeError, ValueError) as error:
        detail = " ".join(str(error).split())[-300:]
        raise CorpusError("ray_failed", address=address, detail=detail) from error
    finally:
        if mine:
            ray.shutdown()


class _Worker:
    """Prepares batches of files in a process of the cluster."""

    def __init__(self, recipe: Recipe, folder: str) -> None:
        self._preparer = Preparer(recipe, Path(folder))

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[str]]:
        pending = [_received(*values) for values in zip(*(batch[name].tolist() for name in _COLUMNS), strict=True)]
        return {"place": [place.name for place in self._preparer.prepare(pending)]}


_COLUMNS = ("path", "id", "size", "mtime_ns", "digest")


def _sent(file: SourceFile, digest: str) -> dict[str, Any]:
    """Return a file as a row; names are bytes, as they need not be Unicode."""
    values = (os.fsencode(file.path.absolute()), os.fsencode(file.id), file.size, file.mtime_ns, digest)
    return dict(zip(_COLUMNS, values, strict=True))


def _received(path: bytes, id_: bytes, size: int, mtime_ns: int, digest: str) -> Pending:
    return SourceFile(path=Path(os.fsdecode(path)), id=os.fsdecode(id_), size=size, mtime_ns=mtime_ns), digest
