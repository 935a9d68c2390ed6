"""Weights in 4-bit blocks, unpacked into the 8-bit integers that a graph computes with.

A graph that unpacks its weights itself would hold every step of it at once while its session starts: 690 MB for the
encoder, where this takes 70.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

INTEGERS = ".integers"
"""The ending of the name by which a graph asks for the integers of a weight."""

BLOCK = 32  # weights that share a scale


def unpack_blocks(codes: Bytes) -> Floats:
    """Return the values -8 to 7 ``(..., blocks, 32)`` of packed codes ``(..., blocks, 16)``.

    Byte j of a block has weight j in its low half and weight j + 16 in its high half.
    """
    values: Floats = np.concatenate([codes & 15, codes >> 4], axis=-1).astype(np.float32)
    values -= np.float32(8)
    return values


def unpack_weight(codes: Bytes, blocks: Floats, steps: Floats, shares: Floats | None = None) -> NDArray[np.int8]:
    """Return the integers ``(columns, rows)`` of a weight.

    Args:
        codes: ``(rows, blocks, 16)``.
        blocks: ``(rows, blocks, 1)`` scales of the blocks.
        steps: ``(rows, 1)`` what an integer counts.
        shares: ``(1, columns)`` factors of the input channels.
    """
    values = unpack_blocks(codes)
    values *= blocks
    values = values.reshape(len(steps), -1)
    if shares is not None:
        values *= shares
    values /= steps
    return np.ascontiguousarray(np.rint(values).astype(np.int8).T)


def read_packed(path: Path) -> dict[str, NDArray[np.int8]]:
    """Return the integers of all weights of a file by the names that the graph knows them by.

    Raises:
        OSError, SafetensorError, KeyError: the file is missing or damaged.
    """
    from safetensors import safe_open

    found = {}
    with safe_open(str(path), framework="numpy") as tensors:
        there = set(tensors.keys())
        for name in sorted(key.removesuffix(".codes") for key in there if key.endswith(".codes")):
            found[name + INTEGERS] = unpack_weight(
                tensors.get_tensor(f"{name}.codes"),
                tensors.get_tensor(f"{name}.blocks").astype(np.float32),
                tensors.get_tensor(f"{name}.steps"),
                tensors.get_tensor(f"{name}.shares") if f"{name}.shares" in there else None,
            )
    return found
