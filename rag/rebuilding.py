"""Building an index anew while the old one goes on answering."""

from __future__ import annotations

from collections.abc import Callable

from rag.encoding import load_encoder
from rag.index import Index
from rag.records import SyncReport
from rag.settings import Settings
from rag.store.local import LocalStore
from rag.store.replacing import replacing
from rag.wanting import manifest_for


def rebuild(settings: Settings, fill: Callable[[Index], SyncReport]) -> SyncReport:
    """Make a new index beside the one at `settings.index`, let `fill` fill it, and put it in the old one's place.

    Until then, and after an error, Ctrl-C or a kill, the old one is as it was.

    Raises:
        IndexLocked: another process is writing.
        IndexUnusable: the folder cannot be written to.
        EncoderError: the model cannot be loaded.
    """
    encoder = load_encoder(settings.model, device=settings.device, batch_size=settings.batch_size)
    with (
        replacing(settings.index, manifest_for(encoder, settings), versions=settings.versions) as fresh,
        Index(LocalStore.open(fresh), settings, encoder) as index,
    ):
        return fill(index)
