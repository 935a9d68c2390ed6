"""Render what a language model writes of an answer, as it grows: its sentences, what was struck, and who wrote it."""

from __future__ import annotations

from rag import Answer, Draft, Sentence
from rag.web.i18n import Words, fill, words
from rag.web.url_state import Place, View


def render_written(answer: Answer, draft: Draft, *, view: View, language: str) -> str:
    """Return what is written so far. Whatever the model wrote is text: nothing of it is taken for markup."""
    say = words(language)
    places = {quote.number: Place.of(quote.citation) for quote in answer.quotes}
    failure = draft.generation.failure
    return fill(
        "written.html",
        language,
        answer=answer,
        draft=draft,
        kept=[
            (sentence.text, [(number, places[number], view.address(places[number])) for number in sentence.numbers])
            for sentence in draft.sentences
            if sentence.fault is None
        ],
        struck=[(sentence.text, _fault(sentence, say)) for sentence in draft.sentences if sentence.fault is not None],
        failure=failure.message(language) if failure is not None else "",
    )


def _fault(sentence: Sentence, say: Words) -> str:
    reasons = {
        "uncited": say("fault_uncited"),
        "unknown_source": say("fault_unknown_source"),
        "other_language": say("fault_other_language"),
        "number": say("fault_number"),
        "date": say("fault_date"),
        "name": say("fault_name"),
        "unsupported": say("fault_unsupported"),
    }
    return f"{reasons[str(sentence.fault)]}{f': {sentence.missing}' if sentence.missing else ''}"
