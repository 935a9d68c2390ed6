"""The vocabulary: folding, whole words and pieces, forms that share a row."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from training_samples import data, row_of, store, unit_rows, vocabulary

from training.export import spoken
from training.folding import fold_character, folding_rules
from training.table import first_vectors
from training.tokens import TokenStore
from training.vocabulary import Vocabulary, build_vocabulary, empty_tokenizer
from training.words import Words, dictionary_forms, group_words

__all__ = ["data", "store", "vocabulary"]


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("Ș", "s"),
        ("ţ", "t"),
        ("ß", "ss"),
        ("Æ", "ae"),
        ("Đ", "d"),
        ("Ł", "l"),
        ("Ø", "o"),
        ("ı", "i"),
        ("İ", "i"),
        ("Щ", "sc"),
    ],
)
def test_folding_one_character(character: str, folded: str) -> None:
    assert fold_character(character) == folded


def test_folding_is_final() -> None:
    """Folded text folds to itself: no rule's result holds a character that another rule changes."""
    rules = folding_rules()
    assert not {c for folded in rules.values() for c in folded if c in rules}


def test_tokenizer_knows_whole_words_numbers_and_pieces(vocabulary: Vocabulary) -> None:
    assert vocabulary.tokenizer.encode("Pământ, PĂDURE: 2026!").tokens == ["pamant", "padure", "2026"]
    assert "[UNK]" not in vocabulary.tokenizer.encode("nemaivăzut Щука Ψωμί 98765").tokens


def test_tokenizer_offsets_point_into_the_original(vocabulary: Vocabulary) -> None:
    text = "„Pământ” şi ZĂPADĂ"
    spans = [text[a:b] for a, b in vocabulary.tokenizer.encode(text).offsets]
    assert spans[0] == "Pământ" and spans[-1] == "ZĂPADĂ"


def test_words_spelt_alike_begin_alike() -> None:
    tokens = ["[UNK]", "negociere", "negocierile", "fotbal", "2025", "2026"]
    vectors = unit_rows(first_vectors(tokens, np.ones(6), dimension=256, seed=1))
    cosines = vectors @ vectors.T
    assert cosines[1, 2] > 0.3 > 0.2 > abs(cosines[1, 3])
    assert abs(cosines[4, 5]) < 0.2


def test_rare_words_begin_longer() -> None:
    vectors = first_vectors(["[UNK]", "the", "rare"], np.array([0.0, 1e6, 1.0]), dimension=8, seed=1)
    length = np.linalg.norm(vectors, axis=1)
    # Length 1 is for a token seen once in a million, .3 for the most frequent, straight in the logarithm between.
    assert length[1] == pytest.approx(0.3, abs=1e-4)
    assert length[2] == pytest.approx(0.3 + 0.7 * math.log(1e6 / 2) / math.log(1e6), abs=1e-4)


def test_words_belong_to_the_languages_that_use_them(store: TokenStore, vocabulary: Vocabulary) -> None:
    romanian, english = spoken(store, ["ro", "en"], size=vocabulary.size)
    forest, padure = (row_of(vocabulary, word) for word in ("forest", "pădure"))
    assert [romanian[forest], romanian[padure], english[forest], english[padure]] == [False, True, True, False]


def test_forms_of_a_word_share_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = empty_tokenizer().normalizer.normalize_str
    counts = {
        "ro": {"meciul": 5.0, "meciului": 3.0, "război": 4.0, "mare": 9.0, "învins": 2.0, "învinsă": 3.0},
        "sl": {"predsednika": 6.0, "Trumpa".lower(): 2.0, "trump": 4.0},
        "en": {"scored": 3.0, "left": 2.0, "typo": 1.0},
    }
    words = group_words(counts, shares={"ro": 1.0, "sl": 1.0, "en": 1.0}, fold=fold)
    expected = {
        "meciul": "meci", "meciului": "meci", "razboi": "razboi", "predsednika": "predsednik", "scored": "score",
        "trumpa": "trump", "invins": "invinge", "invinsa": "invinge",
    }  # fmt: skip
    assert {form: words.lemma[form] for form in expected} == expected
    assert all(words.lemma[lemma] == lemma for lemma in words.lemma.values())
    monkeypatch.setattr("training.vocabulary._PIECES", 1)  # or so few words would all be learned as pieces
    few = Words(
        mass={"meciul": 5.0, "meci": 1.0, "padure": 2.0},
        lemma=dict.fromkeys(("meciul", "meci"), "meci") | {"padure": "padure"},
    )
    vocabulary = build_vocabulary(few, size=2000, forms=2, more_forms=[("meciurilor", "meci"), ("padurii", "padure")])
    game, more, other = (
        vocabulary.encode([text])[0].tolist() for text in ("meci meciul MECIUL", "meciurilor", "pădure")
    )
    assert len(set(game)) == 1 and more == game[:1] and other != more
    assert vocabulary.names[game[0]] == "meci"
    # There was room for two more strings: the commonest form of the text, then one of the dictionary's.
    assert len(vocabulary.rows) == vocabulary.size + 2
    assert {("meciurilor", "meci"), ("castigate", "castiga")} <= set(dictionary_forms(["ro"], fold))


def test_a_vocabulary_survives_saving(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Vocabulary.load(tmp_path)
    vocabulary.save(tmp_path)
    again = Vocabulary.load(tmp_path)
    assert again.names == vocabulary.names and np.array_equal(again.rows, vocabulary.rows)


def test_words_are_grouped_alike_in_every_process() -> None:
    """The order of words decides which pieces and rows there are; that of a set would change with the hash seed."""
    program = (
        "from training.words import group_words\n"
        "counts = {'ro': {w: 2.0 for w in 'orașelor caselor meciurilor drumurilor pietrelor'.split()}}\n"
        "print(*group_words(counts, shares={'ro': 1.0}, fold=str.lower).mass)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_pieces_are_alike_in_every_run() -> None:
    """More letters than pieces are made of, all equally rare: which are kept must not be chance."""
    words = [chr(0x4E00 + number) * 2 for number in range(700)]
    mass = dict.fromkeys([*words, "soare", "soarele"], 1.0)
    grouped = Words(mass=mass, lemma={word: word for word in mass})
    first, again = (build_vocabulary(grouped, size=4000, forms=0) for _ in range(2))
    assert first.names == again.names
    assert "##ar" in first.names or "##are" in first.names
