"""Turn a row of question-answering data into an example, often one in which the passage no longer answers.

The reader must refuse a passage that only shares the question's words, so most unanswerable examples differ from an
answerable one in a single thing: another name or year in the question or in the passage, the answering sentence left
out, another passage of the same document, another title. Every change is made to answerable examples as well (a name
swapped in question *and* passage, a frame, a date that fits), so that no change tells the label by itself.
"""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.text.sentences import split_sentences
from training.reader_rows import Row, Spans
from training.reader_words import DATES, FRAMES, MONTHS, TARGETS, Dictionary, mixed

KINDS = {
    "plain": 0.34,
    "question swapped": 0.12,
    "passage swapped": 0.05,
    "both swapped": 0.07,
    "twinned": 0.09,
    "sentence removed": 0.07,
    "sibling": 0.08,
    "stranger": 0.015,
    "dated": 0.03,
    "misdated": 0.015,
    "stranger dated": 0.02,
    "titled": 0.10,
    "mistitled": 0.07,
}
"""What is done to an answerable row, and in which share of them."""
LENGTHS = (200, 300, 300, 450, 450, 600, 800)
"""Characters of a window; one is drawn for each example."""
MIXED_SHARE = 0.42
_NAME = re.compile(r"(?<=\S )(?:[^\W\d_a-zа-яёіїєґ][\w'’-]*)(?: [^\W\d_a-zа-яёіїєґ][\w'’-]*)*", re.UNICODE)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_TRIES = 3
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


class ExampleMaker:
    """Makes examples from rows, with names, neighbours and dictionaries drawn from the same data."""

    def __init__(self, rows: Sequence[Row], places: dict[str, list[str]], dictionaries: dict[str, Dictionary]) -> None:
        self._places = places
        self._place_sets = {language: set(names) for language, names in places.items()}
        self._dictionaries = dictionaries
        self._files: dict[str, list[Row]] = defaultdict(list)
        self._position: dict[tuple[str, int], int] = {}
        self._names: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._answers: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for row in rows:
            self._position[row.file, row.place] = len(self._files[row.file])
            self._files[row.file].append(row)
            for start, end in row.spans if not row.loose else ():
                self._answers[row.language, row.passage[start:end][:1].isdigit()].append(row.passage[start:end])
            for name in question_names(row.question, row.language):
                self._names[row.language, len(name.split())].append(name)

    def make(self, row: Row, draw: random.Random) -> Example:
        """Return an example of `row`, changed in a random way."""
        example = window(row, draw)
        for _ in range(_TRIES if row.answers else 0):
            kind = draw.choices(list(KINDS), list(KINDS.values()))[0]
            example = self.changed(row, kind, draw)
            if example.kind == kind:
                break
        else:
            example = self._plain(example, draw)
        return self._dressed(example, draw)

    def changed(self, row: Row, kind: str, draw: random.Random) -> Example:
        """Return `row` as an example of the kind, or as a plain one where it has nothing that could be changed so."""
        base = window(row, draw)
        made = None
        if row.answers and kind != "plain":
            made = self._change(row, base, kind, draw)
        return made or self._plain(base, draw)

    def _change(self, row: Row, base: Example, kind: str, draw: random.Random) -> Example | None:
        single = row.file.startswith("as2_") or row.file.startswith("faq")
        if kind in ("sibling", "stranger", "stranger dated"):
            other = self._other_passage(row, draw, near=kind == "sibling")
            if other is None:
                return None
            moved = replace(base, passage=window(other, draw).passage, context="", spans=(), kind=kind)
            names = question_names(row.question, row.language)
            if kind == "stranger dated":
                return _with_date(moved, draw, fitting=draw.random() < 0.5)
            return replace(moved, context=_title(names[0], draw)) if names and draw.random() < 0.3 else moved
        if kind in ("dated", "misdated"):
            if row.loose or _YEAR.search(row.question):
                return None
            return _with_date(replace(base, kind=kind), draw, fitting=kind == "dated", answers=kind == "dated")
        if kind == "sentence removed":
            return None if single else _without_answer(base, draw)
        if kind in ("titled", "mistitled"):
            base = replace(base, passage=row.passage, spans=row.spans)
        name, other_name = self._swap(base, draw, elsewhere=kind in ("titled", "mistitled"))
        if not name:
            return None
        if kind == "twinned":
            return self._twinned(base, name, other_name, draw)
        if kind == "question swapped":
            return replace(base, question=base.question.replace(name, other_name), spans=(), kind=kind)
        if kind in ("passage swapped", "both swapped"):
            made = swapped(base, name, other_name)
            if made is None or kind == "both swapped":
                return made and replace(made, question=base.question.replace(name, other_name), kind=kind)
            return replace(made, spans=(), kind=kind)
        made = _titled(base, name, draw)
        if made is None or kind == "titled":
            return made and replace(made, kind=kind)
        return replace(made, context=made.context.replace(name, other_name), spans=(), kind=kind)

    def _swap(self, example: Example, draw: random.Random, *, elsewhere: bool = False) -> tuple[str, str]:
        """Return a name or year that question and passage share, and another of its kind; empty where there is none.

        With `elsewhere` the name need not be in the passage.
        """
        text = example.passage
        names = question_names(example.question, example.language)
        places = self._place_sets.get(example.language, set())
        names += [
            word for word in re.findall(r"[^\W\d_]{3,}", example.question) if word in places and word not in names
        ]
        shared = [name for name in names if elsewhere or name in text]
        years = [year for year in _YEAR.findall(example.question) if year in text and not elsewhere]
        if not shared and not years:
            return "", ""
        name = draw.choice(shared + years)
        for _ in range(10):
            if name in years:
                other = str(int(name) + draw.choice([-1, 1]) * draw.choice([1, 1, 2, 3, 5, 7, 10, 20, 50, 100]))
            elif name in places and draw.random() < 0.8:
                other = draw.choice(self._places[example.language])
            else:
                pool = self._names[example.language, len(name.split())]
                other = draw.choice(pool or [""])
            if other and other not in text and name not in other and other not in example.question:
                return name, other
        return "", ""

    def _twinned(self, example: Example, name: str, other_name: str, draw: random.Random) -> Example | None:
        """Return the example with a second sentence that says the like of another name, with another answer.

        The question is of the one or the other: only which name stands beside which answer tells.
        """
        if example.loose:
            return None
        span = draw.choice(example.spans)
        text, answer = example.passage, example.passage[span[0] : span[1]]
        holding = [s for s in split_sentences(text, example.language) if s[0] <= span[0] and span[1] <= s[1]]
        if not holding or name not in text[holding[0][0] : holding[0][1]] or name in answer or answer in name:
            return None
        start, end = holding[0]
        other = self._other_answer(answer, example.language, draw)
        if not other or other in text or text.count(answer) > 1:
            return None
        before, after = (part.replace(name, other_name) for part in (text[start : span[0]], text[span[1] : end]))
        twin, inside = before + other + after, (len(before), len(before) + len(other))
        own = (span[0] - start, span[1] - start)
        question = example.question
        if draw.random() < 0.5:
            question = question.replace(name, other_name)
            (asked, asked_at), unasked = (twin, inside), text[start:end]
        else:
            (asked, asked_at), unasked = (text[start:end], own), twin
        first = draw.random() < 0.5
        joined = f"{asked} {unasked}" if first else f"{unasked} {asked}"
        at = start + asked_at[0] + (0 if first else len(unasked) + 1)
        whole = text[:start] + joined + text[end:]
        return replace(
            example, question=question, passage=whole, spans=((at, at + asked_at[1] - asked_at[0]),), kind="twinned"
        )

    def _other_answer(self, answer: str, language: str, draw: random.Random) -> str:
        """Return another answer of the data that begins alike (a digit, a capital, a small letter); or empty."""
        pool = self._answers[language, answer[:1].isdigit()]
        for _ in range(12):
            other = draw.choice(pool or [""])
            alike = other[:1].isupper() == answer[:1].isupper() and len(other) < 2 * len(answer) + 8
            if alike and other not in answer and answer not in other:
                return other
        return ""

    def _other_passage(self, row: Row, draw: random.Random, *, near: bool) -> Row | None:
        """Return another row's passage without the answer: a neighbour in the file, or any."""
        rows = self._files[row.file]
        at = self._position.get((row.file, row.place), 0)
        answers = [row.passage[start:end].lower() for start, end in row.spans]
        for _ in range(8):
            step = draw.randint(-25, 25) if near else draw.randrange(len(rows))
            other = rows[(at + step) % len(rows)]
            text = other.passage.lower()
            if other.passage != row.passage and other.question != row.question and not any(a in text for a in answers):
                return other
        return None

    def _plain(self, example: Example, draw: random.Random) -> Example:
        """Return the example with, now and then, its first sentence as title, a date, or a title of another text."""
        chance = draw.random()
        if chance < 0.12:
            return _first_sentence_as_title(example, draw)
        if chance < 0.26:
            return replace(example, context=_date_of(draw, example.language)[0])
        if chance < 0.29:
            pool = self._names[example.language, draw.choice([1, 2])]
            return replace(example, context=draw.choice(pool) + "." if pool else "")
        return example

    def _dressed(self, example: Example, draw: random.Random) -> Example:
        """Return the example with a frame, in lower case, or with words of another language, now and then."""
        language = example.language
        if language == "en" and draw.random() < MIXED_SHARE:
            language = draw.choice(TARGETS)
            example = _mixed_example(example, self._dictionaries[language], draw)
        question = example.question
        if draw.random() < 0.08 and language in FRAMES:
            frame = draw.choice(FRAMES[language])
            keeps_case = frame.startswith("{") or language == "de"
            question = frame.format(question if keeps_case else question[:1].lower() + question[1:])
        if draw.random() < 0.08:
            question = question.rstrip(" ?")
        if draw.random() < 0.06:
            question = question.lower()
        return replace(example, question=question)


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


def _without_answer(example: Example, draw: random.Random) -> Example | None:
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
    context = _title(names[0], draw) if names and draw.random() < 0.3 else example.context
    return replace(example, passage=rest, context=context, spans=(), kind="sentence removed")


def _titled(example: Example, name: str, draw: random.Random) -> Example | None:
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
    title = draw.choice(naming) if naming and draw.random() < 0.5 else _title(name, draw)
    start, end = holding[0][0], holding[-1][1]
    for sentence in sentences:
        if sentence[0] >= end and name not in text[sentence[0] : sentence[1]] and draw.random() < 0.7:
            end = sentence[1]
        elif sentence[0] >= end:
            break
    return replace(_cut(example, start, end), context=title)


def _title(name: str, draw: random.Random) -> str:
    return draw.choice([name, name + ".", f"{name}: {draw.choice(['2019', '2021', '2023', '2024', '2025'])}"])


def _first_sentence_as_title(example: Example, draw: random.Random) -> Example:
    sentences = split_sentences(example.passage, example.language)
    if example.loose or len(sentences) < 2 or sentences[0][1] > 200:
        return example
    cut = sentences[1][0]
    inside = tuple(span for span in example.spans if span[1] <= sentences[0][1])
    if any(start < cut < end for start, end in example.spans) or (inside and draw.random() < 0.6):
        return example
    rest = _cut(example, cut, len(example.passage))
    return replace(rest, context=example.passage[: sentences[0][1]], context_spans=inside)


def _date_of(draw: random.Random, language: str) -> tuple[str, str, str]:
    """Return a random date as a context, as a part of a question, and its year."""
    year, month, day = draw.randint(2008, 2026), draw.randint(1, 12), draw.randint(1, 28)
    spoken = language if language in DATES else "en"
    name = MONTHS[spoken].split()[month - 1]
    phrase = draw.choice(DATES[spoken]).format(d=day, m=name, y=year)
    written = draw.choice([f"{year}-{month:02d}-{day:02d}", f"{day} {name} {year}", f"{day:02d}.{month:02d}.{year}"])
    return written, phrase, str(year)


def _with_date(example: Example, draw: random.Random, *, fitting: bool, answers: bool = False) -> Example | None:
    """Return the example with a date in the question, and in the context the same date or one of another year."""
    written, phrase, year = _date_of(draw, example.language)
    if not fitting:
        for _ in range(20):
            other = _date_of(draw, example.language)
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


def _mixed_example(example: Example, words: Dictionary, draw: random.Random) -> Example:
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
