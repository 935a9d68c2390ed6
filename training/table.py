"""The first values of the table of token vectors."""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse

Floats = npt.NDArray[np.float32]
_BUCKETS = 1 << 17


def first_vectors(tokens: Sequence[str], frequency: npt.NDArray[np.float64], *, dimension: int, seed: int) -> Floats:
    """Return vectors in which words that are spelt alike already point alike.

    A token's direction is a random vector of its own plus the random vectors of its character 3- to 5-grams (rare ones
    count more, as in tf-idf; those at the start of the word count more than endings), so that inflections,
    international words and names across languages begin close together and rare words keep that closeness. Numbers get
    only their own vector: 2025 is not 2026. The length of a vector grows with the rarity of its token, from .3 to 1.

    Args:
        tokens: The vocabulary in order; `##` marks a piece inside a word.
        frequency: Occurrences of each token in the training text.
        dimension: Width of a vector.
        seed: Of the random vectors.
    """
    random = np.random.default_rng(seed)
    grams = [_grams(token) for token in tokens]
    rows = np.repeat(np.arange(len(tokens)), [len(g) for g in grams])
    columns = np.array([bucket for g in grams for bucket, _ in g], dtype=np.int64)
    values = np.array([value for g in grams for _, value in g], dtype=np.float64)
    shape = (len(tokens), _BUCKETS)
    seen = np.bincount(columns, minlength=_BUCKETS)
    values = values * np.log(len(tokens) / np.maximum(seen[columns], 1))
    spelling = scipy.sparse.csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)
    basis = random.standard_normal((_BUCKETS, dimension), dtype=np.float32)
    spelt = _unit(spelling @ basis)
    vectors = _unit(spelt + 0.5 * _unit(random.standard_normal((len(tokens), dimension), dtype=np.float32)))
    rarity = -np.log((frequency + 1.0) / (frequency.sum() + len(tokens)))
    length = 0.3 + 0.7 * np.clip((rarity - rarity.min()) / (np.log(1e6) - rarity.min()), 0.0, 1.0)
    return np.ascontiguousarray(vectors * length[:, None].astype(np.float32))


def _grams(token: str) -> list[tuple[int, float]]:
    inside = token.startswith("##")
    word = token[2:] if inside else token
    if not word.isalpha() or len(word) < 2:
        return []
    marked = word + "$" if inside else f"^{word}$"
    found = []
    for size in (3, 4, 5):
        for start in range(len(marked) - size + 1):
            gram = marked[start : start + size]
            found.append((zlib.crc32(gram.encode()) % _BUCKETS, 1.5 if start == 0 and not inside else 1.0))
    return found


def _unit(rows: Floats) -> Floats:
    length: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = (rows / np.maximum(length, 1e-12)).astype(np.float32)
    return unit
