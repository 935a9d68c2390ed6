"""Fit the labeller of lines: `python -m training.pages --data DATA --out rag/article/labeller.safetensors`.

DATA holds the collections of real pages (`benchmarks/real_pages.py`); the marked pages of ``tests/pages`` are added.
With ``--parts train`` only the sites of that part are learnt, so that the others measure the result. With ``--kinds
text`` only the labeller of text is fitted; that of HTML is taken from the file, which is then written anew.
"""

from __future__ import annotations

import argparse
import pickle
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from benchmarks.extraction import EXTRACTORS
from benchmarks.real_pages import COLLECTIONS, PARTS, read_collection
from rag.article.words import checksums, line_words
from rag.encoding.table import BUNDLED, TokenTable
from training.page_network import Recipe, tensors, train
from training.page_samples import SEED_NAMES, Sample, html_sample, marked_samples, seed_samples, text_samples

Floats = NDArray[np.float32]

_SHARES = {
    "lines": 0.6,
    "paragraphs": 0.3,
    "joined": 0.7,
    "markdown": 0.7,
    "cropped": 0.6,
    "short": 0.7,
    "marked": 1.0,
    "html": 1.0,
}
"""Share of the pages of each form that is learnt: a page in all its forms says the same several times."""

_SILVER = ("trafilatura", "readability-lxml")
_PAGES = 4  # a word that so many pages have ships, too
_COMMON = 20_000  # first words of the table, which is in order of frequency, that ship whether training pages have them
# What is masked in the seeds is fixed: a last part of the training repeats them among a part of the pages.
_AGAIN, _SEEDS, _POLISH, _SLOW = 0.3, 10, 2, 5e-4
_NETWORKS = {"text": 3, "html": 1}
"""Networks that are averaged. On 38, 63 and 154 pages of sites that were not learnt, three that were fitted on `train`
gain .006, .005 and .014 in the F1 of scrapes over the mean of the first two, each alone."""

_TEXT = Recipe(width=48, epochs=10, batch=8)
_HTML = Recipe(width=48, epochs=12, batch=6, rate=2e-3, dropout=0.3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the samples, train both networks and write the file."""
    parser = argparse.ArgumentParser(prog="python -m training.pages", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the collections")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="parts to learn (default: all)")
    parser.add_argument("--samples", type=Path, help="file in which the samples are kept between runs")
    parser.add_argument("--epochs", type=int, help="instead of those of the recipe")
    parser.add_argument("--kinds", nargs="+", choices=_NETWORKS, default=list(_NETWORKS), help="labellers to fit")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    samples = _samples(options.data, options.samples)
    learnt = [sample for sample in samples if sample.part in options.parts]
    kept = load_file(options.out) if options.out.exists() and len(options.kinds) < len(_NETWORKS) else {}
    out: dict[str, NDArray[np.generic]] = {
        name: value for name, value in kept.items() if name.partition(".")[0] not in options.kinds
    }
    for kind in options.kinds:
        recipe = {"text": _TEXT, "html": _HTML}[kind]
        out |= _fitted(kind, replace(recipe, epochs=options.epochs) if options.epochs else recipe, learnt)
    save_file(out, options.out)
    print(f"wrote {options.out} ({options.out.stat().st_size:,} bytes) after {time.perf_counter() - began:.0f} s")
    return 0


def _fitted(kind: str, recipe: Recipe, samples: Sequence[Sample]) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of the networks of one kind, each from another beginning and another draw of the pages."""
    own = [sample for sample in samples if (sample.form == "html") == (kind == "html")]
    vocabulary = Vocabulary(own)
    vectors = {id(sample): vocabulary.means(sample.texts) for sample in own}
    out: dict[str, NDArray[np.generic]] = {}
    projections: list[Floats] = []
    for number in range(_NETWORKS[kind]):
        draw = random.Random(number)
        learnt = [sample for sample in own if draw.random() < _SHARES[sample.form]]
        print(f"{kind}.{number}: {len(learnt)} pages, {sum(len(sample.cues) for sample in learnt)} lines")
        one = replace(recipe, seed=number)
        network, mean, scale = train(learnt, [vectors[id(sample)] for sample in learnt], one)
        if kind == "text":
            again = [sample for sample in learnt if draw.random() < _AGAIN or sample.name in SEED_NAMES]
            again += [sample for sample in again if sample.name in SEED_NAMES] * _SEEDS
            polish = replace(one, epochs=_POLISH, rate=_SLOW)
            told = [vectors[id(sample)] for sample in again]
            network, mean, scale = train(again, told, polish, start=(network, mean, scale))
        out |= tensors(network, mean, scale, f"{kind}.{number}.")
        projections.append(network.projection())
    return out | vocabulary.shipped(np.concatenate(projections, axis=1), f"{kind}.")


def _samples(data: Path, kept: Path | None) -> list[Sample]:
    if kept and kept.exists():
        found: list[Sample] = pickle.loads(kept.read_bytes())
        return found
    samples = [*marked_samples(), *seed_samples()]
    for name in COLLECTIONS:
        for number, page in enumerate(read_collection(data / name)):
            silver = [] if page.body else [EXTRACTORS[name](page.markup, "en") for name in _SILVER]
            samples += text_samples(page, silver=silver)
            if (html := html_sample(page)) is not None:
                samples.append(html)
            if number % 50 == 0:
                print(f"{name}: {number} pages read", flush=True)
    if kept:
        kept.write_bytes(pickle.dumps(samples))
    return samples


class Vocabulary:
    """The commonest words of the bundled table and those that several pages have, with their vectors."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        table = TokenTable(BUNDLED)
        known: dict[str, int] = Tokenizer.from_file(str(BUNDLED / "tokenizer.json")).get_vocab()
        common = [word for word in sorted(known, key=lambda word: known[word]) if word.isalpha()][:_COMMON]
        pages: dict[str, set[str]] = {}
        for sample in samples:
            pages.setdefault(sample.name, set()).update(word for text in sample.texts for word in line_words(text))
        seen = Counter(word for words in pages.values() for word in words)
        self.words = list(dict.fromkeys([*common, *(word for word, count in seen.items() if count >= _PAGES)]))
        tokens = table.tokenize(self.words)
        self.vectors = table.means(tokens.ids, tokens.bounds)
        self._rows = {word: row for row, word in enumerate(self.words)}

    def means(self, texts: Sequence[str]) -> Floats:
        """Return the mean vector of the known words of each text; zeros where none is known."""
        out = np.zeros((len(texts), self.vectors.shape[1]), dtype=np.float32)
        for index, text in enumerate(texts):
            rows = [row for word in line_words(text) if (row := self._rows.get(word)) is not None]
            if rows:
                out[index] = self.vectors[rows].mean(0)
        return out

    def shipped(self, projection: Floats, prefix: str) -> dict[str, NDArray[np.generic]]:
        """Return the projected vectors as `rag.article.words` reads them, a byte a number."""
        projected = self.vectors @ projection
        scale = np.abs(projected).max(0) / 127
        keys, first = np.unique(checksums(self.words), return_index=True)
        return {
            f"{prefix}word_keys": keys,
            f"{prefix}word_values": np.round(projected[first] / scale).astype(np.int8),
            f"{prefix}word_scale": scale.astype(np.float32),
        }


if __name__ == "__main__":
    sys.exit(main())
