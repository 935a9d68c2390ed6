"""Where a quote begins and ends: the sentence that answers, and as much before or after it as it needs to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.records import Document, Span
from rag.text.lexicon import lexicon

_FARTHEST = 500
"""Characters that a quote is extended by at most: about four sentences."""

_LETTERS = re.compile(r"[^\W\d_]+")
_CLOSED = frozenset(".!?…:;\"'”“»«)]")
_LEAST_WORDS = 2  # in small letters, of four letters or more, without which a line says nothing of those it names
_OTHER_MARKS = ("“”", "«»", "„”", "„“")


def whole_quote(document: Document, sentences: Sequence[Span], place: int, *, leans: bool) -> Span:
    """Return the span of a quote around the sentence at `place`.

    Args:
        document: the sentences' own.
        sentences: of one passage, in order.
        place: the sentence that answers.
        leans: whether it says what it does of something that only the sentence before names.
    """
    first = last = place
    if leans and place and _near(document, sentences, place - 1, place):
        first -= 1
    text = document.text
    while last + 1 < len(sentences) and _opened(text[sentences[first][0] : sentences[last][1]], document.language) > 0:
        if not _near(document, sentences, first, last + 1):
            break
        last += 1
    while first and _opened(text[sentences[first][0] : sentences[last][1]], document.language) < 0:
        if not _near(document, sentences, first - 1, last):
            break
        first -= 1
    if _opened(text[sentences[first][0] : sentences[last][1]], document.language) != 0:  # no neighbour closes it
        first, last = (place - 1 if leans and first < place else place), place
    return sentences[first][0], sentences[last][1]


def only_names(text: str) -> bool:
    """Return whether a line names somebody or something and says nothing of it: a caption, a byline, a heading.

    Example:
        >>> only_names("Donald Trump și Vladimir Putin, Alaska"), only_names("Președintele a semnat legea.")
        (True, False)
    """
    line = text.strip()
    if line[-1:] in _CLOSED or any(character.isdigit() for character in line):
        return False
    small = [word for word in _LETTERS.findall(line) if len(word) >= 4 and word.islower()]
    return len(small) < _LEAST_WORDS


def title_span(document: Document) -> Span | None:
    """Return where an article's title stands in its text, unmasked; None where it does not."""
    title = document.title.strip()
    start = document.text.find(title) if title else -1
    end = start + len(title)
    if start < 0 or any(first < end and start < last for first, last in document.masked):
        return None
    return start, end


def _near(document: Document, sentences: Sequence[Span], first: int, last: int) -> bool:
    """Return whether sentences stand in one run of text, not far, with nothing masked between them."""
    start, end = sentences[first][0], sentences[last][1]
    if end - start > (sentences[last][1] - sentences[last][0]) + _FARTHEST:
        return False
    return not any(a < end and start < b for a, b in document.boilerplate)


def _opened(text: str, language: str | None) -> int:
    """Return how many quotation marks stay open (above 0), or are closed without having been opened (below 0)."""
    pairs = [pair for pair in lexicon(language).sentences.quotes if len(pair) == 2] or list(_OTHER_MARKS)
    opening = {pair[0] for pair in pairs if pair[0] not in "'’‘"}
    closing = {pair[1] for pair in pairs if pair[0] not in "'’‘"} - opening
    depth = least = 0
    for character in text:
        if character in opening:
            depth += 1
        elif character in closing:
            depth -= 1
            least = min(least, depth)
    straight = text.count('"') % 2
    return least if least < 0 else depth + straight
