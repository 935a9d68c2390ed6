"""The lines of a page with what their shape says: the raw material of article detection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.article.byline import says_more
from rag.article.pieces import joined_pieces
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

CREDIT = re.compile(
    r"(?:(?<=[.!?)\]”\"»“,;|/–-])|(?<=\s)|^)[(\[]?\s?"
    r"(?:(?:sursa|vir|source|quelle|fuente|fonte|izvor)\s+)?"
    r"(?:foto|photo|photos|fotografii|fotografija|fotografije|fotografie|fotó|picture|image|images|imagine|slika|bild"
    r"|bilder|cr[ée]dits?|crédit photo|photo credit|foto credit|fotocredit|photo by|picture by|illustration|ilustrație"
    r"|ilustracija|arhiv|posnetek|snimka|imagen|immagine)"
    r"\s?(?:[:©/]|\.\.\.|credit\s?:)\s?[^.!?\n]{1,120}\.?\s*$",
    re.IGNORECASE,
)
"""A picture's credit at the end of a line: "Foto: Profimedia", "(Photo: Reuters)"."""

_LONGEST_CREDIT = 200  # characters; it also bounds the search in a line of nothing but spaces
_MAY_CREDIT = re.compile(r"[:©/]|\.\.\.")  # most lines need not be searched for a credit
_LINE = re.compile(r"[^\n\r\u2028\u2029\x85]+")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029\x85]")
_WORDS = re.compile(r"\w+(?:[-'’]\w+)*")
_END = re.compile(r"[.!?…。！？؟।][\"'”“»«’›‹)\]_*]*(?:\s*\[\d+\])*$|[.!?…]\s»$|[”“»\"][.,]$")
# An agency's signature after the last sentence: "... el kilo. EFE". Headlines end in such words too, but in these.
_SIGNED = re.compile(r"\.[”\"»]?\s+\(?(?!(?:FOTO|VIDEO|AUDIO|LIVE|GALER|UPDATE|PHOTO)\w*\)?$)[^\W\d_a-zà-ÿ]{2,9}\)?$")
_DATED = re.compile(r"\d{4}|\d[:.h]\d\d")
_CLOSE = 60  # characters at the end of a line that show whether it closes like a sentence
_STAMP = 100  # characters of a line of nothing but dates at most
_BULLET = re.compile(r"^(?:[-–—•*·▪►]|\d{1,2}[.)]|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{2,4})\))\s+")
_HEADING_MARK = re.compile(r"(#{1,6})\s")
_TARGET = r"\]\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s[^()]{0,200})?\)"
_MARKDOWN_IMAGE = re.compile(r"!\[[^\[\]]{0,400}" + _TARGET)
_MARKDOWN_LINK = re.compile(r"(?P<image>!)?\[(?P<words>[^\[\]]{0,1000})" + _TARGET)
_NO_WORDS = re.compile(rf"(?:!\[[^\[\]]{{0,400}})?{_TARGET}")
_OPENING_MARKS = re.compile(r"^(?:#{1,6}|>|[-*+])\s+")
_EMPHASIS = re.compile(r"\*\*|__")
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
    plain: str  # without the marks of Markdown
    heading: float  # how high a heading of Markdown it is, from 0 (none) to 1
    link: float  # share of the line that links of Markdown are
    image: bool  # holds a picture of Markdown


def read_lines(text: str) -> list[Line]:
    """Return the lines of a text that are not blank, in order; of hard-wrapped text and of pieces, the paragraphs."""
    return lines_at(text, joined_pieces(text, _spans(text)))


def lines_at(text: str, spans: Sequence[Span]) -> list[Line]:
    """Return the lines that stand at sorted spans of a text, stripped of whitespace and not empty."""
    lines: list[Line] = []
    previous_end = 0
    for start, end in spans:
        content = text[start:end]
        tail = max(0, len(content) - _LONGEST_CREDIT)
        credit = CREDIT.search(content, tail) if _MAY_CREDIT.search(content, tail) else None
        prose = content[: credit.start()].rstrip(" (/|–-,;") if credit else content
        between = text[previous_end:start]
        plain, link = _without_links(content)
        level = _HEADING_MARK.match(content)
        shown = plain if len(plain) != len(content) else prose
        words = _WORDS.findall(fold(shown))
        close = shown[-_CLOSE:]
        lines.append(
            Line(
                start=start,
                end=end,
                text=content,
                gap=not lines or len(_BREAK.findall(between)) > 1,
                prose_end=start + len(prose),
                words=len(words),
                ended=bool(_END.search(close) or (len(words) >= PARAGRAPH and _SIGNED.search(close))),
                bullet=bool(_BULLET.match(content)),
                domain=" " not in content and bool(_DOMAIN.match(content)),
                stamp=_is_stamp(content),
                key=" ".join(words),
                plain=plain,
                heading=1 - (len(level.group(1)) - 1) / 6 if level else 0.0,
                link=link,
                image="![" in content,
            )
        )
        previous_end = end
    return lines


def markup_spans(line: Line) -> list[Span]:
    """Return where pictures and targets of links stand in a line of Markdown.

    Example:
        >>> (line,) = read_lines("See [the report](https://example.org/a(1)) of ![seal](x.png) May.")
        >>> [line.text[start:end] for start, end in markup_spans(line)]
        ['](https://example.org/a(1))', '![seal](x.png)']
    """
    if "](" not in line.text:
        return []
    return [(line.start + match.start(), line.start + match.end()) for match in _NO_WORDS.finditer(line.text)]


def key_of(text: str) -> str:
    """Return the words of a text, folded, by which lines are compared."""
    return " ".join(_WORDS.findall(fold(text)))


def plain_words(text: str) -> str:
    """Return a text in one line, without the marks and targets of Markdown."""
    return " ".join(_without_links(text.strip())[0].split())


def _without_links(content: str) -> tuple[str, float]:
    """Return a line without the marks and targets of Markdown, and the share of it that its links' words are."""
    if "](" not in content and content[:1] not in "#*->_" and "**" not in content:
        return content, 0.0
    linked = 0

    def words(match: re.Match[str]) -> str:
        nonlocal linked
        linked += 0 if match.group("image") else len(match.group("words"))
        return "" if match.group("image") else match.group("words")

    plain = _MARKDOWN_LINK.sub(words, _MARKDOWN_IMAGE.sub("", content))
    plain = _EMPHASIS.sub("", _OPENING_MARKS.sub("", plain)).strip() or content[:0]
    return plain or "-", min(1.0, linked / max(len(plain), 1))


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
    if len(content) > _STAMP or not _DATED.search(content):
        return False
    rest = without_dates(content)
    return rest != content and not says_more(rest)
