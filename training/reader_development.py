"""Measure the reader on rows that it is never trained on: the words of the answer, and each kind of refusal."""

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from training.reader_batches import Encoded, collate, cut_by_length, encode
from training.reader_changes import Example
from training.reader_examples import KINDS, ExampleMaker
from training.reader_model import Reader
from training.reader_rows import SENTENCE_FILES, Row
from training.reader_words import Dictionary

LONGEST_ANSWER = 48
Floats = npt.NDArray[np.float64]


def development_examples(
    rows: Sequence[Row], places: dict[str, list[str]], dictionaries: dict[str, Dictionary], *, most: int = 700
) -> list[tuple[str, Example]]:
    """Return examples with the name of what they measure: plain, human unanswerable, and each kind of change."""
    draw = random.Random(5)
    maker = ExampleMaker(rows, places, dictionaries)
    found: list[tuple[str, Example]] = []
    for row in draw.sample(list(rows), len(rows)):
        if len(found) >= most:
            break
        if row.file in SENTENCE_FILES and draw.random() < 0.85:
            continue
        if not row.answers:
            found.append(("human unanswerable", maker.changed(row, "plain", draw)))
            continue
        kind = draw.choice(list(KINDS))
        example = maker.changed(row, kind, draw)
        if example.kind != kind and draw.random() < 0.7:
            continue
        found.append((example.kind, example))
    return found


def best_span(start: Floats, end: Floats, segments: npt.NDArray[np.int64]) -> tuple[int, int, float]:
    """Return the first and last token of the best span, and its log-odds against "no answer" (position 0)."""
    inside = segments > 0
    if not inside.any():
        return 0, 0, float("-inf")
    scores = np.where(inside, start, -1e4)[:, None] + np.where(inside, end, -1e4)[None, :]
    scores = np.where(np.triu(np.ones_like(scores)) - np.triu(np.ones_like(scores), LONGEST_ANSWER) > 0, scores, -2e4)
    first, last = np.unravel_index(scores.argmax(), scores.shape)
    return int(first), int(last), float(scores[first, last] - start[0] - end[0])


def read(reader: Reader, words: torch.Tensor, encoded: Sequence[Encoded]) -> list[tuple[Floats, Floats, float]]:
    """Return start logits, end logits and the judgement of each example, in order."""
    places = {id(one): i for i, one in enumerate(encoded)}
    found: list[tuple[Floats, Floats, float]] = [(np.zeros(0), np.zeros(0), 0.0)] * len(encoded)
    reader.eval()
    with torch.no_grad():
        for batch in cut_by_length(encoded, 3072):
            ids, mask, segments, *_ = collate(batch)
            vectors = words[torch.from_numpy(ids).to(words.device)]
            with torch.autocast(words.device.type, torch.bfloat16):
                outputs = reader(vectors, mask.to(words.device), segments.to(words.device))
            start, end, answers = (output.double().cpu().numpy() for output in outputs)
            for i, one in enumerate(batch):
                found[places[id(one)]] = start[i, : len(one.ids)], end[i, : len(one.ids)], float(answers[i])
    reader.train()
    return found


def token_f1(found: range, golds: Sequence[range]) -> float:
    """Return the best F1 of token positions against the gold spans."""
    best = 0.0
    for gold in golds:
        common = len(set(found) & set(gold))
        best = max(best, 2 * common / (len(found) + len(gold)))
    return best


def rank_share(positive: Floats, negative: Floats) -> float:
    """Return the share of pairs in which the positive scores higher (area under the ROC curve)."""
    order = np.concatenate([positive, negative]).argsort().argsort() + 1
    high = order[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(high / (len(positive) * len(negative)))


def measured(
    reader: Reader, tokenizer: Tokenizer, words: torch.Tensor, examples: Sequence[tuple[str, Example]]
) -> dict[str, float]:
    """Return span F1 on answerable examples, and for each kind how well the judgement tells it from the plain."""
    pairs = [(kind, example, one) for kind, example in examples if (one := encode(tokenizer, example))]
    outputs = read(reader, words, [one for _, _, one in pairs])
    f1: list[float] = []
    scores: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for (kind, example, one), (start, end, judged) in zip(pairs, outputs, strict=True):
        first, last, gap = best_span(start, end, np.array(one.segments))
        scores.setdefault((kind, one.answers), []).append((judged, gap))
        if one.answers and not example.loose:
            f1.append(
                token_f1(range(first, last + 1), [range(a, b + 1) for a, b in zip(one.starts, one.ends, strict=True)])
            )
    found = {"span f1": float(np.mean(f1)), "answerable": float(len(f1))}
    plain = np.array([score for (kind, answers), many in scores.items() if answers for score in many])
    for (kind, answers), many in sorted(scores.items()):
        values = np.array(many)
        if answers:
            found[f"judge mean, {kind}, n={len(many)}"] = float(values[:, 0].mean())
        elif len(many) > 4:
            found[f"AUC judge, {kind}, n={len(many)}"] = rank_share(plain[:, 0], values[:, 0])
            found[f"AUC gap, {kind}, n={len(many)}"] = rank_share(plain[:, 1], values[:, 1])
    return found


def counted(examples: Sequence[tuple[str, Example]]) -> Counter[str]:
    """Return how many examples there are of each kind."""
    return Counter(kind for kind, _ in examples)
