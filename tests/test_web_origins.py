"""Where an article's metadata came from, as the article pane says it in each language of the page."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from markupsafe import escape

from rag import Document
from rag.web.article import render_article
from rag.web.i18n import LANGUAGES, words
from rag.web.origins import find_origins
from rag.web.url_state import Place

FULL = Document(
    id="a.html",
    text="Podul se repară din 3 aprilie.",
    title="Podul <b>se repară</b>",
    outlet="Ziarul",
    author="Ana Pop",
    published=date(2026, 4, 3),
    modified=datetime(2026, 4, 5, 8, 30),
    source="https://ziarul.example/2026/04/03/podul",
    language="ro",
    evidence={
        "title": "meta", "outlet": "file", "author": "given", "published": "text_day_first", "modified": "meta",
        "source": "url", "language": "text", "text": "ocr",
    },
)  # fmt: skip


def test_each_value_has_its_origin() -> None:
    assert [(one.name, one.value, one.origin) for one in find_origins(FULL, words("en"))] == [
        ("Title", "Podul <b>se repară</b>", "metadata of the page or file"),
        ("Outlet", "Ziarul", "the file"),
        ("Author", "Ana Pop", "given when the article was added"),
        ("Published", "3 Apr 2026", "the article's text, the day before the month as in Romanian"),
        ("Changed", "5 Apr 2026, 08:30", "metadata of the page or file"),
        ("Address", "https://ziarul.example/2026/04/03/podul", "the web address"),
        ("Language", "Romanian", "the article's text"),
        ("Text", "from scanned pages", "text recognition"),
    ]


def test_what_states_no_origin_and_an_origin_of_another_version() -> None:
    document = Document(id="a", text="x", title="T", outlet="O", evidence={"outlet": "oracle", "author": "text"})
    assert [(one.value, one.origin) for one in find_origins(document, words("sl"))] == [("O", "oracle")]
    assert "iz-origins" not in render_article(Document(id="a", text="x"), Place.whole("a"), language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_article_shows_when_it_was_changed_and_folds_the_origins(language: str) -> None:
    html = render_article(FULL, Place.whole("a.html"), language=language)
    say = words(language)
    said = (
        f'<span>{say("article_modified")}: <time datetime="2026-04-05T08:30:00">{say.date(FULL.modified)}</time></span>'
    )
    assert said in html
    folded = re.search(r'<details class="iz-origins">(.*?)</details>', html, re.DOTALL)
    assert folded is not None and "<b>" not in folded[1]
    for one in find_origins(FULL, say):
        assert str(escape(one.origin)) in folded[1]
    same = Document(id="a", text="x", published=date(2026, 4, 3), modified=date(2026, 4, 3))
    assert say("article_modified") not in render_article(same, Place.whole("a"), language=language)
