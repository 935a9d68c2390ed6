"""Title, outlet, author and dates of an article, only where its page says them: nothing is guessed.

The labeller says which lines may be the headline, name the author or give the date; their words then have to be a
headline, a name or a date. Dates in running text tell of events, not of the publication, and are never taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rag.article.author import find_author
from rag.article.byline import prefix_end
from rag.article.labelled_page import Page, read_page
from rag.article.lines import plain_words
from rag.article.outlet import address_day, find_address, find_outlet, split_site
from rag.article.published import find_modified, find_published
from rag.article.title import find_title, lone_headline
from rag.records import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about its article. `evidence` names the source of each value that was found (``text``).

    `title_span` is where the title stands, `prefix` a date or label glued to the front of the article's first line.
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
    prefix: Span | None = None


def find_metadata(text: str, language: str | None = None) -> Metadata:
    r"""Read what the page says about its article.

    `language` (ISO 639-1) is passed through and settles months that are spelled alike and the order of numbers in
    dates.

    Example:
        >>> lead = "Premierul a anunțat marți că își dă demisia din funcție, după numai opt luni."
        >>> page = "\n\n".join(["Premierul demisionează", "Ana Pop", "28 ian. 2026, 18:20", lead, lead[::-1]])
        >>> found = find_metadata(page, "ro")
        >>> found.title, found.author, found.published
        ('Premierul demisionează', 'Ana Pop', datetime.datetime(2026, 1, 28, 18, 20))
    """
    return read_metadata(read_page(text), language)


def read_metadata(page: Page, language: str | None = None) -> Metadata:
    """Do the same for a page whose lines are read already."""
    text = page.text
    first = next(iter(page.body), None)
    cuts = {
        line.start: line.start + prefix_end(line.text, language)
        for line in page.lines
        if line.start <= (first.start if first else 0)
    }
    title = find_title(page, cuts) or lone_headline(page)
    title_text, site = split_site(plain_words(text[slice(*title)])) if title else ("", None)
    published = find_published(page, title, cuts, language)
    modified = find_modified(page, language, published)
    outlet = find_outlet(page, title_text) or site
    author = find_author(page, title, outlet)
    address = find_address(page)
    prefix = (first.start, cuts[first.start]) if first and cuts[first.start] > first.start else None
    dated = published.value if published else None
    evidence: dict[str, str] = {}
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
        evidence["published"] = "text_day_first"
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
        prefix=prefix,
    )
