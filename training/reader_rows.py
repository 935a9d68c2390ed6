"""Read the question-answering data for the reader: questions, passages and the characters that answer."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Spans = tuple[tuple[int, int], ...]

SPAN_FILES = (
    "piaf_fr",
    "squad_train_part_en",
    "squad_train_subset_en",
    "squad_train_sample_pt",
    "norquad_no",
    "swequad_sv",
    "faquad_pt",
    "thquad2020_tr",
    "covidqa_en",
    "nq_dev_en",
    "quoref_en",
    "qamr_en",
    "timeqa_human_en",
)
SENTENCE_SPAN_FILES = ("omosqa_de_en_fr_uk", "clapnq_dev_en")
"""Files whose answers are whole sentences: every word of them may be the answer."""
SENTENCE_FILES = ("as2_omosqa_de_en_fr_uk", "as2_clapnq_dev_en", "as2_selqa_en", "as2_dyk_pl", "faq_monero_multi")
YES_NO_FILES = ("boolq_en",)
BLOCK = 250
"""Rows of a file that stay together in the split: neighbours are of one document or article."""
HELD_OUT_SHARE = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question and a passage.

    Attributes:
        language: of question and passage as the data has them.
        spans: characters of the passage that answer; empty when nothing does.
        loose: the spans are sentences or the whole passage, in which the answer stands somewhere.
        file: name of the file, without ending.
        place: running number in the file; neighbours are of one document.
        context: title and date.
    """

    language: str
    question: str
    passage: str
    spans: Spans
    file: str
    place: int
    loose: bool = False
    context: str = ""

    @property
    def answers(self) -> bool:
        """Return whether the passage answers the question."""
        return bool(self.spans)


def read_rows(folder: Path) -> list[Row]:
    """Return the rows of all files of the reader's data that are in `folder`."""
    names = SPAN_FILES + SENTENCE_SPAN_FILES + SENTENCE_FILES + YES_NO_FILES
    return [row for name in names for row in _read_file(folder / f"{name}.jsonl.gz", name)]


def is_held_out(row: Row) -> bool:
    """Return whether a row belongs to the development split: one block of neighbours in 25 of each file."""
    digest = hashlib.sha256(f"{row.file}/{row.place // BLOCK}".encode()).digest()
    return digest[0] < HELD_OUT_SHARE * 256


def _read_file(path: Path, name: str) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for place, line in enumerate(lines):
            row = _row(json.loads(line), name, place)
            if row.question.strip() and row.passage.strip():
                yield row


def _row(fields: dict[str, Any], name: str, place: int) -> Row:
    language, question = fields["lang"], fields["question"]
    if name in SENTENCE_FILES:
        text = fields["sentence"]
        spans: Spans = ((0, len(text)),) if fields["label"] == 1 else ()
        return Row(language=language, question=question, passage=text, spans=spans, file=name, place=place, loose=True)
    text = fields["context"]
    if name in YES_NO_FILES:
        title, mark, body = text.partition(" -- ")
        context, text = (title, body) if mark else ("", text)
        row = Row(language=language, question=question, passage=text, spans=((0, len(text)),), file=name, place=place)
        return replace(row, context=context, loose=True)
    spans = tuple(sorted({(a["start"], a["start"] + len(a["text"])) for a in fields["answers"]}))
    return Row(
        language=language, question=question, passage=text, spans=spans, file=name, place=place,
        loose=name in SENTENCE_SPAN_FILES,
    )  # fmt: skip
