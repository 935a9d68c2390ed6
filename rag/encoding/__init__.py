"""Encoders: the bundled table of token vectors, or any sentence-transformers model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.encoding.encoder import Encoder

TABLE = "table"
"""The name of the bundled table without the contextual model that refines what it finds."""


def load_encoder(model: str | None = None, *, device: str | None = None, batch_size: int = 64) -> Encoder:
    """Load the bundled table (`model` None, "table" or its own name), or a sentence-transformers model by name or path.

    Raises:
        EncoderError: the model cannot be loaded.
    """
    if model is not None and model not in ("bundled", TABLE):
        from rag.encoding.table import BUNDLED, bundled_name

        if model != bundled_name() and model != str(BUNDLED):
            from rag.encoding.transformer import SentenceTransformerEncoder

            return SentenceTransformerEncoder(model, device=device, batch_size=batch_size)
    from rag.encoding.static import StaticEncoder

    return StaticEncoder()
