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
from dataclasses import replace

from rag.text.sentences import split_sentences
from training.reader_changes import (
    Example,
    date_of,
    first_sentence_as_title,
    mixed_example,
    question_names,
    swapped,
    title_of,
    titled,
    window,
    with_date,
    without_answer,
)
from training.reader_rows import Row
from training.reader_words import FRAMES, TARGETS, Dictionary

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
MIXED_SHARE = 0.42
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_TRIES = 3


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
                return with_date(moved, draw, fitting=draw.random() < 0.5)
            return replace(moved, context=title_of(names[0], draw)) if names and draw.random() < 0.3 else moved
        if kind in ("dated", "misdated"):
            if row.loose or _YEAR.search(row.question):
                return None
            return with_date(replace(base, kind=kind), draw, fitting=kind == "dated", answers=kind == "dated")
        if kind == "sentence removed":
            return None if single else without_answer(base, draw)
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
        made = titled(base, name, draw)
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
            return first_sentence_as_title(example, draw)
        if chance < 0.26:
            return replace(example, context=date_of(draw, example.language)[0])
        if chance < 0.29:
            pool = self._names[example.language, draw.choice([1, 2])]
            return replace(example, context=draw.choice(pool) + "." if pool else "")
        return example

    def _dressed(self, example: Example, draw: random.Random) -> Example:
        """Return the example with a frame, in lower case, or with words of another language, now and then."""
        language = example.language
        if language == "en" and draw.random() < MIXED_SHARE:
            language = draw.choice(TARGETS)
            example = mixed_example(example, self._dictionaries[language], draw)
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
