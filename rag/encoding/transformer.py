"""Any sentence-transformers model, by hub name or path."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.encoding.encoder import EncoderIdentity, Floats, unit, with_title
from rag.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

# Prompts that a model family was trained with but does not always store in its configuration.
# Source: the model cards of intfloat/multilingual-e5-*: "Each input text should start with 'query: ' or 'passage: '".
_KNOWN_PROMPTS = {"e5": ("query: ", "passage: ")}


class SentenceTransformerEncoder:
    """Encodes with a model of the sentence-transformers library, honouring its prompts and its token limit."""

    def __init__(self, name: str, *, device: str | None = None, batch_size: int = 64) -> None:
        self._model = _load(name, device)
        self._batch_size = batch_size
        queries, passages = _prompts(self._model, name)
        limit = self._model.max_seq_length
        usable = 0
        if limit is not None and np.isfinite(limit):
            overhead = max(self._raw_tokens(prompt, special=True) for prompt in (queries, passages))
            usable = int(limit) - overhead
            if usable < 8:
                raise EncoderError("model_limit_too_small", name=name, limit=int(limit), overhead=overhead)
        self._identity = EncoderIdentity(
            model=name,
            fingerprint=_fingerprint(self._model),
            dimension=int(self._model.get_embedding_dimension() or 0),
            max_tokens=usable,
            query_prompt=queries,
            passage_prompt=passages,
            pooling=_pooling(self._model),
        )

    @property
    def identity(self) -> EncoderIdentity:
        """Say what model this is."""
        return self._identity

    def count_tokens(self, text: str) -> int:
        """Count a text in the model's tokens, without special tokens."""
        return self._raw_tokens(text, special=False)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Encode questions; one longer than the model reads is averaged over pieces, not cut."""
        return self._encode(texts, self._identity.query_prompt, progress=False)

    def encode_passages(self, texts: Sequence[str], *, titles: Sequence[str] = (), progress: bool = False) -> Floats:
        """Encode passages; the title is added as context where both fit into the model's limit."""
        if titles:
            texts = [self._fitting(text, title) for text, title in zip(texts, titles, strict=True)]
        return self._encode(texts, self._identity.passage_prompt, progress=progress)

    def _encode(self, texts: Sequence[str], prompt: str, *, progress: bool) -> Floats:
        pieces, owners = self._pieces(texts)
        if not pieces:
            return np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        rows = self._model.encode(
            pieces,
            prompt=prompt,
            batch_size=self._batch_size,
            show_progress_bar=progress and sys.stderr.isatty(),
            convert_to_numpy=True,
            normalize_embeddings=False,
        )
        rows = unit(np.asarray(rows, dtype=np.float32).reshape(len(pieces), -1))
        if not np.isfinite(rows).all():
            raise EncoderError("model_not_finite", name=self._identity.model)
        sums = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
        np.add.at(sums, np.array(owners), rows)
        return unit(sums)

    def _pieces(self, texts: Sequence[str]) -> tuple[list[str], list[int]]:
        """Cut texts that pass the model's limit into several, so that nothing is read past silently."""
        pieces: list[str] = []
        owners: list[int] = []
        for number, text in enumerate(texts):
            for piece in self._cut(text):
                pieces.append(piece)
                owners.append(number)
        return pieces, owners

    def _cut(self, text: str) -> list[str]:
        limit = self._identity.max_tokens
        # No tokenizer makes more tokens than bytes; short texts skip the count.
        if not limit or len(text.encode("utf-8", "replace")) <= limit or self.count_tokens(text) <= limit:
            return [text]
        middle = len(text) // 2
        space = text.find(" ", middle)
        cut = space if 0 < space < len(text) - 1 else middle
        return [*self._cut(text[:cut]), *self._cut(text[cut:])]

    def _fitting(self, text: str, title: str) -> str:
        joined = with_title(text, title)
        limit = self._identity.max_tokens
        return joined if not limit or self.count_tokens(joined) <= limit else text

    def _raw_tokens(self, text: str, *, special: bool) -> int:
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # a bare `tokenizers` tokenizer, as StaticEmbedding keeps
            return len(tokenizer.encode(text, add_special_tokens=special).ids)
        return len(tokenizer(text, add_special_tokens=special, truncation=False, verbose=False)["input_ids"])


def _load(name: str, device: str | None) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, device=device)
    except Exception as error:  # the library raises a dozen kinds for a wrong name, a missing file, no network
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        hint = "folder" if Path(name).exists() else "hub"
        raise EncoderError("model_unloadable", kind="model", name=name, detail=reason, hint=hint) from error


def _prompts(model: SentenceTransformer, name: str) -> tuple[str, str]:
    stored = {key: value for key, value in (model.prompts or {}).items() if value}
    if stored:
        passages = stored.get("document") or stored.get("passage") or stored.get("corpus") or ""
        return stored.get("query", ""), passages
    words = Path(name).name.lower().split("-")
    return next((prompts for family, prompts in _KNOWN_PROMPTS.items() if family in words), ("", ""))


def _pooling(model: SentenceTransformer) -> str:
    for module in model:
        mode = getattr(module, "pooling_mode", None) or getattr(module, "get_pooling_mode_str", lambda: None)()
        if mode:
            return str(mode)
    return "mean"


def _fingerprint(model: SentenceTransformer) -> str:
    """Digest the weights themselves: names, shapes and up to 4,096 evenly spaced values of each tensor."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().reshape(-1)
        step = max(1, flat.numel() // 4096)
        digest.update(json.dumps([name, list(tensor.shape)]).encode())
        digest.update(flat[::step].float().cpu().numpy().tobytes())
    return digest.hexdigest()
