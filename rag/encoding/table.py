"""One table of token vectors, read with numpy alone: the bundled model's heart.

The same folder loads as an ordinary sentence-transformers `StaticEmbedding` model; here the rows themselves are needed,
because retrieval uses them four ways: mean vectors, late interaction, query translation and word-by-word explanation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUNDLED = Path(__file__).parent / "bundled"

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Token ids of several texts, end to end.

    Shapes:
        ids: ``(n,)`` int32, unknown tokens left out.
        bounds: ``(texts + 1,)`` int64; text ``i`` is ``ids[bounds[i]:bounds[i + 1]]``.
        spans: ``(n, 2)`` int32 character offsets into each text, or ``(0, 2)`` where not asked for.
    """

    ids: Ints
    bounds: NDArray[np.int64]
    spans: Ints


class TokenTable:
    """Token vectors with their tokenizer.

    Attributes:
        units: ``(vocabulary, dim)`` float32, each row of unit length (all zeros for a row that carries nothing). All
            forms of a word are one row, and a token's id is its row.
        weights: ``(vocabulary,)`` float32, how much each token counts: the length of its raw vector.
        neighbours: ``(vocabulary, m)`` int32 ids of the nearest whole-word tokens, -1 where there is none.
        neighbour_similarity: ``(vocabulary, m)`` float32 cosines.
        commonness: ``(vocabulary,)`` float32, each token's share of all tokens in ordinary text of the language that
            uses it most; zeros where the model does not say.
        fingerprint: SHA-256 of the table file.
        name: the model's name, from its ``model.json``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tokenizer_path, table_path = _files(folder)
        from safetensors import safe_open
        from tokenizers import Tokenizer

        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        with safe_open(str(table_path), framework="numpy") as tensors:
            raw, self._row_of = _raw_rows(tensors, table_path)
        if len(self._row_of) != self._tokenizer.get_vocab_size():
            tokens = self._tokenizer.get_vocab_size()
            raise EncoderError(
                "model_vocabulary_differs", folder=str(table_path.parent), vectors=len(self._row_of), tokens=tokens
            )
        self.weights: Floats = np.sqrt(np.einsum("ij,ij->i", raw, raw))
        raw /= np.maximum(self.weights, 1e-9)[:, None]
        self.units: Floats = raw
        self.dimension = int(raw.shape[1])
        self.fingerprint = _digest(table_path)
        self.name = _name(folder)
        self._unknown = _unknown_id(self._tokenizer)
        self.neighbours, self.neighbour_similarity = _neighbours(folder, len(raw))
        self.commonness = _commonness(folder, len(raw))

    def tokenize(self, texts: Sequence[str], *, spans: bool = False) -> Tokens:
        """Cut texts into tokens of the table; with `spans`, also say where each stands in its text."""
        batch = self._tokenizer.encode_batch if spans else self._tokenizer.encode_batch_fast
        encodings = batch(list(texts), add_special_tokens=False)
        lengths = np.fromiter((len(e) for e in encodings), dtype=np.int64, count=len(encodings))
        total = int(lengths.sum())
        ids = self._row_of[np.fromiter((i for e in encodings for i in e.ids), dtype=np.int32, count=total)]
        offsets = np.empty((0, 2), dtype=np.int32)
        if spans:
            offsets = np.array([s for e in encodings for s in e.offsets], dtype=np.int32).reshape(total, 2)
        keep = ids != self._unknown
        if not keep.all():
            owner = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(owner[keep], minlength=len(lengths)).astype(np.int64)
            ids, offsets = ids[keep], offsets[keep] if spans else offsets
        return Tokens(ids=ids, bounds=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), spans=offsets)

    def rows(self, ids: Ints) -> Floats:
        """Return the raw vectors ``(n, dim)`` of token ids, as they were trained: unit rows times their weights."""
        gathered: Floats = self.units[ids]
        gathered *= self.weights[ids, None]
        return gathered

    def means(self, ids: Ints, bounds: NDArray[np.int64]) -> Floats:
        """Return the mean raw vector ``(texts, dim)`` of each run of tokens; zeros for an empty run."""
        counts = np.diff(bounds)
        out = np.zeros((len(counts), self.dimension), dtype=np.float32)
        filled = np.flatnonzero(counts)
        # In blocks, so that the gathered rows stay within a few MB whatever the number of texts.
        for block in np.array_split(filled, max(1, int(counts.sum()) // 16_384)):
            if len(block):
                first, last = bounds[block[0]], bounds[block[-1] + 1]
                rows, stops = self.rows(ids[first:last]), bounds[block + 1] - first
                for text, start, stop in zip(block, bounds[block] - first, stops, strict=True):
                    out[text] = rows[start:stop].sum(axis=0)  # `add.reduceat` takes ten times as long over this axis
        out[filled] /= counts[filled, None]
        return out

    def tokens_of(self, ids: Sequence[int]) -> list[str]:
        """Return the written form of token ids; of a word with many forms, its lemma."""
        return [self._tokenizer.id_to_token(int(i)) or "" for i in ids]


@cache
def bundled_table() -> TokenTable:
    """Load the bundled table once per process."""
    return TokenTable(BUNDLED)


def bundled_name() -> str:
    """Return the bundled model's name without loading it."""
    return _name(BUNDLED)


def _name(folder: Path) -> str:
    path = folder / "model.json"
    return str(json.loads(path.read_text("utf-8"))["name"]) if path.is_file() else folder.name


def _files(folder: Path) -> tuple[Path, Path]:
    for place in (folder / "0_StaticEmbedding", folder):
        pair = place / "tokenizer.json", place / "model.safetensors"
        if all(path.is_file() for path in pair):
            return pair
    raise EncoderError("static_model_missing", folder=str(folder))


def _raw_rows(tensors: object, path: Path) -> tuple[Floats, Ints]:
    """Return the rows ``(rows, dim)`` and the row of each of the tokenizer's tokens ``(tokens,)``.

    The first tokens are the rows' own, one each; those that follow share a row with one of them.
    """
    names = set(tensors.keys())  # type: ignore[attr-defined]
    read = tensors.get_tensor  # type: ignore[attr-defined]
    if "embedding.weight" in names:
        raw = np.array(read("embedding.weight"), dtype=np.float32)
    elif "embeddings" in names:
        raw = np.array(read("embeddings"), dtype=np.float32)
    else:
        raise EncoderError("static_model_foreign", file=str(path), names=", ".join(sorted(names)))
    row_of = np.asarray(read("mapping") if "mapping" in names else np.arange(len(raw)), dtype=np.int32)
    if not np.array_equal(row_of[: len(raw)], np.arange(len(raw))) or row_of.max(initial=-1) >= len(raw):
        raise EncoderError("static_model_disordered", file=str(path))
    if "weights" in names:  # 8-bit rows with one scale each
        raw *= np.asarray(read("weights"), dtype=np.float32)[: len(raw), None]
    return raw, row_of


def _neighbours(folder: Path, rows: int) -> tuple[Ints, Floats]:
    path = folder / "neighbours.safetensors"
    if not path.is_file():
        return np.full((rows, 1), -1, dtype=np.int32), np.zeros((rows, 1), dtype=np.float32)
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as tensors:
        stored, similarity = tensors.get_tensor("ids"), tensors.get_tensor("similarity").astype(np.float32)
    ids = stored.astype(np.int32)
    ids[similarity == 0] = -1  # ids are kept without a sign
    return ids, similarity


def _commonness(folder: Path, rows: int) -> Floats:
    path = folder / "commonness.safetensors"
    if not path.is_file():
        return np.zeros(rows, dtype=np.float32)
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as tensors:
        return np.asarray(tensors.get_tensor("share"), dtype=np.float32)


def _unknown_id(tokenizer: Tokenizer) -> int:
    unknown = getattr(tokenizer.model, "unk_token", None)
    found = tokenizer.token_to_id(unknown) if unknown else None
    return -1 if found is None else int(found)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
