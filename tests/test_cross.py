"""A cross-encoder as the last stage: a real one of the library, tiny and made on the spot."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import pytest
from conftest import SEEDS

from rag import EncoderError, Index
from rag.cli.commands import main
from rag.settings import Settings

QUESTION = "Which nuclear power plant is among the main obstacles to peace?"


def write_cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, set_seed

    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    pieces = [*special, *ascii_lowercase, *(f"##{letter}" for letter in ascii_lowercase)]
    words = BertWordPieceTokenizer({piece: number for number, piece in enumerate(pieces)})
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words._tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=512,
    )  # fmt: skip
    set_seed(7)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    config.num_labels = labels
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("cross") / "model")


def test_the_order_is_that_of_the_cross_encoder(model: Path, tmp_path: Path) -> None:
    from rag.encoding.cross import CrossReranker

    with Index.create(tmp_path / "index", settings=Settings.load(index=tmp_path / "index", reader=False)) as plain:
        plain.sync(SEEDS)
        everything = plain.retrieve(QUESTION, 40, collapse=False)
    settings = Settings.load(index=tmp_path / "index", reranker=str(model), reader=False)
    with Index.open(settings=settings) as index:
        hits = index.retrieve(QUESTION, 40, collapse=False)
        again = index.answer(QUESTION, 40)
    said = CrossReranker(str(model)).score(QUESTION, [hit.passage.text for hit in hits])
    assert {hit.passage.id for hit in hits} == {hit.passage.id for hit in everything}
    assert [hit.score for hit in hits] == pytest.approx(said.tolist(), abs=1e-5)
    assert all(one.score >= other.score for one, other in pairwise(hits))
    confidence = {hit.passage.id: hit.confidence for hit in everything}
    assert all(hit.confidence == pytest.approx(confidence[hit.passage.id]) for hit in hits)
    assert not again.abstained


def test_a_reranker_that_cannot_be_used_gets_one_clear_line(model: Path, tmp_path: Path) -> None:
    from rag.encoding.cross import CrossReranker

    with pytest.raises(
        EncoderError, match=r"Reranker .* cannot be loaded: .*\. Check the name, and that the model hub can be reached"
    ):
        CrossReranker("nobody/no-such-model")
    with pytest.raises(EncoderError, match="gives 3 numbers for a pair"):
        CrossReranker(str(write_cross_encoder(tmp_path / "three", labels=3)))
    settings = Settings.load(index=tmp_path / "index", reranker="nobody/no-such-model")
    Index.create(tmp_path / "index").close()
    with pytest.raises(EncoderError, match=r"Reranker .* cannot be loaded"):
        Index.open(settings=settings)


def test_a_wrong_reranker_is_said_at_the_start_and_only_where_questions_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--index", str(tmp_path / "index")]
    Index.create(tmp_path / "index").close()
    monkeypatch.setenv("RAG_RERANKER", "nobody/no-such-model")
    for command in (["serve", "--port", "0"], ["ask", QUESTION], ["mcp"]):
        assert main([*command, *place]) == 1
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 1 and said[0].startswith("rag: Reranker 'nobody/no-such-model' cannot be loaded: ")
    for command in (["info"], ["verify"]):
        assert main([*command, *place]) == 0
