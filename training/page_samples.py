"""Lines of real pages with what they are: what the labeller of `rag.article` is fitted on.

The article's text is told by the collection's gold text: a line belongs to it whose words stand in its runs of four
words. Title, author and date are the collection's, or where it has none what the page states in its markup.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import SETS, read_pages
from benchmarks.real_pages import RealPage
from benchmarks.scrapes import WAYS, scrape
from rag.article.cues import line_cues
from rag.article.labeller import AUTHOR, BODY, DATE, TITLE
from rag.article.lines import Line, read_lines
from rag.readers.html_body import (
    block_cues,
    block_lines,
    covered,
    extractions,
    folded_words,
    stated_body,
    visible_blocks,
)
from rag.readers.html_metadata import own_nodes, read_statements, without_declaration
from rag.records import Span
from rag.text.dates.moments import find_moments
from rag.text.languages import identify_language

Floats = NDArray[np.float32]

SEEDS = Path(__file__).parents[1] / "seeds"
_SEEDS: Mapping[str, tuple[tuple[Span, ...], str, str]] = {  # spans of boilerplate, a part of the title, the day
    "000": (((1, 233),), "Steve Witkoff și Jared Kushner intenționează", "2026-01-14"),
    "001": (((1, 219),), "Noi negocieri SUA-Rusia", "2026-01-08"),
    "002": ((), "", "2025-11-26"),
    "003": (((0, 393), (1927, 7325)), "Rușii îl invită pe Zelenski la Moscova", "2026-01-28"),
    "004": ((), "", ""),
}
_SEED_AUTHOR = "Olga Borșcevschi"
SEED_NAMES = frozenset(path.stem for path in SEEDS.glob("*.txt"))
_SEED_TIMES = 4  # a seed is learnt
_SAME = 0.1  # weight of what the extraction says whose result is a cue, too

_SHORT = 30  # words of a line that names an author or gives a date at most
_MORE = 5  # words that may follow the headline on its line, as an outlet's name does
_IN = 0.5  # share of a line's words that stand in the article
_UNSURE = (0.25, 0.6)  # shares between which a line counts for less
_DOUBTFUL = 0.3
_FEW, _MANY = 2, 80  # words between which a line's weight grows, with their root


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The lines of one page in one form.

    Shapes:
        cues: ``(lines, cues)``.
        labels, weights: ``(lines, 4)``, columns as in `rag.article.labeller`; a weight of 0 says that it is not known.
    """

    name: str
    part: str
    form: str
    texts: tuple[str, ...]
    cues: Floats
    labels: Floats
    weights: Floats


def text_samples(page: RealPage, *, silver: Sequence[str] = ()) -> Iterator[Sample]:
    """Yield the scrapes of a page, and of each the part around its article and one with its beginning alone.

    Args:
        page: a page of a collection.
        silver: what other extractors find, where the collection has only pieces of the text: lines on which they
            agree count, less than gold ones.
    """
    draw = random.Random(page.name)
    known = stated(page)
    language: str | None = None
    for way in WAYS:
        text = scrape(page.markup, way)
        lines = read_lines(text)
        if not lines:
            continue
        language = language or identify_language(page.body or text[len(text) // 3 :])
        labels, weights = label(lines, page.gold, known, language, silver=silver)
        yield _sample(page.name, page.part, way, lines, labels, weights)
        body = np.flatnonzero(labels[:, BODY])
        if len(body) < 3:
            continue
        titles = np.flatnonzero(labels[: body[0], TITLE])
        begin = titles[-1] if len(titles) and draw.random() < 0.8 else body[0]
        few = body[min(draw.choice([0, 0, 1, 2, 3]), len(body) - 1)]
        for form, before, stop in (
            ("cropped", draw.choice([0, 0, 0, 1, 2, 4, 10]), body[-1] + 1 + draw.choice([0, 0, 1, 2, 4, 10, 30])),
            ("short", draw.choice([0, 0, 0, 1, 2, 4]), few + 1 + draw.choice([0, 0, 0, 1, 2])),
        ):
            first, last = max(0, begin - before), min(len(lines), stop)
            part = read_lines(text[lines[first].start : lines[last - 1].end])
            if len(part) == last - first:
                yield _sample(page.name, page.part, form, part, labels[first:last], weights[first:last])


def html_sample(page: RealPage) -> Sample | None:
    """Return the blocks of a page as they are read from HTML; None where its markup is no tree or holds no text."""
    import lxml.html

    try:
        tree = lxml.html.document_fromstring(without_declaration(page.markup) or "<html/>")
    except (lxml.etree.ParserError, ValueError):
        return None
    silver = extractions(page.markup)
    blocks, words = visible_blocks(tree, silver[1])
    if not blocks:
        return None
    lines = block_lines(blocks)
    cues = block_cues(blocks, lines, words, [*silver, stated_body(own_nodes(tree, page.address))])
    language = identify_language(page.body or " ".join(line.text for line in lines[len(lines) // 3 :]))
    labels, weights = label(lines, page.gold, stated(page), language, silver=silver, worth=_SAME)
    sample = _sample(page.name, page.part, "html", lines, labels, weights)
    return replace(sample, cues=cues)


def marked_samples(*, folders: Mapping[str, Any] = SETS) -> Iterator[Sample]:
    """Yield the marked pages of our own writing."""
    for folder in folders.values():
        for page in read_pages(folder):
            lines = read_lines(page.text)
            labels = np.zeros((len(lines), 4), dtype=np.float32)
            weights = np.zeros((len(lines), 4), dtype=np.float32)
            for index, line in enumerate(lines):
                marks = [mark for mark, (start, end) in page.lines if start < line.end and end > line.start]
                labels[index, BODY] = 2 * marks.count("B") >= len(marks)
                weights[index, BODY] = bool(set(marks) - {"C"}) * _weight(line)
            known = {key: page.expected[key] for key in ("title", "author", "published")}
            other, told = label(lines, {}, known, page.language)
            labels[:, TITLE:] = other[:, TITLE:] * (labels[:, BODY : BODY + 1] == 0)
            weights[:, TITLE:] = told[:, TITLE:]
            yield _sample(page.name, "train", "marked", lines, labels, weights)


def seed_samples() -> Iterator[Sample]:
    """Yield the seeds, as often as they must count: what is masked in them is fixed."""
    for name, (boilerplate, title, day) in _SEEDS.items():
        (path,) = SEEDS.glob(f"{name}_*.txt")
        lines = read_lines(path.read_text("utf-8"))
        labels = np.zeros((len(lines), 4), dtype=np.float32)
        for index, line in enumerate(lines):
            middle = (line.start + line.prose_end) // 2
            labels[index, BODY] = not any(start <= middle < end for start, end in boilerplate)
            labels[index, TITLE] = bool(title) and title in line.text and not labels[index, BODY]
            moments = find_moments(line.text[:300]) if line.words <= _SHORT else []
            labels[index, DATE] = any(moment.value.isoformat()[:10] == day for moment in moments)
            labels[index, AUTHOR] = line.text == _SEED_AUTHOR
        weights = np.ones((len(lines), 4), dtype=np.float32)
        weights[:, BODY] = [_weight(line) for line in lines]
        weights[:, TITLE:] *= labels[:, TITLE:].any(0)
        for _ in range(_SEED_TIMES):
            yield _sample(path.stem, "train", "marked", lines, labels, weights)


def stated(page: RealPage) -> dict[str, str | None]:
    """Return title, first author and day of publication: the collection's, or those that the markup states."""
    if "title" in page.gold:
        first = (page.gold["authors"] or [None])[0]
        return {"title": page.gold["title"], "author": first, "published": (page.gold["published"] or "")[:10] or None}
    try:
        given = read_statements(page.markup, page.address).given
    except (ValueError, LookupError, TypeError):
        return {}
    published = given.get("published")
    return {
        "title": given.get("title"),
        "author": (given.get("author") or "").split(",")[0] or None,
        "published": published.isoformat()[:10] if published else None,
    }


def label(
    lines: Sequence[Line],
    gold: Mapping[str, Any],
    known: Mapping[str, str | None],
    language: str | None,
    *,
    silver: Sequence[str] = (),
    worth: float = 0.4,
) -> tuple[Floats, Floats]:
    """Return labels and weights of the lines of a page.

    Shapes:
        result: twice ``(lines, 4)`` float32.
    """
    words = [folded_words(line.plain) for line in lines]
    labels = np.zeros((len(lines), 4), dtype=np.float32)
    weights = np.zeros((len(lines), 4), dtype=np.float32)
    _label_body(words, gold, silver, worth, labels, weights)
    weights[:, BODY] *= [_weight(line) for line in lines]
    body = labels[:, BODY] > 0
    title = folded_words(known.get("title") or "")
    author = " ".join(folded_words(known.get("author") or ""))
    day = (known.get("published") or "")[:10]
    for index, own in enumerate(words):
        begins = len(title) >= 3 and own[: len(title)] == title and len(own) <= len(title) + _MORE
        labels[index, TITLE] = bool(title) and (own == title or begins)
        if body[index] or len(own) > _SHORT:
            continue
        labels[index, AUTHOR] = bool(author) and author in " ".join(own)
        if day and any(map(str.isdigit, lines[index].plain)):
            moments = find_moments(lines[index].plain[:300], language)
            labels[index, DATE] = any(moment.value.isoformat()[:10] == day for moment in moments)
    for column in (TITLE, AUTHOR, DATE):
        weights[:, column] = labels[:, column].any()  # where no line says it, it may stand in another form
    return labels, weights


def _label_body(
    words: Sequence[Sequence[str]],
    gold: Mapping[str, Any],
    silver: Sequence[str],
    worth: float,
    labels: Floats,
    weights: Floats,
) -> None:
    """Label the article's text in place."""
    if gold.get("body") is not None:
        share = covered(words, folded_words(gold["body"]))
        labels[:, BODY] = share >= _IN
        weights[:, BODY] = np.where((share > _UNSURE[0]) & (share < _UNSURE[1]), _DOUBTFUL, 1)
        return
    if silver:
        told = np.stack([covered(words, folded_words(text)) >= _IN for text in silver])
        labels[:, BODY] = told.all(0)
        weights[:, BODY] = worth * (told.all(0) | ~told.any(0))
    for key in ("with", "without"):
        for piece in gold.get(key, ()):
            sought = " ".join(folded_words(piece))
            for index, own in enumerate(words):
                if sought and sought in " ".join(own):
                    labels[index, BODY], weights[index, BODY] = key == "with", 1


def _weight(line: Line) -> float:
    return float(np.sqrt(np.clip(len(re.findall(r"\w+", line.plain)), _FEW, _MANY)))


def _sample(name: str, part: str, form: str, lines: Sequence[Line], labels: Floats, weights: Floats) -> Sample:
    return Sample(
        name=name,
        part=part,
        form=form,
        texts=tuple(line.plain for line in lines),
        cues=line_cues(lines),
        labels=labels,
        weights=weights,
    )
