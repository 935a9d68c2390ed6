"""The page: Gradio components, and what happens when they are used. What is shown comes from `render`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag import Answer, Citation, Document, Index, QueryError, RagError, Standing
from rag.service import Service
from rag.web.address import Place, View
from rag.web.corpus import list_corpus
from rag.web.examples import Examples
from rag.web.pending import Pending
from rag.web.render import (
    render_answer,
    render_article,
    render_corpus,
    render_empty_article,
    render_error,
    render_header,
    render_sources,
    render_welcome,
)
from rag.web.strings import LANGUAGES, Words, preferred_language, words

HITS = 8
"""Source cards for one question: about what an editor scans before asking again."""

OUTLETS = 12
"""Outlets offered as a filter, those with most articles first; more would bury the question."""

_CONNECT = """izvor.connect({
    navigate: (data) => trigger('navigate', data),
    rest: (data) => trigger('rest', data),
    open: (data) => trigger('open', data),
})"""
_BUSY = "(...values) => izvor.ask(values)"
_SETTLED = "() => { izvor.settled(); }"
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

log = logging.getLogger(__name__)


def translations() -> gr.I18n:
    """Return the interface languages in Gradio's form: what is shown first, before a switch is used."""
    return gr.I18n(**{language: words(language).strings for language in LANGUAGES})


def build_page(service: Service, *, changes: bool = False) -> gr.Blocks:
    """Build the page over an open index; with `changes` it offers to add and remove articles."""
    index = service.index
    say = translations()
    pending, examples = Pending(), Examples(index)
    page = gr.Blocks(title="Izvor", fill_width=True, analytics_enabled=False)
    with page:
        header = gr.HTML(elem_id="header", apply_default_css=False)
        language = gr.Textbox(visible=False)
        with gr.Row(elem_id="ask", equal_height=True):
            question = gr.Textbox(
                label=say("ask_label"),
                placeholder=say("ask_placeholder"),
                elem_id="question",
                container=False,
                show_label=False,
                autofocus=True,
                max_lines=1,
                scale=1,
            )
            ask = gr.Button(say("ask_button"), variant="primary", elem_id="ask-button", scale=0)
        # only on a narrow screen, where the filters stand behind it
        panel = gr.Button(say("filters"), elem_id="filters-button", size="sm")
        with gr.Row(elem_id="filters"):
            languages = gr.CheckboxGroup(label=say("languages"), elem_id="filter-languages")
            outlets = gr.CheckboxGroup(label=say("outlets"), elem_id="filter-outlets")
            dates = gr.HTML(
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
            )
            copies = gr.CheckboxGroup(label=say("copies"), elem_id="copies")
            order = gr.Radio(label=say("order"), value="relevance", elem_id="order")
        with gr.Row(elem_id="columns"):
            results = gr.HTML(elem_id="results", apply_default_css=False)
            sources = gr.HTML(elem_id="sources", apply_default_css=False)
            article = gr.HTML(elem_id="article", apply_default_css=False)
        bridge = gr.HTML("", js_on_load=_CONNECT, elem_id="bridge", apply_default_css=False)

        async def on_ask(
            asked: str | None,
            chosen_languages: list[str] | None,
            chosen_outlets: list[str] | None,
            period: Mapping[str, object] | None,
            chosen_copies: list[str] | None,
            chosen_order: str | None,
            interface: str | None,
        ) -> tuple[Any, ...]:
            period = period if isinstance(period, Mapping) else {}  # a program may send anything
            view = View.read(
                {
                    "q": (asked or "").strip(),
                    "languages": chosen_languages,
                    "outlets": chosen_outlets,
                    "published_from": period.get("from"),
                    "published_to": period.get("to"),
                    "order": chosen_order,
                    "collapse": not chosen_copies,
                }
            )
            spoken = interface or LANGUAGES[0]
            shown = await service.turn(show, service, view, spoken, pending, examples, changes=changes)
            return _parts(shown)

        async def on_navigate(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
            return await service.turn(navigate, event, request)

        def navigate(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
            values: Mapping[str, object] = event._data or {}
            view = View.read(values)
            wanted = values.get("lang")
            interface = (
                str(wanted) if wanted in LANGUAGES else preferred_language(request.headers.get("accept-language"))
            )
            spoken = words(interface)
            return (
                render_header(articles=count_articles(index), language=interface),
                interface,
                gr.Textbox(value=view.question, label=spoken("ask_label"), placeholder=spoken("ask_placeholder")),
                gr.Button(value=spoken("ask_button")),
                gr.Button(value=spoken("filters")),
                *_filters(index, view, spoken),
                *_parts(show(service, view, interface, pending, examples, changes=changes)),
            )

        async def on_rest(event: gr.EventData) -> tuple[str, str]:
            values: Mapping[str, Any] = event._data or {}
            interface = values.get("lang")
            return await service.turn(
                show_rest,
                index,
                View.read(values),
                interface if interface in LANGUAGES else LANGUAGES[0],
                pending.take(values.get("rest")),
            )

        def on_open(event: gr.EventData) -> str:
            values: Mapping[str, Any] = event._data or {}
            interface = values.get("lang")
            return open_article(
                index,
                values.get("cite"),
                language=interface if interface in LANGUAGES else LANGUAGES[0],
                others=values.get("others"),
                quoted=values.get("quoted"),
            )

        # Gradio would lay its progress over what is being read and catch clicks meant for it
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
        page.load(None, js="() => { izvor.loaded(); }", **quiet)
        panel.click(None, js="() => { izvor.filters(); }", **quiet)
        shown = [results, sources, article]
        inputs = [question, languages, outlets, dates, copies, order, language]
        moments = [
            question.submit, ask.click, languages.input, outlets.input, copies.input, order.input, dates.dated,
        ]  # fmt: skip
        for moment in moments:  # gr.on takes no custom events such as `dated`
            asked = moment(on_ask, inputs, shown, js=_BUSY, trigger_mode="always_last", **quiet)
            asked.then(None, js=_SETTLED, **quiet)
        everything = [header, language, question, ask, panel, languages, outlets, dates, copies, order, *shown]
        moved = bridge.navigate(on_navigate, None, everything, trigger_mode="multiple", **quiet)
        moved.then(None, js=_SETTLED, **quiet)
        followed = bridge.rest(on_rest, None, [sources, article], trigger_mode="multiple", **quiet)
        followed.then(None, js=_SETTLED, **quiet)
        opened = bridge.open(on_open, None, [article], trigger_mode="multiple", **quiet)
        opened.then(None, js=_SETTLED, **quiet)
    page.queue(api_open=False)  # nothing waits in it: every event is asked and answered in one request
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What goes where on the page; None leaves what stands there until the rest of the answer follows."""

    results: str
    sources: str | None = ""
    article: str | None


def show(
    service: Service, view: View, language: str, pending: Pending, examples: Examples, *, changes: bool = False
) -> Shown:
    """Return the page of a view. Of an answer these are the quotes; `show_rest` gives what follows them."""
    index = service.index
    if view.show == "corpus":
        corpus = list_corpus(index.documents(), find=view.find, sort=view.sort, start=view.start)
        listed = render_corpus(corpus, index.failures(), view=view, language=language, changes=changes)
        return Shown(results=listed, article=open_article(index, view.cite, language=language))
    if not view.question:
        articles = count_articles(index)
        offered = examples.choose(language) if articles else ()
        welcome = render_welcome(articles=articles, examples=offered, language=language)
        return Shown(results=welcome, article=open_article(index, view.cite, language=language))
    try:
        answer = service.answer(view.question, HITS, view.filters, collapse=view.collapse)
    except RagError as error:
        failed = render_error(str(error), view=view, language=language)
        return Shown(results=failed, article=render_empty_article(language))
    results = render_answer(answer, view=view, language=language, rest=pending.put(answer))
    return Shown(results=results, sources=None, article=None)


def show_rest(index: Index, view: View, language: str, answer: Answer | None) -> tuple[str, str]:
    """Return what follows the quotes: the sources, and the article of the citation or of the first quote beside them.

    An `answer` that is no longer kept is found again.
    """
    try:
        answer = answer or index.answer(view.question, HITS, filters=view.filters, collapse=view.collapse)
    except RagError:
        return "", render_empty_article(language)  # said already where the quotes would stand
    cited = [quote.citation for quote in answer.quotes]
    others = [str(Place.of(one)) for one in (*cited, *(hit.citation for hit in answer.hits if cited))]
    known: Mapping[str, Document] = {}
    if cited and not view.cite:  # the article as it was when the question was answered: it may have been removed since
        known = {hit.document.id: hit.document for hit in answer.hits}
    first = others[0] if cited else ""
    article = open_article(index, view.cite or first, language=language, others=others, known=known)
    return render_sources(answer, view=view, language=language), article


def open_article(
    index: Index,
    cite: object,
    *,
    language: str,
    others: object = None,
    quoted: object = None,
    known: Mapping[str, Document] | None = None,
) -> str:
    """Return the article pane for a citation, checked again against the text that it was made of.

    An article that is `known`, by its id, is shown as it is there; it may have been removed since.
    """
    if not cite:
        return render_empty_article(language)
    place = Place.parse(cite)
    spans = []
    for other in others if isinstance(others, list) else []:
        parsed = Place.parse(other)
        if parsed and place and (parsed.document_id, parsed.digest) == (place.document_id, place.digest):
            spans.append((parsed.start, parsed.end))
    document, standing = _cited(index, place, known or {}) if place else (None, None)
    return render_article(
        document,
        place,
        language=language,
        others=spans,
        quoted=quoted if isinstance(quoted, str) else "",
        standing=standing,
    )


def _parts(shown: Shown) -> tuple[Any, ...]:
    return shown.results, *(gr.skip() if part is None else part for part in (shown.sources, shown.article))


def count_articles(index: Index) -> int:
    """Return how many articles the corpus holds."""
    return sum(index.facets().languages.values())


def _cited(index: Index, place: Place, known: Mapping[str, Document]) -> tuple[Document | None, Standing | None]:
    """Return the text that a link cites, else the article as it is now, and how the citation stands."""
    cited = Citation(document_id=place.document_id, sha256=place.digest, start=place.start, end=place.end)
    same = known.get(place.document_id)
    if same is not None and place.holds(same):
        cited_text = same.text[place.start : place.end]
        return same, Standing(citation=cited, state="current", text=cited_text, document=same, present=same)
    try:
        if place.is_whole:
            return index.document(place.document_id), None
        standing = index.check_citation(cited)
        return standing.document or standing.present, standing
    except QueryError:
        return None, index.check_citation(cited)
    except RagError:
        log.info("a citation was opened that cannot be read: %s", place)
        return None, None


def _filters(index: Index, view: View, spoken: Words) -> tuple[Any, ...]:
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
