"""The article beside an answer: every character of the text, the cited words marked, nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_samples import CONDITION, INVITED, Tree, cite

from rag import Document, Match
from rag.web.article import render_article
from rag.web.highlight import MOST_SHOWN, cut_article, mark_matches
from rag.web.url_state import Place


def test_the_cited_words_are_highlighted_and_nothing_else() -> None:
    start = INVITED.text.index(CONDITION)
    tree = Tree(render_article(INVITED, Place.of(cite(INVITED, start, start + len(CONDITION))), language="en"))
    assert tree.cited == CONDITION
    assert tree.all("id").count("cited") == 1
    assert tree.body == INVITED.text


def test_other_passages_that_matched_are_marked_and_can_be_gone_to() -> None:
    spans = [(INVITED.text.index(words_), INVITED.text.index(words_) + len(words_)) for words_ in (
        CONDITION, "Kremlinul s-a arătat dispus miercuri", "Important este", "Important este ca aceste contacte",
    )]  # fmt: skip
    around = (spans[0][0] - 20, spans[0][1] + 5)  # the passage that holds the quote is no other passage
    html = render_article(
        INVITED, Place.of(cite(INVITED, *spans[0])), language="en", others=[*spans, around, *spans[2:]]
    )
    found = re.findall(r'<a href="\?([^"]+)" data-cite="[^"]+" data-aside lang="ro">([^<]+)…</a>', html)
    assert [words_ for _, words_ in found] == [
        "Kremlinul s-a arătat dispus miercuri",
        "Important este ca aceste contacte",
    ]
    assert parse_qs(unescape(found[0][0])) == {"cite": [str(Place.of(cite(INVITED, *spans[1])))]}
    assert "Also in this article" in html
    alone = render_article(INVITED, Place.of(cite(INVITED, *spans[0])), language="en", others=[spans[0]])
    assert "Also in this article" not in alone


def test_furniture_is_folded_and_the_article_is_not() -> None:
    start = INVITED.text.index("RECOMANDAREA AUTORULUI")
    document = replace(INVITED, masked=((start, len(INVITED.text)),))
    tree = Tree(render_article(document, Place.of(cite(document, 0, 10)), language="en"))
    assert tree.furniture.strip() == INVITED.text[start:].strip()
    assert tree.body == INVITED.text
    assert [tag for tag, _ in tree.elements].count("details") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": INVITED.text.replace("Moscova", "Minsk")}, "The article has changed since it was cited"),
        ({"text": INVITED.text[:40]}, "The article has changed since it was cited"),
    ],
)
def test_a_citation_that_no_longer_matches_says_so_and_highlights_nothing(change: dict[str, str], said: str) -> None:
    start = INVITED.text.index(CONDITION)
    place = Place.of(cite(INVITED, start, start + len(CONDITION)))
    html = render_article(replace(INVITED, **change), place, language="en", quoted=CONDITION)  # type: ignore[arg-type]
    tree = Tree(html)
    assert said in html and tree.cited == "" and "cited" not in tree.all("id")
    assert tree.body == change["text"]
    assert f"<blockquote>{CONDITION}</blockquote>" in html  # what was cited is still told


def test_a_span_beyond_the_text_is_not_highlighted_even_if_the_text_is_the_same() -> None:
    place = replace(Place.of(cite(INVITED, 0, 5)), end=len(INVITED.text) + 1)
    html = render_article(INVITED, place, language="en")
    assert "The link does not point to any words of this article" in html and 'id="cited"' not in html


def test_a_removed_article_and_an_unreadable_link_have_their_own_words() -> None:
    gone = render_article(None, Place.of(cite(INVITED, 0, 5)), language="en")
    assert "This article is no longer in the collection" in gone and INVITED.id in gone
    assert "This citation cannot be opened" in render_article(None, None, language="en")


def test_only_web_addresses_become_links() -> None:
    for source, linked in (("https://example.org/a", True), ("javascript:alert(1)", False), ("seeds/003.txt", False)):
        html = render_article(replace(INVITED, source=source), Place.of(cite(INVITED, 0, 5)), language="en")
        assert (f'href="{source}"' in html) == linked


spans = st.tuples(st.integers(0, 90), st.integers(0, 90)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet='ab <&\n"ș', max_size=80),
    st.lists(spans, max_size=3),
    spans,
    st.lists(spans, max_size=2),
    st.lists(st.integers(0, 80), max_size=2),
)
def test_the_article_shown_is_the_text_to_the_character(
    text: str, masked: list[tuple[int, int]], cited: tuple[int, int], others: list[tuple[int, int]], pages: list[int]
) -> None:
    document = Document(id="d", text=text, masked=tuple(masked), pages=tuple(sorted({0, *pages})))
    blocks = cut_article(document, cited, others)
    assert "".join(piece.text for block in blocks for piece in block.pieces) == text
    shown = "".join(piece.text for block in blocks for piece in block.pieces if piece.kind == "cited")
    assert shown == text[slice(*cited)]
    tree = Tree(render_article(document, Place.of(cite(document, *cited)), language="en"))
    assert tree.body == text
    if cited[0] < cited[1] <= len(text) and text[slice(*cited)].strip():
        assert tree.cited.strip() == text[slice(*cited)].strip() or "\n" in text[slice(*cited)]
        assert tree.all("id").count("cited") == 1


@pytest.mark.parametrize("at", [0, 900_000, 1_979_000])
def test_of_a_very_long_article_a_stretch_around_the_citation_is_shown(at: int) -> None:
    text = "".join(f"{number:07}: a line.\n" for number in range(110_000))
    masked = tuple((start, start + 9) for start in range(0, len(text), 180))
    document = Document(id="d", text=text, masked=masked)
    cited = (at, at + 17)
    shown = "".join(piece.text for block in cut_article(document, cited) for piece in block.pieces)
    assert len(shown) <= MOST_SHOWN and shown in text and text[slice(*cited)] in shown
    page = render_article(document, Place.of(cite(document, *cited)), language="en")
    assert f"This text has {len(text):,} characters; characters " in page and len(page) < 40 * MOST_SHOWN
    assert "This text has" not in render_article(
        replace(document, text=text[:MOST_SHOWN], masked=()), None, language="en"
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.lists(st.tuples(spans, st.floats(0, 1)), max_size=5), st.integers(0, 9))
def test_marked_passages_are_the_text_to_the_character(
    text: str, found: list[tuple[tuple[int, int], float]], offset: int
) -> None:
    matches = [Match(query_start=0, query_end=1, start=a, end=b, similarity=s) for (a, b), s in found]
    pieces = mark_matches(text, offset, matches)
    assert "".join(piece.text for piece in pieces) == text
    for piece in pieces:
        if piece.match:
            assert piece.text == text[piece.match.start - offset : piece.match.end - offset]
