"""Words of a question that name nothing to look for: "according to the passage", "please tell me"."""

from __future__ import annotations

from functools import cache

from rag.text.lexicon import lexicon
from rag.text.normalisation import fold
from rag.text.terms import words


def without_frames(question: str, language: str | None) -> str:
    """Return a question without its frames and polite phrases; as it is where nothing else would be left.

    Example:
        >>> without_frames("Conform textului, cine a condus juriul?", "ro")
        'cine a condus juriul?'
    """
    frames = _frames(language)
    if not frames:
        return question
    spans = words(question)
    folded = [fold(question[start:end]) for start, end in spans]
    kept, at, first = [], 0, 0
    while at < len(folded):
        length = next((len(f) for f in frames if folded[at : at + len(f)] == list(f)), 0)
        if length:
            kept.append(question[first : spans[at][0]])
            first = spans[at + length][0] if at + length < len(spans) else spans[at + length - 1][1]
        at += max(1, length)
    left = "".join([*kept, question[first:]])
    return left if any(map(str.isalnum, left)) else question


@cache
def _frames(language: str | None) -> tuple[tuple[str, ...], ...]:
    """Return the phrases of a language as runs of words, the longest first."""
    asked = lexicon(language).questions
    runs = {tuple(fold(phrase[start:end]) for start, end in words(phrase)) for phrase in asked.frames | asked.polite}
    return tuple(sorted(runs - {()}, key=len, reverse=True))
