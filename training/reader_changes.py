"""An example for the reader, and the single changes that can be made to one."""

import random
import re
from dataclasses import dataclass, replace

from rag.text.sentences import split_sentences
from training.reader_rows import Row, Spans
from training.reader_words import DATES, MONTHS, Dictionary, mixed

LENGTHS = (200, 300, 300, 450, 450, 600, 800)
"""Characters of a window; one is drawn for each example."""
_NAME = re.compile(r"(?<=\S )(?:[^\W\d_a-zа-яёіїєґ][\w'’-]*)(?: [^\W\d_a-zа-яёіїєґ][\w'’-]*)*", re.UNICODE)
_NOUNS_CAPITALISED = {"de"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the reader is shown and should say. `spans` are of the passage, `context_spans` of the context."""

    question: str
    context: str
    passage: str
    spans: Spans
    context_spans: Spans = ()
    loose: bool = False
    kind: str = "plain"
    language: str = "en"

    @property
    def answers(self) -> bool:
        """Return whether the question is answered."""
        return bool(self.spans or self.context_spans)


def question_names(question: str, language: str) -> list[str]:
    """Return the capitalised names of a question, the first word left out; none where all nouns are capitalised."""
    if language in _NOUNS_CAPITALISED:
        return []
    names = [re.sub(r"['’]s?$", "", name) for name in _NAME.findall(question)]
    return [name for name in names if len(name) > 2]


def window(row: Row, draw: random.Random) -> Example:
    """Return the row with as many whole sentences around an answer as a drawn length allows."""
    text, limit = row.passage, draw.choice(LENGTHS)
    sentences = split_sentences(text, row.language)
    plain = Example(
        question=row.question,
        context=row.context,
        passage=text,
        spans=row.spans,
        loose=row.loose,
        language=row.language,
    )
    if len(text) <= limit or len(sentences) < 2:
        return _cut(plain, 0, min(len(text), 1200))
    if row.loose and row.spans == ((0, len(text)),):
        return _cut(plain, 0, max(end for start, end in sentences if end <= 900 or start == 0))
    if row.spans:
        start, end = draw.choice(row.spans)
        first = max(i for i, span in enumerate(sentences) if span[0] <= start or i == 0)
        last = min((i for i, span in enumerate(sentences) if span[1] >= end), default=len(sentences) - 1)
        last = max(first, last)
    else:
        first = last = draw.randrange(len(sentences))
    while True:
        grow = [i for i in (first - 1, last + 1) if 0 <= i < len(sentences)]
        grow = [
            i
            for i in grow
            if max(sentences[last][1], sentences[i][1]) - min(sentences[first][0], sentences[i][0]) <= limit
        ]
        if not grow:
            break
        chosen = draw.choice(grow)
        first, last = min(first, chosen), max(last, chosen)
    return _cut(plain, sentences[first][0], min(sentences[last][1], sentences[first][0] + 1600))


def _cut(example: Example, start: int, end: int) -> Example:
    spans = tuple((max(a, start) - start, min(b, end) - start) for a, b in example.spans if a < end and b > start)
    return replace(example, passage=example.passage[start:end], spans=spans)


def swapped(example: Example, old: str, new: str) -> Example | None:
    """Return the example with `old` replaced in the passage and the spans moved; None if an answer contains it."""
    text, spans = example.passage, []
    for start, end in example.spans:
        if not example.loose and old in text[start:end]:
            return None
        before = text[:start].count(old)
        inside = text[start:end].count(old)
        shift = len(new) - len(old)
        spans.append((start + before * shift, end + (before + inside) * shift))
    return replace(example, passage=text.replace(old, new), spans=tuple(spans))


def without_answer(example: Example, draw: random.Random) -> Example | None:
    """Return the example without the sentences that hold the answer; None if nothing or an answer's text is left."""
    text = example.passage
    kept = [
        text[start:end]
        for start, end in split_sentences(text, example.language)
        if not any(a < end and b > start for a, b in example.spans)
    ]
    rest = " ".join(kept)
    if not kept or any(text[a:b].lower() in rest.lower() for a, b in example.spans):
        return None
    names = question_names(example.question, example.language)
    context = title_of(names[0], draw) if names and draw.random() < 0.3 else example.context
    return replace(example, passage=rest, context=context, spans=(), kind="sentence removed")


def titled(example: Example, name: str, draw: random.Random) -> Example | None:
    """Return the example with `name` only in the title; None where the answering sentence has it."""
    text = example.passage
    if example.loose:
        return None
    example = replace(example, spans=(draw.choice(example.spans),))
    sentences = split_sentences(text, example.language)
    holding = [(s, e) for s, e in sentences if any(a < e and b > s for a, b in example.spans)]
    if not holding or name in text[holding[0][0] : holding[-1][1]]:
        return None
    naming = [text[s:e] for s, e in sentences if name in text[s:e] and len(text[s:e]) < 160]
    title = draw.choice(naming) if naming and draw.random() < 0.5 else title_of(name, draw)
    start, end = holding[0][0], holding[-1][1]
    for sentence in sentences:
        if sentence[0] >= end and name not in text[sentence[0] : sentence[1]] and draw.random() < 0.7:
            end = sentence[1]
        elif sentence[0] >= end:
            break
    return replace(_cut(example, start, end), context=title)


def title_of(name: str, draw: random.Random) -> str:
    """Return a short title that names `name`."""
    return draw.choice([name, name + ".", f"{name}: {draw.choice(['2019', '2021', '2023', '2024', '2025'])}"])


def first_sentence_as_title(example: Example, draw: random.Random) -> Example:
    """Return the example with its first sentence in the context; the answer goes with it where it stands there."""
    sentences = split_sentences(example.passage, example.language)
    if example.loose or len(sentences) < 2 or sentences[0][1] > 200:
        return example
    cut = sentences[1][0]
    inside = tuple(span for span in example.spans if span[1] <= sentences[0][1])
    if any(start < cut < end for start, end in example.spans) or (inside and draw.random() < 0.6):
        return example
    rest = _cut(example, cut, len(example.passage))
    return replace(rest, context=example.passage[: sentences[0][1]], context_spans=inside)


def date_of(draw: random.Random, language: str) -> tuple[str, str, str]:
    """Return a random date as a context, as a part of a question, and its year."""
    year, month, day = draw.randint(2008, 2026), draw.randint(1, 12), draw.randint(1, 28)
    spoken = language if language in DATES else "en"
    name = MONTHS[spoken].split()[month - 1]
    phrase = draw.choice(DATES[spoken]).format(d=day, m=name, y=year)
    written = draw.choice([f"{year}-{month:02d}-{day:02d}", f"{day} {name} {year}", f"{day:02d}.{month:02d}.{year}"])
    return written, phrase, str(year)


def with_date(example: Example, draw: random.Random, *, fitting: bool, answers: bool = False) -> Example | None:
    """Return the example with a date in the question, and in the context the same date or one of another year."""
    written, phrase, year = date_of(draw, example.language)
    if not fitting:
        for _ in range(20):
            other = date_of(draw, example.language)
            if other[2] != year:
                phrase = other[1]
                break
    if not answers and year in example.passage:
        return None
    question = example.question.rstrip()
    mark = "?" if question.endswith("?") else ""
    dated = (
        f"{question.rstrip(' ?')} {phrase}{mark}"
        if draw.random() < 0.6
        else f"{phrase[:1].upper()}{phrase[1:]}, {question}"
    )
    return replace(example, question=dated, context=written, spans=example.spans if answers else ())


def mixed_example(example: Example, words: Dictionary, draw: random.Random) -> Example:
    """Return the example with translated words in the question, the passage outside its answers, or both."""
    where = draw.random()
    question, share = example.question, draw.choice([0.5, 0.8, 1.0])
    if where < 0.85:
        question = mixed(question, words, share, draw)
    if where < 0.35 or example.loose:
        return replace(example, question=question)
    pieces, spans, at, length = [], [], 0, 0
    for start, end in sorted(example.spans):
        if start < at:
            continue
        before = mixed(example.passage[at:start], words, share, draw)
        gap = " " if before and example.passage[start - 1 : start].isspace() else ""
        pieces += [before, gap, example.passage[start:end]]
        begin = length + len(before) + len(gap)
        spans.append((begin, begin + end - start))
        length, at = begin + end - start, end
    rest = mixed(example.passage[at:], words, share, draw)
    pieces += [" " if example.passage[at : at + 1].isspace() and at else "", rest]
    return replace(example, question=question, passage="".join(pieces), spans=tuple(spans))
