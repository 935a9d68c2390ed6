"""The articles of `scale.py`: real sentences in eight languages, cut and encoded, in files of one transaction each."""

from __future__ import annotations

import gzip
import pickle
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.texts import make_articles
from rag import Document
from rag.encoding import load_encoder
from rag.encoding.table import bundled_table
from rag.indexing.passage_rows import prepare_documents
from rag.store import DocumentRows

LANGUAGES = ("en", "ro", "sl", "de", "fr", "es", "it", "pt")
BATCH = 64  # documents in a transaction, as `rag index` has it

_SOURCES = ("coop_md", "opus_newstest", "tatoeba_test", "msdocs_dynamics", "sts_train")
_WORDS, _PARAGRAPHS = 80, 4  # of a paragraph, of an article: passages of 77 words
_OUTLETS = 40


def read_sentences(data: Path) -> dict[str, list[str]]:
    """Return the distinct sentences of each language, from files of ``lang1, lang2, text1, text2``."""
    found: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
    for source in _SOURCES:
        with gzip.open(data / "train" / f"{source}.tsv.gz", "rt", encoding="utf-8") as file:
            for line in file:
                one, other, first, second = line.rstrip("\n").split("\t")
                for language, text in ((one, first), (other, second)):
                    if language in found and 5 <= text.count(" ") < _WORDS:
                        found[language][text] = None
    return {language: list(texts) for language, texts in found.items()}


def make_sentences() -> dict[str, list[str]]:
    """Return sentences of made-up words, the same ones as each language."""
    made = [f"{sentence}." for article in make_articles(2000) for sentence in article.text.rstrip(".").split(". ")]
    return dict.fromkeys(LANGUAGES, made)


def draw_articles(first: int, count: int, sentences: dict[str, list[str]]) -> list[Document]:
    """Return articles of sentences drawn at random; equal numbers, equal articles."""
    articles = []
    for number in range(first, first + count):
        draw = random.Random(number)
        language = LANGUAGES[number % len(LANGUAGES)]
        paragraphs = []
        for _ in range(draw.randint(_PARAGRAPHS - 1, _PARAGRAPHS + 2)):
            words: list[str] = []
            while len(words) < _WORDS - 10:
                words += draw.choice(sentences[language]).split()
            paragraphs.append(" ".join(words))
        articles.append(
            Document(
                id=f"a{number:07}",
                text="\n\n".join(paragraphs),
                title=" ".join(paragraphs[0].split()[:8]),
                language=language,
                outlet=f"Outlet {draw.randrange(_OUTLETS)}",
                published=date(2020, 1, 1) + timedelta(days=draw.randrange(2000)),
            )
        )
    return articles


def prepare(data: Path | None, folder: Path, passages: int) -> None:
    """Write rows of at least so many passages into a folder, batch by batch; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    sentences = read_sentences(data) if data else make_sentences()
    encoder, table = load_encoder(), bundled_table()
    there, batch = 0, 0
    while there < passages:
        path = folder / f"{batch:06}.rows"
        if path.exists():
            there += sum(len(rows.passages) for rows in read_batch(path))
        else:
            made = draw_articles(batch * BATCH, BATCH, sentences)
            rows = prepare_documents(made, encoder=encoder, table=table, chunk_tokens=160, overlap=0)
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(pickle.dumps(rows))
            unfinished.replace(path)
            there += sum(len(each.passages) for each in rows)
        batch += 1


def read_batch(path: Path) -> list[DocumentRows]:
    """Return the rows that `prepare` wrote to a file."""
    rows: list[DocumentRows] = pickle.loads(path.read_bytes())
    return rows


def batches(folder: Path, passages: int, skip: int = 0) -> Iterator[list[DocumentRows]]:
    """Yield batches of at least so many passages, after those of the first `skip`."""
    seen = 0
    for path in sorted(folder.glob("*.rows")):
        if seen >= skip + passages:
            return
        rows = read_batch(path)
        seen += sum(len(each.passages) for each in rows)
        if seen > skip:
            yield rows
