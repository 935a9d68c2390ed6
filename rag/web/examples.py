"""Questions to try: those of a short list that the corpus answers, else the titles of its articles."""

from __future__ import annotations

from functools import lru_cache

from rag import Index, RagError

CANDIDATES = (
    ("ro", "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"),
    ("sl", "V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?"),
    ("en", "Which nuclear power plant is among the main obstacles to peace?"),
    ("ro", "Cine îl va însoți pe Witkoff în vizita anunțată de Ușakov?"),
    ("sl", "Kako je Witkoff opisal pogovore z Dmitrijevim?"),
    ("en", "Which French newspaper wrote that Dmitriev was seen near the American embassy?"),
)
"""Questions about the articles that come with the program, written for it."""

ENOUGH = 6


def choose_examples(index: Index, articles: int) -> tuple[tuple[str, str], ...]:
    """Return (language, question) pairs that this corpus can answer; empty where it cannot be asked.

    Chosen again only when the corpus has another number of `articles`: close enough for a suggestion.
    """
    try:
        return _choose(index, articles)
    except RagError:
        return ()


@lru_cache(maxsize=4)
def _choose(index: Index, articles: int) -> tuple[tuple[str, str], ...]:
    if not articles:
        return ()
    chosen = [pair for pair in CANDIDATES if not index.answer(pair[1], 1).abstained]
    if len(chosen) < len(CANDIDATES) // 2:
        titled = [info for info in index.documents() if info.title]
        chosen = [(info.language or "", info.title) for info in titled[:ENOUGH]]
    return tuple(chosen)
