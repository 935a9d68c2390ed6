"""Every training text once, as token ids in one flat array, so that drawing a batch is only indexing."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.corpus import Pair
from training.vocabulary import Vocabulary

Ints = npt.NDArray[np.int32]
_LOG = logging.getLogger(__name__)
_ARRAYS = ("tokens", "starts", "left", "right", "source", "left_language", "right_language")
# Encoding goes through the tokenizer in blocks: large enough for its threads, small enough for memory.
_BLOCK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStore:
    """Token ids of unique texts, and pairs of row numbers into them.

    `tokens[starts[i]:starts[i + 1]]` are the ids of text `i`. `left`, `right`, `source`, `left_language` and
    `right_language` have one entry a pair; the last three are positions in `sources` and `languages`.
    Pairs keep the order of the files, therefore neighbours are mostly neighbours in one document.
    """

    tokens: Ints
    starts: npt.NDArray[np.int64]
    left: Ints
    right: Ints
    source: Ints
    left_language: Ints
    right_language: Ints
    sources: tuple[str, ...]
    languages: tuple[str, ...]

    def text(self, number: int) -> Ints:
        """Return the ids of a text."""
        return self.tokens[self.starts[number] : self.starts[number + 1]]

    def usable(self) -> npt.NDArray[np.bool_]:
        """Say of each pair whether both texts hold a known token."""
        lengths = np.diff(self.starts)
        both: npt.NDArray[np.bool_] = (lengths[self.left] > 0) & (lengths[self.right] > 0)
        return both

    def save(self, folder: Path) -> None:
        """Write the arrays to `folder`, the names last: a folder with names is complete."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "names.txt").write_text(" ".join(self.sources) + "\n" + " ".join(self.languages) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "TokenStore":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: When the folder holds no complete store.
        """
        sources, languages = (folder / "names.txt").read_text().splitlines()
        arrays = {name: np.load(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(**arrays, sources=tuple(sources.split()), languages=tuple(languages.split()))


def starts_of(texts: Sequence[Ints]) -> Ints:
    """Return where each text begins when they stand end to end, and where the last one ends, `(texts + 1,)`."""
    return np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int32)


def encode_pairs(vocabulary: Vocabulary, pairs: Iterable[Pair], *, longest: int) -> TokenStore:
    """Encode the pairs, each text once per source.

    Args:
        vocabulary: Token ids are its rows; unknown tokens are dropped.
        pairs: Grouped by source.
        longest: Tokens of a text beyond this many are left out.
    """
    chunks: list[Ints] = []
    lengths: list[Ints] = []
    rows: list[tuple[int, int, int, int, int]] = []
    sources: dict[str, int] = {}
    languages: dict[str, int] = {}
    known: dict[str, int] = {}
    waiting: list[str] = []
    encoded = 0

    def flush() -> None:
        nonlocal encoded
        for ids in vocabulary.encode(waiting):
            chunks.append(ids[:longest])
            lengths.append(np.int32(len(chunks[-1])))  # type: ignore[arg-type]
        encoded += len(waiting)
        waiting.clear()

    def number(text: str) -> int:
        if text not in known:
            known[text] = encoded + len(waiting)
            waiting.append(text)
        return known[text]

    for pair in pairs:
        if pair.source not in sources:
            # The same sentence in two sources is two texts: its neighbours differ.
            flush()
            known.clear()
            sources[pair.source] = len(sources)
            _LOG.info("encoding %s", pair.source)
        elif len(waiting) >= _BLOCK:
            flush()
        rows.append(
            (
                number(pair.left),
                number(pair.right),
                sources[pair.source],
                languages.setdefault(pair.left_language, len(languages)),
                languages.setdefault(pair.right_language, len(languages)),
            )
        )
    flush()
    table = np.asarray(rows, dtype=np.int32).reshape(-1, 5)
    return TokenStore(
        tokens=np.concatenate(chunks) if chunks else np.zeros(0, np.int32),
        starts=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        left=table[:, 0].copy(),
        right=table[:, 1].copy(),
        source=table[:, 2].copy(),
        left_language=table[:, 3].copy(),
        right_language=table[:, 4].copy(),
        sources=tuple(sources),
        languages=tuple(languages),
    )
