"""What the words of a line say of it, in any language: a few numbers for each of the commonest words.

They come from the bundled table of token vectors by a projection that was fitted with the labeller, so that "subscribe"
and "abonnieren" are alike. Words are found by a checksum; the rare clash of two words costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.text.normalisation import fold

Floats = NDArray[np.float32]

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 400  # characters of a line that are looked at: what comes after says the same


def line_words(text: str) -> list[str]:
    """Return the words of a line as the table has them.

    Example:
        >>> line_words("Înscrie-te la newsletter (2026)")
        ['inscrie', 'te', 'la', 'newsletter']
    """
    return _WORD.findall(fold(text[:_LONGEST]))


def checksums(words: Sequence[str]) -> NDArray[np.uint32]:
    """Return the number under which each word is kept."""
    return np.array([crc32(word) for word in " ".join(words).encode("utf-8", "replace").split()], dtype=np.uint32)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """Numbers of words.

    Attributes:
        keys: ``(words,)`` checksums in ascending order.
        values: ``(words + 1, dimensions)``; the last row, of zeros, is every other word's.
    """

    keys: NDArray[np.uint32]
    values: Floats

    def means(self, texts: Sequence[str]) -> Floats:
        """Return the mean over the known words of each line; zeros where none is known.

        Shapes:
            result: ``(lines, dimensions)``.
        """
        lines = [line_words(text) for text in texts]
        counts = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        keys = checksums([word for line in lines for word in line])
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        rows = np.where(self.keys[at] == keys, at, len(self.keys))
        stops = np.concatenate([[0], np.cumsum(counts)])
        sums = np.concatenate(
            [np.zeros((1, self.values.shape[1])), np.cumsum(self.values[rows], axis=0, dtype=np.float64)]
        )
        known = np.concatenate([[0], np.cumsum(rows < len(self.keys))])
        total = np.maximum(known[stops[1:]] - known[stops[:-1]], 1)
        means: Floats = ((sums[stops[1:]] - sums[stops[:-1]]) / total[:, None]).astype(np.float32)
        return means


def from_tensors(tensors: Mapping[str, NDArray[np.generic]], prefix: str) -> WordTable:
    """Return the table whose tensors have names that begin with a prefix."""
    values = tensors[f"{prefix}word_values"].astype(np.float32) * tensors[f"{prefix}word_scale"].astype(np.float32)
    zeros = np.zeros((1, values.shape[1]), dtype=np.float32)
    return WordTable(keys=tensors[f"{prefix}word_keys"].astype(np.uint32), values=np.concatenate([values, zeros]))
