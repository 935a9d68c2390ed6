"""Articles and questions to measure speed with: cut from real text where it is given, else made up from a seed."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from rag.records import Document

WORDS_PER_ARTICLE = 320  # a short news article: three or four passages at the default size
_WORDS_PER_QUESTION = 9  # the mean length of XQuAD's questions is 9 to 10 words

_SOURCES = ("mono/ro_law.txt.gz", "mono/sl_law.txt.gz", "mono/ro_ronec.txt.gz", "qa/msdocs_titles.tsv.gz")
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvzșțčšž", "aeiouăâî"


def make_articles(count: int, *, data: Path | None = None, seed: int = 7) -> list[Document]:
    """Return `count` articles of some `WORDS_PER_ARTICLE` words, the same ones every time.

    With `data` (a folder with ``mono/`` and ``qa/``) they are consecutive sentences of law, news and help texts in
    Romanian, Slovene and others, taken from the sources in turn; a source that runs out is left. Without, or when all
    have run out, words are drawn from a made-up vocabulary with Zipf's frequencies.
    """
    real = _interleave([_cut(data / name) for name in _SOURCES if (data / name).is_file()]) if data else iter(())
    texts = itertools.islice(itertools.chain(real, _made_up(seed)), count)
    return [Document(id=f"a{number:06}", text=text, title=_title(text)) for number, text in enumerate(texts)]


def make_questions(articles: list[Document], count: int, *, seed: int = 11) -> list[str]:
    """Return `count` questions: a run of words from some article, in sentence case with a question mark."""
    generator = random.Random(seed)
    questions = []
    for _ in range(count):
        words = generator.choice(articles).text.split()
        first = generator.randrange(max(1, len(words) - _WORDS_PER_QUESTION))
        length = generator.randint(_WORDS_PER_QUESTION - 4, _WORDS_PER_QUESTION + 4)
        run = " ".join(words[first : first + length]).strip(" .,;:()")
        questions.append(f"{run[:1].upper()}{run[1:]}?")
    return questions


def _title(text: str) -> str:
    return " ".join(text.split()[:8])


def _cut(path: Path) -> Iterator[str]:
    """Yield articles from a file of one text a line; of tab-separated lines the last field is the text."""
    words: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            words += [*line.rstrip("\n").rpartition("\t")[2].split(), "\n"]
            while len(words) >= WORDS_PER_ARTICLE:
                yield " ".join(words[:WORDS_PER_ARTICLE]).replace(" \n ", "\n").strip()
                del words[:WORDS_PER_ARTICLE]


def _interleave(sources: list[Iterator[str]]) -> Iterator[str]:
    end = object()
    for group in itertools.zip_longest(*sources, fillvalue=end):
        yield from (text for text in group if isinstance(text, str))


def _made_up(seed: int) -> Iterator[str]:
    generator = random.Random(seed)
    vocabulary = [
        "".join(
            generator.choice(_CONSONANTS) + generator.choice(_VOWELS)
            for _ in range(generator.choice((1, 2, 2, 3, 3, 4)))
        )
        for _ in range(40_000)
    ]
    ranks = list(itertools.accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    while True:
        words = generator.choices(vocabulary, cum_weights=ranks, k=WORDS_PER_ARTICLE)
        for start in range(0, len(words), 16):  # sentences of sixteen words
            words[start] = words[start].capitalize()
            words[min(start + 15, len(words) - 1)] += "."
        yield " ".join(words)
