"""Frames of a question are not searched for."""

from __future__ import annotations

import pytest

from rag import Index, Query
from rag.text.frames import without_frames


@pytest.mark.parametrize(
    ("question", "language", "left"),
    [
        ("Conform textului, cine a condus juriul?", "ro", "cine a condus juriul?"),
        ("According to the passage, whom did he blame?", "en", "whom did he blame?"),
        ("Kdo je po navedbah besedila zmagal?", "sl", "Kdo je zmagal?"),
        ("Who won, according to the text?", "en", "Who won, ?"),
        ("In the text?", "en", "In the text?"),
        ("Who met Putin?", "en", "Who met Putin?"),
        ("Conform textului, cine?", None, "Conform textului, cine?"),
    ],
)
def test_frames_are_left_out(question: str, language: str | None, left: str) -> None:
    assert without_frames(question, language) == left


def test_a_framed_question_finds_what_the_plain_one_finds(seeds_index: Index) -> None:
    plain = "Cine a condus delegația rusă la întâlnirea din Paris?"
    found = seeds_index._parts.retriever.search(Query(question=plain))
    framed = seeds_index._parts.retriever.search(Query(question=f"Conform textului, {plain}"))
    assert [hit.passage.id for hit in framed.hits] == [hit.passage.id for hit in found.hits]
    assert [hit.score for hit in framed.hits] == pytest.approx([hit.score for hit in found.hits])
    assert framed.question.text == f"Conform textului, {plain}"
