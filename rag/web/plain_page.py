"""The page without JavaScript: the same answer, sources and article, asked for with a form and links alone."""

from __future__ import annotations

from rag import Index
from rag.service import Service
from rag.web.examples import Examples
from rag.web.i18n import fill
from rag.web.page import open_article, show, show_rest
from rag.web.result import Pending
from rag.web.theme import styles
from rag.web.url_state import View


def render_plain(service: Service, view: View, language: str, examples: Examples) -> str:
    """Return the whole page of a view."""
    index: Index = service.index
    pending = Pending(1)
    shown = show(service, view, language, pending, examples)
    answered = shown.sources is None
    return fill(
        "plain.html",
        language,
        view=view,
        style=styles(),
        results=shown.results or "",
        sources=(show_rest(index, view, language, pending.latest()).sources or "") if answered else "",
        article=open_article(index, view.cite, language=language) if view.cite else "",
    )
