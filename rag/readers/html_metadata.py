"""What a web page states of its article: schema.org first, then OpenGraph and other meta tags, then the address.

A date is taken only where the page marks it as the publication's: in JSON-LD, in a meta tag or a `time` element
(by htmldate, which is shown nothing else), or in the address. Dates in running text are never taken.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.readers.content import language_code, moment, one_line, web_address

_TYPES = ("article", "newsarticle", "reportagenewsarticle", "blogposting", "liveblogposting", "opinionnewsarticle")
_TITLES = ("og:title", "twitter:title", "dc.title", "title")
_OUTLETS = ("og:site_name", "application-name", "dc.publisher", "publisher")
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author")
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dc.date.issued", "parsely-pub-date")
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dc.date.modified", "last-modified")
_DEPTH = 6  # of JSON-LD; real pages nest an article three levels deep at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The metadata a page states, each value's origin, and the article's canonical address."""

    given: Mapping[str, Any]
    evidence: Mapping[str, str]
    address: str | None


def read_statements(markup: str, address: str | None = None) -> Statements:
    """Return what a page's markup states; nothing is guessed."""
    import lxml.html

    tree = lxml.html.document_fromstring(_without_declaration(markup) or "<html/>")
    meta = _meta(tree)
    schema = next(_articles(tree), {})
    canonical = next((web_address(link.get("href")) for link in tree.iterfind(".//link[@rel='canonical']")), None)
    address = canonical or web_address(meta.get("og:url")) or web_address(address)
    published = moment(schema.get("datePublished")) or moment(_first(meta, _PUBLISHED))
    given: dict[str, Any] = {
        "title": one_line(schema.get("headline") or _first(meta, _TITLES) or _heading(tree), 500),
        "outlet": _name(schema.get("publisher")) or one_line(_first(meta, _OUTLETS)),
        "author": _name(schema.get("author")) or _person(_first(meta, _AUTHORS)),
        "published": published or moment(_marked_date(tree)),
        "modified": moment(schema.get("dateModified")) or moment(_first(meta, _MODIFIED)),
    }
    evidence: dict[str, str] = {}
    if given["published"] is None and address and (dated := moment(_address_date(address))):
        given["published"] = dated
        evidence["published"] = "url"
    language = language_code(schema.get("inLanguage"))
    return Statements(given={**given, "language": language}, evidence=evidence, address=address)


def _without_declaration(markup: str) -> str:
    """Drop an XML declaration: lxml refuses one with an encoding in text that is decoded already."""
    markup = markup.replace("\x00", "").lstrip()
    return markup.split("?>", 1)[-1] if markup.startswith("<?xml") else markup


def _meta(tree: Any) -> dict[str, str]:
    values: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        if key and (content := (element.get("content") or "").strip()):
            values.setdefault(key, content)
    return values


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if name in values), "")


def _heading(tree: Any) -> str:
    """Return the page's only main heading: of several none is known to be the article's."""
    headings = [" ".join(heading.itertext()) for heading in tree.iter("h1")]
    return headings[0] if len(headings) == 1 else ""


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            yield from _nodes(json.loads(script.text or "", strict=False), _DEPTH)
        except (ValueError, RecursionError):
            continue


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value[:100]:
            yield from _nodes(item, depth - 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(name, str) and name.lower() in _TYPES for name in names):
            yield value
        yield from _nodes(value.get("@graph"), depth - 1)


def _name(value: Any) -> str | None:
    """Return the name of a schema.org person or organisation, of several all names."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_name(item) for item in value[:10] if not isinstance(item, list)))) or None
    name = value.get("name") if isinstance(value, dict) else value
    return _person(name) if isinstance(name, str) else None


def _person(value: str) -> str | None:
    name = one_line(value)
    return name if len(name) > 1 and not web_address(name) else None


def _marked_date(tree: Any) -> str | None:
    """Return the publication date of a `time` element that stands alone in its article, by htmldate.

    The library is given nothing but these elements: shown the page, it also takes dates out of running text.
    """
    import lxml.html
    from htmldate import find_date

    times = [element.get("datetime") for element in tree.iter("time") if element.get("datetime")]
    if len(set(times)) != 1:  # of several, as beside links to other articles, none is known to be this one's
        return None
    page = lxml.html.document_fromstring("<html><body><article><time></time></article></body></html>")
    page.find(".//time").set("datetime", times[0])
    return _quiet(find_date, page, times[0])


def _quiet(find_date: Any, page: Any, stated: str) -> str | None:
    """Return the stated moment if htmldate agrees that it is a date: the library gives days, the page also hours."""
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    day = find_date(page, extensive_search=False, original_date=True)
    return stated if day and one_line(stated).startswith(day) else day


def _address_date(address: str) -> str | None:
    """Return the day that an address states in its path (/2026/01/28/), by htmldate."""
    import lxml.html
    from htmldate import find_date

    empty = lxml.html.document_fromstring("<html><body><p></p></body></html>")
    day = find_date(empty, extensive_search=False, original_date=True, url=address)
    return day if isinstance(day, str) else None
