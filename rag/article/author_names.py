"""Who wrote an article: a name by itself tells it only where its place does."""

from __future__ import annotations

import re

from rag.article.author import byline_author, byline_date, is_name, is_role, linked_author
from rag.article.line_labels import Page
from rag.article.lines import Line
from rag.records import Span
from rag.text.dates.moments import without_dates
from rag.text.normalisation import fold

_INITIALS = re.compile(r"^(?:(?:[^\W\d_a-zà-ÿ]\.\s?){2,3}(?:,\s|$)){1,3}$")  # "A. L., T. M. K."

_SENT = re.compile(  # "Dobrava - MMM, Nives Jerman": from where, for whom, and who
    r"^[^\W\d_a-zà-ÿ][^,:.|]{2,30}\s[–—-]\s[^,:.|]{2,20},\s(?P<name>[^,:.|]{5,40})$"
)


def find_author(
    page: Page, head: tuple[Line, ...], title: Span | None, language: str | None, outlet: str | None = None
) -> str | None:
    """Return the author that a byline names, who stands beside the date, or who has a role or a note of their own.

    Args:
        page: all of it.
        head: the lines in which bylines stand.
        title: where the headline stands.
        language: of the page.
        outlet: the name at the top of the page, which is no author's.
    """
    for line in head:
        if title and line.start <= title[0] < line.end:
            continue
        if (author := _labelled(without_dates(line.text)) or linked_author(line.text)) is not None:
            return author if _INITIALS.match(author) else author.rstrip(".")
    dated = [i for i, line in enumerate(head) if byline_date(line.text, language)]
    for i in dated:  # a name alone stands beside the date: on the same line, the line before or the line after
        role = i >= 2 and is_role(head[i - 1].text) and _without_role(head[i - 1].text) == head[i - 1].text
        before = i - 2 if role else i - 1
        after = next((j for j in range(i + 1, len(head)) if j in dated or not head[j].stamp), i + 1)  # no update
        beside = [_without_role(head[j].text) for j in (before, after) if 0 <= j < len(head)]
        beside += [match.group("name") for text in beside if (match := _SENT.match(text))]
        own = re.split(r"\s*[|•·–—/]\s*|\s-\s|,\s*$|,\s+(?=[|•])", without_dates(head[i].text))[0]
        for candidate in (own, *(re.split(r"\s*[|•·/]\s*", text)[0] for text in beside)):
            name = candidate.strip(" ,|•·–—-/")
            if name == outlet:
                continue
            if (is_name(name) and not _told_of(name, page)) or _INITIALS.match(candidate.strip(" |•·")):
                return candidate.strip(" |•·") if _INITIALS.match(candidate.strip(" |•·")) else name.rstrip(".")
    return _noted_author(page, head, title)


def _labelled(line: str) -> str | None:
    """Return the author whom a line names, or a cell of it with a label of its own: "... | Autor: Ana Pop | ..."."""
    cells = (cell for cell in re.split(r"\s[|•·]\s", line)[1:] if ":" in cell)
    return next((author for text in (line, *cells) if (author := byline_author(text))), None)


def _without_role(text: str) -> str:
    """Return a line without the role after the name: "Nikhil Ferrant, Industrials Correspondent"."""
    name, comma, role = text.partition(", ")
    return name if comma and is_name(name) and is_role(role) else text


def _noted_author(page: Page, head: tuple[Line, ...], title: Span | None) -> str | None:
    """Return the name under the headline that has a role beside it, or a note of its own after the article."""
    end = page.body[-1].end if page.body else 0
    after = [line.text for line in page.lines if line.start > end]
    closing = [line.text for line in page.body[-1:]]
    for i, line in enumerate(head):
        name = line.text.rstrip(".,")
        if title is None or line.start <= title[0] or not is_name(name):
            continue
        role = any(is_role(other.text) for other in head[i + 1 : i + 2])
        noted = any(text == name or text.startswith(name + " ") for text in (*after, *closing))
        if role or noted:
            return name
    return None


def _told_of(name: str, page: Page) -> bool:
    """Say whether the article or a caption speaks of what has the shape of a name: then it may be a place.

    "Škofja Loka, 18. 1. 2026" stands over an article that says "v Škofji Loki".
    """
    words = [word for word in name.split() if len(word.strip(".")) > 1]
    stems = [re.compile(rf"(?<!\w){re.escape(fold(word)[: max(3, len(word) - 2)])}") for word in words]
    told = [*page.body, *(line for line in page.head if line.words >= 6)]
    text = " ".join(
        fold(page.text[line.start : line.prose_end])
        for line in told
        if not line.text.casefold().startswith(name.casefold())
    )
    return all(stem.search(text) for stem in stems)
