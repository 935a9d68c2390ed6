"""What is asked for: an answer, or something that no sentence of an article can be the answer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.answering.question_kind import expected_kind
from rag.records import Intent
from rag.text.lexicon import Lexicon, lexicon, lexicons
from rag.text.normalisation import fold

_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

_COMMONEST = 200
"""So many of a language's commonest words name nothing; further down stand "war" and "president"."""

_FEW = 5
"""Words of a request at most of which the language is not known for sure: "Članki o Trumpu" is Slovene or Croatian."""

_SHORT = 8
"""Words of a question at most that may lean on another one: a longer one says enough by itself."""


def question_intent(question: str, language: str | None) -> Intent:
    """Return what a question asks for.

    - ``topic``: it is one word, or two without a question mark, so that only its subject is known;
    - ``news``: it asks what is new, of nothing in particular;
    - ``list``, ``summary``, ``comparison``: it asks for articles, for a summary, or to compare;
    - ``follow_up``: it names nothing, so that it leans on something said before;
    - ``answer``: everything else.

    Example:
        >>> [question_intent(each, "en") for each in ("Putin", "What's new?", "And who else?", "Who met Putin?")]
        ['topic', 'news', 'follow_up', 'answer']
        >>> [question_intent(each, "en") for each in ("Articles about Putin", "Sum up the talks", "When was it built?")]
        ['list', 'summary', 'follow_up']
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
    begins: Intent
    for begins in ("list", "summary", "comparison"):
        if any(_begins(folded, getattr(each.requests, begins)) for each in _spoken(words, language)):
            return begins
    if any(_leans(words, each) for each in known):
        return "follow_up"
    asks = "?" in question or expected_kind(question, language) is not None
    return "topic" if len(words) == 1 or (len(words) == 2 and not asks) else "answer"


def _spoken(words: Sequence[str], language: str | None) -> Iterable[Lexicon]:
    """Return the lexicons of the languages that a request may be in: of a few words it is not known for sure."""
    return lexicons() if language is None or len(words) <= _FEW else [lexicon(language)]


def _begins(folded: str, phrases: frozenset[str]) -> bool:
    return any(folded == phrase or folded.startswith(f"{phrase} ") for phrase in phrases)


def listed_subject(question: str) -> str:
    """Return what a request for a list of articles is about, without the words that ask for the list.

    Example:
        >>> listed_subject("Show me articles about Putin?")
        'about Putin'
    """
    phrases = {phrase for each in lexicons() for phrase in each.requests.list}
    begun, asked = 0, list[str]()
    for word in _WORDS.finditer(question):
        asked.append(fold(word.group()))
        if " ".join(asked) in phrases:
            begun = word.end()
    return question[begun:].strip(" .,:;?!")


def _leans(words: list[str], known: Lexicon) -> bool:
    """Return whether a short question without names goes on from another: by a conjunction, or a pronoun for a subject.

    Beside a pronoun one word may be uncommon, the verb most often: "When was it rebuilt?", but not "When was the bridge
    closed that it replaced?". After a conjunction there may be two.
    """
    if len(words) > _SHORT or any(word[0].isupper() or word[0].isdigit() for word in words[1:]):
        return False
    folded = [fold(word) for word in words]
    common = {*known.recognition.common[:_COMMONEST], *known.requests.pronouns, *known.questions.auxiliaries}
    uncommon = sum(word not in common for word in folded)
    if folded[0] in known.requests.leads and len(words) > 1:
        return uncommon <= 2
    return uncommon <= 1 and any(word in known.requests.pronouns for word in folded)
