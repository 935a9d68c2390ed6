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

from rag.indexing.bylines import byline_author, is_name, is_role, prefix_end, says_more, says_published, says_updated
from rag.indexing.dates import Moment, day, find_moments, is_past, without_dates
from rag.indexing.furniture import is_breadcrumb, is_keywords
from rag.indexing.lines import Line
from rag.indexing.notices import is_notice
from rag.indexing.outlets import address_day, find_address, find_outlet, labels_outlet, masthead
from rag.indexing.page import Page, read_page
from rag.indexing.phrases import is_bar, opens_related
from rag.records import Span
from rag.text.normalisation import fold

_MARKDOWN = re.compile(r"^(#{1,6})\s+(?=\S)")
_LABELLED_TITLE = re.compile(
    r"^(?:title|titlu|titlul|naslov|titel|überschrift|titre|titolo|título|titular|headline)\s*:\s*(?=\S)", re.IGNORECASE
)
_SITE_SUFFIX = re.compile(r"\s[|•·]\s(?P<name>[^|•·]{2,40})$")
_MARKS = ",|•·–—-:/(>›»→"  # what parts a date from the rest of its line
_STATE = re.compile(r"\bstand\s*:?\s*$", re.IGNORECASE)
_CLOCK_WORD = re.compile(r"^\s*(?:uhr|h|cet|cest|eet|gmt|utc)\b\.?", re.IGNORECASE)
_TICKER = re.compile(r"^\d{1,2}[:.]\d\d\s+\S")  # "17:58 Another headline"
_LONGEST_TITLE = 40  # words; the longest headlines of Romanian portals have some 30
_HEAD_LINES = 100  # before the article; what is further up is a menu
_UNDER = 7  # lines between a headline and its byline, counted: standfirst, caption, credit
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
    cuts = {line.start: line.start + prefix_end(line.text, language) for line in (*zone, *first)}
    named = masthead(page)
    title = _title(tuple(line for line in head if line.text != named), cuts, language)
    published = _published(zone, first, title, cuts, language)
    modified = _modified(zone, language, published)
    author = _author(page, zone, title, language)
    # A headline of a hard-wrapped page may hold line breaks.
    title_text, outlet = _split_site(" ".join(text[slice(*title)].split()) if title else "")
    outlet = outlet or find_outlet(page, title_text) or named
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


def _title(head: tuple[Line, ...], cuts: Mapping[int, int], language: str | None) -> Span | None:
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
    order = {line.start: i for i, line in enumerate(head)}
    dated = {i for i, line in enumerate(head) if _byline_date(line, language)}
    signed = dated | {i for i, line in enumerate(head) if byline_author(line.text)}

    def likelihood(line: Line) -> float:
        """Weigh what marks a headline; of equals the first wins, as the standfirst comes after it."""
        repeated = line.words >= 3 and (counts[line.key] > 1 or any(key.endswith(line.key) for key in crumbs))
        near = any(order[line.start] + step in signed for step in (*range(1, _UNDER), -1))  # byline or date at hand
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
            - 0.5 * line.text[:1].islower()
            - 2 * author
        )

    chosen = max(candidates, key=likelihood)
    return max(cuts[chosen.start], chosen.start), chosen.end


def _headline_like(line: Line, cut: int, language: str | None) -> bool:
    remainder = line.text[cut - line.start :].strip()
    count = len(re.findall(r"\w+", remainder))
    return (
        count >= 2
        and line.words <= _LONGEST_TITLE
        and not remainder.endswith(":")
        and not (line.stamp or line.domain or is_breadcrumb(line) or is_keywords(line))
        and not (is_bar(remainder) or is_notice(line.text) or opens_related(line.text))
        and line.prose_end == line.end  # a caption carries a credit
        and byline_author(line.text) is None
        and not (cut == line.start and _byline_date(line, language))
        and not (labels_outlet(line.text) or _TICKER.match(line.text))
    )


def _byline_date(line: Line, language: str | None) -> Moment | None:
    """Return the publication date that a line of the head gives: set apart by marks, not said within a phrase."""
    published = None
    end = 0
    for moment in find_moments(line.text, language):
        before, after = line.text[end : moment.start].rstrip(), _CLOCK_WORD.sub("", line.text[moment.end :]).lstrip()
        end = moment.end
        if says_updated(before):
            continue
        if says_published(before):
            return moment
        apart = (
            (
                not says_more(before)
                or before[-1] in _MARKS
                or is_name(before)
                # "Novo mesto 29. 11. 2026 20.55": a place, where a headline would hardly give the hour
                or (isinstance(moment.value, datetime) and all(word[:1].isupper() for word in before.split()[:4]))
            )
            and (not after or after[0] in _MARKS + ")." or says_updated(after) or not says_more(after))
        )
        others = len(re.findall(r"\w+", without_dates(line.text)))
        if published is None and apart and others <= 8:
            published = moment
    return published


def _published(
    head: tuple[Line, ...], first: tuple[Line, ...], title: Span | None, cuts: Mapping[int, int], language: str | None
) -> Moment | None:
    found: list[Moment] = []
    for line in (*head, *first):
        if cuts[line.start] > line.start:
            found += find_moments(line.text[: cuts[line.start] - line.start], language)
        elif line in head and not (title and line.start <= title[0] < line.end):
            moment = _byline_date(line, language)
            found += [moment] if moment else []
    found = [moment for moment in found if is_past(moment.value)]
    # A bare day and the same day with its hour say the same thing: the fuller one is told.
    timed = [m for m in found if isinstance(m.value, datetime) and found[0].value in (m.value, m.value.date())]
    return next(iter(timed or found), None)


def _modified(head: tuple[Line, ...], language: str | None, published: Moment | None) -> Moment | None:
    """Return the moment that a word for updating introduces; none that lies before the publication."""
    for line in head:
        end = 0
        for moment in find_moments(line.text, language):
            before, end = line.text[end : moment.start], moment.end
            sound = is_past(moment.value) and (published is None or day(published.value) <= day(moment.value))
            updated = says_updated(before) and not says_published(before)
            # "Stand: ..." is all that some pages say of their date; beside a publication it is a later state.
            state = _STATE.search(before) and published is not None and published.value != moment.value
            if sound and (updated or state):
                return moment
    return None


def _author(page: Page, head: tuple[Line, ...], title: Span | None, language: str | None) -> str | None:
    for line in head:
        if title and line.start <= title[0] < line.end:
            continue
        if (author := byline_author(without_dates(line.text))) is not None:
            return author
    dated = [i for i, line in enumerate(head) if _byline_date(line, language)]
    for i in dated:  # a name alone stands beside the date: on the same line, the line before or the line after
        before = i - 2 if i >= 2 and is_role(head[i - 1].text) else i - 1
        beside = (head[j].text for j in (before, i + 1) if 0 <= j < len(head))
        own = re.split(r"\s*[|•·–—/]\s*|\s-\s|,\s*$|,\s+(?=[|•])", without_dates(head[i].text))[0]
        for candidate in (own, *(re.split(r"\s*[|•·/]\s*", text)[0] for text in beside)):
            name = candidate.strip(" ,|•·–—-/")
            if is_name(name) and not _told_of(name, page):
                return name
    return None


def _told_of(name: str, page: Page) -> bool:
    """Say whether the article or a caption speaks of what has the shape of a name: then it may be a place.

    "Škofja Loka, 18. 1. 2026" stands over an article that says "v Škofji Loki".
    """
    stems = [re.compile(rf"(?<!\w){re.escape(fold(word)[: max(3, len(word) - 2)])}") for word in name.split()]
    told = [*page.body, *(line for line in page.head if line.words >= 6)]
    text = " ".join(fold(line.text) for line in told if not line.text.casefold().startswith(name.casefold()))
    return all(stem.search(text) for stem in stems)


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
    for line in head:
        if (
            title is not None
            and line.start > title[0]
            and line.words >= _STANDFIRST
            and keys[line.key] == 1
            and not (line.stamp or line.domain or is_breadcrumb(line) or is_keywords(line) or is_bar(line.text))
            and not (is_notice(line.text) or opens_related(line.text) or find_moments(line.text, language))
            and byline_author(line.text) is None
        ):
            spans.append((line.start, line.prose_end))
    return spans
