"""Answers: verbatim, cited, checked again, and withheld when nothing in the corpus answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Citation, CitationError, Document, Index, Settings
from rag.answering.quotes import check_citation

SEEN_IN_PARIS = pytest.mark.xfail(strict=True, reason="the reader prefers 000, where Dmitriev was seen in Paris")


@pytest.mark.parametrize(
    ("question", "words", "document"),
    [
        ("Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?", "la Moscova", "003"),
        pytest.param(
            "Where did Witkoff and Kushner meet Dmitriev in January?",
            "Paris",
            "001",
            marks=SEEN_IN_PARIS,
        ),
        ("S kom se je Witkoff sestal na jugu Floride?", "Dmitrijevim", "004"),
        (
            "V katerem mestu sta se Witkoff in Dmitrijev sestala?",
            "na jugu Floride",
            "004",
        ),
        pytest.param(
            "V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?", "la Paris", "001", marks=SEEN_IN_PARIS
        ),
    ],
)
def test_the_sentence_that_answers_is_quoted(seeds_index: Index, question: str, words: str, document: str) -> None:
    answer = seeds_index.answer(question)
    assert not answer.abstained
    assert any(words in quote.text and quote.citation.document_id.startswith(document) for quote in answer.quotes)
    assert [quote.number for quote in answer.quotes] == list(range(1, len(answer.quotes) + 1))
    for quote in answer.quotes:
        assert seeds_index.quote(quote.citation) == quote.text


@pytest.mark.parametrize(
    "question",
    [
        "Care este prețul unui bilet de tren de la București la Cluj?",
        "Kakšno bo vreme v Ljubljani jutri?",
        "Who won the football world cup in 2022?",
        "Cum se face ciorba de burtă?",
        "Kdo je napisal roman Alamut?",
        "What is the boiling point of ethanol?",
    ],
)
def test_what_the_corpus_does_not_say_is_not_answered(seeds_index: Index, question: str) -> None:
    answer = seeds_index.answer(question)
    assert answer.abstained
    assert answer.quotes == ()
    assert answer.confidence is not None and answer.confidence < 0.5


@settings(max_examples=40)
@given(
    question=st.lists(
        st.sampled_from(
            ["Putin", "Zelenski", "Moscova", "vojna", "pace", "mir", "the", "of", "în", "Witkoff", "?", "2026", "🙂"]
        ),
        min_size=1,
    ).map(" ".join)
)
def test_no_quote_is_ever_shown_that_is_not_there(seeds_index: Index, question: str) -> None:
    answer = seeds_index.answer(question)
    assert answer.abstained == (not answer.quotes)
    for quote in answer.quotes:
        document = seeds_index.document(quote.citation.document_id)
        assert document.text[quote.citation.start : quote.citation.end] == quote.text
        assert quote.citation.sha256 == document.sha256
        assert not any(a < quote.citation.end and quote.citation.start < b for a, b in document.boilerplate)


DOCUMENT = Document(id="a", text="One. Two. Three.")
CITATION = Citation(document_id="a", sha256=DOCUMENT.sha256, start=5, end=9)


def test_a_citation_is_checked() -> None:
    assert check_citation(CITATION, DOCUMENT) == "Two."


@pytest.mark.parametrize(
    ("citation", "document", "message"),
    [
        (CITATION, Document(id="a", text="One. Four. Three."), "has changed since it was cited"),
        (CITATION, Document(id="b", text=DOCUMENT.text), "The citation is of 'a', the document is 'b'"),
        (replace(CITATION, end=99), DOCUMENT, "lies outside 'a', which has 16 characters"),
        (replace(CITATION, start=9), DOCUMENT, "lies outside"),
        (replace(CITATION, start=-3), DOCUMENT, "lies outside"),
    ],
)
def test_a_citation_that_fails_says_why(citation: Citation, document: Document, message: str) -> None:
    with pytest.raises(CitationError, match=message):
        check_citation(citation, document)


def test_a_citation_of_a_removed_article_says_so(seeds_index: Index) -> None:
    with pytest.raises(CitationError, match="'gone' is no longer in the index"):
        seeds_index.quote(replace(CITATION, document_id="gone"))


def test_of_sentences_as_good_the_first_of_the_passage_is_quoted(
    seeds_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged alike, the lead comes before what repeats it; judged clearly better, a later sentence is quoted."""
    from rag.answering import quote_score, quotes

    question = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
    judged: Any = quote_score.sentence_signals
    for gain, first in ((0.01, True), (0.2, False)):

        def favoured(table: object, tokens: object, sentences: list[str], gain: float = gain, **more: object) -> object:
            signals = judged(table, tokens, sentences, **more)
            best = max(np.einsum("ij,j->i", signals, quote_score.WEIGHTS))
            for place, sentence in enumerate(sentences):
                if sentence.startswith("Kremlinul s-a arătat"):
                    signals[place] = [best, best, best, 0, 0]
                if sentence.startswith("Ușakov a amintit"):
                    signals[place] = [best * (1 + gain)] * 3 + [0, 0]
            return signals

        monkeypatch.setattr(quotes, "sentence_signals", favoured)
        place = Path(str(seeds_index.info()["index"]))
        with Index.open(settings=Settings(index=place, reader=False)) as unread:
            quote = unread.answer(question).quotes[0].text
        assert quote.startswith("Kremlinul s-a arătat" if first else "Ușakov a amintit")
