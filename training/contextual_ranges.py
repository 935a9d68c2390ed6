"""Measure how large the inputs of a BERT's products become, for rounding them to integers."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import BertModel

Floats = npt.NDArray[np.float32]
_PARTS = {
    "qkv": "attention.self.query",
    "mix": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}


def input_ranges(body: BertModel, run: Callable[[], object]) -> dict[str, Floats]:
    """Return the largest magnitude of each input channel of each product while `run` uses the model.

    The keys are the names that `contextual_graph.bert` gives its products: layer and `qkv`, `mix`, `up` or `down`.
    """
    found: dict[str, Tensor] = {}
    hooks = []
    modules = dict(body.named_modules())
    for number in range(len(body.encoder.layer)):
        for name, part in _PARTS.items():
            module = modules[f"encoder.layer.{number}.{part}"]
            hooks.append(module.register_forward_pre_hook(_keeper(found, f"{number}.{name}")))
    with torch.no_grad():
        run()
    for hook in hooks:
        hook.remove()
    return {name: value.numpy().astype(np.float32) for name, value in found.items()}


def _keeper(found: dict[str, Tensor], name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def keep(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        largest = inputs[0].detach().float().abs().flatten(0, -2).amax(dim=0)
        found[name] = torch.maximum(found[name], largest) if name in found else largest

    return keep
