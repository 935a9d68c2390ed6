"""The shipped model folder: what loads it, what it folds, how large it is, what it knows."""

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

FOLDER = Path(__file__).parents[1] / "rag" / "encoding" / "bundled"
TEXTS = [
    "Unde s-au întâlnit Witkoff și Dmitriev?",
    "V katerem mestu sta se Witkoff in Dmitrijev sestala januarja?",
    "The talks in Abu Dhabi ended on 24 January 2026 without an agreement.",
    "Переговоры закончились без соглашения.",
]

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


@pytest.fixture(scope="module")
def table() -> Floats:
    rows: Floats = load_file(FOLDER / "model.safetensors")["embeddings"].astype(np.float32)
    return rows


MAPPING = load_file(FOLDER / "model.safetensors")["mapping"]


def _vector(tokenizer: Tokenizer, table: Floats, text: str) -> Floats:
    total: Floats = table[MAPPING[tokenizer.encode(text, add_special_tokens=False).ids]].sum(0)
    return total / np.float32(np.linalg.norm(total))


def _cosine(tokenizer: Tokenizer, table: Floats, one: str, two: str) -> float:
    return float(_vector(tokenizer, table, one) @ _vector(tokenizer, table, two))


def test_the_table_is_at_most_40_megabytes_and_the_contextual_models_60() -> None:
    sizes = {path.relative_to(FOLDER): path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    contextual = sum(size for path, size in sizes.items() if path.parts[0] == "contextual")
    assert 0 < contextual <= 60_000_000
    assert sum(sizes.values()) - contextual <= 40_000_000


def test_model_file_describes_the_table(table: Floats, tokenizer: Tokenizer) -> None:
    described = json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))
    assert (described["vocabulary_size"], described["dimension"]) == table.shape
    assert tokenizer.get_vocab_size() == described["forms"] > len(table)
    content = (FOLDER / "model.safetensors").read_bytes()
    assert described["fingerprint"] == hashlib.sha256(content).hexdigest()
    assert described["languages"][:3] == ["ro", "sl", "en"]


def test_every_row_is_finite_and_only_the_unknown_token_is_zero(table: Floats) -> None:
    assert np.isfinite(table).all()
    assert np.flatnonzero(~table.any(axis=1)).tolist() == [0]


def test_sentence_transformers_and_model2vec_agree_with_the_table(
    tokenizer: Tokenizer, table: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from model2vec import StaticModel
    from sentence_transformers import SentenceTransformer

    expected = np.stack([_vector(tokenizer, table, text) for text in TEXTS])
    wide = SentenceTransformer(str(FOLDER), device="cpu").float()
    assert wide.encode(TEXTS) == pytest.approx(expected, abs=1e-5)
    assert not wide.encode(["", "😀"]).any()
    narrow = SentenceTransformer(str(FOLDER), device="cpu")
    assert narrow.encode(TEXTS).astype(np.float32) == pytest.approx(expected, abs=4e-3)
    static = StaticModel.from_pretrained(str(FOLDER))
    assert static.encode(TEXTS).astype(np.float32) == pytest.approx(expected, abs=4e-3)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("garanții de securitate", "garantii de securitate"),
        ("garanții de securitate", "GARANŢII DE SECURITATE"),
        ("ga\u0072ant\u0326ii de securitate", "garanții de securitate"),
        ("Človeške pravice", "cloveske pravice"),
        ("Łódź, Søren, Đorđe, straße, ﬁnance", "lodz soren dorde strasse finance"),
        ("İstanbul", "istanbul"),
        ("Путин", "Putin"),
        ("so\u00adft hy\u200bphen", "soft hyphen"),
    ],
)
def test_spellings_of_one_text_are_one(tokenizer: Tokenizer, one: str, two: str) -> None:
    assert tokenizer.encode(one).ids == tokenizer.encode(two).ids


@pytest.mark.parametrize(
    "text",
    ["Zażółć gęślą jaźń", "Ελληνικά νέα", "Щастя їжак ґанок", "Љубав и ђак", "Հայաստան", "საქართველო", "Þjóð æð",
     "ġbejna ħobż", "gjë çfarë", "Ünïtär õun", "šķērsot ģimene"],
)  # fmt: skip
def test_no_european_script_is_unknown(tokenizer: Tokenizer, table: Floats, text: str) -> None:
    ids = tokenizer.encode(text).ids
    assert ids and 0 not in ids
    assert np.linalg.norm(_vector(tokenizer, table, text)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["„Așa” şi țara", "İstanbul’da Straße", "Fußgänger ﬁn", "Щука in 2026", "e\u0301tat"])
def test_offsets_cover_the_words_of_the_original(tokenizer: Tokenizer, text: str) -> None:
    covered = {i for start, stop in tokenizer.encode(text).offsets for i in range(start, stop)}
    for i, character in enumerate(text):
        assert not character.isalnum() or i in covered, character
    assert all(0 <= start < stop <= len(text) for start, stop in tokenizer.encode(text).offsets)


def test_dates_and_numbers_are_whole(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("2026-01-14, 5% din 1.250").tokens == ["2026", "01", "14", "5", "%", "din", "1", "250"]


def test_translations_are_nearer_than_other_subjects(tokenizer: Tokenizer, table: Floats) -> None:
    question = "Who won the presidential election?"
    for same, other in [
        ("Cine a câștigat alegerile prezidențiale?", "Cine a scris acest program?"),
        ("Kdo je zmagal na predsedniških volitvah?", "Kdo je napisal ta program?"),
        ("Wer hat die Präsidentschaftswahl gewonnen?", "Wer hat dieses Programm geschrieben?"),
        ("¿Quién ganó las elecciones presidenciales?", "¿Quién escribió este programa?"),
    ]:
        assert _cosine(tokenizer, table, question, same) > _cosine(tokenizer, table, question, other) + 0.2


def test_neighbours_translate(tokenizer: Tokenizer) -> None:
    stored = load_file(FOLDER / "neighbours.safetensors")
    ids, similarity = stored["ids"], stored["similarity"].astype(np.float32)
    assert ids.shape == similarity.shape == (MAPPING.max() + 1, 12)
    assert (np.diff(similarity, axis=1) <= 0).all() and ((similarity == 0) | (similarity >= 0.5)).all()
    for word, translation in [
        ("government", "vlada"),
        ("razboi", "war"),
        ("sanatate", "health"),
        ("president", "presedinte"),
    ]:
        row = MAPPING[tokenizer.token_to_id(word)]
        found = ids[row][similarity[row] > 0]
        assert translation in {tokenizer.id_to_token(int(i)) for i in found}, word


@pytest.mark.parametrize(
    "forms", ["meci meciul meciului meciurilor", "vlada vlade vladi vlado", "weights weight weight weights"]
)
def test_forms_of_a_word_are_one_row(tokenizer: Tokenizer, forms: str) -> None:
    ids = tokenizer.encode(forms).ids
    assert len(ids) == 4 and len(set(ids)) >= 2
    assert len(set(MAPPING[ids].tolist())) == 1
