"""Distillation: an English model that reads in context says how alike the texts of a batch are; the table learns it.

English questions with English passages, and sentences in other languages with English ones: of those the teacher has
read the English side, so that its judgement crosses languages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training.corpus import Pair, read_parallel, read_questions
from training.objectives import touch
from training.sampling import Batch
from training.table import Floats
from training.tokens import Ints, TokenStore, starts_of

_QUESTIONS = "squad_train_qg_en"
_SENTENCES = "opus_newstest"
_PAIRS = 16_000  # of questions, and of sentences
_RUN = 32  # pairs that follow each other: of one subject, so that the teacher has something to tell apart
_LONGEST_QUERY, _LONGEST_PASSAGE = 48, 160
_TEACHER_SCALE = 20.0

Longs = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Groups of pairs: token ids of both sides, lists of n, and the teacher's unit vectors of both, `(n, dim)`."""

    queries: tuple[list[Ints], ...]
    passages: tuple[list[Ints], ...]
    asking: tuple[Floats, ...]
    answering: tuple[Floats, ...]

    def draw(self, size: int, random: np.random.Generator) -> tuple[Batch, Floats]:
        """Return a batch from one group and the teacher's cosines `(size, size)`."""
        group = int(random.integers(len(self.queries)))
        count = len(self.queries[group])
        firsts = random.integers(0, count - _RUN, size // _RUN)
        rows = np.concatenate([np.arange(first, first + _RUN) for first in firsts]).tolist()
        queries = [self.queries[group][row] for row in rows]
        passages = [self.passages[group][row] for row in rows]
        batch = Batch(
            query_tokens=np.concatenate(queries),
            query_starts=starts_of(queries),
            passage_tokens=np.concatenate(passages),
            passage_starts=starts_of(passages),
        )
        return batch, self.asking[group][rows] @ self.answering[group][rows].T


def taught_gradients(table: Floats, batch: Batch, target: Floats, *, scale: float) -> tuple[Longs, Floats]:
    """Return the touched rows and their gradient: cross-entropy with the teacher's distribution, both ways."""
    touched = touch(table, batch)
    scores = scale * touched.interaction()
    wanted = _TEACHER_SCALE * torch.from_numpy(target)
    loss = F.cross_entropy(scores, wanted.softmax(1)) + F.cross_entropy(scores.T, wanted.T.softmax(1))
    return touched.rows, touched.gradient(loss / 2)


def read_lessons(data: Path, store: TokenStore, teacher: Path, *, whole: TokenStore) -> Lessons:
    """Let the teacher read the English texts of the pairs in `store`, which lacks some of those in `whole`."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(teacher), device="cpu")

    def read(texts: list[str]) -> Floats:
        distinct = list(dict.fromkeys(texts))
        found = model.encode(
            distinct, batch_size=64, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        place = {text: number for number, text in enumerate(distinct)}
        vectors: Floats = np.asarray(found, np.float32)[[place[text] for text in texts]]
        return vectors

    english = store.languages.index("en")
    queries, passages, asking, answering = [], [], [], []
    for source, languages, all_pairs in (
        (_QUESTIONS, {"en"}, read_questions(data)),
        (_SENTENCES, {"ro", "de", "fr", "es"}, read_parallel(data)),
    ):
        texts = texts_by_number(whole, source, all_pairs)
        pairs = _pairs(store, source, languages)
        left, right = store.left[pairs], store.right[pairs]
        turned = store.right_language[pairs] != english  # the English side answers
        left, right = np.where(turned, right, left), np.where(turned, left, right)
        read_right = read([texts[i] for i in right.tolist()])
        queries.append([store.text(i)[:_LONGEST_QUERY] for i in left.tolist()])
        passages.append([store.text(i)[:_LONGEST_PASSAGE] for i in right.tolist()])
        answering.append(read_right)
        asking.append(read([texts[i] for i in left.tolist()]) if languages == {"en"} else read_right)
    return Lessons(queries=tuple(queries), passages=tuple(passages), asking=tuple(asking), answering=tuple(answering))


def _pairs(store: TokenStore, source: str, languages: set[str]) -> Longs:
    """Return stretches of pairs of a source between English and one of the languages."""
    english = store.languages.index("en")
    codes = [store.languages.index(name) for name in sorted(languages)]
    with_english = (store.left_language == english) | (store.right_language == english)
    others = np.isin(store.left_language, codes) | np.isin(store.right_language, codes)
    usable = store.usable() & with_english & others
    return np.flatnonzero(usable & (store.source == store.sources.index(source)))[:_PAIRS]


def texts_by_number(whole: TokenStore, source: str, pairs: Iterable[Pair]) -> dict[int, str]:
    """Return the texts of a source by their numbers in the store as it was encoded: there in order of appearance."""
    own = (pair for pair in pairs if pair.source == source)
    distinct = list(dict.fromkeys(text for pair in own for text in (pair.left, pair.right)))
    of_source = whole.source == whole.sources.index(source)
    first = int(min(whole.left[of_source].min(), whole.right[of_source].min()))
    last = int(max(whole.left[of_source].max(), whole.right[of_source].max()))
    if last - first + 1 != len(distinct):
        raise ValueError(f"{source} has {len(distinct)} texts, the store {last - first + 1}; encode the data again")
    return dict(enumerate(distinct, start=first))
