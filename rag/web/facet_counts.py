"""How much of a result is in each language and of each outlet: the numbers beside the filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag import Answer, Hit, Index
from rag.web.url_state import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many passages of a result are in each language and of each outlet; None where that is not known yet."""

    languages: Mapping[str, int] | None
    outlets: Mapping[str, int] | None


def shown_hits(answer: Answer) -> tuple[Hit, ...]:
    """Return the passages of a result that the page shows, by rank: sources and related ones, or the closest."""
    shown = answer.closest if answer.abstained else (*answer.sources, *answer.related)
    return tuple(sorted(shown, key=lambda hit: hit.rank))


def count_shown(answer: Answer, view: View) -> Counts:
    """Count the passages of a result. What a filter holds back is not among them, so its counts are not known."""
    return Counts(
        languages=None if view.languages else _count_languages(shown_hits(answer), collapse=view.collapse),
        outlets=None if view.outlets else _count_outlets(shown_hits(answer), collapse=view.collapse),
    )


def count_result(index: Index, answer: Answer, view: View) -> Counts:
    """Count the passages of a result, and what a filter that is set holds back of it.

    What is chosen has its passages in the result that is shown; what is not, those that it would have if nothing were
    chosen: each time of the best `HITS`.
    """
    hits, collapse = shown_hits(answer), view.collapse
    languages, outlets = _count_languages(hits, collapse=collapse), _count_outlets(hits, collapse=collapse)
    if view.languages:
        wider = _count_languages(_wider(index, replace(view, languages=())), collapse=collapse)
        languages = {value: n for value, n in wider.items() if value not in view.languages} | languages
    if view.outlets:
        wider = _count_outlets(_wider(index, replace(view, outlets=())), collapse=collapse)
        outlets = {value: n for value, n in wider.items() if value not in view.outlets} | outlets
    return Counts(languages=languages, outlets=outlets)


def _wider(index: Index, view: View) -> list[Hit]:
    return [hit for hit in index.retrieve_query(view.query()) if hit.is_related]


def _count_languages(hits: Sequence[Hit], *, collapse: bool) -> dict[str, int]:
    """Count passages with the copies folded into them, which are of the same language: they have the same words."""
    counts: Counter[str] = Counter()
    for hit in hits:
        if hit.document.language:
            counts[hit.document.language] += 1 + (len(hit.duplicates) if collapse else 0)
    return dict(counts)


def _count_outlets(hits: Sequence[Hit], *, collapse: bool) -> dict[str, int]:
    cited = (one for hit in hits for one in (hit.citation, *(hit.duplicates if collapse else ())))
    return dict(Counter(one.outlet for one in cited if one.outlet))
