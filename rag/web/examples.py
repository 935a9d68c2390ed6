"""Questions to try: what the articles themselves invite to ask, each asked before it is offered."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag import Answer, Index, ListQuery, RagError
from rag.web.i18n import LANGUAGES, STRONG_MATCH, words
from rag.web.suggestions import CEDILLAS, Kind, Suggestion, introduces, names_a_speaker, suggest

ENOUGH = 3
"""Questions offered, each about somebody else; fewer where no more are sound."""

_OF_A_KIND = 2
"""Questions of one kind: more of them read like a form."""

_READ = 24
"""Articles looked into: the latest, of the reader's language first; few enough to cost less than one question."""

_ASKED = 24
"""Questions tried at most."""

_KINDS: tuple[Kind, ...] = ("says", "who_said", "who_is")

Example = tuple[str, str]
"""A question with its language before it."""

log = logging.getLogger(__name__)


class Examples:
    """The examples of one index, found again only when the corpus has changed."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._found: dict[str, tuple[int, tuple[Example, ...]]] = {}
        self._one_by_one = threading.Lock()
        self._stopped = False

    def prepare(self) -> None:
        """Find them for every interface language, so that no reader waits for them.

        As they are real questions, everything that is loaded when it is first needed is there afterwards: the encoder,
        the dictionaries, what tells languages apart. What goes wrong is left for a reader's question to say.
        """
        for language in LANGUAGES:
            try:
                self.choose(language)
            except RagError as error:
                log.info("no examples yet: %s", error)
                return

    def stop(self) -> None:
        """Break `prepare` off, after the question under way."""
        self._stopped = True

    def choose(self, language: str) -> tuple[Example, ...]:
        """Return questions that the corpus answers, in the interface language where they can be."""
        state = self._index.generation
        with self._one_by_one:  # of many who open the page at once, one does the work
            kept = self._found.get(language)
            if kept is None or kept[0] != state:
                kept = self._found[language] = state, tuple(self._answered(language))
        return kept[1]

    def _answered(self, language: str) -> Iterator[Example]:
        kinds: Counter[Kind] = Counter()
        seen: set[str] = set()
        for suggestion in self._suggestions(language)[:_ASKED]:
            spoken = suggestion.language if suggestion.verbatim else language
            if spoken not in LANGUAGES or kinds[suggestion.kind] == _OF_A_KIND:
                continue
            if suggestion.subject in seen:
                continue
            question = words(spoken)(f"example_{suggestion.kind}", words=suggestion.subject)
            try:
                answers = _answers(self._index.answer(question, 3), suggestion)
            except RagError:
                continue
            if answers:
                seen.add(suggestion.subject)
                kinds[suggestion.kind] += 1
                yield spoken, question
            if kinds.total() == ENOUGH or self._stopped:
                return

    def _suggestions(self, language: str) -> Sequence[Suggestion]:
        own = self._index.browse(ListQuery(languages=(language,), sort="-date", limit=_READ)).rows
        latest = self._index.browse(ListQuery(sort="-date", limit=_READ)).rows
        chosen = list({info.id: info for info in (*own, *latest)}.values())[:_READ]
        chosen.sort(key=lambda info: (info.language != language, info.id))  # the reader's own language first
        each = [list(suggest(self._index.document(info.id))) for info in chosen]
        return list(_alternating(each))


def _alternating(each: Sequence[Iterable[Suggestion]]) -> Iterator[Suggestion]:
    """Order suggestions so that neighbours are of different articles and kinds."""
    waiting = [list(suggestions) for suggestions in each]
    turn = 0
    while any(waiting):
        for suggestions in waiting:
            if suggestions:
                wanted = _KINDS[turn % len(_KINDS)]
                best = next((one for one in suggestions if one.kind == wanted), suggestions[0])
                suggestions.remove(best)
                yield best
                turn += 1


def _answers(answer: Answer, suggestion: Suggestion) -> bool:
    """Return whether the first quote surely is what was asked for, and not merely something near it."""
    if answer.abstained or (answer.confidence or 0.0) < STRONG_MATCH:
        return False
    text = " ".join(answer.quotes[0].text.split())
    if suggestion.kind == "who_said":
        return suggestion.subject in text.translate(CEDILLAS)
    return (introduces if suggestion.kind == "who_is" else names_a_speaker)(text, suggestion.words)
