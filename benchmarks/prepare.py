"""Turn XQuAD and Tatoeba into folders in BEIR form: ``python -m benchmarks.prepare --data DIR --out DIR``.

A folder's name says the question's language first: ``xquad-en-ro`` asks in English over Romanian paragraphs. No titles
and no languages are given, so that the language is found as it is for a user's own articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/prepare.py` works too

from rag.errors import DatasetError
from rag.evaluation import Dataset, write_dataset
from rag.records import Document

XQUAD_LANGUAGES = ("ro", "en")
TATOEBA_LANGUAGES = {"ro": "ron", "sl": "slv", "hr": "hrv", "de": "deu", "es": "spa", "fr": "fra", "it": "ita"}


def xquad_dataset(data: Path, question_language: str, paragraph_language: str) -> Dataset:
    """Read XQuAD questions of one language over the paragraphs of another (Artetxe et al., ACL 2020).

    The files of all languages are parallel: a question's paragraph is known by its place. Equal paragraphs are one
    document.

    Raises:
        DatasetError: A file is missing or is not SQuAD, or two files are not parallel.
    """
    paragraphs = _squad_paragraphs(data, paragraph_language)
    asked = _squad_paragraphs(data, question_language)
    if [list(questions) for _, questions in asked] != [list(questions) for _, questions in paragraphs]:
        raise DatasetError(
            f"xquad.{question_language}.json and xquad.{paragraph_language}.json hold different questions; "
            "take both from one release of XQuAD"
        )
    names: dict[str, str] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, int]] = {}
    for (text, _), (_, questions) in zip(paragraphs, asked, strict=True):
        name = names.setdefault(text, f"p{len(names):03}")
        queries |= questions
        qrels |= {query_id: {name: 1} for query_id in questions}
    return Dataset(
        name=f"xquad-{question_language}-{paragraph_language}",
        corpus=tuple(Document(id=name, text=text) for text, name in names.items()),
        queries=queries,
        qrels=qrels,
    )


def tatoeba_dataset(data: Path, question_language: str, sentence_language: str) -> Dataset:
    """Read Tatoeba's test pairs (Artetxe and Schwenk, TACL 2019): for a sentence, find its translation.

    One of the two languages is English.

    Raises:
        DatasetError: A file is missing, or its two sides differ in length.
    """
    other = sentence_language if question_language == "en" else question_language
    code = TATOEBA_LANGUAGES[other]
    sides = {}
    for language, suffix in (("en", "eng"), (other, code)):
        path = data / "eval" / "tatoeba" / f"tatoeba.{code}-eng.{suffix}"
        sides[language] = _read(path).removesuffix("\n").split("\n")
    asked, sentences = sides[question_language], sides[sentence_language]
    if len(asked) != len(sentences):
        raise DatasetError(
            f"tatoeba.{code}-eng: {len(asked)} sentences on one side, {len(sentences)} on the other; "
            "take both from one release"
        )
    names: dict[str, str] = {}
    qrels = {}
    for number, text in enumerate(sentences):
        qrels[f"q{number:04}"] = {names.setdefault(text, f"s{len(names):04}"): 1}
    return Dataset(
        name=f"tatoeba-{question_language}-{sentence_language}",
        corpus=tuple(Document(id=name, text=text) for text, name in names.items()),
        queries={f"q{number:04}": text for number, text in enumerate(asked)},
        qrels=qrels,
    )


def all_datasets(data: Path) -> Iterator[Dataset]:
    """Yield XQuAD in all its directions, monolingual first, then Tatoeba both ways for each language."""
    pairs = sorted(product(XQUAD_LANGUAGES, repeat=2), key=lambda pair: pair[0] != pair[1])
    for question_language, paragraph_language in pairs:
        yield xquad_dataset(data, question_language, paragraph_language)
    for language in TATOEBA_LANGUAGES:
        yield tatoeba_dataset(data, language, "en")
        yield tatoeba_dataset(data, "en", language)


def _squad_paragraphs(data: Path, language: str) -> list[tuple[str, dict[str, str]]]:
    """Return (paragraph, questions by id), in file order."""
    path = data / "eval" / f"xquad.{language}.json"
    try:
        articles = json.loads(_read(path))["data"]
        return [
            (paragraph["context"], {asked["id"]: asked["question"] for asked in paragraph["qas"]})
            for article in articles
            for paragraph in article["paragraphs"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not in SQuAD form ({error!r}); take it from an XQuAD release") from None


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); give the folder above eval/ as --data") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is not UTF-8; take it from a release") from None


def main(arguments: list[str] | None = None) -> None:
    """Write every dataset into a folder of its own."""
    parser = argparse.ArgumentParser(description="Turn XQuAD and Tatoeba into folders in BEIR form.")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that holds eval/xquad.*.json and eval/tatoeba/"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    try:
        for dataset in all_datasets(options.data):
            write_dataset(dataset, options.out / dataset.name)
            print(f"{options.out / dataset.name}: {len(dataset.corpus)} documents, {len(dataset.queries)} questions")
    except DatasetError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
