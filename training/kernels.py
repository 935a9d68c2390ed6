"""The two inner loops that numpy and torch have no quick form for, compiled by numba."""

import numba
import numpy as np
import numpy.typing as npt

from training.table import Floats
from training.tokens import Ints


@numba.njit(parallel=True, fastmath=True, cache=True)
def best_matches(similarity: Floats, tokens: Ints, starts: Ints) -> tuple[Floats, Ints]:
    """For every text and every column, find the text's token with the greatest similarity.

    Args:
        similarity: `(unique tokens of the texts, columns)`.
        tokens: Row numbers into `similarity`, all texts one after another.
        starts: Where each text begins in `tokens`, `(texts + 1,)`; no text is empty.

    Returns:
        The greatest similarity and the row that gave it, both `(texts, columns)`.
    """
    texts, columns = len(starts) - 1, similarity.shape[1]
    best = np.empty((texts, columns), np.float32)
    where = np.empty((texts, columns), np.int32)
    for text in numba.prange(texts):
        # Blocks of columns that stay in the first-level cache while the text's tokens pass over them.
        for low in range(0, columns, 1024):
            high = min(low + 1024, columns)
            top, row = best[text, low:high], where[text, low:high]
            token = tokens[starts[text]]
            top[:] = similarity[token, low:high]
            row[:] = token
            for position in range(starts[text] + 1, starts[text + 1]):
                token = tokens[position]
                values = similarity[token, low:high]
                for i in range(high - low):
                    better = values[i] > top[i]
                    row[i] = token if better else row[i]
                    top[i] = values[i] if better else top[i]
    return best, where


@numba.njit(parallel=True, cache=True)
def scatter_matches(gradient: Floats, where: Ints, rows: int) -> Floats:
    """Send each gradient back to the entry of `similarity` that `best_matches` chose; the others get none."""
    texts, columns = gradient.shape
    out = np.zeros((rows, columns), np.float32)
    blocks = (columns + 127) // 128
    for block in numba.prange(blocks):
        for text in range(texts):
            for i in range(block * 128, min(block * 128 + 128, columns)):
                out[where[text, i], i] += gradient[text, i]
    return out


@numba.njit(parallel=True, fastmath=True, cache=True)
def adam_rows(
    table: Floats,
    first: Floats,
    second: Floats,
    rows: npt.NDArray[np.int64],
    gradient: Floats,
    scales: Floats,
    decay1: float,
    decay2: float,
) -> None:
    """Apply Adam to `rows` of `table` in place, each with its own step length; see `RowAdam`."""
    for i in numba.prange(len(rows)):
        row = rows[i]
        scale = scales[i]
        keep1, keep2 = np.float32(decay1), np.float32(decay2)
        new1, new2 = np.float32(1.0 - decay1), np.float32(1.0 - decay2)
        for j in range(table.shape[1]):
            slope = gradient[i, j]
            first[row, j] = keep1 * first[row, j] + new1 * slope
            second[row, j] = keep2 * second[row, j] + new2 * slope * slope
            table[row, j] -= scale * first[row, j] / (np.sqrt(second[row, j]) + np.float32(1e-8))
