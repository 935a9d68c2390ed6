"""What the reader says of passages, by hand on a tiny graph, and how an answer is made of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tiny_contextual import write_tiny_contextual

from rag import Document, Index, Settings
from rag.answering import reader
from rag.answering.asked_names import Missing
from rag.answering.question_intent import question_intent
from rag.answering.quote_span import only_names, whole_quote
from rag.answering.reader import AnswerWeights, answer_weights
from rag.cli.commands import main
from rag.encoding import contextual, onnx_model, reading_model
from rag.encoding.reading_model import ReadingModel, ToRead
from rag.text.sentences import split_sentences


def sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = write_tiny_contextual(tmp_path / "contextual")
    monkeypatch.setattr(contextual, "CONTEXTUAL", made)
    monkeypatch.setattr(reading_model, "CONTEXTUAL", made)
    # what is expected is the reader's alone
    alone = AnswerWeights(reader=1.0, rank=0.0, names=0.0, claim=0.0, numbers=0.0, intercept=0.0, threshold=0.5)
    monkeypatch.setattr(reader, "answer_weights", lambda: {True: alone, False: alone})
    return made


def test_reader_and_ranker_join_in_log_odds() -> None:
    weights = AnswerWeights(reader=1.0, rank=0.5, names=-2.0, claim=-3.0, numbers=-4.0, intercept=-1.0, threshold=0.5)
    there = Missing()
    assert weights.probability(sigmoid(2.0), sigmoid(4.0), there) == pytest.approx(sigmoid(3.0))
    assert weights.probability(sigmoid(2.0), sigmoid(-4.0), there) == pytest.approx(sigmoid(-1.0))
    assert 0 < weights.probability(0.0, 0.0, there) < weights.probability(1.0, 1.0, there) < 1
    another = Missing(names=0.75, claim=1.0, numbers=0.25)
    assert weights.probability(sigmoid(2.0), sigmoid(4.0), another) == pytest.approx(sigmoid(3.0 - 1.5 - 3.0 - 1.0))
    for shipped in answer_weights().values():
        assert shipped.reader > 0 and shipped.rank > 0 and 0 < shipped.threshold < 1


def test_sentences_share_the_probability_and_the_words_are_found(folder: Path) -> None:
    text = "War in moscow. Peace in paris today."
    (read,) = ReadingModel(folder).read("where", [ToRead(text=text, sentences=((0, 14), (15, 36)))])
    assert read.probability == pytest.approx(sigmoid(3))
    assert text[slice(*(read.sentences[1].words or (0, 0)))] == "paris"
    # Both begin and end have e^6 for "paris" and e^0 for the eight others: four words and a full stop in each sentence,
    # where of "war in moscow ." ten ordered pairs are possible, of "peace in paris today ." fifteen, and no answer.
    e = math.exp(6)
    first, second = 10.0, (1 + 1 + e) * e + 2 * (1 + e) + 1 + (1 + 1 + 1) + 2 * 1 + 1 * 1 + (e * 2)
    share = read.sentences[1].probability / read.probability
    assert share > 0.98 and share + read.sentences[0].probability / read.probability == pytest.approx(1)
    assert read.sentences[0].probability / read.sentences[1].probability == pytest.approx(first / second, rel=0.05)


def test_each_case_is_calibrated_by_itself(folder: Path) -> None:
    passage = ToRead(text="Paris.", sentences=((0, 6),))
    across = ToRead(text="Paris.", sentences=((0, 6),), same_language=False)
    same, other = ReadingModel(folder).read("where", [passage, across])
    assert (same.probability, other.probability) == pytest.approx((sigmoid(3), sigmoid(1)))


def test_a_long_passage_is_read_to_its_end(folder: Path) -> None:
    text = "Peace in moscow is war. " * 90 + "It is paris."
    spans = tuple(split_sentences(text, "en"))
    (read,) = ReadingModel(folder).read("where " * 100, [ToRead(text=text, sentences=spans, context="Title. " * 60)])
    assert len(read.sentences) == 91
    best = max(range(91), key=lambda place: read.sentences[place].probability)
    assert best == 90 and text[slice(*(read.sentences[90].words or (0, 0)))] == "paris"
    assert read.probability == pytest.approx(sigmoid(3))


@pytest.mark.parametrize("text", ["", "\U0001f642", "…", "日本語のテキスト"])
def test_nothing_to_read_gives_numbers_all_the_same(folder: Path, text: str) -> None:
    spans = ((0, len(text)),) if text else ()
    (read,) = ReadingModel(folder).read("\ud800?", [ToRead(text=text, sentences=spans)])
    assert read.probability == pytest.approx(sigmoid(-3))
    assert all(math.isfinite(sentence.probability) for sentence in read.sentences)


ARTICLES = [
    Document(id="a", title="Talks", published=date(2026, 1, 7), language="en", text=(
        "The talks between the ministers of war and peace were long. They were held in Paris on Wednesday evening.")),
    Document(id="b", title="Other talks", published=date(2025, 3, 1), language="en", text=(
        "The ministers of war held talks in Moscow on 1 March 2025. Nothing was said of peace.")),
    Document(id="c", title="Copy", published=date(2026, 1, 7), language="en", text=(
        "The talks between the ministers of war and peace were long. They were held in Paris on Wednesday evening.")),
]  # fmt: skip


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index") as index:
        index.add(ARTICLES[:2])
        index.refine()
        yield index


def test_the_reader_chooses_the_sentence_and_the_one_it_leans_on(index: Index) -> None:
    answer = index.answer("Where were the talks between the ministers of war and peace?")
    (quote,) = answer.quotes
    assert quote.text == ARTICLES[0].text  # "They were held" says of what only with the sentence before
    assert quote.answer_start is not None and quote.answer_end is not None
    assert ARTICLES[0].text[quote.answer_start : quote.answer_end] == "Paris"
    assert index.quote(quote.citation) == quote.text
    assert answer.confidence == pytest.approx(sigmoid(3))
    assert {hit.document.id: hit.confidence for hit in answer.hits} == pytest.approx(
        {"a": sigmoid(3), "b": sigmoid(-3)}
    )


def test_copies_change_nothing(index: Index) -> None:
    question = "Where were the talks between the ministers of war and peace?"
    before = index.answer(question)
    index.add(ARTICLES[2:])
    index.refine()
    after = index.answer(question)
    assert [quote.text for quote in after.quotes] == [quote.text for quote in before.quotes]
    assert after.confidence == before.confidence


def test_nothing_is_answered_where_nothing_is_read_to_answer(index: Index) -> None:
    index.remove(["a"])
    answer = index.answer("Where were the talks of the ministers of war?")
    assert answer.abstained and answer.quotes == () and answer.confidence == pytest.approx(sigmoid(-3))


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("Where were the talks of the ministers in January 2026?", True),
        ("Where were the talks of the ministers on 6 January 2026?", True),  # reported the day after
        ("Where were the talks of the ministers on 8 January 2026?", False),
        ("Where were the talks of the ministers in June 2024?", False),
        ("Where were the talks of the ministers on 5 March 2026?", False),
    ],
)
def test_a_date_counts_only_where_passage_or_article_are_of_it(index: Index, question: str, answered: bool) -> None:
    plain = index.answer("Where were the talks of the ministers?")
    dated = index.answer(question)
    assert (not dated.abstained) is answered
    assert dated.confidence is not None and plain.confidence is not None and dated.confidence <= plain.confidence


def test_the_reader_can_be_switched_off(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "index")
    with Index.create(place) as index:
        index.add(ARTICLES[:2])
    with Index.open(settings=Settings(index=Path(place), reader=False)) as index:
        answer = index.answer("Where were the talks between the ministers of war and peace?")
        assert all(quote.answer_start is None for quote in answer.quotes)
        assert index._parts.answerer._reader is None
    assert main(["ask", "Where were the talks of war and peace?", "--index", place, "--no-reader", "--json"]) == 0
    assert '"answer_start": null' in capsys.readouterr().out or '"quotes": []' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "language", "intent"),
    [
        ("Putin", None, "topic"),
        ("Donald Trump", "en", "topic"),
        ("?", None, "topic"),
        ("What's new?", "en", "news"),
        ("Ce mai e nou?", "ro", "news"),
        ("Kaj je novega?", "sl", "news"),
        ("Was gibt’s Neues?", "de", "news"),
        ("And who else?", "en", "follow_up"),
        ("And who else?", None, "follow_up"),
        ("Și cine altcineva?", "ro", "follow_up"),
        ("In kdo še?", "sl", "follow_up"),
        ("Zakaj?", "sl", "follow_up"),
        ("Who met Putin?", "en", "answer"),
        ("When did the war end?", "en", "answer"),
        ("Unde s-au întâlnit?", "ro", "answer"),
        ("And who else was there?", "en", "follow_up"),
        ("When was it rebuilt?", "en", "follow_up"),
        ("Kaj je rekel on?", "sl", "follow_up"),
        ("And what about Putin?", "en", "answer"),
        ("Why was the bridge closed when it was repaired?", "en", "answer"),
        ("Articole despre Kremlin", "ro", "list"),
        ("Članki o Trumpu", "hr", "list"),  # as its language is found
        ("Povzemi članek o Witkoffu", "sl", "summary"),
        ("Compare the two reports", "en", "comparison"),
    ],
)
def test_what_is_asked_for(question: str, language: str | None, intent: str) -> None:
    assert question_intent(question, language) == intent


@pytest.mark.parametrize("question", ["Paris", "What's new?", "And who else?"])
def test_what_asks_for_no_answer_gets_no_sentence(index: Index, question: str) -> None:
    answer = index.answer(question)
    assert answer.intent != "answer" and answer.abstained and answer.quotes == () and answer.confidence is None


@pytest.mark.parametrize(
    ("line", "only"),
    [
        ("Donald Trump și Vladimir Putin, Alaska", True),
        ("Foto: Inquam Photos / Octav Ganea", True),
        ("De Ion Popescu", True),
        ("Președintele a semnat legea.", False),
        ("Prețul: 25 lei", False),
        ("Consiliul a aprobat bugetul pentru spital", False),
    ],
)
def test_a_line_of_names_says_nothing(line: str, only: bool) -> None:
    assert only_names(line) is only


@pytest.mark.parametrize(
    ("text", "language", "place", "leans", "expected"),
    [
        ("One. He left. Three.", "en", 1, False, "He left."),
        ("One. He left. Three.", "en", 1, True, "One. He left."),
        ("He said: “We go. We stay.” Then he left.", "en", 0, False, "He said: “We go. We stay.”"),
        ("He said: “We go. We stay.” Then he left.", "en", 1, False, "He said: “We go. We stay.”"),
        ("A spus: „Plecăm. Nu mai stăm.” A tăcut.", "ro", 0, False, "A spus: „Plecăm. Nu mai stăm.”"),
        ("Er sagte: „Wir gehen. Wir bleiben.“ Dann ging er.", "de", 1, False, "Er sagte: „Wir gehen. Wir bleiben.“"),
        ("It is “never closed. And so on. And on.", "en", 0, False, "It is “never closed."),
    ],
)
def test_a_quote_is_whole(text: str, language: str, place: int, leans: bool, expected: str) -> None:
    document = Document(id="a", text=text, language=language)
    start, end = whole_quote(document, split_sentences(text, language), place, leans=leans)
    assert text[start:end] == expected


@pytest.mark.parametrize("damage", ["missing", "cut", "whole folder"])
def test_without_the_reader_one_line_is_said_and_the_table_answers(
    index: Index, folder: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "reader.onnx"
    content = path.read_bytes()
    if damage == "whole folder":
        folder.rename(folder.with_name("away"))
        onnx_model.open_model.cache_clear()
    else:
        path.unlink() if damage == "missing" else path.write_bytes(content[: len(content) // 2])
    with caplog.at_level(logging.WARNING):
        answer = index.answer("Where were the talks between the ministers of war and peace?")
        index.answer("Who held talks in Moscow?")
    assert all(quote.answer_start is None for quote in answer.quotes)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1 and said[0].endswith("Install the program again; answers are chosen without the reader")
