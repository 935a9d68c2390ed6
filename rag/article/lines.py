"""The lines of a page with what their shape says: the raw material of article detection."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.article.author import says_more
from rag.article.phrases import CREDIT
from rag.records import Span
from rag.text.dates.moments import without_dates
from rag.text.normalisation import fold
from rag.text.wrapping import wrap_width

HEADING = 12
"""Words of a sub-heading at most."""

PARAGRAPH = 15
"""Words from which a line that ends like a sentence is a paragraph by itself."""

ITEM = 0.1
"""Weight of a point of the article's own list: it neither opens a body nor closes one."""

LABEL = re.compile(r"^(?P<label>[^\W\d_][^:.?!|]{0,40}):\s\S|^(?P<letter>[^\W\d_]{1,9})\.\s+(?=[^\W\d_a-zà-ÿ¿¡(“„«])")
"""What stands before the rest of a line: "Where: ...", "Q. ..."."""

_LONGEST_CREDIT = 200  # characters; it also bounds the search in a line of nothing but spaces
_LINE = re.compile(r"[^\n\r\u2028\u2029\x85]+")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029\x85]")
_WORDS = re.compile(r"\w+(?:[-'’]\w+)*")
_END = re.compile(r"[.!?…][\"'”“»«’›‹)\]_*]*(?:\s*\[\d+\])*$|[.!?…]\s»$|[”“»\"][.,]$")
# An agency's signature after the last sentence: "... el kilo. EFE". Headlines end in such words too, but in these.
_SIGNED = re.compile(r"\.[”\"»]?\s+\(?(?!(?:FOTO|VIDEO|AUDIO|LIVE|GALER|UPDATE|PHOTO)\w*\)?$)[^\W\d_a-zà-ÿ]{2,9}\)?$")
_BULLET = re.compile(r"^(?:[-–—•*·▪►]|\d{1,2}[.)]|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{2,4})\))\s+")
_DOMAIN = re.compile(r"^(?:https?://\S+|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that holds more than whitespace; `start` and `end` leave surrounding whitespace out.

    `prose_end` is where a picture's credit at the line's end begins, or the line's end. `gap` says whether a blank
    line stands before it.
    """

    start: int
    end: int
    text: str
    gap: bool
    prose_end: int
    words: int  # before the credit
    ended: bool  # closes like a sentence
    bullet: bool
    domain: bool  # nothing but an address
    stamp: bool  # nothing but dates, times and marks
    key: str  # folded, for comparing lines


def read_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not blank, in order; in hard-wrapped text, its paragraphs."""
    lines: list[Line] = []
    previous_end = 0
    for start, end in _spans(text):
        content = text[start:end]
        credit = CREDIT.search(content, max(0, len(content) - _LONGEST_CREDIT))
        prose = content[: credit.start()].rstrip(" (/|–-,;") if credit else content
        between = text[previous_end:start]
        words = len(_WORDS.findall(prose))
        lines.append(
            Line(
                start=start,
                end=end,
                text=content,
                gap=not lines or len(_BREAK.findall(between)) > 1,
                prose_end=start + len(prose),
                words=words,
                ended=bool(_END.search(prose) or (words >= PARAGRAPH and _SIGNED.search(prose))),
                bullet=bool(_BULLET.match(content)),
                domain=bool(_DOMAIN.match(content)),
                stamp=_is_stamp(content),
                key=" ".join(_WORDS.findall(fold(prose))),
            )
        )
        previous_end = end
    return lines


def _spans(text: str) -> list[Span]:
    """Return the lines as stripped spans, joined where a break is a mere wrap."""
    width = wrap_width(text)
    spans: list[Span] = []
    last_start = 0  # of the last line, where several were joined
    for match in _LINE.finditer(text):
        content = match.group().strip()
        if not content:
            continue
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        end = start + len(content)
        if width is not None and spans and spans[-1][1] - last_start >= width and _single(text[spans[-1][1] : start]):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        last_start = start
    return spans


def _single(between: str) -> bool:
    return len(_BREAK.findall(between)) == 1


def _is_stamp(content: str) -> bool:
    """Say whether a line is dates and times, and words that stand beside them (Published, Uhr, Monday)."""
    if len(content) > 100 or not any(character.isdigit() for character in content):
        return False
    rest = without_dates(content)
    return rest != content and not says_more(rest)
