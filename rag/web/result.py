"""Render an answer as HTML: its numbered quotes or that none was found, then the timeline and the sources."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from rag import Agreement, Answer, Citation, Hit, Match
from rag.web.citation_formats import as_bibtex, as_markdown, as_text
from rag.web.highlight import Piece, mark_matches
from rag.web.i18n import Words, fill, words
from rag.web.timeline import Timeline, timeline
from rag.web.url_state import Place, View

_LONGEST_WORD = 60  # characters of a word of the question that are repeated with each word that answers it
_REASONS = 6  # matched words listed under a passage
_PARAGRAPHS = re.compile(r"((?<!\s)\s*\n\s*)")


def render_answer(answer: Answer, *, view: View, language: str, rest: str = "") -> str:
    """Return the answer card with its numbered quotes, or that no answer was found.

    `rest` is the word by which the browser asks for what follows: see `rag.web.result`.
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
    return fill(
        "answer.html",
        language,
        answer=answer,
        view=view,
        url=view.address(),
        rest=rest,
        periods=_periods(answer, view, say),
        quotes=quotes,
        agreement=_agreement(answer, say),
        url_of=lambda place: view.address(place),
    )


def render_sources(answer: Answer, *, view: View, language: str) -> str:
    """Return what follows the quotes: when the sources were published, and a card for each."""
    say = words(language)
    hits = sorted(answer.hits, key=_newest_first) if view.order == "date" else list(answer.hits)
    return fill(
        "sources.html",
        language,
        answer=answer,
        url=view.address(),
        question=_question(answer, [] if answer.abstained else hits),
        sources=[_source(hit, answer, say) for hit in hits],
        timeline=timeline(hits, say) if hits else Timeline(),
        url_of=lambda place: view.address(place),
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
        "copies": _copies(hit.passage.text, hit.citation),
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

    def take(self, word: object) -> Answer | None:
        """Return the answer and keep it no longer; None where there is none by this word (any more)."""
        with self._one_by_one:
            return self._answers.pop(word, None) if isinstance(word, str) else None
