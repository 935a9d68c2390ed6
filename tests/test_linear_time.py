"""Time grows in proportion to the text: of every regular expression, and of what reads a text of anybody's making."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from expressions import expressions, slow_on
from reader_samples import PARAGRAPHS, parts

import rag
from rag import Document
from rag.indexing.chunking import chunk_document
from rag.readers.formats import text_kind
from rag.text.dates.moments import find_moments
from rag.text.dates.periods import find_periods
from rag.text.sentences import split_sentences
from rag.text.terms import document_terms
from rag.text.wrapping import wrap_width


def test_every_regular_expression_takes_time_in_proportion_to_the_text() -> None:
    slow = {one.name: slow_on(one) for one in expressions(rag)}
    assert len(slow) > 100
    assert {name: text for name, text in slow.items() if text is not None} == {}


def test_the_search_for_hard_strings_finds_expressions_that_are_not_linear() -> None:
    from expressions import Expression

    for pattern in (r"(?:a|a)*b", r"\s+$", r"(\w+\s?)*:", r"[.!?]+(?=\s)", r"<!--.*?-->x"):
        assert slow_on(Expression(name="", pattern=re.compile(pattern), anchored=False)) is not None


def seconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


WORK: dict[str, Callable[[str], object]] = {
    "sentences": lambda text: split_sentences(text, "sl"),
    "wrapping": wrap_width,
    "kind": lambda text: text_kind(text.encode()),
    "terms": lambda text: document_terms(text, "sl"),
    "dates": lambda text: find_moments(text, "sl"),
    "chunking": lambda text: chunk_document(Document(id="d", text=text), count_tokens=len, max_tokens=320),
    "periods": lambda text: find_periods(text, language="sl"),
}
UNITS = (
    ".", " ", "\n", "a\n", "a\r", "a. » b ", "a.] ", "<!--a-->", "<!--", "a", "\u0301", "1.", "A.", "a-", "?\n\n", "» ", "\t",
    "\x0c\n", "z. B. ", "1:", "([", "Dl. ", "1. 1. 2026 ", "2026", "2026. ", "10:30 ",
)  # fmt: skip


@pytest.mark.parametrize("name", WORK)
def test_what_reads_a_text_takes_time_in_proportion_to_it(name: str) -> None:
    work = WORK[name]
    work("Ein Satz. Noch einer.\n")  # what it loads once
    slow = []
    for unit in UNITS:
        quarter, whole = (
            min(seconds(work, f"x{unit * (n // len(unit))}x") for _ in range(2)) for n in (10_000, 40_000)
        )
        if whole > 0.02 and whole > 9 * quarter:
            slow.append((unit, quarter, whole))
    assert slow == []


def test_a_word_without_end_is_cut_in_bounded_parts() -> None:
    asked: list[int] = []

    def count(text: str) -> int:
        asked.append(len(text))
        return len(text) // 4 + 1

    text = "a" * 400_000 + " b. " + "č" * 100_000
    passages = chunk_document(Document(id="d", text=text), count_tokens=count, max_tokens=320)
    assert "".join(passage.text for passage in passages).replace(" ", "") == text.replace(" ", "")
    assert max(len(passage.text) for passage in passages) <= 4 * 320
    assert sorted(asked)[-3] <= 20_001  # langchain never sees more


def test_comments_before_a_page_are_passed_once(tmp_path: Path) -> None:
    assert text_kind(b"<!--a-->" * 40 + b"x") is None
    assert text_kind(b"<?xml version='1.0'?> <!-- a > b --> <!----><!DOCTYPE html><p>") == "html"
    assert text_kind(b"<!-- a -- <html>") is None
    documents, _ = parts(tmp_path / "a.txt", b"<!--a-->" * 40 + PARAGRAPHS[0].encode())
    assert documents[0].text.endswith(PARAGRAPHS[0])


def test_a_table_costs_its_own_size_however_many_columns_it_names(tmp_path: Path) -> None:
    def table(size: int) -> str:
        return "text" + "," * size + "\n" + "x\n" * 20 + ",\n" * size

    def work(data: str) -> None:
        parts(tmp_path / "a.csv", data.encode())

    quarter, whole = (min(seconds(work, table(size)) for _ in range(3)) for size in (1000, 4000))
    assert whole < 9 * quarter
    documents, failures = parts(tmp_path / "a.csv", b'id,text,,title,text\n7,a,,"T, t",the last one counts\n8,b\n')
    assert [(d.id, d.text, d.title) for d in documents] == [
        ("a.csv#7", "the last one counts", "T, t"),
        ("a.csv#8", "b", ""),  # the filled one of two columns for the text
    ]
    assert failures == []
