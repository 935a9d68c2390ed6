"""Passages: exact, complete, within limits, in order, clear of masks."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.indexing.chunking import chunk_document
from rag.readers import read_documents
from rag.records import Document, Passage, Span
from rag.text.sentences import split_sentences

SEEDS = Path(__file__).parent.parent / "seeds"


def _count(text: str) -> int:
    """Count tokens as a subword model might: one for every four characters of a word, one for every mark."""
    return sum(-(-len(word) // 4) for word in re.findall(r"\w+|[^\w\s]", text))


def _words(text: str) -> int:
    return len(text.split())


def _chunk(text: str, size: int, *, masked: tuple[Span, ...] = (), overlap: int = 0) -> list[str]:
    document = Document(id="d", text=text, language="ro", masked=masked)
    passages = chunk_document(
        document, count_tokens=_words, max_tokens=size, target_tokens=size, overlap_sentences=overlap
    )
    assert all(document.text[p.start : p.end] == p.text and p.document_id == "d" for p in passages)
    return [passage.text for passage in passages]


def test_small_documents_are_one_passage() -> None:
    assert _chunk("  Un titlu\n\nO frază. Alta.\n", 20) == ["Un titlu\n\nO frază. Alta."]


def test_paragraphs_are_kept_together() -> None:
    text = "Unu doi trei. Patru cinci.\n\nȘase șapte opt nouă zece.\n\nUnsprezece doisprezece."
    assert _chunk(text, 7) == ["Unu doi trei. Patru cinci.", "Șase șapte opt nouă zece.\n\nUnsprezece doisprezece."]


def test_long_paragraphs_are_cut_at_sentences_not_at_abbreviations() -> None:
    text = "Dl. Popescu a venit ieri. Legea nr. 5 e bună. A plecat la ora 9."
    assert _chunk(text, 6) == ["Dl. Popescu a venit ieri.", "Legea nr. 5 e bună.", "A plecat la ora 9."]
    assert _chunk(text, 10) == ["Dl. Popescu a venit ieri. Legea nr. 5 e bună.", "A plecat la ora 9."]


def test_a_paragraph_of_up_to_twice_the_aim_stays_whole() -> None:
    text = "Unu doi trei. Patru cinci șase.\n\nȘapte opt nouă. Zece unsprezece. Doisprezece treisprezece."
    document = Document(id="d", text=text, language="ro")

    def cut(target: int, limit: int) -> list[str]:
        passages = chunk_document(document, count_tokens=_words, max_tokens=limit, target_tokens=target)
        return [passage.text for passage in passages]

    first, second = "Unu doi trei. Patru cinci șase.", "Șapte opt nouă. Zece unsprezece. Doisprezece treisprezece."
    assert cut(4, 100) == [first, second]
    assert cut(3, 100) == [first, "Șapte opt nouă.", "Zece unsprezece.", "Doisprezece treisprezece."]
    # what an encoder sees of a text is never passed
    assert cut(4, 6) == [first, "Șapte opt nouă.", "Zece unsprezece. Doisprezece treisprezece."]


def test_a_subheading_stays_with_the_paragraph_under_it() -> None:
    text = "Unu doi trei patru cinci.\n\nUn subtitlu\n\nȘase șapte opt nouă.\nÎncă una:\n- zece;\n- unsprezece."
    assert _chunk(text, 8) == [
        "Unu doi trei patru cinci.",
        "Un subtitlu\n\nȘase șapte opt nouă.",
        "Încă una:\n- zece;\n- unsprezece.",
    ]


def test_an_overlong_sentence_is_cut_at_clauses_then_words() -> None:
    text = "unu doi trei, patru cinci șase șapte opt nouă zece."
    assert _chunk(text, 4) == ["unu doi trei,", "patru cinci șase șapte", "opt nouă zece."]


def test_an_overlong_word_is_cut_and_nothing_is_lost() -> None:
    text = "x" * 10_000
    document = Document(id="d", text=text)
    passages = chunk_document(document, count_tokens=len, max_tokens=3000, target_tokens=160)
    assert "".join(passage.text for passage in passages) == text
    assert max(len(passage.text) for passage in passages) <= 160


def test_no_passage_crosses_a_mask() -> None:
    text = "Una. Două. MENIU Trei. Patru."
    start = text.index("MENIU")
    assert _chunk(text, 50, masked=((start, start + 5),)) == ["Una. Două.", "Trei. Patru."]
    assert _chunk(text, 50, masked=((0, len(text)),)) == []


def test_overlap_repeats_whole_sentences_within_the_limit() -> None:
    text = "A b c. D e f. G h i. J k l."
    assert _chunk(text, 6) == ["A b c. D e f.", "G h i. J k l."]
    document = Document(id="d", text=text)
    passages = chunk_document(document, count_tokens=_words, max_tokens=9, target_tokens=6, overlap_sentences=1)
    assert [passage.text for passage in passages] == ["A b c. D e f.", "D e f. G h i. J k l."]


def test_empty_text_has_no_passages() -> None:
    assert _chunk("", 5) == []
    assert _chunk(" \n\u00a0\r\n", 5) == []


@pytest.mark.parametrize(("size", "target", "overlap"), [(0, 5, 0), (5, 0, 0), (5, 5, -1)])
def test_impossible_sizes_are_refused(size: int, target: int, overlap: int) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1, the last at least 0"):
        chunk_document(
            Document(id="d", text="x"),
            count_tokens=len,
            max_tokens=size,
            target_tokens=target,
            overlap_sentences=overlap,
        )


def test_the_five_articles_are_cut_at_sentences_into_passages_of_the_asked_size() -> None:
    sizes: list[int] = []
    for path in sorted(SEEDS.glob("0*.txt")):
        (document,) = read_documents(path, document_id=path.name)
        starts = {start for start, _ in split_sentences(document.text, document.language)}
        passages = chunk_document(document, count_tokens=_words, max_tokens=256, target_tokens=110)
        _check(document, passages, _words, 110)
        sizes += [_words(passage.text) for passage in passages]
        after_mask = {end for _, end in document.boilerplate}
        for passage in passages:
            fresh = any(not document.text[end : passage.start].strip() for end in after_mask if end <= passage.start)
            assert passage.start in starts or fresh
    assert 70 <= sum(sizes) / len(sizes) <= 110
    assert min(sizes) >= 12  # the caption of a picture, between two masked spans


_WORD = st.sampled_from(
    ["pace", "Ucraina", "nr.", "5", "„Mir", "da.", "Nu!", "x" * 90, "🙂", "s-au", "…", "ș\u0326", "–"]
)
_SPACE = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\ue000", "\ue001"])
_TEXT = st.one_of(st.text(), st.lists(st.tuples(_WORD, _SPACE)).map(lambda pairs: "".join(w + s for w, s in pairs)))


@settings(deadline=None)
@given(
    _TEXT,
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=3),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 2),
)
def test_passages_are_exact_complete_and_within_limits(
    text: str, masks: list[tuple[int, int]], max_tokens: int, target: int, overlap: int
) -> None:
    masked = tuple((start, min(start + length, len(text))) for start, length in masks if start < len(text) and length)
    document = Document(id="d", text=text, masked=masked, language="ro")
    passages = chunk_document(
        document, count_tokens=_count, max_tokens=max_tokens, target_tokens=target, overlap_sentences=overlap
    )
    _check(document, passages, _count, max_tokens)


def _check(document: Document, passages: list[Passage], count: object, limit: int) -> None:
    assert callable(count)
    text = document.text
    assert [p.start for p in passages] == sorted({p.start for p in passages})
    assert [p.end for p in passages] == sorted({p.end for p in passages})
    covered = {offset for start, end in document.boilerplate for offset in range(start, end)}
    for passage in passages:
        inside = range(passage.start, passage.end)
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        assert len(passage.text) == 1 or count(passage.text) <= limit
        assert not any(start < passage.end and passage.start < end for start, end in document.boilerplate)
        covered.update(inside)
    assert not "".join(c for offset, c in enumerate(text) if offset not in covered).strip()


def test_parts_without_any_token_come_out_once() -> None:
    """Tokenizers drop marks; langchain repeats parts of length 0, and spans would run past the text."""
    text = "\n".join(["Articolul unu se aplica " * 4 + "acum. _"] * 30)
    document = Document(id="a", text=text)
    passages = chunk_document(
        document, count_tokens=lambda part: len(re.findall(r"[a-z]+", part.lower())), max_tokens=20, target_tokens=20
    )
    assert all(text[p.start : p.end] == p.text for p in passages)
    covered = "".join(p.text for p in passages)
    assert "".join(covered.split()) == "".join(text.split())


def test_a_sentence_is_whole_whatever_its_links_lead_to() -> None:
    text = "Ministrul [a semnat legea](https://example.org/a) luni. [Vezi](/b)\nMENIU\nLegea intră în vigoare în mai."
    targets = [(text.index(target), text.index(target) + len(target)) for target in ("](https://example.org/a)",)]
    last = (text.index("](/b)"), text.index("MENIU") + len("MENIU"))
    document = Document(id="d", text=text, masked=(*targets, last), language="ro")
    assert document.boilerplate == (last,)
    assert "example.org" not in "".join(text[slice(*span)] for span in document.body_spans)
    passages = chunk_document(document, count_tokens=len, max_tokens=200, target_tokens=100)
    assert [passage.text for passage in passages] == [text[: last[0]], "Legea intră în vigoare în mai."]
