"""Asking what a view asks: a follow-up together with the question before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rag import Answer, Query
from rag.web.url_state import MAX_QUESTION, View


def ask(
    answer: Callable[[Query], Answer],
    view: View,
    rewrite: Callable[[str, str], str | None] = lambda question, before: None,
) -> Answer:
    """Answer the question of a view; the answer's `question` is the one that was asked in the end.

    A follow-up ("And who else was there?") names nothing to search for. Where the question before is known, it is asked
    as `rewrite` makes it of the two; without that, both are asked as one.

    Raises:
        QueryError: as for `View.query`.
    """
    found = answer(view.query())
    joined = f"{view.before.strip()} {view.question.strip()}"
    if found.intent != "follow_up" or not view.before.strip() or len(joined) > MAX_QUESTION:
        return found
    if written := rewrite(view.question, view.before.strip()):
        rewritten = answer(replace(view.query(), question=written))
        if rewritten.quotes:
            return rewritten
    return answer(replace(view.query(), question=joined))
