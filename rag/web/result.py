"""Render an answer as HTML: its numbered quotes or that none was found, then the timeline and the sources."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from rag import Agreement, Answer, Citation, Hit, Match, Quote
from rag.web.citation_formats import LINK, as_bibtex, as_csl, as_markdown, as_ris, as_text
from rag.web.highlight import Piece, mark_matches
from rag.web.i18n import Words, fill, words
from rag.web.listing import Listed
from rag.web.timeline import Timeline, timeline
from rag.web.url_state import Place, View

_LONGEST_WORD = 60  # characters of a word of the question that are repeated with each word that answers it
_REASONS = 6  # matched words listed under a passage
_PARAGRAPHS = re.compile(r"((?<!\s)\s*\n\s*)")


def render_answer(
    answer: Answer, *, view: View, language: str, rest: str = "", written: str = "", articles: Sequence[Listed] = ()
) -> str:
    """Return the answer card with its numbered quotes, or what can be done where no quote answers.

    `rest` is the word by which the browser asks for what follows, and `written` that for what a language model writes;
    see `Pending`. `articles` are listed where the question asks for articles.
    """
    say = words(language)
    quotes = [
        {
            "quote": quote,
            "place": Place.of(quote.citation),
            "words": _words(quote),
            "foreign": quote.language is not None and quote.language != answer.language,
            "also": [(one.outlet or one.title or one.document_id, Place.of(one)) for one in _each(quote.also)],
            "copies": _copies(quote.text, quote.citation, quote.language),
        }
        for quote in answer.quotes
    ]
    return fill(
        "answer.html",
        language,
        answer=answer,
        view=view,
        url=view.address(),
        rest=rest,
        translating=bool(written),
        written=f"written{view.address()}&lang={language}&written={written}" if written else "",
        read_as=answer.question if answer.question != view.question else "",
        periods=_periods(answer, view, say),
        quotes=quotes,
        articles=articles,
        agreement=_agreement(answer, say),
        url_of=lambda place: view.address(place),
        only=lambda document: replace(view, documents=(document,)).address(),
    )


def render_sources(answer: Answer, *, view: View, language: str) -> str:
    """Return what follows the quotes: when their sources were published, a card for each, and related passages."""
    say = words(language)
    listed = answer.intent in ("news", "list")  # the articles stand above
    hits = () if listed else answer.closest if answer.abstained else answer.sources
    related = () if answer.abstained else answer.related
    if view.order == "date":
        hits, related = (tuple(sorted(some, key=_newest_first)) for some in (hits, related))
    return fill(
        "sources.html",
        language,
        answer=answer,
        view=view,
        listed=listed,
        url=view.address(),
        question=_question(answer, () if answer.abstained else (*hits, *related)),
        sources=[_source(hit, answer, say) for hit in hits],
        related=[_source(hit, answer, say) for hit in related],
        timeline=timeline(hits, say) if hits else Timeline(),
        url_of=lambda place: view.address(place),
        only=lambda document: replace(view, documents=(document,)).address(),
    )


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
                "url": narrowed.address(),
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
        "reasons": _reasons(hit, matches, answer.question),
        "copied": [say.count("duplicates", len(hit.duplicates)), *_agreed(hit.agreement, say, languages=False)],
        "duplicates": [(duplicate, Place.of(duplicate)) for duplicate in hit.duplicates],
        "copies": _copies(hit.passage.text, hit.citation, hit.document.language),
    }


def _reasons(hit: Hit, matches: Sequence[Match], question: str) -> list[str]:
    """Return the best matched words as "word of the question → word of the passage", at most `_REASONS`."""
    best = sorted(matches, key=lambda match: -match.similarity)
    start = hit.passage.start
    pairs = [
        f"{question[match.query_start : match.query_end][:_LONGEST_WORD]} → "
        f"{hit.passage.text[match.start - start : match.end - start][:_LONGEST_WORD]}"
        for match in best
    ]
    return list(dict.fromkeys(pairs))[:_REASONS]


def _passage(pieces: Sequence[Piece], question: str, say: Words) -> Markup:
    """Return a passage with the answering words marked; one of them can be reached by Tab, the rest by arrow keys."""
    parts: list[str] = []
    reached = False
    for piece in pieces:
        match = piece.match
        if match is None:
            parts.append(_spaced(piece.text))
            continue
        asked = question[match.query_start : match.query_end][:_LONGEST_WORD]
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
    parts = _PARAGRAPHS.split(text)
    return Markup("".join(f'{part}<span class="iz-gap"></span>' if "\n" in part else escape(part) for part in parts))


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


def _words(quote: Quote) -> Markup:
    """Return a quote with the words of the answer marked in it."""
    start, end = quote.answer_start, quote.answer_end
    if start is None or end is None:
        return _spaced(quote.text)
    first, last = start - quote.citation.start, end - quote.citation.start
    if not 0 <= first < last <= len(quote.text) or (first, last) == (0, len(quote.text)):
        return _spaced(quote.text)
    marked = Markup('<mark class="iz-words">{}</mark>').format(_spaced(quote.text[first:last]))
    return _spaced(quote.text[:first]) + marked + _spaced(quote.text[last:])


def _each(places: Sequence[Citation]) -> list[Citation]:
    """Return one citation for each outlet, and each article without one."""
    return list({place.outlet or place.document_id: place for place in reversed(places)}.values())[::-1]


def _agreement(answer: Answer, say: Words) -> list[str]:
    """Return how many quotes there are, and how many articles and texts carry them."""
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


def _copies(text: str, citation: Citation, language: str | None) -> Mapping[str, str]:
    return {
        "plain": as_text(text, citation, language=language, link=LINK),
        "markdown": as_markdown(text, citation, link=LINK),
        "bibtex": as_bibtex(text, citation, language=language, link=LINK),
        "ris": as_ris(text, citation, language=language, link=LINK),
        "csl": as_csl(text, citation, language=language, link=LINK),
    }


_MOST = 128
"""Answers kept: as many as people may be asking at one moment, and more; each is some tens of kilobytes."""


class Pending:
    """The answers on their way to the page. Each is taken once; the longest unclaimed go first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._one_by_one = threading.Lock()

    def put(self, answer: Answer) -> str:
        """Keep an answer and return the word by which it is asked for."""
        word = secrets.token_urlsafe(9)
        with self._one_by_one:
            self._answers[word] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return word

    def latest(self) -> Answer | None:
        """Return the answer that was put last, and keep it no longer."""
        with self._one_by_one:
            return self._answers.popitem()[1] if self._answers else None

    def take(self, word: object) -> Answer | None:
        """Return the answer and keep it no longer; None where there is none by this word (any more)."""
        with self._one_by_one:
            return self._answers.pop(word, None) if isinstance(word, str) else None
