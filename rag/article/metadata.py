"""Title, outlet, author and date of an article, only where its page says them: nothing is guessed.

They are read in the head of the page, before the first paragraph, and as a prefix of the first line ("date
2026-01-14 ..."). Dates in running text tell of events, not of the publication, and are never taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rag.article.author import (
    byline_author,
    byline_date,
    is_name,
    prefix_end,
)
from rag.article.author_names import find_author
from rag.article.boilerplate import is_breadcrumb, is_keywords
from rag.article.line_labels import Page, read_page
from rag.article.lines import PARAGRAPH, Line
from rag.article.mastheads import masthead
from rag.article.notices import is_notice
from rag.article.outlet import address_day, copyright_outlet, find_address, labelled_outlet, labels_outlet
from rag.article.outlet_signatures import short_name, signed_outlet
from rag.article.phrases import is_bar, opens_related
from rag.article.published import find_modified, find_published
from rag.article.publishing import may_be_own, speaks_for_outlet
from rag.records import Span
from rag.text.dates.moments import find_moments

_MARKDOWN = re.compile(r"^(#{1,6})\s+(?=\S)")
_LABELLED_TITLE = re.compile(
    r"^(?:title|titlu|titlul|naslov|titel|überschrift|titre|titolo|título|titular|headline)\s*:\s*(?=\S)", re.IGNORECASE
)
_SITE_SUFFIX = re.compile(r"\s[|•·]\s(?P<name>[^|•·]{2,40})$")
_TICKER = re.compile(r"^\d{1,2}[:.]\d\d\s+\S")  # "17:58 Another headline"
_LONGEST_TITLE = 40  # words; the longest headlines of Romanian portals have some 30
_HEAD_LINES = 100  # before the article; what is further up is a menu
_UNDER = 7  # lines between a headline and its byline, counted: standfirst, caption, credit
_LONG_HEADLINE = 25  # words; most that are longer are standfirsts
_BUTTON = 5  # words of what one can press at most
_CRUMB = 4  # words that a headline and the last step of a breadcrumb share at least
_SENTENCE_INSIDE = re.compile(r"[.][”\"»“]?\s+[„“\"«»]?[^\W\d_a-zà-ÿ]\w*\s+\w+\s+\w")
_NAME = 5  # words of an outlet's name at most
_POINT = 4  # the same of a line with a bullet
_STANDFIRST = 8  # words from which an unpunctuated line under the title is text rather than a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about its article. `evidence` names the source of each value that was found (``text``).

    `title_span` is where the title stands (the first place nearest the article), `standfirsts` the lines of text
    between title and article, `prefix` a date or label glued to the front of the article's first line.
    """

    title: str = ""
    outlet: str | None = None
    author: str | None = None
    published: date | datetime | None = None
    modified: date | datetime | None = None
    address: str | None = None
    language: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    title_span: Span | None = None
    standfirsts: tuple[Span, ...] = ()
    prefix: Span | None = None


def find_metadata(text: str, language: str | None = None) -> Metadata:
    r"""Read what the page says about its article.

    `language` (ISO 639-1) is passed through and settles months that are spelled alike and the order of numbers in
    dates.

    Example:
        >>> lead = "Premierul a anunțat marți că își dă demisia din funcție."
        >>> page = "\n\n".join(["Premierul demisionează", "Ana Pop", "28 ian. 2026, 18:20", lead])
        >>> found = find_metadata(page, "ro")
        >>> found.title, found.author, found.published
        ('Premierul demisionează', 'Ana Pop', datetime.datetime(2026, 1, 28, 18, 20))
    """
    return read_metadata(read_page(text), language)


def read_metadata(page: Page, language: str | None = None) -> Metadata:
    """Do the same for a page whose lines are read already."""
    text = page.text
    head, zone, first = page.head[-_HEAD_LINES:], page.bylines[-_HEAD_LINES:], page.body[:1]
    cuts = {line.start: line.start + prefix_end(line.text, language) for line in (*head, *zone, *first)}
    title = _title(head, page.body, cuts, language)
    named = masthead(page, text[slice(*title)] if title else "") or (_said_twice(page, title) if title else None)
    if title and named == text[slice(*title)]:  # a name is no headline
        title = _title(tuple(line for line in head if line.text != named), page.body, cuts, language)
    published = find_published(zone, first, title, cuts, language)
    modified = find_modified(zone, page.furniture, language, published)
    author = find_author(page, zone, title, language, named)
    # A headline of a hard-wrapped page may hold line breaks.
    title_text, outlet = _split_site(" ".join(text[slice(*title)].split()) if title else "")
    outlet = outlet or labelled_outlet(page, title_text) or named
    outlet = outlet or (short_name(page, owner) if (owner := copyright_outlet(page)) else signed_outlet(page))
    address = find_address(page)
    prefix = (first[0].start, cuts[first[0].start]) if first and cuts[first[0].start] > first[0].start else None
    evidence: dict[str, str] = {}
    dated = published.value if published else None
    if published is None and address and (dated := address_day(address)):
        evidence["published"] = "url"
    found: dict[str, object] = {
        "title": title_text,
        "outlet": outlet,
        "author": author,
        "published": published,
        "modified": modified,
        "source": address,
        "language": language,
    }
    evidence |= {name: "text" for name, value in found.items() if value}
    if published and published.by_language:
        evidence["published"] = f"text (day first, as in {language})"
    return Metadata(
        title=title_text,
        outlet=outlet,
        author=author,
        published=dated,
        modified=modified.value if modified else None,
        address=address,
        language=language,
        evidence=evidence,
        title_span=title,
        standfirsts=tuple(_standfirsts(head, title, language)),
        prefix=prefix,
    )


def _said_twice(page: Page, title: Span) -> str | None:
    """Return what was taken for the headline where it is the outlet's name, at the top and again at the byline."""
    name = page.text[slice(*title)]
    twice = sum(line.text == name for line in page.head) > 1 and len(name.split()) <= _NAME
    return name if twice and masthead(page, "") == name else None


def _title(
    head: tuple[Line, ...], body: tuple[Line, ...], cuts: Mapping[int, int], language: str | None
) -> Span | None:
    """Return where the headline stands: marked as one, said twice, or the first line that reads like one."""
    candidates: list[Line] = []
    for line in head:
        for pattern in (_MARKDOWN, _LABELLED_TITLE):
            if (mark := pattern.match(line.text)) and not (pattern is _MARKDOWN and len(mark.group(1)) > 1):
                return line.start + mark.end(), line.end
        if _headline_like(line, cuts[line.start], language):
            candidates.append(line)
    if not candidates:
        return None
    counts = Counter(line.key for line in head if line.words >= 2)
    crumbs = [line.key for line in head if is_breadcrumb(line)]
    told = Counter(stem for line in body for stem in _stems(line.key))
    order = {line.start: i for i, line in enumerate(head)}
    dated = {i for i, line in enumerate(head) if byline_date(line.text, language)}
    signed = dated | {i for i, line in enumerate(head) if byline_author(line.text)}

    def likelihood(line: Line) -> float:
        """Weigh what marks a headline; of equals the first wins, as the standfirst comes after it."""
        repeated = line.words >= 3 and (
            counts[line.key] > 1
            or any(key.endswith(line.key) for key in crumbs)
            or any(len(set(key.split()) & set(line.key.split())) >= _CRUMB for key in crumbs)
        )
        near = any(order[line.start] + step in signed for step in (*range(1, _UNDER), -1, -2))  # byline or date
        stems = _stems(line.key)
        shared = sum(stem in told for stem in stems)  # what the article says, too
        half = len(stems) >= 3 and shared >= 0.5 * len(stems)
        of_it = half - 0.2 * (len(stems) >= 2 and not shared)
        beside = {order[other.start] - order[line.start]: other.words for other in candidates}
        leads = line.words > _CRUMB >= beside.get(-1, 0) and beside.get(1, 0) >= _STANDFIRST  # a standfirst after it
        lower = [word for word in line.text.split() if word[:1].islower()]  # no menu, no name: "La Voz de Soria"
        sentence = (len(lower) >= 2 or any(len(word) >= 4 for word in lower)) - line.text.isupper()
        several = len(re.findall(r"[^\W\d_]{2,}", line.text)) >= 4
        author = is_name(line.text) and any(order[line.start] + step in dated for step in (1, -1))
        opens = line.gap and order[line.start] > 0
        return (
            4 * repeated
            + 2 * near
            + several
            + 0.5 * sentence
            + 0.5 * opens
            + of_it
            + leads
            - ("\n" in line.text)  # wrapped: a standfirst more often
            - (line.words > _LONG_HEADLINE or _SENTENCE_INSIDE.search(line.text) is not None)
            - 0.5 * line.text[:1].islower()
            - 2 * author
        )

    chosen = max(candidates, key=likelihood)
    return max(cuts[chosen.start], chosen.start), chosen.end


def _stems(key: str) -> set[str]:
    """Return the beginnings of a line's longer words, by which forms of one word are alike."""
    return {word[:5] for word in key.split() if len(word) >= 4}


def _headline_like(line: Line, cut: int, language: str | None) -> bool:
    remainder = line.text[cut - line.start :].strip()
    count = len(re.findall(r"\w+", remainder))
    first = re.split(r"\s[|•·]\s", remainder)[0]  # the rest may be the outlet's name
    return (
        count >= 2
        and line.words <= _LONGEST_TITLE
        and len(first.split()) >= 2
        and not is_bar(first)
        and not (count <= _BUTTON and may_be_own(remainder, count, 2))
        and not remainder.endswith(":")
        and not (line.stamp or line.domain or is_breadcrumb(line) or is_keywords(line))
        and not (is_bar(remainder) or is_notice(line.text) or opens_related(line.text))
        and line.prose_end == line.end  # a caption carries a credit
        and byline_author(line.text) is None
        and not (cut == line.start and byline_date(line.text, language))
        and not (labels_outlet(line.text) or _TICKER.match(line.text))
    )


def _split_site(title: str) -> tuple[str, str | None]:
    """Part "Headline | Outlet" as pages write their window's title."""
    match = _SITE_SUFFIX.search(title)
    if match and len(match.group("name").split()) <= 4:
        return title[: match.start()].strip(), match.group("name").strip()
    return title.strip(), None


def _standfirsts(head: tuple[Line, ...], title: Span | None, language: str | None) -> list[Span]:
    """Return the lines of the head that are text without a full stop: standfirsts and captions."""
    spans: list[Span] = []
    keys = Counter(line.key for line in head)
    key = next((line.key for line in head if title and line.start <= title[0] < line.end), "")
    for line in head:
        if (
            title is not None
            and line.start > title[0]
            and line.words >= (_POINT if line.bullet else _STANDFIRST)
            and keys[line.key] == 1
            and not (line.stamp or line.domain or is_breadcrumb(line) or is_keywords(line) or is_bar(line.text))
            and line.key not in key  # the headline again, shorter
            and not (is_notice(line.text) or opens_related(line.text) or speaks_for_outlet(line.text, line.words))
            and ((line.ended and line.words >= PARAGRAPH) or not find_moments(line.text, language))
            and not is_bar(re.split(r"\s[|•·]\s", line.text)[0])
            and byline_author(line.text) is None
        ):
            spans.append((line.start, line.prose_end))
    return spans
