"""The page as pure functions: records in, HTML out. What a browser does with it is in test_web.py."""

from __future__ import annotations

import csv
import io
import json
import re
import string
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Agreement, Answer, Citation, Document, Failure, Hit, Match, Passage, Quote, SettingsError
from rag.web.address import Place, View
from rag.web.article import render_article
from rag.web.citing import as_bibtex, as_markdown, as_text
from rag.web.corpus import list_corpus
from rag.web.exports import to_csv, to_json, to_markdown
from rag.web.listening import listen
from rag.web.marking import cut_article, mark_matches
from rag.web.pending import Pending
from rag.web.reasons import CHANGE_KINDS, FACTS, KINDS
from rag.web.render import render_corpus, render_error, render_header, render_welcome
from rag.web.result import render_answer, render_sources
from rag.web.strings import LANGUAGES, preferred_language, words
from rag.web.suggestions import Kind
from rag.web.terms import Terms
from rag.web.theme import _EARLY
from rag.web.timeline import timeline

ROOT = Path(__file__).parent.parent
HOSTILE = """"><script>alert(1)</script><img src=x onerror=alert(2)>'${alert(3)}{{4}}`</title>"""
CONDITION = "cu condiția ca aceasta să aibă loc la Moscova"


def seed(prefix: str, **more: object) -> Document:
    path = next((ROOT / "seeds").glob(f"{prefix}_*.txt"))
    return Document(id=path.name, text=path.read_text(encoding="utf-8"), **more)  # type: ignore[arg-type]


INVITED = seed(
    "003", title="Rușii îl invită pe Zelenski la Moscova", outlet="Mediafax", published=datetime(2026, 1, 28, 18, 20),
    language="ro", author="Olga Borșcevschi",
)  # fmt: skip
FLORIDA = seed("004", language="sl")


def cite(document: Document, start: int, end: int) -> Citation:
    return Citation(
        document_id=document.id, sha256=document.sha256, start=start, end=end, title=document.title,
        outlet=document.outlet, published=document.published, source=document.source, page=document.page_at(start),
    )  # fmt: skip


def hit(document: Document, words_: str, rank: int = 1, **more: object) -> Hit:
    start = document.text.index(words_)
    end = start + len(words_)
    passage = Passage(document_id=document.id, start=start, end=end, text=words_)
    values: dict[str, object] = {"score": 1 - rank / 10, "citation": cite(document, start, end)} | more
    return Hit(passage=passage, document=document, rank=rank, **values)  # type: ignore[arg-type]


def answer(question: str, *hits: Hit, abstained: bool = False, confidence: float | None = 0.83) -> Answer:
    quotes = () if abstained else tuple(
        Quote(number=n, text=h.passage.text, citation=h.citation, score=h.score, language=h.document.language)
        for n, h in enumerate(hits, 1)
    )  # fmt: skip
    agreement = Agreement(
        articles=len({h.document.id for h in hits}),
        outlets=len({h.document.outlet for h in hits} - {None}),
        texts=len({h.document.id for h in hits}),
        languages=len({h.document.language for h in hits} - {None}),
    )
    return Answer(
        question=question, abstained=abstained, confidence=confidence, quotes=quotes, hits=hits,
        agreement=agreement if quotes else None,
    )  # fmt: skip


def render_all(answer: Answer, *, view: View, language: str) -> str:
    return render_answer(answer, view=view, language=language) + render_sources(answer, view=view, language=language)


class Tree(HTMLParser):
    """The elements of a piece of HTML, and the text of the article's body without our own words in it."""

    VOID = frozenset({"br", "img", "input", "path", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.body, self.cited, self.furniture = "", "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in self.VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.stack.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        classes = [attrs.get("class", "") for _, attrs in self.stack]
        if "iz-text" in classes and all(tag != "summary" for tag, _ in self.stack):
            self.body += data
            self.cited += data * ("cited" in classes)
            self.furniture += data * ("iz-furniture" in classes)

    def all(self, attribute: str) -> list[str]:
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]


# -- answers ----------------------------------------------------------------------------------------------------------


def test_numbers_are_links_to_their_places_and_name_the_exact_span() -> None:
    question = "Ce condiție a pus Kremlinul?"
    html = render_all(answer(question, hit(INVITED, CONDITION)), view=View(question=question), language="en")
    start = INVITED.text.index(CONDITION)
    place = f"{INVITED.id}@{INVITED.sha256[:16]}:{start}-{start + len(CONDITION)}"
    tree = Tree(html)
    number = next(attrs for tag, attrs in tree.elements if attrs.get("class") == "iz-number")
    assert number["data-cite"] == place
    assert parse_qs(number["href"].removeprefix("?")) == {"q": [question], "cite": [place]}
    assert f"data-text>{CONDITION}</blockquote>" in html
    assert "Likely, 0.83" in html
    assert "1 quote" in html and "1 outlet" in html
    assert "28 Jan 2026, 18:20" in html


def test_abstaining_shows_no_quote_and_labels_the_nearest_passages_as_no_answer() -> None:
    html = render_all(
        answer("How many people live in Iceland?", hit(FLORIDA, "Po srečanju"), abstained=True, confidence=0.02),
        view=View(question="How many people live in Iceland?", languages=("sl",)),
        language="en",
    )
    assert "The corpus does not say" in html
    assert "They do not answer the question" in html
    assert "Clear filters" in html  # a filter is on: without it there may be an answer
    assert "iz-number" not in html and "0.02" not in html and "Marked words" not in html
    assert "Po srečanju" in html


def test_a_card_without_title_shows_the_file_and_claims_no_outlet_and_no_date() -> None:
    html = render_all(answer("?", hit(FLORIDA, "Po srečanju")), view=View(question="?"), language="sl")
    assert f">{FLORIDA.id}</a></h4>" in html
    assert "datum ni naveden" in html and "<time" not in html and "iz-outlet" not in html
    article = render_article(FLORIDA, Place.of(cite(FLORIDA, 0, 5)), language="sl")
    assert "medij ni naveden" in article and "datum ni naveden" in article


def test_score_and_equal_confidence_are_not_said_twice() -> None:
    same = hit(INVITED, CONDITION, score=0.741, confidence=0.74)
    html = render_all(answer("?", same), view=View(question="?"), language="en")
    assert "Score 0.74 · Likely</span>" in html
    other = render_all(answer("?", replace(same, score=3.0)), view=View(question="?"), language="en")
    assert "Score 3.00 · Likely, 0.74</span>" in other


def test_paragraphs_of_a_quote_stay_its_exact_words() -> None:
    start = INVITED.text.index("externă, Iuri Ușakov.")
    words_ = INVITED.text[start : INVITED.text.index("securitatea și")]
    assert "\n\n" in words_
    html = render_all(answer("?", hit(INVITED, words_)), view=View(question="?"), language="en")
    shown = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", html, re.DOTALL)
    assert shown and unescape(re.sub("<[^>]+>", "", shown.group(1))) == words_


def test_marks_say_which_word_of_the_question_they_answer() -> None:
    question = "What condition was set?"
    start = INVITED.text.index("condiția ca")
    match = Match(query_start=5, query_end=14, start=start, end=start + 8, similarity=0.714)
    html = render_all(
        answer(question, hit(INVITED, CONDITION, matches=(match,))), view=View(question=question), language="en"
    )
    assert 'data-asked="5-14" data-why="answers “condition” · 0.71" style="--s:0.71">condiția</mark>' in html
    assert 'What <span class="asked" data-asked="5-14">condition</span> was set?' in html
    nearest = answer(question, hit(INVITED, CONDITION, matches=(match,)), abstained=True)
    assert "data-asked" not in render_all(nearest, view=View(question=question), language="en")


def test_duplicates_are_counted_and_each_can_be_opened() -> None:
    copies = (cite(FLORIDA, 0, 10), cite(FLORIDA, 20, 30))
    html = render_all(answer("?", hit(INVITED, CONDITION, duplicates=copies)), view=View(question="?"), language="sl")
    assert "še 2 kopiji" in html  # the Slovene dual
    assert [place for place in Tree(html).all("data-cite") if place.startswith(FLORIDA.id)] == [
        str(Place.of(copy)) for copy in copies
    ]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Answer: 1 quote, 20 outlets, 2 independent texts, 3 languages"),
        ("ro", "Răspuns: 1 citat, 20 de publicații, 2 texte independente, 3 limbi"),
        ("sl", "Odgovor: 1 navedek, 20 medijev, 2 neodvisni besedili, 3 jeziki"),
    ],
)
def test_agreement_is_said_and_shown_in_each_language(language: str, line: str) -> None:
    agreement = Agreement(articles=25, outlets=20, texts=2, languages=3)
    found = replace(answer("?", hit(INVITED, CONDITION)), agreement=agreement)
    html = render_all(found, view=View(question="?"), language=language)
    assert f'data-status="{line}"' in html
    shown = re.search(r'<footer class="iz-agreement">\s*<ul[^>]*>(.*?)</ul>', html, re.DOTALL)
    assert shown and re.findall("<li>(.*?)</li>", shown.group(1))[:4] == line.partition(": ")[2].split(", ")


def test_without_a_known_outlet_articles_are_counted() -> None:
    agreement = Agreement(articles=3, outlets=0, texts=1, languages=1)
    found = replace(answer("?", hit(INVITED, CONDITION)), agreement=agreement)
    html = render_all(found, view=View(question="?"), language="en")
    assert 'data-status="Answer: 1 quote, 3 articles, 1 independent text, 1 language"' in html


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("en", "2 more copies · 3 outlets · 1 independent text"),
        ("ro", "încă 2 copii · 3 publicații · 1 text independent"),
        ("sl", "še 2 kopiji · 3 mediji · 1 neodvisno besedilo"),
    ],
)
def test_folded_copies_say_how_many_outlets_and_texts_they_are(language: str, summary: str) -> None:
    copies = (cite(FLORIDA, 0, 10), cite(FLORIDA, 20, 30))
    agreement = Agreement(articles=3, outlets=3, texts=1, languages=1)
    found = answer("?", hit(INVITED, CONDITION, duplicates=copies, agreement=agreement))
    assert f"<summary>{summary}</summary>" in render_all(found, view=View(question="?"), language=language)


def test_order_by_date_puts_the_newest_first_and_undated_last() -> None:
    older = replace(INVITED, id="older", published=date(2025, 11, 26))
    found = answer("?", hit(FLORIDA, "Po srečanju", 1), hit(older, CONDITION, 2), hit(INVITED, CONDITION, 3))
    for order, expected in (("relevance", [1, 2, 3]), ("date", [3, 2, 1])):
        html = render_all(found, view=View(question="?", order=order), language="en")
        assert [int(n) for n in re.findall(r'<h4 id="source-(\d)"', html)] == expected


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The index cannot be used"), ("ro", "Indexul nu poate fi folosit"), ("sl", "Indeksa zdaj ni mogoče")],
)
def test_what_only_the_keeper_can_mend_is_said_to_the_reader_and_quoted_for_the_keeper(
    language: str, said: str
) -> None:
    html = render_error("the index is damaged <b>", view=View(question="x"), language=language)
    assert f"<p>{said}" in html and 'lang="en">the index is damaged &lt;b&gt;</p>' in html and 'role="alert"' in html


def test_what_a_reader_can_bring_about_is_said_in_the_readers_language() -> None:
    swapped = View(question="x", published_from=date(2026, 2, 1), published_to=date(2026, 1, 8))
    html = render_error("the date range is empty", view=swapped, language="sl")
    assert "Datuma ne pustita ničesar: 1. feb. 2026 je za 8. jan. 2026." in html and "empty" not in html
    html = render_error("too long", view=View(question="x" * 100_001), language="ro")
    assert "Întrebarea are 100.001 de caractere." in html and "too long" not in html


def test_the_quotes_come_first_and_say_by_which_word_to_ask_for_the_rest() -> None:
    pending = Pending(most=2)
    found = answer("Ce condiție?", hit(INVITED, CONDITION))
    first, second, third = (pending.put(found) for _ in range(3))
    html = render_answer(found, view=View(question="Ce condiție?"), language="en", rest=third)
    assert f'data-rest="{third}"' in html and "iz-source" not in html and "iz-timeline" not in html
    assert pending.take(first) is None  # the one that waited longest made room
    assert pending.take(second) is found and pending.take(second) is None
    assert pending.take(third) is found
    assert pending.take(None) is None and pending.take(["x"]) is None


# -- articles ---------------------------------------------------------------------------------------------------------


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
    assert "The link points at no words of this article" in html and 'id="cited"' not in html


def test_a_removed_article_and_an_unreadable_link_have_their_own_words() -> None:
    gone = render_article(None, Place.of(cite(INVITED, 0, 5)), language="en")
    assert "This article is no longer in the corpus" in gone and INVITED.id in gone
    assert "This citation cannot be read" in render_article(None, None, language="en")


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


# -- nothing from a document becomes markup ---------------------------------------------------------------------------


def test_hostile_words_anywhere_stay_words() -> None:
    document = Document(
        id=HOSTILE, text=f"{HOSTILE}\n{HOSTILE}", title=HOSTILE, source=HOSTILE, outlet=HOSTILE, author=HOSTILE,
        language=HOSTILE, masked=((0, len(HOSTILE)),),
    )  # fmt: skip
    match = Match(query_start=0, query_end=len(HOSTILE), start=2, end=9, similarity=0.5)
    found = hit(document, HOSTILE, matches=(match,), duplicates=(cite(document, 0, 5),), why={HOSTILE: 0.5})
    view = View.read({"q": HOSTILE, "languages": [HOSTILE], "outlets": [HOSTILE], "cite": HOSTILE, "order": HOSTILE})
    pages = [
        render_all(answer(HOSTILE, found), view=view, language="en"),
        render_all(answer(HOSTILE, found, abstained=True), view=view, language="en"),
        render_article(document, Place.of(found.citation), language="en", quoted=HOSTILE),
        render_article(replace(document, text="changed"), Place.of(found.citation), language="en", quoted=HOSTILE),
        render_article(None, Place.of(found.citation), language="en", quoted=HOSTILE),
        render_error(HOSTILE, view=view, language="en"),
        render_welcome(articles=1, examples=[(HOSTILE, HOSTILE)], language="en"),
        render_header(articles=1, language="en"),
    ]
    for html in pages:
        for tag, attrs in Tree(html).elements:
            assert tag not in {"script", "img", "title", "iframe", "object"}
            assert not [name for name in attrs if name.startswith("on")]
            assert not attrs.get("href", "").startswith("javascript:")


# -- addresses --------------------------------------------------------------------------------------------------------

texts = st.text(min_size=1, max_size=20)


@given(
    st.builds(
        View, question=st.text(max_size=40), languages=st.lists(texts, unique=True, max_size=3).map(tuple),
        outlets=st.lists(texts, unique=True, max_size=3).map(tuple), published_from=st.none() | st.dates(),
        published_to=st.none() | st.dates(), order=st.sampled_from(["relevance", "date"]), collapse=st.booleans(),
    )
)  # fmt: skip
def test_an_address_brings_back_the_same_view(view: View) -> None:
    query = parse_qs(view.query().removeprefix("?"), keep_blank_values=True)
    single = {name: values[0] for name, values in query.items()}
    assert View.read({**single, "languages": query.get("languages"), "outlets": query.get("outlets")}) == view


@given(texts, st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_place_survives_its_address(document_id: str, start: int, end: int) -> None:
    place = Place(document_id=document_id, digest="0123456789abcdef", start=start, end=end)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", [None, 5, "", "a", "a@b:1-2", "a@0123456789abcdef:1", "@0123456789abcdef:1-2"])
def test_what_is_no_place_is_none(text: object) -> None:
    assert Place.parse(text) is None


def test_a_view_from_a_mangled_address_leaves_out_what_has_no_meaning() -> None:
    values = {"q": 7, "languages": "ro", "outlets": [1, "A", "A"], "published_from": "yesterday", "order": "size"}
    assert View.read(values) == View(languages=("ro",), outlets=("A",))
    assert View.read({"collapse": "folded"}) == View()


# -- the corpus -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    id: str
    title: str = ""
    outlet: str | None = None
    author: str | None = None
    published: date | datetime | None = None
    language: str | None = None
    characters: int = 0
    passages: int = 0


ROWS_ = [
    Row("c.txt", "Beta", "Delo", None, date(2026, 1, 8), "sl", 2500),
    Row("a.txt", "Ana", None, "Ana Pop", datetime(2026, 1, 14, 9), "ro", 900),
    Row("b.txt", "alpha", "Adevărul", None, None, "ro", 1000),
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("title", "bac"), ("-title", "cab"), ("date", "cab"), ("-date", "acb"), ("length", "abc"), ("outlet", "bca"),
     ("-outlet", "cba"), ("-language", "cab"), ("nonsense", "bac")],
)  # fmt: skip
def test_the_list_is_sorted_and_what_is_unknown_comes_last(sort: str, order: str) -> None:
    assert "".join(row.id[0] for row in list_corpus(ROWS_, sort=sort).rows) == order


def test_the_list_finds_all_words_anywhere_and_counts_the_whole_corpus() -> None:
    assert [row.id for row in list_corpus(ROWS_, find="POP ana").rows] == ["a.txt"]
    nothing = list_corpus(ROWS_, find="ana delo")
    assert (nothing.rows, nothing.found, nothing.total) == ((), 0, 3)
    assert nothing.languages == (("ro", 2), ("sl", 1))
    assert nothing.outlets == (("Adevărul", 1), ("Delo", 1), (None, 1))
    assert nothing.months == (("2026-01", 2), (None, 1))


def test_a_long_list_comes_in_pages() -> None:
    many = [Row(f"{n:04}.txt") for n in range(250)]
    second = list_corpus(many, start=100)
    assert (second.rows[0].id, second.rows[-1].id, second.found) == ("0100.txt", "0199.txt", 250)
    assert list_corpus(many, start=9999).rows[0].id == "0000.txt"


def test_the_corpus_page_names_failures_and_links_every_article() -> None:
    view = View(show="corpus", find=HOSTILE, sort="-date")
    corpus = list_corpus([*ROWS_, Row(HOSTILE, HOSTILE, HOSTILE, HOSTILE)], sort="-date")
    html = render_corpus(corpus, [Failure(source=HOSTILE, reason=f"0 bytes {HOSTILE}")], view=view, language="ro")
    tree = Tree(html)
    assert tree.all("data-cite")[0] == "a.txt@0000000000000000:0-0"
    assert tree.all("aria-sort") == ["descending"]
    assert "2.500" in html and "ian. 2026" in html and "0 bytes" in html
    assert not {"script", "img", "title"} & {tag for tag, _ in tree.elements}


def test_an_article_opened_from_the_list_has_nothing_highlighted_and_no_warning() -> None:
    html = render_article(INVITED, Place.whole(INVITED.id), language="en")
    assert 'data-state="whole"' in html and "has changed" not in html and Tree(html).cited == ""


# -- words ------------------------------------------------------------------------------------------------------------


def test_every_language_has_the_same_strings_with_the_same_gaps() -> None:
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = words("en").strings
    for language in LANGUAGES:
        other = words(language).strings
        assert other.keys() == english.keys()
        assert all(gaps(other[key]) == gaps(english[key]) and other[key].strip() for key in english)


def test_every_plural_has_exactly_the_forms_of_its_language() -> None:
    counted = range(200)
    for language in LANGUAGES:
        needed = {Locale(language).plural_form(n) for n in counted}
        catalogue = json.loads((ROOT / f"rag/web/locales/{language}.json").read_text(encoding="utf-8"))["plural"]
        assert all(set(forms) == needed for forms in catalogue.values()), language
    assert [words("sl").count("articles", n) for n in (1, 2, 3, 5, 101)] == [
        "1 članek", "2 članka", "3 članki", "5 člankov", "101 članek",
    ]  # fmt: skip
    assert [words("ro").count("articles", n) for n in (1, 2, 20)] == ["1 articol", "2 articole", "20 de articole"]


def test_no_string_is_missing_and_none_is_left_over() -> None:
    sources = [*(ROOT / "rag/web").glob("*.py"), *(ROOT / "rag/web/templates").glob("*.html")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"""(?:say|spoken|self|words\(\w+\))\(\s*["']([a-z_]+)["']""", code))
    used |= set(re.findall(r'"(export_\w+)"', code))
    used |= {f"example_{kind}" for kind in get_args(Kind)}
    used |= {f"theme_{key}" for key in ("system", "light", "dark")}
    used |= {f"confidence_{key}" for key in ("very_likely", "likely", "uncertain", "unlikely")}
    used |= {f"reason_{kind}" for kind in (*KINDS, *CHANGE_KINDS)} | {f"fact_{fact}" for fact in FACTS} | set(_EARLY)
    used -= {"example_", "theme_", "confidence_"}
    assert used == set(words("en").strings)


def test_dates_and_numbers_take_the_readers_form() -> None:
    moment = datetime(2026, 1, 28, 18, 20)
    assert [words(language).date(moment) for language in LANGUAGES] == [
        "28 Jan 2026, 18:20", "28 ian. 2026, 18:20", "28. jan. 2026, 18:20",
    ]  # fmt: skip
    assert [words(language).number(0.834) for language in LANGUAGES] == ["0.83", "0,83", "0,83"]
    assert words("ro").language_name("sl") == "slovenă"
    assert words("en").language_name("zz-not-one") == "zz-not-one"


@pytest.mark.parametrize(
    ("header", "language"),
    [("sl-SI,sl;q=0.9", "sl"), ("de,ro;q=0.5,en;q=0.4", "ro"), ("fr", "en"), (None, "en"), ("sl;q=0,ro;q=x", "en")],
)
def test_the_interface_language_follows_the_browser(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


# -- copies and exports -----------------------------------------------------------------------------------------------


def test_copies_carry_the_quote_and_its_exact_place() -> None:
    document = replace(INVITED, source="https://example.org/a_b")
    citation = cite(document, 10, 20)
    assert as_text("două\ncuvinte", citation) == f"“două\ncuvinte”\n{citation}"
    assert as_markdown("a *b*\nc", citation) == (
        "> a \\*b\\*\n> c\n>\n> — [Rușii îl invită pe Zelenski la Moscova](<https://example.org/a_b>),"
        " Mediafax, 2026-01-28 (10–20)"
    )
    bibtex = as_bibtex("100 % {x}", citation)
    assert bibtex.startswith(
        "@online{003-569c59af60f09498-txt-10,\n  title = {Rușii îl invită pe Zelenski la Moscova},"
    )
    assert "date = {2026-01-28}," in bibtex and "url = {https://example.org/a_b}," in bibtex
    assert r"100 \% \{x\}" in bibtex and "characters 10--20" in bibtex


def test_exports_hold_the_quotes_in_order_and_no_formula() -> None:
    formula = replace(INVITED, title="=HYPERLINK(1)")
    found = answer("Ce condiție?", hit(formula, CONDITION))
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert [(row["kind"], row["number"], row["text"]) for row in rows] == [
        ("quote", "1", CONDITION), ("source", "1", CONDITION),
    ]  # fmt: skip
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    data = json.loads(to_json(found))
    start = data["quotes"][0]["citation"]["start"]
    assert INVITED.text[start : data["quotes"][0]["citation"]["end"]] == CONDITION
    assert f"> {CONDITION}" in to_markdown(found)
    assert "The corpus does not say" in to_markdown(answer("?", hit(formula, CONDITION), abstained=True))


def test_the_timeline_places_hits_by_date_and_counts_those_without() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 11), date(2026, 1, 5), None]
    hits = [hit(replace(INVITED, published=day), CONDITION, rank) for rank, day in enumerate(days, 1)]
    line = timeline(hits, words("en"))
    (lane,) = line.lanes
    assert [(mark.left, mark.row) for mark in lane.marks] == [(0.0, 0), (40.0, 0), (100.0, 0), (100.0, 1)]
    assert (line.first, line.last, line.undated, lane.rows, lane.outlet) == ("1 Jan 2026", "11 Jan 2026", 1, 2, "")
    assert timeline(hits[4:], words("en")).undated == 1


def test_each_outlet_has_a_lane_of_its_own() -> None:
    days = [(1, "Delo"), (11, "Mediafax"), (11, "Delo"), (6, None)]
    hits = [
        hit(replace(INVITED, published=date(2026, 1, day), outlet=outlet), CONDITION, rank)
        for rank, (day, outlet) in enumerate(days, 1)
    ]
    line = timeline(hits, words("sl"))
    assert [(lane.outlet, [mark.left for mark in lane.marks]) for lane in line.lanes] == [
        ("Delo", [0.0, 100.0]), ("medij ni naveden", [50.0]), ("Mediafax", [100.0]),
    ]  # fmt: skip
    assert line.lanes[0].marks[0].label == "1. jan. 2026 · Delo · Rușii îl invită pe Zelenski la Moscova"
    html = render_sources(answer("?", *hits), view=View(question="?"), language="sl")
    assert 'id="lane-3">Mediafax</p>' in html and 'aria-labelledby="lane-3"' in html
    assert len(re.findall(r"data-cite=[^>]+data-aside aria-label", html)) == 4


# -- addresses to serve on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("0.0.0.0", 0, "0.0.0.0 can be reached from other machines, and there is no password. "
         "Serve only this machine: --host 127.0.0.1. Ask for a password: --auth. Or agree: --open"),
        ("::", 0, ":: can be reached from other machines"),
        ("example.invalid", 0, "example.invalid can be reached from other machines"),
        ("127.0.0.1", 70000, "there is no port 70000; ports go from 0 to 65535. Choose one: --port 7860"),
    ],
)  # fmt: skip
def test_an_address_that_should_not_be_served_on_is_refused(host: str, port: int, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        listen(Terms(host=host, port=port))


def test_a_port_is_taken_once_and_zero_finds_a_free_one() -> None:
    with listen(Terms(port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} on 127.0.0.1 is already in use. Choose another: --port"):
            listen(Terms(port=port))
    listen(Terms(host="0.0.0.0", port=0, public=True)).close()
