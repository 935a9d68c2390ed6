"""Hard-wrapped text: paragraphs cut into lines of one width, as in e-mail, where a line break is no boundary."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BREAK = re.compile(r"(?<=[^\s])[^\S\n\r]*(?:\r\n|\n|\r)[^\S\n\r]*(?=[^\s])")
_LABEL = re.compile(r"\w[).]|[\w-]+\s?:")
_PAIRS = 3  # line breaks; with fewer, the text is not taken for hard-wrapped
_SHARE = 0.5  # in wrapped prose most lines begin with a lower-case word, in a page of whole lines hardly any
_WIDEST = 120  # characters: no mail program and no terminal wraps later
_FULL = 0.7  # of the longest line: a shorter one is a heading or the last line of a paragraph


def wrap_width(text: str) -> int | None:
    r"""Return the length from which a line continues in the next one, or None where the text is not hard-wrapped.

    Example:
        >>> wrap_width("Planurile pentru turnul de pe\nmal au fost respinse luni de\nconsilieri. Votul a fost\nunanim.")
        20
    """
    breaks = list(_BREAK.finditer(text))
    if len(breaks) < _PAIRS:
        return None
    widths = _widths(text, breaks)
    widest = sorted(widths)[len(widths) * 9 // 10]
    if widest > _WIDEST:
        return None
    # Of full lines only: the menus around an article break where they like.
    full = [match for match, width in zip(breaks, widths, strict=True) if width >= int(widest * _FULL)]
    running = sum(_runs_on(text, match) for match in full)
    return int(widest * _FULL) if len(full) >= _PAIRS and running >= _SHARE * len(full) else None


def _runs_on(text: str, match: re.Match[str]) -> bool:
    """Return whether the next line continues in lower case, and is no list item ("b) ...") or label ("title: ...")."""
    start = match.end()
    return text[start].islower() and not _LABEL.match(text, start) and text[match.start() - 1] not in ".!?:;"


def _widths(text: str, breaks: Sequence[re.Match[str]]) -> list[int]:
    """Return how many characters the line before each break has; every character is looked at once."""
    widths: list[int] = []
    line = looked = 0
    for match in breaks:
        line = max(line, text.rfind("\n", looked, match.start()) + 1, text.rfind("\r", looked, match.start()) + 1)
        widths.append(match.start() - line)
        looked = match.start()
    return widths
