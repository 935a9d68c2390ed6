"""What is asked for: an answer, or something that no sentence of an article can be the answer to."""

from __future__ import annotations

import re

from rag.answering.question_kind import expected_kind
from rag.records import Intent
from rag.text.lexicon import lexicon, lexicons
from rag.text.normalisation import fold

_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def question_intent(question: str, language: str | None) -> Intent:
    """Return what a question asks for.

    - ``topic``: it is one word, or two without a question mark, so that only its subject is known;
    - ``news``: it asks what is new, of nothing in particular;
    - ``follow_up``: it names nothing, so that it leans on something said before;
    - ``answer``: everything else.

    Example:
        >>> [question_intent(each, "en") for each in ("Putin", "What's new?", "And who else?", "Who met Putin?")]
        ['topic', 'news', 'follow_up', 'answer']
    """
    words = _WORDS.findall(question)
    if not words:
        return "topic"
    folded = " ".join(_WORDS.findall(fold(question))).replace("’", "'")
    known = [lexicon(language)] if language is not None else lexicons()  # so few words may be of any language
    if any(folded in each.requests.news for each in known):
        return "news"
    if any(folded in each.requests.follow_up for each in known):
        return "follow_up"
    asks = "?" in question or expected_kind(question, language) is not None
    return "topic" if len(words) == 1 or (len(words) == 2 and not asks) else "answer"
