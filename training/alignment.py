"""Find the same section in several languages, to train a question in one language on a passage in another.

The question data is parallel across languages, but its rows carry no key. The table of the first stage is
good enough to find it: two sections are the same when each is the other's nearest by mean vector of heading and text.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.evaluation import text_vectors
from training.table import Floats
from training.tokens import TokenStore

# Mutual nearest neighbours below this cosine are mostly accidents.
_FLOOR = 0.5
CROSS = "headings_cross"


def with_crossed_questions(
    store: TokenStore,
    table: Floats,
    *,
    sources: Sequence[str],
    per_passage: int,
    favourites: Sequence[str],
    seed: int,
) -> TokenStore:
    """Return the store with pairs added: a heading in one language, its section in another (source `headings_cross`).

    Args:
        store: Pairs of `sources` are headings and sections in one language.
        table: First-stage table.
        sources: Each is aligned within itself.
        per_passage: Headings drawn for every section.
        favourites: Languages drawn twice as often.
        seed: Of the draw.
    """
    random = np.random.default_rng(seed)
    favoured = np.array([name in favourites for name in store.languages])
    left: list[int] = []
    right: list[int] = []
    spoken: list[tuple[int, int]] = []
    for group in _clusters(store, table, sources):
        languages = store.right_language[group]
        for position, row in enumerate(group):
            others = np.flatnonzero(languages != languages[position])
            chances = np.where(favoured[languages[others]], 2.0, 1.0)
            count = min(per_passage, len(others))
            for other in random.choice(others, count, replace=False, p=chances / chances.sum()):
                left.append(int(store.left[group[other]]))
                right.append(int(store.right[row]))
                spoken.append((int(languages[other]), int(languages[position])))
    added = np.asarray(spoken, np.int32).reshape(-1, 2)
    return TokenStore(
        tokens=store.tokens,
        starts=store.starts,
        left=np.concatenate([store.left, np.asarray(left, np.int32)]),
        right=np.concatenate([store.right, np.asarray(right, np.int32)]),
        source=np.concatenate([store.source, np.full(len(left), len(store.sources), np.int32)]),
        left_language=np.concatenate([store.left_language, added[:, 0]]),
        right_language=np.concatenate([store.right_language, added[:, 1]]),
        sources=(*store.sources, CROSS),
        languages=store.languages,
    )


def _clusters(store: TokenStore, table: Floats, sources: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """Return groups of pair numbers, each the same section in at least two languages."""
    usable = store.usable()
    found: list[npt.NDArray[np.int64]] = []
    for source in sources:
        if source not in store.sources:
            continue
        rows = np.flatnonzero((store.source == store.sources.index(source)) & usable)
        by_language = {
            int(code): rows[store.right_language[rows] == code] for code in np.unique(store.right_language[rows])
        }
        # The pivot is the language with the most sections; English where it ties with the rest.
        pivot = max(
            by_language,
            key=lambda code: len(by_language[code]) * (1.1 if store.languages[code] == "en" else 1.0),
        )
        anchor = _section_vectors(store, table, by_language[pivot])
        groups: dict[int, list[int]] = {int(i): [int(row)] for i, row in enumerate(by_language[pivot])}
        for code, others in by_language.items():
            if code == pivot:
                continue
            cosines = anchor @ _section_vectors(store, table, others).T
            there, back = cosines.argmax(1), cosines.argmax(0)
            mutual = (back[there] == np.arange(len(anchor))) & (cosines.max(1) >= _FLOOR)
            for i in np.flatnonzero(mutual):
                groups[int(i)].append(int(others[there[i]]))
        found.extend(np.asarray(group) for group in groups.values() if len(group) > 1)
    return found


def _section_vectors(store: TokenStore, table: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    headings, sections = (text_vectors(store, table, side[rows].tolist()) for side in (store.left, store.right))
    return _unit(headings + 2 * sections)


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
