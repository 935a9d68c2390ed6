"""A question analysed: its language, its vector, its tokens, and the terms to search for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.encoding.encoder import Encoder
from rag.encoding.table import TokenTable
from rag.errors import EncoderError, QueryError
from rag.records import Period
from rag.retrieval.late_interaction import QuestionTokens, question_tokens
from rag.text.dates.periods import find_periods
from rag.text.frames import without_frames
from rag.text.languages import identify_question_language
from rag.text.normalisation import fold
from rag.text.terms import query_terms

MAX_CHARACTERS = 100_000
"""Longer than any question that a person types; a pasted book is refused instead of searched for."""

_MAX_WORDS = 64  # words looked up lexically; of a longer text the first are kept, which bounds the time of a search
_MAX_PERIODS = 8
_TRANSLATIONS = 12  # nearest tokens tried for a question word: all that the table keeps

Group = Mapping[str, float]
"""One question word: its alternative terms with weights."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What retrieval needs to know of a question; what not every kind of search needs is computed on first use.

    Attributes:
        text: the question.
        content: the same without frames ("according to the passage"), which is what is searched for.
        vector: ``(dim,)``, by the encoder of the index.
        words: its words as lexical groups.
        table: the token vectors, which give its tokens and translations.
        possible: the languages that it may be in.
        rarity: ``(vocabulary,)`` inverse document frequency of each token; None counts all alike.
        today: the day on which it is asked.
        contextual: the encoder of contextual vectors, if the index has them.
    """

    text: str
    content: str
    vector: NDArray[np.float32]
    words: tuple[Group, ...]
    table: TokenTable
    possible: frozenset[str]
    rarity: NDArray[np.float32] | None = None
    today: date | None = None
    contextual: Encoder | None = None

    @property
    def reads_context(self) -> bool:
        """Whether there is a `context_vector`."""
        return self.contextual is not None

    @cached_property
    def context_vector(self) -> NDArray[np.float32]:
        """``(dim,)``, by the contextual encoder.

        Raises:
            EncoderError: the index has none.
        """
        if self.contextual is None:
            raise EncoderError("contextual_model_missing")
        vector: NDArray[np.float32] = self.contextual.encode_queries([self.content])[0]
        return vector

    @cached_property
    def tokens(self) -> QuestionTokens:
        """Its tokens in the table, for late interaction."""
        return question_tokens(self.table, self.content, self.rarity)

    @cached_property
    def language(self) -> str | None:
        """Which of the `possible` languages the question is in, None where that is not sure."""
        return identify_question_language(self.text, self.possible)

    def shares(self, language: str | None) -> bool:
        """Return whether a passage in this language counts as in the question's; each does where that is not sure."""
        return self.language in (None, language)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The days that the question speaks of, each where it is named first; a question names a few."""
        found: dict[tuple[date, date], Period] = {}
        for one in find_periods(self.text, today=self.today, language=self.language):
            found.setdefault((one.first, one.last), one)
        return tuple(found.values())[:_MAX_PERIODS]

    @cached_property
    def translated(self) -> tuple[Group, ...]:
        """`words` with near words of any language added."""
        return translate(self.words, self.table)


def read_question(
    text: str,
    *,
    encoder: Encoder,
    table: TokenTable,
    languages: Sequence[str],
    possible: Collection[str],
    rarity: NDArray[np.float32] | None = None,
    today: date | None = None,
    contextual: Encoder | None = None,
) -> Question:
    """Analyse a question.

    Args:
        text: the question, not blank.
        encoder: makes its vector.
        table: makes its translations.
        languages: those of the corpus; a word's lemma is looked up in each.
        possible: those that the question may be in.
        rarity: inverse document frequency of the table's tokens in the corpus.
        today: the day on which it is asked.
        contextual: makes its vector in context, if the index has such vectors.

    Raises:
        QueryError: the question is far too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryError("question_too_long", characters=len(text), limit=MAX_CHARACTERS)
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates would stop the tokenizer
    content = without_frames(text, identify_question_language(text, possible))
    words = [dict.fromkeys(alternatives, 1.0) for alternatives in query_terms(content, languages)]
    groups = tuple({tuple(word): word for word in words}.values())[:_MAX_WORDS]
    vector = encoder.encode_queries([content])[0]
    return Question(
        text=text,
        content=content,
        vector=vector,
        words=groups,
        table=table,
        possible=frozenset(possible),
        rarity=rarity,
        today=today,
        contextual=contextual,
    )


def translate(words: Sequence[Group], table: TokenTable) -> tuple[Group, ...]:
    """Add to each word the words nearest to it in the table, in whatever language, weighted by the cube of the cosine.

    The cube keeps a near-synonym at .8 worth half a literal match and makes a loose neighbour at .5 count an eighth.
    """
    singles = [next(iter(word)) for word in words]
    tokens = table.tokenize(singles)
    lengths = np.diff(tokens.bounds)
    out: list[Group] = []
    for number, word in enumerate(words):
        near: dict[str, float] = {}
        if lengths[number] == 1:  # a word of one token; pieces of words have no translation
            token = int(tokens.ids[tokens.bounds[number]])
            found = table.neighbours[token][:_TRANSLATIONS]
            ids = found[found >= 0]
            strengths = table.neighbour_similarity[token][: len(found)][found >= 0]
            for written, strength in zip(table.tokens_of(ids.tolist()), strengths.tolist(), strict=True):
                near.setdefault(fold(written), float(strength) ** 3)
        out.append({**near, **word})
    return tuple(out)
