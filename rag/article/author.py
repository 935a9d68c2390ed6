"""Who wrote an article: a name on a line that the labeller takes for a byline, or that is one by its words."""

from __future__ import annotations

import re

from rag.article.byline import byline_author, is_name, is_role, linked_author
from rag.article.labelled_page import AUTHOR, Page
from rag.records import Span
from rag.text.dates.moments import without_dates
from rag.text.normalisation import fold

_LEAST = 0.7  # score of a byline at least; chosen on real pages
_BYLINE = 0.3  # what "by" before the name adds
_ALONE = 0.1  # what a name adds that the line says hardly more than
_NEAR = 0.3  # what a line adds beside the headline
_LONGEST = 200  # characters of a byline
_PARTS = re.compile(r"\s*[|•·–—/:]\s*|\s+-\s+|\s*,\s+|\s{2,}|\s+(?:und|and|y|et|e|și|in|og|och|en|&)\s+")
_INITIALS = re.compile(r"^(?:(?:[^\W\d_a-zà-ÿ]\.\s?){2,3}(?:,\s|$)){1,3}$")  # "A. L., T. M. K."


def find_author(page: Page, title: Span | None, outlet: str | None = None) -> str | None:
    """Return the first author that the most probable byline names.

    Args:
        page: the lines and their labels.
        title: where the headline stands; it names no author.
        outlet: the page's own name, which is no author's.
    """
    best: tuple[float, str] | None = None
    for index, line in enumerate(page.lines):
        chance = page.chance(index, AUTHOR)
        if chance < _LEAST - _BYLINE - _NEAR or len(line.text) > _LONGEST:
            continue
        if (title and line.start <= title[0] < line.end) or (page.kept[index] and chance < 0.5):
            continue
        for shape, name in _named(line.text, line.plain):
            score = chance + shape + _NEAR * page.nearness(index, title)
            if score < _LEAST or name == outlet or (best is not None and score <= best[0]):
                continue
            if shape < _BYLINE and _is_told_of(name, page):
                continue
            best = (score, name)
    return best[1] if best else None


def _is_told_of(name: str, page: Page) -> bool:
    """Return whether the article speaks of what has the shape of a name: then it is a place, or somebody else.

    "Škofja Loka, 18. 1. 2026" stands over an article that says "v Škofji Loki".
    """
    words = [word for word in fold(name).split() if len(word.strip(".")) > 1]
    stems = [re.compile(rf"(?<!\w){re.escape(word[: max(3, len(word) - 2)])}") for word in words]
    told = " ".join(fold(line.plain) for line in page.body if line.words > len(words) + 1)
    return bool(stems) and all(stem.search(told) for stem in stems)


def _leading(part: str) -> str:
    """Return the name that begins what also tells a role or how long ago it was: "Ana Pop Rural editor"."""
    words = part.split()
    rest = " ".join(words[2:])
    return " ".join(words[:2]) if is_name(" ".join(words[:2])) and (rest[:1].isdigit() or is_role(rest)) else ""


def _named(text: str, plain: str) -> list[tuple[float, str]]:
    """Return the first name of a line with what its shape adds to the line's probability."""
    bare = without_dates(plain)
    if (author := byline_author(bare)) is not None:
        return [(_BYLINE, author if _INITIALS.match(author) else author.rstrip("."))]
    if (author := linked_author(text)) is not None:
        return [(_BYLINE, author)]
    parts = [part.strip(" .,") for part in _PARTS.split(bare)]
    names = [name for part in parts if (name := part if is_name(part) and not is_role(part) else _leading(part))]
    if names:
        return [(_ALONE if len(bare.split()) <= len(names[0].split()) + 3 else 0.0, names[0])]
    return [(0.0, bare.strip(" |•·"))] if _INITIALS.match(bare.strip(" |•·")) else []
