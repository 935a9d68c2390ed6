"""The answer as HTML: records in, HTML out. What a browser does with it is in test_web.py."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import parse_qs

import pytest
from page_samples import CONDITION, HOSTILE, INVITED, Tree, answer, cite, hit, seed

from rag import Agreement, Answer, Document, Index, Match, Query
from rag.records import Intent
from rag.web.article import render_article
from rag.web.asking import ask
from rag.web.listing import list_articles
from rag.web.render import render_error, render_header, render_welcome
from rag.web.result import Pending, render_answer, render_sources
from rag.web.url_state import Place, View

FLORIDA = seed("004", language="sl")


def render_all(answer: Answer, *, view: View, language: str) -> str:
    return render_answer(answer, view=view, language=language) + render_sources(answer, view=view, language=language)


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
    assert "Strong match" in html
    assert "1 quote" in html and "1 outlet" in html
    assert "28 Jan 2026, 18:20" in html


def test_abstaining_shows_no_quote_and_labels_the_nearest_passages_as_no_answer() -> None:
    html = render_all(
        answer("How many people live in Iceland?", hit(FLORIDA, "Po srečanju"), abstained=True, confidence=0.02),
        view=View(question="How many people live in Iceland?", languages=("sl",)),
        language="en",
    )
    assert "No answer found in these articles" in html
    assert "They do not answer the question" in html
    assert "Clear filters" in html  # a filter is on: without it there may be an answer
    assert "iz-number" not in html and "0.02" not in html and "Marked words" not in html
    assert "Po srečanju" in html


@pytest.mark.parametrize(
    ("intent", "heading"),
    [
        ("topic", "Passages about this"),
        ("news", "The latest articles"),
        ("follow_up", "This question depends on an earlier one"),
        ("list", "Articles about this"),
        ("summary", "A summary cannot be quoted"),
        ("comparison", "A comparison cannot be quoted"),
    ],
)
def test_what_is_no_question_is_named_as_what_it_is(intent: Intent, heading: str) -> None:
    given = replace(answer("Putin", hit(FLORIDA, "Po srečanju"), abstained=True), intent=intent)
    html = render_all(given, view=View(question="Putin"), language="en")
    assert f">{heading}</h2>" in html and "No answer found" not in html


def test_a_follow_up_is_asked_with_the_question_before_it_and_shown_as_read() -> None:
    asked: list[str] = []

    def reply(query: Query) -> Answer:
        asked.append(query.question)
        intent: Intent = "follow_up" if len(asked) == 1 else "answer"
        return replace(answer(query.question, hit(INVITED, CONDITION), abstained=intent != "answer"), intent=intent)

    view = View(question="And who else?", before="Who met Putin?")
    found = ask(reply, view)
    assert asked == ["And who else?", "Who met Putin? And who else?"]
    html = render_answer(found, view=view, language="en")
    assert (
        ">And who else?</p>" in html
        and "Read as: <span data-shown-question>Who met Putin? And who else?</span>" in html
    )
    asked.clear()
    assert ask(reply, View(question="And who else?")).abstained and len(asked) == 1


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Articles about Putin", 5),
        ("Articole despre Putin", 5),
        ("Članki o Trumpu", 4),
        ("Show me articles about football", 0),
        ("List all articles", 4),  # the latest: one of the five states no date
        ("What's new?", 4),
        ("Who met Putin?", 0),
    ],
)
def test_a_request_for_articles_becomes_a_list_of_them(seeds_index: Index, question: str, titles: int) -> None:
    view = View(question=question)
    found = seeds_index.answer_query(view.query())
    listed = list_articles(seeds_index, found, view)
    assert len({one.document.id for one in listed}) == len(listed) == titles
    html = render_answer(found, view=view, language="en", articles=listed)
    assert html.count("<li><a href") == titles


def test_a_quote_names_its_language_marks_its_answer_and_says_where_else_it_stands() -> None:
    found = answer("Who?", hit(INVITED, CONDITION))
    start = INVITED.text.index("la Moscova", found.quotes[0].citation.start)
    also = tuple(replace(cite(FLORIDA, 0, 9), outlet=outlet, title="T") for outlet in ("Delo", "Delo", None))
    quote = replace(found.quotes[0], answer_start=start, answer_end=start + 10, also=also)
    found = replace(found, quotes=(quote,), language="en")
    html = render_answer(found, view=View(question="Who?"), language="en")
    assert '<mark class="iz-words">la Moscova</mark>' in html and '<p class="iz-foreign">Romanian</p>' in html
    assert re.findall(r"data-aside>([^<]*)</a>", html[html.index("Also in:") :]) == ["Delo", "T"]
    assert "iz-foreign" not in render_answer(replace(found, language="ro"), view=View(question="Who?"), language="en")


def test_what_is_not_quoted_is_related_or_left_out_and_in_no_timeline() -> None:
    other = replace(FLORIDA, published=date(2026, 1, 5))
    far = replace(FLORIDA, id="far", published=date(2026, 1, 6))
    hits = (hit(INVITED, CONDITION), hit(other, "Po srečanju", 2, score=0.5), hit(far, "Po srečanju", 3, score=0.01))
    found = replace(answer("?", hits[0]), hits=hits)
    html = render_sources(found, view=View(question="?"), language="en")
    sources, related = html.split("Related passages")
    assert INVITED.id in sources and other.id not in sources.replace("data-words", "")
    assert other.id in related and "far@" not in html and "iz-timeline" not in html


def test_the_header_says_how_far_the_index_is_refined() -> None:
    assert "40 % of the text has been read closely" in render_header(articles=5, language="en", refined=40)
    assert "read closely" not in render_header(articles=5, language="en")


def test_a_card_without_title_shows_the_file_and_claims_no_outlet_and_no_date() -> None:
    html = render_all(answer("?", hit(FLORIDA, "Po srečanju")), view=View(question="?"), language="sl")
    assert f">{FLORIDA.id}</a></h4>" in html
    assert "brez datuma" in html and "<time" not in html and "iz-outlet" not in html
    article = render_article(FLORIDA, Place.of(cite(FLORIDA, 0, 5)), language="sl")
    assert "medij ni naveden" in article and "brez datuma" in article


def test_an_answer_is_a_match_in_words_and_the_score_stands_under_why_this_passage() -> None:
    found = hit(INVITED, CONDITION, score=0.741, confidence=0.74)
    said = {}
    for confidence in (0.59, 0.98):
        html = render_all(answer("?", found, confidence=confidence), view=View(question="?"), language="en")
        assert "Why this passage</summary>" in html and ">Score 0.74</span>" in html
        assert "0.98" not in html and "ikely" not in html
        said[confidence] = re.search(r'class="iz-match">([^<]+)<', html)
    assert [match and match.group(1) for match in said.values()] == ["Possible match: check the source", "Strong match"]


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
    assert 'data-asked="5-14" data-why="matches “condition” · 0.71" style="--s:0.71">condiția</mark>' in html
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
    [("en", "The index cannot be used"), ("ro", "Indexul nu poate fi folosit"), ("sl", "Indeksa trenutno ni mogoče")],
)
def test_what_only_the_keeper_can_mend_is_said_to_the_reader_and_quoted_for_the_keeper(
    language: str, said: str
) -> None:
    html = render_error("the index is damaged <b>", view=View(question="x"), language=language)
    assert f"<p>{said}" in html and 'lang="en">the index is damaged &lt;b&gt;</p>' in html and 'role="alert"' in html


def test_what_a_reader_can_bring_about_is_said_in_the_readers_language() -> None:
    swapped = View(question="x", published_from=date(2026, 2, 1), published_to=date(2026, 1, 8))
    html = render_error("the date range is empty", view=swapped, language="sl")
    assert "Začetni datum (1. feb. 2026) je poznejši od končnega (8. jan. 2026)." in html and "empty" not in html
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
