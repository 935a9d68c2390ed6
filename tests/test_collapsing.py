"""Near-identical passages fold into the best of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.retrieval.near_duplicates import SAME, group_same


def tokens(*numbers: int) -> NDArray[np.int32]:
    return np.array(numbers, np.int32)


STORY = tuple(range(100, 140))


def test_a_copy_joins_the_first_even_with_a_changed_beginning() -> None:
    other = tuple(range(300, 340))
    copy = (1, 2, 3, *STORY[3:])
    assert group_same([tokens(*STORY), tokens(*other), tokens(*copy)], limit=5) == [[0, 2], [1]]


def test_an_excerpt_is_the_same_text() -> None:
    assert group_same([tokens(*STORY), tokens(*STORY[5:30])], limit=5) == [[0, 1]]


def test_the_same_words_in_another_order_are_another_text() -> None:
    assert group_same([tokens(*STORY), tokens(*reversed(STORY))], limit=5) == [[0], [1]]


def test_two_stories_that_share_a_sentence_stay_two() -> None:
    one = (*STORY[:12], *range(500, 530))
    two = (*STORY[:12], *range(700, 730))
    assert group_same([tokens(*one), tokens(*two)], limit=5) == [[0], [1]]


def test_short_texts_must_be_equal() -> None:
    assert group_same([tokens(1, 2, 3), tokens(1, 2, 4), tokens(1, 2, 3), tokens()], limit=5) == [[0, 2], [1], [3]]


def test_after_the_limit_only_copies_are_taken() -> None:
    other = tokens(*range(300, 340))
    assert group_same([tokens(*STORY), other, tokens(*STORY)], limit=1) == [[0, 2]]


@given(st.lists(st.integers(0, 30), max_size=40), st.lists(st.integers(0, 30), max_size=40), st.integers(0, 40))
def test_what_is_the_same_is_the_share_of_trigrams_counted_one_by_one(
    one: list[int], other: list[int], kept: int
) -> None:
    other = one[:kept] + other  # or two random lists would hardly ever be the same
    first, second = ({tuple(ids[n : n + 3]) for n in range(len(ids) - 2)} for ids in (one, other))
    least = min(len(first), len(second))
    if min(len(one), len(other)) < 3 or least < 8:
        return
    same = len(first & second) >= SAME * least
    assert group_same([np.array(one, np.int32), np.array(other, np.int32)], limit=2) == (
        [[0, 1]] if same else [[0], [1]]
    )


def _by_definition(tokens: list[list[int]], limit: int) -> list[list[int]]:
    def trigrams(ids: list[int]) -> set[tuple[int, ...]]:
        return {tuple(ids[n : n + 3]) for n in range(len(ids) - 2)} if len(ids) > 2 else {(n,) for n in ids}

    groups: list[list[int]] = []
    for place, ids in enumerate(tokens):
        for group in groups:
            one, other = trigrams(ids), trigrams(tokens[group[0]])
            least = min(len(one), len(other))
            if one == other and one if least < 8 else len(one & other) >= SAME * least:
                group.append(place)
                break
        else:
            if len(groups) < limit:
                groups.append([place])
    return groups


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=20), min_size=1, max_size=4),
    st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), max_size=3), max_size=10),
    st.integers(1, 6),
)
def test_many_passages_are_grouped_as_if_each_were_compared_with_each(
    parts: list[list[int]], passages: list[list[tuple[int, int]]], limit: int
) -> None:
    """Passages are put together from ends of a few parts, so that many share most of their trigrams, or all."""
    texts = [
        [number for part, start in passage for number in parts[part % len(parts)][start // 3 :]] for passage in passages
    ]
    assert group_same([np.array(ids, np.int32) for ids in texts], limit=limit) == _by_definition(texts, limit)
