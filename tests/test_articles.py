"""Documents made of what was read: what is given wins over what is found."""

from __future__ import annotations

import pytest

from rag.article.document import article, complete
from rag.article.lines import read_lines
from rag.errors import CorpusError
from rag.records import Document


def test_what_is_given_wins_over_what_is_found() -> None:
    text = "Titlul paginii\n\n28 ian. 2026\n\nPrimul ministru a anunțat luni că guvernul va adopta bugetul."
    document = article(text, document_id="d", title="Alt titlu", outlet="Gazeta")
    assert (document.title, document.outlet, document.language) == ("Alt titlu", "Gazeta", "ro")
    assert document.evidence == {"title": "given", "outlet": "given", "published": "text", "language": "text"}
    assert document.text == text


def test_a_document_given_by_a_program_gets_its_language_only() -> None:
    text = "Titlul paginii\n\nPrimul ministru a anunțat luni că guvernul va adopta bugetul."
    found = complete(Document(id="d", text=text))
    assert (found.language, found.title, found.masked) == ("ro", "", ())
    assert complete(Document(id="d", text=text, language="sl")).language == "sl"
    assert complete(Document(id="d", text="12")).language is None


def test_a_document_without_id_or_text_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"A document has no id \(title 'T'\); nothing was added\."):
        complete(Document(id=" ", text="x", title="T"))
    with pytest.raises(CorpusError, match=r"Document 'd' has no text; nothing was added\."):
        complete(Document(id="d", text=" \n"))
    with pytest.raises(
        CorpusError, match=r"The title of document 'd' has half a character .* at 2; nothing was added\."
    ):
        complete(Document(id="d", text="x", title="ab\ud800"))


_STORY = (
    "Premierul a discutat luni la București cu {one}, a anunțat {two}.",
    "Guvernul va adopta bugetul săptămâna viitoare, după consultări cu {two}, iar apoi cu {one} și cu miniștrii.",
    "Opoziția cere o comisie de anchetă și spune că nimeni nu a explicat cheltuielile de anul trecut.",
)


def test_targets_of_links_are_masked_within_their_sentences() -> None:
    one, two = "[Donald Trump](https://example.org/a_(b))", '[Casa Albă](/c "titlu")'
    lines = [line.format(one=one, two=two) for line in _STORY]
    text = "\n\n".join([*lines, "![Sigla](/logo.png)", "- [Sport](/sport)", "- [Meteo](/meteo)"])
    found = article(text, document_id="d")
    shown = "".join(text[slice(*span)] for span in found.body_spans)
    assert "Donald Trump, a anunțat [Casa Albă." in shown
    assert not any(part in shown for part in ("example.org", "titlu", "logo", "sport"))
    # Passages read on past the targets, but not into a picture that is a line of its own.
    assert "".join(text[slice(*span)] for span in found.passage_spans).strip() == "\n\n".join(lines)


def test_pieces_of_one_sentence_are_one_line() -> None:
    links = {"one": "\nDonald Trump\n", "two": "\nCasa Albă\n"}
    pieces = ["\n".join(part.strip() for part in line.format(**links).splitlines()) for line in _STORY]
    assert [line.text for line in read_lines("\n".join([*pieces, "Sport", "Meteo"]))] == [*pieces, "Sport", "Meteo"]
    # In a page of whole lines nothing is joined, whatever a caption begins with.
    whole = [line.format(one="Donald Trump", two="Casa Albă") for line in _STORY]
    page = ["Sport", "din arhivă", *whole, "de vorbă cu un martor"]
    assert [line.text for line in read_lines("\n".join(page))] == page
