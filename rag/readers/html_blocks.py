"""The visible blocks of a web page in order, with what the markup around each says.

Hidden elements, templates and struck text are left out; digits set high or low keep apart from the number before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_INVISIBLE = frozenset(
    (
        "script", "style", "noscript", "template", "svg", "iframe", "head", "object", "embed", "select", "textarea",
        "datalist", "math", "canvas", "del", "s", "strike", "title", "meta", "link", "input", "map",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "button", "center", "dd", "details", "dialog", "div", "dl",
        "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody",
        "td", "tfoot", "th", "thead", "tr", "ul", "video", "audio", "option", "br",
    )
)  # fmt: skip
_OWN = ("p", "h1", "h2", "h3", "h4", "li", "td", "th", "div", "blockquote", "figcaption", "dd", "pre", "summary", "br")
_AROUND = (
    "article", "main", "nav", "header", "footer", "aside", "form", "figure", "table", "ul", "ol", "section", "button",
    "blockquote", "details", "dl",
)  # fmt: skip
_HINTS = {
    "body": "article-?body|articlebody|article-?text|post-?content|entry-?content|story-?body|body-?text|richtext",
    "article": "article|artikel|articol|story|post|entry",
    "content": "content|text|paragraph|absatz|inhalt",
    "comment": "comment|komment|disqus|discuss|reply|replies",
    "related": "related|recommend|more|read-?also|suggest|similar|next|popular|trending|latest|most",
    "teaser": "teaser|promo|card|tile|list|feed|grid|carousel|slider",
    "share": "share|social|facebook|twitter|whatsapp|follow",
    "menu": "nav|menu|breadcrumb|crumb|topbar|tabs",
    "footer": "foot|copyright|legal|imprint",
    "head": "head|masthead|banner|logo",
    "byline": "byline|author|autor|auteur|writer|meta|date|time|info",
    "caption": "caption|figure|image|img|photo|picture|gallery|media|credit|video|player",
    "advert": r"advert|\bads?\b|\bad-|sponsor|promoted|dfp|taboola|outbrain",
    "letter": "newsletter|subscri|signup|sign-up|abo|register|login|account|paywall|premium|offer|donat",
    "consent": "cookie|consent|modal|popup|overlay|gdpr|notice|alert|toast",
    "side": "sidebar|aside|widget|rail|secondary|column|complement",
    "tags": "tag|topic|keyword|categor|label",
    "lead": "lead|lede|standfirst|intro|summary|teaser-text|subtitle|subhead|dek|excerpt|abstract|chapo|sous-titre",
    "quote": "quote|pull|zitat|citat",
    "box": "box|infobox|factbox|embed|inset|insert|snippet",
}  # fmt: skip
_HINT = {name: re.compile(pattern) for name, pattern in _HINTS.items()}
_NEAR = 3  # ancestors whose names count as near
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_ROW = 300  # characters of a table's row that is one line at most
_LONGEST_NAME = 300  # characters of an element's class and id that are looked at

NAMES = (
    *(f"own_{tag}" for tag in _OWN),
    *(f"in_{tag}" for tag in _AROUND),
    *(f"near_{hint}" for hint in _HINTS),
    *(f"hint_{hint}" for hint in _HINTS),
    "linked", "all_linked", "depth", "stated_body", "dated",
)  # fmt: skip
"""The columns of the cues of a block's markup."""


@dataclass(slots=True, kw_only=True)
class Block:
    """A run of text with no break in it, the markup's cues, and the elements around it from the nearest outwards."""

    text: str
    cues: NDArray[np.float32]
    around: tuple[int, ...]


@dataclass(slots=True)
class _Place:
    """Where the reader of a tree is: what the open elements say."""

    tag: str
    number: int
    cues: NDArray[np.float32]
    near: tuple[frozenset[str], ...]
    parents: tuple[int, ...]
    depth: int
    linked: bool = False
    prefix: str = ""
    names: frozenset[str] = field(default_factory=frozenset)


def page_blocks(tree: Any, *, hidden: bool = False) -> list[Block]:
    """Return the blocks of a page's tree (of lxml) that hold any text; with `hidden`, those too that are not shown.

    Example:
        >>> import lxml.html
        >>> tree = lxml.html.document_fromstring("<h1>A <b>title</b></h1><p>10<sup>6</sup> of <s>many</s> <i>it</i>.")
        >>> [block.text for block in page_blocks(tree)]
        ['A title', '10⁶ of it.']
    """
    blocks: list[Block] = []
    pieces: list[str] = []
    linked = 0
    owner: _Place | None = None
    for piece, place in _pieces(tree, hidden):
        if piece is not None:
            if piece.strip() and owner is None:
                owner = place
            linked += len(piece.strip()) if place.linked else 0
            pieces.append(piece)
            continue
        text = _SPACES.sub(" ", "".join(pieces)).strip()
        if text and owner is not None:
            blocks.append(_block(text, linked, owner))
        pieces, linked, owner = [], 0, None
    return blocks


def _block(text: str, linked: int, place: _Place) -> Block:
    cues = place.cues.copy()
    for hint, column in _NEAR_COLUMNS.items():
        cues[column] = any(hint in names for names in place.near)
    share = min(1.0, linked / len(text))
    tail = len(NAMES) - 5
    cues[tail : tail + 3] = (share, share > 0.95, min(place.depth, 40) / 20)
    return Block(text=place.prefix + text, cues=cues, around=place.parents)


def _pieces(tree: Any, hidden: bool) -> Iterator[tuple[str | None, _Place]]:
    """Yield pieces of text with their place, and None where a block begins or ends."""
    root = _Place("html", 0, np.zeros(len(NAMES), dtype=np.float32), (), (0,), 0)
    stack: list[tuple[Any, _Place, bool]] = [(tree, root, False)]
    number = 0
    while stack:
        element, outer, closing = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if closing:
            if tag in _BLOCKS:
                yield None, outer
            if element.tail and element is not tree:
                yield element.tail, outer
            continue
        if not tag or tag in _INVISIBLE or (not hidden and _is_hidden(element)):
            if element.tail and element is not tree:
                yield element.tail, outer
            continue
        number += 1
        place = _enter(element, tag, outer, number)
        stack.append((element, outer, True))
        if tag in _BLOCKS:
            yield None, outer
        if tag == "tr" and (row := _row(element)):
            yield row, place
            continue
        if tag in ("sup", "sub"):
            yield _raised(element, tag), place
            continue
        if tag == "pre" and len(element) == 0:
            for line in (element.text or "").splitlines():
                yield line, place
                yield None, place
            continue
        if element.text:
            yield element.text, place
        stack.extend((child, place, False) for child in reversed(element))


def _enter(element: Any, tag: str, outer: _Place, number: int) -> _Place:
    """Return the place inside an element."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}".lower()[:_LONGEST_NAME]
    names = _hints(named)
    block = tag in _BLOCKS
    stated = "articlebody" in (element.get("itemprop") or "").lower()
    if not (block or names or tag == "a" or stated or tag == "time"):
        return outer
    cues = outer.cues
    if block or names or stated or tag == "time":
        cues = outer.cues.copy()
        for hint in names:
            cues[_HINT_COLUMNS[hint]] = 1
        if tag in _AROUND_COLUMNS:
            cues[_AROUND_COLUMNS[tag]] = 1
        if block:
            cues[: len(_OWN)] = 0
            if tag in _OWN_COLUMNS:
                cues[_OWN_COLUMNS[tag]] = 1
        if stated:
            cues[-2] = 1
        if tag == "time":
            cues[-1] = 1
    return _Place(
        tag,
        number,
        cues,
        (names, *outer.near[: _NEAR - 1]),
        (number, *outer.parents) if block else outer.parents,
        outer.depth + 1,
        outer.linked or tag == "a",
        "- " if tag == "li" else "" if block else outer.prefix,
    )


@lru_cache(maxsize=10_000)
def _hints(named: str) -> frozenset[str]:
    """Return what the classes and the id of an element hint at; most elements share theirs with others."""
    return frozenset(name for name, pattern in _HINT.items() if pattern.search(named)) if named.strip() else _NONE


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style) and _HIDDEN_STYLE.search(style) is not None


def _row(element: Any) -> str:
    """Return the cells of a table's row as one line, or nothing where they hold blocks or much text."""
    cells = [cell for cell in element if cell.tag in ("td", "th")]
    if len(cells) < 2 or any(
        child.tag in _BLOCKS or child.tag in _INVISIBLE for cell in cells for child in cell.iterdescendants()
    ):
        return ""
    texts = [_SPACES.sub(" ", cell.text_content()).strip() for cell in cells]
    row = " | ".join(texts)
    return row if len(row) <= _ROW and any(texts) else ""


def _raised(element: Any, tag: str) -> str:
    """Return a note's mark or an exponent so that it is no part of the number or word before it."""
    text = _SPACES.sub(" ", element.text_content()).strip()
    if tag == "sup" and text and text.strip("0123456789+-") == "":
        return text.translate(_SUPERSCRIPTS)
    return text


_NONE: frozenset[str] = frozenset()
_OWN_COLUMNS = {tag: NAMES.index(f"own_{tag}") for tag in _OWN}
_AROUND_COLUMNS = {tag: NAMES.index(f"in_{tag}") for tag in _AROUND}
_NEAR_COLUMNS = {hint: NAMES.index(f"near_{hint}") for hint in _HINTS}
_HINT_COLUMNS = {hint: NAMES.index(f"hint_{hint}") for hint in _HINTS}
