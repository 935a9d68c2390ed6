"""Trim the vocabulary of multilingual-e5-small to the pieces that European texts use.

A piece is kept when the texts use it often enough, or when it is a single character of a European script, so that
no word of these languages becomes unknown. Kept pieces keep their score and their order: a text all of whose pieces
are kept is cut as before.
"""

import gzip
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Ints = npt.NDArray[np.int64]
LINES_A_FILE = 60_000
"""Lines that are counted of one file, so that the largest files do not decide alone."""
LEAST_COUNT = 35
"""How often a piece must occur to be kept. 35 leaves 78,400 of the pieces of the texts in `data/`."""
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")
_SPACE = "▁"


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of one file of the data folder: the fields of its rows, without languages and labels."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if path.name.endswith(".jsonl.gz"):
                row = json.loads(line)
                yield from (
                    value for key, value in row.items() if isinstance(value, str) and key not in ("lang", "source")
                )
            elif path.name.endswith(".tsv.gz"):
                yield from (field for field in line.rstrip("\n").split("\t") if len(field) > 3)
            else:
                yield line.rstrip("\n")


def count_pieces(tokenizer: Tokenizer, files: Iterable[Path], *, seed: int = 0) -> Counter[int]:
    """Return how often each piece occurs in a sample of `LINES_A_FILE` texts of each file."""
    draw = random.Random(seed)
    counts: Counter[int] = Counter()
    for path in files:
        texts = list(read_texts(path))
        sample = draw.sample(texts, min(len(texts), LINES_A_FILE))
        for start in range(0, len(sample), 5_000):
            for encoding in tokenizer.encode_batch_fast(sample[start : start + 5_000], add_special_tokens=False):
                counts.update(encoding.ids)
    return counts


def is_european(piece: str) -> bool:
    """Return whether all letters of a piece are Latin, Cyrillic or Greek."""
    return all(
        unicodedata.name(character, "").startswith(_SCRIPTS)
        for character in piece.replace(_SPACE, "")
        if unicodedata.category(character)[0] == "L"
    )


def is_basic(piece: str) -> bool:
    """Return whether a piece is one character (with or without the space before it) that is always kept."""
    characters = piece.replace(_SPACE, "")
    if len(characters) > 1:
        return False
    return all(unicodedata.category(character)[0] in "LNPM" or ord(character) < 0x2C00 for character in characters)


def kept_pieces(pieces: Sequence[str], counts: Counter[int], *, least: int = LEAST_COUNT) -> Ints:
    """Return the ids of the pieces to keep, in order: special, frequent, and single characters of European scripts."""
    return np.array(
        [
            number
            for number, piece in enumerate(pieces)
            if number < len(SPECIAL) or (is_european(piece) and (counts[number] >= least or is_basic(piece)))
        ],
        dtype=np.int64,
    )


def trimmed_tokenizer(document: dict[str, Any], kept: Ints) -> dict[str, Any]:
    """Return a `tokenizer.json` document with only the kept pieces; `<mask>` is left out."""
    model = dict(document["model"], vocab=[document["model"]["vocab"][number] for number in kept])
    return dict(
        document,
        model=model,
        truncation=None,
        padding=None,
        added_tokens=[token for token in document["added_tokens"] if token["id"] < len(SPECIAL)],
    )
