"""What a web page states of its article, chosen among all places that state it.

JSON-LD of this page, Open Graph and other meta tags, microdata, ``title``, ``time`` and byline elements and the address
are candidates with a weight each; those that agree add up. A date is taken only where the page marks it as the
publication's: dates in running text never are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from rag.article.byline import byline_author, is_name
from rag.readers.content import language_code, moment, one_line, web_address
from rag.readers.json_ld import Node, is_article, read_articles
from rag.text.normalisation import fold

_TITLES = {  # of what pages show themselves and others, the Open Graph title is the article's own most often
    "og:title": 5.0, "twitter:title": 0.8, "dc.title": 1.0, "parsely-title": 1.0, "sailthru.title": 3.5,
    "headline": 1.5,
}  # fmt: skip
_OUTLETS = ("og:site_name", "application-name", "dc.publisher", "publisher", "al:android:app_name")
_AUTHORS = {
    "author": 3.0, "article:author": 2.5, "og:article:author": 2.5, "dc.creator": 2.0, "dcterms.creator": 2.0,
    "parsely-author": 2.5, "sailthru.author": 2.5, "byl": 2.0, "twitter:data1": 0.5, "cxenseparse:author": 2.0,
}  # fmt: skip
_PUBLISHED = {
    "article:published_time": 3.0, "og:published_time": 2.5, "og:article:published_time": 2.5, "datepublished": 2.5,
    "dc.date.issued": 2.5, "dcterms.issued": 2.0, "parsely-pub-date": 2.5, "sailthru.date": 2.0, "dc.date": 1.5,
    "date": 2.0, "pubdate": 2.0, "publishdate": 2.0, "publish-date": 2.0, "publish_date": 2.0, "article:published": 2.0,
    "dc.date.created": 1.5, "dcterms.created": 1.5, "cxenseparse:recs:publishtime": 1.5, "publication_date": 2.0,
}  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dc.date.modified", "dcterms.modified", "last-modified",
)  # fmt: skip
_STATED = 4.0  # weight of what JSON-LD says of this page's article
_ELSEWHERE = 0.5  # of what it says of an article at another address, or of the page
_EARLIEST = 1800
_AHEAD = timedelta(days=366)
_SITE = re.compile(r"\s[|•·–—*»:-]{1,2}\s|\s?[｜|：]\s?")
_COMPACT = re.compile(r"^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:T?(\d\d)(\d\d)(\d\d)?)?$")
_AMERICAN = re.compile(
    r"^(\d{1,2})/(1[3-9]|2\d|3[01])/((?:19|20)\d\d)(?:,?\s+(\d{1,2}):(\d\d)(?::\d\d)?\s*([AP]M)?)?", re.IGNORECASE
)
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")  # seconds or milliseconds since 1970, from 2001 on
_SCRIPTED = re.compile(
    r"^[A-Z][a-z]{2},?\s([A-Z][a-z]{2})\s(\d{1,2})\s((?:19|20)\d\d)\s(\d\d):(\d\d):(\d\d)(?:\s(?:GMT|UTC)([+-]\d{4})?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01]|[1-9])(?=[/_.-]|$)")
_BYLINE = re.compile(r"\b(?:byline|author|autor|auteur|autore|writer|avtor|signature)", re.IGNORECASE)
_PUBLICATION = re.compile(r"(?:^|[\s_-])(?:publi[sc]|pubdate|entry-date|datepublished)", re.IGNORECASE)
_NOT_BYLINE = re.compile(r"bio|about|related|more|comment|avatar|image|widget|follow|list|box", re.IGNORECASE)
_BY = re.compile(
    r"^(?:by|von|par|por|di|de|od|avtor(?:ica)?|autor(?:ul|a)?|auteur|text|door|av|af)\s{0,3}:?\s{1,3}(?=[^\W\d_a-z])",
    re.I,
)
_LONGEST_NAME = 8  # words
_NAME_WORDS = 3  # of an outlet after a headline
_HEADLINE_WORDS = 4  # before it, at least
_HEADINGS = 5  # of the second level that are looked at
_CONSENT = re.compile(
    r"cookie|consent|privacy|zasebnost|datenschutz|confiden|privatnost|piškotk|javascript", re.IGNORECASE
)

_Scored = tuple[float, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The metadata a page states, each value's origin where it is not the page's markup, and the article's address.

    `by_person` says whether the author has a person's name: where an agency or the outlet is stated, a byline that the
    page shows is better.
    """

    given: Mapping[str, Any]
    evidence: Mapping[str, str]
    address: str | None
    by_person: bool


def read_statements(markup: str, address: str | None = None) -> Statements:
    """Return what a page's markup states; `address` is where it was fetched, if that is known."""
    import lxml.html

    return tree_statements(lxml.html.document_fromstring(without_declaration(markup) or "<html/>"), address)


def tree_statements(tree: Any, address: str | None = None) -> Statements:
    """Return the same for a tree of lxml."""
    meta = _meta(tree)
    address = _address(tree, meta, address)
    own = _own(tree, meta, address)
    outlet = _outlet(own, meta)
    title = _title(tree, own, meta, outlet)
    published = _best_date(_publications(tree, own, meta))
    evidence: dict[str, str] = {}
    if published is None and (day := _address_date(address)):
        published = day
        evidence["published"] = "url"
    modified = _best_date(
        [(weight, node.get("dateModified")) for node, weight in own if is_article(node)]
        + [(1.0, meta[name]) for name in _MODIFIED if name in meta]
    )
    if published and modified and _day(modified) < _day(published):
        modified = None
    language = next((code for node, _ in own if (code := language_code(node.get("inLanguage")))), None)
    given: dict[str, Any] = {
        "title": title,
        "outlet": outlet,
        "author": _author(tree, own, meta, outlet),
        "published": published,
        "modified": modified,
        "language": language,
    }
    author = given["author"]
    by_person = author is not None and is_name(author.split(",")[0]) and not _is_outlet(author, outlet)
    return Statements(given=given, evidence=evidence, address=address, by_person=by_person)


def own_nodes(tree: Any, address: str | None = None) -> list[Node]:
    """Return the nodes of a page's JSON-LD that are about its article, the surest first."""
    meta = _meta(tree)
    return [node for node, _ in _own(tree, meta, _address(tree, meta, address)) if is_article(node)]


def _own(tree: Any, meta: Mapping[str, str], address: str | None) -> list[tuple[Node, float]]:
    told = {_letters(text) for text in (meta.get("og:title", ""), *_headings(tree))}
    nodes = [(node, _weight(node, address, told)) for node in read_articles(tree)]
    nodes.sort(key=lambda pair: -pair[1])
    return [(node, weight) for node, weight in nodes if weight >= 1]


def without_declaration(markup: str) -> str:
    """Drop an XML declaration: lxml refuses one with an encoding in text that is decoded already."""
    markup = markup.replace("\x00", "").lstrip()
    return markup.split("?>", 1)[-1] if markup.startswith("<?xml") else markup


def _meta(tree: Any) -> dict[str, str]:
    values: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        for name in ("property", "name", "itemprop"):
            if (key := (element.get(name) or "").lower()) and content:
                values.setdefault(key, unescape(content))
    return values


# -- address and the nodes of this page -----------------------------------------------------------------------


def _address(tree: Any, meta: Mapping[str, str], fetched: str | None) -> str | None:
    """Return the canonical address, unless it is a home page's and another is more precise."""
    base = next((web_address(element.get("href")) for element in tree.iter("base")), None) or web_address(fetched) or ""
    found: list[str] = []
    links = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for value in (*links, meta.get("og:url"), fetched):
        try:
            full = web_address(urljoin(base, value.strip())) if isinstance(value, str) and value.strip() else None
        except ValueError:
            continue
        if full:
            found.append(full)
    return next((full for full in found if not _is_home(full)), found[0] if found else None)


def _is_home(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    return parts.path in ("", "/", "/index.html", "/index.php") and not parts.query


def _weight(node: Node, address: str | None, titles: set[str]) -> float:
    """Return how surely a node of JSON-LD is about this page's article; `titles` are the letters of its titles."""
    weight = _STATED if is_article(node) else 1.0
    headline = node.get("headline")
    if isinstance(headline, str) and _letters(headline) in titles:
        return weight + 1
    stated = [_link(node.get(key)) for key in ("mainEntityOfPage", "url", "@id")]
    links = [link for link in stated if link]
    if address and links:
        if any(_same(link, address) for link in links):
            return weight + 1
        if all(_differs(link, address) for link in links):
            return _ELSEWHERE
    return weight


def _link(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return web_address(value)


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _differs(link: str, address: str) -> bool:
    """Return whether a link is another page's of the same site; home pages and other hosts say nothing."""
    return not (_is_home(link) or _is_home(address) or _same(link, address)) and _plain(link)[0] == _plain(address)[0]


def _plain(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    except ValueError:
        return "", address
    return host, parts.path.rstrip("/").removesuffix("/amp").removesuffix(".html").casefold()


# -- title and outlet -----------------------------------------------------------------------------------------


def _title(tree: Any, nodes: list[tuple[Node, float]], meta: Mapping[str, str], outlet: str | None) -> str:
    """Return the headline with the most weight; candidates with the same words add up."""
    window = next((" ".join(element.itertext()) for element in tree.iter("title")), "")
    headings = _headings(tree)
    found: list[_Scored] = [(weight_, meta[name]) for name, weight_ in _TITLES.items() if name in meta]
    for node, weight_ in nodes[:2]:
        found.append((min(weight_, _STATED) * 0.5, node.get("headline")))
        found.append((0.5, node.get("name")))
    found += [(1.5 if len(headings) == 1 else 0.8, heading) for heading in headings[:3]]
    found += [
        (1.8, " ".join(element.itertext()) if element.get("content") is None else element.get("content"))
        for element in tree.xpath(".//*[@itemprop='headline']")[:1]
    ]
    others = {_letters(text) for _, value in found if isinstance(value, str) and (text := one_line(value, 500))} - {""}
    window = _without_site(one_line(unescape(window), 500), outlet, others)
    if not others:
        below = {_letters(" ".join(element.itertext())) for element in list(tree.iter("h2"))[:_HEADINGS]} - {""}
        window = _without_name(_without_site(window, outlet, below))
    found.append((0.4, window))
    scores: dict[str, float] = {}
    written: dict[str, str] = {}
    for weight_, value in found:
        text = _without_site(one_line(unescape(value), 500), outlet, others) if isinstance(value, str) else ""
        key = " ".join(re.findall(r"\w+", fold(text)))
        if not key or _CONSENT.search(text) or (outlet and key == fold(outlet)):
            continue
        scores[key] = scores.get(key, 0.0) + weight_
        written.setdefault(key, text)
    return written[max(scores, key=lambda key: scores[key])] if scores else ""


def _headings(tree: Any) -> list[str]:
    headings = [one_line(" ".join(heading.itertext()), 500) for heading in tree.iter("h1") if not _is_logo(heading)]
    return [heading for heading in headings if len(heading) > 1 and not _CONSENT.search(heading)]


def _is_logo(heading: Any) -> bool:
    """Return whether a heading is the outlet's name with a link to its home page."""
    link = next(heading.iter("a"), None)
    href = (link.get("href") or "").strip() if link is not None else ""
    home = href in ("/", "./", "/index.html", "/index.php") or bool(web_address(href) and _is_home(href))
    return home and link is not None and _letters("".join(link.itertext())) == _letters("".join(heading.itertext()))


def _without_name(title: str) -> str:
    """Return a title without what follows its last separator, where that is as short as an outlet's name.

    Example:
        >>> _without_name("Na Bledu višja turistična taksa - Gorenjski list"), _without_name("Bled - Bohinj")
        ('Na Bledu višja turistična taksa', 'Bled - Bohinj')
    """
    parts = list(_SITE.finditer(title))
    if not parts:
        return title
    headline, name = title[: parts[-1].start()].strip(), title[parts[-1].end() :].strip()
    short = len(name.split()) <= _NAME_WORDS and name[:1].isupper()
    return headline if short and len(headline.split()) >= _HEADLINE_WORDS else title


def _without_site(title: str, outlet: str | None, others: set[str]) -> str:
    """Return a title without the outlet's name after or before it, where another candidate or the outlet shows it."""
    parts = list(_SITE.finditer(title))
    for match in parts:
        for part in (title[: match.start()], title[match.end() :]):
            if _letters(part) in others:
                return part.strip()
    name = _letters(outlet or "")
    for match in reversed(parts):
        rest, site = title[: match.start()].strip(), _letters(title[match.end() :])
        if name and site and rest and (site in name or name in site) and len(site) <= len(name) + 25:
            return rest
    if parts and name and _letters(title[: parts[0].start()]) == name:
        return title[parts[0].end() :].strip()
    return title


def _letters(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def _outlet(nodes: list[tuple[Node, float]], meta: Mapping[str, str]) -> str | None:
    for node, _ in nodes:
        for name in _names(node.get("publisher")):
            return name
    return next((text for key in _OUTLETS if key in meta and (text := _person(meta[key]))), None)


# -- authors --------------------------------------------------------------------------------------------------


def _author(tree: Any, nodes: list[tuple[Node, float]], meta: Mapping[str, str], outlet: str | None) -> str | None:
    """Return the names of the best source: people before organisations, and the outlet itself last."""
    found: list[tuple[float, list[str]]] = []
    for node, weight in nodes[:3]:
        found += [(weight, _names(node.get(key))) for key in ("author", "creator")]
    found += [(weight, _split(meta[key])) for key, weight in _AUTHORS.items() if key in meta]
    found += [(2.0, [name]) for name in _microdata(tree)][:1]
    found += [(1.2, [name]) for name in _bylines(tree)][:1]
    best: tuple[float, list[str]] | None = None
    for weight, names in found:
        names = [name for name in names if _may_be_author(name)]
        own = [name for name in names if not _is_outlet(name, outlet)]
        if not names:
            continue
        score = weight if own else weight * 0.2
        if len(own) == 1 and not is_name(own[0]):
            score *= 0.5
        if best is None or score > best[0]:
            best = (score, own or names)
    return ", ".join(dict.fromkeys(best[1]))[:200] if best else None


def _names(value: Any) -> list[str]:
    """Return the names of schema.org persons or organisations."""
    if isinstance(value, list):
        return [name for item in value[:10] if not isinstance(item, list) for name in _names(item)]
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, list):
        name = ", ".join(part for part in name if isinstance(part, str))
    person = _person(name) if isinstance(name, str) else None
    return _split(person) if person else []


def _split(value: str) -> list[str]:
    """Return the names in a list of them: "Ana Novak, Jan Kos und Eva Kralj"."""
    text = _BY.sub("", one_line(unescape(value)))
    parts = [part.strip() for part in re.split(r"[,;|/]", text)]
    names = [part for part in parts if is_name(part)]
    if len(parts) > 1 and names and parts[0] in names:  # what is no name says what the authors are
        return names
    person = _person(text)
    return [person] if person else []


def _person(value: str) -> str | None:
    name = one_line(re.sub(r"<[^<>]{1,500}>", "", unescape(value)))
    return name if len(name) > 1 and not web_address(name) and "://" not in name else None


def _may_be_author(name: str) -> bool:
    return len(name.split()) <= _LONGEST_NAME and any(map(str.isalpha, name)) and "@" not in name


def _is_outlet(name: str, outlet: str | None) -> bool:
    own, site = _letters(name), _letters(outlet or "")
    return bool(own and site) and (own in site or site in own)


def _microdata(tree: Any) -> Iterator[str]:
    for element in tree.xpath(".//*[@itemprop='author' or @itemprop='creator' or @rel='author']")[:5]:
        inner = element.xpath(".//*[@itemprop='name']")
        value = (inner[0] if inner else element).get("content") or " ".join((inner[0] if inner else element).itertext())
        for name in _split(value):
            if is_name(name):
                yield name


def _bylines(tree: Any) -> Iterator[str]:
    """Yield the names in elements whose class says that they name the author."""
    for element in tree.iter("a", "span", "p", "div", "address"):
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if not _BYLINE.search(named) or _NOT_BYLINE.search(named):
            continue
        text = one_line(" ".join(element.itertext()), 120)
        if name := byline_author(text) or (text if is_name(text) else None):
            yield name


# -- dates ----------------------------------------------------------------------------------------------------


def _publications(tree: Any, nodes: list[tuple[Node, float]], meta: Mapping[str, str]) -> list[_Scored]:
    """Return what the page marks as its publication, with weights."""
    found: list[_Scored] = []
    for node, weight in nodes[:3]:
        found += [(weight, node.get("datePublished")), (weight * 0.3, node.get("dateCreated"))]
        found += [(weight * 0.2, node.get("uploadDate"))]
    found += [(weight, meta[key]) for key, weight in _PUBLISHED.items() if key in meta]
    stated = tree.xpath(".//*[@itemprop='datePublished']")[:1]
    found += [(2.5, item.get("datetime") or item.get("content") or " ".join(item.itertext())) for item in stated]
    times = [element.get("datetime") for element in tree.iter("time") if element.get("datetime")]
    if len(set(times)) == 1:  # of several, as beside links to other articles, none is known to be this one's
        found.append((1.0, times[0]))
    marked = [element.get("datetime") for element in tree.xpath(".//time[@pubdate]")]
    found += [(2.0, value) for value in marked[:1]]
    named = [
        element.get("datetime") for element in tree.iter("time") if _PUBLICATION.search(element.get("class") or "")
    ]
    return found + [(1.5, value) for value in named[:1]]


def _best_date(found: list[_Scored]) -> date | datetime | None:
    """Return the plausible date with the most weight; those of one day add up, and the most precise is told."""
    scores: dict[date, float] = {}
    values: dict[date, date | datetime] = {}
    for weight, value in found:
        told = stated_moment(value)
        if told is None or not is_plausible(told):
            continue
        day = _day(told)
        scores[day] = scores.get(day, 0.0) + weight
        if day not in values or (isinstance(told, datetime) and not isinstance(values[day], datetime)):
            values[day] = told
    return values[max(scores, key=lambda day: scores[day])] if scores else None


def stated_moment(value: object) -> date | datetime | None:
    """Return the date that a page's markup states, in the forms that programs write too.

    Example:
        >>> [str(stated_moment(value)) for value in ("20260226", "2/25/2026 10:15:00 PM", "2026")]
        ['2026-02-26', '2026-02-25 22:15:00', 'None']
    """
    text = one_line(value, 80) if isinstance(value, str) else ""
    try:
        if match := _COMPACT.match(text):
            year, month, day, hour, minute, _ = match.groups()
            if hour is None:
                return date(int(year), int(month), int(day))
            return datetime(int(year), int(month), int(day), int(hour), int(minute))
        if _EPOCH.match(text):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        if match := _AMERICAN.match(text):
            month, day, year, hour, minute, half = match.groups()
            if hour is None:
                return date(int(year), int(month), int(day))
            hours = int(hour) % 12 + 12 * (half.upper() == "PM") if half else int(hour)
            return datetime(int(year), int(month), int(day), hours, int(minute))
        if (match := _SCRIPTED.match(text)) and match.group(1).lower() in _MONTHS:
            number = _MONTHS.index(match.group(1).lower()) + 1
            zone = match.group(7)
            told = datetime(int(match[3]), number, int(match[2]), int(match[4]), int(match[5]), int(match[6]))
            return datetime.strptime(f"{told:%Y%m%d%H%M%S}{zone}", "%Y%m%d%H%M%S%z") if zone else told
    except ValueError:
        return None
    return moment(text) if text else None


def is_plausible(value: date) -> bool:
    """Return whether an article may have been published then: not at the epoch, nor more than a year ahead."""
    day = _day(value)
    return day.year >= _EARLIEST and day != date(1970, 1, 1) and day <= datetime.now(UTC).date() + _AHEAD


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _address_date(address: str | None) -> date | None:
    """Return the day that an address states in its path (/2026/01/28/)."""
    match = _ADDRESS_DAY.search(urlsplit(address).path) if address else None
    if match is None:
        return None
    try:
        day = date(*map(int, match.groups()))
    except ValueError:
        return None
    return day if is_plausible(day) else None
