"""What the shape of each line of a page says, as numbers: computed once, language by language alike.

Counts of kinds of characters come from one table of Unicode categories, so the cost grows with the characters of the
page and not with a list of patterns.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.article.lines import Line

Floats = NDArray[np.float32]

_KINDS = (
    "upper", "letter", "digit", "space", "end", "comma", "colon", "quote", "bar", "slash", "bracket", "sign", "dash",
    "wide", "mark",
)  # fmt: skip
_BIT = {kind: 1 << position for position, kind in enumerate(_KINDS)}
_MARKS = {
    "end": ".!?…。！？؟।", "comma": ",、，;；،", "colon": ":：", "quote": "\"'„“”«»‘’‹›「」『』", "bar": "|•·●▪►▶",
    "slash": "/\\»›>→<«‹", "bracket": "()[]{}（）【】", "sign": "@©®™#*_=+&%$€£", "dash": "-–—―",
}  # fmt: skip
_FIGURES = {
    "year": re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)"),
    "clock": re.compile(r"(?<!\d)[0-2]?\d[:.h][0-5]\d(?!\d)"),
    "day": re.compile(r"(?<!\d)[0-3]?\d[./-]\s?[01]?\d[./-]"),
}
_LONGEST = 300  # characters of a line that are searched for a date
_AROUND = (2, 6, 20)
_PROSE = 10
"""Words from which a line that closes like a sentence counts as prose."""

_STEM = 5
"""Letters by which forms of a word are alike."""

NAMES = (
    "characters", "words", "letters", "upper", "digits", "capitalised", "lower", "ends", "commas", "spaces",
    "ended", "colon_last", "other_last", "lower_first", "digit_first", "other_first", "quotes", "bars", "slashes",
    "brackets", "signs", "dashes", "wide", "year", "clock", "day", "stamp", "domain", "bullet", "gap", "gap_after",
    "repeats", "repeated_before", "place", "index", "index_left", "prose_before", "prose_around_2", "prose_around_6",
    "prose_around_20", "since_prose", "until_prose", "shared", "shared_top", "lines", "gaps", "prose_share", "heading",
    "link", "image", "longest_rank", "first_prose", "last_prose", "word_length",
)  # fmt: skip
"""The columns of `line_cues`."""


def line_cues(lines: Sequence[Line]) -> Floats:
    """Return the cues of the lines of one page.

    Shapes:
        result: ``(lines, len(NAMES))`` float32.
    """
    if not lines:
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    characters = _characters(lines)
    page = _page(lines, characters)
    columns = {**characters, **page}
    return np.stack([columns[name] for name in NAMES], axis=1).astype(np.float32)


def _characters(lines: Sequence[Line]) -> dict[str, Floats]:
    """Return what the characters of each line say."""
    texts = [line.plain for line in lines]
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    stops = np.cumsum(lengths + 1)  # each text ends in a line break, so that none is empty
    starts = stops - lengths - 1
    codes = np.frombuffer("".join(f"{text}\n" for text in texts).encode("utf-32-le", "replace"), dtype=np.uint32)
    kinds = _table.kinds(codes)
    counts = {kind: np.add.reduceat((kinds & bit) != 0, starts, dtype=np.int64) for kind, bit in _BIT.items()}
    word = (kinds & (_BIT["letter"] | _BIT["digit"])) != 0
    first = word.copy()
    first[1:] &= ~word[:-1]
    words = np.add.reduceat(first, starts, dtype=np.int64)
    upper = np.add.reduceat(first & ((kinds & _BIT["upper"]) != 0), starts, dtype=np.int64)
    figure = np.add.reduceat(first & ((kinds & _BIT["digit"]) != 0), starts, dtype=np.int64)
    wide = counts["wide"]
    words = np.maximum(words, wide // 2)  # of scripts without spaces
    total = np.maximum(lengths, 1)
    some = np.maximum(words, 1)
    letters = np.maximum(counts["letter"], 1)
    opening, closing = kinds[starts], kinds[np.maximum(stops - 2, 0)]
    known = _BIT["letter"] | _BIT["digit"]

    def each(array: NDArray[np.bool_]) -> Floats:
        return array.astype(np.float32)

    return {
        "characters": np.log1p(lengths),
        "words": np.log1p(words),
        "letters": counts["letter"] / total,
        "upper": counts["upper"] / letters,
        "digits": counts["digit"] / total,
        "capitalised": upper / some,
        "lower": np.maximum(some - upper - figure, 0) / some,
        "ends": np.minimum(counts["end"], 8) / 4,
        "commas": np.minimum(counts["comma"] / some, 1),
        "spaces": counts["space"] / total,
        "colon_last": each((closing & _BIT["colon"]) != 0),
        "other_last": each((closing & (known | _BIT["end"] | _BIT["colon"])) == 0),
        "lower_first": each(((opening & _BIT["letter"]) != 0) & ((opening & _BIT["upper"]) == 0)),
        "digit_first": each((opening & _BIT["digit"]) != 0),
        "other_first": each((opening & known) == 0),
        "quotes": np.minimum(counts["quote"], 4) / 2,
        "bars": np.minimum(counts["bar"], 4) / 2,
        "slashes": np.minimum(counts["slash"], 4) / 2,
        "brackets": np.minimum(counts["bracket"], 4) / 2,
        "signs": np.minimum(counts["sign"], 4) / 2,
        "dashes": np.minimum(counts["dash"], 4) / 2,
        "wide": wide / total,
        "word_length": np.minimum(letters / some, 15) / 5,
        "_words": words.astype(np.float32),
        "_figures": counts["digit"],
    }


def _page(lines: Sequence[Line], characters: dict[str, Floats]) -> dict[str, Floats]:
    """Return what the place of each line says, and the lines around it."""
    count = len(lines)
    words, figures = characters.pop("_words"), characters.pop("_figures")
    flags = {
        name: np.fromiter((getattr(line, name) for line in lines), dtype=np.float32, count=count)
        for name in ("ended", "bullet", "domain", "stamp", "gap", "heading", "link", "image")
    }
    prose = np.where((flags["ended"] > 0) & (words >= _PROSE), words, 0).astype(np.float64)
    total = max(float(prose.sum()), 1.0)
    index = np.arange(count)
    keys = Counter(line.key for line in lines)
    seen: Counter[str] = Counter()
    earlier = np.zeros(count, dtype=np.float32)
    for position, line in enumerate(lines):
        earlier[position] = seen[line.key] > 0
        seen[line.key] += 1
    figured = [line.plain[:_LONGEST] if count else "" for line, count in zip(lines, figures, strict=True)]
    cumulated = np.concatenate([[0.0], np.cumsum(prose)])
    filled = np.concatenate([[0.0], np.cumsum(words)])
    around = {}
    for width in _AROUND:
        low, high = np.maximum(index - width, 0), np.minimum(index + width + 1, count)
        around[f"prose_around_{width}"] = (cumulated[high] - cumulated[low]) / np.maximum(filled[high] - filled[low], 1)
    is_prose = prose > 0
    last = np.maximum.accumulate(np.where(is_prose, index, -count))
    following = np.minimum.accumulate(np.where(is_prose, index, 2 * count)[::-1])[::-1]
    gap_after = np.append(flags["gap"][1:], 1.0)
    shared, top = _shared(lines, is_prose, words)
    first = int(np.argmax(is_prose)) if is_prose.any() else count
    end = count - 1 - int(np.argmax(is_prose[::-1])) if is_prose.any() else -1
    return {
        **{name: flags[name] for name in flags},
        **around,
        **{name: _found(pattern, figured) for name, pattern in _FIGURES.items()},
        "gap_after": gap_after,
        "repeats": np.log(np.fromiter((keys[line.key] for line in lines), np.float32, count)),
        "repeated_before": earlier,
        "place": index / count,
        "index": np.log1p(index) / 3,
        "index_left": np.log1p(count - 1 - index) / 3,
        "prose_before": cumulated[:-1] / total,
        "since_prose": np.log1p(np.minimum(index - last, 100)) / 2,
        "until_prose": np.log1p(np.minimum(following - index, 100)) / 2,
        "shared": shared,
        "shared_top": top,
        "lines": np.full(count, np.log1p(count) / 3),
        "gaps": np.full(count, float(flags["gap"].mean())),
        "prose_share": np.full(count, float(prose.sum() / max(words.sum(), 1))),
        "longest_rank": np.argsort(np.argsort(words, kind="stable"), kind="stable") / count,
        "first_prose": np.clip((index - first) / 20, -2, 2),
        "last_prose": np.clip((index - end) / 20, -2, 2),
    }


def _found(pattern: re.Pattern[str], texts: Sequence[str]) -> Floats:
    return np.fromiter((bool(text) and pattern.search(text) is not None for text in texts), np.float32, len(texts))


def _shared(lines: Sequence[Line], is_prose: NDArray[np.bool_], words: Floats) -> tuple[Floats, Floats]:
    """Return how much of each line the prose of the page says too, and the same for the prose nearest its top."""
    stems = [[word[:_STEM] for word in line.key.split() if len(word) >= 4] for line in lines]
    told: Counter[str] = Counter(stem for own, prose in zip(stems, is_prose, strict=True) if prose for stem in set(own))
    shared = np.zeros(len(lines), dtype=np.float32)
    weighty = np.zeros(len(lines), dtype=np.float32)
    most = max(int(is_prose.sum()), 1)
    for position, own in enumerate(stems):
        if own:
            once = int(is_prose[position])  # a line of prose says its own words
            counts = [told[stem] - once for stem in own]
            shared[position] = sum(count > 0 for count in counts) / len(own)
            weighty[position] = sum(counts) / len(own) / most
    return shared, weighty


class _Table:
    """Kinds of characters as bits, learned as they are met."""

    def __init__(self) -> None:
        self._bits: NDArray[np.uint16] = np.zeros(0x11_0000 >> 4, dtype=np.uint16)  # the rest is read as letters
        self._known: NDArray[np.bool_] = np.zeros(len(self._bits), dtype=np.bool_)

    def kinds(self, codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """Return the bits of each code point."""
        near = np.minimum(codes, len(self._bits) - 1)
        for code in np.unique(near[~self._known[near]]).tolist():
            self._bits[code] = _kind(chr(code))
            self._known[code] = True
        return self._bits[near]


def _kind(character: str) -> int:
    for kind, marks in _MARKS.items():
        if character in marks:
            return _BIT[kind]
    if character.isspace():
        return _BIT["space"]
    category = unicodedata.category(character)
    if category[0] == "L":
        wide = unicodedata.east_asian_width(character) in "WF"
        return _BIT["letter"] | (_BIT["upper"] if category in ("Lu", "Lt") else 0) | (_BIT["wide"] if wide else 0)
    if category[0] == "N":
        return _BIT["digit"]
    return _BIT["letter"] if category == "Mn" else _BIT["mark"]


_table = _Table()
