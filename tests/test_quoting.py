"""Which sentence is quoted: what the question asks for, and what a sentence shares with it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rag import Document, Index
from rag.answering.question_kind import Kind, expected_kind, holds_kind
from rag.answering.quote_score import SIGNALS, WEIGHTS, sentence_signals
from rag.encoding.table import TokenTable
from rag.retrieval.late_interaction import question_tokens


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("When did they meet?", "en", "time"),
        ("Since when has he been in Paris?", "en", "time"),
        ("In what year was it built?", "en", "time"),
        ("What did Putin say when he left?", "en", None),
        ("How many people died?", "en", "number"),
        ("How did they travel?", "en", None),
        ("Când s-au întâlnit?", "ro", "time"),
        ("cand s-au intalnit", "ro", "time"),
        ("În ce an a fost ales?", "ro", "time"),
        ("Ce a spus Putin când a plecat?", "ro", None),
        ("Câți oameni au murit?", "ro", "number"),
        ("Cu cât a crescut prețul?", "ro", "number"),
        ("Kdaj sta se sestala?", "sl", "time"),
        ("Katerega leta je umrl?", "sl", "time"),
        ("Koliko ljudi je umrlo?", "sl", "number"),
        ("Kdo je umrl?", "sl", None),
        ("Where did they meet?", "en", "place"),
        ("In which city did they meet?", "en", "place"),
        ("Unde s-au întâlnit?", "ro", "place"),
        ("De unde vine?", "ro", "place"),
        ("În ce oraș s-au întâlnit?", "ro", "place"),
        ("V katerem mestu sta se sestala?", "sl", "place"),
        ("Où se sont-ils rencontrés ?", "fr", "place"),
        ("Wie viele Menschen starben?", "de", "number"),
        ("Wie starben sie?", "de", None),
        ("Quand se sont-ils rencontrés ?", "fr", "time"),
        ("Koliko je ljudi umrlo?", "hr", "number"),
        ("W którym roku zbudowano most?", "pl", "time"),
        ("Ilu ludzi zginęło?", "pl", "number"),
        ("W jakim mieście się spotkali?", "pl", "place"),
        ("Mikor találkoztak?", "hu", "time"),
        ("В каком году построен мост?", "ru", "time"),
        ("Hur många dog?", "sv", "number"),
        ("Πού συναντήθηκαν;", "el", "place"),
        ("When did they meet?", "ro", None),
        ("When did they meet?", None, None),
        ("", "en", None),
    ],
)
def test_what_a_question_asks_for(question: str, language: str | None, kind: Kind | None) -> None:
    assert expected_kind(question, language) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "language", "held"),
    [
        ("time", "S-au întâlnit pe 12 ianuarie la Paris.", "ro", True),
        ("time", "S-au întâlnit ieri la Paris.", "ro", True),
        ("time", "They met in 1946.", "en", True),
        ("time", "Twenty met, and 20 more.", "en", False),
        ("time", "Of those in Paris 7 spoke.", "en", False),
        ("time", "What happened after 2019 is known.", "en", False),  # the question's own year
        ("number", "Of those in Paris 7 spoke.", "en", True),
        ("number", "What happened after 2019 is known.", "en", False),
        ("place", "S-au întâlnit la Paris.", "ro", True),
        ("place", "S-au întâlnit cu Dmitriev despre Ucraina.", "ro", False),
        ("place", "S-au întâlnit în Ianuarie.", "ro", False),
        ("place", "They met in the afternoon.", "en", False),
        ("place", "Sestala sta se v Parizu.", "sl", True),
        ("place", "They met in Paris.", "is", False),  # a language whose prepositions are not known here
        (None, "They met in 1946.", "en", False),
    ],
)
def test_whether_a_sentence_has_it(kind: Kind | None, sentence: str, language: str, held: bool) -> None:
    question = "When did they meet after 2019?"
    for written in (None, date(2026, 1, 14)):
        assert holds_kind(kind, sentence, question=question, written=written, language=language) is held


def test_signals_of_sentences_by_hand(tiny_table: TokenTable) -> None:
    question = question_tokens(tiny_table, "peace moscow")  # a half each
    signals = sentence_signals(
        tiny_table,
        question,
        ["pace", "the train", "", "war war"],
        follows=np.array([False, True, True, False]),
        holds=np.array([False, True, False, False]),
    )
    found = dict(zip(SIGNALS, signals.T.tolist(), strict=True))
    # pace is peace; the is peace and train is moscow (both 1); war: .6 of peace, .8 of moscow.
    assert found["late"] == pytest.approx([0.5, 1.0, 0.0, 0.7])
    # The empty sentence is carried by the one before it (.4 of 1); the last follows none.
    assert found["carried"] == pytest.approx([0.5, 1.0, 0.4, 0.7])
    assert found["length"] == pytest.approx((np.log([2, 3, 1, 3]) / 5).tolist())
    assert found["kind"] == [0, 1, 0, 0]


def test_nothing_asked_gives_signals_of_nothing(tiny_table: TokenTable) -> None:
    nothing = np.array([False])
    signals = sentence_signals(tiny_table, question_tokens(tiny_table, "?"), ["peace"], follows=nothing, holds=nothing)
    assert signals[0, : SIGNALS.index("length")].tolist() == [0.0] * SIGNALS.index("length")


def test_the_weights_are_those_of_the_signals() -> None:
    assert WEIGHTS.shape == (len(SIGNALS),) and WEIGHTS[WEIGHTS > 0].sum() == pytest.approx(1, abs=0.01)


def test_the_sentence_with_the_time_is_quoted_before_one_that_repeats_the_question(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with_time, without = "The bridge in Novi Sad was closed in 1999.", "The bridge in Novi Sad was closed at night."
    with Index.create(tmp_path_factory.mktemp("quoting") / "index") as index:
        index.add([Document(id="a", text=f"{without} {with_time}", language="en")])
        index.add([Document(id="b", text="A recipe for bread.", language="en")])
        assert index.answer("When was the bridge in Novi Sad closed?").quotes[0].text == with_time
        assert index.answer("What was closed at night in Novi Sad?").quotes[0].text == without
