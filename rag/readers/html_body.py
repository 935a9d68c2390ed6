"""The article's text of a web page: those of its blocks that the labeller keeps.

Candidates are the page's own blocks. What trafilatura extracts, in its ordinary and its recall-first mode, what the
page states as its ``articleBody`` and how much prose each element holds are cues among others; the labeller, fitted on
real pages, weighs them. A body that only JSON-LD states, with the entries of a live blog, is taken where the blocks
lack it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.article.cues import NAMES as LINE_NAMES
from rag.article.cues import line_cues
from rag.article.labelled_page import Page
from rag.article.labeller import AUTHOR, BODY, load_labeller
from rag.article.lines import Line, lines_at
from rag.readers.content import one_line
from rag.readers.html_blocks import NAMES as BLOCK_NAMES
from rag.readers.html_blocks import Block, page_blocks
from rag.readers.json_ld import Node
from rag.readers.page_state import read_state
from rag.text.normalisation import fold

Floats = NDArray[np.float32]

SURE = 0.6
"""Probability of being the article's text from which a block is kept; chosen by cross-validation over the sites of
``train`` and ``validation``."""

_SHINGLE = 4  # words
_LEVELS = 4  # elements around a block whose text is looked at
_WORD = re.compile(r"\w+")
_HALF = 0.5
_SEEN = 0.5  # share of what trafilatura extracts that visible blocks hold
_UNSEEN = 0.5  # share of a stated body that the page's blocks must lack for it to be taken from JSON-LD
_LEAST_STATED = 40  # words of such a body
_CLOCK = re.compile(r"(?:- )?(?:ora |ob |um |à )?(?:[01]?\d|2[0-3])[:.h][0-5]\d(?: ?(?:h|Uhr))?", re.IGNORECASE)
_LEAST_ENTRIES = 3
_DATED = BLOCK_NAMES.index("dated")
_STAMP = 60  # characters of the time of an entry
_HEAD = 4  # blocks from the time of an entry to its text

_PROSE = 5  # words of a block that says something
_HEADING = [BLOCK_NAMES.index(f"own_h{level}") for level in (1, 2, 3, 4)]
_IN_ARTICLE = BLOCK_NAMES.index("in_article")
_LINKED = BLOCK_NAMES.index("linked")
_MENU = [BLOCK_NAMES.index(name) for name in ("in_nav", "in_footer", "hint_menu", "hint_footer", "hint_consent")]
_IN_MENU = [BLOCK_NAMES.index(name) for name in ("in_nav", "in_footer")]
_TAG = re.compile(r"<[^<>]{1,2000}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The article's text of a web page, a block a line, and all blocks as the lines of a page with their labels.

    `empty` says that the page shows nothing but links, menus and feet.
    """

    text: str
    page: Page
    empty: bool = False


def read_body(tree: Any, markup: str, nodes: Sequence[Node]) -> Body:
    """Return the article's text of a page; nothing where no block is kept.

    Args:
        tree: of the page, by lxml.
        markup: the same as text.
        nodes: of its JSON-LD that are about this article.
    """
    stated = stated_body(nodes)
    candidates = [*extractions(markup), stated]
    blocks, words = visible_blocks(tree, candidates[1])
    lines = block_lines(blocks)
    chances = np.zeros((0, 4), dtype=np.float32)
    if blocks:
        cues = block_cues(blocks, lines, words, candidates)
        chances = load_labeller("html.").probabilities([line.plain for line in lines], cues)
        chances[_menus(blocks), AUTHOR] = 0
    page = Page(text="\n".join(block.text for block in blocks), lines=tuple(lines), chances=chances)
    told = folded_words(stated)
    if len(told) >= _LEAST_STATED:
        unseen = 1 - float(np.mean(covered([told], [word for own in words for word in own])))
        if unseen >= _UNSEEN:
            return Body(text=stated, page=page)
    kept = chances[:, BODY] >= SURE
    kept |= _entry_heads(blocks, kept)

    kept |= _entry_headings(blocks, kept)
    if sum(len(own) for own, keep in zip(words, kept, strict=True) if keep) < _LEAST_STATED:
        headings = [block.text for block in blocks if block.cues[_HEADING].any()]
        if state := read_state(tree, [*(tree.xpath("//title/text()")[:1]), *headings]):
            return Body(text=state, page=page)
        if _only_menus(blocks):
            return Body(text="", page=page, empty=True)
    return Body(text="\n".join(block.text for block, keep in zip(blocks, kept, strict=True) if keep), page=page)


def _menus(blocks: Sequence[Block]) -> NDArray[np.bool_]:
    """Return which blocks stand in menus and feet, where two links look like a name: "Acasă Sport"."""
    return np.array([block.cues[_IN_MENU].any() for block in blocks], dtype=np.bool_)


def _entry_heads(blocks: Sequence[Block], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which blocks are the times and headings over the kept entries of a live blog, where a page has several.

    A time is a ``time`` alone in the element that it shares with the text after it, or a clock right over text.
    """
    clocks = np.array([_CLOCK.fullmatch(block.text) is not None for block in blocks], dtype=np.bool_)
    times = [at for at, block in enumerate(blocks) if clocks[at] or (block.cues[_DATED] and len(block.text) <= _STAMP)]
    number = Counter(element for at in times for element in set(blocks[at].around))
    heads: list[range] = []
    for at in times:
        text = next((index for index in range(at, min(at + _HEAD, len(kept))) if kept[index]), at)
        shared = next((element for element in blocks[at].around if element in blocks[text].around), 0)
        if text > at and (number[shared] == 1 or (clocks[at] and text == at + 1)):
            heads.append(range(at, text))
    over = np.zeros(len(blocks), dtype=np.bool_)
    if len(heads) >= _LEAST_ENTRIES:
        over[[index for head in heads for index in head]] = True
    return over


def _entry_headings(blocks: Sequence[Block], kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which blocks head the entries of a page that has several: each over text in an ``article`` of its own."""
    over = np.zeros(len(blocks), dtype=np.bool_)
    places = Counter(block.around[1:2] for block in blocks if block.cues[_HEADING].any())
    for at, block in enumerate(blocks[:-1]):
        own = block.cues[_HEADING].any() and block.cues[_IN_ARTICLE] and places[block.around[1:2]] == 1
        over[at] = bool(own and kept[at + 1] and block.around[1:2] == blocks[at + 1].around[1:2])
    return over if over.sum() >= _LEAST_ENTRIES else np.zeros_like(over)


def _only_menus(blocks: Sequence[Block]) -> bool:
    """Return whether a page shows nothing but links and what stands in menus and feet."""
    return all(
        block.cues[_LINKED] > _HALF or block.cues[_MENU].any() or len(folded_words(block.text)) < _PROSE
        for block in blocks
    )


def visible_blocks(tree: Any, extracted: str) -> tuple[list[Block], list[list[str]]]:
    """Return a page's blocks with their words: without hidden ones, unless these hold what trafilatura extracts.

    Some pages hide their whole article until a script shows it.
    """
    told = folded_words(extracted)
    for hidden in (False, True):
        blocks = page_blocks(tree, hidden=hidden)
        words = [folded_words(block.text) for block in blocks]
        seen = covered([told], [word for own in words for word in own])
        if hidden or not told or float(seen[0]) >= _SEEN:
            break
    return blocks, words


def extractions(markup: str) -> tuple[str, str]:
    """Return what trafilatura extracts, in its ordinary and its recall-first mode."""
    import trafilatura

    def extract(recall: bool) -> str:
        found = trafilatura.bare_extraction(markup, favor_recall=recall, include_comments=False, with_metadata=False)
        return getattr(found, "text", None) or ""

    return extract(False), extract(True)


def block_lines(blocks: Sequence[Block]) -> list[Line]:
    """Return blocks as the lines of a text that has one a line."""
    stops = np.cumsum([len(block.text) + 1 for block in blocks], dtype=np.int64) - 1
    spans = [(int(stop) - len(block.text), int(stop)) for stop, block in zip(stops, blocks, strict=True)]
    return lines_at("\n".join(block.text for block in blocks), spans)


def block_cues(
    blocks: Sequence[Block], own: Sequence[Line], words: Sequence[Sequence[str]], candidates: Iterable[str]
) -> Floats:
    """Return the cues of a page's blocks: of their lines, their markup, the candidates that have them, and their kin.

    Shapes:
        result: ``(blocks, cues)`` float32.
    """
    lines = line_cues(own)
    shares = np.stack([covered(words, folded_words(candidate)) for candidate in candidates], axis=1)
    markup = np.stack([block.cues for block in blocks])
    kin = _kin(blocks, lines, shares[:, 0])
    return np.concatenate([lines, markup, shares, shares > _HALF, kin], axis=1).astype(np.float32)


def _kin(blocks: Sequence[Block], lines: Floats, kept: Floats) -> Floats:
    """Return of the elements around each block their share of the page's prose, and how much is prose, and kept."""
    words = np.expm1(lines[:, LINE_NAMES.index("words")])
    prose = np.where((lines[:, LINE_NAMES.index("ended")] > 0) & (words >= 10), words, 0)
    size = max((block.around[0] for block in blocks), default=0) + 1
    totals = np.zeros((3, size), dtype=np.float64)
    for block, own in zip(blocks, np.stack([prose, words, words * (kept > _HALF)], axis=1), strict=True):
        totals[:, list(block.around)] += own[:, None]
    levels = range(1, _LEVELS + 1)
    around = np.array([[block.around[min(level, len(block.around) - 1)] for level in levels] for block in blocks])
    filled = np.maximum(totals[1], 1)
    columns = np.stack([totals[0] / max(prose.sum(), 1), totals[0] / filled, totals[2] / filled])
    return columns[:, around].transpose(1, 2, 0).reshape(len(blocks), 3 * _LEVELS).astype(np.float32)


def folded_words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(fold(text))


def covered(lines: Sequence[Sequence[str]], words: Sequence[str]) -> Floats:
    """Return the share of each line's words that stand in runs of four words of a text.

    Example:
        >>> covered([["a", "b"], ["c", "d", "x", "y"]], ["a", "b", "c", "d"]).tolist()
        [1.0, 0.5]
    """
    runs = set(zip(*(words[start:] for start in range(_SHINGLE)), strict=False)) or {tuple(words)}
    flat = [word for line in lines for word in line]
    there = np.zeros(len(flat) + 1, dtype=np.float64)
    for start in range(len(flat) - _SHINGLE + 1):
        if tuple(flat[start : start + _SHINGLE]) in runs:
            there[start : start + _SHINGLE] = 1
    sums = np.concatenate([[0.0], np.cumsum(there)])
    stops = np.cumsum([len(line) for line in lines], dtype=np.int64)
    counts = np.array([len(line) for line in lines], dtype=np.int64)
    shares: Floats = ((sums[stops] - sums[stops - counts]) / np.maximum(counts, 1)).astype(np.float32)
    return shares


def stated_body(nodes: Sequence[Node]) -> str:
    """Return the text of the article that JSON-LD states, with the entries of a live blog and their times."""
    for node in nodes[:3]:
        body = _stated(node)
        entries = node.get("liveBlogUpdate")
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, Mapping) and (told := _stated(entry)):
                head = [one_line(entry.get(key) or "") for key in ("datePublished", "headline")]
                body += "\n" + "\n".join([" ".join(filter(None, head)), told])
        if body.strip():
            return body.strip()
    return ""


def _stated(node: Mapping[str, Any]) -> str:
    body = node.get("articleBody")
    text = _TAG.sub("\n", body) if isinstance(body, str) else ""
    return "\n".join(part.strip() for part in text.splitlines() if part.strip())
