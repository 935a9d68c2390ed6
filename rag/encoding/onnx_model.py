"""What the ONNX models share: the pieces that a text is cut into, their vectors, and how a graph is run.

The matrix of piece vectors is the greater part of such a model and stands in 4-bit blocks in a file of its own, from
which the few rows of a text are gathered here. The graphs begin after it.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import Floats
from rag.encoding.packed_weights import BLOCK, read_packed, unpack_blocks
from rag.encoding.table import BUNDLED
from rag.errors import EncoderError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

CONTEXTUAL = BUNDLED / "contextual"
"""The folder of the contextual encoder and the reader."""

MOST_THREADS = 4
"""Threads of one forward pass at most; more than that wait for one another in layers this narrow."""

START, PADDING, STOP = 0, 1, 2
"""Ids of the special pieces ``<s>``, ``<pad>`` and ``</s>``."""

_TOKENIZER, _EMBEDDINGS, _NUMBERS = "tokenizer.json", "embeddings.safetensors", "contextual.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The pieces of a text: their ids ``(n,)`` int64, and where each stands in it ``(n, 2)``."""

    ids: NDArray[np.int64]
    spans: NDArray[np.int64]


class OnnxModel:
    """A folder with the pieces, their vectors and graphs.

    Raises:
        EncoderError: a file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        from safetensors import SafetensorError, safe_open
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(folder / _TOKENIZER))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            with safe_open(str(folder / _EMBEDDINGS), framework="numpy") as tensors:
                self._codes: NDArray[np.uint8] = tensors.get_tensor("codes")
                self._scales: Floats = tensors.get_tensor("scales").astype(np.float32)
        except SafetensorError as error:
            raise _unusable(folder, _EMBEDDINGS, error) from error
        except Exception as error:  # `tokenizers` raises plain exceptions
            raise _unusable(folder, _TOKENIZER if "_tokenizer" not in vars(self) else _EMBEDDINGS, error) from error
        self._packed: dict[str, dict[str, NDArray[np.int8]]] = {}  # sessions share the arrays and do not own them
        self.dimension = 2 * self._codes.shape[1]
        shapes_fit = self._scales.shape == (len(self._codes), self.dimension // BLOCK)
        if not shapes_fit or len(self._codes) != self._tokenizer.get_vocab_size():
            tokens = self._tokenizer.get_vocab_size()
            raise EncoderError("model_vocabulary_differs", folder=str(folder), vectors=len(self._codes), tokens=tokens)

    @cached_property
    def numbers(self) -> Mapping[str, Any]:
        """What was fitted with the model, from its ``contextual.json``."""
        return read_numbers(self.folder)

    def cut(self, text: str) -> Pieces:
        """Cut a text into pieces."""
        encoding = self._tokenizer.encode(_encodable(text), add_special_tokens=False)
        return Pieces(
            ids=np.array(encoding.ids, np.int64),
            spans=np.array(encoding.offsets, np.int64).reshape(-1, 2),
        )

    def vectors(self, ids: NDArray[np.int64]) -> Floats:
        """Return the vectors of pieces ``(..., dim)``, for ids of any shape."""
        values = unpack_blocks(self._codes[ids].reshape(*ids.shape, -1, BLOCK // 2))
        values *= self._scales[ids][..., None]
        vectors: Floats = values.reshape(*ids.shape, self.dimension)
        return vectors

    def open_graph(self, name: str, *, threads: int) -> InferenceSession:
        """Load a graph to be run on so many threads; any number of callers may run it at the same time.

        Raises:
            EncoderError: the file is missing or damaged.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # batches differ in length, and the arena keeps the largest of each size
        options.log_severity_level = 3  # errors, which come as exceptions too
        # Threads that have nothing to do sleep: spinning ones take the processor from whoever else asks.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._add_packed(options, name)
            session = onnxruntime.InferenceSession(str(self.folder / name), options, providers=["CPUExecutionProvider"])
        except EncoderError:
            raise
        except Exception as error:  # onnxruntime has a dozen kinds
            raise _unusable(self.folder, name, error) from error
        _return_memory()
        return session

    def _add_packed(self, options: SessionOptions, graph: str) -> None:
        """Give a graph the weights that stand beside it in 4-bit blocks, where there are any."""
        import onnxruntime

        path = packed_path(self.folder, graph)
        if not path.exists():
            return
        if graph not in self._packed:
            try:
                self._packed[graph] = read_packed(path)
            except Exception as error:  # `safetensors` has a kind of its own beside those of files
                raise _unusable(self.folder, path.name, error) from error
        weights = self._packed[graph]
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weight) for weight in weights.values()]
        options.add_external_initializers(list(weights), values)


@cache
def open_model(folder: Path) -> OnnxModel:
    """Return the pieces and vectors of a folder, read once per process: encoder and reader share them.

    Raises:
        EncoderError: a file is missing or damaged.
    """
    return OnnxModel(folder)


def packed_path(folder: Path, graph: str) -> Path:
    """Return where the weights of a graph stand if they are in 4-bit blocks."""
    return (folder / graph).with_suffix(".safetensors")


def read_numbers(folder: Path) -> Mapping[str, Any]:
    """Return what a model folder says of itself.

    Raises:
        EncoderError: the file is missing or damaged.
    """
    try:
        numbers: Mapping[str, Any] = json.loads((folder / _NUMBERS).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unusable(folder, _NUMBERS, error) from error
    return numbers


def read_dimension(folder: Path) -> int:
    """Return the width of a model's vectors without loading it.

    Raises:
        EncoderError: the file of the pieces' vectors is missing or damaged.
    """
    from safetensors import safe_open

    try:
        with safe_open(str(folder / _EMBEDDINGS), framework="numpy") as tensors:
            return 2 * int(tensors.get_slice("codes").get_shape()[1])
    except Exception as error:  # `safetensors` has a kind of its own beside those of files
        raise _unusable(folder, _EMBEDDINGS, error) from error


def fingerprint(folder: Path, graph: str) -> str:
    """Return the SHA-256 of what a graph's vectors depend on: itself, the pieces and their vectors.

    Raises:
        EncoderError: a file is missing.
    """
    digest = hashlib.sha256()
    packed = packed_path(folder, graph)
    for name in (graph, _EMBEDDINGS, _TOKENIZER, *([packed.name] if packed.exists() else [])):
        try:
            with (folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise _unusable(folder, name, error) from error
    return digest.hexdigest()


def available_threads() -> int:
    """Return on how many threads a forward pass may run: the cores of this process, at most `MOST_THREADS`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST_THREADS)


def _return_memory() -> None:
    """Give the system back what making a session has left in the heap (glibc; elsewhere nothing)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates would stop the tokenizer


def _unusable(folder: Path, name: str, error: Exception) -> EncoderError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return EncoderError("contextual_model_damaged", file=str(folder / name), detail=reason)
