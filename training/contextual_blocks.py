"""Weights in blocks of 32 that share a scale, as the source of the model has them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

BLOCK = 32
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Halves = npt.NDArray[np.float16]


def four_bit(weights: Floats) -> tuple[Bytes, Halves]:
    """Return codes 0 to 15 `(rows, blocks, 32)` and scales `(rows, blocks)`: a weight is `(code - 8) * scale`.

    The value of the largest magnitude of a block becomes -8 times the scale. Weights that were stored this way
    before (the source's) are given back without loss.
    """
    blocks = weights.reshape(len(weights), -1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[..., None], axis=2)
    scales = (largest[..., 0] / -8).astype(np.float16)
    divisor = np.where(scales == 0, 1, scales).astype(np.float32)[..., None]
    codes = np.clip(np.rint(blocks / divisor) + 8, 0, 15)
    return np.where(scales[..., None] == 0, 8, codes).astype(np.uint8), scales


def eight_bit(weights: Floats) -> tuple[Bytes, Floats]:
    """Return codes 1 to 255 `(rows, blocks, 32)` and scales `(rows, blocks)`: a weight is `(code - 128) * scale`."""
    blocks = weights.reshape(len(weights), -1, BLOCK)
    scales = (np.abs(blocks).max(axis=2) / 127).astype(np.float32)
    divisor = np.where(scales == 0, 1, scales)[..., None]
    return (np.rint(blocks / divisor) + 128).astype(np.uint8), scales


def write_embeddings(folder: Path, weights: Floats) -> None:
    """Write `embeddings.safetensors`: byte j of a block has weight j in its low and weight j + 16 in its high half."""
    codes, scales = four_bit(weights)
    packed = codes[..., : BLOCK // 2] | (codes[..., BLOCK // 2 :] << 4)
    save_file({"codes": packed.reshape(len(weights), -1), "scales": scales}, str(folder / "embeddings.safetensors"))


def read_embeddings(folder: Path) -> tuple[Bytes, Halves]:
    """Return the packed codes and the scales of `embeddings.safetensors`."""
    tensors = load_file(str(folder / "embeddings.safetensors"))
    return tensors["codes"], tensors["scales"]


def dequantised(codes: Bytes, scales: Halves) -> Floats:
    """Return the `(rows, columns)` weights of packed 4-bit codes."""
    blocks = codes.reshape(len(codes), -1, BLOCK // 2)
    values = np.concatenate([blocks & 15, blocks >> 4], axis=2).astype(np.float32) - 8
    return (values * scales.astype(np.float32)[..., None]).reshape(len(codes), -1)
