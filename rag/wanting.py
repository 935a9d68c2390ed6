"""What an index must have been built with to serve what is asked for now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rag.encoding.encoder import Encoder
from rag.encoding.table import bundled_table
from rag.settings import Settings
from rag.store.manifest import Manifest


def chosen_settings(path: Path | str | None, model: str | None, settings: Settings | None) -> Settings:
    """Return the settings, those of the environment where there are none, with a path and a model in their place."""
    chosen = settings or Settings.load()
    if path is not None:
        chosen = replace(chosen, index=Path(path))
    return replace(chosen, model=model) if model is not None else chosen


def manifest_for(encoder: Encoder, settings: Settings) -> Manifest:
    """Return the manifest of an index made with this encoder and these settings."""
    identity = encoder.identity
    return Manifest(
        model=identity.model,
        fingerprint=identity.fingerprint,
        dimension=identity.dimension,
        query_prompt=identity.query_prompt,
        passage_prompt=identity.passage_prompt,
        pooling=identity.pooling,
        max_tokens=identity.max_tokens,
        chunk_tokens=settings.chunk_tokens,
        chunk_overlap=settings.chunk_overlap,
        table=bundled_table().fingerprint,
    )


def with_sizes_of(stored: Manifest, wanted: Manifest) -> Manifest:
    """Keep an index's own passage sizes: what is set now counts when one is made."""
    return replace(wanted, chunk_tokens=stored.chunk_tokens, chunk_overlap=stored.chunk_overlap)
