"""Passages: spans of a document, cut at paragraphs and sentences and sized in the encoder's own tokens.

langchain-text-splitters decides where to cut. It works on a copy of the same length in which the whitespace before
each sentence and each paragraph is a private mark, so that its separators are exactly the boundaries
`split_sentences` found. Its own `start_index` is wrong or -1 with a token length, so each piece is located here
with a cursor that only moves forward.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from rag.records import Document, Passage, Span
from rag.text.sentences import split_sentences

TARGET_TOKENS = 160
"""Aim for a passage: about 110 words, two or three newspaper paragraphs."""

WHOLE = 2
"""Times the aim up to which a paragraph stays whole: what its author wrote as one thought answers better as one passage
(nDCG@10 of Romanian XQuAD .975 with whole paragraphs, .971 with halves)."""

_LONGEST_PARAGRAPH = 20_000
"""Characters that langchain is given at once. No author writes so long a paragraph; letter by letter, as it cuts words
that are longer than a passage, a run of 20 million letters without a space would take minutes and gigabytes."""

_PARAGRAPH, _SENTENCE = "\ue000", "\ue001"  # private use: no text uses them, and nothing is lost if one does
_LINE_ENDS = frozenset("\n\r\u2028\u2029\x85")
_CLOSING = frozenset(".!?…\"'”“»«)]")
# Of a long paragraph: sentences, clauses, words, then anywhere (a word longer than a passage).
_SEPARATORS = [_SENTENCE, r"(?<=[;:,–—])\s", r"\s", ""]


def chunk_document(
    document: Document,
    *,
    count_tokens: Callable[[str], int],
    max_tokens: int,
    target_tokens: int = TARGET_TOKENS,
    overlap_sentences: int = 0,
) -> list[Passage]:
    """Cut a document into passages of about `target_tokens`, in order, with exact offsets.

    Every unmasked character other than whitespace is in some passage, none overlaps a span of `boilerplate`, none
    is longer than `max_tokens`, and none starts inside a sentence unless the sentence alone is longer than that. Small
    neighbours are merged, and a paragraph of up to twice the aim stays whole. With `overlap_sentences`, a passage
    also repeats that many sentences from before it, as far as the limits allow.

    Args:
        document: what to cut; its `boilerplate` is left out.
        count_tokens: the number of tokens the encoder sees in a text, special tokens excluded.
        max_tokens: never exceeded, not even by a 10,000-letter word.
        target_tokens: the aim, in the same tokens.
        overlap_sentences: how many sentences of the passage before to repeat.

    Raises:
        ValueError: `max_tokens` or `target_tokens` is below 1, or `overlap_sentences` below 0.
    """
    if max_tokens < 1 or target_tokens < 1 or overlap_sentences < 0:
        raise ValueError(
            f"max_tokens {max_tokens}, target_tokens {target_tokens} and overlap_sentences {overlap_sentences}: "
            "the first two must be at least 1, the last at least 0"
        )
    size = min(max_tokens, target_tokens)
    count_tokens = cache(count_tokens)  # langchain asks for each part two or three times, and so do we
    spans: list[Span] = []
    for start, end in document.passage_spans:
        region = document.text[start:end]
        if region.isspace():
            continue
        sentences = split_sentences(region, document.language)
        pieces = _pieces(region, sentences, count_tokens, size, min(max_tokens, WHOLE * size))
        pieces = _merge(region, pieces, count_tokens, size)
        if overlap_sentences:
            pieces = _overlap(region, pieces, sentences, overlap_sentences, count_tokens, max_tokens)
        spans += [(start + a, start + b) for a, b in pieces]
    return [Passage(document_id=document.id, start=a, end=b, text=document.text[a:b]) for a, b in spans]


def _pieces(
    text: str, sentences: list[Span], count_tokens: Callable[[str], int], size: int, longest: int
) -> list[Span]:
    """Return paragraphs of at most `longest` tokens, and what langchain cuts longer ones into, as stripped spans."""
    marked = list(text)
    for (_, end), (start, _) in pairwise(sentences):
        if end < start:  # always so: sentences are parted by whitespace
            # What closes no sentence (a sub-heading, a list's announcement or point) belongs to what follows.
            closed = not _LINE_ENDS.isdisjoint(text[end:start]) and text[end - 1] in _CLOSING
            marked[start - 1] = _PARAGRAPH if closed else _SENTENCE
    spans: list[Span] = []
    cursor = 0
    for paragraph in re.findall(f"[^{_PARAGRAPH}]*{_PARAGRAPH}|[^{_PARAGRAPH}]+$", "".join(marked)):
        start, end = _stripped(text, (cursor, cursor + len(paragraph)))
        if start < end and end - start <= _LONGEST_PARAGRAPH and count_tokens(text[start:end]) <= longest:
            spans.append((start, end))
            cursor += len(paragraph)
            continue
        for part in _parts(paragraph):
            for piece in _cut(part, count_tokens, size):
                # Nothing is stripped, dropped or repeated, so each piece starts where the last one ended.
                spans += _fitting(text, (cursor, cursor + len(piece)), count_tokens, size)
                cursor += len(piece)
    return spans


def _parts(paragraph: str) -> Iterator[str]:
    """Yield a marked paragraph in parts of a bounded length: cut after a sentence, else a space, else anywhere."""
    start = 0
    while len(paragraph) - start > _LONGEST_PARAGRAPH:
        last = start + _LONGEST_PARAGRAPH
        cut = max(paragraph.rfind(_SENTENCE, start, last), 0) or paragraph.rfind(" ", start, last)
        end = cut + 1 if cut > start else last
        yield paragraph[start:end]
        start = end
    yield paragraph[start:]


def _cut(paragraph: str, count_tokens: Callable[[str], int], size: int) -> list[str]:
    """Let langchain cut a marked paragraph."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # 36 MB, half a second

    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=size,
        chunk_overlap=0,
        # At least 1: a part that an encoder sees nothing in ("—") would be kept as overlap and come out twice.
        length_function=lambda piece: max(1, count_tokens(_unmarked_text(piece))),
        strip_whitespace=False,
    )
    return splitter.split_text(paragraph)


def _unmarked_text(piece: str) -> str:
    return piece.replace(_PARAGRAPH, "\n").replace(_SENTENCE, " ")  # `translate` takes ten times as long


def _fitting(text: str, span: Span, count_tokens: Callable[[str], int], size: int) -> Iterator[Span]:
    """Yield a span stripped of whitespace, halved as often as it is too long.

    Langchain adds up the lengths of parts, and some tokenizers count more for the whole.
    """
    start, end = _stripped(text, span)
    if start >= end:
        return
    if end - start > 1 and count_tokens(text[start:end]) > size:
        middle = (start + end) // 2
        space = text.rfind(" ", start + 1, middle)
        cut = space if space > start else middle
        yield from _fitting(text, (start, cut), count_tokens, size)
        yield from _fitting(text, (cut, end), count_tokens, size)
    else:
        yield start, end


def _stripped(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _merge(text: str, pieces: list[Span], count_tokens: Callable[[str], int], size: int) -> list[Span]:
    """Join neighbours into passages of about equal length: filled to the brim, the last would be a lone short line.

    A short passage is a poor one: with few words to miss, it looks closer to a question than it is.
    """
    merged: list[Span] = []
    total = 0
    counts = [count_tokens(text[slice(*piece)]) for piece in pieces]
    even = sum(counts) / max(1, math.ceil(sum(counts) / size))
    for piece, count in zip(pieces, counts, strict=True):
        if merged and total + count <= size and total + count / 2 <= even:
            joined = (merged[-1][0], piece[1])
            together = count_tokens(text[slice(*joined)])
            if together <= size:
                merged[-1], total = joined, together
                continue
        merged.append(piece)
        total = count
    return merged


def _overlap(
    text: str,
    pieces: list[Span],
    sentences: list[Span],
    overlap_sentences: int,
    count_tokens: Callable[[str], int],
    max_tokens: int,
) -> list[Span]:
    """Start each piece but the first up to `overlap_sentences` sentences earlier, within the token limit.

    A piece never takes in the whole one before it.
    """
    starts = [start for start, _ in sentences]
    overlapped = pieces[:1]
    for (earliest, _), (start, end) in pairwise(pieces):
        candidates = [s for s in starts if earliest < s < start][-overlap_sentences:]
        fitting = (s for s in candidates if count_tokens(text[s:end]) <= max_tokens)
        overlapped.append((next(fitting, start), end))
    return overlapped
