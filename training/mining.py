"""Hard negatives: for each question the wrong passages of its source that a finished table likes best."""

from collections.abc import Collection

import numpy as np

from training.evaluation import text_vectors
from training.sampling import Batch, Mix, Sampler
from training.table import Floats
from training.tokens import Ints, TokenStore

_BLOCK = 512  # questions compared at once
_MOST = 20_000  # questions of a source and language; more would take minutes and are not drawn in a trial


def mine(store: TokenStore, table: Floats, *, questions: Collection[str], depth: int = 20) -> dict[int, Ints]:
    """Return for pair numbers the `depth` nearest other passages (text numbers) by mean vector, in the same language.

    A passage that answers the same question elsewhere is not taken for wrong.
    """
    found: dict[int, Ints] = {}
    usable = store.usable()
    for source in sorted(set(questions) & set(store.sources)):
        of_source = usable & (store.source == store.sources.index(source))
        for language in np.unique(store.right_language[of_source]).tolist():
            pairs = np.flatnonzero(of_source & (store.right_language == language))
            passages = np.unique(store.right[pairs])
            if len(passages) <= depth + 1:
                continue
            answers: dict[int, set[int]] = {}
            for asked, answer in zip(store.left[pairs].tolist(), store.right[pairs].tolist(), strict=True):
                answers.setdefault(asked, set()).add(answer)
            vectors = text_vectors(store, table, passages.tolist())
            spread = pairs[:: -(-len(pairs) // _MOST)]
            for first in range(0, len(spread), _BLOCK):
                block = spread[first : first + _BLOCK]
                cosines = text_vectors(store, table, store.left[block].tolist()) @ vectors.T
                nearest = np.argpartition(-cosines, depth, axis=1)[:, : depth + 1]
                for pair, places in zip(block.tolist(), nearest, strict=True):
                    right = answers[int(store.left[pair])]
                    wrong = [text for text in passages[places].tolist() if text not in right]
                    found[pair] = np.asarray(wrong, np.int32)
    return found


class MinedSampler(Sampler):
    """Adds wrong passages behind those of a batch: one for each question that has some, at most `negatives`."""

    def __init__(self, store: TokenStore, mix: Mix, *, seed: int, wrong: dict[int, Ints], negatives: int) -> None:
        super().__init__(store, mix, seed=seed)
        self._wrong, self._negatives = wrong, negatives
        self._asked: list[int] = []

    def draw(self, size: int) -> Batch:
        """Return `size` pairs; there are more passages than questions."""
        self._asked = []
        batch = super().draw(size)
        mined = [pair for pair in self._asked if len(self._wrong.get(pair, ()))][: self._negatives]
        texts = [self._text(int(self._random.choice(self._wrong[pair]))) for pair in mined]
        texts = [text[: self._mix.longest_passage] for text in texts]
        ends = batch.passage_starts[-1] + np.cumsum([len(text) for text in texts], dtype=np.int32)
        return Batch(
            query_tokens=batch.query_tokens,
            query_starts=batch.query_starts,
            passage_tokens=np.concatenate([batch.passage_tokens, *texts]),
            passage_starts=np.concatenate([batch.passage_starts, ends]).astype(np.int32),
        )

    def _texts(self, position: int, first: int, last: int, kind: str) -> tuple[Ints, Ints]:
        if kind == "q":
            self._asked.append(int(self._order[position]))
        return super()._texts(position, first, last, kind)
