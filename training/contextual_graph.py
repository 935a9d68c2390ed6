"""Write the encoder's and the reader's layers as ONNX graphs that compute their products with 8-bit integers.

The graphs take word embeddings, not token ids: encoder and reader share one table, which stays outside. Activations
are rounded to 8 bits with one scale a token, weights to 7 with one scale an output channel. ONNX's dynamic quantisation
has one scale for a whole batch, which costs .013 to .026 nDCG@10; `MatMulNBits` loses nothing and takes as long as
float32, 1.8 times as long as this.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from rag.encoding.packed_weights import INTEGERS
from training.contextual_blocks import BLOCK, four_bit

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
Shape = list[str | int]
OPSET, IR_VERSION = 20, 9
LARGEST_WEIGHT = 64
"""Of the integer weights. Processors with AVX2 and no VNNI add two products in 16 bits: 2 * 255 * 64 still fits."""
MICROSOFT = "com.microsoft"
"""The domain of the operators that ONNX Runtime's packages bring along."""


class Graph:
    """Collects nodes and weights; methods that add a node return the name of its output.

    `kind` is how products with weights are computed: "integer", "integer from 4 bits" (`packed` has 4-bit blocks of 32,
    which are unpacked to integers and given to the session when it starts), "blocks" (`MatMulNBits`, 4 bits) or
    "float". `ranges` are the largest magnitudes of each product's input channels: a few channels are far larger than
    the others, and the range is divided between activation and weight (SmoothQuant, arXiv 2211.10438, equal parts).
    """

    def __init__(self, kind: str = "integer", ranges: Mapping[str, Floats] | None = None) -> None:
        self._kind, self._ranges = kind, ranges or {}
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, onnx.TensorProto] = {}
        self.packed: dict[str, Array] = {}

    def add(
        self, operator: str, inputs: Sequence[str], outputs: int = 1, *, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add a node and return the names of its outputs."""
        names = [f"{operator}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names

    def one(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return its name."""
        return self.add(operator, inputs, domain=domain, **attributes)[0]

    def constant(self, name: str, value: Array) -> str:
        """Store a tensor and return its name."""
        self._weights.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def number(self, value: float) -> str:
        """Store a float and return its name."""
        return self.constant(f"float {value}", np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        """Store a vector of integers and return its name."""
        return self.constant(f"integers {values}", np.array(values, np.int64))

    def half(self, name: str, value: Floats) -> str:
        """Store a float tensor with 16 bits and return the name of its 32-bit form."""
        return self.one("Cast", self.constant(name, value.astype(np.float16)), to=TensorProto.FLOAT)

    def rename(self, old: str, new: str) -> None:
        """Give an output the name that the graph's user sees."""
        self._nodes.append(helper.make_node("Identity", [old], [new]))

    def product(self, states: str, name: str, weight: Floats) -> str:
        """Multiply by a `(rows, columns)` weight."""
        if self._kind == "float":
            return self.one("MatMul", states, self.constant(f"{name}.weight", weight.T))
        if self._kind == "blocks":
            return self._product_of_blocks(states, name, weight)
        if name in self._ranges:
            share = np.sqrt(np.maximum(self._ranges[name], 1e-4) / np.maximum(np.abs(weight).max(axis=0), 1e-4))
            share = (share / np.exp(np.log(share).mean())).astype(np.float32)
            states = self.one("Mul", states, self.constant(f"{name}.shares", 1 / share))
        else:
            share = np.ones(weight.shape[1], np.float32)
        largest = self.one("ReduceMax", self.one("Abs", states), self.integers(-1), keepdims=1)
        largest = self.one("Max", largest, self.number(1e-6))
        shares = self.one("Mul", states, self.one("Div", self.number(127.0), largest))
        codes = self.one("Cast", self.one("Add", shares, self.number(128.5)), to=TensorProto.UINT8)
        whole, scales = self._integers_of(name, weight, share)
        result = self.one(
            "MatMulIntegerToFloat", codes, whole, self.number(1.0), scales,
            self.constant("zero point", np.array(128, np.uint8)), domain=MICROSOFT,
        )  # fmt: skip
        return self.one("Mul", result, largest)

    def _integers_of(self, name: str, weight: Floats, share: Floats) -> tuple[str, str]:
        """Return the names of the `(columns, rows)` integers and of the scales, over 127 for the activations."""
        scales = np.maximum(np.abs(weight * share).max(axis=1), 1e-9) / LARGEST_WEIGHT
        step = self.constant(f"{name}.scales", (scales / 127).astype(np.float32))
        if self._kind == "integer":
            return self.constant(f"{name}.integers", np.rint(weight * share / scales[:, None]).astype(np.int8).T), step
        codes, blocks = four_bit(weight)
        self.packed |= {
            f"{name}.codes": codes[..., : BLOCK // 2] | (codes[..., BLOCK // 2 :] << 4),
            f"{name}.blocks": blocks[..., None],
            f"{name}.steps": scales[:, None].astype(np.float32),
        }
        if name in self._ranges:
            self.packed[f"{name}.shares"] = share[None, :]
        return self._outside(name + INTEGERS, (weight.shape[1], weight.shape[0])), step

    def _outside(self, name: str, shape: tuple[int, int]) -> str:
        """Name a tensor of 8-bit integers that whoever opens the graph gives it."""
        tensor = TensorProto(name=name, data_type=TensorProto.INT8, dims=shape, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="given when the session starts")
        self._weights[name] = tensor
        return name

    def _product_of_blocks(self, states: str, name: str, weight: Floats) -> str:
        rows, columns = weight.shape
        codes, scales = four_bit(weight)
        packed = self.constant(f"{name}.codes", codes[..., 0::2] | (codes[..., 1::2] << 4))
        return self.one(
            "MatMulNBits", states, packed, self.half(f"{name}.scales", scales.reshape(-1).astype(np.float32)),
            domain=MICROSOFT, K=columns, N=rows, bits=4, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def model(
        self, inputs: Mapping[str, tuple[int, Shape]], outputs: Mapping[str, tuple[int, Shape]]
    ) -> onnx.ModelProto:
        """Return the finished model; inputs and outputs are element type and shape by name."""
        infos = [
            [helper.make_tensor_value_info(name, *what) for name, what in side.items()] for side in (inputs, outputs)
        ]
        graph = helper.make_graph(self._nodes, "izvor", infos[0], infos[1], list(self._weights.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="izvor")


def bert(graph: Graph, state: Mapping[str, Floats], *, layers: int, heads: int, epsilon: float, segments: bool) -> str:
    """Add the layers of a BERT state dictionary and return the name of the last hidden states.

    Reads the graph inputs `embeddings`, `mask` and, with `segments`, `segments`.
    """

    def norm(first: str, second: str, name: str, bias: str = "") -> str:
        weights = [graph.constant(f"{name}.{part}", state[f"{name}.{part}"]) for part in ("weight", "bias")]
        extra = [bias] if bias else []
        return graph.one("SkipLayerNormalization", first, second, *weights, *extra, domain=MICROSOFT, epsilon=epsilon)

    def bias(name: str) -> str:
        return graph.constant(f"{name}.bias", state[f"{name}.bias"])

    length = graph.one("Slice", graph.one("Shape", "mask"), graph.integers(1), graph.integers(2))
    positions = graph.half("positions", state["embeddings.position_embeddings.weight"])
    positions = graph.one("Slice", positions, graph.integers(0), length, graph.integers(0))
    types = graph.constant("types", state["embeddings.token_type_embeddings.weight"])
    place = graph.one("Gather", types, "segments" if segments else graph.constant("type", np.array(0, np.int64)))
    states = graph.one("Add", graph.one("Add", "embeddings", place), positions)
    first = [graph.constant(f"first.{part}", state[f"embeddings.LayerNorm.{part}"]) for part in ("weight", "bias")]
    states = graph.one("LayerNormalization", states, *first, axis=-1, epsilon=epsilon)
    hidden = state["embeddings.LayerNorm.weight"].shape[0]
    mask = graph.one("Cast", "mask", to=TensorProto.INT32)
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        parts = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
        joined = graph.product(states, f"{layer}.qkv", np.concatenate([state[f"{part}.weight"] for part in parts]))
        biases = graph.constant(f"{layer}.qkv.bias", np.concatenate([state[f"{part}.bias"] for part in parts]))
        query, key, value = graph.add("Split", [joined, graph.integers(hidden, hidden, hidden)], 3, axis=-1)
        mixed = graph.one("MultiHeadAttention", query, key, value, biases, mask, domain=MICROSOFT, num_heads=heads)
        name = f"{prefix}attention.output"
        mixed = graph.product(mixed, f"{layer}.mix", state[f"{name}.dense.weight"])
        states = norm(mixed, states, f"{name}.LayerNorm", bias(f"{name}.dense"))
        name = f"{prefix}intermediate.dense"
        inner = graph.product(states, f"{layer}.up", state[f"{name}.weight"])
        inner = graph.one("BiasGelu", inner, bias(name), domain=MICROSOFT)
        name = f"{prefix}output"
        outer = graph.product(inner, f"{layer}.down", state[f"{name}.dense.weight"])
        states = norm(outer, states, f"{name}.LayerNorm", bias(f"{name}.dense"))
    return states


_TOKENS: Shape = ["batch", "tokens"]


def encoder_model(
    state: Mapping[str, Floats],
    *,
    layers: int,
    heads: int,
    epsilon: float,
    kind: str = "integer from 4 bits",
    ranges: Mapping[str, Floats] | None = None,
) -> tuple[onnx.ModelProto, dict[str, Array]]:
    """Return the encoder, `embeddings, mask -> hidden`, and the tensors that it finds beside it in 4-bit blocks."""
    graph = Graph(kind, ranges)
    graph.rename(bert(graph, state, layers=layers, heads=heads, epsilon=epsilon, segments=False), "hidden")
    hidden = state["embeddings.LayerNorm.weight"].shape[0]
    model = graph.model(
        {"embeddings": (TensorProto.FLOAT, [*_TOKENS, hidden]), "mask": (TensorProto.INT64, _TOKENS)},
        {"hidden": (TensorProto.FLOAT, [*_TOKENS, hidden])},
    )
    return model, graph.packed


def reader_model(
    state: Mapping[str, Floats],
    *,
    layers: int,
    heads: int,
    epsilon: float,
    kind: str = "integer",
    ranges: Mapping[str, Floats] | None = None,
) -> onnx.ModelProto:
    """Return the reader: `embeddings, mask, segments -> start, end, answers`."""
    graph = Graph(kind, ranges)
    body = {name.removeprefix("body."): value for name, value in state.items() if name.startswith("body.")}
    states = bert(graph, body, layers=layers, heads=heads, epsilon=epsilon, segments=True)
    both = graph.one("MatMul", states, graph.constant("spans.weight", state["spans.weight"].T))
    both = graph.one("Add", both, graph.constant("spans.bias", state["spans.bias"]))
    outside = graph.one("Equal", "segments", graph.constant("none", np.array(0, np.int64)))
    pooled = [graph.one("Gather", states, graph.constant("first", np.array(0, np.int64)), axis=1)]
    for column, name in enumerate(("start", "end")):
        logits = graph.one("Gather", both, graph.constant(f"column {column}", np.array(column, np.int64)), axis=2)
        shares = graph.one("Softmax", graph.one("Where", outside, graph.number(-1e4), logits), axis=1)
        row = graph.one("MatMul", graph.one("Unsqueeze", shares, graph.integers(1)), states)
        pooled.append(graph.one("Squeeze", row, graph.integers(1)))
        graph.rename(logits, name)
    joined = graph.one("Concat", *pooled, axis=1)
    for number in (0, 2):
        weight = graph.half(f"judge.{number}.weight", state[f"judge.{number}.weight"].T)
        bias = graph.constant(f"judge.{number}.bias", state[f"judge.{number}.bias"])
        joined = graph.one("Add", graph.one("MatMul", joined, weight), bias)
        joined = graph.one("Gelu", joined, domain=MICROSOFT) if number == 0 else joined
    graph.rename(graph.one("Squeeze", joined, graph.integers(1)), "answers")
    hidden = body["embeddings.LayerNorm.weight"].shape[0]
    inputs: dict[str, tuple[int, Shape]] = {"embeddings": (TensorProto.FLOAT, [*_TOKENS, hidden])}
    inputs |= dict.fromkeys(("mask", "segments"), (TensorProto.INT64, _TOKENS))
    outputs: dict[str, tuple[int, Shape]] = dict.fromkeys(("start", "end"), (TensorProto.FLOAT, _TOKENS))
    return graph.model(inputs, outputs | {"answers": (TensorProto.FLOAT, ["batch"])})


def save(model: onnx.ModelProto, path: Path, packed: Mapping[str, Array] | None = None) -> None:
    """Check the model and write it, and beside it the tensors that it is given."""
    if packed:
        save_file(
            {name: np.ascontiguousarray(value) for name, value in packed.items()}, path.with_suffix(".safetensors")
        )
    else:
        onnx.checker.check_model(model)  # which wants all tensors in the file
    path.write_bytes(model.SerializeToString())
