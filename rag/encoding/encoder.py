"""What an encoder is: text in, unit vectors out, and enough about itself to be recognised later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderIdentity:
    """What must be the same for vectors to be comparable. `max_tokens` 0 means that the model has no limit."""

    model: str
    fingerprint: str
    dimension: int
    max_tokens: int
    query_prompt: str = ""
    passage_prompt: str = ""
    pooling: str = "mean"


class Encoder(Protocol):
    """Turns questions and passages into float32 rows of unit length."""

    @property
    def identity(self) -> EncoderIdentity:
        """Say what model this is."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count a text in this model's own tokens, without special tokens and prompts."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Encode questions to ``(n, dim)``."""
        ...

    def encode_passages(self, texts: Sequence[str], *, titles: Sequence[str] = (), progress: bool = False) -> Floats:
        """Encode passages to ``(n, dim)``; a title, where given, is context for its passage."""
        ...


def with_title(text: str, title: str) -> str:
    """Put a title before a passage as context for the encoder, unless the passage already begins with it."""
    return text if not title or text.lstrip().startswith(title) else f"{title}\n{text}"


def unit(rows: Floats) -> Floats:
    """Scale rows to unit length as C-contiguous float32; a row without direction stays zero, never NaN."""
    out = np.ascontiguousarray(rows, dtype=np.float32)
    norms = np.linalg.norm(out, axis=1, keepdims=True)
    scaled: Floats = np.divide(out, norms, out=np.zeros_like(out), where=norms > 1e-9)
    return scaled
