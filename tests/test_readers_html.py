"""Web pages: the article's text, and only what the page states of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import PARAGRAPHS, error, fuzz, page, read

SCHEMA = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Stran"},
        {
            "@type": ["NewsArticle"],
            "headline": "Nov zakon\n o varnosti",
            "author": [{"@type": "Person", "name": "Ana Novak"}, {"name": "Jan Kos"}],
            "publisher": {"@type": "Organization", "name": "Gazeta"},
            "datePublished": "2026-01-28T18:20:00Z",
            "dateModified": "2026-01-29",
            "inLanguage": "sl-SI",
        },
    ],
}


def _script(value: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(value)}</script>"


def test_the_text_is_the_article_a_paragraph_a_line(tmp_path: Path) -> None:
    document = read(tmp_path / "a.html", page())
    assert document.text == "\n".join(PARAGRAPHS)
    assert (document.language, document.masked) == ("sl", ())


def test_values_say_where_they_came_from_and_the_open_graph_title_goes_first(tmp_path: Path) -> None:
    head = _script(SCHEMA) + "<meta property='og:title' content='Nov zakon | Gazeta'><title>Tretje</title>"
    head += "<link rel='canonical' href='https://gazeta.si/2025/03/04/zakon'>"
    document = read(tmp_path / "a.html", page(head))
    assert (document.title, document.author, document.outlet) == (
        "Nov zakon",
        "Ana Novak, Jan Kos",
        "Gazeta",
    )
    assert document.published == datetime(2026, 1, 28, 18, 20, tzinfo=UTC)
    assert document.source == "https://gazeta.si/2025/03/04/zakon"
    assert (document.modified, document.url) == (date(2026, 1, 29), document.source)
    names = ("title", "author", "outlet", "published", "modified", "language", "source")
    assert document.evidence == dict.fromkeys(names, "meta")


def test_open_graph_and_meta_tags(tmp_path: Path) -> None:
    head = "<meta property='og:title' content='Nov zakon'><meta property='og:site_name' content='Gazeta'>"
    head += "<meta name='author' content='Ana Novak'><meta property='article:published_time' content='2026-01-28'>"
    document = read(tmp_path / "a.html", page(head))
    assert (document.title, document.author, document.outlet) == ("Nov zakon", "Ana Novak", "Gazeta")
    assert document.published == date(2026, 1, 28)


def test_dates_from_a_time_element_and_from_the_address(tmp_path: Path) -> None:
    marked = read(tmp_path / "a.html", page(body="<time datetime='2026-01-28T18:20:00Z'>danes</time>"))
    assert marked.published == datetime(2026, 1, 28, 18, 20, tzinfo=UTC)
    addressed = read(tmp_path / "a.html", page("<link rel='canonical' href='https://gazeta.si/2025/03/04/zakon'>"))
    assert (addressed.published, addressed.evidence["published"]) == (date(2025, 3, 4), "url")


@pytest.mark.parametrize(
    "body",
    [
        "<p>Leta 2024, 12. maja 2024, je bilo drugače.</p>",
        "<time datetime='2026-01-28'></time><time datetime='2025-01-01'></time>",
    ],
)
def test_a_date_that_is_not_stated_to_be_the_publication_is_none(tmp_path: Path, body: str) -> None:
    assert read(tmp_path / "a.html", page(body=body)).published is None


def test_a_page_is_known_by_its_content_and_decoded_as_it_declares(tmp_path: Path) -> None:
    assert read(tmp_path / "a.txt", page()).text == "\n".join(PARAGRAPHS)
    assert read(tmp_path / "article", page()).text == "\n".join(PARAGRAPHS)
    declared = page().decode().replace("utf-8", "windows-1250").encode("windows-1250")
    assert read(tmp_path / "a.html", declared).text == "\n".join(PARAGRAPHS)
    assert read(tmp_path / "a.html", page().decode().encode("utf-16")).text == "\n".join(PARAGRAPHS)


def test_a_short_page_is_read_by_the_plain_fallback(tmp_path: Path) -> None:
    text = "Vlada je odstopila. Volitve bodo septembra."
    assert read(tmp_path / "a.html", f"<html><body><div>{text}</div></body></html>".encode()).text == text


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    empty = error(tmp_path / "a.html", b"<html><body><script>x()</script></body></html>")
    assert empty == "'a.html' holds no article text (a frame, a script or an error page). Fetch it again"
    large = error(tmp_path / "a.html", b"<html>" + b"a " * 2_600_000)
    assert "has 5,200,006 bytes of markup, more than the limit of 5,000,000" in large
    links = b"<html><body>" + b"<a href='x'>abc</a>" * 80_000
    assert "has 160,002 tags, more than the limit of 150,000" in error(tmp_path / "a.html", links)
    tag = "<html><body><div " + " ".join(f"a{n}=1" for n in range(200_000)) + "><p>x</p>"
    assert "has a tag with more than 2,000 attributes" in error(tmp_path / "a.html", tag.encode())


def test_hostile_nesting_is_bounded(tmp_path: Path) -> None:
    inner = f"<p>{PARAGRAPHS[0]}</p>"
    fuzz(tmp_path / "a.html", f"<html><body>{'<div>' * 70_000}{inner}{'</div>' * 70_000}</body></html>".encode())
    nested = '{"@graph":' * 100_000
    document = read(tmp_path / "a.html", page(f"<script type='application/ld+json'>{nested}</script>"))
    assert document.text == "\n".join(PARAGRAPHS)


_TAGS = st.sampled_from(["<p>", "</p>", "<div>", "<table>", "<td>", "</html>", "<!--", "]]>", "<script>", "&#0;", "<meta charset=", "é", "\x00", "\ud7ff"])  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TAGS | st.text(max_size=8), max_size=40).map("".join))
def test_any_markup_gives_documents_or_one_line(tmp_path: Path, markup: str) -> None:
    fuzz(tmp_path / "a.html", b"<html><body>" + markup.encode())


def test_a_page_whose_size_is_pictures_in_addresses_is_a_page(tmp_path: Path) -> None:
    picture = f"<img src='data:image/png;base64,{'QUJD' * 1_500_000}'>"
    document = read(tmp_path / "single.html", page(body=picture))
    assert document.text == "\n".join(PARAGRAPHS)
    assert "has 6,0" in error(tmp_path / "long.html", page(body=f"<p>{'QUJD ' * 1_200_000}</p>"))
