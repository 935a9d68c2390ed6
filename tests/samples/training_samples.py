"""A small corpus of sentence pairs, its vocabulary and its store of tokens, from which training is tested."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from training.corpus import read_parallel, read_questions
from training.tokens import TokenStore, encode_pairs
from training.vocabulary import Vocabulary, build_vocabulary, empty_tokenizer
from training.words import Words, count_forms

PAIRED = {
    "ro": ["soare", "apă", "foc", "pământ", "vânt", "munte", "râu", "pădure", "casă", "drum", "piatră", "zăpadă"],
    "sl": ["sonce", "voda", "ogenj", "zemlja", "veter", "gora", "reka", "gozd", "hiša", "cesta", "kamen", "sneg"],
    "en": ["sun", "water", "fire", "earth", "wind", "mountain", "river", "forest", "house", "road", "stone", "snow"],
}


def sentences_in(language: str, count: int = 60) -> list[str]:
    random = np.random.default_rng(7)
    return [" ".join(PAIRED[language][i] for i in random.integers(0, 12, 5)) for _ in range(count)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "train").mkdir()
    (folder / "qa").mkdir()
    text = {language: sentences_in(language) for language in PAIRED}
    rows = [f"en\t{other}\t{a}\t{b}\n" for other in ("ro", "sl") for a, b in zip(text["en"], text[other], strict=True)]
    with gzip.open(folder / "train" / "coop_md.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines([*rows, "broken row\n", "en\tro\t\tfără stânga\n"])
    with gzip.open(folder / "qa" / "headings_coop_md.tsv.gz", "wt", encoding="utf-8") as file:
        for language in PAIRED:
            file.writelines(f"{language}\t{a.rsplit(' ', 2)[0]}\t{a}\n" for a in text[language][:20])
    return folder


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    fold = empty_tokenizer().normalizer.normalize_str
    texts = ((language, 1.0, sentence) for language in PAIRED for sentence in sentences_in(language))
    mass = {fold(word): float(count) for words in count_forms(texts).values() for word, count in words.items()}
    return build_vocabulary(Words(mass=mass, lemma={word: word for word in mass}), size=2000, forms=0)


def row_of(vocabulary: Vocabulary, word: str) -> int:
    return int(vocabulary.encode([word])[0][0])


@pytest.fixture(scope="module")
def store(data: Path, vocabulary: Vocabulary) -> TokenStore:
    pairs = [*read_parallel(data), *read_questions(data)]
    return encode_pairs(vocabulary, pairs, longest=30)


def unit_rows(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    unit: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
