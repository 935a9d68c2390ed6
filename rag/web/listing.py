"""The articles that answer a request for articles: the newest ones, or those whose passages have to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import Answer, Document, Index
from rag.web.url_state import Place, View

NEWEST = 10
"""Articles listed for "what's new?"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An article of a list, and the place to open: its passage that was found, or the whole of it."""

    document: Document
    place: Place


def list_articles(index: Index, answer: Answer, view: View) -> Sequence[Listed]:
    """Return the articles that a question asks for; none where it asks for something else."""
    found = index.find_articles(view.query()) if answer.intent == "list" else None
    if found is not None:
        listed = [Listed(document=hit.document, place=Place.of(hit.citation)) for hit in found]
        return sorted(listed, key=_newest_first) if view.order == "date" else listed
    if answer.intent not in ("list", "news"):
        return []
    newest = index.newest(NEWEST, filters=view.filters)
    return [Listed(document=document, place=Place.whole(document.id)) for document in newest]


def _newest_first(one: Listed) -> int:
    published = one.document.published
    return -published.toordinal() if published else 0
