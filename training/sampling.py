"""Draw batches: which pairs, which side asks, and what surrounds the answer.

A batch is made of runs of pairs from one source and one language pair: their negatives are of the same subject and
language, the hardest that come for nothing. Language pairs are drawn with (sentences)^0.6 times a factor for their
languages; inside a pair, sources are drawn by sentences times the source's weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.tokens import Ints, TokenStore, starts_of

# Further than what may surround a text on either side.
_APART = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How batches are drawn.

    Attributes:
        weights: Worth of a sentence of each source; a source that is absent is not drawn.
        question_share: Part of the runs that are question-passage pairs.
        word_share: Part of the runs that come from word lists.
        run: Pairs drawn together from one group.
        pivot: Probability that the English side is replaced by a third language's translation of it.
        crop: Probability that the asking side is cut to a span or a subset of its words, as questions are.
        extend: Probability that the answering side is surrounded by its neighbours in the document, as passages are.
        same: Probability that a text is asked for in its own language, with some of its own words.
        near: Probability that a run is drawn from one stretch of one source, so that its negatives are of one subject.
        power: Exponent on the sentences of a language pair: 1 draws as the data lies, 0 draws all pairs alike.
        boosts: Factor on the language pairs of a language; those of both languages multiply.
        other_boost: Factor of the languages not named.
        longest_query: Tokens of the asking side that are kept.
        longest_passage: Tokens of the answering side that are kept.
    """

    weights: Mapping[str, float]
    questions: frozenset[str]
    words: frozenset[str]
    question_share: float = 0.2
    word_share: float = 0.05
    run: int = 16
    pivot: float = 0.3
    crop: float = 0.5
    extend: float = 0.5
    same: float = 0.0
    near: float = 0.0
    power: float = 0.6
    boosts: Mapping[str, float] = field(default_factory=lambda: {"ro": 2.0, "sl": 2.0})
    other_boost: float = 1.0
    longest_query: int = 48
    longest_passage: int = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Token ids of `n` asking and `n` answering texts; row `i` of one belongs to row `i` of the other."""

    query_tokens: Ints
    query_starts: Ints
    passage_tokens: Ints
    passage_starts: Ints


class Sampler:
    """Draw batches from a `TokenStore` without end; the same seed gives the same batches."""

    def __init__(self, store: TokenStore, mix: Mix, *, seed: int | Sequence[int]) -> None:
        self._store = store
        self._mix = mix
        self._random = np.random.default_rng(seed)
        self._lengths = np.diff(store.starts).astype(np.int32)
        order, bounds, keys = _groups(store)
        self._order, self._bounds = order, bounds
        kinds = np.array([self._kind(store.sources[source]) for source in keys[:, 0]])
        self._shares = {kind: self._share(keys, np.diff(bounds), kinds == kind) for kind in ("p", "q", "w")}
        self._pivot_order = np.argsort(store.left, kind="stable").astype(np.int32)
        self._pivot_starts = np.concatenate([[0], np.cumsum(np.bincount(store.left, minlength=len(self._lengths)))])

    def draw(self, size: int) -> Batch:
        """Return `size` pairs (fewer only if the data itself is smaller)."""
        queries: list[Ints] = []
        passages: list[Ints] = []
        while len(queries) < size:
            kind = self._random.choice(("p", "q", "w"), p=self._kind_shares())
            groups, shares = self._shares[kind]
            group = int(self._random.choice(groups, p=shares))
            first, last = int(self._bounds[group]), int(self._bounds[group + 1])
            count = min(self._mix.run, size - len(queries), last - first)
            for position in self._positions(first, last, count):
                query, passage = self._texts(int(position), first, last, kind)
                queries.append(query)
                passages.append(passage)
        return Batch(
            query_tokens=np.concatenate(queries),
            query_starts=starts_of(queries),
            passage_tokens=np.concatenate(passages),
            passage_starts=starts_of(passages),
        )

    def _positions(self, first: int, last: int, count: int) -> npt.NDArray[np.int64]:
        """Return distinct pairs of a group; of one stretch, they lie too far apart to be each other's surroundings."""
        if self._random.random() < self._mix.near and last - first >= count * _APART:
            start = int(self._random.integers(first, last - count * _APART + 1))
            return start + _APART * self._random.permutation(count)
        return self._random.choice(last - first, count, replace=False) + first

    def _texts(self, position: int, first: int, last: int, kind: str) -> tuple[Ints, Ints]:
        mix, store, random = self._mix, self._store, self._random
        row = int(self._order[position])
        around: Ints | None = None
        left, right = int(store.left[row]), int(store.right[row])
        if kind == "p" and random.random() < mix.pivot:
            left = self._pivoted(left, right)
        if kind == "p" and random.random() < mix.same:
            around = store.left if random.random() < 0.5 else store.right
            query = passage = self._text(int(around[row]))
            query = self._cropped(query)
            passage = self._extended(passage, position, first, last, around)
            return query[: mix.longest_query], passage[: mix.longest_passage]
        if kind == "q":
            query, passage = self._text(left), self._text(right)
        elif random.random() < 0.5:
            around = store.right
            query, passage = self._text(left), self._text(right)
        else:
            query, passage = self._text(right), self._text(left)
            around = store.left if left == store.left[row] else None
        if kind == "p":
            if random.random() < mix.crop:
                query = self._cropped(query)
            if around is not None and random.random() < mix.extend:
                passage = self._extended(passage, position, first, last, around)
        return query[: mix.longest_query], passage[: mix.longest_passage]

    def _text(self, index: int) -> Ints:
        return self._store.text(index)

    def _pivoted(self, left: int, right: int) -> int:
        """Return another translation of the text `left`, or `left` when there is none."""
        start, stop = int(self._pivot_starts[left]), int(self._pivot_starts[left + 1])
        if stop - start < 2:
            return left
        other = int(self._store.right[self._pivot_order[self._random.integers(start, stop)]])
        return left if other == right or self._lengths[other] == 0 else other

    def _cropped(self, text: Ints) -> Ints:
        if len(text) < 6:
            return text
        if self._random.random() < 0.5:
            size = int(self._random.integers(4, len(text) + 1))
            start = int(self._random.integers(0, len(text) - size + 1))
            return text[start : start + size]
        kept = self._random.random(len(text)) < self._random.uniform(0.3, 0.9)
        return text[kept] if kept.sum() >= 3 else text

    def _extended(self, text: Ints, position: int, first: int, last: int, around: Ints) -> Ints:
        before, after = (int(n) for n in self._random.integers(0, 4, 2))
        rows = self._order[max(first, position - before) : min(last, position + after + 1)]
        middle = min(before, position - first)
        parts = [self._text(int(around[row])) for row in rows]
        parts[middle] = text
        # The answer must survive the cut at the longest passage: drop from the far ends until it fits.
        while sum(map(len, parts)) > self._mix.longest_passage and len(parts) > 1:
            if middle >= len(parts) - 1 - middle:
                parts.pop(0)
                middle -= 1
            else:
                parts.pop()
        return np.concatenate(parts)

    def _kind(self, source: str) -> str:
        if source in self._mix.questions:
            return "q"
        return "w" if source in self._mix.words else "p"

    def _kind_shares(self) -> list[float]:
        shares = {
            "q": self._mix.question_share if len(self._shares["q"][0]) else 0.0,
            "w": self._mix.word_share if len(self._shares["w"][0]) else 0.0,
        }
        shares["p"] = 1.0 - sum(shares.values()) if len(self._shares["p"][0]) else 0.0
        total = sum(shares.values())
        return [shares[kind] / total for kind in ("p", "q", "w")]

    def _share(
        self, keys: Ints, sizes: npt.NDArray[np.int64], of_kind: npt.NDArray[np.bool_]
    ) -> tuple[Ints, npt.NDArray[np.float64]]:
        store, mix = self._store, self._mix
        weights = np.array([mix.weights.get(name, 0.0) for name in store.sources])
        worth = np.where(of_kind, sizes * weights[keys[:, 0]], 0.0)
        pair = keys[:, 1] * len(store.languages) + keys[:, 2]
        boosts = np.array([mix.boosts.get(name, mix.other_boost) for name in store.languages])
        total = np.bincount(pair, weights=worth, minlength=len(store.languages) ** 2)
        left, right = keys[:, 1], keys[:, 2]
        boost = boosts[left] * boosts[right]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(worth > 0, worth / total[pair] * total[pair] ** mix.power * boost, 0.0)
        groups = np.flatnonzero(share > 0).astype(np.int32)
        return groups, share[groups] / share[groups].sum() if len(groups) else share[groups]


def _groups(store: TokenStore) -> tuple[Ints, npt.NDArray[np.int64], Ints]:
    """Sort the usable pairs by (source, languages), the order of the files kept inside a group.

    Returns:
        Pair numbers in group order; bounds of the groups in it, `(groups + 1,)`; `(groups, 3)` source and languages.
    """
    usable = np.flatnonzero(store.usable())
    key = (
        (store.source[usable].astype(np.int64) << 32)
        | (store.left_language[usable] << 16)
        | store.right_language[usable]
    )
    order = usable[np.argsort(key, kind="stable")].astype(np.int32)
    unique, counts = np.unique(key, return_counts=True)
    keys = np.stack([unique >> 32, (unique >> 16) & 0xFFFF, unique & 0xFFFF], axis=1).astype(np.int32)
    return order, np.concatenate([[0], np.cumsum(counts)]), keys
