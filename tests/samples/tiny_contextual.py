"""A contextual model of eight words whose graph adds to each piece half of the one before it: arithmetic by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = ["<s>", "<pad>", "</s>", "<unk>", "peace", "war", "moscow", "paris", "query", "passage"]
WIDTH = 32

Floats = NDArray[np.float32]


def direction(word: str) -> Floats:
    """Return the vector of a word: one axis of its own; special pieces, prompts and unknown words have none."""
    vector = np.zeros(WIDTH, np.float32)
    if WORDS.index(word) in range(4, 8):
        vector[WORDS.index(word)] = 1.0
    return vector


def in_context(words: list[str]) -> Floats:
    """Return what the graph makes of words in a row ``(n, WIDTH)``."""
    vectors = np.stack([direction(word) for word in words])
    context = vectors.copy()
    context[1:] += 0.5 * vectors[:-1]
    return context


def unit(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def write_tiny_contextual(folder: Path) -> Path:
    """Write the files of a contextual encoder: pieces are words, and their vectors stand in 4-bit blocks."""
    folder.mkdir(parents=True)
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = np.stack([direction(word) for word in WORDS])
    nibbles = (rows + 8).astype(np.uint8)  # with a scale of 1
    codes = nibbles[:, : WIDTH // 2] | (nibbles[:, WIDTH // 2 :] << 4)
    save_file({"codes": codes, "scales": np.ones((len(WORDS), 1), np.float16)}, folder / "embeddings.safetensors")
    onnx.save(_graph(), str(folder / "encoder.onnx"))
    onnx.save(_reader_graph(), str(folder / "reader.onnx"))
    numbers = {"calibration": {"same": [1.0, 0.0, 0.0], "across": [1.0, 0.0, -2.0]}}
    (folder / "contextual.json").write_text(json.dumps(numbers), "utf-8")
    return folder


def _reader_graph() -> onnx.ModelProto:
    """Take "paris" for the answer to everything: 6 where it stands, and 3 in all if it stands in the passage, else -3."""
    given = [
        helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "tokens", WIDTH]),
        helper.make_tensor_value_info("mask", TensorProto.INT64, ["batch", "tokens"]),
        helper.make_tensor_value_info("segments", TensorProto.INT64, ["batch", "tokens"]),
    ]
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "tokens"]) for name in ("start", "end")]
    made.append(helper.make_tensor_value_info("answers", TensorProto.FLOAT, ["batch"]))
    axis = np.zeros((WIDTH,), np.float32)
    axis[WORDS.index("paris")] = 1.0
    constants: dict[str, NDArray[np.generic]] = {
        "axis": axis,
        "last": np.array([2], np.int64),
        "six": np.array(6.0, np.float32),
        "three": np.array(3.0, np.float32),
        "one": np.array(1, np.int64),
    }
    nodes = [
        helper.make_node("Mul", ["embeddings", "axis"], ["along_axis"]),
        helper.make_node("ReduceSum", ["along_axis", "last"], ["found"], keepdims=0),
        helper.make_node("Mul", ["found", "six"], ["start"]),
        helper.make_node("Mul", ["found", "six"], ["end"]),
        helper.make_node("Greater", ["segments", "one"], ["inside"]),
        helper.make_node("Cast", ["inside"], ["of_passage"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["found", "of_passage"], ["found_inside"]),
        helper.make_node("ReduceMax", ["found_inside"], ["there"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["there", "six"], ["doubled"]),
        helper.make_node("Sub", ["doubled", "three"], ["answers"]),
    ]
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "reader", given, made, initializer=initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _graph() -> onnx.ModelProto:
    """Pad one piece at the front, cut one off the end, halve, add, and leave nothing where there is no piece."""
    given = [
        helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "tokens", WIDTH]),
        helper.make_tensor_value_info("mask", TensorProto.INT64, ["batch", "tokens"]),
    ]
    made = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "tokens", WIDTH])
    constants: dict[str, NDArray[np.generic]] = {
        "front": np.array([0, 1, 0, 0, 0, 0], np.int64),
        "first": np.array([0], np.int64),
        "last": np.array([-1], np.int64),
        "axis": np.array([1], np.int64),
        "width": np.array([2], np.int64),
        "half": np.array(0.5, np.float32),
    }
    nodes = [
        helper.make_node("Pad", ["embeddings", "front"], ["padded"]),
        helper.make_node("Slice", ["padded", "first", "last", "axis"], ["before"]),
        helper.make_node("Mul", ["before", "half"], ["halved"]),
        helper.make_node("Add", ["embeddings", "halved"], ["added"]),
        helper.make_node("Cast", ["mask"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["real", "width"], ["column"]),
        helper.make_node("Mul", ["added", "column"], ["hidden"]),
    ]
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", given, [made], initializer=initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
