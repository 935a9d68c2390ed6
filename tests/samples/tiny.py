"""A model of seven words and two dimensions, so that every expected score is arithmetic."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

# Directions: peace and pace (its Romanian) coincide, war is opposite to neither, train is at a right angle to peace.
WORDS: dict[str, tuple[float, float]] = {
    "[UNK]": (0.0, 0.0),
    "peace": (2.0, 0.0),
    "pace": (3.0, 0.0),
    "war": (0.6, 0.8),
    "train": (0.0, 1.0),
    "the": (0.1, 0.0),
    "moscow": (0.0, 2.0),
}


def write_tiny_model(folder: Path, words: dict[str, tuple[float, float]] | None = None) -> Path:
    """Write a static model as sentence-transformers saves one."""
    chosen = words or WORDS
    module = folder / "0_StaticEmbedding"
    module.mkdir(parents=True)
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(chosen)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(module / "tokenizer.json"))
    save_file({"embedding.weight": np.array(list(chosen.values()), dtype=np.float32)}, module / "model.safetensors")
    modules = [
        {"idx": 0, "name": "0", "path": "0_StaticEmbedding",
         "type": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"},
    ]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules), "utf-8")
    (folder / "config_sentence_transformers.json").write_text("{}", "utf-8")
    return folder
