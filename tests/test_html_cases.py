"""Web pages that were read wrongly: what is hidden or struck, several articles, live blogs, and what a page states."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reader_samples import PARAGRAPHS, error, page, read

from rag.readers.html_metadata import read_statements, stated_moment

LIVE = (
    "Guvernul a anunțat că starea de alertă se ridică de la miezul nopții în toate cele șase județe din sudul țării.",
    "Apele Române au redus debitul evacuat din barajul Călinești la 45 de metri cubi pe secundă, după ce ploaia s-a oprit.",
)


def _ld(value: object, kind: str = "application/ld+json") -> str:
    return f"<script type='{kind}'>{json.dumps(value)}</script>"


def test_hidden_and_struck_text_is_out_and_exponents_stay_apart(tmp_path: Path) -> None:
    more = (
        "<p>Naložba je stala <del>7,9</del> <ins>5,4</ins> milijona evrov, je včeraj sporočila občina Radovljica.</p>"
        "<p>Poraba je 10<sup>6</sup> kWh na leto, so v ponedeljek zapisali v poročilu o gradnji bazena.</p>"
        "<p style='display: none'>Skriti odstavek, ki ga je napisal stric iz ozadja in ga nihče ne vidi.</p>"
        "<p hidden>Še en skriti odstavek.</p><template><p>Predloga, ki ni del besedila.</p></template>"
    )
    text = read(tmp_path / "a.html", page().replace(b"</article>", more.encode() + b"</article>")).text
    assert "stala 5,4 milijona evrov" in text
    assert "10⁶ kWh" in text
    assert "Skriti" not in text and "skriti" not in text and "Predloga" not in text and "7,9" not in text


def test_an_article_that_is_hidden_until_a_script_shows_it_is_read(tmp_path: Path) -> None:
    text = read(tmp_path / "a.html", page().replace(b"<article>", b"<article style='visibility:hidden'>")).text
    assert all(paragraph in text for paragraph in PARAGRAPHS)


def test_both_halves_of_an_article_are_read(tmp_path: Path) -> None:
    first, second = ("".join(f"<p>{text} {number}.</p>" for number in range(3)) for text in LIVE)
    body = f"<main><article>{first}</article><aside>Oglas</aside><article>{second}</article></main>"
    text = read(
        tmp_path / "a.html", f"<html><head><title>Poplave</title></head><body>{body}</body></html>".encode()
    ).text
    assert [f"{LIVE[1]} {number}." in text for number in range(3)] == [True] * 3
    assert text.index(LIVE[0]) < text.index(LIVE[1])


def test_a_live_blog_that_only_json_ld_holds_is_read_in_order_with_its_times(tmp_path: Path) -> None:
    entries = [
        {"@type": "BlogPosting", "datePublished": f"2026-05-02T1{8 - n}:40:00+03:00", "articleBody": text}
        for n, text in enumerate(LIVE)
    ]
    live = {"@type": "LiveBlogPosting", "headline": "LIVE", "articleBody": "Inundații.", "liveBlogUpdate": entries}
    found = read(tmp_path / "a.html", f"<html><head>{_ld(live)}</head><body><p>Acasă</p></body></html>".encode())
    assert found.text.splitlines() == [
        "Inundații.", "2026-05-02T18:40:00+03:00", LIVE[0], "2026-05-02T17:40:00+03:00", LIVE[1],
    ]  # fmt: skip


@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8", "windows-1252", ""])
def test_letters_are_right_whatever_encoding_is_declared(tmp_path: Path, declared: str) -> None:
    data = page().decode().replace("utf-8", declared).encode("windows-1250")
    assert read(tmp_path / "a.html", data).text.splitlines() == list(PARAGRAPHS)


ARTICLE = {"@type": "NewsArticle", "headline": "Naslov", "datePublished": "2026-02-10", "author": {"name": "Ana Novak"}}


def _stated(head: str, address: str | None = None) -> dict[str, object]:
    return dict(read_statements(f"<html><head>{head}</head><body><p>x</p></body></html>", address).given)


@pytest.mark.parametrize(
    "kind", ["AnalysisNewsArticle", "Report", "https://schema.org/NewsArticle", "schema:BlogPosting"]
)
def test_articles_of_every_type(kind: str) -> None:
    assert _stated(_ld({**ARTICLE, "@type": kind}))["author"] == "Ana Novak"


@pytest.mark.parametrize(
    "head",
    [
        _ld({"@type": "WebPage", "mainEntity": ARTICLE}),
        _ld(ARTICLE, "application/ld+json; charset=utf-8"),
        _ld({"@graph": [{**ARTICLE, "author": {"@id": "#7"}}, {"@type": "Person", "@id": "#7", "name": "Ana Novak"}]}),
        f"<script type='application/ld+json'>//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]></script>",
        f"<script type='application/ld+json'>{json.dumps(ARTICLE)[:-1]},}}</script>",
        _ld({**ARTICLE, "author": {"name": "Ana &#78;ovak"}}),
    ],
)
def test_json_ld_in_the_shapes_that_sites_write(head: str) -> None:
    found = _stated(head)
    assert (found["title"], found["author"], found["published"]) == ("Naslov", "Ana Novak", date(2026, 2, 10))


def test_json_ld_of_another_story_is_not_this_one() -> None:
    other = {
        **ARTICLE,
        "headline": "Drugo",
        "datePublished": "2019-01-01",
        "url": "https://g.example/drugo",
        "author": "Jan Kos",
    }
    own = {**ARTICLE, "mainEntityOfPage": "https://g.example/naslov"}
    found = _stated(f"<link rel='canonical' href='https://g.example/naslov'>{_ld([other])}{_ld(own)}")
    assert (found["title"], found["author"], found["published"]) == ("Naslov", "Ana Novak", date(2026, 2, 10))


def test_dates_are_plausible_or_none() -> None:
    epoch, ahead = {**ARTICLE, "datePublished": "1970-01-01T00:00:00Z"}, {**ARTICLE, "datePublished": "2136-02-26"}
    stated = "<meta property='article:published_time' content='2026-02-22T10:00:00Z'>"
    assert _stated(_ld(epoch) + stated)["published"] == datetime(2026, 2, 22, 10, tzinfo=UTC)
    assert _stated(_ld(ahead))["published"] is None


def test_dates_as_programs_write_them() -> None:
    values = ("20260226", "2/25/2026 10:15:00 AM", "Tue Feb 24 2026 10:15:00 GMT+0200 (EET)", "1762513252000", "2026")
    more = ("January 5, 2026 at 1:30 PM GMT+1", "2026-01-05 10:00 UTC+2", "2026 01 15", "tammikuun 15. 2026")
    assert [told and told.isoformat() for told in map(stated_moment, values)] == [
        "2026-02-26", "2026-02-25T10:15:00", "2026-02-24T10:15:00+02:00", "2025-11-07T11:00:52+00:00", None,
    ]  # fmt: skip
    assert [str(stated_moment(value)) for value in more] == [
        "2026-01-05 13:30:00+01:00", "2026-01-05 10:00:00+02:00", "2026-01-15", "2026-01-15",
    ]  # fmt: skip


def test_the_canonical_address_is_the_article_s() -> None:
    home = "<link rel='canonical' href='https://g.example/'><meta property='og:url' content='https://g.example/a'>"
    relative = "<base href='https://g.example/'><link rel='canonical' href='/2026/02/20/a'>"
    for head, address in ((home, "https://g.example/a"), (relative, "https://g.example/2026/02/20/a")):
        assert read_statements(f"<html><head>{head}</head><body><p>x</p></body></html>").address == address


def test_a_title_has_no_outlet_in_it_and_is_no_cookie_banner() -> None:
    head = "<title>Nov bazen | Gazeta</title><meta property='og:site_name' content='Gazeta'>"
    assert _stated(head)["title"] == "Nov bazen"
    banner = "<html><head><title>Nov bazen</title></head><body><h1>Spoštujemo vašo zasebnost</h1></body></html>"
    assert read_statements(banner).given["title"] == "Nov bazen"


def test_a_title_alone_loses_the_outlet_s_name_and_a_logo_is_no_headline() -> None:
    window = "<title>Na Bledu višja turistična taksa | Gorenjski list</title>"
    logo = "<h1><a href='/'>Gorenjski list</a></h1>"
    for markup in (
        window,
        window + logo,
        window.replace("|", "-"),
        window + "<h2>Na Bledu višja turistična taksa</h2>",
    ):
        assert read_statements(markup).given["title"] == "Na Bledu višja turistična taksa"
    assert read_statements("<title>Bled - Bohinj</title>").given["title"] == "Bled - Bohinj"


def test_of_several_times_the_one_that_is_marked_as_the_publication_counts() -> None:
    times = "<time datetime='2026-02-19T09:00'>a</time><time class='published' datetime='2026-02-18T09:00'>b</time>"
    assert read_statements(times).given["published"] == datetime(2026, 2, 18, 9)


def test_links_of_a_menu_are_no_author_and_entries_keep_their_times(tmp_path: Path) -> None:
    menu = "<header><nav><a href='/'>Acasă</a> <a href='/sport'>Sport</a></nav></header>"
    entries = "".join(
        f"<article class='live-entry'><time>1{hour}:40</time><div><p>{text}</p></div></article>"
        for hour, text in enumerate([*LIVE, *LIVE[:1]])
    )
    body = f"<body>{menu}<main><h1>LIVE. Inundații în sudul țării</h1>{entries}</main></body>"
    found = read(tmp_path / "a.html", f"<html lang='ro'>{body}</html>".encode())
    assert found.author is None
    assert found.text.splitlines() == ["10:40", LIVE[0], "11:40", LIVE[1], "12:40", LIVE[0]]


def test_a_byline_that_the_page_shows_is_better_than_an_outlet_that_it_states(tmp_path: Path) -> None:
    ld = {"@type": "NewsArticle", "headline": "Poplave", "author": {"@type": "Organization", "name": "Gazeta"}}
    text = "".join(f"<p>{line}</p>" for line in LIVE)
    for line, author in (("Piše: Ana Novak", "Ana Novak"), ("Copyright Ana Novak", "Gazeta")):
        body = f"<article><h1>Poplave</h1><p class='byline'>{line}</p>{text}</article>"
        markup = f"<html lang='sl'><head>{_ld({**ld, 'publisher': ld['author']})}</head><body>{body}</body></html>"
        assert read(tmp_path / "a.html", markup.encode()).author == author


def test_a_headline_that_three_places_state_is_better_than_the_one_for_networks() -> None:
    markup = (
        f"<meta property='og:title' content='Gazeta: 16-0!'><meta name='sailthru.title' content='Nov bazen'>"
        f"{_ld({'@type': 'NewsArticle', 'headline': 'Nov bazen'})}<h1>Nov bazen</h1>"
    )
    assert read_statements(markup).given["title"] == "Nov bazen"


def test_facebook_is_no_author() -> None:
    head = "<meta property='article:author' content='https://www.facebook.com/ziarul'><meta name='author' content='Ana Novak'>"
    assert _stated(head)["author"] == "Ana Novak"


def test_the_entries_of_a_live_blog_keep_their_times_and_headings(tmp_path: Path) -> None:
    heads = [("18:40", "Starea de alertă s-a încheiat"), ("17:40", "Debitul a scăzut"), ("16:10", "Drum închis")]
    texts = [*LIVE, "Drumul național 1C este închis între Baia Mare și Seini, a anunțat poliția, până marți dimineață."]
    entries = "".join(
        f"<div><time datetime='2026-05-02T{time}'>{time}</time><h3>{head}</h3><p>{text}</p></div>"
        for (time, head), text in zip(heads, texts, strict=True)
    )
    lead = "<p>Ploile din ultimele trei zile au inundat mai multe sate din județele Maramureș și Satu Mare.</p>"
    body = f"<article><h1>Inundații: ce se știe</h1><time>2 mai 2026</time>{lead}{entries}</article>"
    found = read(tmp_path / "a.html", f"<html><body>{body}</body></html>".encode()).text.splitlines()
    assert found[-9:] == [part for (time, head), text in zip(heads, texts, strict=True) for part in (time, head, text)]


def test_the_entries_of_a_page_keep_their_headings(tmp_path: Path) -> None:
    news = ("Zagorelo v Kamniku", "Zaprta cesta pri Idriji", "Nova ravnateljica v Ptuju", "Rekordna letina češenj")
    entries = "".join(
        f"<article><h2>{head}</h2><p>{PARAGRAPHS[at % 3]} {at}.</p></article>" for at, head in enumerate(news)
    )
    head = "<html lang='sl'><head><title>Kratke novice</title></head><body><nav><a href='/'>Domov</a></nav>"
    markup = f"{head}<main><h1>Kratke novice</h1>{entries}</main><footer>© 2026</footer></body></html>"
    text = read(tmp_path / "a.html", markup.encode()).text
    assert all(f"{head}\n{PARAGRAPHS[at % 3]} {at}." in text for at, head in enumerate(news))


@pytest.mark.parametrize(
    "script",
    [
        "<script id='__NEXT_DATA__' type='application/json'>{}</script>",
        "<script>window.__INITIAL_STATE__={};(function(){{}})()</script>",
    ],
)
def test_an_article_that_only_the_scripts_of_a_page_hold_is_read(tmp_path: Path, script: str) -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    others = [{"title": "Druga zgodba", "body": f"<p>{'Nekaj drugega je tu. ' * 40}</p>"}]
    state = {"props": {"more": others, "article": {"title": "Novo plavalno središče", "body": body}}}
    data = json.dumps(state).replace("</", "<\\/")
    menu = "<div id='menu'><a href='/'>Domov</a> | <a href='/s'>Šport</a></div><div id='__next'></div>"
    markup = f"<html><head><title>Novo plavalno središče</title></head><body>{menu}{script.format(data)}</body></html>"
    assert read(tmp_path / "a.html", markup.encode()).text == "\n".join(PARAGRAPHS)
    empty = markup.replace(data, "{}")
    assert "holds no article text" in error(tmp_path / "b.html", empty.encode())


@pytest.mark.parametrize("wrong", ["windows-1252", "windows-1250", "lost"])
def test_a_page_that_was_encoded_twice_is_read_as_it_was_before(tmp_path: Path, wrong: str) -> None:
    right = page().decode()
    first = right.encode()
    if wrong == "lost":
        twice = first.decode("windows-1252", "replace")
    else:
        twice = "".join(bytes([byte]).decode(wrong, "ignore") or chr(byte) for byte in first)
    assert twice != right
    assert read(tmp_path / "a.html", twice.encode()).text == read(tmp_path / "b.html", right.encode()).text
