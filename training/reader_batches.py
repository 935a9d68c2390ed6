"""Tokens and batches for the reader."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.reader_changes import Example
from training.reader_examples import ExampleMaker
from training.reader_rows import Row

BEGIN, PAD, END = 0, 1, 2
QUESTION_TOKENS, CONTEXT_TOKENS, ALL_TOKENS = 64, 48, 288
TOKENS_A_BATCH = 1024
POOL = 96
"""Examples that are drawn and sorted by length at once."""
FILE_WEIGHTS = {
    "squad_train_part_en": 20,
    "squad_train_subset_en": 13,
    "piaf_fr": 9,
    "norquad_no": 7,
    "nq_dev_en": 7,
    "qamr_en": 7,
    "omosqa_de_en_fr_uk": 6,
    "timeqa_human_en": 5,
    "thquad2020_tr": 5,
    "as2_omosqa_de_en_fr_uk": 4,
    "squad_train_sample_pt": 3,
    "as2_selqa_en": 3,
    "boolq_en": 3,
    "swequad_sv": 2,
    "covidqa_en": 2,
    "quoref_en": 2,
    "clapnq_dev_en": 2,
    "as2_dyk_pl": 2,
    "faquad_pt": 1.3,
    "as2_clapnq_dev_en": 1,
    "faq_monero_multi": 0.3,
}
"""Shares of the files in what is drawn: by size, lower where the text is odd, higher where it is human and varied."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in tokens: ids and segments `(tokens,)`, and the gold positions of its first and last tokens."""

    ids: list[int]
    segments: list[int]
    starts: list[int]
    ends: list[int]
    answers: bool
    offsets: list[tuple[int, int]]


def encode(tokenizer: Tokenizer, example: Example, *, most: int = ALL_TOKENS) -> Encoded | None:
    """Return the example as `<s> question </s> context </s> passage </s>`; None if no gold token is left.

    Of the passage, as many tokens are kept as make `most` together.
    """
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:QUESTION_TOKENS]
    context = tokenizer.encode(example.context, add_special_tokens=False)
    passage = tokenizer.encode(example.passage, add_special_tokens=False)
    about = min(len(context.ids), CONTEXT_TOKENS)
    room = most - len(question) - about - 4
    long = min(len(passage.ids), room)
    ids = [BEGIN, *question, END, *context.ids[:about], END, *passage.ids[:long], END]
    segments = [0] * (len(question) + 2) + [1] * about + [0] + [2] * long + [0]
    starts, ends = [], []
    for parts, spans, base in (
        (context.offsets[:about], example.context_spans, len(question) + 2),
        (passage.offsets[:long], example.spans, len(question) + 3 + about),
    ):
        for start, end in spans:
            inside = [base + i for i, (a, b) in enumerate(parts) if b > start and a < end]
            if inside:
                starts += inside if example.loose else inside[:1]
                ends += inside if example.loose else inside[-1:]
    if example.answers and not starts:
        return None
    offsets = [(0, 0)] * (len(question) + 3 + about) + list(passage.offsets[:long]) + [(0, 0)]
    return Encoded(ids, segments, starts or [0], ends or [0], example.answers, offsets)


def collate(encoded: Sequence[Encoded]) -> tuple[npt.NDArray[np.int64], Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return ids (numpy), mask, segments, gold starts, gold ends, answers: `(batch, tokens)`, the last `(batch,)`."""
    shape = len(encoded), max(len(one.ids) for one in encoded)
    ids = np.full(shape, PAD, np.int64)
    mask, segments = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    starts, ends = np.zeros(shape, bool), np.zeros(shape, bool)
    for i, one in enumerate(encoded):
        length = len(one.ids)
        ids[i, :length], mask[i, :length], segments[i, :length] = one.ids, 1, one.segments
        starts[i, one.starts], ends[i, one.ends] = True, True
    answers = torch.tensor([float(one.answers) for one in encoded])
    tensors = [torch.from_numpy(array) for array in (mask, segments, starts, ends)]
    return ids, tensors[0], tensors[1], tensors[2], tensors[3], answers


def draw_rows(rows: Sequence[Row], draw: random.Random) -> Iterator[Row]:
    """Yield rows without end: a file by its weight, then the file's rows in shuffled order, again and again."""
    files: dict[str, list[Row]] = {}
    for row in rows:
        files.setdefault(row.file, []).append(row)
    names = sorted(files)
    waiting: dict[str, list[Row]] = {name: [] for name in names}
    while True:
        name = draw.choices(names, [FILE_WEIGHTS.get(name, 1) for name in names])[0]
        if not waiting[name]:
            waiting[name] = draw.sample(files[name], len(files[name]))
        yield waiting[name].pop()


def batches(
    rows: Sequence[Row], maker: ExampleMaker, tokenizer: Tokenizer, draw: random.Random
) -> Iterator[list[Encoded]]:
    """Yield batches of examples of like length, without end."""
    source = draw_rows(rows, draw)
    while True:
        pool = [encoded for _ in range(POOL) if (encoded := encode(tokenizer, maker.make(next(source), draw)))]
        yield from draw.sample(cut := cut_by_length(pool), len(cut))


def cut_by_length(pool: Sequence[Encoded], limit: int = TOKENS_A_BATCH) -> list[list[Encoded]]:
    """Return the examples sorted by length and cut so that a padded batch has at most `limit` tokens."""
    found: list[list[Encoded]] = []
    batch: list[Encoded] = []
    for one in sorted(pool, key=lambda one: len(one.ids)):
        if batch and (len(batch) + 1) * len(one.ids) > limit:
            found.append(batch)
            batch = []
        batch.append(one)
    return [*found, batch] if batch else found
