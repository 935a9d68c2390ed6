"""The filters under the question: what can be chosen, what is chosen, and how much of the result each choice has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from rag import Index
from rag.web.facet_counts import Counts
from rag.web.i18n import Words
from rag.web.url_state import View

OUTLETS = 12
"""Outlets offered as a filter: those chosen, those of the result, then those with most articles; more would bury the
question."""

_DATES = """<fieldset class="iz-dates"><legend>${legend}</legend>
<label><span>${from_label}</span>
  <input type="date" name="from" value="${value.from}" min="${first}" max="${last}"></label>
<label><span>${to_label}</span>
  <input type="date" name="to" value="${value.to}" min="${first}" max="${last}"></label>
</fieldset>"""
_DATES_CHANGED = """element.addEventListener('change', () => {
    const field = (name) => element.querySelector(`[name=${name}]`).value;
    props.value = { from: field('from'), to: field('to') };
    trigger('dated');
})"""


def place_filters(say: gr.I18n) -> tuple[gr.CheckboxGroup, gr.CheckboxGroup, gr.HTML, gr.CheckboxGroup, gr.Radio]:
    """Put the filters on the page that is being built: languages, outlets, dates, copies, order."""
    return (
        gr.CheckboxGroup(label=say("languages"), elem_id="filter-languages"),
        gr.CheckboxGroup(label=say("outlets"), elem_id="filter-outlets"),
        gr.HTML(
            value={"from": "", "to": ""},
            html_template=_DATES,
            js_on_load=_DATES_CHANGED,
            apply_default_css=False,
            elem_id="filter-dates",
            legend="",
            from_label="",
            to_label="",
            first="",
            last="",
        ),
        gr.CheckboxGroup(label=say("copies"), elem_id="copies"),
        gr.Radio(label=say("order"), elem_id="order"),
    )


def set_choices(
    index: Index, view: View, spoken: Words, counts: Counts | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return label and choices of the languages and of the outlets, with their articles where there is no result.

    Their order is that of the corpus, whatever is found or chosen: a choice must not move away under the pointer.
    """
    facets = index.facets()
    languages = _known(facets.languages, view.languages)
    outlets = _known(facets.outlets, view.outlets)
    by_language = languages if counts is None else counts.languages
    by_outlet = outlets if counts is None else counts.outlets
    found = by_outlet or {}
    nearest = sorted(outlets, key=lambda name: (name not in view.outlets, -found.get(name, 0), -outlets[name], name))
    offered = set(nearest[:OUTLETS])
    return (
        {
            "label": spoken("languages_articles") if counts is None else spoken("languages_passages"),
            "choices": [(_labelled(spoken.language_name(code), code, by_language), code) for code in languages],
        },
        {
            "label": spoken("outlets_articles") if counts is None else spoken("outlets_passages"),
            "choices": [(_labelled(name, name, by_outlet), name) for name in outlets if name in offered],
        },
    )


def set_filters(index: Index, view: View, spoken: Words, counts: Counts | None) -> tuple[Any, ...]:
    """Return the filters, set as the view says; one that could narrow nothing is hidden."""
    facets = index.facets()
    languages, outlets = set_choices(index, view, spoken, counts)
    first, last = (str(edge)[:10] if edge else "" for edge in (facets.first, facets.last))
    return (
        gr.update(**languages, value=list(view.languages), visible=len(languages["choices"]) > 1),
        gr.update(**outlets, value=list(view.outlets), visible=bool(outlets["choices"])),
        gr.update(
            value={
                "from": view.published_from.isoformat() if view.published_from else "",
                "to": view.published_to.isoformat() if view.published_to else "",
            },
            legend=spoken("dates"),
            from_label=spoken("date_from"),
            to_label=spoken("date_to"),
            first=first,
            last=last,
        ),
        gr.update(
            label=spoken("copies"),
            choices=[(spoken("copies_each"), "each")],
            value=[] if view.collapse else ["each"],
            visible=facets.copied > 0 or not view.collapse,
        ),
        gr.update(
            label=spoken("order"),
            choices=[(spoken("order_relevance"), "relevance"), (spoken("order_date"), "date")],
            value=view.order,
        ),
    )


def _known(counts: Mapping[Any, int], chosen: tuple[str, ...]) -> dict[str, int]:
    """Return known values by falling count; chosen ones are kept even when nothing carries them any more."""
    known = {str(value): n for value, n in counts.items() if value}
    known |= {value: 0 for value in chosen if value not in known}
    return dict(sorted(known.items(), key=lambda item: (-item[1], item[0])))


def _labelled(name: str, value: str, counts: Mapping[str, int] | None) -> str:
    return name if counts is None else f"{name} {counts.get(value, 0)}"
