"""The filters under the question: what can be chosen, and what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from rag import Index
from rag.web.address import View
from rag.web.strings import Words

OUTLETS = 12
"""Outlets offered as a filter, those with most articles first; more would bury the question."""

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


def set_filters(index: Index, view: View, spoken: Words) -> tuple[Any, ...]:
    """Return the filters with the corpus's counts, set as the view says; one that could narrow nothing is hidden."""
    facets = index.facets()
    by_language = [(f"{spoken.language_name(code)} {n}", code) for code, n in _ranked(facets.languages, view.languages)]
    by_outlet = [(f"{name} {n}", name) for name, n in _ranked(facets.outlets, view.outlets)[:OUTLETS]]
    first, last = (str(edge)[:10] if edge else "" for edge in (facets.first, facets.last))
    return (
        gr.CheckboxGroup(
            label=spoken("languages"), choices=by_language, value=list(view.languages), visible=len(by_language) > 1
        ),
        gr.CheckboxGroup(label=spoken("outlets"), choices=by_outlet, value=list(view.outlets), visible=bool(by_outlet)),
        gr.HTML(
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
        gr.CheckboxGroup(
            label=spoken("copies"),
            choices=[(spoken("copies_each"), "each")],
            value=[] if view.collapse else ["each"],
            visible=facets.copied > 0 or not view.collapse,
        ),
        gr.Radio(
            label=spoken("order"),
            choices=[(spoken("order_relevance"), "relevance"), (spoken("order_date"), "date")],
            value=view.order,
        ),
    )


def _ranked(counts: Mapping[Any, int], chosen: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return known values by falling count; chosen ones are kept even when nothing carries them any more."""
    known = {str(value): n for value, n in counts.items() if value}
    known |= {value: 0 for value in chosen if value not in known}
    return sorted(known.items(), key=lambda item: (item[0] not in chosen, -item[1], item[0]))
