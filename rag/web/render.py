"""What stands on the page around answers and articles, to HTML: the bar, the welcome, an error, the corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag import Failure
from rag.web.corpus import ROWS, SORTS, Corpus
from rag.web.i18n import LANGUAGES, fill, words
from rag.web.url_state import MAX_QUESTION, Place, View

_FAILURES = 100
"""Files that could not be read, of which the page gives the reasons; the rest is counted."""


def render_header(*, articles: int, language: str, refined: int | None = None) -> str:
    """Return the bar above everything: name, size of the corpus, interface language and colours.

    Args:
        articles: how many articles the corpus holds.
        language: the interface language.
        refined: per cent of the passages that are refined; None says nothing of it.
    """
    languages = [(code, words(code).language_name(code)) for code in LANGUAGES]
    return fill("header.html", language, articles=articles, languages=languages, refined=refined)


def render_welcome(*, articles: int, examples: Sequence[tuple[str, str]], language: str) -> str:
    """Return what stands where the answer will be: what this is, and questions the corpus answers.

    Args:
        articles: how many articles the corpus holds.
        examples: (language, question) pairs.
        language: the interface language.
    """
    return fill("welcome.html", language, articles=articles, examples=examples)


def render_error(message: str, *, view: View, language: str) -> str:
    """Return a designed state for a question that cannot be searched for.

    What a reader can bring about is said in the reader's language; the rest is for whoever runs the server, with the
    library's own one-line message.
    """
    say = words(language)
    first, last = view.published_from, view.published_to
    if first and last and first > last:
        told, original = say("ask_dates_swapped", first=say.date(first), last=say.date(last)), ""
    elif len(view.question) > MAX_QUESTION:
        told, original = say("ask_too_long", n=say.integer(len(view.question))), ""
    else:
        told, original = say("ask_index"), message
    return fill("error.html", language, told=told, original=original, url=view.address())


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
    return fill(
        "corpus.html",
        language,
        corpus=corpus,
        failures=failures[:_FAILURES],
        more_failures=max(0, len(failures) - _FAILURES),
        charts=[chart for chart in charts if corpus.total and (outlets or chart[0] != "outlets")],
        columns=[pair for pair in zip(SORTS, columns, strict=True) if outlets or pair[0] != "outlet"],
        outlets=outlets,
        changes=changes,
        step=ROWS,
        find=view.find,
        sort=view.sort,
        url=view.address(),
        place_of=lambda row: Place.whole(row.id),
        url_of=lambda row: view.address(Place.whole(row.id)),
    )


def _bars(
    counts: Sequence[tuple[str | None, int]], name: Callable[[str], str], unknown: str
) -> list[tuple[str, int, float]]:
    most = max((n for _, n in counts), default=1)
    return [(name(value) if value else unknown, n, round(n / most, 3)) for value, n in counts]
