"""The filters under the question, to HTML: menus of what can be chosen, with how much of the result each choice has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag import Index, QueryError
from rag.web.facet_counts import Counts
from rag.web.i18n import Words, fill, words
from rag.web.url_state import View

MOST = 500
"""Choices in one menu: those chosen, those of the result, then those with most articles. Any other can be set in the
address; a page of thousands would be slow to send and to search."""

SEARCHED = 8
"""Choices from which a menu can be searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a menu; `count` is None where it is not known yet. Those at hand stand before "more"."""

    value: str
    name: str
    count: int | None
    chosen: bool
    at_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What can be chosen of one kind, in the order of the corpus, so that nothing moves away under the pointer."""

    key: str
    name: str
    unit: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> str:
        """Return the name of the first chosen one, and how many there are besides: "Delo +2"."""
        names = [choice.name for choice in self.choices if choice.chosen]
        return f"{names[0]} +{len(names) - 1}" if len(names) > 1 else "".join(names)

    @property
    def waiting(self) -> int:
        """How many choices stand behind "more"."""
        return sum(not choice.at_hand for choice in self.choices)

    @property
    def searched(self) -> bool:
        """Return whether there are enough choices to search among them."""
        return len(self.choices) > SEARCHED


def make_menus(index: Index, view: View, say: Words, counts: Counts | None) -> tuple[Menu, Menu]:
    """Return the menus of languages and of outlets, with their articles where there is no result."""
    facets = index.facets()
    languages, outlets = _known(facets.languages, view.languages), _known(facets.outlets, view.outlets)
    unit = say("filter_articles") if counts is None else say("filter_passages")
    found = languages if counts is None else counts.languages
    chosen = set(view.languages)
    by_language = _choices({code: say.language_name(code) for code in languages}, found, chosen, counts)
    found = outlets if counts is None else counts.outlets
    nearest = sorted(
        outlets, key=lambda name: (name not in view.outlets, -(found or {}).get(name, 0), -outlets[name], name)
    )
    offered = set(nearest[:MOST])
    by_outlet = _choices({name: name for name in outlets if name in offered}, found, set(view.outlets), counts)
    return (
        Menu(key="languages", name=say("languages"), unit=unit, choices=by_language),
        Menu(key="outlets", name=say("outlets"), unit=unit, choices=by_outlet),
    )


def render_filters(index: Index, view: View, language: str, counts: Counts | None) -> str:
    """Return the filters, set as the view says; a menu that could narrow nothing is left out."""
    say = words(language)
    facets = index.facets()
    first, last = (str(edge)[:10] if edge else "" for edge in (facets.first, facets.last))
    menus = make_menus(index, view, say, counts)
    return fill(
        "filters.html",
        language,
        view=view,
        url=view.address(),
        menus=[menu for menu in menus if len(menu.choices) > (menu.key == "languages") or menu.chosen],
        first=first,
        last=last,
        copied=facets.copied > 0 or not view.collapse,
        documents=[(document, _title(index, document)) for document in view.documents if not view.show],
        result=counts is not None,
    )


def _title(index: Index, document_id: str) -> str:
    try:
        return index.document(document_id).title or document_id
    except QueryError:
        return document_id


def _choices(
    names: Mapping[str, str], found: Mapping[str, int] | None, chosen: set[str], counts: Counts | None
) -> tuple[Choice, ...]:
    few = len(names) <= SEARCHED
    return tuple(
        Choice(
            value=value,
            name=name,
            count=None if found is None else found.get(value, 0),
            chosen=value in chosen,
            at_hand=few or counts is None or value in chosen or (found is None or found.get(value, 0) > 0),
        )
        for value, name in names.items()
    )


def _known(counts: Mapping[str | None, int], chosen: tuple[str, ...]) -> dict[str, int]:
    """Return known values by falling count; chosen ones are kept even when nothing carries them any more."""
    known = {str(value): n for value, n in counts.items() if value}
    known |= {value: 0 for value in chosen if value not in known}
    return dict(sorted(known.items(), key=lambda item: (-item[1], item[0])))
