"""The page: Gradio components, and what happens when they are used. What is shown comes from `render`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag import Answer, Citation, Document, Index, QueryError, RagError, Standing
from rag.service import Service
from rag.web.article import Original, render_article, render_empty_article
from rag.web.asking import ask as ask_view
from rag.web.corpus import Allowed, show_corpus
from rag.web.examples import Examples
from rag.web.facet_counts import Counts, count_result, count_shown, shown_hits
from rag.web.filters import render_filters
from rag.web.i18n import LANGUAGES, fill, preferred_language, words
from rag.web.listing import list_articles
from rag.web.render import Switch, render_error, render_header, render_welcome
from rag.web.result import Pending, render_answer, render_sources
from rag.web.url_state import Place, View, valid

_CONNECT = """izvor.connect({
    ask: (data) => trigger('ask', data),
    navigate: (data) => trigger('navigate', data),
    rest: (data) => trigger('rest', data),
    open: (data) => trigger('open', data),
})"""
_ASK = "() => { izvor.ask(); }"
_SETTLED = "() => { izvor.settled(); }"

_SESSIONS = 64
"""Open pages of which Gradio remembers what it sent, some 0.3 MB each; left to itself, of ten thousand. Nothing here
reads it: an older page is answered as well as any."""

NOTHING = Allowed()

log = logging.getLogger(__name__)


def translations() -> gr.I18n:
    """Return the interface languages in Gradio's form: what is shown first, before a switch is used."""
    return gr.I18n(**{language: words(language).strings for language in LANGUAGES})


def build_page(
    service: Service, examples: Examples, pending: Pending, allowed: Allowed = NOTHING, *, corpora: Switch = ()
) -> gr.Blocks:
    """Build the page over an open index, with the changes that are allowed, and the way to other corpora."""
    index = service.index
    say = translations()
    page = gr.Blocks(title="Izvor", fill_width=True, analytics_enabled=False)
    page.state_session_capacity = _SESSIONS
    with page:
        header = gr.HTML(elem_id="header", apply_default_css=False)
        with gr.Row(elem_id="ask", equal_height=True):
            question = gr.Textbox(
                label=say("ask_label"),
                placeholder=say("ask_placeholder"),
                elem_id="question",
                container=False,
                show_label=False,
                autofocus=True,
                interactive=True,  # as it is the input of no event, Gradio would make it read-only
                lines=1,
                max_lines=3,
                scale=1,
            )
            ask = gr.Button(say("ask_button"), variant="primary", elem_id="ask-button", scale=0)
        filters = gr.HTML(elem_id="filters", apply_default_css=False)
        with gr.Row(elem_id="columns"):
            results = gr.HTML(elem_id="results", apply_default_css=False)
            sources = gr.HTML(elem_id="sources", apply_default_css=False)
            article = gr.HTML(elem_id="article", apply_default_css=False)
        bridge = gr.HTML("", js_on_load=_CONNECT, elem_id="bridge", apply_default_css=False)

        async def on_ask(event: gr.EventData) -> str | None:
            values = _told(event)
            shown = await service.run(show, service, View.read(values), _spoken(values), pending, examples)
            return shown.results  # what stood beside it is replaced with the rest, or hidden: see results.js

        async def on_navigate(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
            return await service.run(navigate, _told(event), request.headers.get("accept-language"))

        def navigate(values: Mapping[str, object], accepted: str | None) -> tuple[Any, ...]:
            view = View.read(values)
            wanted = values.get("lang")
            interface = str(wanted) if wanted in LANGUAGES else preferred_language(accepted)
            spoken = words(interface)
            shown = show(service, view, interface, pending, examples, allowed)
            return (
                render_header(
                    articles=count_articles(index),
                    language=interface,
                    refined=per_cent_refined(index),
                    corpora=corpora,
                ),
                # of the same kind as gr.skip(): a component made here would be made once more by Gradio
                gr.update(value=view.question, label=spoken("ask_label"), placeholder=spoken("ask_placeholder")),
                spoken("ask_button"),
                render_filters(index, view, interface, shown.counts),
                shown.results,
                *(gr.skip() if part is None else part for part in (shown.sources, shown.article)),
            )

        async def on_rest(event: gr.EventData) -> tuple[Any, ...]:
            values = _told(event)
            answer = pending.take(values.get("rest"))
            return await service.run(rest, View.read(values), _spoken(values), answer)

        def rest(view: View, interface: str, answer: Answer | None) -> tuple[Any, ...]:
            shown = show_rest(index, view, interface, answer, allowed)
            return shown.sources, shown.article, render_filters(index, view, interface, shown.counts)

        def on_open(event: gr.EventData) -> str:
            values = _told(event)
            return open_article(
                index,
                values.get("cite"),
                language=_spoken(values),
                others=values.get("others"),
                quoted=values.get("quoted"),
                allowed=allowed,
            )

        # Gradio would lay its progress over what is being read and catch clicks meant for it
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
        page.load(None, js="() => { izvor.loaded(); }", **quiet)
        # what the reader does is gathered by the script, which sends one request at a time and the last wish last:
        # a component that asked by itself could be answered out of turn
        for moment in (question.submit, ask.click):
            moment(None, None, None, js=_ASK, **quiet)
        everything = [header, question, ask, filters, results, sources, article]
        answers = [
            (bridge.ask, on_ask, [results]),
            (bridge.navigate, on_navigate, everything),
            (bridge.rest, on_rest, [sources, article, filters]),
            (bridge.open, on_open, [article]),
        ]
        for wish, react, parts in answers:
            answered = wish(react, None, parts, trigger_mode="multiple", **quiet)
            answered.then(None, js=_SETTLED, **quiet)
    page.queue(api_open=False)  # nothing waits in it: every event is asked and answered in one request
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What goes where on the page; None leaves what stands there until the rest of the answer follows."""

    results: str | None = None
    sources: str | None = ""
    article: str | None
    counts: Counts | None = None  # of the passages of a result, where there is one


def show(
    service: Service, view: View, language: str, pending: Pending, examples: Examples, allowed: Allowed = NOTHING
) -> Shown:
    """Return the page of a view. Of an answer these are the quotes; `show_rest` gives what follows them."""
    index = service.index
    if view.show == "corpus":
        listed = show_corpus(index, view, language, allowed)
        return Shown(results=listed, article=open_article(index, view.cite, language=language, allowed=allowed))
    if view.show == "saved":
        return Shown(results=fill("saved.html", language), article=render_empty_article(language))
    if not view.question:
        total = count_articles(index)
        offered = examples.choose(language) if total else ()
        welcome = render_welcome(articles=total, examples=offered, language=language)
        return Shown(results=welcome, article=open_article(index, view.cite, language=language, allowed=allowed))
    try:
        answer = ask_view(service.answer, view, index.rewrite_follow_up)
    except RagError as error:
        failed = render_error(str(error), view=view, language=language)
        return Shown(results=failed, article=render_empty_article(language))
    if answer.question == view.question:
        view = replace(view, before="")
    articles = list_articles(index, answer, view)
    written = pending.put(answer) if answer.quotes and index.language_model is not None else ""
    results = render_answer(
        answer, view=view, language=language, rest=pending.put(answer), written=written, articles=articles
    )
    return Shown(results=results, sources=None, article=None, counts=count_shown(answer, view))


def show_rest(index: Index, view: View, language: str, answer: Answer | None, allowed: Allowed = NOTHING) -> Shown:
    """Return what follows the quotes: the sources, the article of the citation or of the first quote, and the counts.

    An `answer` that is no longer kept is found again.
    """
    try:
        answer = answer or ask_view(index.answer_query, view, index.rewrite_follow_up)
    except RagError:
        return Shown(article=render_empty_article(language))  # said already where the quotes would stand
    cited = [quote.citation for quote in answer.quotes]
    others = [str(Place.of(one)) for one in (*cited, *(hit.citation for hit in shown_hits(answer) if cited))]
    known: Mapping[str, Document] = {}
    if cited and not view.cite:  # the article as it was when the question was answered: it may have been removed since
        known = {hit.document.id: hit.document for hit in answer.hits}
    first = others[0] if cited else ""
    article = open_article(index, view.cite or first, language=language, others=others, known=known, allowed=allowed)
    listed = render_sources(answer, view=view, language=language)
    return Shown(sources=listed, article=article, counts=count_result(index, answer, view))


def open_article(
    index: Index,
    cite: object,
    *,
    language: str,
    others: object = None,
    quoted: object = None,
    known: Mapping[str, Document] | None = None,
    allowed: Allowed = NOTHING,
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
        original=_original(index, document, allowed) if document is not None else "",
    )


def _original(index: Index, document: Document, allowed: Allowed) -> Original:
    """Return what can be shown of the file of an article: nothing of one that has another text by now."""
    infos = index.infos([document.id]) if allowed.original is not None else []
    if allowed.original is None or not infos or infos[0].sha256 != document.sha256:
        return ""
    path = allowed.original(infos[0].origin)
    if path is None:
        return ""
    try:
        with path.open("rb") as stream:
            return "pages" if document.pages and b"%PDF-" in stream.read(1024) else "file"
    except OSError:
        return ""


def _told(event: gr.EventData) -> Mapping[str, object]:
    """Return what the page's script sent; a program may send anything."""
    told = _valid(getattr(event, "_data", None))
    return told if isinstance(told, Mapping) else {}


def _valid(value: object) -> object:
    """Return what a program sent with every text in it valid: half of a character could be neither shown nor linked."""
    if isinstance(value, str):
        return valid(value)
    if isinstance(value, Mapping):
        return {valid(str(key)): _valid(one) for key, one in value.items()}
    return [_valid(one) for one in value] if isinstance(value, list | tuple) else value


def _spoken(values: Mapping[str, object]) -> str:
    language = values.get("lang")
    return str(language) if language in LANGUAGES else LANGUAGES[0]


def per_cent_refined(index: Index) -> int | None:
    """Return how much of the index is refined, in per cent; None where all is, or nothing can be."""
    refinement = index.refinement()
    if refinement is None or not refinement.waiting:
        return None
    return 100 * refinement.refined // refinement.passages


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
