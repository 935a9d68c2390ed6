"""The labeller's network as it is trained, and its weights as they ship.

Its words come from the bundled table: each word's vector is brought to a few dimensions by a projection that is fitted
with the rest, and the result ships for the commonest words, so that reading needs neither the table nor its tokenizer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.page_samples import Sample

Floats = NDArray[np.float32]

DILATIONS = (1, 2, 4, 8)
_LONGEST = 900  # lines of a page that one step sees; of a longer one, a part
_CLIP = 5.0
_HEADS = 4
_RARE = 6.0  # weight of a line that is a headline, a byline or a date: a page has one or two
_HEAD_SHARE = (1.0, 1.2, 1.2, 1.2)  # of the loss
_SMOOTH = 0.01
_FORGET = 0.05  # share of cues that a page does not show in one step


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained."""

    width: int = 48
    epochs: int = 20
    batch: int = 8
    rate: float = 3e-3
    dropout: float = 0.25
    words: int = 6
    seed: int = 0


class Network(nn.Module):
    """Cues and words to four logits a line; see `rag.article.labeller` for the same in numpy."""

    def __init__(self, cues: int, vectors: int, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.words = nn.Linear(vectors, recipe.words, bias=False) if vectors else None
        self.first = nn.Linear(cues + (recipe.words if vectors else 0), width)
        self.page = nn.Linear(2 * width, width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 3, dilation=d, padding=d) for d in DILATIONS)
        self.last = nn.Linear(width, _HEADS)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, cues: torch.Tensor, vectors: torch.Tensor | None, there: torch.Tensor) -> torch.Tensor:
        """Return logits.

        Shapes:
            cues: ``(pages, lines, cues)``; vectors: ``(pages, lines, dimensions)``; there: ``(pages, lines)``.
            result: ``(pages, lines, 4)``.
        """
        if self.words is not None and vectors is not None:
            cues = torch.cat([cues, self.words(vectors)], -1)
        hidden = torch.relu(self.first(cues)) * there[..., None]
        page = torch.cat([hidden.sum(1) / there.sum(1, keepdim=True).clamp(min=1), hidden.amax(1)], -1)
        hidden = (hidden + self.page(page)[:, None]) * there[..., None]
        hidden = self.drop(hidden).transpose(1, 2)
        for layer in self.layers:
            hidden = (hidden + self.drop(torch.relu(layer(hidden)))) * there[:, None]
        logits: torch.Tensor = self.last(hidden.transpose(1, 2))
        return logits

    def projection(self) -> Floats:
        """Return what brings a word's vector to its numbers, ``(dimensions, numbers)``."""
        assert self.words is not None
        found: Floats = self.words.weight.detach().numpy().T
        return found


Trained = tuple["Network", Floats, Floats]
"""A network with the mean and the scale of its cues."""


def train(
    samples: Sequence[Sample], vectors: Sequence[Floats] | None, recipe: Recipe, *, start: Trained | None = None
) -> Trained:
    """Return a trained network with the mean and the scale of its cues.

    Args:
        samples: pages with labels.
        vectors: for each page the mean word vectors of its lines, ``(lines, dimensions)``.
        recipe: how to train.
        start: what to go on from; a new network without it.
    """
    torch.manual_seed(recipe.seed)
    draw = random.Random(recipe.seed)
    if start is None:
        stacked = np.concatenate([sample.cues for sample in samples])
        mean, scale = stacked.mean(0), stacked.std(0) + 1e-3
        network = Network(len(mean), vectors[0].shape[1] if vectors else 0, recipe)
    else:
        network, mean, scale = start
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=1e-2)
    steps = recipe.epochs * math.ceil(len(samples) / recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps + 8, pct_start=0.15)
    rare = torch.tensor([1.0, _RARE, _RARE, _RARE])
    share = torch.tensor(_HEAD_SHARE)
    for epoch in range(recipe.epochs):
        network.train()
        losses: list[float] = []
        for chosen in _batches(samples, recipe.batch, draw):
            cues, words, labels, weights, there = _padded(samples, vectors, chosen, mean, scale, draw)
            cues = cues * (torch.rand(cues.shape[0], 1, cues.shape[2]) > _FORGET)
            logits = network(cues, words, there)
            aims = labels * (1 - 2 * _SMOOTH) + _SMOOTH
            loss = nn.functional.binary_cross_entropy_with_logits(logits, aims, reduction="none", pos_weight=rare)
            total = ((loss * weights).sum((0, 1)) / (weights.sum((0, 1)) + 1) * share).sum()
            optimiser.zero_grad()
            total.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(total.detach()))
        print(f"epoch {epoch + 1} of {recipe.epochs}: loss {np.mean(losses):.4f}", flush=True)
    network.eval()
    return network, mean.astype(np.float32), scale.astype(np.float32)


def _batches(samples: Sequence[Sample], size: int, draw: random.Random) -> Iterator[list[int]]:
    """Yield batches of pages of like length, in random order."""
    order = list(range(len(samples)))
    draw.shuffle(order)
    for start in range(0, len(order), size * 20):
        near = sorted(order[start : start + size * 20], key=lambda index: len(samples[index].cues))
        batches = [near[first : first + size] for first in range(0, len(near), size)]
        draw.shuffle(batches)
        yield from batches


def _padded(
    samples: Sequence[Sample],
    vectors: Sequence[Floats] | None,
    chosen: Sequence[int],
    mean: Floats,
    scale: Floats,
    draw: random.Random,
) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return cues, word vectors, labels, weights and which lines there are, of several pages."""
    parts: list[slice] = []
    for index in chosen:
        count = len(samples[index].cues)
        first = draw.randrange(count - _LONGEST) if count > _LONGEST else 0
        parts.append(slice(first, min(count, first + _LONGEST)))
    longest = max(part.stop - part.start for part in parts)
    cues = np.zeros((len(chosen), longest, len(mean)), dtype=np.float32)
    words = np.zeros((len(chosen), longest, vectors[0].shape[1]), dtype=np.float32) if vectors else None
    labels = np.zeros((len(chosen), longest, _HEADS), dtype=np.float32)
    weights = np.zeros_like(labels)
    there = np.zeros((len(chosen), longest), dtype=np.float32)
    for row, (index, part) in enumerate(zip(chosen, parts, strict=True)):
        count = part.stop - part.start
        cues[row, :count] = np.clip((samples[index].cues[part] - mean) / scale, -_CLIP, _CLIP)
        labels[row, :count] = samples[index].labels[part]
        weights[row, :count] = samples[index].weights[part]
        there[row, :count] = 1
        if words is not None and vectors is not None:
            words[row, :count] = vectors[index][part]
    told = torch.from_numpy(words) if words is not None else None
    return torch.from_numpy(cues), told, torch.from_numpy(labels), torch.from_numpy(weights), torch.from_numpy(there)


def tensors(network: Network, mean: Floats, scale: Floats, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return the weights as `rag.article.labeller` reads them, in half precision."""

    def half(values: torch.Tensor) -> NDArray[np.generic]:
        return np.ascontiguousarray(values.detach().numpy(), dtype=np.float16)

    own: dict[str, NDArray[np.generic]] = {
        "mean": mean,
        "scale": scale,
        "first": half(network.first.weight.T),
        "first_bias": half(network.first.bias),
        "page": half(network.page.weight.T),
        "page_bias": half(network.page.bias),
        "last": half(network.last.weight.T),
        "last_bias": half(network.last.bias),
    }
    for number, (layer, dilation) in enumerate(zip(network.layers, DILATIONS, strict=True)):
        assert isinstance(layer, nn.Conv1d)
        assert layer.bias is not None
        own[f"dilation.{number}"] = np.array([dilation], dtype=np.int32)
        own[f"weights.{number}"] = half(layer.weight.permute(2, 1, 0))
        own[f"bias.{number}"] = half(layer.bias)
    return {prefix + name: value for name, value in own.items()}
