"""What stands on the page around answers and articles, to HTML: the bar, the welcome, an error."""

from __future__ import annotations

from collections.abc import Sequence

from rag.web.i18n import LANGUAGES, fill, words
from rag.web.url_state import MAX_QUESTION, View

Switch = Sequence[tuple[str, str, bool]]
"""Corpora: the name of each, the address of its page as seen from this one, and whether it is this one."""


def render_header(*, articles: int, language: str, refined: int | None = None, corpora: Switch = ()) -> str:
    """Return the bar above everything: name, size of the corpus, interface language and colours.

    Args:
        articles: how many articles the corpus holds.
        language: the interface language.
        refined: per cent of the passages that are refined; None says nothing of it.
        corpora: the corpora that can be switched to, where there are several.
    """
    languages = [(code, words(code).language_name(code)) for code in LANGUAGES]
    return fill("header.html", language, articles=articles, languages=languages, refined=refined, corpora=corpora)


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
