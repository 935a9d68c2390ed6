"""Records to HTML. Pure functions: the templates escape every value, so no document can bring markup into the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from rag import Agreement, Answer, Citation, Document, Failure, Hit, Standing
from rag.web.address import DIGEST_LENGTH, Place, View
from rag.web.citing import as_bibtex, as_markdown, as_text
from rag.web.comparing import compare
from rag.web.corpus import ROWS, SORTS, Corpus
from rag.web.marking import Piece, Span, cut_article, mark_matches
from rag.web.origins import find_origins
from rag.web.reasons import explain
from rag.web.strings import LANGUAGES, Words, words
from rag.web.timeline import Timeline, timeline

_LONG = 10_000
"""Characters from which a question that fails has failed for its length: nobody types as much."""

_FIRST_WORDS = 90
"""Characters of a passage by which it is named: more than a line has room for, the rest is cut by the style."""


@cache
def environment() -> Environment:
    """Return the template environment of the page: everything escaped, a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_header(*, articles: int, language: str) -> str:
    """Return the bar above everything: name, size of the corpus, interface language and colours."""
    languages = [(code, words(code).language_name(code)) for code in LANGUAGES]
    return _fill("header.html", language, articles=articles, languages=languages)


def render_welcome(*, articles: int, examples: Sequence[tuple[str, str]], language: str) -> str:
    """Return what stands where the answer will be: what this is, and questions the corpus answers.

    Args:
        articles: how many articles the corpus holds.
        examples: (language, question) pairs.
        language: the interface language.
    """
    return _fill("welcome.html", language, articles=articles, examples=examples)


def render_error(message: str, *, view: View, language: str) -> str:
    """Return a designed state for a question that cannot be searched for.

    What a reader can bring about is said in the reader's language; the rest is the library's own one-line message.
    """
    say = words(language)
    first, last = view.published_from, view.published_to
    own = ""
    if first and last and first > last:
        own = say("ask_dates_swapped", first=say.date(first), last=say.date(last))
    elif len(view.question) > _LONG:
        own = say("ask_too_long", n=say.integer(len(view.question)))
    return _fill("error.html", language, message=message, own=own, url=view.query())


def render_answer(answer: Answer, *, view: View, language: str, rest: str = "") -> str:
    """Return the answer card with its numbered quotes, or the state "the corpus does not say".

    `rest` is the word by which the browser asks for what follows: see `rag.web.pending`.
    """
    say = words(language)
    by_document = {hit.document.id: hit.document for hit in answer.hits}
    quotes = [
        {
            "quote": quote,
            "document": by_document.get(quote.citation.document_id),
            "place": Place.of(quote.citation),
            "words": _spaced(quote.text),
            "copies": _copies(quote.text, quote.citation),
        }
        for quote in answer.quotes
    ]
    return _fill(
        "answer.html",
        language,
        answer=answer,
        view=view,
        url=view.query(),
        rest=rest,
        periods=_periods(answer, view, say),
        quotes=quotes,
        agreement=_agreement(answer, say),
        url_of=lambda place: view.query(place),
    )


def render_sources(answer: Answer, *, view: View, language: str) -> str:
    """Return what follows the quotes: when the sources were published, and a card for each."""
    say = words(language)
    hits = sorted(answer.hits, key=_newest_first) if view.order == "date" else list(answer.hits)
    return _fill(
        "sources.html",
        language,
        answer=answer,
        url=view.query(),
        question=_question(answer, [] if answer.abstained else hits),
        sources=[_source(hit, answer, say) for hit in hits],
        timeline=timeline(hits, say) if hits else Timeline(),
        url_of=lambda place: view.query(place),
    )


def render_article(
    document: Document | None,
    place: Place | None,
    *,
    language: str,
    others: Sequence[Span] = (),
    quoted: str = "",
    standing: Standing | None = None,
) -> str:
    """Return the article with the cited span highlighted, or a plain word that the citation no longer holds.

    Args:
        document: the text that was cited, else the article as it is now; None when it is no longer there.
        place: what was cited; None where the link could not be read.
        language: the interface language.
        others: further spans of the same text that matched, marked more lightly.
        quoted: the words that were shown as cited; repeated when they can no longer be highlighted.
        standing: how the citation stands; without it nothing is said of earlier texts.
    """
    say = words(language)
    state = "unknown" if place is None else "gone" if document is None else "whole" if place.is_whole else "changed"
    cited: Span | None = None
    if document is not None and place is not None and document.sha256.startswith(place.digest):
        inside = place.holds(document)
        state, cited = ("cited", (place.start, place.end)) if inside else ("outside", None)
    earlier = _earlier(standing, say) if cited and standing is not None else None
    page = document.page_at(place.start) if document is not None and place is not None and cited else None
    return _fill(
        "article.html",
        language,
        document=document,
        place=place,
        state="earlier" if earlier else state,
        earlier=earlier,
        removed=say.date(standing.removed.astimezone()) if standing is not None and standing.removed else None,
        blocks=_blocks(document, cited, others if cited else ()) if document is not None and place is not None else [],
        page=page,
        also=_also(document, cited, others) if document is not None and cited else (),
        quoted=quoted,
        origins=find_origins(document, say) if document is not None else (),
        characters=say.integer(len(document.text)) if document is not None else "",
        source=_web_address(document.source if document else None),
    )


def _earlier(standing: Standing, say: Words) -> Mapping[str, object] | None:
    """Return what the template shows of a text that was replaced: when, what changed, and the article as it is now."""
    version, then, now = standing.version, standing.document, standing.present
    if version is None or then is None or now is None:
        return None
    place = standing.place
    return {
        "stored": say.date(version.stored.astimezone()) if version.stored else None,
        "replaced": say.date(version.replaced.astimezone()),
        "place": Place.of(place) if place else None,
        "url": View().query(Place.of(place)) if place else None,
        "change": compare(then, now),
        "language": now.language,
        "now": _blocks(now, (place.start, place.end) if place else None, anchored=True),
    }


def _blocks(
    document: Document, cited: Span | None, others: Sequence[Span] = (), *, anchored: bool = False
) -> list[Mapping[str, object]]:
    blocks: list[Mapping[str, object]] = []
    for block in cut_article(document, cited, others):
        html, anchored = _article_pieces(block.pieces, anchored)
        blocks.append({"html": html, "furniture": block.furniture, "lines": block.lines, "page": block.page})
    return blocks


def render_corpus(
    corpus: Corpus, failures: Sequence[Failure], *, view: View, language: str, changes: bool = False
) -> str:
    """Return the list of articles with its charts and what could not be read; with `changes` the means to change it."""
    say = words(language)
    unknown = say("corpus_unknown")
    charts = [
        ("languages", say("languages"), _bars(corpus.languages, say.language_name, unknown)),
        ("outlets", say("outlets"), _bars(corpus.outlets, str, unknown)),
        ("months", say("corpus_months"), _bars(corpus.months, say.month, unknown)),
    ]
    columns = (say("corpus_title"), say("outlets"), say("languages"), say("dates"), say("corpus_length"))
    outlets = any(outlet for outlet, _ in corpus.outlets)  # where none is known, nothing is said about outlets
    return _fill(
        "corpus.html",
        language,
        corpus=corpus,
        failures=failures,
        explain=explain,
        charts=[chart for chart in charts if corpus.total and (outlets or chart[0] != "outlets")],
        columns=[pair for pair in zip(SORTS, columns, strict=True) if outlets or pair[0] != "outlet"],
        outlets=outlets,
        changes=changes,
        step=ROWS,
        find=view.find,
        sort=view.sort,
        url=view.query(),
        place_of=lambda row: Place.whole(row.id),
        url_of=lambda row: view.query(Place.whole(row.id)),
    )


def render_empty_article(language: str) -> str:
    """Return what stands in the article's place while no citation is open."""
    return _fill("empty.html", language)


def _fill(template: str, language: str, **values: object) -> str:
    return environment().get_template(template).render(say=words(language), **values)


def _bars(
    counts: Sequence[tuple[str | None, int]], name: Callable[[str], str], unknown: str
) -> list[tuple[str, int, float]]:
    most = max((n for _, n in counts), default=1)
    return [(name(value) if value else unknown, n, round(n / most, 3)) for value, n in counts]


def _periods(answer: Answer, view: View, say: Words) -> list[Mapping[str, object]]:
    """Return how the dates of the question were read, each with the view of what was published then."""
    found: list[Mapping[str, object]] = []
    for period in answer.periods:
        narrowed = replace(view, published_from=period.first, published_to=period.last, cite="")
        found.append(
            {
                "words": answer.question[period.start : period.end],
                "name": say.period(period.first, period.last),
                "first": period.first,
                "last": period.last,
                "url": narrowed.query(),
                "chosen": narrowed.filters == view.filters,
            }
        )
    return found


def _newest_first(hit: Hit) -> tuple[bool, int, int]:
    published = hit.document.published
    return published is None, -published.toordinal() if published else 0, hit.rank


def _source(hit: Hit, answer: Answer, say: Words) -> Mapping[str, object]:
    matches = () if answer.abstained else hit.matches  # what does not answer must not look as if it did
    return {
        "hit": hit,
        "document": hit.document,
        "place": Place.of(hit.citation),
        "passage": _passage(mark_matches(hit.passage.text, hit.passage.start, matches), answer.question, say),
        "copied": [say.count("duplicates", len(hit.duplicates)), *_agreed(hit.agreement, say, languages=False)],
        "duplicates": [(duplicate, Place.of(duplicate)) for duplicate in hit.duplicates],
        "copies": _copies(hit.passage.text, hit.citation),
    }


def _passage(pieces: Sequence[Piece], question: str, say: Words) -> Markup:
    """Return a passage with the answering words marked; one of them can be reached by Tab, the rest by arrow keys."""
    parts: list[str] = []
    reached = False
    for piece in pieces:
        match = piece.match
        if match is None:
            parts.append(_spaced(piece.text))
            continue
        asked = question[match.query_start : match.query_end]
        why = escape(f"{say('mark_answers', word=asked)} · {say.number(match.similarity)}")
        parts.append(  # escaped by hand, here and in `_spaced`: Markup.format took a quarter of a page's time
            f'<mark class="word" role="note" tabindex="{-1 if reached else 0}"'
            f' data-asked="{match.query_start:d}-{match.query_end:d}" data-why="{why}"'
            f' style="--s:{round(min(max(match.similarity, 0.0), 1.0), 2)}">{escape(piece.text)}</mark>'
        )
        reached = True
    return Markup("".join(parts))


def _spaced(text: str) -> Markup:
    """Return a text with half a line between its paragraphs, where its own empty lines would take a whole one."""
    parts = re.split(r"(\s*\n\s*)", text)
    return Markup("".join(f'{part}<span class="iz-gap"></span>' if "\n" in part else escape(part) for part in parts))


def _article_pieces(pieces: Sequence[Piece], anchored: bool) -> tuple[Markup, bool]:
    """Return a block's HTML; the first cited piece of the article is the place that is scrolled to and focused."""
    parts: list[Markup] = []
    for piece in pieces:
        if not piece.kind or not piece.text.strip():
            parts.append(Markup("{}").format(piece.text))
        elif piece.kind == "cited" and not anchored:
            parts.append(Markup('<mark class="cited" id="cited" tabindex="-1">{}</mark>').format(piece.text))
            anchored = True
        else:
            parts.append(Markup('<mark class="{}">{}</mark>').format(piece.kind, piece.text))
    return Markup("").join(parts), anchored


def _also(document: Document, cited: Span, others: Sequence[Span]) -> list[tuple[Place, str]]:
    """Return the further passages that matched, with their first words, in the order of the article.

    A quote inside a passage is that passage, and so is one that shares words with what is cited.
    """
    apart = {span for span in others if span[1] <= cited[0] or cited[1] <= span[0]}
    kept = [
        (start, end)
        for start, end in sorted(apart)
        if not any(other != (start, end) and other[0] <= start and end <= other[1] for other in apart)
    ]
    return [
        (
            Place(document_id=document.id, digest=document.sha256[:DIGEST_LENGTH], start=start, end=end),
            " ".join(document.text[start : min(end, start + _FIRST_WORDS)].split()),
        )
        for start, end in kept
    ]


def _question(answer: Answer, hits: Sequence[Hit]) -> Markup:
    """Return the question with each word that something answered in a span of its own, for the marks to point at."""
    spans = sorted({(match.query_start, match.query_end) for hit in hits for match in hit.matches})
    parts: list[Markup] = []
    at = 0
    for start, end in spans:
        if at <= start < end <= len(answer.question):
            parts.append(Markup("{}").format(answer.question[at:start]))
            asked = Markup('<span class="asked" data-asked="{}-{}">{}</span>')
            parts.append(asked.format(start, end, answer.question[start:end]))
            at = end
    parts.append(Markup("{}").format(answer.question[at:]))
    return Markup("").join(parts)


def _agreement(answer: Answer, say: Words) -> list[str]:
    """Return how many quotes there are, and what stands behind the answer."""
    return [say.count("quotes", len(answer.quotes)), *_agreed(answer.agreement, say)] if answer.quotes else []


def _agreed(agreement: Agreement | None, say: Words, *, languages: bool = True) -> list[str]:
    """Return how many outlets (articles, where none is known), independent texts and languages."""
    if agreement is None:
        return []
    counts = {
        "outlets" if agreement.outlets else "articles": agreement.outlets or agreement.articles,
        "texts": agreement.texts,
        "languages": agreement.languages if languages else 0,
    }
    return [say.count(key, n) for key, n in counts.items() if n]


def _copies(text: str, citation: Citation) -> Mapping[str, str]:
    return {
        "plain": as_text(text, citation),
        "markdown": as_markdown(text, citation),
        "bibtex": as_bibtex(text, citation),
    }


def _web_address(source: str | None) -> str | None:
    # only these schemes become links: a document must not be able to bring a javascript: address
    return source if source and source.startswith(("https://", "http://")) else None
