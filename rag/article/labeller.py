"""Which lines of a page are what: small convolutional networks over the lines' cues, read with numpy alone.

Each line gets four probabilities: that it is text of the article, its headline, a line that names its author, and one
that gives its date. The network sees each line with its neighbours (three convolutions wide, dilated) and the page as a
whole. `training/pages.py` fits it; `labeller.md` beside the weights says on what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.article.words import WordTable
from rag.article.words import from_tensors as word_table

Floats = NDArray[np.float32]

BODY, TITLE, AUTHOR, DATE = range(4)
"""Columns of the probabilities."""

MODEL = Path(__file__).parent / "labeller.safetensors"
_CLIP = 5.0  # standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The weights of one network.

    Attributes:
        mean, scale: ``(cues,)`` of the training data.
        first, first_bias: ``(cues + numbers of a word, width)`` and ``(width,)``.
        page, page_bias: ``(2 * width, width)`` and ``(width,)``; of the mean and the largest values over the page.
        layers: for each convolution its dilation, weights ``(3, width, width)`` (before, at, after) and bias.
        last, last_bias: ``(width, 4)`` and ``(4,)``.
    """

    mean: Floats
    scale: Floats
    first: Floats
    first_bias: Floats
    page: Floats
    page_bias: Floats
    layers: tuple[tuple[int, Floats, Floats], ...]
    last: Floats
    last_bias: Floats

    def logits(self, cues: Floats, words: Floats) -> Floats:
        """Return the four log-odds of each line of one page.

        Shapes:
            cues: ``(lines, cues)``; words: ``(lines, numbers of a word)``.
            result: ``(lines, 4)``.
        """
        scaled = np.clip((cues - self.mean) / self.scale, -_CLIP, _CLIP)
        hidden = np.maximum(np.concatenate([scaled, words], axis=1) @ self.first + self.first_bias, 0)
        page = np.concatenate([hidden.mean(0), hidden.max(0)])
        hidden = hidden + (page @ self.page + self.page_bias)
        for dilation, weights, bias in self.layers:
            hidden = hidden + np.maximum(_convolved(hidden, weights, dilation) + bias, 0)
        out: Floats = hidden @ self.last + self.last_bias
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeller:
    """Networks that are averaged, and the numbers of words: those of the first network, then of the second, and on."""

    words: WordTable
    networks: tuple[Network, ...]

    def probabilities(self, texts: Sequence[str], cues: Floats) -> Floats:
        """Return the four probabilities of each line of one page from its text and its cues.

        Shapes:
            cues: ``(lines, cues)``.
            result: ``(lines, 4)``.
        """
        if not len(cues):
            return np.zeros((0, len(self.networks[0].last_bias)), dtype=np.float32)
        words = np.split(self.words.means(texts), len(self.networks), axis=1)
        logits = [network.logits(cues, own) for network, own in zip(self.networks, words, strict=True)]
        out: Floats = 1 / (1 + np.exp(-np.mean(logits, axis=0)))
        return out


def _convolved(hidden: Floats, weights: Floats, dilation: int) -> Floats:
    """Return what the lines `dilation` before and after add to each line; beyond the page there is nothing."""
    out: Floats = hidden @ weights[1]
    if len(hidden) > dilation:
        out[dilation:] += hidden[:-dilation] @ weights[0]
        out[:-dilation] += hidden[dilation:] @ weights[2]
    return out


def from_tensors(tensors: Mapping[str, NDArray[np.generic]], prefix: str) -> Labeller:
    """Return the labeller whose tensors have names that begin with a prefix, its networks numbered from 0."""
    networks: list[Network] = []
    while f"{prefix}{len(networks)}.mean" in tensors:
        start = f"{prefix}{len(networks)}."
        own: dict[str, Floats] = {
            name.removeprefix(start): np.ascontiguousarray(value, dtype=np.float32)
            for name, value in tensors.items()
            if name.startswith(start)
        }
        layers = tuple(
            (int(own[f"dilation.{number}"][0]), own[f"weights.{number}"], own[f"bias.{number}"])
            for number in range(sum(name.startswith("weights.") for name in own))
        )
        plain = ("mean", "scale", "first", "first_bias", "page", "page_bias", "last", "last_bias")
        networks.append(Network(layers=layers, **{name: own[name] for name in plain}))
    return Labeller(words=word_table(tensors, prefix), networks=tuple(networks))


@cache
def load_labeller(name: str) -> Labeller:
    """Return one of the labellers that ship: ``text.`` for lines of plain text, ``html.`` for blocks of a web page."""
    from safetensors.numpy import load_file

    return from_tensors(load_file(MODEL), name)
