"""MinHash signatures of texts: texts with many shingles in common share a band key with high probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from rag.text.shingles import WORDS, Shingles

Keys = NDArray[np.int32]

_BANDS, _ROWS, _SEED = 16, 3, 1

SCHEME = f"rensa {RMinHash.ALGORITHM_VERSION}, {WORDS} words, {_BANDS} x {_ROWS}, 32 bits"
"""What must be equal for keys to be comparable; part of an index's manifest."""

_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD], np.uint64)


def sign(texts: Sequence[Shingles]) -> list[Keys]:
    """Return the band keys of each text, `(16,)`; none for a text without shingles."""
    if not texts:
        return []
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.uint64)
    flat = np.concatenate(texts).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, _BANDS * _ROWS, _SEED)
    minima = np.array(matrix.to_rows(), np.uint64).reshape(len(texts), _BANDS, _ROWS)
    mixed = np.broadcast_to(np.arange(1, _BANDS + 1, dtype=np.uint64), minima.shape[:2])
    for row, factor in enumerate(_FACTORS):
        mixed = (mixed + minima[:, :, row]) * factor
        mixed = mixed ^ (mixed >> np.uint64(32))
    keys = (mixed & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)
    return [own if len(text) else own[:0] for own, text in zip(keys, texts, strict=True)]


def read_keys(blob: bytes) -> Keys:
    """Return the keys that were stored as their bytes."""
    return np.frombuffer(blob, np.int32)
