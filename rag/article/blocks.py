"""The blocks of a page: lines that blank lines part, and what it says of a line how it stands in them."""

from __future__ import annotations

import re

from rag.article.lines import ITEM, PARAGRAPH, Line
from rag.article.phrases import opens_related

_SINGLE = 3  # paragraphs in blocks of their own from which a page has them so
_FIGURES = re.compile(r"\d+")


def is_spaced(lines: tuple[Line, ...]) -> bool:
    """Say whether blank lines part the paragraphs, on one side at least, and do not part every line."""
    apart, paragraphs, joined, others = 0, 0, 0, 0
    for i, line in enumerate(lines):
        if line.ended and line.words >= PARAGRAPH:
            paragraphs += 1
            apart += line.gap or i + 1 == len(lines) or lines[i + 1].gap
        else:
            others += 1
            joined += not line.gap
    return paragraphs >= 2 and apart >= 0.6 * paragraphs and joined >= 0.25 * others


def page_blocks(lines: tuple[Line, ...]) -> list[range]:
    """Return the runs of lines that blank lines part."""
    if not lines:
        return []
    starts = [i for i, line in enumerate(lines) if i == 0 or line.gap]
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def raise_single(lines: tuple[Line, ...], values: list[float], known: list[bool], begun: list[bool]) -> None:
    """Keep what stands in a block of its own as the paragraphs do, on a page whose links stand together."""
    blocks = page_blocks(lines)
    prose = [len(block) == 1 and values[block.start] >= 1 for block in blocks]
    if sum(prose) < _SINGLE:
        return
    last = max(block.start for block, is_prose in zip(blocks, prose, strict=True) if is_prose)
    lone = False  # links in blocks of their own, under a heading
    for block, following in zip(blocks, [*blocks[1:], range(0)], strict=True):
        i = block.start
        inside = i < last or any(_is_figured(lines[j]) for j in (i, *following[:1]))
        lone = (lone and values[i] < 1 and not known[i]) or opens_related(lines[i].text)
        if len(block) == 1 and inside and begun[i] and not (known[i] or lone) and -1.2 <= values[i] < ITEM:
            values[i] = ITEM


def _is_figured(line: Line) -> bool:
    """Say whether figures are a good part of a line: a result, a place in a ranking."""
    return not line.stamp and 5 * len(_FIGURES.findall(line.text)) >= max(line.words, 1) > 1


def raise_verse(lines: tuple[Line, ...], values: list[float], known: list[bool], begun: list[bool]) -> None:
    """Keep the lines of a block that go on in lower case: verse, or what somebody wrapped by hand."""
    for block in page_blocks(lines):
        running = [i for i in block if lines[i].text[:1].islower() and lines[i].words >= 3]
        if begun[block.start] and 3 * len(running) >= len(block) >= 2 and not any(known[i] for i in block):
            for i in block:
                values[i] = max(values[i], ITEM)
    for i in range(1, len(lines)):  # where no blank lines part it
        runs_on = lines[i].text[:1].islower() and lines[i].words >= 3 and not (lines[i].gap or lines[i - 1].ended)
        if begun[i] and runs_on and not (known[i] or known[i - 1] or opens_related(lines[i - 1].text)):
            values[i - 1 : i + 1] = [max(value, ITEM) for value in values[i - 1 : i + 1]]
